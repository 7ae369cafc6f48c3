import { Broken } from '../document/broken.ts';
import { rawFromDer } from './signature.ts';

/**
 * What the object identifiers of signatures and digests mean, as CMS and seals write them. One row per pair that is in
 * use; a pair that is in no row keeps its own label, which no format can allow.
 *
 * Sources: RFC 5754 and RFC 5753 (CMS), RFC 8419 (Ed25519), GM/T 0006 (SM2 and SM3).
 */
export type DigestName = 'SHA-256' | 'SHA-384' | 'SHA-512' | 'SM3';

/** How a codec is given digests: it has no cryptography of its own. `Platform.digest` is one. */
export type Digest = (name: DigestName, data: Uint8Array) => Uint8Array;

export const SM3_OID = '1.2.156.10197.1.401';
export const SM2_WITH_SM3 = '1.2.156.10197.1.501';

export const DIGEST_OIDS: Readonly<Record<DigestName, string>> = {
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
  SM3: SM3_OID,
};
/** Octets. */
export const DIGEST_LENGTHS = { 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64, SM3: 32 } as const;

const byOid = new Map(Object.entries(DIGEST_OIDS).map(([name, oid]) => [oid, name as DigestName]));
export const digestOfOid = (oid: string): DigestName | undefined => byOid.get(oid);

interface SignatureRow {
  /** As documents write it; the key's own OID where they name the key and the digest apart. */
  readonly oids: readonly string[];
  readonly digest: DigestName;
  /** The one OID by which formats allow it. */
  readonly label: string;
  /** Octets of r and of s, where the signature is the pair of them. */
  readonly pair?: number;
}

/** The key's own OID, with the digest beside it (RFC 3370 §3.2). */
const RSA = '1.2.840.113549.1.1.1';

const SIGNATURES: readonly SignatureRow[] = [
  {
    // GB/T 35275 writes the signing algorithm on the curve (301.1); 301, the curve itself, and 501 are met as well.
    oids: [SM2_WITH_SM3, '1.2.156.10197.1.301.1', '1.2.156.10197.1.301'],
    digest: 'SM3',
    label: SM2_WITH_SM3,
    pair: 32,
  },
  { oids: ['1.2.840.10045.4.3.2'], digest: 'SHA-256', label: '1.2.840.10045.4.3.2', pair: 32 },
  { oids: ['1.2.840.10045.4.3.3'], digest: 'SHA-384', label: '1.2.840.10045.4.3.3', pair: 48 },
  { oids: ['1.2.840.10045.4.3.4'], digest: 'SHA-512', label: '1.2.840.10045.4.3.4', pair: 66 },
  { oids: ['1.2.840.113549.1.1.11', RSA], digest: 'SHA-256', label: '1.2.840.113549.1.1.11' },
  { oids: ['1.2.840.113549.1.1.12', RSA], digest: 'SHA-384', label: '1.2.840.113549.1.1.12' },
  { oids: ['1.2.840.113549.1.1.13', RSA], digest: 'SHA-512', label: '1.2.840.113549.1.1.13' },
  { oids: ['1.3.101.112'], digest: 'SHA-512', label: '1.3.101.112' },
];

/** A signature as a proof names it, and raw. */
export interface NamedSignature {
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/**
 * Label and raw value of a signature.
 *
 * @param oid of the signature algorithm
 * @param digest its digest; undefined where the structure names none and the algorithm brings its own
 * @throws Broken for a value that is not the DER pair which the algorithm asks for
 */
export function namedSignature(oid: string, digest: DigestName | undefined, value: Uint8Array): NamedSignature {
  const row = SIGNATURES.find((each) => each.oids.includes(oid) && (digest === undefined || each.digest === digest));
  if (row === undefined) return { algorithm: `oid:${oid}+${digest ?? 'none'}`, signature: value };
  const { label, pair } = row;
  const signature = pair === undefined ? value : rawFromDer(value, pair);
  if (signature === undefined) throw new Broken('signature', 'not the two numbers that the algorithm asks for');
  return { algorithm: `oid:${label}`, signature };
}
