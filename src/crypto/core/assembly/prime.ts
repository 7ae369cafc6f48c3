import { curveOf, DOWN, ONE, P, P_30, P_INVERSE, RRR } from './curve';
import { canonical, copy, ELEMENT, floor, isZero, mul } from './field';
import { invert } from './inverse';
import { pack } from './quad';

/** What needs the whole number, not limbs as they come: whether it is 0, its inverse, and other limbs for it. */
const WHOLE = memory.data(ELEMENT, 8);
const RUNNING = memory.data(ELEMENT, 8);
const INVERSE = memory.data(ELEMENT, 8);

/**
 * Whether a is 0 modulo p. In: a at most three wide and 15p. Times one, which is canonical and so two wide (k·l = 6, the most there
 * is anywhere), it comes within (−p/2, 3p/2).
 */
export function vanishes<C>(a: usize): bool {
  const c = curveOf<C>();
  mul<C>(WHOLE, a, c + ONE);
  canonical(WHOLE, c + P);
  return isZero(WHOLE);
}

/** a = 1/a, both in Montgomery form; false if there is none. In: as above. Out: a product of canonical numbers (k·l = 4), at most 1.04p. */
function invertP<C>(a: usize): bool {
  const c = curveOf<C>();
  mul<C>(a, a, c + ONE);
  canonical(a, c + P);
  if (isZero(a)) return false;
  invert(a, c + P_30, load<u32>(c + P_INVERSE));
  mul<C>(a, a, c + RRR);
  return true;
}

/**
 * All of `count` elements inverted with one inversion (Montgomery's trick); `prefixes` is room for as many. False, and the
 * elements as they were, if one of them vanishes. In: at most 2.08 wide and 3.4p; two such are multiplied at first (k·l ≤ 4.4, 1.4p),
 * then products with them. Out: products, one wide and at most 1.2p.
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
    mul<C>(INVERSE, RUNNING, prefixes + (i - 1) * ELEMENT);
    mul<C>(RUNNING, RUNNING, elements + i * ELEMENT);
    copy(elements + i * ELEMENT, INVERSE);
  }
  copy(elements, RUNNING);
  return true;
}

/**
 * An element of field.ts as one of product4.ts, its pairs of limbs `step` bytes apart: 16 in a quad, 4 in a point. In: at most 1.08 wide
 * (k·l ≤ 2.2 with what it is multiplied by) and 1.2p. Out: half a wide, within (−0.04p, 1.04p).
 */
export function packElement<C>(out: usize, a: usize, step: usize): void {
  mul<C>(WHOLE, a, curveOf<C>() + DOWN);
  floor(WHOLE);
  pack(out, WHOLE, step);
}
