import { BASE_TABLE, BASE_WIDTH, curveOf, N, ONE, P, P_30, P_INVERSE, RR, RRR } from './curve';
import { add, atLeast, canonical, carry, copy, ELEMENT, isZero, LIMBS, mul, neg, POINT, sqr, sub, subBoth, subSigned } from './field';
import { invert } from './inverse';

/** Points: affine ones are x and y, Jacobian ones X, Y and Z with x = X/Z² and y = Y/Z³. */
const ZZ = memory.data(ELEMENT, 8);
const H = memory.data(ELEMENT, 8);
const HH = memory.data(ELEMENT, 8);
const HHH = memory.data(ELEMENT, 8);
const V = memory.data(ELEMENT, 8);
const S = memory.data(ELEMENT, 8);
const W = memory.data(ELEMENT, 8);
const SUM = memory.data(108, 8);

/**
 * acc += sign·point, mixed, eight products and three squares. It cannot add a point to itself or to its negative: Z becomes 0 then,
 * and stays so. Bounds: X ≤ 4.1p, Y ≤ 1.5p, Z ≤ 1.3p come out as they went in; operands are at most three wide (see field.ts).
 */
export function addAffine<C>(acc: usize, point: usize, sign: i32): void {
  const x = acc, y = acc + 36, z = acc + 72;
  sqr<C>(ZZ, z);
  mul<C>(H, point, ZZ);
  sub(H, H, x);
  mul<C>(S, z, ZZ);
  mul<C>(S, point + 36, S);
  subSigned(S, S, sign, y);
  sqr<C>(HH, H);
  mul<C>(HHH, H, HH);
  mul<C>(V, x, HH);
  sqr<C>(W, S);
  subBoth(x, W, HHH, V);
  sub(x, x, V);
  carry(x);
  sub(V, V, x);
  mul<C>(V, S, V);
  mul<C>(W, y, HHH);
  sub(y, V, W);
  carry(y);
  mul<C>(z, z, H);
}

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
export function tame<C>(a: usize): void {
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

/** Whether a is 0 modulo p. */
export function vanishes<C>(a: usize): bool {
  const c = curveOf<C>();
  mul<C>(W, a, c + ONE);
  canonical(W, c + P);
  return isZero(W);
}

/** a = 1/a, both in Montgomery form; false if there is none. */
function invertP<C>(a: usize): bool {
  const c = curveOf<C>();
  mul<C>(a, a, c + ONE);
  canonical(a, c + P);
  if (isZero(a)) return false;
  invert(a, c + P_30, load<u32>(c + P_INVERSE));
  mul<C>(a, a, c + RRR);
  return true;
}

/** Windows of a table of this width: signed digits may carry one bit out of the top. */
// @ts-ignore: decorator
@inline
export function windowsOf(width: i32): i32 {
  return 256 / width + 1;
}

/** The digit of a window, without what the window below carries. */
// @ts-ignore: decorator
@inline
export function digitAt(digits: usize, window: i32, width: i32): i32 {
  const bit = window * width;
  return <i32>((load<u32>(digits + (bit >> 3)) >> (bit & 7)) & ((1 << width) - 1));
}

/** The points that make up a sum, at most 86 for either of its two multiples, and which of them are to be taken off. */
const PARTS = memory.data(8 * 172, 8);
let parts: i32 = 0;
/** Exported, so that no compiler leaves the looking out. */
export let touched: i32 = 0;

/**
 * Notes the points that make up k·P, from P's table: one for each window, and no doubling. All are looked at before any is added:
 * tables are larger than what is near the processor, and waiting for sixty places at one time takes as long as waiting for a few.
 */
function noteMultiple<C>(table: usize, width: i32, digits: usize): void {
  const half = 1 << (width - 1);
  const windows = windowsOf(width);
  let over = 0;
  let seen = 0;
  for (let window = 0; window < windows; window++) {
    let digit = digitAt(digits, window, width) + over;
    over = i32(digit > half);
    digit -= over << width;
    if (digit == 0) continue;
    const point = table + (window * half + abs(digit) - 1) * POINT;
    seen ^= load<i32>(point) ^ load<i32>(point, 68);
    const part = PARTS + (parts << 3);
    store<u32>(part, <u32>point);
    store<i32>(part, digit < 0 ? -1 : 1, 4);
    parts++;
  }
  touched = seen;
}

/** SUM = all that was noted; there must be something. */
function addParts<C>(): void {
  const first = load<u32>(PARTS);
  copy(SUM, first);
  if (load<i32>(PARTS, 4) < 0) neg(SUM + 36, first + 36);
  else copy(SUM + 36, first + 36);
  copy(SUM + 72, curveOf<C>() + ONE);
  for (let i = 1; i < parts; i++) {
    const part = PARTS + (i << 3);
    addAffine<C>(SUM, load<u32>(part), load<i32>(part, 4));
  }
}

/**
 * Whether u·G + v·Q is a finite point with an affine x ≡ target modulo n: 1 or 0; −1 if the sum ran into a case that the fast
 * additions cannot do, which the complete ones must decide. In: u and v as digits, the target as limbs in [0, n).
 */
export function sumHasX<C>(table: usize, width: i32, u: usize, v: usize, target: usize): i32 {
  const c = curveOf<C>();
  parts = 0;
  noteMultiple<C>(load<u32>(c + BASE_TABLE), load<i32>(c + BASE_WIDTH), u);
  noteMultiple<C>(table, width, v);
  if (parts == 0) return -1;
  addParts<C>();
  sqr<C>(ZZ, SUM + 72);
  if (vanishes<C>(ZZ)) return -1;
  if (isX<C>(SUM, target, ZZ)) return 1;
  return plusOrder<C>(target) ? i32(isX<C>(SUM, target, ZZ)) : 0;
}

/** x is known modulo n only, and n < p: it may be larger by n. False if that would be no element. */
export function plusOrder<C>(target: usize): bool {
  const c = curveOf<C>();
  add(target, target, c + N);
  let t: i32 = 0;
  for (let i: i32 = 0; i < LIMBS; i++) {
    t += load<i32>(target + (i << 2));
    store<i32>(target + (i << 2), i == LIMBS - 1 ? t : t & ((1 << 29) - 1));
    t >>= 29;
  }
  return !atLeast(target, c + P);
}

/** Whether x = target·zz, where x is in Montgomery form and target is not. */
export function isX<C>(x: usize, target: usize, zz: usize): bool {
  mul<C>(V, target, curveOf<C>() + RR);
  mul<C>(V, V, zz);
  sub(V, x, V);
  return vanishes<C>(V);
}

const BASES = memory.data(108 * 86, 8);
const DENOMINATORS = memory.data(36 * 86, 8);
const PREFIXES = memory.data(36 * 86, 8);
const LAMBDA = memory.data(ELEMENT, 8);
const RUNNING = memory.data(ELEMENT, 8);

/**
 * All of `count` elements inverted with one inversion (Montgomery's trick); `prefixes` is room for as many. False, and the
 * elements as they were, if one of them vanishes.
 */
export function invertAll<C>(elements: usize, prefixes: usize, count: i32): bool {
  copy(RUNNING, elements);
  copy(prefixes, elements);
  for (let i = 1; i < count; i++) {
    mul<C>(RUNNING, RUNNING, elements + i * ELEMENT);
    copy(prefixes + i * ELEMENT, RUNNING);
  }
  if (!invertP<C>(RUNNING)) return false;
  for (let i = count - 1; i > 0; i--) {
    mul<C>(LAMBDA, RUNNING, prefixes + (i - 1) * ELEMENT);
    mul<C>(RUNNING, RUNNING, elements + i * ELEMENT);
    copy(elements + i * ELEMENT, LAMBDA);
  }
  copy(elements, RUNNING);
  return true;
}

/** out = one + sign·other, affine, where `inverse` is 1/(x of other − x of one). `out` may be `one`. */
export function join<C>(out: usize, one: usize, other: usize, sign: i32, inverse: usize): void {
  subSigned(LAMBDA, other + 36, sign, one + 36);
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
 * Writes the multiples 1 … 2^(width−1) of 2^(width·i)·P for every window i. In: the point, affine, in Montgomery form;
 * widths from 3 on. The multiples are far below the order, so no addition meets an exceptional case.
 */
export function buildTable<C>(table: usize, width: i32, point: usize): void {
  const half = 1 << (width - 1);
  const windows = windowsOf(width);
  const c = curveOf<C>();
  copy(SUM, point);
  copy(SUM + 36, point + 36);
  copy(SUM + 72, c + ONE);
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
  for (let k = 1; k < half; k++) {
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
      if (k > 1) join<C>(first + k * POINT, before, first, 1, inverse);
      else {
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
}
