import { Broken } from '../document/broken.ts';

const BAD = 0xff;
const VALUES = new Uint8Array(256).fill(BAD);
for (let value = 0; value < 16; value++) {
  VALUES['0123456789abcdef'.charCodeAt(value)] = value;
  VALUES['0123456789ABCDEF'.charCodeAt(value)] = value;
}
const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Hexadecimal text to bytes (RFC 4648 §8). Either case is read, because both are in use; anything else, a `0x` in front,
 * white space and an odd number of digits are refused.
 *
 * @throws Broken MALFORMED
 */
export function decodeHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new Broken('hex', 'odd number of digits');
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0, i = 0; at < bytes.length; at++, i += 2) {
    const high = text.charCodeAt(i);
    const low = text.charCodeAt(i + 1);
    // A digit's value has no bits above the fourth, so both values and both codes are checked at once.
    if ((high | low) > 255 || (VALUES[high]! | VALUES[low]!) > 15) {
      throw new Broken('hex', `not a hexadecimal digit in the pair at ${i}`);
    }
    bytes[at] = (VALUES[high]! << 4) | VALUES[low]!;
  }
  return bytes;
}

/** Bytes to lower-case hexadecimal text. */
export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += PAIRS[bytes[i]!]!;
  return text;
}
