import { type WeierstrassPointCons, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';

/** The short Weierstrass curves in use. All have cofactor 1 and a = −3. */
export type CurveKind = 'P-256' | 'P-384' | 'P-521' | 'SM2';

export interface Curve {
  readonly kind: CurveKind;
  /** OID of the named curve in SubjectPublicKeyInfo (RFC 5480 §2.1.1.1, GM/T 0006). */
  readonly oid: string;
  /** Octets of a coordinate and of a scalar. */
  readonly size: number;
  readonly p: bigint;
  readonly n: bigint;
  readonly b: bigint;
  /** The complete (exception-free), slow arithmetic. */
  readonly Point: WeierstrassPointCons<bigint>;
}

/** sm2p256v1, the recommended curve of GB/T 32918.5. */
const sm2p256v1 = weierstrass({
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
});

function curve(kind: CurveKind, oid: string, size: number, Point: WeierstrassPointCons<bigint>): Curve {
  const { p, n, b } = Point.CURVE();
  return { kind, oid, size, p, n, b, Point };
}

export const CURVES: Readonly<Record<CurveKind, Curve>> = {
  'P-256': curve('P-256', '1.2.840.10045.3.1.7', 32, p256.Point),
  'P-384': curve('P-384', '1.3.132.0.34', 48, p384.Point),
  'P-521': curve('P-521', '1.3.132.0.35', 66, p521.Point),
  SM2: curve('SM2', '1.2.156.10197.1.301', 32, sm2p256v1),
};

const byOid = new Map<string, Curve>(Object.values(CURVES).map((row) => [row.oid, row]));
const byName = new Map<string, Curve>(Object.entries(CURVES));
export const curveNamed = (name: string): Curve | undefined => byName.get(name);
export const curveOfOid = (oid: string): Curve | undefined => byOid.get(oid);

/**
 * Whether (x, y) is a finite point of the curve. A point off the curve lies in a group of the sender's choosing, where
 * discrete logarithms may be easy. With cofactor 1 every point of the curve has the full order.
 */
export function onCurve({ p, b }: Curve, x: bigint, y: bigint): boolean {
  return x >= 0n && x < p && y >= 0n && y < p && (y * y - x * x * x + 3n * x - b) % p === 0n;
}
