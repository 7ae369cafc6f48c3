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
  memory.fill(D, 0, 36);
  memory.fill(E, 0, 36);
  store<i32>(E, 1);
  // Twice the difference that decides which of both is halved, negated.
  let eta = -1;
  while (!isZero(G)) {
    eta = steps(eta, load<u32>(F), load<u32>(G));
    combine(m, factor);
    advance();
  }
  if (load<i32>(F, 32) < 0) negate(D);
  while (load<i32>(D, 32) < 0) shift(D, m, 1);
  while (notBelow(D, m)) shift(D, m, -1);
  repack(a, 9, 29, D, 9, 30);
}

/** Thirty steps on the lowest bits of f and g. */
function steps(start: i32, lowF: u32, lowG: u32): i32 {
  let eta = start;
  let f = lowF;
  let g = lowG;
  let left = 30;
  u = 1;
  v = 0;
  q = 0;
  r = 1;
  while (true) {
    const zeros = ctz<u32>(g | (<u32>1 << left));
    g >>= zeros;
    u <<= zeros;
    v <<= zeros;
    eta -= zeros;
    left -= zeros;
    if (left == 0) return eta;
    if (eta < 0) {
      eta = -eta;
      const oldF = f, oldU = u, oldV = v;
      f = g;
      g = -oldF;
      u = q;
      q = -oldU;
      v = r;
      r = -oldV;
    }
    g += f;
    q += u;
    r += v;
  }
}

/** (f, g) = matrix · (f, g) / 2^30: exact. */
function advance(): void {
  let cf: i64 = u * load<i32>(F) + v * load<i32>(G);
  let cg: i64 = q * load<i32>(F) + r * load<i32>(G);
  cf >>= 30;
  cg >>= 30;
  for (let i: usize = 4; i < 36; i += 4) {
    const f = <i64>load<i32>(F + i), g = <i64>load<i32>(G + i);
    cf += u * f + v * g;
    cg += q * f + r * g;
    store<i32>(F + i - 4, <i32>(cf & MASK));
    store<i32>(G + i - 4, <i32>(cg & MASK));
    cf >>= 30;
    cg >>= 30;
  }
  store<i32>(F, <i32>cf, 32);
  store<i32>(G, <i32>cg, 32);
}

/**
 * (d, e) = matrix · (d, e) / 2^30 modulo m: a multiple of m makes the division exact. Both stay within (−2m, m): adding m
 * to a negative one first leaves them within (−m, m), the rows of the matrix sum to at most 2^30, and what is then taken off is
 * less than 2^30 m.
 */
function combine(m: usize, factor: u32): void {
  const d0 = <i64>load<i32>(D), e0 = <i64>load<i32>(E);
  const negativeD = load<i32>(D, 32) >> 31, negativeE = load<i32>(E, 32) >> 31;
  let md: i64 = (u & negativeD) + (v & negativeE);
  let me: i64 = (q & negativeD) + (r & negativeE);
  let cd = u * d0 + v * e0;
  let ce = q * d0 + r * e0;
  md -= (<i64>factor * (cd & MASK) + md) & MASK;
  me -= (<i64>factor * (ce & MASK) + me) & MASK;
  const m0 = <i64>load<i32>(m);
  cd = (cd + m0 * md) >> 30;
  ce = (ce + m0 * me) >> 30;
  for (let i: usize = 4; i < 36; i += 4) {
    const d = <i64>load<i32>(D + i), e = <i64>load<i32>(E + i), mi = <i64>load<i32>(m + i);
    cd += u * d + v * e + mi * md;
    ce += q * d + r * e + mi * me;
    store<i32>(D + i - 4, <i32>(cd & MASK));
    store<i32>(E + i - 4, <i32>(ce & MASK));
    cd >>= 30;
    ce >>= 30;
  }
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
