import type { Proof } from './codec/proof.ts';
import type { Check } from './crypto/batch.ts';
import { MOST_LANES } from './crypto/core/core.ts';
import type { Platform, Verifier } from './crypto/platform.ts';
import { open, type Presented } from './format/open.ts';
import { type Begun, type Journey, journey, type Question } from './journey.ts';
import type { Standpoint } from './region/standpoint.ts';
import { checksOf } from './trust/authenticate.ts';

/** So many at a time: their signatures are checked side by side. */
export const MOST_TOGETHER = MOST_LANES;

/** One of many. */
export interface Asked {
  readonly presented: Presented;
  readonly question: Question;
}

/**
 * Documents that are judged together: each is opened when it comes, and when the first of them is judged, the signatures of all
 * are checked side by side, which costs less than one by one. For a few hundred at most, as all are held at once.
 */
export interface Gathering {
  /** Opens one more. Out: what its journey then takes (`journey`). */
  begin(presented: Presented, standpoint: Standpoint, at: number | undefined): Begun;
}

export function gathering(platform: Platform): Gathering {
  const checks: Check[] = [];
  let answers: readonly boolean[] = [];
  return {
    begin(presented, standpoint, at) {
      const now = at ?? standpoint.clock();
      const opening = open(presented, standpoint, now);
      const { opened } = opening;
      const from = checks.length;
      if (opened !== undefined) checks.push(...checksOf(opened, opened.format.region, standpoint.trust));
      const to = checks.length;
      const checked = (verifier: Verifier, proof: Proof): boolean | undefined => {
        if (proof !== opened?.proof) return undefined;
        if (answers.length < to) answers = [...answers, ...platform.verifyMany(checks.slice(answers.length))];
        for (let i = from; i < to; i++) if (checks[i]!.verifier === verifier) return answers[i];
        return undefined;
      };
      return { standpoint, opening, checked };
    },
  };
}

/**
 * Many documents, from bytes to verdicts: each walks as it would alone. In: at most a few hundred. Out: the same as `journey`
 * gives, in order. Errors: RangeError as of `journey`.
 */
export function journeys(asked: readonly Asked[], standpoint: Standpoint, platform: Platform): Journey[] {
  const { begin } = gathering(platform);
  const begun = asked.map(({ presented, question }) => begin(presented, standpoint, question.at));
  return asked.map(({ presented, question }, i) => journey(presented, standpoint, question, begun[i]));
}
