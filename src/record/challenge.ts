import { encodeBase64url } from '../codec/base64url.ts';
import type { OpenedChallenge } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { Challenge } from '../judge/presented.ts';
import type { ChallengeOf, Challenges } from '../store/challenges.ts';
import type { Random } from '../store/ids.ts';

/** As long as an officer and a holder need, and no longer: the answer to it is fresh by that much. */
export const CHALLENGE_MS = 60_000;
/** 128 bits: nobody guesses one within its minute. */
const NONCE_BYTES = 16;

/** Whom a code has to be made for: a region, and a place in it. */
const audienceOf = ({ region, place }: Pick<ChallengeOf, 'region' | 'place'>): string => `${region}/${place}`;

/**
 * Makes a challenge and remembers it. In: what it is bound to, and now (epoch ms). Out: what the holder's app has to answer;
 * undefined if the caller has too many open. Errors: StoreError.
 */
export async function openChallenge(
  challenges: Challenges,
  bound: Omit<ChallengeOf, 'nonce'>,
  random: Random,
  now: number,
): Promise<OpenedChallenge | undefined> {
  const nonce = encodeBase64url(random(NONCE_BYTES));
  // A verdict says its time in whole milliseconds, and so do we.
  const expiresAt = now + CHALLENGE_MS;
  if (!(await challenges.open({ ...bound, nonce, expiresAt }, now))) return undefined;
  const { region, purpose } = bound;
  return { nonce, audience: audienceOf(bound), region, purpose, expiresAt: instantOf(expiresAt) };
}

/** The challenge that a document has to answer, for the journey. Errors: StoreError. */
export async function challengeFor(
  challenges: Challenges,
  asked: ChallengeOf,
  now: number,
): Promise<Challenge | 'not-open'> {
  return (await challenges.isOpen(asked, now)) ? { audience: audienceOf(asked), nonce: asked.nonce } : 'not-open';
}
