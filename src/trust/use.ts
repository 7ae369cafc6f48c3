import { type Certificate, KEY_USAGE } from './certificate.ts';
import { EXTENSION } from './extensions.ts';

/** What a certificate by itself may be used for (RFC 5280 §4.2), whoever issued it. */

/** Extensions that may be critical: they are processed, or bind nothing here. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  EXTENSION.subjectKeyIdentifier,
  EXTENSION.keyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.issuerAltName,
  EXTENSION.basicConstraints,
  EXTENSION.nameConstraints,
  EXTENSION.crlDistributionPoints,
  EXTENSION.certificatePolicies,
  EXTENSION.policyMappings,
  EXTENSION.authorityKeyIdentifier,
  EXTENSION.policyConstraints,
  EXTENSION.extendedKeyUsage,
  EXTENSION.freshestCrl,
  EXTENSION.inhibitAnyPolicy,
  EXTENSION.ocspNoCheck,
]);

/** §4.2: an unknown critical extension forbids use. */
export function criticalFault({ extensions }: Certificate): string | undefined {
  for (const [oid, { critical }] of extensions) {
    if (critical && !UNDERSTOOD.has(oid)) return `critical extension ${oid} is not understood`;
  }
  return undefined;
}

/** Why a certificate may not sign documents. RFC 5280 §4.2.1.3: where key usage is given, it must allow signing. */
export function signerFault(certificate: Certificate): string | undefined {
  const signing = KEY_USAGE.digitalSignature | KEY_USAGE.contentCommitment;
  if (certificate.keyUsage !== undefined && (certificate.keyUsage & signing) === 0)
    return 'its key usage does not allow signing documents';
  return criticalFault(certificate);
}
