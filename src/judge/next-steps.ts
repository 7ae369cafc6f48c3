import type { FindingRow } from '../document/findings/row.ts';
import { FINDINGS, type FindingCode } from '../document/findings.ts';
import type { Finding, Localized, NextStepList } from '../document/generated/types.ts';
import { sendsForLocalCode } from '../document/local-code.ts';
import { type Decision, OUTCOMES } from './outcome.ts';

/**
 * What an officer is to do where nobody can tell, in the words of the verifying region. In: the code of a finding, and the purpose.
 * Undefined where the region words nothing: then the catalogue's next step is said.
 */
export type NextSteps = (finding: string, purpose: string) => Localized | undefined;

/** Whether a finding of this code can leave a verdict undetermined. */
const isCause = (code: string): code is FindingCode =>
  Object.hasOwn(FINDINGS, code) &&
  OUTCOMES.some(
    ({ outcome, decisive }) => outcome === 'undetermined' && decisive({ code, ...FINDINGS[code as FindingCode] }),
  );

/** @throws Error where a row is for no such finding, says what another says already, or sends somebody for a local code */
export function checkNextSteps({ nextSteps }: NextStepList): void {
  const worded = new Set<string>();
  for (const [i, { finding, purposes = [''], next }] of nextSteps.entries()) {
    const at = `/nextSteps/${i}`;
    if (!isCause(finding)) throw new Error(`${at}/finding: ${finding} leaves no verdict undetermined`);
    if (sendsForLocalCode(next)) throw new Error(`${at}/next: nobody is sent for a local code`);
    for (const purpose of purposes) {
      const name = `${finding} ${purpose}`;
      if (worded.has(name)) throw new Error(`${at}/finding: ${finding} is worded already`);
      worded.add(name);
    }
  }
}

/** In: the lists of the verifying region and those it stands under, nearest first. Within a list, words for the purpose come first. */
export function nextStepsOf(lists: readonly NextStepList[]): NextSteps {
  const books = lists.map(
    ({ nextSteps }) =>
      new Map(
        nextSteps.flatMap(({ finding, purposes = [''], next }) =>
          purposes.map((purpose) => [`${finding} ${purpose}`, Object.freeze(next)] as const),
        ),
      ),
  );
  return (finding, purpose) => {
    for (const book of books) {
      const found = book.get(`${finding} ${purpose}`) ?? book.get(`${finding} `);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/**
 * The same decision in the region's words: what decided that nobody can tell says what to do there. Where a rule or an agreement
 * worded the step for this very document, that stays.
 */
export function inOwnWords(
  decision: Decision,
  findings: readonly Finding[],
  nextSteps: NextSteps,
  purpose: string,
): { readonly next: Localized | undefined; readonly findings: readonly Finding[] } {
  const { outcome, reasons, next } = decision;
  if (outcome !== 'undetermined') return { next, findings };
  const worded = (code: string, before: Localized | undefined): Localized | undefined => {
    const row: FindingRow = FINDINGS[code as FindingCode];
    return before === row.next ? nextSteps(code, purpose) : undefined;
  };
  return {
    next: worded(reasons[0]!, next) ?? next,
    findings: findings.map((each) => {
      const own = reasons.includes(each.code) ? worded(each.code, each.next) : undefined;
      return own === undefined ? each : { ...each, next: own };
    }),
  };
}
