import { encodeHex } from '../codec/hex.ts';
import { signatureName } from '../codec/signature.ts';
import { sm3 } from '../crypto/sm3.ts';
import { type FindingCode, finding } from '../document/findings.ts';
import type { Verdict } from '../document/generated/types.ts';
import { endOf } from '../document/time.ts';
import type { Journey } from '../journey.ts';
import { withFindings } from '../region/verdict.ts';
import type { Answered, Challenges } from '../store/challenges.ts';
import { StoreError } from '../store/error.ts';
import type { ReplayMemory } from '../store/replay.ts';
import { CLOCK_TOLERANCE_MS } from '../trust/authenticate.ts';

/** Where a document was shown, and on which device. */
export interface Place {
  /** Its code, where one is named; regions may share a checkpoint. */
  readonly checkpoint?: string | undefined;
  /** The caller's id, or the lane's. Whoever names no checkpoint is one place by itself. */
  readonly device: string;
  /** Of the challenge that the journey was asked with. */
  readonly nonce?: string | undefined;
}

/** What a gateway remembers of what it was shown. */
export interface Memory {
  readonly replay: ReplayMemory;
  readonly challenges: Challenges;
}

export interface Settling {
  memory(): Promise<Memory>;
  /** Epoch ms. */
  readonly clock: () => number;
  /** Told of a memory that cannot be asked. */
  failed?(error: StoreError): void;
}

export const placeOf = ({ checkpoint, device }: Place): string => checkpoint ?? `caller/${device}`;

const MOST_ID = 200;
const utf8 = new TextEncoder();

/**
 * What the journey has to leave open, because it is synchronous and knows of no database: was this one-time code accepted
 * somewhere else before, and has this challenge been answered before? A picture of somebody's code travels faster than he
 * does. In: what the journey gave. Out: the verdict to be given. Whoever leaves this step out, or cannot reach the memory of
 * one-time codes, has a verdict that says so (REPLAY_UNCHECKED) and asks for a face check. Everybody who gives verdicts comes
 * through here. Errors: StoreError where a challenge cannot be used up: then nobody knows whether it is the first answer.
 */
export function settle(walked: Journey, place: Place, settling: Settling): Verdict | Promise<Verdict> {
  const { verdict } = walked;
  if (place.nonce !== undefined && stands(verdict) && says(verdict, 'CHALLENGE_MET'))
    return useUp(walked, place.nonce, settling);
  const shown = oneTimeOf(walked);
  return shown === undefined ? verdict : askReplay(verdict, shown, place, settling);
}

/** A one-time code: whose it is, its id, and until when it is good (RFC 3339). */
export interface OneTime {
  readonly region: string;
  readonly onceId: string;
  readonly until: string;
}

/** What a memory has to be asked about what was shown; undefined where nothing is open. */
export function oneTimeOf({ verdict, evidence, converted }: Journey): OneTime | undefined {
  // A stated time is no showing, nor is the time of signing: ids are forgotten when their codes have expired.
  const now = verdict.clock.source === 'system' && verdict.asOf === undefined;
  if (!now || !stands(verdict) || !says(verdict, 'REPLAY_UNCHECKED')) return undefined;
  const { presentation, validity } = converted!.document;
  // One that says no end was refused before.
  return { region: evidence!.key!.region, onceId: presentation!.onceId!, until: validity!.until! };
}

/**
 * Only what a trusted key signed and would be accepted is asked about and remembered: nobody's code is used up by a place
 * that does not take it, and strangers do not fill the memory.
 */
const stands = ({ outcome }: Verdict): boolean => outcome === 'accept' || outcome === 'conditional';
const says = ({ findings }: Verdict, code: FindingCode): boolean => findings.some((each) => each.code === code);

const ANSWERS: Readonly<Record<Answered, FindingCode>> = {
  first: 'CHALLENGE_MET',
  // The officer looks twice.
  again: 'CHALLENGE_MET',
  used: 'CHALLENGE_USED',
  over: 'CHALLENGE_NOT_OPEN',
};

/** One challenge, one document: named by its signature, which is another one with each code that an app makes. */
async function useUp({ verdict, evidence, opened }: Journey, nonce: string, settling: Settling): Promise<Verdict> {
  const { challenges } = await settling.memory();
  const signed = utf8.encode(`${evidence!.key!.region}\n${signatureName(opened!.proof.signature)}`);
  const answered = await challenges.answer(nonce, encodeHex(sm3(signed)), settling.clock());
  return told(verdict, 'CHALLENGE_MET', ANSWERS[answered]);
}

/** The same for what another thread walked (threads/). */
export async function askReplay(
  verdict: Verdict,
  { region, onceId, until }: OneTime,
  place: Place,
  settling: Settling,
): Promise<Verdict> {
  try {
    const { replay } = await settling.memory();
    const seen = await replay.remember({
      region,
      onceId: onceId.slice(0, MOST_ID),
      // As long as it may still be accepted, with what clocks may differ.
      expiresAt: endOf(until) + CLOCK_TOLERANCE_MS,
      checkpoint: placeOf(place),
      device: place.device,
      at: settling.clock(),
    });
    return told(verdict, 'REPLAY_UNCHECKED', seen === 'seen' ? 'REPLAYED' : 'REPLAY_CHECKED');
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    settling.failed?.(error);
    return verdict;
  }
}

/** The verdict once it is known what was open. */
function told(verdict: Verdict, open: FindingCode, known: FindingCode): Verdict {
  if (open === known) return verdict;
  const findings = verdict.findings.map((each) => (each.code === open ? finding(known) : each));
  return withFindings(verdict, findings);
}
