import { finding } from '../document/findings.ts';
import type { Finding, Localized, SharedDocument } from '../document/generated/types.ts';
import { beginOf, endOf, exists } from '../document/time.ts';

/**
 * Is the document valid now? In: its validity, now (epoch ms), how far clocks may differ (ms), and what is
 * to be done about one that has expired, if that is not to have it reissued. A document issued
 * in the future is not valid yet: an issuer's clock that runs ahead must not make tomorrow's documents good today.
 */
export function judgeValidity(
  validity: SharedDocument['validity'],
  now: number,
  tolerance: number,
  expired?: Localized,
): Finding[] {
  const { issuedAt, from, until } = validity;
  const findings: Finding[] = [];
  // A date that does not exist compares with nothing; that it is wrong is said where the document is validated.
  if (!isReal(issuedAt) || !isReal(from) || !isReal(until)) return findings;
  const soon = now + tolerance;
  if (from !== undefined && beginOf(from) > soon) findings.push(finding('NOT_YET_VALID', { at: '/validity/from' }));
  else if (issuedAt !== undefined && beginOf(issuedAt) > soon)
    findings.push(finding('NOT_YET_VALID', { at: '/validity/issuedAt' }));
  if (until !== undefined && endOf(until) < now - tolerance)
    findings.push(finding('EXPIRED', { at: '/validity/until', ...(expired === undefined ? {} : { next: expired }) }));
  return findings.length === 0 ? [finding('WITHIN_VALIDITY')] : findings;
}

const isReal = (moment: string | undefined): boolean => moment === undefined || exists(moment);
