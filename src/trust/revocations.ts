import { encodeBase64url } from '../codec/base64url.ts';
import { type IdSet, lookUp, type ReadPart, readIdSet } from '../codec/id-set.ts';
import { readStatusList, type StatusBits } from '../codec/status-list.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type {
  Cursor,
  RevocationList,
  RevocationSet,
  RevokedDocument,
  StatusList,
} from '../document/generated/types.ts';
import { followSeries, type SeenState, type SeriesList, type SeriesState, vanished } from './series.ts';
import type { Rejected, TrustPart } from './view.ts';

/** What a region publishes of revoked documents, as its pack gives it. */
export interface RevocationSource {
  readonly lists: readonly { readonly file: string; readonly list: RevocationList }[];
  readonly sets?: readonly PackedSet[];
  readonly statusLists?: readonly { readonly file: string; readonly list: StatusList }[];
  /** True if one of them had to be rejected: then nobody knows what stood in it. */
  readonly unreadable: boolean;
  /** What was seen of its series before. */
  readonly seen?: ReadonlyMap<string, SeenState>;
}

export interface PackedSet {
  readonly file: string;
  readonly list: RevocationSet;
  /** The packed set; undefined if it is not there. */
  readonly ids: Uint8Array | undefined;
  /** Reads the file that confirms it; undefined if there is none. */
  readonly confirm: ReadPart | undefined;
}

/** By what a document may be revoked. */
export interface RevocationQuery {
  /** A function is called only where there are lists. */
  readonly ids: readonly string[] | (() => readonly string[]);
  /** Its place in a status list, where its format has one: undefined where the document names none. */
  readonly status?: { readonly list: string | undefined; readonly index: number | undefined } | undefined;
  /** Epoch ms, as the document says. */
  readonly issuedAt: number | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/** What a region says of a document. */
export type Standing =
  | { readonly state: 'revoked' | 'clear' | 'unpublished' }
  | { readonly state: 'unconfirmed'; readonly detail: string };

/** All that one region publishes, ready to be asked. */
export interface Register {
  standing(query: RevocationQuery): Standing;
  /**
   * Of many ids at once, each as of a document that does not say when it was issued; packed sets are asked for all of them
   * side by side. Where the region also publishes status lists, an id alone cannot clear a document. `now` in epoch ms.
   */
  screen(ids: readonly string[], now: number): Standing[];
  readonly parts: readonly TrustPart[];
  readonly series: readonly SeriesState[];
  /** Documents named in all, and bytes of packed sets in memory. */
  readonly count: number;
  readonly bytes: number;
  readonly rejected: readonly Rejected[];
}

const REVOKED: Standing = { state: 'revoked' };
const CLEAR: Standing = { state: 'clear' };
const UNPUBLISHED: Standing = { state: 'unpublished' };
const BY_PLACE: Standing = {
  state: 'unconfirmed',
  detail: 'the region revokes by places in status lists too, which an id does not tell',
};

/** Puts together what a region publishes. What cannot be used is rejected, and then "not in a list" proves nothing. */
export function buildRegister(region: string, source: RevocationSource, platform: Platform): Register {
  const rejected: Rejected[] = [];
  const ids = new Map<string, number>();
  const bounded = new Map<string, RevokedDocument[]>();
  for (const { list } of source.lists) for (const entry of list.revoked) add(entry, ids, bounded);
  const sets = (source.sets ?? []).flatMap((packed) => attempt(packed.file, rejected, () => openSet(packed, platform)));
  const statusLists = (source.statusLists ?? []).flatMap(({ file, list }) =>
    attempt(file, rejected, () => ({ file, list, bits: readStatusList(list.status_list.lst) })),
  );
  const unread = rejected.length > 0 || source.unreadable;

  const all: Published[] = [
    ...source.lists.map(({ file, list }) => ({ file, ...list, count: list.revoked.length })),
    ...sets.map(({ file, list, set }) => ({ file, ...list, count: set.count })),
    ...statusLists.map(({ file, list, bits }) => ({ file, ...list, count: bits.count })),
  ];
  const series = seriesOf(region, all, source.seen ?? new Map());
  for (const { trouble } of series.states)
    for (const { file, reason } of trouble) rejected.push({ file, at: '/cursor', reason });
  for (const { file, reason } of series.gone) rejected.push({ file, at: '', reason });
  for (const item of takenBack(source.lists)) rejected.push(item);
  const missing = series.states.flatMap(({ trouble }) => trouble)[0]?.reason ?? series.gone[0]?.reason;
  const doubt = unread ? 'a list of revoked documents cannot be read' : missing;
  const published = all.length > 0 || series.gone.length > 0;

  const standing = (query: RevocationQuery, asked: readonly OpenSet[]): Standing => {
    let unsure: string | undefined;
    if (all.length > 0) {
      const named = typeof query.ids === 'function' ? query.ids() : query.ids;
      if (listedSince(named, query.issuedAt, ids, bounded) <= query.now || bitSet(query, statusLists)) return REVOKED;
      for (const id of named) {
        for (const { set, confirm } of asked) {
          const found = lookUp(set, id, confirm, platform.digest);
          if (found === 'in') return REVOKED;
          if (found === 'unknown') unsure ??= 'it may be in the packed list, and what would confirm it cannot be read';
        }
      }
    }
    unsure ??= doubt ?? placeDoubt(query, statusLists);
    if (unsure !== undefined) return { state: 'unconfirmed', detail: unsure };
    return published ? CLEAR : UNPUBLISHED;
  };

  return {
    parts: [
      ...all
        .filter(({ cursor }) => cursor === undefined)
        .map(({ file, issued }) => ({ part: file, region, issued: Date.parse(issued) })),
      ...series.states.map(({ file, issued }) => ({ part: file, region, issued })),
    ],
    series: series.states,
    count: all.reduce((sum, { count }) => sum + count, 0),
    bytes: sets.reduce((sum, { set }) => sum + set.size, 0),
    rejected,
    standing: (query) => standing(query, sets),
    screen(ids, now) {
      const suspects = new Set(sets.flatMap(({ set }) => set.sift(ids)));
      return ids.map((id, i) => {
        const found = standing({ ids: [id], issuedAt: undefined, now }, suspects.has(i) ? sets : []);
        return found.state === 'clear' && statusLists.length > 0 ? BY_PLACE : found;
      });
    },
  };
}

interface Published {
  readonly file: string;
  readonly issued: string;
  readonly cursor?: Cursor;
  readonly count: number;
}

interface OpenSet {
  readonly file: string;
  readonly list: RevocationSet;
  readonly set: IdSet;
  readonly confirm: ReadPart | undefined;
}

interface OpenStatusList {
  readonly list: StatusList;
  readonly bits: StatusBits;
}

function openSet({ file, list, ids, confirm }: PackedSet, platform: Platform): OpenSet {
  if (ids === undefined) throw new Broken('id-set', 'the packed set is missing');
  if (encodeBase64url(platform.digest('SHA-256', ids)) !== list.digest)
    throw new Broken('id-set', 'the packed set is another than this file names');
  const set = readIdSet(ids);
  if (set.count !== list.count) throw new Broken('id-set', 'the packed set holds another number of ids');
  return { file, list, set, confirm };
}

function add(entry: RevokedDocument, ids: Map<string, number>, bounded: Map<string, RevokedDocument[]>): void {
  const { since, issuedBefore } = entry;
  // As a document's own is read, and as packed sets have them: columns of a fixed width fill up with spaces.
  const id = entry.id.trim();
  if (issuedBefore === undefined) ids.set(id, Math.min(ids.get(id) ?? Infinity, Date.parse(since)));
  else {
    const entries = bounded.get(id);
    if (entries === undefined) bounded.set(id, [entry]);
    else entries.push(entry);
  }
}

function listedSince(
  asked: readonly string[],
  issuedAt: number | undefined,
  ids: ReadonlyMap<string, number>,
  bounded: ReadonlyMap<string, readonly RevokedDocument[]>,
): number {
  // A document that does not say when it was issued may have been issued before.
  const issued = issuedAt ?? -Infinity;
  // No spreading: a list may hold more entries for one id than a call takes arguments.
  let earliest = Infinity;
  for (const id of asked) {
    earliest = Math.min(earliest, ids.get(id) ?? Infinity);
    for (const { since, issuedBefore } of bounded.get(id) ?? NOTHING)
      if (issued < Date.parse(issuedBefore!)) earliest = Math.min(earliest, Date.parse(since));
  }
  return earliest;
}

const NOTHING: readonly RevokedDocument[] = [];

function bitSet({ status }: RevocationQuery, lists: readonly OpenStatusList[]): boolean {
  if (status?.index === undefined) return false;
  // Every list of the name: a bit that was set once stays set.
  return lists.some(({ list, bits }) => list.list === status.list && bits.has(status.index!) === true);
}

/** Why a status list says nothing of a document whose format has it numbered; undefined if it does, or is not asked. */
function placeDoubt({ status }: RevocationQuery, lists: readonly OpenStatusList[]): string | undefined {
  if (status === undefined) return undefined;
  const { list: name, index } = status;
  if (name === undefined || index === undefined) return 'the document names no place in a status list';
  const own = lists.filter(({ list }) => list.list === name);
  if (own.length === 0) return 'the region publishes no status list of the name that the document gives';
  return own.some(({ bits }) => bits.has(index) !== undefined)
    ? undefined
    : 'the status list ends before the place that the document names';
}

function seriesOf(
  region: string,
  published: readonly Published[],
  seen: ReadonlyMap<string, SeenState>,
): { states: SeriesState[]; gone: { file: string; reason: string }[] } {
  const bySeries = new Map<string, SeriesList[]>();
  for (const { file, issued, cursor, count } of published) {
    if (cursor === undefined) continue;
    const list = { file, cursor, issued: Date.parse(issued), count };
    bySeries.set(cursor.series, [...(bySeries.get(cursor.series) ?? []), list]);
  }
  return {
    states: [...bySeries].map(([series, lists]) => followSeries(series, lists, seen.get(series))),
    gone: [...seen]
      .filter(([series]) => !bySeries.has(series))
      .map(([series, state]) => ({ file: `regions/${region}/revocations`, reason: vanished(series, state) })),
  };
}

/** Whole lists that lack ids of an earlier one of their series. The ids stay revoked; that it happened is said. */
function takenBack(lists: RevocationSource['lists']): Rejected[] {
  const whole = lists
    .filter(({ list }) => list.cursor !== undefined && list.cursor.base === undefined)
    .toSorted((one, other) => one.list.cursor!.sequence - other.list.cursor!.sequence);
  return whole.flatMap(({ file, list }, i) => {
    const earlier = whole.slice(0, i).findLast((each) => each.list.cursor!.series === list.cursor!.series);
    if (earlier === undefined) return [];
    const ids = new Set(list.revoked.map(({ id }) => id));
    const lacking = earlier.list.revoked.filter(({ id }) => !ids.has(id)).length;
    if (lacking === 0) return [];
    return [{ file, at: '/revoked', reason: `it lacks ${lacking} ids of ${earlier.file}: they stay revoked` }];
  });
}

function attempt<T>(file: string, rejected: Rejected[], run: () => T): T[] {
  try {
    return [run()];
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    rejected.push({ file, at: '', reason: `${error.part}: ${error.message}` });
    return [];
  }
}
