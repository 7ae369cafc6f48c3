import { nodePlatform } from '../crypto/platform.node.ts';
import { type Gathering, gathering } from '../journeys.ts';

/** The requests that arrived in one turn of the event loop. */
export interface Turn {
  readonly gathering: Gathering;
  /** Resolved when all that arrived with them has been opened. */
  readonly over: Promise<void>;
}

/** As many as are checked side by side. */
const MOST_TOGETHER = 64;
/** Small texts may open into megabytes: whoever sends such ones fills a turn with a few of them. */
const MOST_MS = 4;

/**
 * Under load several requests arrive at one time. They are opened as they come, and judged one after the other when all are
 * there: their signatures are checked together (journeys.ts), and between two verdicts nothing is read or written. Nobody waits
 * for a request that has not arrived. What was opened is held until then, so a turn takes only so many, and only for so long;
 * whoever arrives behind them in the same turn goes alone, and holds nothing.
 */
export interface Turns {
  /** Undefined where the turn is full: the document is to be judged at once. */
  join(): Turn | undefined;
}

/** In: a clock, ms. */
export function createTurns(clock: () => number = () => performance.now()): Turns {
  let current: (Turn & { joined: number; readonly until: number }) | undefined;
  const begin = (): Turn & { joined: number; readonly until: number } => ({
    joined: 0,
    until: clock() + MOST_MS,
    gathering: gathering(nodePlatform),
    over: new Promise<void>((resolve) => {
      setImmediate(() => {
        current = undefined;
        resolve();
      });
    }),
  });
  return {
    join() {
      current ??= begin();
      if (current.joined >= MOST_TOGETHER || clock() > current.until) return undefined;
      current.joined += 1;
      return current;
    },
  };
}
