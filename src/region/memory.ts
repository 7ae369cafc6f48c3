import type { FederationManifest, Memory, SeenSeries, SeenTime } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { farther, type SeenState } from '../trust/series.ts';
import type { TrustView } from '../trust/view.ts';
import { AHEAD_MS } from './clock.ts';

/**
 * What a gateway remembers of a federation from one store to the next: the times that were seen in its lists, and how far
 * its series of revocations had come. Whoever brings back an old store, or sets back the clock, is found out by it.
 * Nothing is remembered of documents.
 */

/** The series that were seen of one region. */
export function seenOf(memory: Memory | undefined, region: string): ReadonlyMap<string, SeenState> {
  const own = (memory?.series ?? []).filter((each) => each.region === region);
  return new Map(own.map(({ series, sequence, snapshot }) => [series, { sequence, ...(snapshot && { snapshot }) }]));
}

/** The memory, if it is of this federation: another one's times and numbers mean nothing here. */
export const memoryOf = (manifest: FederationManifest, memory: Memory | undefined): Memory | undefined =>
  memory?.federation === manifest.federation && memory.environment === manifest.environment ? memory : undefined;

/**
 * What is to be remembered from now on: what was, and what this view shows beyond it. Times that are still to come are
 * not: a region that dated a list wrongly would else be doubted long after it put that right.
 */
export function remember(
  { federation, environment }: FederationManifest,
  memory: Memory | undefined,
  latest: ReadonlyMap<string, number>,
  view: TrustView,
  now: number,
): Memory {
  const times = new Map((memory?.times ?? []).map(({ region, at }) => [region, Date.parse(at)]));
  const series = new Map((memory?.series ?? []).map((each) => [`${each.region} ${each.series}`, each]));
  for (const [region, time] of latest)
    if (time <= now + AHEAD_MS) times.set(region, Math.max(times.get(region) ?? -Infinity, time));
  for (const region of view.regions) {
    const seen = seenOf(memory, region);
    for (const state of view.register(region)?.series ?? [])
      series.set(`${region} ${state.series}`, {
        region,
        series: state.series,
        ...farther(seen.get(state.series), state),
      });
  }
  return {
    federation,
    environment,
    times: [...times].map(([region, at]): SeenTime => ({ region, at: instantOf(at) })),
    series: [...series.values()] as SeenSeries[],
  };
}
