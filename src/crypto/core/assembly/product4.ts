/**
 * Arithmetic modulo the primes on four elements side by side: what one instruction does to one, it does to four ("a quad").
 *
 * An element is twenty signed limbs of 13 bits here, in Montgomery form with R = 2^260. A vector holds a pair of neighbouring
 * limbs of each of the four (i16, the lower one first), so that one instruction makes two products for each and adds them; a
 * quad is ten vectors, 160 bytes. Both primes are −1 modulo 2^13, so what field.ts says of reducing holds here too.
 *
 * Bounds. A product leaves limbs in [0, 2^13) but for the top one, which is what remains; "k wide" is |limb| ≤ k·2^13. A column of a
 * product of operands k and l wide is at most 20·k·l·2^26, the multiples of p add less than 2^25.4, the carry less than 2^18:
 * with k·l ≤ 1.55 this is below 2^31, so no column overflows. A difference of two products is one wide. What tables hold is
 * half a wide, with either sign, so that a product less a table's element is one and a half, and may not be squared. What is stored must
 * stay below 2^15.
 *
 * Values. |a| ≤ αp and |b| ≤ βp give a product in (−αβ/16, 1 + αβ/16)·p. The top limb of a value of at most 15p is below 2^13.
 */
export const QUAD: i32 = 160;

export const LIMB_MASK: i32 = (1 << 13) - 1;

// @ts-ignore: decorator
@inline
function dot(a: v128, b: v128): v128 {
  return i32x4.dot_i16x8_s(a, b);
}
// @ts-ignore: decorator
@inline
function plus(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

/**
 * What a factor q of the reduction adds to the column t that many columns on: q·p without its lowest term, which clears the column
 * of q. P-256: p = 2^256 − 2^224 + 2^192 + 2^96 − 1; SM2: p = 2^256 − 2^224 − 2^96 + 2^64 − 1.
 */
// @ts-ignore: decorator
@inline
function by4<C>(t: v128, q: v128): v128 {
  return sizeof<C>() == 1 ? t : plus(t, i32x4.shl(q, 12));
}
// @ts-ignore: decorator
@inline
function by7<C>(t: v128, q: v128): v128 {
  return sizeof<C>() == 1 ? plus(t, i32x4.shl(q, 5)) : i32x4.sub(t, i32x4.shl(q, 5));
}
// @ts-ignore: decorator
@inline
function by14<C>(t: v128, q: v128): v128 {
  return sizeof<C>() == 1 ? plus(t, i32x4.shl(q, 10)) : t;
}
// @ts-ignore: decorator
@inline
function by17(t: v128, q: v128): v128 {
  return i32x4.sub(t, i32x4.shl(q, 3));
}
// @ts-ignore: decorator
@inline
function by19(t: v128, q: v128): v128 {
  return plus(t, i32x4.shl(q, 9));
}

/**
 * What a column carries into the next. It comes last into each sum: a column waits for the one before it, and its own products
 * need not.
 */
// @ts-ignore: decorator
@inline
function up(t: v128): v128 {
  return i32x4.shr_s(t, 13);
}
/** Of a vector (x, y), …: (y, x), …; of (x, y) and of (v, w) before it: (x, w); and two limbs as a pair. */
// @ts-ignore: decorator
@inline
function swapped(a: v128): v128 {
  return v128.shuffle<i16>(a, a, 1, 0, 3, 2, 5, 4, 7, 6);
}
// @ts-ignore: decorator
@inline
function mixed(a: v128, before: v128): v128 {
  return v128.shuffle<i16>(a, before, 0, 9, 2, 11, 4, 13, 6, 15);
}
// @ts-ignore: decorator
@inline
function pair(x: v128, y: v128): v128 {
  return mixed(x, i32x4.shl(y, 16));
}

// @ts-ignore: decorator
@inline
function column1(a0: v128, b0: v128): v128 {
  return dot(a0, b0);
}
// @ts-ignore: decorator
@inline
function column2(a0: v128, b0: v128, a1: v128, b1: v128): v128 {
  return plus(column1(a0, b0), dot(a1, b1));
}
// @ts-ignore: decorator
@inline
function column3(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128): v128 {
  return plus(column2(a0, b0, a1, b1), dot(a2, b2));
}
// @ts-ignore: decorator
@inline
function column4(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128): v128 {
  return plus(column3(a0, b0, a1, b1, a2, b2), dot(a3, b3));
}
// @ts-ignore: decorator
@inline
function column5(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128): v128 {
  return plus(column4(a0, b0, a1, b1, a2, b2, a3, b3), dot(a4, b4));
}
// @ts-ignore: decorator
@inline
function column6(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128, a5: v128, b5: v128): v128 {
  return plus(column5(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4), dot(a5, b5));
}
// @ts-ignore: decorator
@inline
function column7(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128, a5: v128, b5: v128, a6: v128, b6: v128): v128 {
  return plus(column6(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5), dot(a6, b6));
}
// @ts-ignore: decorator
@inline
function column8(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128, a5: v128, b5: v128, a6: v128, b6: v128, a7: v128, b7: v128): v128 {
  return plus(column7(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6), dot(a7, b7));
}
// @ts-ignore: decorator
@inline
function column9(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128, a5: v128, b5: v128, a6: v128, b6: v128, a7: v128, b7: v128, a8: v128, b8: v128): v128 {
  return plus(column8(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7), dot(a8, b8));
}
// @ts-ignore: decorator
@inline
function column10(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128, a5: v128, b5: v128, a6: v128, b6: v128, a7: v128, b7: v128, a8: v128, b8: v128, a9: v128, b9: v128): v128 {
  return plus(column9(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, a8, b8), dot(a9, b9));
}

/** In memory: V8 makes a constant vector anew at each place where it is used. */
const MASKS = memory.data<i32>([LIMB_MASK, LIMB_MASK, LIMB_MASK, LIMB_MASK], 16);

/** out = a·b/R, four times. Any two of the three may be the same place. */
export function mul4<C>(out: usize, a: usize, b: usize): void {
  const no = i32x4.splat(0), mask = v128.load(MASKS);
  const a0 = v128.load(a), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  const a5 = v128.load(a, 80), a6 = v128.load(a, 96), a7 = v128.load(a, 112), a8 = v128.load(a, 128), a9 = v128.load(a, 144);
  const p0 = v128.load(b), p1 = v128.load(b, 16), p2 = v128.load(b, 32), p3 = v128.load(b, 48), p4 = v128.load(b, 64);
  const p5 = v128.load(b, 80), p6 = v128.load(b, 96), p7 = v128.load(b, 112), p8 = v128.load(b, 128), p9 = v128.load(b, 144);
  // The limbs of b in falling order, beginning with each of them.
  const b0 = mixed(p0, no), b20 = mixed(no, p9);
  const b1 = swapped(p0), b2 = mixed(p1, p0), b3 = swapped(p1), b4 = mixed(p2, p1);
  const b5 = swapped(p2), b6 = mixed(p3, p2), b7 = swapped(p3), b8 = mixed(p4, p3);
  const b9 = swapped(p4), b10 = mixed(p5, p4), b11 = swapped(p5), b12 = mixed(p6, p5);
  const b13 = swapped(p6), b14 = mixed(p7, p6), b15 = swapped(p7), b16 = mixed(p8, p7);
  const b17 = swapped(p8), b18 = mixed(p9, p8), b19 = swapped(p9);
  let t = dot(a0, b0);
  const q0 = v128.and(t, mask);
  t = plus(up(t), column1(a0, b1));
  const q1 = v128.and(t, mask);
  t = plus(up(t), column2(a0, b2, a1, b0));
  const q2 = v128.and(t, mask);
  t = plus(up(t), column2(a0, b3, a1, b1));
  const q3 = v128.and(t, mask);
  t = plus(up(t), by4<C>(column3(a0, b4, a1, b2, a2, b0), q0));
  const q4 = v128.and(t, mask);
  t = plus(up(t), by4<C>(column3(a0, b5, a1, b3, a2, b1), q1));
  const q5 = v128.and(t, mask);
  t = plus(up(t), by4<C>(column4(a0, b6, a1, b4, a2, b2, a3, b0), q2));
  const q6 = v128.and(t, mask);
  t = plus(up(t), by7<C>(by4<C>(column4(a0, b7, a1, b5, a2, b3, a3, b1), q3), q0));
  const q7 = v128.and(t, mask);
  t = plus(up(t), by7<C>(by4<C>(column5(a0, b8, a1, b6, a2, b4, a3, b2, a4, b0), q4), q1));
  const q8 = v128.and(t, mask);
  t = plus(up(t), by7<C>(by4<C>(column5(a0, b9, a1, b7, a2, b5, a3, b3, a4, b1), q5), q2));
  const q9 = v128.and(t, mask);
  t = plus(up(t), by7<C>(by4<C>(column6(a0, b10, a1, b8, a2, b6, a3, b4, a4, b2, a5, b0), q6), q3));
  const q10 = v128.and(t, mask);
  t = plus(up(t), by7<C>(by4<C>(column6(a0, b11, a1, b9, a2, b7, a3, b5, a4, b3, a5, b1), q7), q4));
  const q11 = v128.and(t, mask);
  t = plus(up(t), by7<C>(by4<C>(column7(a0, b12, a1, b10, a2, b8, a3, b6, a4, b4, a5, b2, a6, b0), q8), q5));
  const q12 = v128.and(t, mask);
  t = plus(up(t), by7<C>(by4<C>(column7(a0, b13, a1, b11, a2, b9, a3, b7, a4, b5, a5, b3, a6, b1), q9), q6));
  const q13 = v128.and(t, mask);
  t = plus(up(t), by14<C>(by7<C>(by4<C>(column8(a0, b14, a1, b12, a2, b10, a3, b8, a4, b6, a5, b4, a6, b2, a7, b0), q10), q7), q0));
  const q14 = v128.and(t, mask);
  t = plus(up(t), by14<C>(by7<C>(by4<C>(column8(a0, b15, a1, b13, a2, b11, a3, b9, a4, b7, a5, b5, a6, b3, a7, b1), q11), q8), q1));
  const q15 = v128.and(t, mask);
  t = plus(up(t), by14<C>(by7<C>(by4<C>(column9(a0, b16, a1, b14, a2, b12, a3, b10, a4, b8, a5, b6, a6, b4, a7, b2, a8, b0), q12), q9), q2));
  const q16 = v128.and(t, mask);
  t = plus(up(t), by17(by14<C>(by7<C>(by4<C>(column9(a0, b17, a1, b15, a2, b13, a3, b11, a4, b9, a5, b7, a6, b5, a7, b3, a8, b1), q13), q10), q3), q0));
  const q17 = v128.and(t, mask);
  t = plus(up(t), by17(by14<C>(by7<C>(by4<C>(column10(a0, b18, a1, b16, a2, b14, a3, b12, a4, b10, a5, b8, a6, b6, a7, b4, a8, b2, a9, b0), q14), q11), q4), q1));
  const q18 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(by7<C>(by4<C>(column10(a0, b19, a1, b17, a2, b15, a3, b13, a4, b11, a5, b9, a6, b7, a7, b5, a8, b3, a9, b1), q15), q12), q5), q2), q0));
  const q19 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(by7<C>(by4<C>(column10(a0, b20, a1, b18, a2, b16, a3, b14, a4, b12, a5, b10, a6, b8, a7, b6, a8, b4, a9, b2), q16), q13), q6), q3), q1));
  const c0 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(by7<C>(by4<C>(column9(a1, b19, a2, b17, a3, b15, a4, b13, a5, b11, a6, b9, a7, b7, a8, b5, a9, b3), q17), q14), q7), q4), q2));
  const c1 = v128.and(t, mask);
  v128.store(out, pair(c0, c1));
  t = plus(up(t), by19(by17(by14<C>(by7<C>(by4<C>(column9(a1, b20, a2, b18, a3, b16, a4, b14, a5, b12, a6, b10, a7, b8, a8, b6, a9, b4), q18), q15), q8), q5), q3));
  const c2 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(by7<C>(by4<C>(column8(a2, b19, a3, b17, a4, b15, a5, b13, a6, b11, a7, b9, a8, b7, a9, b5), q19), q16), q9), q6), q4));
  const c3 = v128.and(t, mask);
  v128.store(out, pair(c2, c3), 16);
  t = plus(up(t), by19(by17(by14<C>(by7<C>(column8(a2, b20, a3, b18, a4, b16, a5, b14, a6, b12, a7, b10, a8, b8, a9, b6), q17), q10), q7), q5));
  const c4 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(by7<C>(column7(a3, b19, a4, b17, a5, b15, a6, b13, a7, b11, a8, b9, a9, b7), q18), q11), q8), q6));
  const c5 = v128.and(t, mask);
  v128.store(out, pair(c4, c5), 32);
  t = plus(up(t), by19(by17(by14<C>(by7<C>(column7(a3, b20, a4, b18, a5, b16, a6, b14, a7, b12, a8, b10, a9, b8), q19), q12), q9), q7));
  const c6 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(column6(a4, b19, a5, b17, a6, b15, a7, b13, a8, b11, a9, b9), q13), q10), q8));
  const c7 = v128.and(t, mask);
  v128.store(out, pair(c6, c7), 48);
  t = plus(up(t), by19(by17(by14<C>(column6(a4, b20, a5, b18, a6, b16, a7, b14, a8, b12, a9, b10), q14), q11), q9));
  const c8 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(column5(a5, b19, a6, b17, a7, b15, a8, b13, a9, b11), q15), q12), q10));
  const c9 = v128.and(t, mask);
  v128.store(out, pair(c8, c9), 64);
  t = plus(up(t), by19(by17(by14<C>(column5(a5, b20, a6, b18, a7, b16, a8, b14, a9, b12), q16), q13), q11));
  const c10 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(column4(a6, b19, a7, b17, a8, b15, a9, b13), q17), q14), q12));
  const c11 = v128.and(t, mask);
  v128.store(out, pair(c10, c11), 80);
  t = plus(up(t), by19(by17(by14<C>(column4(a6, b20, a7, b18, a8, b16, a9, b14), q18), q15), q13));
  const c12 = v128.and(t, mask);
  t = plus(up(t), by19(by17(by14<C>(column3(a7, b19, a8, b17, a9, b15), q19), q16), q14));
  const c13 = v128.and(t, mask);
  v128.store(out, pair(c12, c13), 96);
  t = plus(up(t), by19(by17(column3(a7, b20, a8, b18, a9, b16), q17), q15));
  const c14 = v128.and(t, mask);
  t = plus(up(t), by19(by17(column2(a8, b19, a9, b17), q18), q16));
  const c15 = v128.and(t, mask);
  v128.store(out, pair(c14, c15), 112);
  t = plus(up(t), by19(by17(column2(a8, b20, a9, b18), q19), q17));
  const c16 = v128.and(t, mask);
  t = plus(up(t), by19(column1(a9, b19), q18));
  const c17 = v128.and(t, mask);
  v128.store(out, pair(c16, c17), 128);
  t = plus(up(t), by19(column1(a9, b20), q19));
  const c18 = v128.and(t, mask);
  v128.store(out, pair(c18, up(t)), 144);
}
