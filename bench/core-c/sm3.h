/* sm3.ts */

static const u32 initial[8] = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
                               0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};
static u32 state[8], expanded[68];
static u8 last[128];

INLINE u32 rotl(u32 x, int bits) { return x << bits | x >> (32 - bits); }
INLINE u32 p1(u32 x) { return x ^ rotl(x, 15) ^ rotl(x, 23); }

#define ROUNDS(from, to, first, second)                              \
  for (int i = from; i < to; i++) {                                  \
    u32 a12 = rotl(a, 12), ss1 = rotl(a12 + e + constant, 7);        \
    u32 word = expanded[i];                                          \
    u32 tt1 = (first) + d + (ss1 ^ a12) + (word ^ expanded[i + 4]);  \
    u32 tt2 = (second) + h + ss1 + word;                             \
    d = c;                                                           \
    c = rotl(b, 9);                                                  \
    b = a;                                                           \
    a = tt1;                                                         \
    h = g;                                                           \
    g = rotl(f, 19);                                                 \
    f = e;                                                           \
    e = tt2 ^ rotl(tt2, 9) ^ rotl(tt2, 17);                          \
    constant = rotl(constant, 1);                                    \
  }

static void compress(const u8 *block) {
  for (int i = 0; i < 16; i++) expanded[i] = __builtin_bswap32(((const unaligned *)block)[i].word);
  for (int i = 16; i < 68; i++) {
    u32 x = p1(expanded[i - 16] ^ expanded[i - 9] ^ rotl(expanded[i - 3], 15));
    expanded[i] = x ^ rotl(expanded[i - 13], 7) ^ expanded[i - 6];
  }
  u32 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  u32 constant = 0x79cc4519;
  ROUNDS(0, 16, a ^ b ^ c, e ^ f ^ g)
  constant = rotl(0x7a879d8a, 16);
  ROUNDS(16, 64, (a & b) | (c & (a | b)), g ^ (e & (f ^ g)))
  state[0] ^= a;
  state[1] ^= b;
  state[2] ^= c;
  state[3] ^= d;
  state[4] ^= e;
  state[5] ^= f;
  state[6] ^= g;
  state[7] ^= h;
}

EXPORT(sm3) void sm3(u8 *message, int length, u8 *out) {
  int whole = length & ~63, rest = length - whole, end = rest < 56 ? 64 : 128;
  __builtin_memcpy(state, initial, 32);
  for (int at = 0; at < whole; at += 64) compress(message + at);
  __builtin_memcpy(last, message + whole, (size_t)rest);
  __builtin_memset(last + rest, 0, (size_t)(end - rest));
  last[rest] = 0x80;
  for (int i = 0; i < 8; i++) last[end - 1 - i] = (u8)((u64)length << 3 >> (8 * i));
  for (int at = 0; at < end; at += 64) compress(last + at);
  for (int i = 0; i < 8; i++) ((unaligned *)out)[i].word = __builtin_bswap32(state[i]);
  __builtin_memset(message, 0, (size_t)length);
  __builtin_memset(last, 0, sizeof last);
  __builtin_memset(expanded, 0, sizeof expanded);
}
