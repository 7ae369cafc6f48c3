import { encodeUtf8 } from '../codec/utf8.ts';
import { type Core, MOST_MESSAGE } from './core/core.ts';
import { fastVerifier, type Remembering } from './core/verifier.ts';
import { BASES, CURVES, onCurve } from './curves.ts';
import type { PublicKey } from './keys.ts';
import { numberOf, octetsOf } from './numbers.ts';
import { lazily, type Verifier } from './platform.ts';
import { pointsOn } from './points.ts';
import { sm3 } from './sm3.ts';
import { prepareSum } from './sum.ts';

/**
 * SM2 digital signature with SM3 (GB/T 32918.2; sample values: GM/T 0003.5 Annex A). Not OpenSSL's as Node reaches it:
 * that one takes an empty user id and cannot be told another.
 */

/** The user id where nothing else was agreed (GM/T 0009). Certificates and documents are signed with it. */
export const SM2_USER_ID = '1234567812345678';

const curve = CURVES.SM2;
const { n, p, b, size } = curve;
/** ENTL is the id's length in bits, in two octets. */
const MAX_USER_ID = 0x1fff;

type Random = (length: number) => Uint8Array;
const systemRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));

const octets = (value: bigint): Uint8Array => octetsOf(value, size);

/** Z_A = SM3(ENTL ‖ ID ‖ a ‖ b ‖ x_G ‖ y_G ‖ x_A ‖ y_A) (GB/T 32918.2 §5.5): binds a signature to id, curve and key. */
function identity(userId: string, x: Uint8Array, y: Uint8Array): Uint8Array {
  const id = encodeUtf8(userId);
  if (id.length > MAX_USER_ID) throw new RangeError('SM2 user id is too long');
  const bits = id.length * 8;
  const { x: gx, y: gy } = BASES.SM2;
  // a = p − 3, as of all curves in use.
  return sm3(Uint8Array.of(bits >> 8, bits & 0xff), id, ...[p - 3n, b, gx, gy].map(octets), x, y);
}

/**
 * Prepares a public key for many checks; Z_A is computed once. Signatures are r‖s of 64 octets. With a core, it checks; the
 * portable arithmetic decides what it cannot tell. Undefined if the key is not a point of the SM2 curve.
 */
export function prepareSm2(
  key: PublicKey,
  userId: string = SM2_USER_ID,
  core?: Core,
  remembering?: Remembering,
): Verifier | undefined {
  if (key.kind !== 'SM2' || key.x.length !== size || key.y.length !== size) return undefined;
  const x = numberOf(key.x);
  const y = numberOf(key.y);
  if (!onCurve(curve, x, y)) return undefined;
  const za = identity(userId, key.x, key.y);
  const complete = lazily(() => completeVerifier(x, y, za));
  const fast = core?.key('SM2', key.x, key.y);
  if (fast === undefined) return complete;
  const digested = (data: Uint8Array) =>
    data.length <= MOST_MESSAGE - za.length ? { prefix: za, data } : sm3(za, data);
  return fastVerifier({ kind: 'SM2', key: fast, digested }, complete, { remembering });
}

/** In portable arithmetic, for a point of the curve. */
function completeVerifier(x: bigint, y: bigint, za: Uint8Array): Verifier {
  const sumHasX = prepareSum(curve, x, y);
  return (data, signature) => {
    if (signature.length !== 2 * size) return false;
    const r = numberOf(signature.subarray(0, size));
    const s = numberOf(signature.subarray(size));
    if (r === 0n || r >= n || s === 0n || s >= n) return false;
    // With t = 0 the public key would drop out of the equation, and anyone could sign.
    const t = (r + s) % n;
    if (t === 0n) return false;
    const e = numberOf(sm3(za, data)) % n;
    // (e + x₁) mod n = r, with (x₁, y₁) = s·G + t·P.
    return sumHasX(s, t, (r - e + n) % n);
  };
}

/** What a device signs that does not hash itself: e = SM3(Z_A ‖ message), GB/T 32918.2 §6.1. */
export const sm2Digest = (
  { x, y }: { readonly x: Uint8Array; readonly y: Uint8Array },
  data: Uint8Array,
  userId: string = SM2_USER_ID,
): Uint8Array => sm3(identity(userId, x, y), data);

/** Checks one signature; for more than one by the same key, `prepareSm2`. */
export function sm2Verify(key: PublicKey, data: Uint8Array, signature: Uint8Array, userId?: string): boolean {
  return prepareSm2(key, userId)?.(data, signature) ?? false;
}

/** A private key: a number in [1, n − 2] (GB/T 32918.1), so that 1 + d can be inverted. */
function privateNumber(privateKey: Uint8Array): bigint {
  const d = privateKey.length === size ? numberOf(privateKey) : 0n;
  if (d === 0n || d >= n - 1n) throw new RangeError('not an SM2 private key');
  return d;
}

/** The public key of a private key of 32 octets. */
export function sm2PublicKey(privateKey: Uint8Array): PublicKey & { readonly kind: 'SM2' } {
  const { x, y } = pointsOn('SM2').BASE.multiply(privateNumber(privateKey)).toAffine();
  return { kind: 'SM2', x: octets(x), y: octets(y) };
}

/** A number in [1, limit) by rejection: reducing a random number modulo n would favour the small ones. */
function randomNumber(limit: bigint, random: Random): bigint {
  for (;;) {
    const candidate = numberOf(random(size));
    if (candidate > 0n && candidate < limit) return candidate;
  }
}

/** A new private key of 32 octets. */
export function sm2PrivateKey(random: Random = systemRandom): Uint8Array {
  return octets(randomNumber(n - 1n, random));
}

export interface Sm2SignOptions {
  readonly userId?: string;
  /** Source of k; the system's unless given. */
  readonly random?: Random;
  /** Only to repeat a standard's example: a k used twice, or known, gives the private key away. */
  readonly k?: bigint;
}

/**
 * Signs (GB/T 32918.2 §6.1): r‖s of 64 octets. For minting the reference federation and samples. The arithmetic is not
 * constant-time throughout, so keys that matter stay in an HSM behind an `EnvelopeSigner`.
 */
export function sm2Sign(privateKey: Uint8Array, data: Uint8Array, options: Sm2SignOptions = {}): Uint8Array {
  const d = privateNumber(privateKey);
  const { BASE, Fn } = pointsOn('SM2');
  const e = numberOf(sm2Digest(sm2PublicKey(privateKey), data, options.userId));
  for (;;) {
    const k = options.k ?? randomNumber(n, options.random ?? systemRandom);
    const r = (e + BASE.multiply(k).toAffine().x) % n;
    const s = Fn.mul(Fn.inv(d + 1n), Fn.create(k - r * d));
    if (r !== 0n && r + k !== n && s !== 0n) {
      const signature = new Uint8Array(2 * size);
      signature.set(octets(r));
      signature.set(octets(s), size);
      return signature;
    }
    if (options.k !== undefined) throw new RangeError('this k gives no signature');
  }
}
