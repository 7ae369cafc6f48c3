import { AREA_GROUPS, AREA_LISTS } from './area-table.ts';
import { once } from './once.ts';

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

/** The counties of a prefecture that the same lists had: two digits each. */
interface Counties {
  readonly span: Span;
  readonly packed: string;
}

/** By the four digits of the prefecture; sorted when first asked, as most documents never ask, and no further unpacked. */
const prefectures = once(() => {
  const made = new Map<string, Counties[]>();
  for (const [first, last, groups] of AREA_GROUPS) {
    const span = { first, last };
    for (const group of groups.split(' ')) {
      const prefecture = group.slice(0, 4);
      const counties = { span, packed: group.slice(4) };
      const before = made.get(prefecture);
      if (before === undefined) made.set(prefecture, [counties]);
      else before.push(counties);
    }
  }
  return made;
});

function spanOf(code: string): Span | undefined {
  const [tens, units] = [code.charCodeAt(4), code.charCodeAt(5)];
  if (code.length === 6)
    for (const { span, packed } of prefectures().get(code.slice(0, 4)) ?? [])
      for (let at = 0; at < packed.length; at += 2)
        if (packed.charCodeAt(at) === tens && packed.charCodeAt(at + 1) === units) return span;
  return undefined;
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
