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
}

/** P-256, P-384 and P-521: SP 800-186 §3.2.1. SM2: sm2p256v1, the recommended curve of GB/T 32918.5. */
export const CURVES: Readonly<Record<CurveKind, Curve>> = {
  'P-256': {
    kind: 'P-256',
    oid: '1.2.840.10045.3.1.7',
    size: 32,
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    kind: 'P-384',
    oid: '1.3.132.0.34',
    size: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    kind: 'P-521',
    oid: '1.3.132.0.35',
    size: 66,
    p: 2n ** 521n - 1n,
    n: 2n ** 521n - 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
  SM2: {
    kind: 'SM2',
    oid: '1.2.156.10197.1.301',
    size: 32,
    p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
    n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
    b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  },
};

/** The base points of the curves that the WebAssembly core knows; SM2 signatures are bound to theirs. */
export const BASES: Readonly<Record<'P-256' | 'SM2', { readonly x: bigint; readonly y: bigint }>> = {
  'P-256': {
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  },
  SM2: {
    x: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
    y: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
  },
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
