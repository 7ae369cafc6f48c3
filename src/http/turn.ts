import { nodePlatform } from '../crypto/platform.node.ts';
import { type Gathering, gathering } from '../journeys.ts';

/** As many as are checked side by side. */
const MOST_TOGETHER = 64;
/** Small texts may open into megabytes: whoever sends such ones fills a turn with a few of them. */
const MOST_MS = 4;

/**
 * Under load several requests arrive at one time. They wait until all that arrived are there, and then go side by side: read and
 * opened, judged, answered, each step by all of them before the next. Their signatures are checked together (journeys.ts), and
 * every step finds its code and its tables where the request before left them, in the processor's nearest memory. Nobody waits
 * for a request that has not arrived. What was opened is held until its verdict, so a turn takes only so many, and only for so
 * long; whoever arrives behind them takes the next one.
 */
export interface Turns {
  /** Runs what opens a document, when all that arrived at the same time are there. Errors: as `run` has them. */
  take<T>(run: (gathering: Gathering) => T): Promise<T>;
}

interface Turn {
  readonly gathering: Gathering;
  readonly until: number;
  taken: number;
}

/** In: a clock, ms. */
export function createTurns(clock: () => number = () => performance.now()): Turns {
  let coming: Promise<Turn> | undefined;
  const begin = (): Promise<Turn> =>
    new Promise((resolve) => {
      setImmediate(() => {
        coming = undefined;
        resolve({ gathering: gathering(nodePlatform), until: clock() + MOST_MS, taken: 0 });
      });
    });
  return {
    async take(run) {
      for (;;) {
        coming ??= begin();
        const turn = await coming;
        if (turn.taken > 0 && (turn.taken >= MOST_TOGETHER || clock() > turn.until)) continue;
        turn.taken += 1;
        return run(turn.gathering);
      }
    },
  };
}

/**
 * Lets the others of a turn come as far as this: what waits for promises goes on in the order in which it began to. For speed only;
 * nothing is different for whoever does not.
 */
export const abreast = async (): Promise<void> => {};
