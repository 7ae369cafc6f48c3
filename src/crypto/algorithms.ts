/**
 * Signature algorithms, one row each. A row says everything that the envelopes, certificates and key checks need to
 * know about it; a new algorithm is a new row and its primitive in the providers.
 *
 * Sources: RFC 9053, RFC 8230 and RFC 8812 (COSE numbers), RFC 7518 and RFC 8037 (JOSE names), RFC 5758 and RFC 4055
 * (OIDs), GB/T 32918.2 and GM/T 0006 (SM2, OID 1.2.156.10197.1.501). Nothing is registered for SM2 in COSE or JOSE: the
 * federation uses the private number -65601 and the private name SM2SM3. ECDSA with a digest that is not its curve's usual
 * one is met in certificates only, where the OID names the digest and the authority's key the curve.
 */
export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | 'RSA' | 'SM2';
export type DigestName = 'SHA-256' | 'SHA-384' | 'SHA-512' | 'SM3';
/** Those that an envelope may use: all have a name or number in JOSE and COSE. */
export type EnvelopeAlgorithmName =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'EdDSA'
  | 'SM2-SM3';
/** Curve and digest, where certificates pair them otherwise than JOSE does. */
export type PairedName =
  | 'P-256-SHA-384'
  | 'P-256-SHA-512'
  | 'P-384-SHA-256'
  | 'P-384-SHA-512'
  | 'P-521-SHA-256'
  | 'P-521-SHA-384';
export type AlgorithmName = EnvelopeAlgorithmName | PairedName;

/** Whoever computes digests: every platform does. */
export interface Digester {
  digest(name: DigestName, data: Uint8Array): Uint8Array;
}

export interface Algorithm {
  readonly name: AlgorithmName;
  readonly key: KeyKind;
  readonly digest: DigestName;
  /** COSE algorithm number; undefined for what stands in certificates only, as the JOSE name is. */
  readonly cose?: number;
  /** JOSE algorithm name. */
  readonly jose?: string;
  /** The fully specified JOSE name (RFC 9864), where there is another. */
  readonly joseToo?: string;
  /** Signature algorithm OID in certificates and CMS, where there is one without parameters to look at. */
  readonly oid?: string;
  /** Bytes of a raw signature (r‖s, or Ed25519's R‖S); undefined for RSA, where it is the modulus' length. */
  readonly raw?: number;
}

/** One that an envelope may use. */
export interface EnvelopeAlgorithm extends Algorithm {
  readonly name: EnvelopeAlgorithmName;
  readonly cose: number;
  readonly jose: string;
}

/** ecdsa-with-SHA2 (RFC 5758 §3.2). */
const ECDSA_OID = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
} as const;

const paired = (key: 'P-256' | 'P-384' | 'P-521', digest: keyof typeof ECDSA_OID, raw: number): Algorithm => ({
  name: `${key}-${digest}` as PairedName,
  key,
  digest,
  oid: ECDSA_OID[digest],
  raw,
});

/** Of the rows with one OID, the first is the usual one. */
export const ALGORITHMS: readonly Algorithm[] = [
  { name: 'ES256', key: 'P-256', digest: 'SHA-256', cose: -7, jose: 'ES256', oid: ECDSA_OID['SHA-256'], raw: 64 },
  { name: 'ES384', key: 'P-384', digest: 'SHA-384', cose: -35, jose: 'ES384', oid: ECDSA_OID['SHA-384'], raw: 96 },
  { name: 'ES512', key: 'P-521', digest: 'SHA-512', cose: -36, jose: 'ES512', oid: ECDSA_OID['SHA-512'], raw: 132 },
  { name: 'PS256', key: 'RSA', digest: 'SHA-256', cose: -37, jose: 'PS256' },
  { name: 'PS384', key: 'RSA', digest: 'SHA-384', cose: -38, jose: 'PS384' },
  { name: 'PS512', key: 'RSA', digest: 'SHA-512', cose: -39, jose: 'PS512' },
  { name: 'RS256', key: 'RSA', digest: 'SHA-256', cose: -257, jose: 'RS256', oid: '1.2.840.113549.1.1.11' },
  { name: 'RS384', key: 'RSA', digest: 'SHA-384', cose: -258, jose: 'RS384', oid: '1.2.840.113549.1.1.12' },
  { name: 'RS512', key: 'RSA', digest: 'SHA-512', cose: -259, jose: 'RS512', oid: '1.2.840.113549.1.1.13' },
  {
    name: 'EdDSA',
    key: 'Ed25519',
    digest: 'SHA-512',
    cose: -8,
    jose: 'EdDSA',
    joseToo: 'Ed25519',
    oid: '1.3.101.112',
    raw: 64,
  },
  { name: 'SM2-SM3', key: 'SM2', digest: 'SM3', cose: -65601, jose: 'SM2SM3', oid: '1.2.156.10197.1.501', raw: 64 },
  paired('P-256', 'SHA-384', 64),
  paired('P-256', 'SHA-512', 64),
  paired('P-384', 'SHA-256', 96),
  paired('P-384', 'SHA-512', 96),
  paired('P-521', 'SHA-256', 132),
  paired('P-521', 'SHA-384', 132),
];

const byName = new Map<string, Algorithm>(ALGORITHMS.map((row) => [row.name, row]));
const byCose = new Map<number, Algorithm>(
  ALGORITHMS.flatMap((row) => (row.cose === undefined ? [] : [[row.cose, row] as const])),
);
const byJose = new Map<string, Algorithm>(
  ALGORITHMS.flatMap((row) => [row.jose, row.joseToo].flatMap((name) => (name ? [[name, row] as const] : []))),
);
const byOid = Map.groupBy(
  ALGORITHMS.filter(({ oid }) => oid !== undefined),
  ({ oid }) => oid!,
);

export function algorithmNamed(name: EnvelopeAlgorithmName): EnvelopeAlgorithm;
export function algorithmNamed(name: string): Algorithm | undefined;
export function algorithmNamed(name: string): Algorithm | undefined {
  return byName.get(name);
}
export const algorithmOfCose = (number: number): Algorithm | undefined => byCose.get(number);
export const algorithmOfJose = (name: string): Algorithm | undefined => byJose.get(name);
/** @param key the kind of key that signed; where it is not known, the usual row of this OID is meant */
export const algorithmOfOid = (oid: string, key?: KeyKind): Algorithm | undefined =>
  byOid.get(oid)?.find((row) => key === undefined || row.key === key);
