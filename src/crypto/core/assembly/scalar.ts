import { N, N_30, N_FACTOR, N_INVERSE, N_RR } from './curve';
import { add, atLeast, canonical, isZero, repack, sub } from './field';
import { invert } from './inverse';

/** Arithmetic modulo the order n, on nine limbs of 29 bits in [0, 2^29). Few steps of a check are done here. */
const MASK: i64 = (1 << 29) - 1;
const T = memory.data(80, 8);
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

/** out = a·b/R modulo n. A place holds at most 18 products of 2^58. In: a, b in [0, n). */
export function mulN(out: usize, a: usize, b: usize, c: usize): void {
  const n = c + N;
  const factor = <i64>load<i32>(c + N_FACTOR);
  memory.fill(T, 0, 80);
  for (let i: usize = 0; i < 36; i += 4) {
    const ai = <i64>load<i32>(a + i);
    const first = load<i64>(T) + ai * load<i32>(b);
    const q = ((first & MASK) * factor) & MASK;
    let before = (first + q * load<i32>(n)) >> 29;
    for (let j: usize = 4; j < 36; j += 4) {
      const at = T + (j << 1);
      const t = load<i64>(at) + ai * load<i32>(b + j) + q * load<i32>(n + j);
      store<i64>(at - 8, t + before);
      before = 0;
    }
    store<i64>(T, 0, 64);
  }
  let t: i64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    t += load<i64>(T + (i << 1));
    store<i32>(out + i, <i32>(t & MASK));
    t >>= 29;
  }
  store<i32>(out, <i32>(t + load<i64>(T, 64)), 32);
  canonical(out, n);
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
