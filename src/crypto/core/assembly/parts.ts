/** Bytes of a point in a table: x and y, twenty limbs of 13 bits each (see product4.ts). */
export const POINT: i32 = 80;

/** Windows of a table of this width: signed digits may carry one bit out of the top. */
// @ts-ignore: decorator
@inline
export function windowsOf(width: i32): i32 {
  return 256 / width + 1;
}

/**
 * A sum is made of parts: where a point lies, and −1 if it is to be taken off, else 0. At most 43 for either of its two multiples, as
 * tables are at least six wide; and three more, so that the last four can always be read.
 */
export const PART: i32 = 8;
export const MOST_PARTS: i32 = 89;
/** Exported, so that no compiler leaves the looking out. */
export let touched: i32 = 0;

/**
 * Notes the points that make up k·P, from P's table: one for each window, and no doubling. Gives where the next part goes. All are
 * looked at before any is added: tables are larger than what is near the processor, and waiting for sixty places at one time
 * takes as long as waiting for a few.
 */
export function noteMultiple(parts: usize, table: usize, width: i32, digits: usize): usize {
  const half = 1 << (width - 1);
  const windows = windowsOf(width);
  let over = 0;
  let seen = 0;
  for (let window = 0; window < windows; window++) {
    const bit = window * width;
    let digit = <i32>((load<u32>(digits + (bit >> 3)) >> (bit & 7)) & ((1 << width) - 1)) + over;
    over = i32(digit > half);
    digit -= over << width;
    if (digit == 0) continue;
    const point = table + (window * half + abs(digit) - 1) * POINT;
    seen ^= load<i32>(point) ^ load<i32>(point, 76);
    store<u32>(parts, <u32>point);
    store<i32>(parts, digit >> 31, 4);
    parts += PART;
  }
  touched = seen;
  return parts;
}

/** The last four may be fewer: the first one stands in for what is not there, and is not added. */
export function fillUp(parts: usize, end: usize): void {
  for (let at: usize = 0; at < 24; at += PART) store<i64>(end + at, load<i64>(parts));
}
