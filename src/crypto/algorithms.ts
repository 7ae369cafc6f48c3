/**
 * Signature algorithms, one row each. A row says everything that the envelopes, certificates and key checks need to
 * know about it; a new algorithm is a new row and its primitive in the providers.
 *
 * Sources: RFC 9053 and RFC 8230 (COSE numbers), RFC 7518 and RFC 8037 (JOSE names), RFC 5758 and RFC 4055 (OIDs),
 * GB/T 32918.2 and GM/T 0006 (SM2, OID 1.2.156.10197.1.501). Nothing is registered for SM2 in COSE or JOSE: the
 * federation uses the private number -65601 and the private name SM2SM3.
 */
export type KeyKind = 'P-256' | 'P-384' | 'Ed25519' | 'RSA' | 'SM2';
export type DigestName = 'SHA-256' | 'SHA-384' | 'SHA-512' | 'SM3';
export type AlgorithmName = 'ES256' | 'ES384' | 'PS256' | 'RS256' | 'EdDSA' | 'SM2-SM3';

/** Whoever computes digests: every platform does. */
export interface Digester {
  digest(name: DigestName, data: Uint8Array): Uint8Array;
}

export interface Algorithm {
  readonly name: AlgorithmName;
  readonly key: KeyKind;
  readonly digest: DigestName;
  /** COSE algorithm number. */
  readonly cose: number;
  /** JOSE algorithm name. */
  readonly jose: string;
  /** The fully specified JOSE name (RFC 9864), where there is another. */
  readonly joseToo?: string;
  /** Signature algorithm OID in certificates and CMS, where there is one without parameters to look at. */
  readonly oid?: string;
  /** Bytes of a raw signature (r‖s, or Ed25519's R‖S); undefined for RSA, where it is the modulus' length. */
  readonly raw?: number;
}

export const ALGORITHMS: readonly Algorithm[] = [
  { name: 'ES256', key: 'P-256', digest: 'SHA-256', cose: -7, jose: 'ES256', oid: '1.2.840.10045.4.3.2', raw: 64 },
  { name: 'ES384', key: 'P-384', digest: 'SHA-384', cose: -35, jose: 'ES384', oid: '1.2.840.10045.4.3.3', raw: 96 },
  { name: 'PS256', key: 'RSA', digest: 'SHA-256', cose: -37, jose: 'PS256' },
  { name: 'RS256', key: 'RSA', digest: 'SHA-256', cose: -257, jose: 'RS256', oid: '1.2.840.113549.1.1.11' },
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
];

const byName = new Map<string, Algorithm>(ALGORITHMS.map((row) => [row.name, row]));
const byCose = new Map<number, Algorithm>(ALGORITHMS.map((row) => [row.cose, row]));
const byJose = new Map<string, Algorithm>(
  ALGORITHMS.flatMap((row) => [[row.jose, row] as const, ...(row.joseToo ? [[row.joseToo, row] as const] : [])]),
);
const byOid = new Map<string, Algorithm>(ALGORITHMS.flatMap((row) => (row.oid ? [[row.oid, row] as const] : [])));

export const algorithmNamed = (name: string): Algorithm | undefined => byName.get(name);
export const algorithmOfCose = (number: number): Algorithm | undefined => byCose.get(number);
export const algorithmOfJose = (name: string): Algorithm | undefined => byJose.get(name);
export const algorithmOfOid = (oid: string): Algorithm | undefined => byOid.get(oid);
