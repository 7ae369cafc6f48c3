import { type FindingCode, finding } from '../document/findings.ts';
import type { Finding, Localized, SharedDocument, StatusStanding } from '../document/generated/types.ts';
import { type StatusTable, standingOf } from '../document/statuses.ts';

const FINDING_OF: Readonly<Record<Exclude<StatusStanding, 'clear'>, FindingCode>> = {
  note: 'STATUS_NOT_CLEAR',
  refuse: 'STATUS_REFUSED',
  unknown: 'STATUS_UNDETERMINED',
};

/**
 * What follows from the state that a document says it is in, by the catalogue. In: how to object to it, where the issuing
 * region says. A state that is not clear and names neither reason nor authority is told as such: states have been set for
 * other ends than those they stand for, and without both nobody can object.
 */
export function judgeStatus(
  status: NonNullable<SharedDocument['status']>,
  statuses: StatusTable,
  objection: Localized | undefined,
): Finding[] {
  const standing = standingOf(statuses, status.canonical);
  if (standing === 'clear') return [];
  // Where it decides, whoever stands at the checkpoint is told what to do; how to object is beside the state (verdict.status).
  const next = objection === undefined || standing !== 'note' ? {} : { next: objection };
  const missing = [
    ...(status.reasonCode === undefined ? ['no reason'] : []),
    ...(status.authority === undefined ? ['no authority'] : []),
  ];
  return [
    finding(FINDING_OF[standing], { at: '/status/canonical', ...next }),
    ...(missing.length === 0
      ? []
      : [finding('STATUS_UNEXPLAINED', { at: '/status', detail: missing.join(', '), ...next })]),
  ];
}
