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

/** What a certificate for the signers and makers of seals says (RFC 5280 §4.1, GB/T 20518). */
export interface CertificateFields {
  /** Positive. */
  readonly serial: Uint8Array | number;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Epoch ms, whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Bits of the key usage extension, the first one lowest (RFC 5280 §4.2.1.3). */
  readonly keyUsage: number;
  /** Basic constraints are written for an authority only. */
  readonly ca?: boolean;
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
}

export interface DistinguishedName {
  /** Two letters. */
  readonly country: string;
  readonly organization: string;
  readonly commonName: string;
}

/**
 * Writes a certificate signed with SM2 and SM3. The platforms cannot make one, and the reference federation needs
 * fresh ones.
 *
 * @param sign gives r‖s over the TBSCertificate
 */
export function writeSm2Certificate(fields: CertificateFields, sign: (data: Uint8Array) => Uint8Array): Uint8Array {
  const algorithm = sequence(oid(SM2_WITH_SM3));
  const tbs = sequence(
    context(0, integer(2)),
    integer(fields.serial),
    algorithm,
    nameOf(fields.issuer),
    sequence(time(fields.notBefore), time(fields.notAfter)),
    nameOf(fields.subject),
    fields.spki,
    context(3, sequence(...extensionsOf(fields))),
  );
  return sequence(tbs, algorithm, bitString(derFromRaw(sign(tbs))));
}

const nameOf = ({ country, organization, commonName }: DistinguishedName): Uint8Array =>
  sequence(
    attribute('2.5.4.6', printableString(country)),
    attribute('2.5.4.10', utf8String(organization)),
    attribute('2.5.4.3', utf8String(commonName)),
  );

const attribute = (type: string, value: Uint8Array): Uint8Array => setOf(sequence(oid(type), value));

function extensionsOf(fields: CertificateFields): Uint8Array[] {
  const { keyUsage, ca, extendedKeyUsage, subjectKeyIdentifier, authorityKeyIdentifier } = fields;
  return [
    extension('2.5.29.15', namedBits(keyUsage), true),
    ...(ca ? [extension('2.5.29.19', sequence(boolean(true)), true)] : []),
    ...(extendedKeyUsage ? [extension('2.5.29.37', sequence(...extendedKeyUsage.map(oid)))] : []),
    ...(subjectKeyIdentifier ? [extension('2.5.29.14', octetString(subjectKeyIdentifier))] : []),
    ...(authorityKeyIdentifier ? [extension('2.5.29.35', sequence(contextPrimitive(0, authorityKeyIdentifier)))] : []),
  ];
}

const extension = (id: string, value: Uint8Array, critical = false): Uint8Array =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));

/** A BIT STRING of named bits: nothing after the last one that is set (X.690 §11.2.2). */
function namedBits(mask: number): Uint8Array {
  const count = 32 - Math.clz32(mask);
  const octets = new Uint8Array(Math.ceil(count / 8));
  for (let bit = 0; bit < count; bit++) if ((mask >>> bit) & 1) octets[bit >> 3]! |= 0x80 >> (bit & 7);
  return element(TAG.bitString, Uint8Array.of(octets.length * 8 - count), octets);
}
