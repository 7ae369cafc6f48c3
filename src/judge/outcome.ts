import { finding } from '../document/findings.ts';
import type { Finding, Localized, Outcome } from '../document/generated/types.ts';

interface OutcomeRow {
  readonly outcome: Outcome;
  readonly word: Localized;
  /** Said where no finding says more. */
  readonly sentence: Localized;
  /** The findings that bring this outcome about, if there are any. */
  decisive(finding: Finding): boolean;
}

/**
 * The four outcomes in order of precedence: the first row with a decisive finding wins, and the last needs none.
 * Proof of forgery, tampering or revocation → refuse; else authenticity unknown → undetermined (later failures are
 * listed but do not decide); else any failure → refuse; else anything unknown, or left unchecked, → undetermined;
 * else an open action → conditional; else accept. "Cannot tell" is never shown as "invalid".
 */
export const OUTCOMES: readonly OutcomeRow[] = [
  row('refuse', '不予认可', 'Not accepted', (f) => f.result === 'fail' && f.severity === 'proof'),
  row(
    'undetermined',
    '无法判定',
    'Cannot tell',
    (f) => f.severity === 'authenticity' && (f.result === 'unknown' || f.result === 'fail'),
  ),
  row('refuse', '不予认可', 'Not accepted', (f) => f.result === 'fail'),
  row(
    'undetermined',
    '无法判定',
    'Cannot tell',
    (f) => f.severity !== 'notice' && (f.result === 'unknown' || f.result === 'skipped'),
  ),
  row('conditional', '需核', 'Check needed', (f) => f.result === 'open'),
];

const ACCEPT: Omit<OutcomeRow, 'decisive'> = {
  outcome: 'accept',
  word: Object.freeze({ zh: '认可', en: 'Accepted' }),
  sentence: Object.freeze({
    zh: '签名可信，在有效期内，本地区认可此类证照。',
    en: 'The signature is trusted, it is within its validity, and this region recognises it.',
  }),
};

function row(outcome: Outcome, zh: string, en: string, decisive: (finding: Finding) => boolean): OutcomeRow {
  const word = Object.freeze({ zh, en });
  return { outcome, word, sentence: word, decisive };
}

export interface Decision {
  readonly outcome: Outcome;
  readonly word: Localized;
  readonly sentence: Localized;
  readonly next: Localized | undefined;
  /** Codes of the findings that decided. */
  readonly reasons: readonly string[];
}

/**
 * All findings → one outcome, its sentence and the next step. That nothing speaks against a document is no reason to
 * accept it: where no check proved who made it, that alone makes it undetermined.
 */
export function decide(found: readonly Finding[]): Decision {
  const proven = found.some(({ severity, result }) => severity === 'proof' && result === 'pass');
  return outcomeOf(proven ? found : [...found, finding('NOT_CHECKED')]);
}

/** The same precedence, for findings that do not have to prove who made something: those about several documents. */
export function outcomeOf(findings: readonly Finding[], accepted: Localized = ACCEPT.sentence): Decision {
  for (const candidate of OUTCOMES) {
    const main = findings.find(candidate.decisive);
    if (main === undefined) continue;
    return {
      outcome: candidate.outcome,
      word: candidate.word,
      sentence: main.message,
      next: main.next,
      reasons: [...new Set(findings.filter(candidate.decisive).map(({ code }) => code))],
    };
  }
  return { ...ACCEPT, sentence: accepted, next: undefined, reasons: [] };
}
