import { sameBytes } from '../codec/bytes.ts';
import {
  atEnd,
  type Cursor,
  contentOf,
  contextTag,
  derOf,
  type Element,
  enter,
  finish,
  inside,
  integerBytesOf,
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
import { Broken } from '../document/broken.ts';
import { type Certificate, KEY_USAGE, type SignatureCheck, type Signed } from './certificate.ts';
import { EXTENSION, type Extensions, extensionOf, readExtensions, serialOf } from './extensions.ts';
import { type Name, readName } from './names.ts';
import { readAltNames } from './path-extensions.ts';
import { directoryNames, type IssuingPoint, readIssuingPoint } from './points.ts';

/** A certificate that is listed as revoked. */
export interface RevokedCertificate {
  /** Epoch ms. */
  readonly since: number;
  /** On hold (RFC 5280 §5.3.1): the only state that a later list may take back. */
  readonly onHold: boolean;
  /** In a list of changes: taken back. */
  readonly removed?: boolean;
}

export type RevokedBySerial = ReadonlyMap<string, RevokedCertificate>;

/** A list of revoked certificates (RFC 5280 §5) as it reads; nothing about it is believed. */
export interface Crl extends Signed {
  readonly issuer: Name;
  /** Epoch ms. The next list is due at `nextUpdate`: later than that this one says nothing good. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** By serial number, as `Certificate.serial`. */
  readonly revoked: RevokedBySerial;
  /** What an indirect list says of other authorities' certificates, by the key of their name. */
  readonly others: ReadonlyMap<string, RevokedBySerial>;
  readonly number: bigint | undefined;
  /** Set if this is a list of changes (delta): the number of the full list that it starts from. */
  readonly base: bigint | undefined;
  /** What it is limited to; undefined for all that its issuer issued. */
  readonly point: IssuingPoint | undefined;
  /** The same as bytes, in hexadecimal: a delta goes with full lists of the same scope. */
  readonly scope: string;
  readonly issuerKeyIdentifier: Uint8Array | undefined;
}

const MAX_CRL = 16 * 1024 * 1024;
const MAX_ENTRIES = 500_000;
const MAX_NUMBER_OCTETS = 20;
const ON_HOLD = 6;
const REMOVED = 8;

/** Extensions that may be critical are those understood here: the rest changes what the list means (§5.2, §5.3). */
const OF_LIST: ReadonlySet<string> = new Set([
  EXTENSION.authorityKeyIdentifier,
  EXTENSION.issuerAltName,
  EXTENSION.crlNumber,
  EXTENSION.deltaCrlIndicator,
  EXTENSION.issuingDistributionPoint,
  EXTENSION.freshestCrl,
  EXTENSION.authorityInfoAccess,
]);
const OF_ENTRY: ReadonlySet<string> = new Set([
  EXTENSION.reasonCode,
  EXTENSION.invalidityDate,
  EXTENSION.certificateIssuer,
]);

const broken = (detail: string): Broken => new Broken('crl', detail);

/**
 * Reads a CRL from DER.
 *
 * @throws Broken part `crl`, `certificate` (names and extensions, which both have) or `der`
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
  if (!sameBytes(rawOf(inner), rawOf(algorithm))) throw broken('inner and outer signature algorithm differ');
  const issuer = readName(read(tbs, TAG.sequence));
  const thisUpdate = timeOf(read(tbs));
  const next = nextTag(tbs);
  // RFC 5280 §5.1.2.5 asks for it; a list without an end would be good for ever.
  if (next !== TAG.utcTime && next !== TAG.generalizedTime) throw broken('does not say when the next list is due');
  const nextUpdate = timeOf(read(tbs));
  const entries = readOptional(tbs, TAG.sequence);
  const extensions = readTagged(tbs);
  finish(tbs);

  const of = { extensions };
  const point = extensionOf(of, EXTENSION.issuingDistributionPoint, readIssuingPoint);
  const { revoked, others } = entries === undefined ? NO_ENTRIES : readEntries(inside(entries), issuer, point);
  return {
    issuer,
    thisUpdate,
    nextUpdate,
    revoked,
    others,
    number: extensionOf(of, EXTENSION.crlNumber, readNumber),
    base: extensionOf(of, EXTENSION.deltaCrlIndicator, readNumber),
    point,
    scope: encodeHex(extensions.get(EXTENSION.issuingDistributionPoint)?.value ?? NOTHING),
    issuerKeyIdentifier: extensionOf(of, EXTENSION.authorityKeyIdentifier, readKeyIdentifier),
    tbs: rawOf(tbsElement),
    signatureAlgorithm: oidOf(read(inside(algorithm), TAG.oid)),
    signatureAlgorithmRaw: rawOf(algorithm),
    signature,
  };
}

const NOTHING = new Uint8Array(0);
const NO_ENTRIES = {
  revoked: new Map<string, RevokedCertificate>(),
  others: new Map<string, Map<string, RevokedCertificate>>(),
};

function readEntries(entries: Cursor, issuer: Name, point: IssuingPoint | undefined): typeof NO_ENTRIES {
  const revoked = new Map<string, RevokedCertificate>();
  const others = new Map<string, Map<string, RevokedCertificate>>();
  let count = 0;
  // §5.3.3: an entry is of the same issuer as the one before it, unless it names one.
  let current = revoked;
  while (!atEnd(entries)) {
    if (++count > MAX_ENTRIES) throw new Broken('crl', 'too many entries', 'LIMIT_EXCEEDED');
    const entry = enter(entries);
    const serial = serialOf(read(entry, TAG.integer));
    const since = timeOf(read(entry));
    let reason = 0;
    if (nextTag(entry) === TAG.sequence) {
      const extensions = understood(enter(entry), OF_ENTRY);
      reason = extensionOf({ extensions }, EXTENSION.reasonCode, readReason) ?? 0;
      const names = extensionOf({ extensions }, EXTENSION.certificateIssuer, readAltNames);
      if (names !== undefined) {
        if (!point?.indirect) throw broken('an entry of another issuer in a list that is not indirect');
        const [name, ...more] = directoryNames(names);
        if (name === undefined || more.length > 0) throw broken('an entry whose issuer is not one name');
        current = name.key === issuer.key ? revoked : (others.get(name.key) ?? new Map());
        if (current !== revoked) others.set(name.key, current);
      }
    }
    finish(entry);
    if (current.has(serial)) throw broken('a certificate comes twice');
    const onHold = reason === ON_HOLD;
    current.set(serial, reason === REMOVED ? { since, onHold, removed: true } : { since, onHold });
  }
  return { revoked, others };
}

function readTagged(tbs: Cursor): Extensions {
  if (nextTag(tbs) !== contextTag(0)) return new Map();
  const field = enter(tbs, contextTag(0));
  const extensions = understood(enter(field), OF_LIST);
  finish(field);
  return extensions;
}

function understood(list: Cursor, known: ReadonlySet<string>): Extensions {
  const extensions = readExtensions(list);
  for (const [id, { critical }] of extensions)
    if (critical && !known.has(id)) throw broken(`critical extension ${id} is not understood`);
  return extensions;
}

function readReason(value: Element): number {
  const code = contentOf(value);
  if (value.tag !== TAG.enumerated || code.length !== 1) throw broken('reason code is not one octet');
  return code[0]!;
}

function readNumber(value: Element): bigint {
  const octets = integerBytesOf(value);
  if (value.tag !== TAG.integer || octets[0]! >= 0x80) throw broken('number of the list is none');
  if (octets.length > MAX_NUMBER_OCTETS) throw new Broken('crl', 'number of the list is too long', 'LIMIT_EXCEEDED');
  return BigInt(`0x${encodeHex(octets)}`);
}

function readKeyIdentifier(value: Element): Uint8Array | undefined {
  if (value.tag !== TAG.sequence) throw broken('extension of another type than its identifier says');
  const identifier = readOptional(inside(value), contextTag(0, false));
  return identifier && contentOf(identifier);
}

/**
 * Whether this authority made the list: its name, its key (RFC 5280 §5.1.1.3), and the right to sign lists where its
 * key usage says what it may do (§6.3.3 (f)).
 */
export function madeBy(crl: Crl, authority: Certificate, signed: SignatureCheck): boolean {
  if (crl.issuer.key !== authority.subject.key) return false;
  if (authority.keyUsage !== undefined && (authority.keyUsage & KEY_USAGE.cRLSign) === 0) return false;
  const { issuerKeyIdentifier: theirs } = crl;
  const ours = authority.subjectKeyIdentifier;
  if (theirs !== undefined && ours !== undefined && !sameBytes(theirs, ours)) return false;
  return signed(crl, authority);
}
