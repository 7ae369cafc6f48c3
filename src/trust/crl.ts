import {
  atEnd,
  booleanOf,
  type Cursor,
  contentOf,
  contextTag,
  derOf,
  type Element,
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
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import { type Certificate, KEY_USAGE, publicKeyOf, serialOf, signatureOf } from './certificate.ts';

/** A certificate that is listed as revoked. */
export interface RevokedCertificate {
  /** Epoch ms. */
  readonly since: number;
  /** On hold (RFC 5280 §5.3.1): the only state that a later list may take back. */
  readonly onHold: boolean;
}

/** A list of revoked certificates (RFC 5280 §5) as it reads; nothing about it is believed. */
export interface Crl {
  /** The issuer's Name in DER. */
  readonly issuer: Uint8Array;
  /** Epoch ms. The next list is due at `nextUpdate`: later than that this one says nothing good. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** By serial number, as `Certificate.serial`. */
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
  readonly issuerKeyIdentifier: Uint8Array | undefined;
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signatureAlgorithmRaw: Uint8Array;
  readonly signature: Uint8Array;
}

const MAX_CRL = 16 * 1024 * 1024;
const MAX_ENTRIES = 500_000;
const MAX_EXTENSIONS = 32;
const OID = {
  authorityKeyIdentifier: '2.5.29.35',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
} as const;
const ON_HOLD = 6;

const broken = (detail: string): Broken => new Broken('crl', detail);

/**
 * Reads a CRL from DER. Delta lists and lists that speak for other issuers or for some certificates only carry critical
 * extensions that say so; they are refused, for what they leave out would pass for good.
 *
 * @throws Broken part `crl` or `der`
 */
export function readCrl(der: Uint8Array): Crl {
  if (der.length > MAX_CRL) throw new Broken('crl', 'list is too long', 'LIMIT_EXCEEDED');
  const list = inside(derOf(der, TAG.sequence));
  const tbsElement = read(list, TAG.sequence);
  const algorithm = read(list, TAG.sequence);
  const signature = wholeBitStringOf(read(list, TAG.bitString));
  finish(list);

  const tbs = inside(tbsElement);
  // Version 2 (1) is said, version 1 is not (RFC 5280 §5.1.2.1).
  const version = readOptional(tbs, TAG.integer);
  if (version !== undefined && smallIntegerOf(version) !== 1) throw broken('version is not 2');
  const inner = read(tbs, TAG.sequence);
  if (!equal(rawOf(inner), rawOf(algorithm))) throw broken('inner and outer signature algorithm differ');
  const issuer = rawOf(read(tbs, TAG.sequence));
  const thisUpdate = timeOf(read(tbs));
  const next = nextTag(tbs);
  // RFC 5280 §5.1.2.5 asks for it; a list without an end would be good for ever.
  if (next !== TAG.utcTime && next !== TAG.generalizedTime) throw broken('does not say when the next list is due');
  const nextUpdate = timeOf(read(tbs));
  const entries = readOptional(tbs, TAG.sequence);
  const revoked = entries === undefined ? new Map<string, RevokedCertificate>() : readEntries(inside(entries));
  const extensions = readTagged(tbs);
  finish(tbs);
  return {
    issuer,
    thisUpdate,
    nextUpdate,
    revoked,
    issuerKeyIdentifier: keyIdentifierOf(extensions.get(OID.authorityKeyIdentifier)),
    tbs: rawOf(tbsElement),
    signatureAlgorithm: oidOf(read(inside(algorithm), TAG.oid)),
    signatureAlgorithmRaw: rawOf(algorithm),
    signature,
  };
}

function readEntries(entries: Cursor): Map<string, RevokedCertificate> {
  const revoked = new Map<string, RevokedCertificate>();
  while (!atEnd(entries)) {
    if (revoked.size >= MAX_ENTRIES) throw new Broken('crl', 'too many entries', 'LIMIT_EXCEEDED');
    const entry = enter(entries);
    const serial = serialOf(read(entry, TAG.integer));
    const since = timeOf(read(entry));
    const reason = nextTag(entry) === TAG.sequence ? reasonOf(readExtensions(read(entry))) : 0;
    finish(entry);
    if (revoked.has(serial)) throw broken('a certificate comes twice');
    revoked.set(serial, { since, onHold: reason === ON_HOLD });
  }
  return revoked;
}

function readTagged(tbs: Cursor): Map<string, Element> {
  if (nextTag(tbs) !== contextTag(0)) return new Map();
  const field = enter(tbs, contextTag(0));
  const extensions = readExtensions(read(field, TAG.sequence));
  finish(field);
  return extensions;
}

/** Extensions that may be critical are those understood here: the rest changes what the list means. */
const UNDERSTOOD: ReadonlySet<string> = new Set(Object.values(OID));
/** Delta list, list for some certificates only, entry of another issuer: critical by their definition, refused anyway. */
const NARROWING: ReadonlySet<string> = new Set(['2.5.29.27', '2.5.29.28', '2.5.29.29']);

function readExtensions(sequence: Element): Map<string, Element> {
  const extensions = new Map<string, Element>();
  for (const list = inside(sequence); !atEnd(list); ) {
    const extension = enter(list);
    const id = oidOf(read(extension, TAG.oid));
    const flag = readOptional(extension, TAG.boolean);
    const value = read(extension, TAG.octetString);
    finish(extension);
    const critical = flag !== undefined && booleanOf(flag);
    if (NARROWING.has(id) || (critical && !UNDERSTOOD.has(id)))
      throw broken(`extension ${id} says that this is no full list, or more than is understood here`);
    if (extensions.has(id)) throw broken('extension comes twice');
    if (extensions.size >= MAX_EXTENSIONS) throw new Broken('crl', 'too many extensions', 'LIMIT_EXCEEDED');
    extensions.set(id, value);
  }
  return extensions;
}

function reasonOf(extensions: Map<string, Element>): number {
  const value = extensions.get(OID.reasonCode);
  if (value === undefined) return 0;
  const content = inside(value);
  const code = contentOf(read(content, TAG.enumerated));
  finish(content);
  if (code.length !== 1) throw broken('reason code is not one octet');
  return code[0]!;
}

function keyIdentifierOf(value: Element | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const content = inside(value);
  const fields = enter(content);
  finish(content);
  const identifier = readOptional(fields, contextTag(0, false));
  return identifier && contentOf(identifier);
}

/**
 * Whether this authority made the list: its name, its key (RFC 5280 §5.1.1.3), and the right to sign lists where its
 * key usage says what it may do.
 */
export function madeBy(crl: Crl, authority: Certificate, platform: Platform): boolean {
  if (!equal(crl.issuer, authority.subject.raw)) return false;
  if (authority.keyUsage !== undefined && (authority.keyUsage & KEY_USAGE.cRLSign) === 0) return false;
  const { issuerKeyIdentifier: theirs } = crl;
  const ours = authority.subjectKeyIdentifier;
  if (theirs !== undefined && ours !== undefined && !equal(theirs, ours)) return false;
  return signedBy(crl, crl.tbs, authority, platform);
}

/** Whether the authority's key made this signature, of a certificate or a list. One that cannot be read is none. */
export function signedBy(
  signed: Pick<Certificate, 'signatureAlgorithm' | 'signatureAlgorithmRaw' | 'signature'>,
  tbs: Uint8Array,
  authority: Certificate,
  platform: Platform,
): boolean {
  try {
    const proof = signatureOf(signed);
    if (proof === undefined) return false;
    return platform.prepare(proof.algorithm, publicKeyOf(authority))?.(tbs, proof.signature) ?? false;
  } catch (error) {
    if (error instanceof Broken) return false;
    throw error;
  }
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
