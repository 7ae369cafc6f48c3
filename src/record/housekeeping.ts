import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;
const ROUNDS = 20;
/** Of a thousand each: more than a thousand checkpoints record in the hour until the next time. */
const REMOVALS = 500;
/** Between two of them: whoever waits for the database in another process gets it. */
const PAUSE_MS = 50;

/** How long a verdict can be objected to. */
const OBJECTION_DAYS = 30;
/** By then an objection to it is answered, and the answer delivered (exchange/notices.ts) or given up. */
export const LEAST_KEEP_DAYS = 120;

export interface Tidied {
  /** One-time ids, and challenges. */
  readonly forgottenIds: number;
  readonly destroyedKeys: number;
  /** Receipts, uses that were told, and objections. */
  readonly removed: number;
}

/**
 * Destroys the digest keys whose objection window is over, forgets one-time ids and challenges that have expired, and removes what
 * was kept long enough: a bounded piece of work, to be done every hour (by any number of processes). In: epoch ms, and how many days
 * receipts, uses and objections are kept; for ever if absent. Errors: StoreError.
 */
export async function tidy(
  store: Store,
  now: number,
  { keepDays }: { readonly keepDays?: number | undefined } = {},
): Promise<Tidied> {
  const { destroyed } = await store.digestKeys.destroy(now - OBJECTION_DAYS * DAY_MS);
  let forgotten = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const purged = (await store.replay.purge(now)) + (await store.challenges.purge(now));
    if (purged === 0) break;
    forgotten += purged;
  }
  const removed = keepDays === undefined ? { rows: 0, entries: 0 } : await removeOld(store, now - keepDays * DAY_MS);
  // Else it would stand in the files until enough is written over it.
  if (forgotten + removed.rows + removed.entries > 0) await store.cutLog();
  return { forgottenIds: forgotten, destroyedKeys: destroyed, removed: removed.rows };
}

/** What is older, and what stands of it in the log. Out: how much of each. */
async function removeOld(store: Store, before: number): Promise<{ rows: number; entries: number }> {
  const removed = { rows: 0, entries: 0 };
  // A hundred years reach back to before there were ids.
  const line = Math.max(0, before);
  for (let round = 0; round < REMOVALS; round++) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const [rows, entries] = [await store.retention.remove(line), await store.retention.removeEntries(line)];
    if (rows + entries === 0) break;
    removed.rows += rows;
    removed.entries += entries;
  }
  return removed;
}
