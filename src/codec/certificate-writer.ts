import { SM2_WITH_SM3 } from './cms-algorithms.ts';
import { TAG } from './der.ts';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  element,
  integer,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  time,
  utf8String,
} from './der-writer.ts';
import { derFromRaw } from './signature.ts';

/**
 * Certificates and lists of revoked ones (RFC 5280), written: for the reference federation, for the gateway's own conversion
 * key and for tests. Written here because the platforms cannot sign with SM2, and the same for every algorithm.
 */

/** Whoever signs a certificate or list, under the OID of his algorithm. */
export interface X509Signer {
  readonly oid: string;
  /** Gives the signature as X.509 writes it: for ECDSA and SM2 the DER pair. */
  sign(data: Uint8Array): Uint8Array;
}

/** A signer from what gives r‖s. */
export const pairSigner = (algorithm: string, sign: (data: Uint8Array) => Uint8Array): X509Signer => ({
  oid: algorithm,
  sign: (data) => derFromRaw(sign(data)),
});

export const sm2Signer = (sign: (data: Uint8Array) => Uint8Array): X509Signer => pairSigner(SM2_WITH_SM3, sign);

/** What a certificate says (RFC 5280 §4.1, GB/T 20518). */
export interface CertificateFields {
  /** Positive. */
  readonly serial: Uint8Array | number | bigint;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Epoch ms, whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Bits of the key usage extension, the first one lowest (RFC 5280 §4.2.1.3). None: no such extension. */
  readonly keyUsage?: number;
  /** Basic constraints, if they are to be written. */
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly extendedKeyUsage?: readonly string[] | undefined;
  /** For timestamps it must be critical (RFC 3161 §2.3). */
  readonly extendedKeyUsageCritical?: boolean;
  /** Codes of a document type list, ICAO Doc 9303-12. */
  readonly documentCodes?: readonly string[] | undefined;
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
}

export interface DistinguishedName {
  /** Two letters. */
  readonly country?: string;
  readonly organization: string;
  readonly commonName: string;
}

/** Writes a certificate, version 3. */
export function writeCertificate(fields: CertificateFields, signer: X509Signer): Uint8Array {
  const { serial } = fields;
  return signed(signer, [
    context(0, integer(2)),
    integer(serial),
    algorithmOf(signer),
    nameOf(fields.issuer),
    sequence(time(fields.notBefore), time(fields.notAfter)),
    nameOf(fields.subject),
    fields.spki,
    context(3, sequence(...extensionsOf(fields))),
  ]);
}

/** What a list of revoked certificates says (RFC 5280 §5.1). */
export interface CrlFields {
  readonly issuer: DistinguishedName;
  readonly authorityKeyIdentifier: Uint8Array;
  /** Epoch ms, whole seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Serial numbers in hex. */
  readonly revoked: readonly { readonly serial: string; readonly since: number }[];
}

/** Writes a list of revoked certificates, version 2. */
export function writeCrl(fields: CrlFields, signer: X509Signer): Uint8Array {
  const entries = fields.revoked.map(({ serial, since }) => sequence(integer(BigInt(`0x${serial}`)), time(since)));
  return signed(signer, [
    integer(1),
    algorithmOf(signer),
    nameOf(fields.issuer),
    time(fields.thisUpdate),
    time(fields.nextUpdate),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    context(0, sequence(authorityKey(fields.authorityKeyIdentifier))),
  ]);
}

/** The signed data, the algorithm and the signature: a certificate or a list alike. */
function signed(signer: X509Signer, fields: readonly Uint8Array[]): Uint8Array {
  const tbs = sequence(...fields);
  return sequence(tbs, algorithmOf(signer), bitString(signer.sign(tbs)));
}

const algorithmOf = (signer: X509Signer): Uint8Array => sequence(oid(signer.oid));

const nameOf = ({ country, organization, commonName }: DistinguishedName): Uint8Array =>
  sequence(
    ...(country === undefined ? [] : [attribute('2.5.4.6', printableString(country))]),
    attribute('2.5.4.10', utf8String(organization)),
    attribute('2.5.4.3', utf8String(commonName)),
  );

const attribute = (type: string, value: Uint8Array): Uint8Array => setOf(sequence(oid(type), value));

function extensionsOf(fields: CertificateFields): Uint8Array[] {
  const { keyUsage, ca, pathLength, extendedKeyUsage, documentCodes } = fields;
  const { subjectKeyIdentifier, authorityKeyIdentifier } = fields;
  return [
    ...(keyUsage === undefined ? [] : [extension('2.5.29.15', namedBits(keyUsage), true)]),
    ...(ca === undefined ? [] : [extension('2.5.29.19', constraints(ca, pathLength), true)]),
    ...(extendedKeyUsage === undefined
      ? []
      : [extension('2.5.29.37', sequence(...extendedKeyUsage.map(oid)), fields.extendedKeyUsageCritical)]),
    ...(documentCodes === undefined
      ? []
      : [extension('2.23.136.1.1.6.2', sequence(integer(0), setOf(...documentCodes.map(printableString))))]),
    ...(subjectKeyIdentifier === undefined ? [] : [extension('2.5.29.14', octetString(subjectKeyIdentifier))]),
    ...(authorityKeyIdentifier === undefined ? [] : [authorityKey(authorityKeyIdentifier)]),
  ];
}

const constraints = (ca: boolean, pathLength: number | undefined): Uint8Array =>
  sequence(...(ca ? [boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])] : []));

const authorityKey = (identifier: Uint8Array): Uint8Array =>
  extension('2.5.29.35', sequence(contextPrimitive(0, identifier)));

const extension = (id: string, value: Uint8Array, critical = false): Uint8Array =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));

/** A BIT STRING of named bits: nothing after the last one that is set (X.690 §11.2.2). */
function namedBits(mask: number): Uint8Array {
  const count = 32 - Math.clz32(mask);
  const octets = new Uint8Array(Math.ceil(count / 8));
  for (let bit = 0; bit < count; bit++) if ((mask >>> bit) & 1) octets[bit >> 3]! |= 0x80 >> (bit & 7);
  return element(TAG.bitString, Uint8Array.of(octets.length * 8 - count), octets);
}
