import { type WeierstrassPointCons, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { BASES, CURVES, type CurveKind } from './curves.ts';
import { octetsOf } from './numbers.ts';

/**
 * The complete (exception-free), slow arithmetic of each curve. Apart from the curves' numbers, because a page that has the
 * WebAssembly core rarely needs it.
 */
const POINTS: Readonly<Record<CurveKind, WeierstrassPointCons<bigint>>> = {
  'P-256': p256.Point,
  'P-384': p384.Point,
  'P-521': p521.Point,
  SM2: weierstrass({
    p: CURVES.SM2.p,
    n: CURVES.SM2.n,
    h: 1n,
    a: CURVES.SM2.p - 3n,
    b: CURVES.SM2.b,
    Gx: BASES.SM2.x,
    Gy: BASES.SM2.y,
  }),
};

export const pointsOn = (kind: CurveKind): WeierstrassPointCons<bigint> => POINTS[kind];

/** y of a compressed point (SEC 1 §2.3.4: 2 or 3, and x), with the curve's full length; undefined if no point has this x. */
export function secondCoordinate(kind: CurveKind, compressed: Uint8Array): Uint8Array | undefined {
  try {
    return octetsOf(POINTS[kind].fromBytes(compressed).toAffine().y, CURVES[kind].size);
  } catch {
    // The library's way to say so, and nothing else can go wrong with a point of the right length.
    return undefined;
  }
}
