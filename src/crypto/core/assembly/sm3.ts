/** SM3 (GB/T 32905), as the check of an SM2 signature needs it: the whole message lies in memory. */
const STATE = memory.data(32, 8);
const EXPANDED = memory.data(68 * 4, 8);
const LAST = memory.data(128, 8);

const INITIAL = memory.data<u32>([
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
]);

/** out = SM3(message), 32 octets; the message is gone then. */
export function sm3(message: usize, length: i32, out: usize): void {
  memory.copy(STATE, INITIAL, 32);
  const whole = length & ~63;
  for (let at = 0; at < whole; at += 64) compress(message + at);
  const rest = length - whole;
  const end = rest < 56 ? 64 : 128;
  memory.copy(LAST, message + whole, rest);
  memory.fill(LAST + rest, 0, end - rest);
  store<u8>(LAST + rest, 0x80);
  store<u64>(LAST + end - 8, bswap<u64>(<u64>length << 3));
  for (let at = 0; at < end; at += 64) compress(LAST + at);
  for (let i: usize = 0; i < 32; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(STATE + i)));
  // What a document says must not outlive the call.
  memory.fill(message, 0, length);
  memory.fill(LAST, 0, 128);
  memory.fill(EXPANDED, 0, 68 * 4);
}

// @ts-ignore: decorator
@inline
function p1(x: u32): u32 {
  return x ^ rotl<u32>(x, 15) ^ rotl<u32>(x, 23);
}

function compress(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(EXPANDED + i, bswap<u32>(load<u32>(block + i)));
  for (let i: usize = 64; i < 272; i += 4) {
    const w = EXPANDED + i;
    const x = p1(load<u32>(w - 64) ^ load<u32>(w - 36) ^ rotl<u32>(load<u32>(w - 12), 15));
    store<u32>(w, x ^ rotl<u32>(load<u32>(w - 52), 7) ^ load<u32>(w - 24));
  }
  let a = load<u32>(STATE), b = load<u32>(STATE, 4), c = load<u32>(STATE, 8), d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16), f = load<u32>(STATE, 20), g = load<u32>(STATE, 24), h = load<u32>(STATE, 28);
  let constant: u32 = 0x79cc4519;
  for (let w = EXPANDED; w < EXPANDED + 64; w += 4) {
    const a12 = rotl<u32>(a, 12);
    const ss1 = rotl<u32>(a12 + e + constant, 7);
    const word = load<u32>(w);
    const tt1 = (a ^ b ^ c) + d + (ss1 ^ a12) + (word ^ load<u32>(w, 16));
    const tt2 = (e ^ f ^ g) + h + ss1 + word;
    d = c;
    c = rotl<u32>(b, 9);
    b = a;
    a = tt1;
    h = g;
    g = rotl<u32>(f, 19);
    f = e;
    e = tt2 ^ rotl<u32>(tt2, 9) ^ rotl<u32>(tt2, 17);
    constant = rotl<u32>(constant, 1);
  }
  constant = rotl<u32>(0x7a879d8a, 16);
  for (let w = EXPANDED + 64; w < EXPANDED + 256; w += 4) {
    const a12 = rotl<u32>(a, 12);
    const ss1 = rotl<u32>(a12 + e + constant, 7);
    const word = load<u32>(w);
    const tt1 = ((a & b) | (c & (a | b))) + d + (ss1 ^ a12) + (word ^ load<u32>(w, 16));
    const tt2 = (g ^ (e & (f ^ g))) + h + ss1 + word;
    d = c;
    c = rotl<u32>(b, 9);
    b = a;
    a = tt1;
    h = g;
    g = rotl<u32>(f, 19);
    f = e;
    e = tt2 ^ rotl<u32>(tt2, 9) ^ rotl<u32>(tt2, 17);
    constant = rotl<u32>(constant, 1);
  }
  store<u32>(STATE, load<u32>(STATE) ^ a);
  store<u32>(STATE, load<u32>(STATE, 4) ^ b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) ^ c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) ^ d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) ^ e, 16);
  store<u32>(STATE, load<u32>(STATE, 20) ^ f, 20);
  store<u32>(STATE, load<u32>(STATE, 24) ^ g, 24);
  store<u32>(STATE, load<u32>(STATE, 28) ^ h, 28);
}
