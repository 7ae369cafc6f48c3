import { curve, curveOf, N, RR } from './curve';
import { canonical, isZero, mul, P256, SM2 } from './field';
import { run, stateOf, take } from './lanes';
import { touched } from './parts';
import { sumHasX } from './point';
import { addN, fromOctets, inRange, invertN, mulN, subN, toDigits } from './scalar';
import { sm3 } from './sm3';
import { buildTable } from './table';

export { curve, sm3, touched };

/** Where the host writes what is checked: a digest or message, r‖s, and the octets x‖y of a key. */
const MESSAGE = memory.data(65536, 8);
const DIGEST = memory.data(32, 8);
const SIGNATURE = memory.data(64, 8);
const KEY = memory.data(64, 8);
const AFFINE = memory.data(72, 8);
const R = memory.data(36, 8);
const S = memory.data(36, 8);
const E = memory.data(36, 8);
const T = memory.data(36, 8);
const U_DIGITS = memory.data(40, 8);
const V_DIGITS = memory.data(40, 8);

export function message(): usize {
  return MESSAGE;
}
export function digest(): usize {
  return DIGEST;
}
export function signature(): usize {
  return SIGNATURE;
}
export function key(): usize {
  return KEY;
}

function table<C>(at: usize, width: i32, from: i32, to: i32): void {
  const c = curveOf<C>();
  for (let i: usize = 0; i < 2; i++) {
    fromOctets(AFFINE + i * 36, KEY + (i << 5));
    mul<C>(AFFINE + i * 36, AFFINE + i * 36, c + RR);
  }
  buildTable<C>(at, width, AFFINE, from, to);
}

/** Builds rows of the table (table.ts) of the key whose octets were written, of P-256 (1) or SM2 (2). It must be a point of the curve. */
export function prepare(kind: i32, at: usize, width: i32, from: i32, to: i32): void {
  if (kind == 1) table<P256>(at, width, from, to);
  else table<SM2>(at, width, from, to);
}

/** Decides what was written, with the key whose table that is: as the functions below answer. */
export function check(kind: i32, at: usize, width: i32): i32 {
  return kind == 1 ? ecdsa(at, width) : sm2(at, width);
}

/**
 * ECDSA over P-256 (FIPS 186-5 §6.4.2) of the digest and signature that were written: 1 good, 0 not, −1 to be decided by
 * complete arithmetic.
 */
function ecdsa(at: usize, width: i32): i32 {
  const c = curveOf<P256>();
  fromOctets(R, SIGNATURE);
  fromOctets(S, SIGNATURE + 32);
  if (!inRange(R, c) || !inRange(S, c)) return 0;
  fromOctets(E, DIGEST);
  canonical(E, c + N);
  invertN(S, c);
  mulN(T, E, S, c);
  toDigits(U_DIGITS, T);
  mulN(T, R, S, c);
  toDigits(V_DIGITS, T);
  return sumHasX<P256>(at, width, U_DIGITS, V_DIGITS, R);
}

/** SM2 (GB/T 32918.2 §7.1): (e + x) mod n = r with (x, y) = s·G + t·P and t = r + s, which may not be 0. */
function sm2(at: usize, width: i32): i32 {
  const c = curveOf<SM2>();
  fromOctets(R, SIGNATURE);
  fromOctets(S, SIGNATURE + 32);
  if (!inRange(R, c) || !inRange(S, c)) return 0;
  addN(T, R, S, c);
  if (isZero(T)) return 0;
  toDigits(U_DIGITS, S);
  toDigits(V_DIGITS, T);
  fromOctets(E, DIGEST);
  canonical(E, c + N);
  subN(T, R, E, c);
  return sumHasX<SM2>(at, width, U_DIGITS, V_DIGITS, T);
}

/** Takes the check that was written into lane i. */
export function lane(kind: i32, i: i32, at: usize, width: i32): void {
  if (kind == 1) take<P256>(i, at, width, SIGNATURE, DIGEST);
  else take<SM2>(i, at, width, SIGNATURE, DIGEST);
}

/** Decides the first lanes, all of one curve; `answer` tells what came out, as `check` does. */
export function decide(kind: i32, count: i32): void {
  if (kind == 1) run<P256>(count);
  else run<SM2>(count);
}

export function answer(i: i32): i32 {
  return stateOf(i);
}

/** Where memory begins that is free for tables. */
export function heap(): usize {
  return __heap_base;
}
