import { bytesToNumberBE } from '@noble/curves/utils.js';
import type { Curve } from './curves.ts';
import type { Verifier } from './platform.ts';
import { pointsOn } from './points.ts';
import { prepareSum } from './sum.ts';

/**
 * ECDSA (FIPS 186-5 §6.4.2), without a demand for low s: the signatures of documents are made by smart cards and HSMs,
 * which do not choose the lower one. Of a digest longer than the order its first bits count; of ours that is always whole
 * octets, as those of P-521, whose order has an odd number of bits, are all shorter.
 *
 * @param x @param y the public point, already found on the curve
 */
export function prepareEcdsa(curve: Curve, x: bigint, y: bigint, hash: (data: Uint8Array) => Uint8Array): Verifier {
  const { kind, size, n } = curve;
  const { Fn } = pointsOn(kind);
  const sumHasX = prepareSum(curve, x, y);
  return (data, signature) => {
    if (signature.length !== 2 * size) return false;
    const r = bytesToNumberBE(signature.subarray(0, size));
    const s = bytesToNumberBE(signature.subarray(size));
    if (r === 0n || r >= n || s === 0n || s >= n) return false;
    const e = bytesToNumberBE(hash(data).subarray(0, size));
    const inverse = Fn.inv(s);
    return sumHasX((e * inverse) % n, (r * inverse) % n, r);
  };
}
