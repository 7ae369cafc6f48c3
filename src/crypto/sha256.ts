/**
 * SHA-256 (FIPS 180-4 §6.2), synchronous, one call for a message. A library's would bring SHA-512 into the checkpoint page with it,
 * which needs that for keys of other curves alone.
 */

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

/** The first 32 bits of the fractions of a root of the first primes: the square root gives §5.3.3, the cube root §4.2.2. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const words: number[] = [];
  for (let candidate = 2; words.length < count; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) words.push(((root(candidate) % 1) * 2 ** 32) | 0);
  }
  return Int32Array.from(words);
}
const INITIAL = fractions(8, Math.sqrt);
const CONSTANTS = fractions(64, Math.cbrt);

// Every call runs to its end before the next begins, so they can share these.
const schedule = new Int32Array(64);
const state = new Int32Array(8);
const ending = new Uint8Array(128);

/** 32 octets. */
export function sha256(data: Uint8Array): Uint8Array {
  state.set(INITIAL);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const whole = data.length - (data.length % 64);
  for (let at = 0; at < whole; at += 64) compress(view, at);
  const left = data.length - whole;
  ending.fill(0);
  ending.set(data.subarray(whole));
  ending[left] = 0x80;
  const last = new DataView(ending.buffer);
  const blocks = left < 56 ? 64 : 128;
  // The length in bits, 64 of them: the upper half counts units of 2^29 octets.
  last.setUint32(blocks - 8, Math.floor(data.length / 0x20000000));
  last.setUint32(blocks - 4, data.length << 3);
  for (let at = 0; at < blocks; at += 64) compress(last, at);
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < 8; i++) out.setInt32(4 * i, state[i]!);
  return digest;
}

/** §6.2.2 on one block. */
function compress(view: DataView, from: number): void {
  const w = schedule;
  for (let t = 0; t < 16; t++) w[t] = view.getInt32(from + 4 * t);
  for (let t = 16; t < 64; t++) {
    const a = w[t - 15]!;
    const b = w[t - 2]!;
    const s0 = rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3);
    const s1 = rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10);
    w[t] = (s1 + w[t - 7]! + s0 + w[t - 16]!) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + CONSTANTS[t]! + w[t]!) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}
