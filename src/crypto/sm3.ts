/**
 * SM3 (GB/T 32905): a Merkle–Damgård hash of 256 bits over blocks of 512. Synchronous, one call per message.
 */

const INITIAL = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
] as const;

/** Round constants T_j, already rotated left by j mod 32. */
const CONSTANTS = Int32Array.from({ length: 64 }, (_, j) => rotate(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32));

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

// Every call runs to its end before the next begins, so they can share the message schedule.
const schedule = new Int32Array(68);
const state = new Int32Array(8);
const block = new Uint8Array(64);

/** SM3 of the parts, one after the other, as if they were one message. 32 bytes. */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  state.set(INITIAL);
  let filled = 0;
  let length = 0;
  for (const part of parts) {
    length += part.length;
    let at = 0;
    if (filled > 0) {
      at = Math.min(64 - filled, part.length);
      block.set(at === part.length ? part : part.subarray(0, at), filled);
      filled += at;
      if (filled < 64) continue;
      compress(block, 0);
      filled = 0;
    }
    for (; part.length - at >= 64; at += 64) compress(part, at);
    if (at < part.length) {
      block.set(part.subarray(at), 0);
      filled = part.length - at;
    }
  }
  block[filled++] = 0x80;
  if (filled > 56) {
    block.fill(0, filled);
    compress(block, 0);
    filled = 0;
  }
  block.fill(0, filled, 56);
  // The length in bits, 64 of them: the upper half counts units of 2^29 octets.
  writeWord(block, 56, Math.floor(length / 0x20000000));
  writeWord(block, 60, length << 3);
  compress(block, 0);
  const digest = new Uint8Array(32);
  for (let i = 0; i < 8; i++) writeWord(digest, i * 4, state[i]!);
  return digest;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** The compression function CF (GB/T 32905 §5.3) on one block. */
function compress(bytes: Uint8Array, from: number): void {
  const w = schedule;
  for (let j = 0, at = from; j < 16; j++, at += 4) {
    w[j] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let j = 16; j < 68; j++) {
    const w3 = w[j - 3]!;
    const x = w[j - 16]! ^ w[j - 9]! ^ ((w3 << 15) | (w3 >>> 17));
    const w13 = w[j - 13]!;
    w[j] = x ^ ((x << 15) | (x >>> 17)) ^ ((x << 23) | (x >>> 9)) ^ ((w13 << 7) | (w13 >>> 25)) ^ w[j - 6]!;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let j = 0; j < 64; j++) {
    const a12 = (a << 12) | (a >>> 20);
    const sum = (a12 + e + CONSTANTS[j]!) | 0;
    const ss1 = (sum << 7) | (sum >>> 25);
    const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + (ss1 ^ a12) + (w[j]! ^ w[j + 4]!)) | 0;
    const tt2 = (gg + h + ss1 + w[j]!) | 0;
    d = c;
    c = (b << 9) | (b >>> 23);
    b = a;
    a = tt1;
    h = g;
    g = (f << 19) | (f >>> 13);
    f = e;
    e = tt2 ^ ((tt2 << 9) | (tt2 >>> 23)) ^ ((tt2 << 17) | (tt2 >>> 15));
  }
  state[0] = state[0]! ^ a;
  state[1] = state[1]! ^ b;
  state[2] = state[2]! ^ c;
  state[3] = state[3]! ^ d;
  state[4] = state[4]! ^ e;
  state[5] = state[5]! ^ f;
  state[6] = state[6]! ^ g;
  state[7] = state[7]! ^ h;
}
