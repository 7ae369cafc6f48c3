import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;
const ROUNDS = 20;

/** How long a verdict can be objected to, if the configuration does not say. */
const OBJECTION_DAYS = 30;

export interface Tidied {
  /** One-time ids, and challenges. */
  readonly forgottenIds: number;
  readonly destroyedKeys: number;
  /** Whether there is something left for the next time: ids that expired, or a key not yet gone from the files. */
  readonly more: boolean;
}

/**
 * Destroys the digest keys whose objection window is over, and forgets one-time ids and challenges that have expired: a bounded piece of
 * work, to be done every hour (by any number of processes). In: epoch ms, and the window in days. Errors: StoreError.
 */
export async function tidy(store: Store, now: number, objectionDays: number = OBJECTION_DAYS): Promise<Tidied> {
  const { destroyed, erased } = await store.digestKeys.destroy(now - objectionDays * DAY_MS);
  let forgotten = 0;
  let more = true;
  for (let round = 0; round < ROUNDS && more; round++) {
    const purged = (await store.replay.purge(now)) + (await store.challenges.purge(now));
    forgotten += purged;
    more = purged > 0;
  }
  return { forgottenIds: forgotten, destroyedKeys: destroyed, more: more || !erased };
}
