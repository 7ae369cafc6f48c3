import type { AreaList, ValueSetList } from '../document/generated/types.ts';
import { beginOf, endOf, exists } from '../document/time.ts';

/** A file of a pack, valid by its schema. */
export interface Sourced<T> {
  readonly file: string;
  readonly list: T;
}

/** What cannot be used: the file, a JSON Pointer into it, and why. */
export interface RejectedPart {
  readonly file: string;
  readonly at: string;
  readonly reason: string;
}

export type ValueSets = Readonly<Record<string, readonly string[]>>;

/**
 * Codes by the name of their value set. In: the lists of a region and those it stands under, farthest first; a nearer one
 * replaces a set as a whole. A set that one region states twice is none: rules that need it cannot be answered.
 */
export function valueSetsOf(
  regions: readonly (readonly Sourced<ValueSetList>[])[],
  reject: (part: RejectedPart) => void,
): ValueSets {
  const sets: Record<string, readonly string[]> = Object.create(null);
  for (const lists of regions) {
    const own = new Set<string>();
    for (const { file, list } of lists) {
      for (const [i, { id, values }] of list.valueSets.entries()) {
        if (own.has(id)) {
          reject({ file, at: `/valueSets/${i}/id`, reason: 'the same value set twice' });
          delete sets[id];
        } else sets[id] = values;
        own.add(id);
      }
    }
  }
  return Object.freeze(sets);
}

/** One region's picture of its areas: tier → area codes, for a time. */
interface Picture {
  readonly from: number;
  readonly until: number;
  readonly tiers: Readonly<Record<string, readonly string[]>>;
}

/** The risk tiers (分区分级) that one region publishes. */
export interface Areas {
  /** Epoch ms at which what is known changes. */
  readonly moments: readonly number[];
  /** The newest picture that has begun; undefined if there is none or it has lapsed: then nobody knows the tiers. */
  at(now: number): Picture['tiers'] | undefined;
}

/**
 * In: a region's lists, and whether one of its files could not be read. A list that names an area outside the region is
 * rejected whole: no member says what another's counties are. Where any list is missing, the older ones do not stand in
 * for it: the tiers are unknown.
 */
export function areasOf(
  region: string,
  lists: readonly Sourced<AreaList>[],
  unreadable: boolean,
  reject: (part: RejectedPart) => void,
): Areas {
  const pictures: Picture[] = [];
  for (const { file, list } of lists) {
    const wrong = troubleWith(region, list);
    if (wrong !== undefined) reject({ file, ...wrong });
    else pictures.push(pictureOf(list));
  }
  if (unreadable || pictures.length < lists.length) return { moments: [], at: () => undefined };
  pictures.sort((one, other) => one.from - other.from);
  return {
    moments: pictures.flatMap(({ from, until }) => [from, until + 1]),
    at(now) {
      const current = pictures.findLast(({ from }) => from <= now);
      return current !== undefined && now <= current.until ? current.tiers : undefined;
    },
  };
}

function pictureOf({ from, until, tiers, areas }: AreaList): Picture {
  const codes: Record<string, string[]> = Object.create(null);
  for (const tier of tiers) codes[tier] = [];
  for (const { area, tier } of areas) codes[tier]!.push(area);
  return { from: beginOf(from), until: endOf(until), tiers: codes };
}

function troubleWith(region: string, list: AreaList): { at: string; reason: string } | undefined {
  if (!exists(list.from)) return { at: '/from', reason: 'a date that does not exist' };
  if (!exists(list.until)) return { at: '/until', reason: 'a date that does not exist' };
  if (endOf(list.until) < beginOf(list.from)) return { at: '/until', reason: 'ends before it begins' };
  const territory = territoryOf(region);
  if (territory === undefined) return { at: '', reason: `${region} has no areas of GB/T 2260` };
  const tiers = new Set(list.tiers);
  const seen = new Set<string>();
  for (const [i, { area, tier }] of list.areas.entries()) {
    if (!area.startsWith(territory)) return { at: `/areas/${i}/area`, reason: `${area} does not lie in ${region}` };
    if (!tiers.has(tier)) return { at: `/areas/${i}/tier`, reason: `"${tier}" is not among the tiers of the list` };
    if (seen.has(area)) return { at: `/areas/${i}/area`, reason: `${area} is listed twice` };
    seen.add(area);
  }
  return undefined;
}

/** The digits that all of a region's area codes begin with (GB/T 2260); undefined for a guest. */
function territoryOf(region: string): string | undefined {
  if (!/^[0-9]{6}$/.test(region)) return undefined;
  return region.replace(/(00){0,3}$/, '');
}
