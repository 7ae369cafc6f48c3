import { finding } from '../document/findings.ts';
import type { Finding, Memory, VerdictClock } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';

/**
 * What a gateway knows of the time besides its own clock: that it is not before what signed lists say of themselves. A
 * clock that is behind brings expired documents back to life, and makes old lists look fresh.
 */
export interface ClockFloor {
  /** Epoch ms. It cannot be earlier: two regions at least say so. Undefined if not so many have lists. */
  readonly notBefore: number | undefined;
  /** The same as an instant. */
  readonly notBeforeAt: string | undefined;
  /** Whether the lists at hand say so, or only what was remembered of earlier ones. */
  readonly confirmedBy: NonNullable<VerdictClock['confirmedBy']>;
  /** Epoch ms: the latest time that each region's own lists say. */
  readonly regions: ReadonlyMap<string, number>;
}

/** A list made later than now by more than this means that this clock is wrong, not that the list is. */
export const AHEAD_MS = 10 * 60_000;

/**
 * The floor by what was remembered and what the lists at hand say. A single region must not be able to stop
 * all others with a list from the year 2099: so the second-latest time counts for all, and each region's own for itself.
 */
export function floorOf(memory: Memory | undefined, lists: ReadonlyMap<string, number>): ClockFloor {
  const regions = new Map(lists);
  for (const { region, at } of memory?.times ?? [])
    regions.set(region, Math.max(regions.get(region) ?? -Infinity, Date.parse(at)));
  const notBefore = secondLatest(regions.values());
  const byLists = secondLatest(lists.values());
  const confirmedBy = notBefore === undefined || byLists === notBefore ? 'lists' : 'memory';
  return { notBefore, notBeforeAt: notBefore === undefined ? undefined : instantOf(notBefore), confirmedBy, regions };
}

function secondLatest(times: Iterable<number>): number | undefined {
  return [...times].sort((one, other) => other - one)[1];
}

/**
 * Whether the clock can be right, for a document of this region. A time that was stated is nobody's clock: the verdict
 * says that it was stated.
 */
export function judgeClock(floor: ClockFloor, region: string | undefined, now: number, stated: boolean): Finding[] {
  if (stated || region === undefined) return [];
  const own = floor.regions.get(region);
  const behind = [floor.notBefore, own].find((time) => time !== undefined && now < time - AHEAD_MS);
  if (behind === undefined) return [];
  return [finding('CLOCK_DOUBT', { detail: `lists made at ${instantOf(behind)} were seen before` })];
}

/** What a verdict says of its clock. In: epoch ms. */
export function clockOf({ notBeforeAt, confirmedBy }: ClockFloor, now: number, stated: boolean): VerdictClock {
  const at = instantOf(now);
  if (stated) return { at, source: 'stated' };
  return notBeforeAt === undefined
    ? { at, source: 'system' }
    : { at, source: 'system', notBefore: notBeforeAt, confirmedBy };
}
