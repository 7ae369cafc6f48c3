import { encodeBase64url } from '../codec/base64url.ts';
import { sameBytes } from '../codec/bytes.ts';
import {
  atEnd,
  type Cursor,
  contextTag,
  derOf,
  enter,
  finish,
  inside,
  nextTag,
  oidOf,
  rawOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
  timeOf,
  wholeBitStringOf,
} from '../codec/der.ts';
import { encodeHex } from '../codec/hex.ts';
import { rawFromDer } from '../codec/signature.ts';
import { type AlgorithmName, algorithmOfOid, type KeyKind } from '../crypto/algorithms.ts';
import { keyFromSpki, type PublicKey } from '../crypto/keys.ts';
import type { Platform, Verifier } from '../crypto/platform.ts';
import { pssAlgorithmOf, RSASSA_PSS, readPssParameters } from '../crypto/pss.ts';
import { Broken } from '../document/broken.ts';
import { EAGER, type Eager, type Extensions, readExtensions, serialOf } from './extensions.ts';
import { type Name, readName } from './names.ts';

export { KEY_USAGE } from './extensions.ts';

/**
 * An X.509 certificate (RFC 5280 §4) as it reads; nothing about it is believed. Byte arrays are views of the input,
 * which must not change afterwards.
 */
export interface Certificate extends Readonly<Eager> {
  readonly raw: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** The serial number in lower-case hexadecimal, without leading zero octets; `-` before a negative one. */
  readonly serial: string;
  readonly issuer: Name;
  readonly subject: Name;
  /** Milliseconds since 1970; both ends belong to the validity. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo; `publicKeyOf` reads it. */
  readonly spki: Uint8Array;
  /** TBSCertificate: the bytes that are signed. */
  readonly tbs: Uint8Array;
  /** OID of the signature algorithm, and its whole AlgorithmIdentifier. */
  readonly signatureAlgorithm: string;
  readonly signatureAlgorithmRaw: Uint8Array;
  /** As it stands in the certificate: DER for ECDSA and SM2. */
  readonly signature: Uint8Array;
  readonly extensions: Extensions;
}

const broken = (detail: string): Broken => new Broken('certificate', detail);

/** A certificate is a few kB; one with a post-quantum key or thousands of names is none of ours. */
const MAX_CERTIFICATE = 64 * 1024;

/**
 * Reads a certificate from DER.
 *
 * @throws Broken part `certificate` or `der` (`utf8` for a damaged name)
 */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE) throw new Broken('certificate', 'certificate is too long', 'LIMIT_EXCEEDED');
  const whole = derOf(der, TAG.sequence);
  const certificate = inside(whole);
  const tbsElement = read(certificate, TAG.sequence);
  const algorithm = read(certificate, TAG.sequence);
  const signature = wholeBitStringOf(read(certificate, TAG.bitString));
  finish(certificate);

  const tbs = inside(tbsElement);
  const version = readVersion(tbs);
  const serial = serialOf(read(tbs, TAG.integer));
  const signatureAlgorithmRaw = rawOf(read(tbs, TAG.sequence));
  // RFC 5280 §4.1.1.2. The outer one is not signed: whoever changes it would choose how the signature is read.
  if (!sameBytes(signatureAlgorithmRaw, rawOf(algorithm))) throw broken('inner and outer signature algorithm differ');
  const issuer = readName(read(tbs, TAG.sequence));
  const validity = enter(tbs);
  const notBefore = timeOf(read(validity));
  const notAfter = timeOf(read(validity));
  finish(validity);
  const subject = readName(read(tbs, TAG.sequence));
  const spki = rawOf(read(tbs, TAG.sequence));
  if (version > 1) {
    // Unique identifiers: allowed by the syntax, used by nobody, and not looked at (RFC 5280 §4.1.2.8).
    readOptional(tbs, contextTag(1, false));
    readOptional(tbs, contextTag(2, false));
  }
  const eager: Eager = {};
  const extensions = version === 3 ? extensionsOf(tbs, eager) : NO_EXTENSIONS;
  finish(tbs);
  return {
    raw: rawOf(whole),
    version,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    spki,
    tbs: rawOf(tbsElement),
    signatureAlgorithm: oidOf(read(inside(algorithm), TAG.oid)),
    signatureAlgorithmRaw,
    signature,
    extensions,
    ...eager,
  };
}

const NO_EXTENSIONS: Extensions = new Map();

function readVersion(tbs: Cursor): 1 | 2 | 3 {
  if (nextTag(tbs) !== contextTag(0)) return 1;
  const field = enter(tbs, contextTag(0));
  const version = smallIntegerOf(read(field, TAG.integer)) + 1;
  finish(field);
  // Version 1 is the default, which DER leaves out.
  if (version !== 2 && version !== 3) throw broken('version is not 2 or 3');
  return version;
}

function extensionsOf(tbs: Cursor, eager: Eager): Extensions {
  if (nextTag(tbs) !== contextTag(3)) return NO_EXTENSIONS;
  const field = enter(tbs, contextTag(3));
  const list = enter(field);
  finish(field);
  const extensions = readExtensions(list, (id, value) => {
    const reader = EAGER.get(id);
    if (reader === undefined) return;
    const content = inside(value);
    reader(read(content), eager);
    finish(content);
  });
  if (extensions.size === 0) throw broken('empty list of extensions');
  return extensions;
}

/**
 * The certificate's public key.
 *
 * @throws Broken part `key` if it is of a kind that is not in use
 */
export const publicKeyOf = (certificate: Certificate): PublicKey => keyFromSpki(certificate.spki);

/** An authority that issued to itself: a new key under the old one, a key for lists only, an anchor (RFC 5280 §6.1). */
export const isSelfIssued = ({ subject, issuer }: Certificate): boolean => subject.key === issuer.key;

/**
 * The certificate's signature as the providers take it: algorithm by name, signature raw. Undefined if the algorithm is
 * not in use or the signature not well formed.
 *
 * @param by the kind of the authority's key: of ECDSA, the OID names the digest and not the curve. Without it the curve that
 *   usually goes with the digest is meant.
 */
export function signatureOf(
  certificate: Pick<Certificate, 'signatureAlgorithm' | 'signatureAlgorithmRaw' | 'signature'>,
  by?: KeyKind,
): { readonly algorithm: AlgorithmName; readonly signature: Uint8Array } | undefined {
  const { signatureAlgorithm, signatureAlgorithmRaw, signature } = certificate;
  const fields = inside(derOf(signatureAlgorithmRaw, TAG.sequence));
  read(fields, TAG.oid);
  if (signatureAlgorithm === RSASSA_PSS) {
    const algorithm = atEnd(fields) ? undefined : pssAlgorithmOf(readPssParameters(fields), true);
    return algorithm && { algorithm, signature };
  }
  const algorithm = algorithmOfOid(signatureAlgorithm, by);
  if (algorithm === undefined) return undefined;
  // Parameters are absent or NULL (RFC 5758 §3.2, RFC 4055 §5); anything else would be a demand that is not heard.
  if (!atEnd(fields) && rawOf(read(fields))[0] !== TAG.null) return undefined;
  const { name, key, raw } = algorithm;
  if (key === 'RSA' || key === 'Ed25519') return { algorithm: name, signature };
  const converted = rawFromDer(signature, raw! / 2);
  return converted && { algorithm: name, signature: converted };
}

/**
 * Whether what is signed so can be checked at all, whoever's key it is.
 *
 * @throws Broken part `der` for parameters that do not read
 */
export function algorithmIsInUse({ signatureAlgorithm, signatureAlgorithmRaw }: Signed): boolean {
  if (signatureAlgorithm !== RSASSA_PSS) return algorithmOfOid(signatureAlgorithm) !== undefined;
  const fields = inside(derOf(signatureAlgorithmRaw, TAG.sequence));
  read(fields, TAG.oid);
  return !atEnd(fields) && pssAlgorithmOf(readPssParameters(fields), true) !== undefined;
}

/** What is signed the way certificates are: they, lists of revoked certificates, answers about one. */
export type Signed = Pick<Certificate, 'tbs' | 'signatureAlgorithm' | 'signatureAlgorithmRaw' | 'signature'>;

/** Whether the authority's key made this signature. One that cannot be read, or by an algorithm not in use, is none. */
export type SignatureCheck = (signed: Signed, authority: Certificate) => boolean;

interface Prepared {
  readonly key: PublicKey;
  readonly verifiers: Map<AlgorithmName, Verifier | undefined>;
}

/** Checks signatures on this platform. Each authority's key is read and prepared once, and forgotten with its certificate. */
export function signatureCheck(platform: Platform): SignatureCheck {
  const prepared = new WeakMap<Certificate, Prepared>();
  return (signed, authority) => {
    try {
      const known = prepared.get(authority) ?? { key: publicKeyOf(authority), verifiers: new Map() };
      prepared.set(authority, known);
      const proof = signatureOf(signed, known.key.kind);
      if (proof === undefined) return false;
      const { key, verifiers } = known;
      if (!verifiers.has(proof.algorithm)) verifiers.set(proof.algorithm, platform.prepare(proof.algorithm, key));
      return verifiers.get(proof.algorithm)?.(signed.tbs, proof.signature) ?? false;
    } catch (error) {
      if (error instanceof Broken) return false;
      throw error;
    }
  };
}

const MAX_REMEMBERED = 64;

/**
 * Remembers for each signed object which keys made its signature: a list of many megabytes is not hashed again for every
 * certificate that names it.
 */
export function remembering(check: SignatureCheck): SignatureCheck {
  const known = new WeakMap<Signed, Map<string, boolean>>();
  return (signed, authority) => {
    const answers = known.get(signed) ?? new Map<string, boolean>();
    known.set(signed, answers);
    const key = encodeHex(authority.spki);
    const answer = answers.get(key) ?? check(signed, authority);
    if (answers.size < MAX_REMEMBERED) answers.set(key, answer);
    return answer;
  };
}

/** The first eight bytes of the certificate's SHA-256, as EU DCC documents name theirs. */
export const certificateId = (certificate: Uint8Array, platform: Platform): string =>
  encodeBase64url(platform.digest('SHA-256', certificate).subarray(0, 8));
