import type { MediumWorth, Presenting } from './generated/types.ts';

/** How documents of one kind may be shown, with nothing left unsaid but the life of those that have no limit. */
export interface PresentingRule {
  /** The longest that one may claim to live, seconds. */
  readonly seconds: number | undefined;
  readonly screen: MediumWorth;
  readonly paper: MediumWorth;
}

/** 电子亮证: a code that is shown once is shown now. */
const ONE_TIME_SECONDS = 60;

const WORTHS: readonly MediumWorth[] = ['good', 'check', 'refuse'];

/**
 * What a document's type and its format say of how it is shown: the stricter of them holds, so that neither can loosen
 * what the other asks for. In: whether it is a one-time code, for which more is asked where neither says anything.
 */
export function presentingRule(oneTime: boolean, ...said: readonly (Presenting | undefined)[]): PresentingRule {
  const seconds = said.flatMap((each) => each?.seconds ?? []);
  const worth = (medium: 'screen' | 'paper', otherwise: MediumWorth): MediumWorth => {
    const places = said.flatMap((each) => (each?.[medium] === undefined ? [] : WORTHS.indexOf(each[medium])));
    return places.length === 0 ? otherwise : WORTHS[Math.max(...places)]!;
  };
  const unsaid = oneTime ? ONE_TIME_SECONDS : undefined;
  return {
    seconds: seconds.length === 0 ? unsaid : Math.min(...seconds),
    screen: worth('screen', 'good'),
    paper: worth('paper', oneTime ? 'refuse' : 'check'),
  };
}
