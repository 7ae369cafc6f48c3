import { copy, isZero, repack } from './field';

/**
 * Inverses modulo an odd number by the steps of D. J. Bernstein and B.-Y. Yang, "Fast constant-time gcd computation and
 * modular inversion" (2019), here in variable time: only public numbers are inverted. Numbers are nine limbs of 30 bits; all
 * but the top one are in [0, 2^30).
 */
const MASK: i64 = (1 << 30) - 1;
const F = memory.data(36, 8);
const G = memory.data(36, 8);
const D = memory.data(36, 8);
const E = memory.data(36, 8);

/** What thirty steps do to (f, g): 2^-30 times this matrix. */
let u: i64 = 0;
let v: i64 = 0;
let q: i64 = 0;
let r: i64 = 0;

/** a = 1/a modulo m, or 0 for 0. In: a in [0, m), nine limbs of 29 bits; m as nine limbs of 30 bits, and 1/m modulo 2^30. */
export function invert(a: usize, m: usize, factor: u32): void {
  copy(F, m);
  repack(G, 9, 30, a, 9, 29);
  for (let i: usize = 0; i < 36; i += 4) {
    store<i32>(D + i, 0);
    store<i32>(E + i, 0);
  }
  store<i32>(E, 1);
  // Twice the difference that decides which of both is halved, negated.
  let eta = -1;
  while (!isZero(G)) {
    eta = steps(eta, load<u32>(F), load<u32>(G));
    combine(m, factor, u, v, q, r);
    advance(u, v, q, r);
  }
  if (load<i32>(F, 32) < 0) negate(D);
  while (load<i32>(D, 32) < 0) shift(D, m, 1);
  while (notBelow(D, m)) shift(D, m, -1);
  repack(a, 9, 29, D, 9, 30);
}

/**
 * Thirty steps on the lowest bits of f and g. As long as `eta` says that both will not change places, several steps are one: a
 * multiple of f makes that many bits of g zero. f(2 − f²) is 1/f modulo 64, as f² is 1 modulo 8: so up to six. What is worked on is
 * local: engines read and write a global each time.
 */
function steps(start: i32, lowF: u32, lowG: u32): i32 {
  let eta = start;
  let f = lowF;
  let g = lowG;
  let left = 30;
  let fromF: i64 = 1, fromG: i64 = 0, toF: i64 = 0, toG: i64 = 1;
  while (true) {
    const zeros = ctz<u32>(g | (<u32>1 << left));
    g >>= zeros;
    fromF <<= zeros;
    fromG <<= zeros;
    eta -= zeros;
    left -= zeros;
    if (left == 0) break;
    if (eta < 0) {
      eta = -eta;
      const oldF = f, oldFromF = fromF, oldFromG = fromG;
      f = g;
      g = -oldF;
      fromF = toF;
      toF = -oldFromF;
      fromG = toG;
      toG = -oldFromG;
    }
    const times = ((f * f - 2) * (f * g)) & (63 >> (6 - min(min(eta + 1, left), 6)));
    g += f * times;
    toF += fromF * times;
    toG += fromG * times;
  }
  u = fromF;
  v = fromG;
  q = toF;
  r = toG;
  return eta;
}

// Both are written out limb by limb: the loops would cost more than what is done in them.

/** (f, g) = matrix · (f, g) / 2^30: exact. */
function advance(u: i64, v: i64, q: i64, r: i64): void {
  let f = <i64>load<i32>(F), g = <i64>load<i32>(G);
  let cf = (u * f + v * g) >> 30, cg = (q * f + r * g) >> 30;
  f = load<i32>(F, 4), g = load<i32>(G, 4);
  cf = put(F, 0, u * f + v * g + cf), cg = put(G, 0, q * f + r * g + cg);
  f = load<i32>(F, 8), g = load<i32>(G, 8);
  cf = put(F, 4, u * f + v * g + cf), cg = put(G, 4, q * f + r * g + cg);
  f = load<i32>(F, 12), g = load<i32>(G, 12);
  cf = put(F, 8, u * f + v * g + cf), cg = put(G, 8, q * f + r * g + cg);
  f = load<i32>(F, 16), g = load<i32>(G, 16);
  cf = put(F, 12, u * f + v * g + cf), cg = put(G, 12, q * f + r * g + cg);
  f = load<i32>(F, 20), g = load<i32>(G, 20);
  cf = put(F, 16, u * f + v * g + cf), cg = put(G, 16, q * f + r * g + cg);
  f = load<i32>(F, 24), g = load<i32>(G, 24);
  cf = put(F, 20, u * f + v * g + cf), cg = put(G, 20, q * f + r * g + cg);
  f = load<i32>(F, 28), g = load<i32>(G, 28);
  cf = put(F, 24, u * f + v * g + cf), cg = put(G, 24, q * f + r * g + cg);
  f = load<i32>(F, 32), g = load<i32>(G, 32);
  cf = put(F, 28, u * f + v * g + cf), cg = put(G, 28, q * f + r * g + cg);
  store<i32>(F, <i32>cf, 32);
  store<i32>(G, <i32>cg, 32);
}

// @ts-ignore: decorator
@inline
function put(out: usize, at: usize, t: i64): i64 {
  store<i32>(out + at, <i32>(t & MASK));
  return t >> 30;
}

/**
 * (d, e) = matrix · (d, e) / 2^30 modulo m: a multiple of m makes the division exact. Both stay within (−2m, m): adding m
 * to a negative one first leaves them within (−m, m), the rows of the matrix sum to at most 2^30, and what is then taken off is
 * less than 2^30 m.
 */
function combine(m: usize, factor: u32, u: i64, v: i64, q: i64, r: i64): void {
  let d = <i64>load<i32>(D), e = <i64>load<i32>(E), mi = <i64>load<i32>(m);
  const negativeD = load<i32>(D, 32) >> 31, negativeE = load<i32>(E, 32) >> 31;
  let md: i64 = (u & negativeD) + (v & negativeE), me: i64 = (q & negativeD) + (r & negativeE);
  let cd = u * d + v * e, ce = q * d + r * e;
  md -= (<i64>factor * (cd & MASK) + md) & MASK;
  me -= (<i64>factor * (ce & MASK) + me) & MASK;
  cd = (cd + mi * md) >> 30;
  ce = (ce + mi * me) >> 30;
  d = load<i32>(D, 4), e = load<i32>(E, 4), mi = load<i32>(m, 4);
  cd = put(D, 0, u * d + v * e + mi * md + cd), ce = put(E, 0, q * d + r * e + mi * me + ce);
  d = load<i32>(D, 8), e = load<i32>(E, 8), mi = load<i32>(m, 8);
  cd = put(D, 4, u * d + v * e + mi * md + cd), ce = put(E, 4, q * d + r * e + mi * me + ce);
  d = load<i32>(D, 12), e = load<i32>(E, 12), mi = load<i32>(m, 12);
  cd = put(D, 8, u * d + v * e + mi * md + cd), ce = put(E, 8, q * d + r * e + mi * me + ce);
  d = load<i32>(D, 16), e = load<i32>(E, 16), mi = load<i32>(m, 16);
  cd = put(D, 12, u * d + v * e + mi * md + cd), ce = put(E, 12, q * d + r * e + mi * me + ce);
  d = load<i32>(D, 20), e = load<i32>(E, 20), mi = load<i32>(m, 20);
  cd = put(D, 16, u * d + v * e + mi * md + cd), ce = put(E, 16, q * d + r * e + mi * me + ce);
  d = load<i32>(D, 24), e = load<i32>(E, 24), mi = load<i32>(m, 24);
  cd = put(D, 20, u * d + v * e + mi * md + cd), ce = put(E, 20, q * d + r * e + mi * me + ce);
  d = load<i32>(D, 28), e = load<i32>(E, 28), mi = load<i32>(m, 28);
  cd = put(D, 24, u * d + v * e + mi * md + cd), ce = put(E, 24, q * d + r * e + mi * me + ce);
  d = load<i32>(D, 32), e = load<i32>(E, 32), mi = load<i32>(m, 32);
  cd = put(D, 28, u * d + v * e + mi * md + cd), ce = put(E, 28, q * d + r * e + mi * me + ce);
  store<i32>(D, <i32>cd, 32);
  store<i32>(E, <i32>ce, 32);
}

function negate(a: usize): void {
  let t: i64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    t -= load<i32>(a + i);
    store<i32>(a + i, <i32>(t & MASK));
    t >>= 30;
  }
  store<i32>(a, <i32>(t - load<i32>(a, 32)), 32);
}

/** a += sign · m. */
function shift(a: usize, m: usize, sign: i64): void {
  let t: i64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    t += load<i32>(a + i) + sign * load<i32>(m + i);
    store<i32>(a + i, <i32>(t & MASK));
    t >>= 30;
  }
  store<i32>(a, <i32>(t + load<i32>(a, 32) + sign * load<i32>(m, 32)), 32);
}

function notBelow(a: usize, m: usize): bool {
  for (let i: i32 = 32; i >= 0; i -= 4) {
    const x = load<i32>(a + i), y = load<i32>(m + i);
    if (x != y) return x > y;
  }
  return true;
}
