import { finding } from './findings.ts';
import type { Finding, SharedDocument } from './generated/types.ts';
import { validateDocument } from './generated/validators.js';
import { beginOf, endOf, exists, timeOf } from './time.ts';

/**
 * Is this a well-formed shared document? By its schema, and by what a schema cannot say: dates exist and do not
 * contradict each other. In: what the map gave. Out: findings; WELL_FORMED alone if nothing is wrong.
 */
export function validateShared(document: Partial<SharedDocument>): Finding[] {
  if (!validateDocument(document)) {
    const error = validateDocument.errors?.[0];
    return [
      finding('DOCUMENT_INVALID', { at: error?.instancePath ?? '', detail: `${error?.keyword}: ${error?.message}` }),
    ];
  }
  const { validity = {}, status, usage, holder } = document;
  const begins = { issuedAt: momentBegin(validity.issuedAt), from: momentBegin(validity.from) };
  const until = validity.until === undefined ? undefined : endOf(validity.until);
  const contradictions: Finding[] = [];
  const real = (at: string, moment: string | undefined): void => {
    if (moment !== undefined && !exists(moment))
      contradictions.push(finding('DOCUMENT_INVALID', { at, detail: 'a date that does not exist' }));
  };
  real('/validity/issuedAt', validity.issuedAt);
  real('/validity/from', validity.from);
  real('/validity/until', validity.until);
  real('/status/asOf', status?.asOf);
  real('/usage/madeAt', usage?.madeAt);
  real('/usage/expiresAt', usage?.expiresAt);
  real('/holder/birthDate', wholeDay(holder?.birthDate));
  if (until !== undefined && begins.from !== undefined && until < begins.from)
    contradict('/validity/until', 'ends before it begins');
  if (until !== undefined && begins.issuedAt !== undefined && until < begins.issuedAt)
    contradict('/validity/until', 'ends before it was issued');
  if (usage?.madeAt !== undefined && usage.expiresAt !== undefined && endOf(usage.expiresAt) < beginOf(usage.madeAt))
    contradict('/usage/expiresAt', 'ends before the copy was made');
  // A partial birth date (1963) is compared by its beginning.
  if (
    holder?.birthDate !== undefined &&
    begins.issuedAt !== undefined &&
    timeOf(holder.birthDate) > begins.issuedAt + DAY_MS
  ) {
    contradict('/holder/birthDate', 'born after the document was issued');
  }
  return contradictions.length === 0 ? [finding('WELL_FORMED')] : contradictions;

  function contradict(at: string, detail: string): void {
    contradictions.push(finding('DATES_CONTRADICT', { at, detail }));
  }
}

/** Of a birth date that is known in part, its first day. */
const wholeDay = (date: string | undefined): string | undefined =>
  date === undefined || date.length === 10 ? date : date + '-01-01'.slice(date.length - 4);

const DAY_MS = 86_400_000;
const momentBegin = (moment: string | undefined): number | undefined =>
  moment === undefined ? undefined : beginOf(moment);
