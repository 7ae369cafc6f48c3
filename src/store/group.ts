import { StoreError } from './error.ts';

export interface GroupLimits {
  /** Most items that go to the database together. */
  readonly most: number;
  /** Most items that may wait; what comes then is turned away as busy. */
  readonly waiting: number;
}

export interface Group<In, Out> {
  /** Gives the item to the next group. Settles when that group has. */
  add(item: In): Promise<Out>;
  /** Settles when nothing waits any more. */
  idle(): Promise<void>;
}

interface Waiting<In, Out> {
  readonly item: In;
  resolve(result: Out): void;
  reject(error: unknown): void;
}

/** Trouble that one row can have brought on all. */
const OF_ONE_ROW = new Set(['conflict', 'refused', 'internal']);

/**
 * Group commit. Waiting for the disk is what a commit costs, and one wait serves any number of rows: what comes in while a
 * group is under way makes up the next one. Nobody waits for a timer, and there is never more than one group under way.
 * When a group fails by a fault of one row, each is tried by itself: a bad row may not take its neighbours with it.
 */
export function grouped<In, Out>(
  work: (items: readonly In[]) => Promise<readonly Out[]>,
  limits: GroupLimits,
): Group<In, Out> {
  let queue: Waiting<In, Out>[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    // What is added in the same turn of the event loop belongs together.
    await new Promise(setImmediate);
    while (queue.length > 0) {
      const group = queue.slice(0, limits.most);
      queue = queue.slice(limits.most);
      await settle(group);
    }
    running = undefined;
  }

  async function settle(group: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await work(group.map(({ item }) => item));
      group.forEach(({ resolve }, i) => {
        resolve(results[i]!);
      });
    } catch (error) {
      if (group.length > 1 && error instanceof StoreError && OF_ONE_ROW.has(error.code)) {
        for (const each of group) await settle([each]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        if (queue.length >= limits.waiting) {
          reject(new StoreError('busy'));
          return;
        }
        queue.push({ item, resolve, reject });
        running ??= run();
      }),
    idle: async () => running,
  };
}
