import { finding } from './findings.ts';
import type { Finding, SharedDocument } from './generated/types.ts';
import { validateDocument } from './generated/validators.js';
import { beginOf, endOf } from './time.ts';

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
  const { validity = {}, holder } = document;
  const begins = { issuedAt: momentBegin(validity.issuedAt), from: momentBegin(validity.from) };
  const until = validity.until === undefined ? undefined : endOf(validity.until);
  const contradictions: Finding[] = [];
  for (const [name, ms] of [...Object.entries(begins), ['until', until] as const]) {
    if (ms !== undefined && Number.isNaN(ms))
      contradictions.push(
        finding('DOCUMENT_INVALID', { at: `/validity/${name}`, detail: 'a date that does not exist' }),
      );
  }
  if (until !== undefined && begins.from !== undefined && until < begins.from)
    contradict('/validity/until', 'ends before it begins');
  if (until !== undefined && begins.issuedAt !== undefined && until < begins.issuedAt)
    contradict('/validity/until', 'ends before it was issued');
  // A partial birth date (1963) is compared by its beginning.
  if (
    holder?.birthDate !== undefined &&
    begins.issuedAt !== undefined &&
    Date.parse(holder.birthDate) > begins.issuedAt + DAY_MS
  ) {
    contradict('/holder/birthDate', 'born after the document was issued');
  }
  return contradictions.length === 0 ? [finding('WELL_FORMED')] : contradictions;

  function contradict(at: string, detail: string): void {
    contradictions.push(finding('DATES_CONTRADICT', { at, detail }));
  }
}

const DAY_MS = 86_400_000;
const momentBegin = (moment: string | undefined): number | undefined =>
  moment === undefined ? undefined : beginOf(moment);
