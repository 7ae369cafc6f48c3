import { curveOf, ONE, QUAD_ONE } from './curve';
import { add, carry, copy, ELEMENT, mul, sqr, sub, subBoth } from './field';
import { POINT, windowsOf } from './parts';
import { invertAll, packElement } from './prime';

/**
 * Tables of a point's multiples. They are made one point after the other in the form of field.ts, and kept in that of product4.ts,
 * which is how sums read them. Affine points are x and y, Jacobian ones X, Y and Z with x = X/Z² and y = Y/Z³.
 *
 * Bounds are said as in field.ts: k wide, α p. "Tamed" is at most 0.6p and at most 1.08 wide; a product of what occurs here is one wide and
 * at most 1.5p. Constants (ONE, RR, DOWN) are canonical: below p, and two wide.
 */
const ZZ = memory.data(ELEMENT, 8);
const H = memory.data(ELEMENT, 8);
const HH = memory.data(ELEMENT, 8);
const HHH = memory.data(ELEMENT, 8);
const V = memory.data(ELEMENT, 8);
const S = memory.data(ELEMENT, 8);
const W = memory.data(ELEMENT, 8);
const SUM = memory.data(108, 8);
/** Widths are from 6 on, so there are at most 43 windows. */
const BASES = memory.data(108 * 43, 8);
const DENOMINATORS = memory.data(36 * 43, 8);
const PREFIXES = memory.data(36 * 43, 8);
const LAMBDA = memory.data(ELEMENT, 8);

/**
 * acc = 2·acc, a = −3 (both curves). Points of odd order never have y = 0.
 *
 * Bounds. In: X and Y tamed, or products of at most 1.04p; Z tamed, or ONE. Out: all three tamed.
 *
 *   ZZ = Z²             k·l ≤ 4 (ONE); 1.04p
 *   X − ZZ, X + ZZ      2.08 wide, 2.1p; their product k·l ≤ 4.4, 1.1p
 *   H = 3·that          three wide, carried: one wide, 3.3p
 *   HH = Y²             k·l ≤ 1.2; 1.04p
 *   V = 4·X·HH          k·l ≤ 1.08; four wide (2^30), carried: one wide, 4.2p
 *   Z = 2·Y·Z           k·l ≤ 2 (ONE); two wide, 2.1p, tamed
 *   X = H² − 2V         1.4p + 8.4p: three wide, 9.8p, tamed
 *   H·(V − X)           V − X is 2.08 wide, 4.8p: k·l ≤ 2.1, 1.5p
 *   HHH = 4·HH²         four wide, carried: one wide, 4.2p
 *   Y = that − 2·HHH    1.5p + 8.4p: three wide, 9.9p, tamed
 */
function double<C>(acc: usize): void {
  const x = acc, y = acc + 36, z = acc + 72;
  sqr<C>(ZZ, z);
  sub(H, x, ZZ);
  add(S, x, ZZ);
  mul<C>(H, H, S);
  add(S, H, H);
  add(H, H, S);
  carry(H);
  sqr<C>(HH, y);
  mul<C>(V, x, HH);
  add(V, V, V);
  add(V, V, V);
  carry(V);
  mul<C>(z, y, z);
  add(z, z, z);
  tame<C>(z);
  sqr<C>(W, H);
  sub(x, W, V);
  sub(x, x, V);
  tame<C>(x);
  sub(V, V, x);
  mul<C>(W, H, V);
  sqr<C>(HH, HH);
  for (let i: usize = 0; i < 36; i += 4) store<i32>(HHH + i, load<i32>(HH + i) << 2);
  carry(HHH);
  sub(W, W, HHH);
  sub(y, W, HHH);
  tame<C>(y);
}

/**
 * Takes off p as often as the top limb says.
 *
 * Bounds. In: at most 10p (double; slope has 3.3p), limbs of any 32 bits. Carried, the limbs below the top one are worth at most half of
 * its unit of 2^232, so that `times` is the value over 2^256 rounded, but for 2^−24, and at most 10. What is left is at most 2^255 and a
 * little: within (−0.6p, 0.6p). Of what is added to the limbs, `times`·2^21 is the most: H + 10·2^21 is 1.08 wide. The top limb is at
 * most 2^23.
 */
function tame<C>(a: usize): void {
  carry(a);
  const top = load<i32>(a, 32);
  const times = (top + (1 << 23)) >> 24;
  store<i32>(a, top - (times << 24), 32);
  store<i32>(a, load<i32>(a, 28) + (times << 21), 28);
  if (sizeof<C>() == 1) {
    store<i32>(a, load<i32>(a, 24) - (times << 18), 24);
    store<i32>(a, load<i32>(a, 12) - (times << 9), 12);
  } else {
    store<i32>(a, load<i32>(a, 12) + (times << 9), 12);
    store<i32>(a, load<i32>(a, 8) - (times << 6), 8);
  }
  store<i32>(a, load<i32>(a) + times);
}

/**
 * out = one + other, affine, where `inverse` is 1/(x of other − x of one). Bounds. In: one tamed and other a product, at most 1.04p; the
 * inverse a product. The difference is 2.08 wide and 1.7p: LAMBDA is one wide (k·l ≤ 2.1) and at most 1.1p.
 */
function join<C>(out: usize, one: usize, other: usize, inverse: usize): void {
  sub(LAMBDA, other + 36, one + 36);
  mul<C>(LAMBDA, LAMBDA, inverse);
  slope<C>(out, one, other);
}

/**
 * The third point of the line with slope LAMBDA through both, turned over. Bounds. In: LAMBDA a product of at most 1.3p; either point
 * tamed, or products of at most 1.04p. Out: tamed.
 *
 *   V = LAMBDA² − x − x   1.06p + 2.1p: at most 3.08 wide, 3.2p, tamed
 *   S = LAMBDA·(x − V)    x − V is 2.16 wide, 1.7p: k·l ≤ 2.2, 1.1p
 *   S − y                 2.08 wide, 2.2p, tamed
 */
function slope<C>(out: usize, one: usize, other: usize): void {
  sqr<C>(W, LAMBDA);
  subBoth(V, W, one, other);
  tame<C>(V);
  sub(S, one, V);
  mul<C>(S, LAMBDA, S);
  sub(S, S, one + 36);
  copy(out, V);
  copy(out + 36, S);
  tame<C>(out + 36);
}

/**
 * Writes rows of a table: row k holds the multiple k + 1 of 2^(width·i)·P for every window i. In: the point, affine, in Montgomery
 * form; widths from 6 on; the rows, of 2^(width−1), which have to come in order. Others may be built in between: a row needs those
 * before it and nothing else. The table is one when its last row is written. The multiples are far below the order, so no addition
 * meets an exceptional case.
 *
 * Bounds. The first row are products, the others are tamed by `slope`. The differences to be inverted are 2·y, two wide and 2.1p, or x − x
 * of a product and a row, 2.08 wide and 1.7p: what invertAll takes. A row is packed when the next one is there, the first at the very
 * end: from at most 1.08 wide and 1.04p.
 */
export function buildTable<C>(table: usize, width: i32, point: usize, from: i32, to: i32): void {
  const half = 1 << (width - 1);
  const windows = windowsOf(width);
  const c = curveOf<C>();
  if (from == 0) {
    firstRow<C>(table, half, width, point);
    from = 1;
  }
  for (let k = from; k < to; k++) {
    for (let i = 0; i < windows; i++) {
      const first = table + i * half * POINT;
      const before = first + (k - 1) * POINT;
      const denominator = DENOMINATORS + i * ELEMENT;
      if (k == 1) add(denominator, first + 36, first + 36);
      else sub(denominator, first, before);
    }
    invertAll<C>(DENOMINATORS, PREFIXES, windows);
    for (let i = 0; i < windows; i++) {
      const first = table + i * half * POINT;
      const before = first + (k - 1) * POINT;
      const inverse = DENOMINATORS + i * ELEMENT;
      if (k > 1) {
        join<C>(first + k * POINT, before, first, inverse);
        packPoint<C>(before);
      } else {
        // The tangent: (3x² − 3)/2y. x² − 1 is three wide (ONE is two) and 2.1p, three times that 6.3p: LAMBDA is at most 1.3p.
        sqr<C>(W, first);
        sub(W, W, c + ONE);
        carry(W);
        add(S, W, W);
        add(W, W, S);
        carry(W);
        mul<C>(LAMBDA, W, inverse);
        slope<C>(first + POINT, first, first);
      }
    }
  }
  if (to < half) return;
  for (let i = 0; i < windows; i++) {
    const first = table + i * half * POINT;
    packPoint<C>(first + (half - 1) * POINT);
    packPoint<C>(first);
  }
  // One in every place, for sums of this curve.
  for (let lane: usize = 0; lane < 16; lane += 4) packElement<C>(c + QUAD_ONE + lane, c + ONE, 16);
}

/**
 * 2^(width·i)·P, by doubling. Bounds: the point is two products (index.ts), or what `double` leaves; its Z, and so what is inverted, is ONE or
 * tamed: at most two wide, and below p. What is written are products (k·l ≤ 1.1), at most 1.04p.
 */
function firstRow<C>(table: usize, half: i32, width: i32, point: usize): void {
  const windows = windowsOf(width);
  copy(SUM, point);
  copy(SUM + 36, point + 36);
  copy(SUM + 72, curveOf<C>() + ONE);
  for (let i = 0; i < windows; i++) {
    memory.copy(BASES + i * 108, SUM, 108);
    copy(DENOMINATORS + i * ELEMENT, SUM + 72);
    for (let j = 0; j < width; j++) double<C>(SUM);
  }
  invertAll<C>(DENOMINATORS, PREFIXES, windows);
  for (let i = 0; i < windows; i++) {
    const first = table + i * half * POINT;
    const inverse = DENOMINATORS + i * ELEMENT;
    sqr<C>(ZZ, inverse);
    mul<C>(first, BASES + i * 108, ZZ);
    mul<C>(ZZ, ZZ, inverse);
    mul<C>(first + 36, BASES + i * 108 + 36, ZZ);
  }
}

/** In place, k·l ≤ 2.2 with DOWN. y first: x would be written over it. */
function packPoint<C>(point: usize): void {
  packElement<C>(point + 40, point + 36, 4);
  packElement<C>(point, point, 4);
}
