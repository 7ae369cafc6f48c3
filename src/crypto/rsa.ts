import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sameBytes } from '../codec/bytes.ts';
import type { DigestName } from './algorithms.ts';
import type { PublicKey } from './keys.ts';
import type { Verifier } from './platform.ts';

/** RSA signatures with SHA-2 (RFC 8017 §8), verification only, and the check of keys that both platforms make. */

export type RsaKey = PublicKey & { readonly kind: 'RSA' };

const MIN_BITS = 2048;
/** The work grows with the cube of the length; nobody issues longer keys. */
const MAX_BITS = 8192;
const MAX_EXPONENT = 2 ** 32;

/** A modulus and an exponent as numbers, and the modulus' length. */
export interface RsaNumbers {
  readonly n: bigint;
  readonly e: number;
  readonly bits: number;
}

/**
 * The key's numbers, undefined if it cannot be trusted to verify anything: modulus outside 2048–8192 bits or even,
 * exponent even, below 3 (with 1 every padded message is its own signature) or above 2^32, or a modulus made by the
 * Infineon library whose keys can be factored (ROCA, CVE-2017-15361), which sat in government smart cards.
 */
export function rsaNumbers(key: RsaKey): RsaNumbers | undefined {
  if (key.n.length > MAX_BITS / 8 + 1 || key.e.length === 0 || key.e.length > 5) return undefined;
  const n = bytesToNumberBE(key.n);
  const bits = n.toString(2).length;
  if (bits < MIN_BITS || bits > MAX_BITS || (n & 1n) === 0n) return undefined;
  const e = Number(bytesToNumberBE(key.e));
  if (e < 3 || e > MAX_EXPONENT || e % 2 === 0) return undefined;
  return hasRocaFingerprint(n) ? undefined : { n, e, bits };
}

/** For each small odd prime: the residues that are powers of 65537. */
const ROCA_RESIDUES: ReadonlyMap<number, ReadonlySet<number>> = new Map(
  Array.from({ length: 167 }, (_, i) => i + 1)
    .filter((candidate) => candidate > 2 && isPrime(candidate))
    .map((prime) => [prime, powersOf65537(prime)]),
);

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false;
  return candidate > 1;
}

function powersOf65537(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * 65537) % prime) powers.add(power);
  return powers;
}

/**
 * Those primes have the form k·M + (65537^a mod M), M the product of the first primes, so that the modulus, too, is a
 * power of 65537 modulo each of them. A sound modulus looks so by chance about once in 2^28 keys.
 */
function hasRocaFingerprint(n: bigint): boolean {
  for (const [prime, powers] of ROCA_RESIDUES) if (!powers.has(Number(n % BigInt(prime)))) return false;
  return true;
}

/** signature^e mod n as `length` octets; undefined if the signature is not a number below n (RSAVP1, RFC 8017 §5.2.2). */
function recover({ n, e }: RsaNumbers, signature: Uint8Array, length: number): Uint8Array | undefined {
  const base = bytesToNumberBE(signature);
  if (base >= n) return undefined;
  let result = 1n;
  for (let bit = 2 ** Math.floor(Math.log2(e)); bit >= 1; bit /= 2) {
    result = (result * result) % n;
    if (Math.floor(e / bit) % 2 === 1) result = (result * base) % n;
  }
  return result >> BigInt(8 * length) === 0n ? numberToBytesBE(result, length) : undefined;
}

type RsaDigest = Exclude<DigestName, 'SM3'>;

/** Each digest with its DigestInfo up to the digest (RFC 8017 §9.2, note 1). */
const HASHES: Readonly<Record<RsaDigest, { readonly hash: typeof sha256 | typeof sha512; readonly info: Uint8Array }>> =
  {
    'SHA-256': { hash: sha256, info: digestInfo(1, 32) },
    'SHA-384': { hash: sha384, info: digestInfo(2, 48) },
    'SHA-512': { hash: sha512, info: digestInfo(3, 64) },
  };

/** SEQUENCE { SEQUENCE { 2.16.840.1.101.3.4.2.`arc`, NULL }, OCTET STRING of `length` }, without its last octets. */
function digestInfo(arc: number, length: number): Uint8Array {
  const name = [0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc, 0x05, 0x00];
  return Uint8Array.of(0x30, name.length + 2 + length, ...name, 0x04, length);
}

/**
 * RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2). The whole encoded message is built and compared: taking the recovered one apart
 * is how verifiers came to accept forgeries made for e = 3 without the private key.
 */
export function preparePkcs1(key: RsaKey, digest: RsaDigest): Verifier | undefined {
  const numbers = rsaNumbers(key);
  if (numbers === undefined) return undefined;
  const { hash, info } = HASHES[digest];
  const length = Math.ceil(numbers.bits / 8);
  const expected = new Uint8Array(length).fill(0xff);
  expected.set([0x00, 0x01]);
  const atDigest = length - hash.outputLen;
  expected[atDigest - info.length - 1] = 0x00;
  expected.set(info, atDigest - info.length);
  return (data, signature) => {
    if (signature.length !== length) return false;
    const message = recover(numbers, signature, length);
    if (message === undefined) return false;
    expected.set(hash(data), atDigest);
    return sameBytes(message, expected);
  };
}

/** RSASSA-PSS with MGF1, one digest for both, and a salt of exactly its length (RFC 8017 §§ 8.1.2, 9.1.2; RFC 7518 §3.5). */
export function preparePss(key: RsaKey, digest: RsaDigest): Verifier | undefined {
  const numbers = rsaNumbers(key);
  if (numbers === undefined) return undefined;
  const { hash } = HASHES[digest];
  const length = Math.ceil(numbers.bits / 8);
  const messageBits = numbers.bits - 1;
  return (data, signature) => {
    if (signature.length !== length) return false;
    const message = recover(numbers, signature, Math.ceil(messageBits / 8));
    return message !== undefined && pssIsConsistent(hash, hash(data), message, messageBits);
  };
}

type Hash = (typeof HASHES)[RsaDigest]['hash'];

/** EMSA-PSS-VERIFY (RFC 8017 §9.1.2), steps 4 to 14. The shortest modulus has room for the longest digest and salt. */
function pssIsConsistent(hash: Hash, digest: Uint8Array, message: Uint8Array, messageBits: number): boolean {
  const maskedLength = message.length - hash.outputLen - 1;
  const found = message.subarray(maskedLength, maskedLength + hash.outputLen);
  if (message[message.length - 1] !== 0xbc) return false;
  const topBits = 0xff >> (8 * message.length - messageBits);
  if ((message[0]! & ~topBits) !== 0) return false;
  const block = maskGeneration(hash, found, maskedLength);
  for (let i = 0; i < maskedLength; i++) block[i] = block[i]! ^ message[i]!;
  block[0] = block[0]! & topBits;
  const saltAt = maskedLength - hash.outputLen;
  for (let i = 0; i < saltAt - 1; i++) if (block[i] !== 0) return false;
  if (block[saltAt - 1] !== 0x01) return false;
  const salted = hash.create().update(new Uint8Array(8)).update(digest).update(block.subarray(saltAt)).digest();
  return sameBytes(found, salted);
}

/** MGF1 (RFC 8017 §B.2.1). */
function maskGeneration(hash: Hash, seed: Uint8Array, length: number): Uint8Array {
  const step = hash.outputLen;
  const mask = new Uint8Array(Math.ceil(length / step) * step);
  for (let counter = 0; counter * step < length; counter++) {
    const part = hash
      .create()
      .update(seed)
      .update(Uint8Array.of(0, 0, 0, counter))
      .digest();
    mask.set(part, counter * step);
  }
  return mask.subarray(0, length);
}
