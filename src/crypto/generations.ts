/**
 * Things by name, the younger and the older half. What is asked for again moves to the young ones; at a turn, the old ones go:
 * so what comes again stays, and what does not is gone after two turns.
 */
export interface Generations<Thing> {
  /** How many are young. */
  readonly young: number;
  readonly isEmpty: boolean;
  get(name: string): Thing | undefined;
  set(name: string, thing: Thing): void;
  turn(): void;
}

export function generations<Thing>(): Generations<Thing> {
  let young = new Map<string, Thing>();
  let old = new Map<string, Thing>();
  return {
    get young() {
      return young.size;
    },
    get isEmpty() {
      return young.size + old.size === 0;
    },
    get(name) {
      const found = young.get(name);
      if (found !== undefined) return found;
      const older = old.get(name);
      if (older === undefined) return undefined;
      old.delete(name);
      young.set(name, older);
      return older;
    },
    set(name, thing) {
      young.set(name, thing);
    },
    turn() {
      old = young;
      young = new Map();
    },
  };
}
