import { finding } from '../document/findings.ts';
import type { Finding } from '../document/generated/types.ts';

/**
 * What is said of a verdict as of the time of signing. It is never a plain acceptance: an archived document that has
 * expired must not look like one that is valid. In: what the time rests on; undefined if there is none.
 */
export function archiveFindings(source: 'seal' | 'document' | undefined): Finding[] {
  if (source === undefined) return [finding('AS_OF_SIGNING'), finding('SIGNING_TIME_UNKNOWN')];
  const detail = source === 'seal' ? 'by the time in the signature' : 'by the time of issue that the document states';
  return [finding('AS_OF_SIGNING'), finding('SIGNING_TIME_CLAIMED', { detail })];
}
