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
  const at = steeredAt(document);
  if (at !== undefined) contradictions.push(finding('DOCUMENT_INVALID', { at, detail: 'a sign that steers the text' }));
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

/**
 * Controls, and signs that turn text round: an officer would compare a plate that reads otherwise than it was signed. Line ends and
 * tabs stand in genuine texts, as do the controls beyond 7F, which are letters in an old encoding and are not shown.
 */
const STEERING = /[^\P{Cc}\t\n\r\u0080-\u009f]|[\u202a-\u202e\u2066-\u2069]/u;

/** Where the first text with such a sign stands. No name in a shared document needs escaping in a pointer. */
function steeredAt(value: unknown): string | undefined {
  if (typeof value !== 'object') return STEERING.test(String(value)) ? '' : undefined;
  for (const name in value) {
    const below = steeredAt(value[name as keyof typeof value]);
    if (below !== undefined) return `/${name}${below}`;
  }
  return undefined;
}

/** Of a birth date that is known in part, its first day. */
const wholeDay = (date: string | undefined): string | undefined =>
  date === undefined || date.length === 10 ? date : date + '-01-01'.slice(date.length - 4);

const DAY_MS = 86_400_000;
const momentBegin = (moment: string | undefined): number | undefined =>
  moment === undefined ? undefined : beginOf(moment);
