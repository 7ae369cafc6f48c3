import { sm3 } from '../crypto/sm3.ts';

const BLOCK = 64;
const utf8 = new TextEncoder();

/** HMAC (RFC 2104) with SM3. In: a key of at most 64 octets, and the exact bytes; text counts as its UTF-8. Out: 32 octets. */
export function hmacSm3(key: Uint8Array, input: Uint8Array | string): Uint8Array {
  if (key.length > BLOCK) throw new RangeError('an HMAC key here has at most 64 octets');
  const inner = new Uint8Array(BLOCK).fill(0x36);
  const outer = new Uint8Array(BLOCK).fill(0x5c);
  for (let i = 0; i < key.length; i++) {
    inner[i]! ^= key[i]!;
    outer[i]! ^= key[i]!;
  }
  return sm3(outer, sm3(inner, typeof input === 'string' ? utf8.encode(input) : input));
}
