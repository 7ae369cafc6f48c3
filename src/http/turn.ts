import { nodePlatform } from '../crypto/platform.node.ts';
import { type Gathering, gathering } from '../journeys.ts';

/** The requests that arrived in one turn of the event loop. */
export interface Turn {
  readonly gathering: Gathering;
  /** Resolved when all that arrived with them has been opened. */
  readonly over: Promise<void>;
}

/** As many as are checked side by side; those behind them are the next turn's. */
const MOST_TOGETHER = 64;

/**
 * Under load several requests arrive at one time. They are opened as they come, and judged one after the other when all are
 * there: their signatures are checked together (journeys.ts), and between two verdicts nothing is read or written. Nobody waits
 * for a request that has not arrived.
 */
export function createTurns(): { join(): Turn } {
  let current: (Turn & { joined: number }) | undefined;
  const begin = (): Turn & { joined: number } => {
    const turn = {
      joined: 0,
      gathering: gathering(nodePlatform),
      over: new Promise<void>((resolve) => {
        setImmediate(() => {
          if (current === turn) current = undefined;
          resolve();
        });
      }),
    };
    return turn;
  };
  return {
    join() {
      if (current === undefined || current.joined >= MOST_TOGETHER) current = begin();
      current.joined += 1;
      return current;
    },
  };
}
