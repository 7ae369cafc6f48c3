import { generations } from './generations.ts';

/**
 * Names of signatures that were found good lately. A name is a digest over key, signature and what was signed: it says nothing
 * to whoever has not the document itself, and nothing else of a document is held. Only that the arithmetic came out is
 * remembered, which stays true for ever; whose key it is, whether it was withdrawn, and all that is judged of a document, is
 * asked anew each time.
 */
export interface Seen {
  has(name: string): boolean;
  add(name: string): void;
}

/**
 * In: how many names at most, for how many ms at most, and a clock that goes forward evenly (ms). What is not asked for again
 * goes when half as many have come after it, or half the time is over.
 */
export function createSeen(most: number, ms: number, clock: () => number): Seen {
  const names = generations<true>();
  let since = clock();
  const age = (): void => {
    const time = clock() - since;
    if (names.young < most / 2 && time < ms / 2) return;
    names.turn();
    // Nobody has asked for the whole time: the others are as old.
    if (time >= ms) names.turn();
    since = clock();
  };
  return {
    has(name) {
      age();
      return names.get(name) === true;
    },
    add(name) {
      age();
      names.set(name, true);
    },
  };
}
