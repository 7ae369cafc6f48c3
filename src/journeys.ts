import type { Proof } from './codec/proof.ts';
import type { Check } from './crypto/batch.ts';
import type { Platform, Verifier } from './crypto/platform.ts';
import { open, type Presented } from './format/open.ts';
import { type Journey, journey, type Question } from './journey.ts';
import type { Standpoint } from './region/standpoint.ts';
import { checksOf } from './trust/authenticate.ts';

/** One of many. */
export interface Asked {
  readonly presented: Presented;
  readonly question: Question;
}

/**
 * Many documents, from bytes to verdicts: each walks as it would alone, but all are opened first and their signatures checked
 * side by side, which costs less than one by one. In: at most a few hundred, for all of them are held at once. Out: the same as
 * `journey` gives, in order. Errors: RangeError as of `journey`.
 */
export function journeys(asked: readonly Asked[], standpoint: Standpoint, platform: Platform): Journey[] {
  const checks: Check[] = [];
  const begun = asked.map(({ presented, question: { at } }) => {
    const now = at ?? standpoint.clock();
    const opening = open(presented, standpoint.formats, now, standpoint.references);
    const from = checks.length;
    const { opened } = opening;
    if (opened !== undefined)
      checks.push(...checksOf({ ...opened, region: opened.format.region, now }, standpoint.trust));
    return { opening, from, to: checks.length };
  });
  const answers = platform.verifyMany(checks);
  return asked.map(({ presented, question }, i) => {
    const { opening, from, to } = begun[i]!;
    const own = opening.opened?.proof;
    const checked = (verifier: Verifier, proof: Proof): boolean | undefined => {
      if (proof !== own) return undefined;
      for (let at = from; at < to; at++) if (checks[at]!.verifier === verifier) return answers[at];
      return undefined;
    };
    return journey(presented, standpoint, question, { opening, checked });
  });
}
