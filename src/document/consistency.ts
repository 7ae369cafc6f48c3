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
  const issuedAt = begin(validity.issuedAt);
  const from = begin(validity.from);
  const until = end(validity.until);
  const faults: Finding[] = [];
  const say = (
    at: string,
    detail: string,
    code: 'DOCUMENT_INVALID' | 'DATES_CONTRADICT' = 'DATES_CONTRADICT',
  ): void => {
    faults.push(finding(code, { at, detail }));
  };
  const real = (at: string, moment: string | undefined): void => {
    if (moment !== undefined && !exists(moment)) say(at, 'a date that does not exist', 'DOCUMENT_INVALID');
  };
  real('/validity/issuedAt', validity.issuedAt);
  real('/validity/from', validity.from);
  real('/validity/until', validity.until);
  real('/status/asOf', status?.asOf);
  real('/usage/madeAt', usage?.madeAt);
  real('/usage/expiresAt', usage?.expiresAt);
  real('/holder/birthDate', wholeDay(holder?.birthDate));
  const steered = steeredAt(document);
  if (steered !== undefined) say(steered, 'a sign that steers the text', 'DOCUMENT_INVALID');
  if (until < from) say('/validity/until', 'ends before it begins');
  if (until < issuedAt) say('/validity/until', 'ends before it was issued');
  if (end(usage?.expiresAt) < begin(usage?.madeAt)) say('/usage/expiresAt', 'ends before the copy was made');
  // A partial birth date (1963) is compared by its beginning.
  if (holder?.birthDate !== undefined && timeOf(holder.birthDate) > issuedAt + DAY_MS)
    say('/holder/birthDate', 'born after the document was issued');
  return faults.length === 0 ? [finding('WELL_FORMED')] : faults;
}

/**
 * All but these: controls, and signs that turn text round. An officer would compare a plate that reads otherwise than it was signed.
 * Line ends and tabs stand in genuine texts, as do the controls beyond 7F, which are letters in an old encoding and are not shown. The
 * last four are letters that fill a place and are not seen: in a name of these there is nothing to compare.
 */
const STEERING = /[^\t\n\r -~\x80-\u115e\u1161-\u2029\u202f-\u2065\u206a-\u3163\u3165-\uff9f\uffa1-\uffff]/;

/** Where the first text with such a sign stands. No name in a shared document needs escaping in a pointer. */
function steeredAt(value: unknown): string | undefined {
  if (typeof value === 'string') return STEERING.test(value) ? '' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  // By a list of the names: `for … in` takes ten times as long here.
  for (const name of Object.keys(value)) {
    const below = steeredAt((value as Record<string, unknown>)[name]);
    if (below !== undefined) return `/${name}${below}`;
  }
  return undefined;
}

/** Of a birth date that is known in part, its first day. */
const wholeDay = (date: string | undefined): string | undefined =>
  date === undefined || date.length === 10 ? date : date + '-01-01'.slice(date.length - 4);

const DAY_MS = 86_400_000;
/** NaN where nothing is said: that is neither before nor after anything. */
const begin = (moment: string | undefined): number => (moment === undefined ? Number.NaN : beginOf(moment));
const end = (moment: string | undefined): number => (moment === undefined ? Number.NaN : endOf(moment));
