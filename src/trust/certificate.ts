import { sameBytes } from '../codec/bytes.ts';
import {
  atEnd,
  bitStringOf,
  booleanOf,
  type Cursor,
  contentOf,
  contextTag,
  derOf,
  type Element,
  enter,
  finish,
  inside,
  integerBytesOf,
  isString,
  nextTag,
  oidOf,
  rawOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
  textOf,
  timeOf,
  wholeBitStringOf,
} from '../codec/der.ts';
import { encodeHex } from '../codec/hex.ts';
import { rawFromDer } from '../codec/signature.ts';
import { type AlgorithmName, algorithmOfOid, type DigestName } from '../crypto/algorithms.ts';
import { keyFromSpki, type PublicKey } from '../crypto/keys.ts';
import type { Platform } from '../crypto/platform.ts';
import { pssSaltLength, RSASSA_PSS } from '../crypto/pss.ts';
import { Broken } from '../document/broken.ts';

/**
 * An X.509 certificate (RFC 5280 §4) as it reads; nothing about it is believed. Byte arrays are views of the input,
 * which must not change afterwards.
 */
export interface Certificate {
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
  readonly extensions: ReadonlyMap<string, Extension>;
  /** Masks of `KEY_USAGE`; undefined if there is no such extension. */
  readonly keyUsage?: number;
  /** OIDs of the purposes. */
  readonly extendedKeyUsage?: readonly string[];
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier;
}

export interface Name {
  /** The Name's DER. Two names are compared by this, never by the attributes. */
  readonly raw: Uint8Array;
  /**
   * What it says, for people, by short name (`CN`, `O`, `C` …) or OID. Values of an attribute that comes more than once
   * are joined by `, `.
   */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Extension {
  readonly critical: boolean;
  /** The content of extnValue. */
  readonly value: Uint8Array;
}

export interface AuthorityKeyIdentifier {
  readonly keyIdentifier?: Uint8Array;
  /** GeneralNames of the issuer's issuer, their DER without the outer tag. */
  readonly issuer?: Uint8Array;
  /** As `Certificate.serial`. */
  readonly serial?: string;
}

/** Bits of the key usage extension (RFC 5280 §4.2.1.3). */
export const KEY_USAGE = {
  digitalSignature: 1 << 0,
  contentCommitment: 1 << 1,
  keyEncipherment: 1 << 2,
  dataEncipherment: 1 << 3,
  keyAgreement: 1 << 4,
  keyCertSign: 1 << 5,
  cRLSign: 1 << 6,
  encipherOnly: 1 << 7,
  decipherOnly: 1 << 8,
} as const;

const broken = (detail: string): Broken => new Broken('certificate', detail);

/** A certificate is a few kB; one with a post-quantum key or thousands of names is none of ours. */
const MAX_CERTIFICATE = 64 * 1024;
const MAX_EXTENSIONS = 64;
const MAX_ATTRIBUTES = 1024;
const MAX_PURPOSES = 64;

/** Short names of attributes (RFC 4519, RFC 5280 appendix A, RFC 2985). */
const ATTRIBUTES = new Map<string, string>([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'E'],
]);

/** What an extension adds to the certificate. One row per extension that is read here; the others stay raw. */
type Parsed = Pick<
  { -readonly [K in keyof Certificate]: Certificate[K] },
  'keyUsage' | 'extendedKeyUsage' | 'basicConstraints' | 'subjectKeyIdentifier' | 'authorityKeyIdentifier'
>;
const EXTENSIONS = new Map<string, (value: Element, into: Parsed) => void>([
  ['2.5.29.14', readSubjectKeyIdentifier],
  ['2.5.29.15', readKeyUsage],
  ['2.5.29.19', readBasicConstraints],
  ['2.5.29.35', readAuthorityKeyIdentifier],
  ['2.5.29.37', readExtendedKeyUsage],
]);

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
  const parsed: Parsed = {};
  const extensions = version === 3 ? readExtensions(tbs, parsed) : NO_EXTENSIONS;
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
    ...parsed,
  };
}

const NO_EXTENSIONS: ReadonlyMap<string, Extension> = new Map();

function readVersion(tbs: Cursor): 1 | 2 | 3 {
  if (nextTag(tbs) !== contextTag(0)) return 1;
  const field = enter(tbs, contextTag(0));
  const version = smallIntegerOf(read(field, TAG.integer)) + 1;
  finish(field);
  // Version 1 is the default, which DER leaves out.
  if (version !== 2 && version !== 3) throw broken('version is not 2 or 3');
  return version;
}

/** RFC 5280 §4.1.2.2 asks for positive numbers and tells readers to cope with others. */
export function serialOf(element: Element): string {
  const octets = integerBytesOf(element);
  if (octets[0]! < 0x80) return encodeHex(octets[0] === 0 && octets.length > 1 ? octets.subarray(1) : octets);
  const bits = BigInt(octets.length * 8);
  const magnitude = ((1n << bits) - BigInt(`0x${encodeHex(octets)}`)).toString(16);
  return `-${magnitude.length % 2 === 0 ? '' : '0'}${magnitude}`;
}

function readName(name: Element): Name {
  const attributes: Record<string, string> = Object.create(null);
  let count = 0;
  for (const names = inside(name); !atEnd(names); ) {
    const relative = enter(names, TAG.set);
    if (atEnd(relative)) throw broken('empty part of a name');
    while (!atEnd(relative)) {
      if (++count > MAX_ATTRIBUTES) throw new Broken('certificate', 'name has too many parts', 'LIMIT_EXCEEDED');
      const attribute = enter(relative);
      const type = oidOf(read(attribute, TAG.oid));
      const value = read(attribute);
      finish(attribute);
      const key = ATTRIBUTES.get(type) ?? type;
      // RFC 4514 §2.4: a value that is no string is shown as the hexadecimal of its DER.
      const text = isString(value) ? textOf(value) : `#${encodeHex(rawOf(value))}`;
      const before = attributes[key];
      attributes[key] = before === undefined ? text : `${before}, ${text}`;
    }
  }
  return { raw: rawOf(name), attributes };
}

function readExtensions(tbs: Cursor, parsed: Parsed): ReadonlyMap<string, Extension> {
  if (nextTag(tbs) !== contextTag(3)) return NO_EXTENSIONS;
  const field = enter(tbs, contextTag(3));
  const list = enter(field);
  finish(field);
  const extensions = new Map<string, Extension>();
  while (!atEnd(list)) {
    const extension = enter(list);
    const id = oidOf(read(extension, TAG.oid));
    // An explicit FALSE is not DER but common, and can only be read one way.
    const flag = readOptional(extension, TAG.boolean);
    const value = read(extension, TAG.octetString);
    finish(extension);
    // RFC 5280 §4.2: of two basicConstraints, one reader would obey the first and another the last.
    if (extensions.has(id)) throw broken('extension comes twice');
    if (extensions.size >= MAX_EXTENSIONS) throw new Broken('certificate', 'too many extensions', 'LIMIT_EXCEEDED');
    extensions.set(id, { critical: flag !== undefined && booleanOf(flag), value: contentOf(value) });
    const reader = EXTENSIONS.get(id);
    if (reader !== undefined) {
      const content = inside(value);
      reader(read(content), parsed);
      finish(content);
    }
  }
  if (extensions.size === 0) throw broken('empty list of extensions');
  return extensions;
}

function expect(value: Element, tag: number): Element {
  if (value.tag !== tag) throw broken('extension of another type than its identifier says');
  return value;
}

function readKeyUsage(value: Element, into: Parsed): void {
  const { octets } = bitStringOf(expect(value, TAG.bitString));
  let usage = 0;
  for (let bit = 0; bit < Math.min(octets.length * 8, 9); bit++) {
    if ((octets[bit >> 3]! & (0x80 >> (bit & 7))) !== 0) usage |= 1 << bit;
  }
  into.keyUsage = usage;
}

function readExtendedKeyUsage(value: Element, into: Parsed): void {
  const purposes: string[] = [];
  for (const list = inside(expect(value, TAG.sequence)); !atEnd(list); ) {
    purposes.push(oidOf(read(list, TAG.oid)));
    if (purposes.length > MAX_PURPOSES) throw new Broken('certificate', 'too many purposes', 'LIMIT_EXCEEDED');
  }
  if (purposes.length === 0) throw broken('empty list of purposes');
  into.extendedKeyUsage = purposes;
}

function readBasicConstraints(value: Element, into: Parsed): void {
  const fields = inside(expect(value, TAG.sequence));
  const flag = readOptional(fields, TAG.boolean);
  const ca = flag !== undefined && booleanOf(flag);
  const limit = readOptional(fields, TAG.integer);
  finish(fields);
  into.basicConstraints = limit === undefined ? { ca } : { ca, pathLength: smallIntegerOf(limit) };
}

function readSubjectKeyIdentifier(value: Element, into: Parsed): void {
  into.subjectKeyIdentifier = contentOf(expect(value, TAG.octetString));
}

function readAuthorityKeyIdentifier(value: Element, into: Parsed): void {
  const fields = inside(expect(value, TAG.sequence));
  const keyIdentifier = readOptional(fields, contextTag(0, false));
  const issuer = readOptional(fields, contextTag(1));
  const serial = readOptional(fields, contextTag(2, false));
  finish(fields);
  into.authorityKeyIdentifier = {
    ...(keyIdentifier && { keyIdentifier: contentOf(keyIdentifier) }),
    ...(issuer && { issuer: contentOf(issuer) }),
    ...(serial && { serial: serialOf(serial) }),
  };
}

/**
 * The certificate's public key.
 *
 * @throws Broken part `key` if it is of a kind that is not in use
 */
export const publicKeyOf = (certificate: Certificate): PublicKey => keyFromSpki(certificate.spki);

/** Digest of the whole certificate. */
export const fingerprint = (certificate: Certificate, platform: Platform, name: DigestName): Uint8Array =>
  platform.digest(name, certificate.raw);

/**
 * The certificate's signature as the providers take it: algorithm by name, signature raw. Undefined if the algorithm is
 * not in use or the signature not well formed.
 */
export function signatureOf(
  certificate: Pick<Certificate, 'signatureAlgorithm' | 'signatureAlgorithmRaw' | 'signature'>,
): { readonly algorithm: AlgorithmName; readonly signature: Uint8Array } | undefined {
  const { signatureAlgorithm, signatureAlgorithmRaw, signature } = certificate;
  const fields = inside(derOf(signatureAlgorithmRaw, TAG.sequence));
  read(fields, TAG.oid);
  if (signatureAlgorithm === RSASSA_PSS) {
    return !atEnd(fields) && pssSaltLength(fields) === 32 ? { algorithm: 'PS256', signature } : undefined;
  }
  const algorithm = algorithmOfOid(signatureAlgorithm);
  if (algorithm === undefined) return undefined;
  // Parameters are absent or NULL (RFC 5758 §3.2, RFC 4055 §5); anything else would be a demand that is not heard.
  if (!atEnd(fields) && rawOf(read(fields))[0] !== TAG.null) return undefined;
  const { name, key, raw } = algorithm;
  if (key === 'RSA' || key === 'Ed25519') return { algorithm: name, signature };
  const converted = rawFromDer(signature, raw! / 2);
  return converted && { algorithm: name, signature: converted };
}
