/**
 * Arithmetic modulo the primes of P-256 and SM2.
 *
 * An element is nine signed limbs of 29 bits (i32, least significant first; 36 bytes), in Montgomery form with R = 2^261. Both
 * primes are −1 modulo 2^29, so the factor of a Montgomery step is the lowest limb itself, and both are sums of five powers
 * of two, so that multiplying by them is five shifts.
 *
 * Bounds. Let H = 2^28. A product leaves limbs in [−H, H) but for the top one, which is what remains. An operand whose
 * limbs are sums of k such is "k wide": |limb| ≤ kH. A column of a product of operands k and l wide is at most
 * 9·k·l·2^56, the multiples of p add less than 2^55, the carry less than 2^35: with k·l ≤ 14 this is below 2^63, so no column overflows.
 * All callers stay at k·l ≤ 6, as they say where they stand: table.ts (4.4, in `double`), point.ts (4), lanes.ts and index.ts (4: what is
 * unpacked, or comes from octets, is two wide, and so are the constants), prime.ts (6: three wide times a constant).
 *
 * Values. |a| ≤ αp and |b| ≤ βp give a·b/R within αβ/32·p, and the reduction adds less than p: a product lies in
 * (−αβ/32, 1 + αβ/32)·p. The top limb of a value of at most 15p is below 2^28.
 */

/** The curves as types, so that each function is compiled once for either and the choice costs nothing. */
export type P256 = u8;
export type SM2 = u16;

const MASK: i64 = (1 << 29) - 1;
const HALF: i64 = 1 << 28;
export const LIMBS: i32 = 9;
/** Bytes of an element. */
export const ELEMENT: i32 = 36;

/**
 * What earlier factors q of the reduction add to a column: q·p without its lowest term, which clears the column of q.
 * P-256: p = 2^256 − 2^224 + 2^192 + 2^96 − 1; SM2: p = 2^256 − 2^224 − 2^96 + 2^64 − 1. The arguments are the
 * factors two, three, six, seven and eight columns before.
 */
// @ts-ignore: decorator
@inline
function fold<C>(q2: i64, q3: i64, q6: i64, q7: i64, q8: i64): i64 {
  if (sizeof<C>() == 1) return (q3 << 9) + (q6 << 18) - (q7 << 21) + (q8 << 24);
  return (q2 << 6) - (q3 << 9) - (q7 << 21) + (q8 << 24);
}

// @ts-ignore: decorator
@inline
function put(out: usize, at: usize, column: i64): i64 {
  const rounded = column + HALF;
  store<i32>(out + at, <i32>((rounded & MASK) - HALF));
  return rounded >> 29;
}

/** out = a·b/R. Any two of the three may be the same place. What is carried comes last into each sum, as in product4.ts. */
export function mul<C>(out: usize, a: usize, b: usize): void {
  const a0 = <i64>load<i32>(a), a1 = <i64>load<i32>(a, 4), a2 = <i64>load<i32>(a, 8);
  const a3 = <i64>load<i32>(a, 12), a4 = <i64>load<i32>(a, 16), a5 = <i64>load<i32>(a, 20);
  const a6 = <i64>load<i32>(a, 24), a7 = <i64>load<i32>(a, 28), a8 = <i64>load<i32>(a, 32);
  const b0 = <i64>load<i32>(b), b1 = <i64>load<i32>(b, 4), b2 = <i64>load<i32>(b, 8);
  const b3 = <i64>load<i32>(b, 12), b4 = <i64>load<i32>(b, 16), b5 = <i64>load<i32>(b, 20);
  const b6 = <i64>load<i32>(b, 24), b7 = <i64>load<i32>(b, 28), b8 = <i64>load<i32>(b, 32);
  let t = a0 * b0;
  const q0 = t & MASK;
  t = a0 * b1 + a1 * b0 + (t >> 29);
  const q1 = t & MASK;
  t = a0 * b2 + a1 * b1 + a2 * b0 + fold<C>(q0, 0, 0, 0, 0) + (t >> 29);
  const q2 = t & MASK;
  t = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + fold<C>(q1, q0, 0, 0, 0) + (t >> 29);
  const q3 = t & MASK;
  t = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + fold<C>(q2, q1, 0, 0, 0) + (t >> 29);
  const q4 = t & MASK;
  t = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + fold<C>(q3, q2, 0, 0, 0) + (t >> 29);
  const q5 = t & MASK;
  t = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 + fold<C>(q4, q3, q0, 0, 0) + (t >> 29);
  const q6 = t & MASK;
  t = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 + fold<C>(q5, q4, q1, q0, 0) + (t >> 29);
  const q7 = t & MASK;
  t = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0 + fold<C>(q6, q5, q2, q1, q0) + (t >> 29);
  const q8 = t & MASK;
  t = a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + fold<C>(q7, q6, q3, q2, q1) + (t >> 29);
  t = a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + fold<C>(q8, q7, q4, q3, q2) + put(out, 0, t);
  t = a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + fold<C>(0, q8, q5, q4, q3) + put(out, 4, t);
  t = a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + fold<C>(0, 0, q6, q5, q4) + put(out, 8, t);
  t = a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + fold<C>(0, 0, q7, q6, q5) + put(out, 12, t);
  t = a6 * b8 + a7 * b7 + a8 * b6 + fold<C>(0, 0, q8, q7, q6) + put(out, 16, t);
  t = a7 * b8 + a8 * b7 + fold<C>(0, 0, 0, q8, q7) + put(out, 20, t);
  t = a8 * b8 + fold<C>(0, 0, 0, 0, q8) + put(out, 24, t);
  t = put(out, 28, t);
  store<i32>(out, <i32>t, 32);
}

/** out = a²/R. */
export function sqr<C>(out: usize, a: usize): void {
  const a0 = <i64>load<i32>(a), a1 = <i64>load<i32>(a, 4), a2 = <i64>load<i32>(a, 8);
  const a3 = <i64>load<i32>(a, 12), a4 = <i64>load<i32>(a, 16), a5 = <i64>load<i32>(a, 20);
  const a6 = <i64>load<i32>(a, 24), a7 = <i64>load<i32>(a, 28), a8 = <i64>load<i32>(a, 32);
  const d0 = a0 << 1, d1 = a1 << 1, d2 = a2 << 1, d3 = a3 << 1;
  const d4 = a4 << 1, d5 = a5 << 1, d6 = a6 << 1, d7 = a7 << 1;
  let t = a0 * a0;
  const q0 = t & MASK;
  t = d0 * a1 + (t >> 29);
  const q1 = t & MASK;
  t = d0 * a2 + a1 * a1 + fold<C>(q0, 0, 0, 0, 0) + (t >> 29);
  const q2 = t & MASK;
  t = d0 * a3 + d1 * a2 + fold<C>(q1, q0, 0, 0, 0) + (t >> 29);
  const q3 = t & MASK;
  t = d0 * a4 + d1 * a3 + a2 * a2 + fold<C>(q2, q1, 0, 0, 0) + (t >> 29);
  const q4 = t & MASK;
  t = d0 * a5 + d1 * a4 + d2 * a3 + fold<C>(q3, q2, 0, 0, 0) + (t >> 29);
  const q5 = t & MASK;
  t = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + fold<C>(q4, q3, q0, 0, 0) + (t >> 29);
  const q6 = t & MASK;
  t = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + fold<C>(q5, q4, q1, q0, 0) + (t >> 29);
  const q7 = t & MASK;
  t = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + fold<C>(q6, q5, q2, q1, q0) + (t >> 29);
  const q8 = t & MASK;
  t = d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5 + fold<C>(q7, q6, q3, q2, q1) + (t >> 29);
  t = d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5 + fold<C>(q8, q7, q4, q3, q2) + put(out, 0, t);
  t = d3 * a8 + d4 * a7 + d5 * a6 + fold<C>(0, q8, q5, q4, q3) + put(out, 4, t);
  t = d4 * a8 + d5 * a7 + a6 * a6 + fold<C>(0, 0, q6, q5, q4) + put(out, 8, t);
  t = d5 * a8 + d6 * a7 + fold<C>(0, 0, q7, q6, q5) + put(out, 12, t);
  t = d6 * a8 + a7 * a7 + fold<C>(0, 0, q8, q7, q6) + put(out, 16, t);
  t = d7 * a8 + fold<C>(0, 0, 0, q8, q7) + put(out, 20, t);
  t = a8 * a8 + fold<C>(0, 0, 0, 0, q8) + put(out, 24, t);
  t = put(out, 28, t);
  store<i32>(out, <i32>t, 32);
}

// What follows is written out limb by limb: the loops would cost more than what is done in them.

/** out = a + b, limb by limb. Here and below: what is stored is less than eight wide, or it would not fit 32 bits. */
export function add(out: usize, a: usize, b: usize): void {
  store<i32>(out, load<i32>(a) + load<i32>(b));
  store<i32>(out, load<i32>(a, 4) + load<i32>(b, 4), 4);
  store<i32>(out, load<i32>(a, 8) + load<i32>(b, 8), 8);
  store<i32>(out, load<i32>(a, 12) + load<i32>(b, 12), 12);
  store<i32>(out, load<i32>(a, 16) + load<i32>(b, 16), 16);
  store<i32>(out, load<i32>(a, 20) + load<i32>(b, 20), 20);
  store<i32>(out, load<i32>(a, 24) + load<i32>(b, 24), 24);
  store<i32>(out, load<i32>(a, 28) + load<i32>(b, 28), 28);
  store<i32>(out, load<i32>(a, 32) + load<i32>(b, 32), 32);
}

/** out = a − b, limb by limb. */
export function sub(out: usize, a: usize, b: usize): void {
  store<i32>(out, load<i32>(a) - load<i32>(b));
  store<i32>(out, load<i32>(a, 4) - load<i32>(b, 4), 4);
  store<i32>(out, load<i32>(a, 8) - load<i32>(b, 8), 8);
  store<i32>(out, load<i32>(a, 12) - load<i32>(b, 12), 12);
  store<i32>(out, load<i32>(a, 16) - load<i32>(b, 16), 16);
  store<i32>(out, load<i32>(a, 20) - load<i32>(b, 20), 20);
  store<i32>(out, load<i32>(a, 24) - load<i32>(b, 24), 24);
  store<i32>(out, load<i32>(a, 28) - load<i32>(b, 28), 28);
  store<i32>(out, load<i32>(a, 32) - load<i32>(b, 32), 32);
}

/** out = a − b − c, limb by limb. */
export function subBoth(out: usize, a: usize, b: usize, c: usize): void {
  store<i32>(out, load<i32>(a) - load<i32>(b) - load<i32>(c));
  store<i32>(out, load<i32>(a, 4) - load<i32>(b, 4) - load<i32>(c, 4), 4);
  store<i32>(out, load<i32>(a, 8) - load<i32>(b, 8) - load<i32>(c, 8), 8);
  store<i32>(out, load<i32>(a, 12) - load<i32>(b, 12) - load<i32>(c, 12), 12);
  store<i32>(out, load<i32>(a, 16) - load<i32>(b, 16) - load<i32>(c, 16), 16);
  store<i32>(out, load<i32>(a, 20) - load<i32>(b, 20) - load<i32>(c, 20), 20);
  store<i32>(out, load<i32>(a, 24) - load<i32>(b, 24) - load<i32>(c, 24), 24);
  store<i32>(out, load<i32>(a, 28) - load<i32>(b, 28) - load<i32>(c, 28), 28);
  store<i32>(out, load<i32>(a, 32) - load<i32>(b, 32) - load<i32>(c, 32), 32);
}

/** Limbs within [−H, H) again, the value unchanged. In: limbs of any 32 bits, a value of at most 120p, so that the top limb has room. */
export function carry(a: usize): void {
  let t = put(a, 0, load<i32>(a));
  t = put(a, 4, t + load<i32>(a, 4));
  t = put(a, 8, t + load<i32>(a, 8));
  t = put(a, 12, t + load<i32>(a, 12));
  t = put(a, 16, t + load<i32>(a, 16));
  t = put(a, 20, t + load<i32>(a, 20));
  t = put(a, 24, t + load<i32>(a, 24));
  t = put(a, 28, t + load<i32>(a, 28));
  store<i32>(a, <i32>(t + load<i32>(a, 32)), 32);
}

/** Limbs within [0, 2^29); the top one carries the sign. */
export function floor(a: usize): void {
  let t: i64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    t += load<i32>(a + i);
    store<i32>(a + i, <i32>(t & MASK));
    t >>= 29;
  }
  store<i32>(a, <i32>(t + load<i32>(a, 32)), 32);
}

/** The one number in [0, m) that is a modulo m. In: a in (−m, 2m), |limbs| below 2^31. */
export function canonical(a: usize, m: usize): void {
  floor(a);
  if (load<i32>(a, 32) < 0) {
    add(a, a, m);
    floor(a);
  }
  if (atLeast(a, m)) {
    sub(a, a, m);
    floor(a);
  }
}

/** a ≥ b, of numbers with limbs in [0, 2^29). */
export function atLeast(a: usize, b: usize): bool {
  for (let i: i32 = 32; i >= 0; i -= 4) {
    const x = load<i32>(a + i), y = load<i32>(b + i);
    if (x != y) return x > y;
  }
  return true;
}

export function isZero(a: usize): bool {
  const lower = load<i32>(a) | load<i32>(a, 4) | load<i32>(a, 8) | load<i32>(a, 12) | load<i32>(a, 16);
  return (lower | load<i32>(a, 20) | load<i32>(a, 24) | load<i32>(a, 28) | load<i32>(a, 32)) == 0;
}

/** Not `memory.copy`: engines call out of WebAssembly for that. */
export function copy(out: usize, a: usize): void {
  store<i64>(out, load<i64>(a));
  store<i64>(out, load<i64>(a, 8), 8);
  store<i64>(out, load<i64>(a, 16), 16);
  store<i64>(out, load<i64>(a, 24), 24);
  store<i32>(out, load<i32>(a, 32), 32);
}

/** The same number in other limbs: `count` of `bits` bits each, from `from` limbs of `wide` bits, all unsigned and 4 bytes apart. */
export function repack(out: usize, count: i32, bits: i32, a: usize, from: i32, wide: i32): void {
  let held: u64 = 0;
  let have = 0;
  let next = 0;
  const mask: u64 = (1 << (<u64>bits)) - 1;
  for (let i = 0; i < count; i++) {
    while (have < bits && next < from) {
      held |= <u64>load<u32>(a + (next << 2)) << have;
      have += wide;
      next++;
    }
    store<u32>(out + (i << 2), <u32>(held & mask));
    held >>= bits;
    have -= bits;
  }
}
