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
  oidOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
} from '../codec/der.ts';
import { encodeHex } from '../codec/hex.ts';
import { Broken } from '../document/broken.ts';

/**
 * Extensions of certificates and lists (RFC 5280 §4.2, §5.2). Those that every use of a certificate asks for are read with
 * it (`EAGER`); those that only paths ask for are read when one is judged, so that a listed key is not lost for a policy
 * that nobody reads.
 */

export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  privateKeyUsagePeriod: '2.5.29.16',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
} as const;

export interface Extension {
  readonly critical: boolean;
  /** The content of extnValue. */
  readonly value: Uint8Array;
}
export type Extensions = ReadonlyMap<string, Extension>;

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

export const broken = (detail: string): Broken => new Broken('certificate', detail);
export const tooMany = (what: string): Broken => new Broken('certificate', `too many ${what}`, 'LIMIT_EXCEEDED');

const MAX_EXTENSIONS = 64;
const MAX_PURPOSES = 64;

/** What is read with a certificate. */
export interface Eager {
  /** Masks of `KEY_USAGE`; undefined if there is no such extension. */
  keyUsage?: number;
  /** OIDs of the purposes. */
  extendedKeyUsage?: readonly string[];
  basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  subjectKeyIdentifier?: Uint8Array;
  authorityKeyIdentifier?: AuthorityKeyIdentifier;
}

/** One row for each extension that is read with a certificate. */
export const EAGER: ReadonlyMap<string, (value: Element, into: Eager) => void> = new Map([
  [EXTENSION.subjectKeyIdentifier, readSubjectKeyIdentifier],
  [EXTENSION.keyUsage, readKeyUsage],
  [EXTENSION.basicConstraints, readBasicConstraints],
  [EXTENSION.authorityKeyIdentifier, readAuthorityKeyIdentifier],
  [EXTENSION.extendedKeyUsage, readExtendedKeyUsage],
]);

/**
 * Reads Extensions (RFC 5280 §4.1): of a certificate, a list, an entry of one, an answer about one.
 *
 * @param each is shown every extension as it comes
 */
export function readExtensions(list: Cursor, each?: (id: string, value: Element) => void): Extensions {
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
    if (extensions.size >= MAX_EXTENSIONS) throw tooMany('extensions');
    extensions.set(id, { critical: flag !== undefined && booleanOf(flag), value: contentOf(value) });
    each?.(id, value);
  }
  return extensions;
}

/** RFC 5280 §4.1.2.2 asks for positive numbers and tells readers to cope with others. */
export function serialOf(element: Element): string {
  const octets = integerBytesOf(element);
  if (octets[0]! < 0x80) return encodeHex(octets[0] === 0 && octets.length > 1 ? octets.subarray(1) : octets);
  const bits = BigInt(octets.length * 8);
  const magnitude = ((1n << bits) - BigInt(`0x${encodeHex(octets)}`)).toString(16);
  return `-${magnitude.length % 2 === 0 ? '' : '0'}${magnitude}`;
}

/** What an extension holds, by its reader; undefined without the extension. */
export function extensionOf<T>(
  { extensions }: { readonly extensions: Extensions },
  id: string,
  reader: (value: Element) => T,
): T | undefined {
  const extension = extensions.get(id);
  return extension && reader(derOf(extension.value));
}

export function expect(value: Element, tag: number): Element {
  if (value.tag !== tag) throw broken('extension of another type than its identifier says');
  return value;
}

function readKeyUsage(value: Element, into: Eager): void {
  const { octets } = bitStringOf(expect(value, TAG.bitString));
  let usage = 0;
  for (let bit = 0; bit < Math.min(octets.length * 8, 9); bit++) {
    if ((octets[bit >> 3]! & (0x80 >> (bit & 7))) !== 0) usage |= 1 << bit;
  }
  into.keyUsage = usage;
}

function readExtendedKeyUsage(value: Element, into: Eager): void {
  const purposes: string[] = [];
  for (const list = inside(expect(value, TAG.sequence)); !atEnd(list); ) {
    purposes.push(oidOf(read(list, TAG.oid)));
    if (purposes.length > MAX_PURPOSES) throw tooMany('purposes');
  }
  if (purposes.length === 0) throw broken('empty list of purposes');
  into.extendedKeyUsage = purposes;
}

function readBasicConstraints(value: Element, into: Eager): void {
  const fields = inside(expect(value, TAG.sequence));
  const flag = readOptional(fields, TAG.boolean);
  const ca = flag !== undefined && booleanOf(flag);
  const limit = readOptional(fields, TAG.integer);
  finish(fields);
  into.basicConstraints = limit === undefined ? { ca } : { ca, pathLength: smallIntegerOf(limit) };
}

function readSubjectKeyIdentifier(value: Element, into: Eager): void {
  into.subjectKeyIdentifier = contentOf(expect(value, TAG.octetString));
}

function readAuthorityKeyIdentifier(value: Element, into: Eager): void {
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
