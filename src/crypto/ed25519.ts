import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import type { Verifier } from './platform.ts';

/** Ed25519 (RFC 8032 §5.1.7) in portable arithmetic, and the check of keys that both platforms make. */

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;
const CHECKS_BEFORE_TABLE = 2;
const WINDOW_OF_KEY = 6;

/**
 * The point of a public key of 32 octets; undefined if they are not a canonical encoding of one (RFC 8032 §5.1.3).
 * A point of small order is refused too: under it one signature fits nearly every message.
 */
export function ed25519Point(x: Uint8Array): Point | undefined {
  if (x.length !== 32) return undefined;
  try {
    const point = Point.fromBytes(x, false);
    return point.isSmallOrder() ? undefined : point;
  } catch {
    // The library says "not a point" by throwing, and there is nothing else to go wrong with 32 octets.
    return undefined;
  }
}

/**
 * Computes S·B − h·A and compares its encoding with R octet by octet, as OpenSSL does. RFC 8032 also allows the check
 * with both sides multiplied by the cofactor, which accepts signatures the other refuses: two verifiers of one house
 * must not differ.
 */
export function prepareEd25519(x: Uint8Array): Verifier | undefined {
  const minusA = ed25519Point(x)?.negate();
  if (minusA === undefined) return undefined;
  let checks = 0;
  return (data, signature) => {
    if (signature.length !== 64) return false;
    const s = bytesToNumberLE(signature.subarray(32));
    // Without this, S + L would be a second signature of the same message.
    if (s >= Point.Fn.ORDER) return false;
    const r = signature.subarray(0, 32);
    const h = Point.Fn.create(bytesToNumberLE(sha512.create().update(r).update(x).update(data).digest()));
    if (checks++ === CHECKS_BEFORE_TABLE) minusA.precompute(WINDOW_OF_KEY);
    const encoded = Point.BASE.multiplyUnsafe(s).add(minusA.multiplyUnsafe(h)).toBytes();
    return encoded.every((octet, i) => octet === r[i]);
  };
}
