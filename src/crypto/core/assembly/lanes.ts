import { BASE_TABLE, BASE_WIDTH, curveOf, N, N_30, N_INVERSE, N_RR, ONE, QUAD_ONE } from './curve';
import { canonical, copy, ELEMENT, isZero, P256 } from './field';
import { invert } from './inverse';
import { fillUp, MOST_PARTS, noteMultiple, PART, POINT } from './parts';
import { isX, plusOrder } from './point';
import { invertAll, packElement, vanishes } from './prime';
import { mul4, QUAD } from './product4';
import { carry4, choose4, copy4, gather, lanesBelow, scatter, sub4, subBoth4, tame4, unpack } from './quad';
import { addN, fromOctets, inRange, mulN, subN, toDigits } from './scalar';

/**
 * Many checks side by side. The parts of each sum are dealt out to a quad of accumulators, and all quads go through them together: the
 * affine additions of one step share one inversion, so that each has six products, where a single check needs eleven. What
 * is in the end in the accumulators of a sum is added in the same way, four sums to a quad.
 */
export const MOST_LANES: i32 = 64;

/** A check's places. */
const TARGET: usize = 0;
const R: usize = 36;
const S: usize = 72;
const E: usize = 108;
const TABLE: usize = 144;
const WIDTH: usize = 148;
/** 1 good, 0 not, −1 to be decided by complete arithmetic, 2 not decided yet. */
const STATE: usize = 152;
/** How many parts its sum has. */
const COUNT: usize = 156;
const U: usize = 160;
const V: usize = 200;
const PARTS: usize = 240;
/** What its accumulators held, as points of a table. */
const POINTS: usize = 960;
const LANE: i32 = 1280;

/** A quad's places: four sums so far, what is added next, the differences of their x, and where something is added. */
const ACC: usize = 0;
const NEXT: usize = 320;
const DIFFERENCE: usize = 640;
const PREFIX: usize = 800;
const MASK: usize = 960;
/** A bit for each place whose points were equal or opposite: what stands there is wrong from then on. */
const BROKEN: usize = 976;
const QUAD_PLACES: i32 = 992;

const LANES = memory.data(1280 * 64, 16);
const QUADS = memory.data(992 * 64, 16);
/** The checks that are not decided yet, and the quads that add in this step. */
const OPEN = memory.data(4 * 64, 8);
const ACTIVE = memory.data(4 * 64, 8);
const FOUR = memory.data(PART * 4, 16);
const ELEMENTS = memory.data(ELEMENT * 4, 8);
const PREFIXES = memory.data(ELEMENT * 64, 8);
const RUNNING = memory.data(ELEMENT, 8);
const T = memory.data(ELEMENT, 8);
const RUNNING4 = memory.data(QUAD, 16);
const INVERSE4 = memory.data(QUAD, 16);
const SLOPE4 = memory.data(QUAD, 16);
const X4 = memory.data(QUAD, 16);
const Y4 = memory.data(QUAD, 16);

// @ts-ignore: decorator
@inline
function laneAt(i: i32): usize {
  return LANES + i * LANE;
}
// @ts-ignore: decorator
@inline
function openAt(k: i32): usize {
  return laneAt(load<i32>(OPEN + (k << 2)));
}
// @ts-ignore: decorator
@inline
function quadAt(i: i32): usize {
  return QUADS + i * QUAD_PLACES;
}

export function stateOf(i: i32): i32 {
  return load<i32>(laneAt(i) + STATE);
}

/** Takes one check into a lane: a signature, a digest, and the table of its key. */
export function take<C>(i: i32, table: usize, width: i32, signature: usize, digest: usize): void {
  const lane = laneAt(i);
  const c = curveOf<C>();
  store<u32>(lane + TABLE, <u32>table);
  store<i32>(lane + WIDTH, width);
  store<i32>(lane + STATE, 0);
  fromOctets(lane + R, signature);
  fromOctets(lane + S, signature + 32);
  if (!inRange(lane + R, c) || !inRange(lane + S, c)) return;
  fromOctets(lane + E, digest);
  canonical(lane + E, c + N);
  if (sizeof<C>() != 1) {
    addN(T, lane + R, lane + S, c);
    if (isZero(T)) return;
    toDigits(lane + U, lane + S);
    toDigits(lane + V, T);
    subN(lane + TARGET, lane + R, lane + E, c);
  } else copy(lane + TARGET, lane + R);
  store<i32>(lane + STATE, 2);
}

/** Decides the first `count` lanes. */
export function run<C>(count: i32): void {
  if (sizeof<C>() == 1) invertSecrets(count);
  let open = addParts<C>(begin<C>(count));
  open = addAccumulators<C>(open);
  const c = curveOf<C>();
  for (let k = 0; k < open; k++) {
    const quad = quadAt(k >> 2);
    const lane = openAt(k);
    let state = -1;
    if (((load<i32>(quad + BROKEN) >> (k & 3)) & 1) == 0) {
      unpack(T, quad + ACC + ((k & 3) << 2), 16);
      state = i32(isX<C>(T, lane + TARGET, c + ONE));
      if (!state && plusOrder<C>(lane + TARGET)) state = i32(isX<C>(T, lane + TARGET, c + ONE));
    }
    store<i32>(lane + STATE, state);
  }
}

/** ECDSA's multiples e/s and r/s: the s of all lanes are inverted with one inversion. */
function invertSecrets(count: i32): void {
  const c = curveOf<P256>();
  let last = -1;
  for (let i = 0; i < count; i++) {
    const lane = laneAt(i);
    if (load<i32>(lane + STATE) != 2) continue;
    mulN(lane + S, lane + S, c + N_RR, c);
    if (last < 0) copy(PREFIXES + i * ELEMENT, lane + S);
    else mulN(PREFIXES + i * ELEMENT, PREFIXES + last * ELEMENT, lane + S, c);
    last = i;
  }
  if (last < 0) return;
  copy(RUNNING, PREFIXES + last * ELEMENT);
  invert(RUNNING, c + N_30, load<u32>(c + N_INVERSE));
  mulN(RUNNING, RUNNING, c + N_RR, c);
  mulN(RUNNING, RUNNING, c + N_RR, c);
  for (let i = last; i >= 0; i--) {
    const lane = laneAt(i);
    if (load<i32>(lane + STATE) != 2) continue;
    let before = i - 1;
    while (before >= 0 && load<i32>(laneAt(before) + STATE) != 2) before--;
    if (before < 0) copy(T, RUNNING);
    else mulN(T, RUNNING, PREFIXES + before * ELEMENT, c);
    mulN(RUNNING, RUNNING, lane + S, c);
    mulN(lane + E, lane + E, T, c);
    mulN(lane + R, lane + R, T, c);
    toDigits(lane + U, lane + E);
    toDigits(lane + V, lane + R);
  }
}

/** Notes the parts of all sums, and puts the first four of each into its quad. Gives how many checks are open. */
function begin<C>(count: i32): i32 {
  const c = curveOf<C>();
  let open = 0;
  for (let i = 0; i < count; i++) {
    const lane = laneAt(i);
    if (load<i32>(lane + STATE) != 2) continue;
    const parts = lane + PARTS;
    let end = noteMultiple(parts, load<u32>(c + BASE_TABLE), load<i32>(c + BASE_WIDTH), lane + U);
    end = noteMultiple(end, load<u32>(lane + TABLE), load<i32>(lane + WIDTH), lane + V);
    store<i32>(lane + COUNT, <i32>(end - parts) / PART);
    if (end == parts) {
      store<i32>(lane + STATE, -1);
      continue;
    }
    fillUp(parts, end);
    store<i32>(OPEN + (open << 2), i);
    beginQuad(open++, parts);
  }
  return open;
}

function beginQuad(k: i32, parts: usize): void {
  gather(quadAt(k) + ACC, parts);
  store<i32>(quadAt(k) + BROKEN, 0);
}

/** Adds the further parts of every open check to its quad. Gives how many are still open. */
function addParts<C>(open: i32): i32 {
  let most = 0;
  for (let k = 0; k < open; k++) most = max(most, load<i32>(openAt(k) + COUNT));
  for (let from = 4; from < most; from += 4) {
    let active = 0;
    for (let k = 0; k < open; k++) {
      const lane = openAt(k);
      const left = load<i32>(lane + COUNT) - from;
      if (left <= 0) continue;
      prepare<C>(quadAt(k), lane + PARTS + from * PART, lanesBelow(left));
      store<i32>(ACTIVE + (active++ << 2), k);
    }
    step<C>(active);
  }
  let left = 0;
  for (let k = 0; k < open; k++) {
    const lane = openAt(k);
    if (load<i32>(quadAt(k) + BROKEN) != 0) store<i32>(lane + STATE, -1);
    else {
      scatter(lane + POINTS, quadAt(k) + ACC);
      store<i32>(OPEN + (left++ << 2), load<i32>(OPEN + (k << 2)));
    }
  }
  return left;
}

/** Adds the accumulators of each open check, four checks to a quad, in their order. */
function addAccumulators<C>(open: i32): i32 {
  for (let i = 0; i < 4; i++) {
    let active = 0;
    for (let k = 0; k < open; k += 4) {
      let mask = i32x4.splat(0);
      for (let place = 0; place < 4; place++) {
        const lane = openAt(k + place < open ? k + place : k);
        store<i32>(FOUR + place * PART, <i32>(lane + POINTS + i * POINT));
        if (k + place < open && i < load<i32>(lane + COUNT)) mask = v128.or(mask, placeOf(place));
      }
      if (i == 0) beginQuad(k >> 2, FOUR);
      else if (v128.any_true(mask)) {
        prepare<C>(quadAt(k >> 2), FOUR, mask);
        store<i32>(ACTIVE + (active++ << 2), k >> 2);
      }
    }
    step<C>(active);
  }
  return open;
}

// @ts-ignore: decorator
@inline
function placeOf(place: i32): v128 {
  return i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(place));
}

/** What a quad is to add in the next step. Where nothing is, the difference is 1. */
function prepare<C>(quad: usize, parts: usize, mask: v128): void {
  gather(quad + NEXT, parts);
  sub4(quad + DIFFERENCE, quad + NEXT, quad + ACC);
  choose4(quad + DIFFERENCE, curveOf<C>() + QUAD_ONE, v128.not(mask));
  v128.store(quad + MASK, mask);
}

/** One addition in each active quad. Places whose points are equal or opposite are left out and marked, to be decided elsewhere. */
function step<C>(active: i32): void {
  if (active == 0) return;
  if (!share<C>(active)) {
    for (let k = 0; k < active; k++) leaveOut<C>(quadAt(load<i32>(ACTIVE + (k << 2))));
    share<C>(active);
  }
  for (let k = active - 1; k > 0; k--) {
    const quad = quadAt(load<i32>(ACTIVE + (k << 2)));
    mul4<C>(INVERSE4, RUNNING4, quadAt(load<i32>(ACTIVE + ((k - 1) << 2))) + PREFIX);
    mul4<C>(RUNNING4, RUNNING4, quad + DIFFERENCE);
    join<C>(quad, INVERSE4);
  }
  join<C>(quadAt(load<i32>(ACTIVE)), RUNNING4);
}

/**
 * The products of all differences up to each quad, and the inverse of the last; false if there is none in one of the four places.
 * The first difference is carried, because it is multiplied by the next one. It is at most 1.7p, so what is unpacked is two wide and
 * at most 3.4p: what invertAll takes.
 */
function share<C>(active: i32): bool {
  let before = quadAt(load<i32>(ACTIVE)) + PREFIX;
  copy4(before, before - PREFIX + DIFFERENCE);
  carry4(before);
  for (let k = 1; k < active; k++) {
    const quad = quadAt(load<i32>(ACTIVE + (k << 2)));
    mul4<C>(quad + PREFIX, before, quad + DIFFERENCE);
    before = quad + PREFIX;
  }
  for (let place = 0; place < 4; place++) unpack(ELEMENTS + place * ELEMENT, before + (place << 2), 16);
  if (!invertAll<C>(ELEMENTS, PREFIXES, 4)) return false;
  for (let place = 0; place < 4; place++) packElement<C>(RUNNING4 + (place << 2), ELEMENTS + place * ELEMENT, 16);
  return true;
}

function leaveOut<C>(quad: usize): void {
  for (let place = 0; place < 4; place++) {
    unpack(T, quad + DIFFERENCE + (place << 2), 16);
    if (!vanishes<C>(T)) continue;
    store<i32>(quad + BROKEN, load<i32>(quad + BROKEN) | (1 << place));
    choose4(quad + DIFFERENCE, curveOf<C>() + QUAD_ONE, placeOf(place));
  }
}

/**
 * ACC += NEXT in a quad, where the mask says so; `inverse` is 1/(x of NEXT − x of ACC). Bounds: either point is one of a table (half a
 * wide, 1.04p), or tamed (1.02 wide, 0.6p). A difference of two is at most 1.52 wide: a table's limbs have either sign, a tamed one's have
 * one, so that two tamed ones differ by 1.04. It is multiplied by a product only, never by another difference (k·l ≤ 1.52). X and Y
 * are tamed from at most 2.2p, and 2.1 wide.
 */
function join<C>(quad: usize, inverse: usize): void {
  const x = quad + ACC, y = quad + ACC + QUAD;
  const mask = v128.load(quad + MASK);
  sub4(SLOPE4, quad + NEXT + QUAD, y);
  mul4<C>(SLOPE4, SLOPE4, inverse);
  mul4<C>(X4, SLOPE4, SLOPE4);
  subBoth4(X4, X4, x, quad + NEXT);
  tame4<C>(X4);
  sub4(Y4, x, X4);
  mul4<C>(Y4, SLOPE4, Y4);
  sub4(Y4, Y4, y);
  tame4<C>(Y4);
  choose4(x, X4, mask);
  choose4(y, Y4, mask);
}
