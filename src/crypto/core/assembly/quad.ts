import { LIMB_MASK } from './product4';

/** What else is done to four elements side by side, and how they come there and back (see product4.ts). */

/** out = a − b, limb by limb. */
export function sub4(out: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < 160; at += 16)
    v128.store(out + at, i16x8.sub(v128.load(a + at), v128.load(b + at)));
}

/** out = a − b − c, limb by limb. */
export function subBoth4(out: usize, a: usize, b: usize, c: usize): void {
  for (let at: usize = 0; at < 160; at += 16)
    v128.store(out + at, i16x8.sub(i16x8.sub(v128.load(a + at), v128.load(b + at)), v128.load(c + at)));
}

/** out = a − b − 2c, limb by limb. */
export function subTwice4(out: usize, a: usize, b: usize, c: usize): void {
  for (let at: usize = 0; at < 160; at += 16) {
    const twice = i16x8.shl(v128.load(c + at), 1);
    v128.store(out + at, i16x8.sub(i16x8.sub(v128.load(a + at), v128.load(b + at)), twice));
  }
}

/** Not `memory.copy`: engines call out of WebAssembly for that. */
export function copy4(out: usize, a: usize): void {
  for (let at: usize = 0; at < 160; at += 16) v128.store(out + at, v128.load(a + at));
}

/** out = a where the mask says so, else as it is. */
export function choose4(out: usize, a: usize, mask: v128): void {
  for (let at: usize = 0; at < 160; at += 16)
    v128.store(out + at, v128.bitselect(v128.load(a + at), v128.load(out + at), mask));
}

/** What limbs carry into those above them. */
// @ts-ignore: decorator
@inline
function over(a: v128): v128 {
  return i16x8.shr_s(a, 13);
}

/** The same value in limbs of [−4, 2^13 + 4): each gives to the next what it has too much, all at one time. In: at most four wide. */
export function carry4(a: usize): void {
  let before = i32x4.splat(0);
  before = hand(a, before);
  before = hand(a + 16, before);
  before = hand(a + 32, before);
  before = hand(a + 48, before);
  before = hand(a + 64, before);
  before = hand(a + 80, before);
  before = hand(a + 96, before);
  before = hand(a + 112, before);
  before = hand(a + 128, before);
  // The top limb keeps what it has.
  const top = v128.load(a, 144);
  const carried = v128.and(over(top), i32x4.splat(0xffff));
  v128.store(a, i16x8.add(i16x8.sub(top, i16x8.shl(carried, 13)), taken(carried, before)), 144);
}

/** One pair of limbs, with what the pair before it hands on; gives what it hands on itself. */
// @ts-ignore: decorator
@inline
function hand(at: usize, before: v128): v128 {
  const limbs = v128.load(at);
  const carried = over(limbs);
  v128.store(at, i16x8.add(i16x8.sub(limbs, i16x8.shl(carried, 13)), taken(carried, before)));
  return carried;
}

// @ts-ignore: decorator
@inline
function taken(carried: v128, before: v128): v128 {
  return v128.or(i32x4.shl(carried, 16), i32x4.shr_u(before, 16));
}

/**
 * Takes off p as often as the top limb says: any value of at most 5p comes within (−0.6p, 0.6p). In: at most four wide; out:
 * limbs of [−164, 2^13 + 164). One limb may get more than it can keep, and gives it to the next.
 */
export function tame4<C>(a: usize): void {
  carry4(a);
  const top = v128.load(a, 144);
  const times = i32x4.shr_s(i32x4.add(i32x4.shr_s(top, 16), i32x4.splat(256)), 9);
  const lower = v128.and(times, i32x4.splat(0xffff));
  v128.store(a, i16x8.add(v128.load(a), lower));
  v128.store(a, i16x8.add(v128.load(a, 128), i32x4.shl(times, 19)), 128);
  v128.store(a, i16x8.sub(top, i32x4.shl(times, 25)), 144);
  const seventh = i32x4.shl(times, 21);
  if (sizeof<C>() == 1) {
    v128.store(a, i16x8.sub(v128.load(a, 48), seventh), 48);
    v128.store(a, handOn(i16x8.sub(v128.load(a, 112), i16x8.shl(lower, 10))), 112);
  } else {
    v128.store(a, i16x8.add(v128.load(a, 48), seventh), 48);
    v128.store(a, handOn(i16x8.sub(v128.load(a, 32), i16x8.shl(lower, 12))), 32);
  }
}

/** The lower limb of each pair gives to the upper one what it has too much. */
// @ts-ignore: decorator
@inline
function handOn(limbs: v128): v128 {
  const carried = v128.and(over(limbs), i32x4.splat(0xffff));
  return i16x8.add(i16x8.sub(limbs, i16x8.shl(carried, 13)), i32x4.shl(carried, 16));
}

/** Where the lanes below `count` are. */
// @ts-ignore: decorator
@inline
export function lanesBelow(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/**
 * Four affine points, x and y a quad each, one after the other. In: four parts of a sum: where in a table a point lies (x and y of
 * twenty limbs each), and −1 if it is to be taken off, else 0.
 */
export function gather(out: usize, parts: usize): void {
  const p0 = load<u32>(parts), p1 = load<u32>(parts, 8), p2 = load<u32>(parts, 16), p3 = load<u32>(parts, 24);
  const sign = v128.shuffle<i32>(v128.load(parts), v128.load(parts, 16), 1, 3, 5, 7);
  deal(out, p0, p1, p2, p3, sign, 4);
  deal(out + 64, p0 + 16, p1 + 16, p2 + 16, p3 + 16, sign, 4);
  deal(out + 128, p0 + 32, p1 + 32, p2 + 32, p3 + 32, sign, 2);
  deal(out + 192, p0 + 48, p1 + 48, p2 + 48, p3 + 48, sign, 0);
  deal(out + 256, p0 + 64, p1 + 64, p2 + 64, p3 + 64, sign, 0);
}

/** Four pairs of limbs of each of four points; those from `y` on belong to y, and take the sign. */
// @ts-ignore: decorator
@inline
function deal(to: usize, p0: usize, p1: usize, p2: usize, p3: usize, sign: v128, y: i32): void {
  const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
  const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7), d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, signed(v128.shuffle<i64>(a, b, 0, 2), sign, y <= 0));
  v128.store(to, signed(v128.shuffle<i64>(a, b, 1, 3), sign, y <= 1), 16);
  v128.store(to, signed(v128.shuffle<i64>(c, d, 0, 2), sign, y <= 2), 32);
  v128.store(to, signed(v128.shuffle<i64>(c, d, 1, 3), sign, y <= 3), 48);
}

// @ts-ignore: decorator
@inline
function signed(a: v128, sign: v128, takes: bool): v128 {
  return takes ? i16x8.sub(v128.xor(a, sign), sign) : a;
}

/** The four points of a pair of quads, one after the other as a table has them. */
export function scatter(out: usize, points: usize): void {
  for (let at: usize = 0; at < 80; at += 16) {
    const from = points + (at << 2);
    const r0 = v128.load(from), r1 = v128.load(from, 16), r2 = v128.load(from, 32), r3 = v128.load(from, 48);
    const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
    const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7), d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
    const to = out + at;
    v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(to, v128.shuffle<i64>(a, b, 1, 3), 80);
    v128.store(to, v128.shuffle<i64>(c, d, 0, 2), 160);
    v128.store(to, v128.shuffle<i64>(c, d, 1, 3), 240);
  }
}

/**
 * One element of a quad, or of a table's point, as nine limbs of 29 bits of which all but the top one lie in [0, 2^29), in Montgomery
 * form with R = 2^261: twice the number. `step` is how far its pairs of limbs are apart: 16 bytes in a quad, 4 in a point.
 */
export function unpack(out: usize, a: usize, step: usize): void {
  let held: i64 = 0;
  let have = 1;
  for (let j = 0; j < 10; j++) {
    held += <i64>load<i16>(a) << have;
    held += <i64>load<i16>(a, 2) << (have + 13);
    have += 26;
    if (have >= 29 && j < 9) {
      store<i32>(out, <i32>(held & ((1 << 29) - 1)));
      held >>= 29;
      have -= 29;
      out += 4;
    }
    a += step;
  }
  store<i32>(out, <i32>held);
}

/** The other way round, but for the number: in a limbs in [0, 2^29) but for the top one, out half a wide. */
export function pack(out: usize, a: usize, step: usize): void {
  let held: i64 = 0;
  let have = 0;
  let next = 0;
  let carried: i32 = 0;
  for (let j = 0; j < 20; j++) {
    if (have < 13 && next < 9) {
      held += <i64>load<i32>(a + (next << 2)) << have;
      have += 29;
      next++;
    }
    let limb = carried + (j < 19 ? <i32>(held & LIMB_MASK) : <i32>held);
    carried = j < 19 ? i32(limb >= 1 << 12) : 0;
    limb -= carried << 13;
    held >>= 13;
    have -= 13;
    store<i16>(out + (j >> 1) * step + ((j & 1) << 1), <i16>limb);
  }
}
