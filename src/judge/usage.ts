import { finding } from '../document/findings.ts';
import type { Finding, SharedDocument } from '../document/generated/types.ts';
import { beginOf, endOf, exists } from '../document/time.ts';

export interface UsageQuestion {
  readonly purpose: string;
  /** Epoch ms. */
  readonly now: number;
  /** How far clocks may differ, ms. */
  readonly tolerance: number;
}

/**
 * May a copy that was made for one use (加注件) be used for this? In: what is noted on the copy, and the purposes of the
 * catalogue by their codes and names. A use that is none of these is written for people, and people compare it: the copy
 * is good once somebody has.
 */
export function judgeUsage(
  usage: NonNullable<SharedDocument['usage']>,
  purposes: ReadonlyMap<string, string>,
  { purpose, now, tolerance }: UsageQuestion,
): Finding[] {
  const { madeAt, expiresAt } = usage;
  const findings: Finding[] = [];
  if (madeAt !== undefined && exists(madeAt) && beginOf(madeAt) > now + tolerance)
    findings.push(finding('USAGE_NOT_YET', { at: '/usage/madeAt' }));
  if (expiresAt !== undefined && exists(expiresAt) && endOf(expiresAt) < now - tolerance)
    findings.push(finding('USAGE_EXPIRED', { at: '/usage/expiresAt' }));
  const stated = usage.purpose === undefined ? undefined : purposes.get(usage.purpose);
  if (stated === undefined) findings.push(finding('USAGE_TO_COMPARE', { at: '/usage/purpose' }));
  else if (stated !== purpose) findings.push(finding('PURPOSE_DENIED', { at: '/usage/purpose' }));
  return findings;
}
