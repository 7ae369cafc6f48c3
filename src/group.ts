import type { Platform } from './crypto/platform.ts';
import { digestsOf } from './crypto/salted.ts';
import type { GroupVerdict, SharedDocument, Verdict } from './document/generated/types.ts';
import { instantOf } from './document/time.ts';
import { bytesOf, type Presented } from './format/open.ts';
import type { Journey, Question } from './journey.ts';
import { inOwnWords } from './judge/next-steps.ts';
import { outcomeOf } from './judge/outcome.ts';
import { judgeTogether, type TogetherMember, type TogetherQuestion } from './judge/together.ts';
import type { Standpoint } from './region/standpoint.ts';

/** More documents than any case has: each costs a journey. */
export const MOST_MEMBERS = 20;

/** One document of a case, after its own journey. */
export interface GroupMember {
  readonly walked: Journey;
  /** The verdict that is given of it, where something behind the journey changed it. */
  readonly verdict?: Verdict;
  readonly presented: Presented;
  /** The role it was given for, if anything was said. */
  readonly role?: string;
}

export interface GroupQuestion extends Question, TogetherQuestion {}

/**
 * The documents of one case → one verdict: the outcome by the precedence of all verdicts, how they fit together, and each
 * one's own. In: their journeys, all of this standpoint and question. Synchronous; no order of theirs changes the outcome.
 * Errors: RangeError for no documents, too many, or a composition that the standpoint does not have.
 */
export function judgeGroup(
  members: readonly GroupMember[],
  standpoint: Standpoint,
  question: GroupQuestion,
  platform: Platform,
): GroupVerdict {
  if (members.length === 0 || members.length > MOST_MEMBERS)
    throw new RangeError(`a group has 1 to ${MOST_MEMBERS} documents`);
  const { compositions } = standpoint;
  if (question.composition !== undefined && !compositions.all.some(({ id }) => id === question.composition))
    throw new RangeError(`no composition "${question.composition}"`);
  const digests = digestsOf(platform);
  const taken = members.map((member, i) => memberOf(member, i + 1, digests.of));
  const { composition, roles, findings } = judgeTogether(taken, compositions, question, digests);
  const decision = outcomeOf(findings, ALL_ACCEPTED);
  const { outcome, word, sentence, reasons } = decision;
  const { next, findings: worded } = inOwnWords(decision, findings, standpoint.nextSteps, question.purpose);
  const { at, occupants } = question;
  return {
    outcome,
    word,
    sentence,
    ...(next === undefined ? {} : { next }),
    reasons: [...reasons],
    federation: standpoint.federation,
    environment: standpoint.environment,
    region: standpoint.region,
    purpose: question.purpose,
    clock: { at: instantOf(at ?? standpoint.clock()), source: at === undefined ? 'system' : 'stated' },
    ...(composition === undefined
      ? {}
      : { composition: { id: composition.id, name: composition.name, basis: composition.basis } }),
    ...(occupants === undefined ? {} : { occupants }),
    findings: [...worded],
    members: members.map((member, i) => {
      const role = roles.get(i + 1);
      return {
        ...(role === undefined ? {} : { role: { id: role.role, name: role.name } }),
        verdict: verdictOf(member),
      };
    }),
  };
}

const ALL_ACCEPTED = {
  zh: '每份证照均被认可，证照齐全，相互一致。',
  en: 'Every document is accepted, they are complete, and they agree with each other.',
};

const verdictOf = ({ verdict, walked }: GroupMember): Verdict => verdict ?? walked.verdict;

function memberOf(member: GroupMember, number: number, digestOf: (handed: Uint8Array) => string): TogetherMember {
  const { walked, presented, role } = member;
  const { outcome, next, authentic } = verdictOf(member);
  const document = walked.converted?.document;
  // Only of a sound document does a verdict show anything.
  const whole = authentic === true ? (document as SharedDocument) : undefined;
  let digests: readonly string[] | undefined;
  return {
    number,
    type: document?.docType?.code,
    stated: role,
    key: keyOf(whole, number),
    outcome,
    next,
    stands: whole !== undefined && (outcome === 'accept' || outcome === 'conditional'),
    document: whole,
    digests() {
      digests ??= formsOf(bytesOf(presented)).map(digestOf);
      return digests;
    },
  };
}

/**
 * The same document, handed in twice: by its number within its issuer's region, whatever it is written in. What no key
 * vouches for is itself alone.
 */
const keyOf = (document: SharedDocument | undefined, number: number): string =>
  document === undefined
    ? `#${number}`
    : JSON.stringify([document.issuer.region, document.docType.code, document.docId]);

/** A document as it came, and without the line end that a file or a scanner may add. */
function formsOf(bytes: Uint8Array): Uint8Array[] {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end -= 1;
  return end === bytes.length ? [bytes] : [bytes, bytes.subarray(0, end)];
}
