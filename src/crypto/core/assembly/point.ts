import { BASE_TABLE, BASE_WIDTH, curveOf, N, P, QUAD_ONE, RR } from './curve';
import { add, atLeast, carry, ELEMENT, LIMBS, mul, sqr, sub, subBoth } from './field';
import { fillUp, MOST_PARTS, noteMultiple, PART } from './parts';
import { vanishes } from './prime';
import { mul4, QUAD } from './product4';
import { carry4, choose4, copy4, gather, lanesBelow, sub4, subTwice4, tame4, unpack } from './quad';

/**
 * One sum u·G + v·Q. Its parts are dealt out to four accumulators, which take one each in the same steps; at the end these are
 * added. Points to be added are affine, x and y; accumulators X, Y, ZZ and ZZZ with x = X/ZZ, y = Y/ZZZ and ZZ³ = ZZZ²
 * (hyperelliptic.org/EFD, "XYZZ"). These sums cannot add a point to itself or to its negative: ZZ and ZZZ become 0 then, and stay so.
 */
const PARTS = memory.data(PART * MOST_PARTS, 16);
const ACC = memory.data(QUAD * 4, 16);
const BEFORE = memory.data(QUAD * 4, 16);
const NEXT = memory.data(QUAD * 2, 16);
const P4 = memory.data(QUAD, 16);
const R4 = memory.data(QUAD, 16);
const PP4 = memory.data(QUAD, 16);
const PPP4 = memory.data(QUAD, 16);
const Q4 = memory.data(QUAD, 16);

/**
 * ACC += NEXT four times, ten products; six, if ACC is a point of a table, which is to be said (`first`).
 *
 * Bounds. NEXT is a point of a table, half a wide and at most 1.04p. From an ACC that is one as well, P and R are differences of two
 * such: one wide, P ≤ 1.1p, R ≤ 2.1p. From any other, whose X is tamed (1.02 wide, |X| ≤ 0.6p) and whose Y is carried (|Y| ≤ 1.4p,
 * limbs of [−4, 2^13 + 4)), they are a product less limbs of the same sign: 1.02 wide, P ≤ 1.7p, R ≤ 2.5p. So operands are at most
 * 1.02 wide everywhere. X is at most 3.5p before it is tamed, three wide; |ZZ|, |ZZZ| ≤ 1.2p are products. A product less a point
 * of a table would be one and a half, too wide to be squared: a table's point may come as ACC with `first` only.
 */
function addNext<C>(first: bool): void {
  const x = ACC, y = ACC + QUAD, zz = ACC + 2 * QUAD, zzz = ACC + 3 * QUAD;
  if (first) {
    sub4(P4, NEXT, x);
    sub4(R4, NEXT + QUAD, y);
  } else {
    mul4<C>(P4, NEXT, zz);
    sub4(P4, P4, x);
    mul4<C>(R4, NEXT + QUAD, zzz);
    sub4(R4, R4, y);
  }
  mul4<C>(PP4, P4, P4);
  mul4<C>(PPP4, P4, PP4);
  mul4<C>(Q4, x, PP4);
  mul4<C>(x, R4, R4);
  subTwice4(x, x, PPP4, Q4);
  tame4<C>(x);
  sub4(Q4, Q4, x);
  mul4<C>(Q4, R4, Q4);
  mul4<C>(y, y, PPP4);
  sub4(y, Q4, y);
  carry4(y);
  if (first) {
    copy4(zz, PP4);
    copy4(zzz, PPP4);
  } else {
    mul4<C>(zz, zz, PP4);
    mul4<C>(zzz, zzz, PPP4);
  }
}

/** ACC = all parts, dealt out; there must be one. */
function addParts<C>(count: i32): void {
  gather(ACC, PARTS);
  copy4(ACC + 2 * QUAD, curveOf<C>() + QUAD_ONE);
  copy4(ACC + 3 * QUAD, curveOf<C>() + QUAD_ONE);
  let at = 4;
  for (; at + 4 <= count; at += 4) {
    gather(NEXT, PARTS + at * PART);
    addNext<C>(at == 4);
  }
  if (at >= count) return;
  gather(NEXT, PARTS + at * PART);
  for (let i = 0; i < 4; i++) copy4(BEFORE + i * QUAD, ACC + i * QUAD);
  // With fewer than eight parts, ACC holds points of tables yet.
  addNext<C>(at == 4);
  const none = v128.not(lanesBelow(count - at));
  for (let i = 0; i < 4; i++) choose4(ACC + i * QUAD, BEFORE + i * QUAD, none);
}

const P1 = memory.data(ELEMENT, 8);
const R1 = memory.data(ELEMENT, 8);
const PP1 = memory.data(ELEMENT, 8);
const V = memory.data(ELEMENT, 8);
/** A point's X, Y, ZZ and ZZZ, in the form of field.ts. */
const SUM = memory.data(ELEMENT * 4, 8);
const OTHER = memory.data(ELEMENT * 4, 8);

/**
 * SUM += OTHER. Bounds: what is unpacked is two wide, and twice what was packed: |X| ≤ 2.1p (of a table's point that nothing was added
 * to; else 1.2p), |Y| ≤ 2.8p, |ZZ|, |ZZZ| ≤ 2.4p. So products are at most 1.4p, their differences two wide, X four wide and at most
 * 3.2p before it is carried, Y two wide and at most 1.3p: the sum is one wide. No product has operands of more than two and two (k·l = 4).
 */
function addOther<C>(): void {
  const x = SUM, y = SUM + 36, zz = SUM + 72, zzz = SUM + 108;
  mul<C>(P1, OTHER, zz);
  mul<C>(x, x, OTHER + 72);
  sub(P1, P1, x);
  mul<C>(R1, OTHER + 36, zzz);
  mul<C>(y, y, OTHER + 108);
  sub(R1, R1, y);
  sqr<C>(PP1, P1);
  mul<C>(P1, P1, PP1);
  mul<C>(V, x, PP1);
  sqr<C>(x, R1);
  subBoth(x, x, P1, V);
  sub(x, x, V);
  carry(x);
  sub(V, V, x);
  mul<C>(V, R1, V);
  mul<C>(y, y, P1);
  sub(y, V, y);
  carry(y);
  mul<C>(zz, zz, OTHER + 72);
  mul<C>(zz, zz, PP1);
  mul<C>(zzz, zzz, OTHER + 108);
  mul<C>(zzz, zzz, P1);
}

function unpackPoint(out: usize, lane: i32): void {
  for (let i = 0; i < 4; i++) unpack(out + i * ELEMENT, ACC + i * QUAD + (lane << 2), 16);
}

/**
 * Whether u·G + v·Q is a finite point with an affine x ≡ target modulo n: 1 or 0; −1 if the sum ran into a case that the fast
 * additions cannot do, which the complete ones must decide. In: u and v as digits, the target as limbs in [0, n).
 */
export function sumHasX<C>(table: usize, width: i32, u: usize, v: usize, target: usize): i32 {
  const c = curveOf<C>();
  let end = noteMultiple(PARTS, load<u32>(c + BASE_TABLE), load<i32>(c + BASE_WIDTH), u);
  end = noteMultiple(end, table, width, v);
  if (end == PARTS) return -1;
  fillUp(PARTS, end);
  const count = <i32>(end - PARTS) / PART;
  addParts<C>(count);
  unpackPoint(SUM, 0);
  for (let lane = 1; lane < min(count, 4); lane++) {
    unpackPoint(OTHER, lane);
    addOther<C>();
  }
  const zz = SUM + 72;
  if (vanishes<C>(zz)) return -1;
  if (isX<C>(SUM, target, zz)) return 1;
  return plusOrder<C>(target) ? i32(isX<C>(SUM, target, zz)) : 0;
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

/**
 * Whether x = target·zz, where x is in Montgomery form and target is not. Bounds: x is two wide at most and target in [0, p), limbs in
 * [0, 2^29), which is two wide; zz two. The difference is three wide, and less than 5p.
 */
export function isX<C>(x: usize, target: usize, zz: usize): bool {
  mul<C>(V, target, curveOf<C>() + RR);
  mul<C>(V, V, zz);
  sub(V, x, V);
  return vanishes<C>(V);
}
