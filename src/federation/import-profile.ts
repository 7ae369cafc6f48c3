import { decodeBase64 } from '../codec/base64url.ts';
import type { IssuerEntry } from '../document/generated/types.ts';
import { readCertificate } from '../trust/certificate.ts';
import { profileFaults, type Role } from '../trust/profile.ts';

/** What one or several issuers did not do as RFC 5280 §4 asks. Their certificates are imported all the same. */
export interface ProfileReport {
  readonly fault: string;
  readonly count: number;
  /** The first of them. */
  readonly keyIds: readonly string[];
}

const MOST_NAMED = 3;

/** In: entries that the importer has read, so that their certificates can be. Most frequent faults first. */
export function profileOf(entries: readonly IssuerEntry[], role: Role): ProfileReport[] {
  const byFault = new Map<string, string[]>();
  for (const { keyId, certificate } of entries) {
    if (certificate === undefined) continue;
    for (const fault of profileFaults(readCertificate(decodeBase64(certificate)), role)) {
      const keyIds = byFault.get(fault);
      if (keyIds === undefined) byFault.set(fault, [keyId]);
      else keyIds.push(keyId);
    }
  }
  return [...byFault]
    .map(([fault, keyIds]) => ({ fault, count: keyIds.length, keyIds: keyIds.slice(0, MOST_NAMED) }))
    .sort((one, other) => other.count - one.count);
}
