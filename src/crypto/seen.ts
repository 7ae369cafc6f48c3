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
 * In: how many names at most, for how many ms at most, and a clock that goes forward evenly (ms). Two generations: what is asked for
 * again moves into the younger one, and when that is full or half the time is over, the older one goes.
 */
export function createSeen(most: number, ms: number, clock: () => number): Seen {
  let young = new Set<string>();
  let old = new Set<string>();
  let since = clock();
  const age = (): void => {
    const time = clock() - since;
    if (young.size < most / 2 && time < ms / 2) return;
    old = time < ms ? young : new Set();
    young = new Set();
    since = clock();
  };
  return {
    has(name) {
      age();
      if (young.has(name)) return true;
      if (!old.delete(name)) return false;
      // Not asked about for long enough, it goes with its generation: what moves is what comes again.
      young.add(name);
      return true;
    },
    add(name) {
      age();
      young.add(name);
    },
  };
}
