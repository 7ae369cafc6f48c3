import { curveOf, ONE, QUAD_ONE } from './curve';
import { add, carry, copy, ELEMENT, mul, sqr, sub, subBoth } from './field';
import { POINT, windowsOf } from './parts';
import { invertAll, packElement } from './prime';

/**
 * Tables of a point's multiples. They are made one point after the other in the form of field.ts, and kept in that of product4.ts,
 * which is how sums read them. Affine points are x and y, Jacobian ones X, Y and Z with x = X/Z² and y = Y/Z³.
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

/** acc = 2·acc, a = −3 (both curves). Points of odd order never have y = 0. */
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

/** Takes off p as often as the top limb says: any value of at most 30p comes within (−0.6p, 0.6p); one wide, or a little more. */
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

/** out = one + other, affine, where `inverse` is 1/(x of other − x of one). */
function join<C>(out: usize, one: usize, other: usize, inverse: usize): void {
  sub(LAMBDA, other + 36, one + 36);
  mul<C>(LAMBDA, LAMBDA, inverse);
  slope<C>(out, one, other);
}

/** The third point of the line with slope LAMBDA through both, turned over. */
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
        // The tangent: (3x² − 3)/2y.
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

/** 2^(width·i)·P, by doubling. */
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

/** In place. y first: x would be written over it. */
function packPoint<C>(point: usize): void {
  packElement<C>(point + 40, point + 36, 4);
  packElement<C>(point, point, 4);
}
