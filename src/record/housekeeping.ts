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

export interface HousekeepingOptions {
  /** 30 if absent. */
  readonly objectionDays?: number;
  /** How long receipts, uses and objections are kept; for ever if absent. */
  readonly keepDays?: number | undefined;
}

export interface Tidied {
  /** One-time ids, and challenges. */
  readonly forgottenIds: number;
  readonly destroyedKeys: number;
  /** Receipts, uses that were told, and objections. */
  readonly removed: number;
  /** Whether there is something left for the next time, or a key is not yet gone from the files. */
  readonly more: boolean;
}

/**
 * Destroys the digest keys whose objection window is over, forgets one-time ids and challenges that have expired, and removes what
 * was kept long enough: a bounded piece of work, to be done every hour (by any number of processes). In: epoch ms. Errors: StoreError.
 */
export async function tidy(
  store: Store,
  now: number,
  { objectionDays = OBJECTION_DAYS, keepDays }: HousekeepingOptions = {},
): Promise<Tidied> {
  const { destroyed, erased } = await store.digestKeys.destroy(now - objectionDays * DAY_MS);
  let forgotten = 0;
  let more = true;
  for (let round = 0; round < ROUNDS && more; round++) {
    const purged = (await store.replay.purge(now)) + (await store.challenges.purge(now));
    forgotten += purged;
    more = purged > 0;
  }
  let removed = 0;
  let gone = forgotten;
  let old = keepDays !== undefined;
  for (let round = 0; round < REMOVALS && old; round++) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    // A hundred years reach back to before there were ids.
    const before = Math.max(0, now - keepDays! * DAY_MS);
    const rows = await store.retention.remove(before);
    const entries = await store.retention.removeEntries(before);
    removed += rows;
    gone += rows + entries;
    old = rows + entries > 0;
  }
  // Else it would stand in the files until enough is written over it.
  if (gone > 0) await store.cutLog();
  return { forgottenIds: forgotten, destroyedKeys: destroyed, removed, more: more || old || !erased };
}
