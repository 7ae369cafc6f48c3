import { AREA_GROUPS, AREA_LISTS } from './area-table.ts';

/**
 * Area codes of GB/T 2260. The table knows which published lists had a code, not the day of its founding or end: between
 * two lists, and for what is in none of them (a development zone, a place newer than the table), nobody here can tell.
 */

/** How new the table is, yyyy-mm. */
export const AREAS_AS_OF = AREA_LISTS[AREA_LISTS.length - 1]!;

export type Presence = 'yes' | 'no' | 'unknown';

interface Span {
  readonly first: number;
  readonly last: number;
}

let spans: ReadonlyMap<string, Span> | undefined;

/** Unpacked when first asked: most documents never ask. */
function spanOf(code: string): Span | undefined {
  if (spans === undefined) {
    const made = new Map<string, Span>();
    for (const [first, last, packed] of AREA_GROUPS) {
      const span = { first, last };
      for (const group of packed.split(' ')) {
        for (let at = 4; at < group.length; at += 2) made.set(group.slice(0, 4) + group.slice(at, at + 2), span);
      }
    }
    spans = made;
  }
  return spans.get(code);
}

/** Is it a place today, as far as the table goes? `no`: it was one, and a later list no longer has it. */
export function isAreaNow(code: string): Presence {
  const span = spanOf(code);
  if (span === undefined) return 'unknown';
  return span.last === AREA_LISTS.length - 1 ? 'yes' : 'no';
}

/** Was it abolished before this moment (a day or an instant, by its month)? */
export function isAreaGoneBy(code: string, moment: string): Presence {
  const span = spanOf(code);
  if (span === undefined) return 'unknown';
  if (span.last === AREA_LISTS.length - 1) return 'no';
  const month = moment.slice(0, 7);
  if (month >= AREA_LISTS[span.last + 1]!) return 'yes';
  // In no list of the table, it may have ended at any time before the first one.
  return span.last >= 0 && month <= AREA_LISTS[span.last]! ? 'no' : 'unknown';
}
