import type { Cursor } from '../document/generated/types.ts';

/**
 * Lists of revoked documents that follow each other. What a list names is revoked, whether the list fits or not, and stays
 * so: no later list can take it back. What the order decides is whether anything is missing, for then that a document is
 * in no list says nothing.
 */

/** One list of a series, whatever its kind. */
export interface SeriesList {
  readonly file: string;
  readonly cursor: Cursor;
  /** Epoch ms. */
  readonly issued: number;
  /** Documents that it names. */
  readonly count: number;
}

/** How far a series has come, as the lists at hand tell. */
export interface SeriesState {
  readonly series: string;
  /** The list that the state is the age of. */
  readonly file: string;
  readonly issued: number;
  readonly sequence: number;
  /** The newest list that is whole, if there is one. */
  readonly snapshot: { readonly sequence: number; readonly count: number } | undefined;
  /** Why the state is not whole: a gap, or a rollback. */
  readonly trouble: readonly { readonly file: string; readonly reason: string }[];
}

/** What was seen of a series before. */
export interface SeenState {
  readonly sequence: number;
  readonly snapshot?: { readonly sequence: number; readonly count: number };
}

/** Follows the lists of one series from the newest whole one on. In: at least one list. */
export function followSeries(series: string, lists: readonly SeriesList[], seen: SeenState | undefined): SeriesState {
  const ordered = lists.toSorted((one, other) => one.cursor.sequence - other.cursor.sequence);
  const whole = ordered.filter(({ cursor }) => cursor.base === undefined);
  const newest = whole.at(-1);
  const reached = new Set(whole.map(({ cursor }) => cursor.sequence));
  const trouble: { file: string; reason: string }[] = [];
  let head = newest ?? ordered[0]!;
  for (const list of ordered) {
    const { sequence, base } = list.cursor;
    if (base === undefined) continue;
    if (base >= sequence) {
      trouble.push({ file: list.file, reason: `it adds to ${base}, and is no later than that itself` });
    } else if (reached.has(base)) {
      reached.add(sequence);
      // What a newer whole list came after is in it.
      if (newest !== undefined && sequence <= newest.cursor.sequence) continue;
      head = list;
    } else if (newest === undefined || sequence > newest.cursor.sequence) {
      trouble.push({ file: list.file, reason: `a gap: it adds to ${base} of ${series}, which is not here` });
    }
  }
  if (newest === undefined) trouble.push({ file: head.file, reason: `a gap: no list of ${series} is whole` });
  const snapshot = newest && { sequence: newest.cursor.sequence, count: newest.count };
  const { sequence } = head.cursor;
  trouble.push(...rollback(head.file, series, sequence, snapshot, seen));
  return { series, file: head.file, issued: head.issued, sequence, snapshot, trouble };
}

/** Whoever keeps the newest lists from a gateway brings revoked documents back: older ones than were seen say nothing good. */
function rollback(
  file: string,
  series: string,
  sequence: number,
  snapshot: SeriesState['snapshot'],
  seen: SeenState | undefined,
): { file: string; reason: string }[] {
  if (seen === undefined) return [];
  if (sequence < seen.sequence)
    return [{ file, reason: `a rollback: ${series} stands at ${sequence}, and ${seen.sequence} was seen before` }];
  const { snapshot: before } = seen;
  const later = before !== undefined && snapshot !== undefined && snapshot.sequence > before.sequence;
  return later && snapshot.count < before.count
    ? [{ file, reason: `a rollback: ${series} names ${snapshot.count} documents, and named ${before.count} before` }]
    : [];
}

/** What follows for the gateway's memory: the farther of what was seen and what is here. */
export function farther(seen: SeenState | undefined, state: SeriesState): SeenState {
  const { snapshot, sequence } = state;
  const kept = seen?.snapshot;
  const newer = snapshot !== undefined && (kept === undefined || snapshot.sequence > kept.sequence) ? snapshot : kept;
  // A shorter list does not become the measure: it would be shorter no more the next time.
  const measure = kept !== undefined && newer !== undefined && newer.count < kept.count ? kept : newer;
  return {
    sequence: Math.max(seen?.sequence ?? 0, sequence),
    ...(measure === undefined ? {} : { snapshot: measure }),
  };
}

/** A series that was seen and of which no list is left. */
export const vanished = (series: string, seen: SeenState): string =>
  `a rollback: no list of ${series} is here, and ${seen.sequence} was seen before`;
