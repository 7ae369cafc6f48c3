import { N, N_30, N_FACTOR, N_INVERSE, N_RR } from './curve';
import { add, atLeast, canonical, isZero, repack, sub } from './field';
import { invert } from './inverse';

/** Arithmetic modulo the order n, on nine limbs of 29 bits in [0, 2^29). Few steps of a check are done here. */
const MASK: i64 = (1 << 29) - 1;
const WORDS = memory.data(32, 8);

/** 32 octets, most significant first, as limbs. */
export function fromOctets(out: usize, octets: usize): void {
  for (let i: usize = 0; i < 8; i++) store<u32>(WORDS + (i << 2), bswap<u32>(load<u32>(octets + ((7 - i) << 2))));
  repack(out, 9, 29, WORDS, 8, 32);
}

/** As 32 octets, least significant first, and eight zeros behind them: from these the digits of a multiple are taken. */
export function toDigits(out: usize, a: usize): void {
  repack(out, 8, 32, a, 9, 29);
  store<u64>(out, 0, 32);
}

/** Whether a signature's number lies in [1, n − 1]. */
export function inRange(a: usize, c: usize): bool {
  return !isZero(a) && !atLeast(a, c + N);
}

/**
 * out = a·b/R modulo n. A place holds at most 18 products of 2^58. In: a, b in [0, n). The places are variables: in memory, each would
 * be written and read again nine times.
 */
export function mulN(out: usize, a: usize, b: usize, c: usize): void {
  const n = c + N;
  const factor = <i64>load<i32>(c + N_FACTOR);
  let t0: i64 = 0, t1: i64 = 0, t2: i64 = 0, t3: i64 = 0, t4: i64 = 0, t5: i64 = 0, t6: i64 = 0, t7: i64 = 0;
  for (let i: usize = 0; i < 36; i += 4) {
    const ai = <i64>load<i32>(a + i);
    t0 += ai * load<i32>(b);
    const q = ((t0 & MASK) * factor) & MASK;
    t0 = ((t0 + q * load<i32>(n)) >> 29) + t1 + ai * load<i32>(b, 4) + q * load<i32>(n, 4);
    t1 = t2 + ai * load<i32>(b, 8) + q * load<i32>(n, 8);
    t2 = t3 + ai * load<i32>(b, 12) + q * load<i32>(n, 12);
    t3 = t4 + ai * load<i32>(b, 16) + q * load<i32>(n, 16);
    t4 = t5 + ai * load<i32>(b, 20) + q * load<i32>(n, 20);
    t5 = t6 + ai * load<i32>(b, 24) + q * load<i32>(n, 24);
    t6 = t7 + ai * load<i32>(b, 28) + q * load<i32>(n, 28);
    t7 = ai * load<i32>(b, 32) + q * load<i32>(n, 32);
  }
  let t = put(out, t0);
  t = put(out + 4, t1 + t);
  t = put(out + 8, t2 + t);
  t = put(out + 12, t3 + t);
  t = put(out + 16, t4 + t);
  t = put(out + 20, t5 + t);
  t = put(out + 24, t6 + t);
  t = put(out + 28, t7 + t);
  store<i32>(out, <i32>t, 32);
  canonical(out, n);
}

// @ts-ignore: decorator
@inline
function put(at: usize, t: i64): i64 {
  store<i32>(at, <i32>(t & MASK));
  return t >> 29;
}

/** out = a + b modulo n. */
export function addN(out: usize, a: usize, b: usize, c: usize): void {
  add(out, a, b);
  canonical(out, c + N);
}

/** out = a − b modulo n. */
export function subN(out: usize, a: usize, b: usize, c: usize): void {
  sub(out, a, b);
  canonical(out, c + N);
}

/** a = R/a modulo n, ready to be multiplied with. */
export function invertN(a: usize, c: usize): void {
  invert(a, c + N_30, load<u32>(c + N_INVERSE));
  mulN(a, a, c + N_RR, c);
}
