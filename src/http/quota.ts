import type { Caller } from './keys.ts';

/** What a caller may still ask for. */
export interface Quota {
  readonly granted: boolean;
  /** Whole units that are left. */
  readonly remaining: number;
  /** Until there is one more than that, at least 1. */
  readonly seconds: number;
}

/** How much each caller may ask for in a minute. */
export interface Limiter {
  /** Takes units if there are as many; with 0, only looks whether there is one. */
  take(caller: Pick<Caller, 'id' | 'perMinute'>, units: 0 | 1): Quota;
  readonly size: number;
}

/** What it holds is counted in units × milliseconds: whole numbers, so that whoever waits as long as told is let in. */
interface Bucket {
  level: number;
  at: number;
}

const MINUTE_MS = 60_000;
/** More than there are callers at one time; only callers who were let in get a bucket. */
const MOST = 1_000;

/**
 * A bucket for each caller: it holds a minute's units, and fills evenly. In: a clock that is never put back, ms.
 */
export function createLimiter(clock: () => number): Limiter {
  const buckets = new Map<string, Bucket>();

  const bucketOf = ({ id, perMinute }: Pick<Caller, 'id' | 'perMinute'>): Bucket => {
    const now = Math.floor(clock());
    let bucket = buckets.get(id);
    if (bucket === undefined) {
      if (buckets.size >= MOST) tidy(now);
      bucket = { level: perMinute * MINUTE_MS, at: now };
      buckets.set(id, bucket);
    }
    bucket.level = Math.min(perMinute * MINUTE_MS, bucket.level + (now - bucket.at) * perMinute);
    bucket.at = now;
    return bucket;
  };

  /** A bucket that nobody touched for a minute is full, which is the same as none. */
  const tidy = (now: number): void => {
    for (const [id, { at }] of buckets) if (now - at >= MINUTE_MS) buckets.delete(id);
    for (const id of buckets.keys()) {
      if (buckets.size < MOST) break;
      buckets.delete(id);
    }
  };

  return {
    take(caller, units) {
      const bucket = bucketOf(caller);
      const granted = bucket.level >= MINUTE_MS;
      if (granted) bucket.level -= units * MINUTE_MS;
      const remaining = Math.floor(bucket.level / MINUTE_MS);
      const missing = (remaining + 1) * MINUTE_MS - bucket.level;
      return { granted, remaining, seconds: Math.ceil(missing / (caller.perMinute * 1000)) };
    },
    get size() {
      return buckets.size;
    },
  };
}

/**
 * RateLimit-Policy and RateLimit as draft-ietf-httpapi-ratelimit-headers-11 has them (the current one; expires on 24
 * November 2026): `q` units in `w` seconds; `r` are left, and there will be no more within `t` seconds.
 */
export const quotaHeaders = ({ perMinute }: Pick<Caller, 'perMinute'>, { remaining, seconds }: Quota) => ({
  'RateLimit-Policy': `"per-minute";q=${perMinute};w=60`,
  RateLimit: `"per-minute";r=${remaining};t=${seconds}`,
});
