import { BASE_TABLE, BASE_WIDTH, curveOf, N, N_30, N_INVERSE, N_RR, ONE } from './curve';
import { canonical, copy, ELEMENT, isZero, neg, P256, POINT, sub } from './field';
import { invert } from './inverse';
import { digitAt, invertAll, isX, join, plusOrder, vanishes, windowsOf } from './point';
import { addN, fromOctets, inRange, mulN, subN, toDigits } from './scalar';

/**
 * Many checks side by side. All lanes go through the windows together, so that the affine additions of one step share one
 * inversion: five products and a square for each, where a single check needs eight and three.
 */
export const MOST_LANES: i32 = 64;

/** A lane's places. */
const ACC: usize = 0;
const U: usize = 72;
const V: usize = 112;
const TARGET: usize = 152;
const R: usize = 188;
const S: usize = 224;
const E: usize = 260;
const TABLE: usize = 296;
const WIDTH: usize = 300;
/** 1 good, 0 not, −1 to be decided by complete arithmetic, 2 not decided yet. */
const STATE: usize = 304;
/** What the window below carries. */
const OVER: usize = 308;
const STARTED: usize = 312;
const NEXT: usize = 316;
const SIGN: usize = 320;
const LANE: i32 = 328;

const LANES = memory.data(328 * 64, 8);
/** The lanes that add in this step, with the differences of their x. */
const ACTIVE = memory.data(4 * 64, 8);
const DIFFERENCES = memory.data(36 * 64, 8);
const PREFIXES = memory.data(36 * 64, 8);
const RUNNING = memory.data(ELEMENT, 8);
const T = memory.data(ELEMENT, 8);

// @ts-ignore: decorator
@inline
function laneAt(i: i32): usize {
  return LANES + i * LANE;
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
  store<i32>(lane + STARTED, 0);
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
  const c = curveOf<C>();
  walk<C>(count, true, windowsOf(load<i32>(c + BASE_WIDTH)));
  let windows = 0;
  for (let i = 0; i < count; i++) windows = max(windows, windowsOf(load<i32>(laneAt(i) + WIDTH)));
  walk<C>(count, false, windows);
  for (let i = 0; i < count; i++) {
    const lane = laneAt(i);
    if (load<i32>(lane + STATE) != 2) continue;
    let state = -1;
    if (load<i32>(lane + STARTED)) {
      state = i32(isX<C>(lane + ACC, lane + TARGET, c + ONE));
      if (!state && plusOrder<C>(lane + TARGET)) state = i32(isX<C>(lane + ACC, lane + TARGET, c + ONE));
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

/** Adds u·G (`base`) or v·Q to every lane, window by window. */
function walk<C>(count: i32, base: bool, windows: i32): void {
  const c = curveOf<C>();
  for (let i = 0; i < count; i++) store<i32>(laneAt(i) + OVER, 0);
  for (let window = 0; window < windows; window++) {
    let active = 0;
    for (let i = 0; i < count; i++) {
      const lane = laneAt(i);
      if (load<i32>(lane + STATE) != 2) continue;
      const width = base ? load<i32>(c + BASE_WIDTH) : load<i32>(lane + WIDTH);
      if (window >= windowsOf(width)) continue;
      const half = 1 << (width - 1);
      let digit = digitAt(lane + (base ? U : V), window, width) + load<i32>(lane + OVER);
      const over = i32(digit > half);
      store<i32>(lane + OVER, over);
      digit -= over << width;
      if (digit == 0) continue;
      const table = base ? load<u32>(c + BASE_TABLE) : load<u32>(lane + TABLE);
      const point = table + (window * half + abs(digit) - 1) * POINT;
      if (!load<i32>(lane + STARTED)) {
        copy(lane + ACC, point);
        if (digit > 0) copy(lane + ACC + 36, point + 36);
        else neg(lane + ACC + 36, point + 36);
        store<i32>(lane + STARTED, 1);
        continue;
      }
      store<u32>(lane + NEXT, point);
      store<i32>(lane + SIGN, digit < 0 ? -1 : 1);
      store<i32>(ACTIVE + (active << 2), i);
      active++;
    }
    step<C>(active);
  }
}

/** One addition in each active lane. One whose points are equal or opposite leaves, to be decided elsewhere. */
function step<C>(before: i32): void {
  let active = before;
  if (active == 0) return;
  differences(active);
  if (!invertAll<C>(DIFFERENCES, PREFIXES, active)) {
    active = 0;
    for (let k = 0; k < before; k++) {
      const i = load<i32>(ACTIVE + (k << 2));
      const lane = laneAt(i);
      sub(T, load<u32>(lane + NEXT), lane + ACC);
      if (vanishes<C>(T)) store<i32>(lane + STATE, -1);
      else {
        store<i32>(ACTIVE + (active << 2), i);
        active++;
      }
    }
    if (active == 0) return;
    differences(active);
    invertAll<C>(DIFFERENCES, PREFIXES, active);
  }
  for (let k = 0; k < active; k++) {
    const lane = laneAt(load<i32>(ACTIVE + (k << 2)));
    join<C>(lane + ACC, lane + ACC, load<u32>(lane + NEXT), load<i32>(lane + SIGN), DIFFERENCES + k * ELEMENT);
  }
}

function differences(active: i32): void {
  for (let k = 0; k < active; k++) {
    const lane = laneAt(load<i32>(ACTIVE + (k << 2)));
    sub(DIFFERENCES + k * ELEMENT, load<u32>(lane + NEXT), lane + ACC);
  }
}
