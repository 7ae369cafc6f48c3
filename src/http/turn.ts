import { nodePlatform } from '../crypto/platform.node.ts';
import { type Gathering, gathering, MOST_TOGETHER } from '../journeys.ts';

/** Small texts may open into megabytes: whoever sends such ones fills a turn with a few of them. */
const MOST_MS = 4;

/**
 * What a request does when its turn has come, in this order. Errors are its own: they end it, and nobody beside it. What returns a
 * promise goes on alone when that is kept.
 */
export interface Steps {
  read(): void;
  open(gathering: Gathering): void;
  judge(): void | Promise<void>;
  write(): void;
  give(): void;
}

/**
 * Under load several requests arrive at one time. They wait until all that arrived are there, and then go side by side: all are
 * read, then all opened, judged, written down, and given. Their signatures are checked together (journeys.ts), and
 * every step finds its code and its tables where the request before left them, in the processor's nearest memory. Nobody waits
 * for a request that has not arrived. What was opened is held until its verdict, so a turn takes only so many, and only for so
 * long; whoever arrives behind them takes the next one.
 */
export interface Turns {
  /** Out: when all is done. Errors: as the steps have them. */
  run(steps: Steps): Promise<void>;
}

const ORDER = ['read', 'open', 'judge', 'write', 'give'] as const;
/** Up to here nothing is decided yet, and whoever has not come so far may as well wait. */
const OPENED = ORDER.indexOf('open');

interface Taking {
  readonly steps: Steps;
  /** The step that comes next, by its place in the order. */
  next: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** In: a clock, ms. */
export function createTurns(clock: () => number = () => performance.now()): Turns {
  let coming: Taking[] = [];

  const come = (taking: Taking): void => {
    if (coming.push(taking) === 1) setImmediate(turn);
  };

  /** Side by side, as far as all of them come at once. */
  const turn = (): void => {
    let abreast = coming.slice(0, MOST_TOGETHER);
    let behind = coming.slice(MOST_TOGETHER);
    coming = [];
    const together = gathering(nodePlatform);
    for (const [i, name] of ORDER.entries()) {
      const until = clock() + MOST_MS;
      const on: Taking[] = [];
      const late: Taking[] = [];
      for (const taking of abreast) {
        if (taking.next > i) on.push(taking);
        else if (i <= OPENED && on.length > 0 && clock() > until) late.push(taking);
        else if (go(taking, name, together)) on.push(taking);
      }
      abreast = on;
      // They came before those who did not come as far.
      behind = [...late, ...behind];
    }
    for (const { done } of abreast) done();
    for (const taking of behind) come(taking);
  };

  /** Takes one step. Out: whether it is there for the next one. */
  const go = (taking: Taking, name: (typeof ORDER)[number], together: Gathering): boolean => {
    taking.next += 1;
    try {
      const going = taking.steps[name](together);
      if (going === undefined) return true;
      going.then(() => alone(taking, together)).catch(taking.failed);
    } catch (error) {
      taking.failed(error);
    }
    return false;
  };

  const alone = (taking: Taking, together: Gathering): void => {
    while (taking.next < ORDER.length) if (!go(taking, ORDER[taking.next]!, together)) return;
    taking.done();
  };

  return { run: (steps) => new Promise((done, failed) => come({ steps, next: 0, done, failed })) };
}
