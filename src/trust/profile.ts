import { Broken } from '../document/broken.ts';
import { type Certificate, isSelfIssued, KEY_USAGE } from './certificate.ts';
import { EXTENSION, extensionOf } from './extensions.ts';
import { readAltNames } from './path-extensions.ts';

/**
 * What RFC 5280 §4 demands of authorities that issue certificates. Paths are valid without it (§6 does not ask, and real
 * authorities differ), so it is asked for only where somebody wants to know whether certificates are made well.
 */

export type Role = 'anchor' | 'authority' | 'last';

interface Rule {
  /** In words. */
  readonly fault: string;
  readonly of: readonly Role[];
  readonly broken: (certificate: Certificate) => boolean;
}

const ALL: readonly Role[] = ['anchor', 'authority', 'last'];
const AUTHORITIES: readonly Role[] = ['anchor', 'authority'];
const ISSUED: readonly Role[] = ['authority', 'last'];

const critical = (certificate: Certificate, id: string): boolean | undefined =>
  certificate.extensions.get(id)?.critical;
const may = ({ keyUsage }: Certificate, bit: number): boolean => keyUsage !== undefined && (keyUsage & bit) !== 0;
const nameless = ({ subject }: Certificate): boolean => subject.parts.length === 0;
const isAuthority = ({ basicConstraints }: Certificate): boolean => basicConstraints?.ca === true;

const RULES: readonly Rule[] = [
  {
    fault: 'serial number is negative, zero or longer than 20 octets (§4.1.2.2)',
    of: ALL,
    broken: ({ serial }) => serial.startsWith('-') || /^0+$/.test(serial) || serialOctets(serial) > 20,
  },
  { fault: 'issuer without a name (§4.1.2.4)', of: ALL, broken: ({ issuer }) => issuer.parts.length === 0 },
  { fault: 'authority without a name (§4.1.2.6)', of: ALL, broken: (one) => isAuthority(one) && nameless(one) },
  {
    fault: 'no name of the subject, and alternative names are missing or not critical (§4.2.1.6)',
    of: ['last'],
    broken: (one) => nameless(one) && critical(one, EXTENSION.subjectAltName) !== true,
  },
  {
    fault: 'alternative names that cannot be read or are none (§4.2.1.6)',
    of: ALL,
    broken: (one) => extensionOf(one, EXTENSION.subjectAltName, readAltNames)?.length === 0,
  },
  {
    fault: 'authority key identifier is critical (§4.2.1.1)',
    of: ALL,
    broken: (one) => critical(one, EXTENSION.authorityKeyIdentifier) === true,
  },
  {
    fault: 'no identifier of the authority’s key (§4.2.1.1)',
    of: ALL,
    broken: (one) => !isSelfIssued(one) && one.authorityKeyIdentifier?.keyIdentifier === undefined,
  },
  {
    fault: 'subject key identifier is critical, or an authority has none (§4.2.1.2)',
    of: ALL,
    broken: (one) =>
      critical(one, EXTENSION.subjectKeyIdentifier) === true ||
      (isAuthority(one) && one.subjectKeyIdentifier === undefined),
  },
  {
    fault: 'key usage of an authority is missing or does not say that it signs certificates (§4.2.1.3)',
    of: AUTHORITIES,
    broken: (one) => !may(one, KEY_USAGE.keyCertSign),
  },
  {
    fault: 'key usage says that it signs certificates, basic constraints say that it is no authority (§4.2.1.3)',
    of: ALL,
    broken: (one) => may(one, KEY_USAGE.keyCertSign) && !isAuthority(one),
  },
  { fault: 'key usage without any use (§4.2.1.3)', of: ALL, broken: ({ keyUsage }) => keyUsage === 0 },
  {
    fault: 'basic constraints of an authority are missing or not critical (§4.2.1.9)',
    of: AUTHORITIES,
    broken: (one) => critical(one, EXTENSION.basicConstraints) !== true,
  },
  {
    fault: 'path length without being an authority that signs certificates (§4.2.1.9)',
    of: ALL,
    broken: (one) =>
      one.basicConstraints?.pathLength !== undefined && !(isAuthority(one) && may(one, KEY_USAGE.keyCertSign)),
  },
  {
    fault: 'name constraints are not critical (§4.2.1.10)',
    of: AUTHORITIES,
    broken: (one) => critical(one, EXTENSION.nameConstraints) === false,
  },
  {
    fault: 'name constraints of what is no authority (§4.2.1.10)',
    of: ISSUED,
    broken: (one) => one.extensions.has(EXTENSION.nameConstraints) && !isAuthority(one),
  },
  {
    fault: 'policy constraints or inhibit anyPolicy are not critical (§4.2.1.11, §4.2.1.14)',
    of: ALL,
    broken: (one) =>
      critical(one, EXTENSION.policyConstraints) === false || critical(one, EXTENSION.inhibitAnyPolicy) === false,
  },
  {
    fault: 'authority information access is critical (§4.2.2.1)',
    of: ALL,
    broken: (one) => critical(one, EXTENSION.authorityInfoAccess) === true,
  },
  {
    fault: 'freshest CRL is critical (§4.2.1.15)',
    of: ALL,
    broken: (one) => critical(one, EXTENSION.freshestCrl) === true,
  },
];

/** Octets of the number as DER writes it: one more where the first bit is set. */
const serialOctets = (serial: string): number => serial.length / 2 + (Number.parseInt(serial.slice(0, 2), 16) >> 7);

const faults = function* (certificate: Certificate, role: Role): Generator<string> {
  for (const { of, broken, fault } of RULES) if (of.includes(role) && broken(certificate)) yield fault;
};

/**
 * Which demand of §4 a certificate does not meet, in words; the first of them.
 *
 * @throws Broken for an extension that cannot be read
 */
export const profileFault = (certificate: Certificate, role: Role): string | undefined =>
  faults(certificate, role).next().value ?? undefined;

/** All of them, for whoever wants to tell the issuer. An extension that cannot be read is the last that is named. */
export function profileFaults(certificate: Certificate, role: Role): readonly string[] {
  const found: string[] = [];
  try {
    for (const fault of faults(certificate, role)) found.push(fault);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    found.push(`${error.part}: ${error.message}`);
  }
  return found;
}
