import { FINDINGS, finding } from '../document/findings.ts';
import type { Finding, Localized, Medium, SharedDocument } from '../document/generated/types.ts';
import type { PresentingRule } from '../document/presenting.ts';
import { beginOf, endOf, exists } from '../document/time.ts';

/** What the officer's side asked the holder's app: only an answer made for it counts. */
export interface Challenge {
  /** Who asks: a region and a place in it. */
  readonly audience: string;
  /** Made for one showing, by whoever asks; that it is used once is the asker's to see to. */
  readonly nonce: string;
  /** Of a question to a region's system: what was asked for (SM3, base64url), which the answer has to name. */
  readonly answersTo?: string;
}

/** How a document was shown. */
export interface Showing {
  /** Unknown if absent, and then taken for a screen. */
  readonly medium?: Medium | undefined;
  /** `not-open`: one was named that the asker has not made, or whose time is over. */
  readonly challenge?: Challenge | 'not-open' | undefined;
}

export interface ShowingQuestion extends Showing {
  readonly purpose: string;
  /** The verifying region and those it stands under: a code may be made for one of them. */
  regions(): readonly string[];
  /** Epoch ms. */
  readonly now: number;
}

/** How far clocks may differ over documents that live for minutes, ms: a minute more would double the life of a picture. */
const SHORT_LIVED_TOLERANCE_MS = 10_000;
const SHORT_LIVED_SECONDS = 3_600;

/** What is to be done about a code that is a minute old: no authority has to issue another. */
const SHOW_ANEW = FINDINGS.REPLAYED.next;

/**
 * How far clocks may differ, ms, and what to do about a document that has expired, if it lives shortly. In: how far they may
 * for documents that live long.
 */
export const timesOf = ({ seconds }: PresentingRule, most: number): [tolerance: number, expired?: Localized] =>
  seconds !== undefined && seconds <= SHORT_LIVED_SECONDS
    ? [Math.min(most, SHORT_LIVED_TOLERANCE_MS), SHOW_ANEW]
    : [most];

/** Was it shown as documents of its kind are, to whom and for what it was made? */
export function judgePresented(
  document: Partial<SharedDocument>,
  question: ShowingQuestion,
  rule: PresentingRule,
): Finding[] {
  const { presentation, validity } = document;
  const findings = [...livesTooLong(validity, rule, question.now), ...judgeMedium(question.medium, rule)];
  const met = judgeChallenge(presentation, question);
  findings.push(...met);
  // An answer to a challenge is fresh, and good nowhere else.
  const answered = met.some(({ code }) => code === 'CHALLENGE_MET');
  if (presentation?.onceId !== undefined && !answered) findings.push(finding('REPLAY_UNCHECKED'));
  return findings;
}

/** A limit on life is worth nothing if the document may leave out when it ends, or says that it ends in a year. */
function livesTooLong(
  validity: SharedDocument['validity'] | undefined,
  { seconds }: PresentingRule,
  now: number,
): Finding[] {
  if (seconds === undefined || validity === undefined) return [];
  const { issuedAt, from, until } = validity;
  const begins = issuedAt ?? from;
  // A date that does not exist is reported where the document is validated.
  if ([begins, until].some((moment) => moment !== undefined && !exists(moment))) return [];
  const life = until === undefined ? Infinity : endOf(until) - (begins === undefined ? now : beginOf(begins));
  if (life <= seconds * 1_000) return [];
  return [finding('CODE_LIVES_TOO_LONG', { at: '/validity/until', detail: `at most ${seconds} seconds` })];
}

const REFUSED = { screen: 'SCREEN_REFUSED', paper: 'PAPER_REFUSED' } as const;

function judgeMedium(medium: Medium = 'screen', rule: PresentingRule): Finding[] {
  const worth = rule[medium];
  if (worth === 'good') return [];
  return [finding(worth === 'check' ? 'IDENTITY_CHECK_NEEDED' : REFUSED[medium])];
}

const AT = '/presentation';

/** A code made for one place, purpose or challenge is refused at another: it was passed on. */
function judgeChallenge(presentation: SharedDocument['presentation'] = {}, question: ShowingQuestion): Finding[] {
  const { challenge, purpose } = question;
  const findings: Finding[] = [];
  if (presentation.purpose !== undefined && presentation.purpose !== purpose)
    findings.push(finding('PURPOSE_MISMATCH', { at: `${AT}/purpose` }));
  if (challenge === 'not-open') return [...findings, finding('CHALLENGE_NOT_OPEN')];
  const { audience, nonce } = presentation;
  if (challenge === undefined) {
    if (audience !== undefined && !question.regions().includes(audience))
      findings.push(finding('AUDIENCE_MISMATCH', { at: `${AT}/audience` }));
    if (nonce !== undefined) findings.push(finding('NONCE_MISMATCH', { at: `${AT}/nonce`, detail: 'no challenge' }));
    return findings;
  }
  if (challenge.answersTo !== undefined) {
    // Not the holder's doing: an answer to somebody else, or an old one, came from the region or from in between.
    const ours = audience === challenge.audience && nonce === challenge.nonce;
    const met = ours && presentation.answersTo === challenge.answersTo;
    return [...findings, finding(met ? 'CHALLENGE_MET' : 'ANSWER_MISMATCH', { at: AT })];
  }
  if (audience !== challenge.audience) findings.push(finding('AUDIENCE_MISMATCH', { at: `${AT}/audience` }));
  if (nonce !== challenge.nonce) findings.push(finding('NONCE_MISMATCH', { at: `${AT}/nonce` }));
  return findings.length === 0 ? [finding('CHALLENGE_MET')] : findings;
}
