/*
 * The WebAssembly core of src/crypto/core/assembly/ in C, function for function, so that the two languages can be measured side by
 * side (bench/core-c.ts). Nothing uses it otherwise. What each function promises, and the bounds of the arithmetic, are said there.
 */
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

typedef int32_t i32;
typedef uint32_t u32;
typedef int64_t i64;
typedef uint64_t u64;
typedef uint8_t u8;
typedef v128_t v128;
/* Tables hold elements of either form in the same place, one after the other. */
typedef i32 __attribute__((may_alias)) element;
typedef int16_t __attribute__((may_alias)) limb16;
typedef struct __attribute__((packed, may_alias)) {
  u32 word;
} unaligned;

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))

/* ---- curve.ts: as the host (core.ts) writes it */

struct curve {
  i32 p[9], one[9], rr[9], rrr[9], n[9], n_rr[9], p_30[9], n_30[9];
  u32 n_factor, p_inverse, n_inverse;
  u8 *base_table;
  i32 base_width;
  i32 down[9];
  v128 quad_one[10];
};
_Static_assert(sizeof(struct curve) == 512, "as in curve.ts");
static struct curve p256_curve, sm2_curve;

EXPORT(curve) struct curve *curve(i32 kind) { return kind == 1 ? &p256_curve : &sm2_curve; }

/* ---- field.ts, what is the same for both curves */

#define LIMBS 9
#define MASK29 ((1 << 29) - 1)
#define HALF (1 << 28)

INLINE i64 put(element *out, i64 column) {
  i64 rounded = column + HALF;
  *out = (i32)((rounded & MASK29) - HALF);
  return rounded >> 29;
}

static void add(element *out, const element *a, const element *b) {
  for (int i = 0; i < 9; i++) out[i] = a[i] + b[i];
}

static void sub(element *out, const element *a, const element *b) {
  for (int i = 0; i < 9; i++) out[i] = a[i] - b[i];
}

static void sub_both(element *out, const element *a, const element *b, const element *c) {
  for (int i = 0; i < 9; i++) out[i] = a[i] - b[i] - c[i];
}

static void carry(element *a) {
  i64 t = 0;
  for (int i = 0; i < 8; i++) t = put(a + i, t + a[i]);
  a[8] = (i32)(t + a[8]);
}

static void floored(element *a) {
  i64 t = 0;
  for (int i = 0; i < 8; i++) {
    t += a[i];
    a[i] = (i32)(t & MASK29);
    t >>= 29;
  }
  a[8] = (i32)(t + a[8]);
}

static int at_least(const element *a, const element *b) {
  for (int i = 8; i >= 0; i--)
    if (a[i] != b[i]) return a[i] > b[i];
  return 1;
}

static void canonical(element *a, const element *m) {
  floored(a);
  if (a[8] < 0) {
    add(a, a, m);
    floored(a);
  }
  if (at_least(a, m)) {
    sub(a, a, m);
    floored(a);
  }
}

static int is_zero(const element *a) {
  i32 all = 0;
  for (int i = 0; i < 9; i++) all |= a[i];
  return all == 0;
}

static void copy(element *out, const element *a) {
  for (int i = 0; i < 9; i++) out[i] = a[i];
}

static void repack(void *to, int count, int bits, const void *a, int from, int wide) {
  element *out = to;
  const element *in = a;
  u64 held = 0;
  int have = 0, next = 0;
  u64 mask = ((u64)1 << bits) - 1;
  for (int i = 0; i < count; i++) {
    while (have < bits && next < from) {
      held |= (u64)(u32)in[next] << have;
      have += wide;
      next++;
    }
    out[i] = (i32)(u32)(held & mask);
    held >>= bits;
    have -= bits;
  }
}

/* ---- inverse.ts */

#define MASK30 ((1 << 30) - 1)
static i32 F[9], G[9], D[9], E[9];
static i64 u, v, q, r;

static int steps(int eta, u32 f, u32 g) {
  int left = 30;
  u = 1;
  v = 0;
  q = 0;
  r = 1;
  for (;;) {
    int zeros = __builtin_ctz(g | ((u32)1 << left));
    g >>= zeros;
    u <<= zeros;
    v <<= zeros;
    eta -= zeros;
    left -= zeros;
    if (left == 0) return eta;
    if (eta < 0) {
      u32 old_f = f;
      i64 old_u = u, old_v = v;
      eta = -eta;
      f = g;
      g = -old_f;
      u = q;
      q = -old_u;
      v = r;
      r = -old_v;
    }
    int bits = eta + 1 < left ? eta + 1 : left;
    u32 times = (f * (f * f - 2) * g) & (63u >> (6 - (bits < 6 ? bits : 6)));
    g += f * times;
    q += u * times;
    r += v * times;
  }
}

static void advance(void) {
  i64 cf = u * F[0] + v * G[0], cg = q * F[0] + r * G[0];
  cf >>= 30;
  cg >>= 30;
  for (int i = 1; i < 9; i++) {
    i64 f = F[i], g = G[i];
    cf += u * f + v * g;
    cg += q * f + r * g;
    F[i - 1] = (i32)(cf & MASK30);
    G[i - 1] = (i32)(cg & MASK30);
    cf >>= 30;
    cg >>= 30;
  }
  F[8] = (i32)cf;
  G[8] = (i32)cg;
}

static void combine(const i32 *m, u32 factor) {
  i64 d0 = D[0], e0 = E[0];
  i32 negative_d = D[8] >> 31, negative_e = E[8] >> 31;
  i64 md = (u & negative_d) + (v & negative_e), me = (q & negative_d) + (r & negative_e);
  i64 cd = u * d0 + v * e0, ce = q * d0 + r * e0;
  md -= ((i64)factor * (cd & MASK30) + md) & MASK30;
  me -= ((i64)factor * (ce & MASK30) + me) & MASK30;
  cd = (cd + m[0] * md) >> 30;
  ce = (ce + m[0] * me) >> 30;
  for (int i = 1; i < 9; i++) {
    i64 d = D[i], e = E[i], mi = m[i];
    cd += u * d + v * e + mi * md;
    ce += q * d + r * e + mi * me;
    D[i - 1] = (i32)(cd & MASK30);
    E[i - 1] = (i32)(ce & MASK30);
    cd >>= 30;
    ce >>= 30;
  }
  D[8] = (i32)cd;
  E[8] = (i32)ce;
}

static void negate(i32 *a) {
  i64 t = 0;
  for (int i = 0; i < 8; i++) {
    t -= a[i];
    a[i] = (i32)(t & MASK30);
    t >>= 30;
  }
  a[8] = (i32)(t - a[8]);
}

static void shift(i32 *a, const i32 *m, i64 sign) {
  i64 t = 0;
  for (int i = 0; i < 8; i++) {
    t += a[i] + sign * m[i];
    a[i] = (i32)(t & MASK30);
    t >>= 30;
  }
  a[8] = (i32)(t + a[8] + sign * m[8]);
}

static void invert(element *a, const i32 *m, u32 factor) {
  int eta = -1;
  copy(F, m);
  repack(G, 9, 30, a, 9, 29);
  __builtin_memset(D, 0, 36);
  __builtin_memset(E, 0, 36);
  E[0] = 1;
  while (!is_zero(G)) {
    eta = steps(eta, (u32)F[0], (u32)G[0]);
    combine(m, factor);
    advance();
  }
  if (F[8] < 0) negate(D);
  while (D[8] < 0) shift(D, m, 1);
  while (at_least(D, m)) shift(D, m, -1);
  repack(a, 9, 29, D, 9, 30);
}

/* ---- scalar.ts */

static void from_octets(element *out, const u8 *octets) {
  u32 words[8];
  for (int i = 0; i < 8; i++) words[i] = __builtin_bswap32(((const unaligned *)octets)[7 - i].word);
  repack(out, 9, 29, words, 8, 32);
}

static void to_digits(u8 *out, const element *a) {
  repack(out, 8, 32, a, 9, 29);
  __builtin_memset(out + 32, 0, 8);
}

static int in_range(const element *a, const struct curve *c) { return !is_zero(a) && !at_least(a, c->n); }

static void mul_n(element *out, const element *a, const element *b, const struct curve *c) {
  const i32 *n = c->n;
  i64 factor = c->n_factor, t[10];
  __builtin_memset(t, 0, 80);
  for (int i = 0; i < 9; i++) {
    i64 ai = a[i];
    i64 first = t[0] + ai * b[0];
    i64 q = ((first & MASK29) * factor) & MASK29;
    i64 before = (first + q * n[0]) >> 29;
    for (int j = 1; j < 9; j++) {
      t[j - 1] = t[j] + ai * b[j] + q * n[j] + before;
      before = 0;
    }
    t[8] = 0;
  }
  i64 sum = 0;
  for (int i = 0; i < 8; i++) {
    sum += t[i];
    out[i] = (i32)(sum & MASK29);
    sum >>= 29;
  }
  out[8] = (i32)(sum + t[8]);
  canonical(out, n);
}

static void add_n(element *out, const element *a, const element *b, const struct curve *c) {
  add(out, a, b);
  canonical(out, c->n);
}

static void sub_n(element *out, const element *a, const element *b, const struct curve *c) {
  sub(out, a, b);
  canonical(out, c->n);
}

static void invert_n(element *a, const struct curve *c) {
  invert(a, c->n_30, c->n_inverse);
  mul_n(a, a, c->n_rr, c);
}

/* ---- parts.ts */

#define POINT 80
#define MOST_PARTS 89

struct part {
  u8 *point;
  i32 sign;
};
i32 touched;

INLINE int windows_of(int width) { return 256 / width + 1; }

static struct part *note_multiple(struct part *parts, u8 *table, int width, const u8 *digits) {
  int half = 1 << (width - 1), windows = windows_of(width), over = 0;
  i32 seen = 0;
  for (int window = 0; window < windows; window++) {
    int bit = window * width;
    int digit = (int)((((const unaligned *)(digits + (bit >> 3)))->word >> (bit & 7)) & ((1u << width) - 1)) + over;
    over = digit > half;
    digit -= over << width;
    if (digit == 0) continue;
    u8 *point = table + (window * half + __builtin_abs(digit) - 1) * POINT;
    seen ^= ((element *)point)[0] ^ ((element *)point)[19];
    parts->point = point;
    parts->sign = digit >> 31;
    parts++;
  }
  touched = seen;
  return parts;
}

static void fill_up(const struct part *parts, struct part *end) {
  for (int i = 0; i < 3; i++) end[i] = parts[0];
}

/* ---- product4.ts and quad.ts, what is the same for both curves */

#define QUAD 10
#define dot(a, b) wasm_i32x4_dot_i16x8(a, b)
#define plus(a, b) wasm_i32x4_add(a, b)
#define minus(a, b) wasm_i32x4_sub(a, b)
#define shl(a, bits) wasm_i32x4_shl(a, bits)
#define up(t) wasm_i32x4_shr(t, 13)
#define and(a, b) wasm_v128_and(a, b)
#define swapped(a) wasm_i16x8_shuffle(a, a, 1, 0, 3, 2, 5, 4, 7, 6)
#define mixed(a, before) wasm_i16x8_shuffle(a, before, 0, 9, 2, 11, 4, 13, 6, 15)
#define pair(x, y) mixed(x, shl(y, 16))
#define by17(t, q) minus(t, shl(q, 3))
#define by19(t, q) plus(t, shl(q, 9))
#define sub16(a, b) wasm_i16x8_sub(a, b)
#define add16(a, b) wasm_i16x8_add(a, b)
#define shl16(a, bits) wasm_i16x8_shl(a, bits)

/* In memory, as there: volatile, or the compiler would put the constant in its place. */
static const volatile v128 masks = {8191, 8191, 8191, 8191};

static void sub4(v128 *out, const v128 *a, const v128 *b) {
  for (int i = 0; i < QUAD; i++) out[i] = sub16(a[i], b[i]);
}

static void sub_both4(v128 *out, const v128 *a, const v128 *b, const v128 *c) {
  for (int i = 0; i < QUAD; i++) out[i] = sub16(sub16(a[i], b[i]), c[i]);
}

static void sub_twice4(v128 *out, const v128 *a, const v128 *b, const v128 *c) {
  for (int i = 0; i < QUAD; i++) out[i] = sub16(sub16(a[i], b[i]), shl16(c[i], 1));
}

static void copy4(v128 *out, const v128 *a) {
  for (int i = 0; i < QUAD; i++) out[i] = a[i];
}

static void choose4(v128 *out, const v128 *a, v128 mask) {
  for (int i = 0; i < QUAD; i++) out[i] = wasm_v128_bitselect(a[i], out[i], mask);
}

#define over16(a) wasm_i16x8_shr(a, 13)

static void carry4(v128 *a) {
  v128 before = wasm_i32x4_splat(0);
  for (int i = 0; i < QUAD; i++) {
    v128 limbs = a[i], carried = over16(limbs);
    if (i == 9) carried = and(carried, wasm_i32x4_splat(0xffff));
    v128 taken = wasm_v128_or(shl(carried, 16), wasm_u32x4_shr(before, 16));
    a[i] = add16(sub16(limbs, shl16(carried, 13)), taken);
    before = carried;
  }
}

INLINE v128 hand_on(v128 limbs) {
  v128 carried = and(over16(limbs), wasm_i32x4_splat(0xffff));
  return add16(sub16(limbs, shl16(carried, 13)), shl(carried, 16));
}

INLINE v128 lanes_below(int count) { return wasm_i32x4_lt(wasm_i32x4_make(0, 1, 2, 3), wasm_i32x4_splat(count)); }

/* Four vectors become their columns. */
#define TRANSPOSE(r0, r1, r2, r3, c0, c1, c2, c3)                                                           \
  v128 low = wasm_i32x4_shuffle(r0, r1, 0, 4, 1, 5), low2 = wasm_i32x4_shuffle(r2, r3, 0, 4, 1, 5);         \
  v128 high = wasm_i32x4_shuffle(r0, r1, 2, 6, 3, 7), high2 = wasm_i32x4_shuffle(r2, r3, 2, 6, 3, 7);       \
  c0 = wasm_i64x2_shuffle(low, low2, 0, 2);                                                                 \
  c1 = wasm_i64x2_shuffle(low, low2, 1, 3);                                                                 \
  c2 = wasm_i64x2_shuffle(high, high2, 0, 2);                                                               \
  c3 = wasm_i64x2_shuffle(high, high2, 1, 3)

static void gather(v128 *out, const struct part *parts) {
  const v128 *p0 = (v128 *)parts[0].point, *p1 = (v128 *)parts[1].point;
  const v128 *p2 = (v128 *)parts[2].point, *p3 = (v128 *)parts[3].point;
  for (int i = 0; i < 5; i++) {
    v128 *to = out + 4 * i;
    TRANSPOSE(p0[i], p1[i], p2[i], p3[i], to[0], to[1], to[2], to[3]);
  }
  v128 sign = wasm_i32x4_shuffle(wasm_v128_load(parts), wasm_v128_load(parts + 2), 1, 3, 5, 7);
  for (int i = 10; i < 20; i++) out[i] = sub16(wasm_v128_xor(out[i], sign), sign);
}

static void scatter(v128 *out, const v128 *points) {
  for (int i = 0; i < 5; i++) {
    const v128 *from = points + 4 * i;
    v128 *to = out + i;
    TRANSPOSE(from[0], from[1], from[2], from[3], to[0], to[5], to[10], to[15]);
  }
}

static void unpack(element *out, const void *a, int step) {
  const u8 *from = a;
  i64 held = 0;
  int have = 1;
  for (int j = 0; j < 10; j++) {
    held += (i64)((const limb16 *)from)[0] << have;
    held += (i64)((const limb16 *)from)[1] << (have + 13);
    have += 26;
    if (have >= 29 && j < 9) {
      *out++ = (i32)(held & MASK29);
      held >>= 29;
      have -= 29;
    }
    from += step;
  }
  *out = (i32)held;
}

static void pack(void *to, const element *a, int step) {
  u8 *out = to;
  i64 held = 0;
  int have = 0, next = 0;
  i32 carried = 0;
  for (int j = 0; j < 20; j++) {
    if (have < 13 && next < 9) {
      held += (i64)a[next++] << have;
      have += 29;
    }
    i32 limb = carried + (j < 19 ? (i32)(held & 8191) : (i32)held);
    carried = j < 19 ? limb >= 1 << 12 : 0;
    limb -= carried << 13;
    held >>= 13;
    have -= 13;
    ((limb16 *)(out + (j >> 1) * step))[j & 1] = (int16_t)limb;
  }
}

/* ---- sm3.ts */

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

/* ---- lanes.ts, its places */

#define MOST_LANES 64

struct lane {
  i32 target[9], r[9], s[9], e[9];
  u8 *table;
  i32 width, state, count;
  u8 u[40], v[40];
  struct part parts[90];
  v128 points[20];
};
struct quad {
  v128 acc[20], next[20], difference[QUAD], prefix[QUAD], mask;
  i32 broken;
};
static struct lane lane_places[MOST_LANES];
static struct quad quads[MOST_LANES];
static i32 open_lanes[MOST_LANES], active_quads[MOST_LANES];

#define laneAt(i) (&lane_places[i])
#define openAt(k) (&lane_places[open_lanes[k]])
#define activeAt(k) (&quads[active_quads[k]])

INLINE v128 place_of(int place) { return wasm_i32x4_eq(wasm_i32x4_make(0, 1, 2, 3), wasm_i32x4_splat(place)); }

static void begin_quad(int k, const struct part *parts) {
  gather(quads[k].acc, parts);
  quads[k].broken = 0;
}

/* ---- index.ts, where the host writes what is checked */

static u8 message_place[65536], digest_place[32], signature_place[64], key_place[64];
EXPORT(message) u8 *message(void) { return message_place; }
EXPORT(digest) u8 *digest(void) { return digest_place; }
EXPORT(signature) u8 *signature(void) { return signature_place; }
EXPORT(key) u8 *key(void) { return key_place; }

/* Columns of a product: sums of dot products. */
#define column1(a0, b0) dot(a0, b0)
#define column2(a0, b0, a1, b1) \
  plus(column1(a0, b0), dot(a1, b1))
#define column3(a0, b0, a1, b1, a2, b2) \
  plus(column2(a0, b0, a1, b1), dot(a2, b2))
#define column4(a0, b0, a1, b1, a2, b2, a3, b3) \
  plus(column3(a0, b0, a1, b1, a2, b2), dot(a3, b3))
#define column5(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4) \
  plus(column4(a0, b0, a1, b1, a2, b2, a3, b3), dot(a4, b4))
#define column6(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5) \
  plus(column5(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4), dot(a5, b5))
#define column7(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6) \
  plus(column6(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5), dot(a6, b6))
#define column8(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7) \
  plus(column7(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6), dot(a7, b7))
#define column9(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, a8, b8) \
  plus(column8(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7), dot(a8, b8))
#define column10(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, a8, b8, a9, b9) \
  plus(column9(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, a8, b8), dot(a9, b9))

/* ---- where sums and tables are made, by either curve */

static i32 WHOLE[9], RUNNING[9], INVERSE[9];
static i32 ZZ[9], H[9], HH[9], HHH[9], V[9], S[9], W[9], LAMBDA[9], JACOBIAN[27];
static i32 BASES[27 * 43], DENOMINATORS[9 * 43], PREFIXES[9 * 64];
static struct part PARTS[MOST_PARTS] __attribute__((aligned(16)));
static v128 ACC[4 * QUAD], BEFORE[4 * QUAD], NEXT[2 * QUAD];
static v128 P4[QUAD], R4[QUAD], PP4[QUAD], PPP4[QUAD], Q4[QUAD];
static i32 P1[9], R1[9], PP1[9], SUM[36], OTHER[36];
static struct part FOUR[4] __attribute__((aligned(16)));
static i32 ELEMENTS[36], LANE_RUNNING[9], T[9];
static v128 RUNNING4[QUAD], INVERSE4[QUAD], SLOPE4[QUAD], X4[QUAD], Y4[QUAD];

/* What AssemblyScript compiles once for either curve. */
#define P256 1
#define FN(name) name##_p256
#define C (&p256_curve)
#include "curve.h"
#undef P256
#undef FN
#undef C
#define P256 0
#define FN(name) name##_sm2
#define C (&sm2_curve)
#include "curve.h"

/* ---- index.ts */

EXPORT(prepare) void prepare(i32 kind, u8 *at, i32 width, i32 from, i32 to) {
  if (kind == 1) table_p256(at, width, from, to);
  else table_sm2(at, width, from, to);
}

static i32 R[9], E_[9];
static u8 u_digits[40], v_digits[40];

static i32 ecdsa(u8 *at, int width) {
  struct curve *c = &p256_curve;
  from_octets(R, signature_place);
  from_octets(S, signature_place + 32);
  if (!in_range(R, c) || !in_range(S, c)) return 0;
  from_octets(E_, digest_place);
  canonical(E_, c->n);
  invert_n(S, c);
  mul_n(T, E_, S, c);
  to_digits(u_digits, T);
  mul_n(T, R, S, c);
  to_digits(v_digits, T);
  return sum_has_x_p256(at, width, u_digits, v_digits, R);
}

static i32 sm2(u8 *at, int width) {
  struct curve *c = &sm2_curve;
  from_octets(R, signature_place);
  from_octets(S, signature_place + 32);
  if (!in_range(R, c) || !in_range(S, c)) return 0;
  add_n(T, R, S, c);
  if (is_zero(T)) return 0;
  to_digits(u_digits, S);
  to_digits(v_digits, T);
  from_octets(E_, digest_place);
  canonical(E_, c->n);
  sub_n(T, R, E_, c);
  return sum_has_x_sm2(at, width, u_digits, v_digits, T);
}

EXPORT(check) i32 check(i32 kind, u8 *at, i32 width) { return kind == 1 ? ecdsa(at, width) : sm2(at, width); }

EXPORT(lane) void lane(i32 kind, i32 i, u8 *at, i32 width) {
  if (kind == 1) take_p256(i, at, width);
  else take_sm2(i, at, width);
}

EXPORT(decide) void decide(i32 kind, i32 count) {
  if (kind == 1) run_p256(count);
  else run_sm2(count);
}

EXPORT(answer) i32 answer(i32 i) { return laneAt(i)->state; }

extern u8 __heap_base;
EXPORT(heap) u8 *heap(void) { return &__heap_base; }

/* ---- single functions, many times over, on what lies at `place`: as core-c.ts adds them to AssemblyScript's */

/* Memory may have changed, so that what a loop does is done each time. */
INLINE void again(void) { __asm__ volatile("" ::: "memory"); }

EXPORT(mul4) void many_mul4(i32 kind, i32 times, v128 *place) {
  for (int i = 0; i < times; i++, again())
    if (kind == 1) mul4_p256(place, place + 20, place + 40);
    else mul4_sm2(place, place + 20, place + 40);
}

EXPORT(tame4) void many_tame4(i32 kind, i32 times, v128 *place) {
  for (int i = 0; i < times; i++, again())
    if (kind == 1) tame4_p256(place);
    else tame4_sm2(place);
}

EXPORT(sub4) void many_sub4(i32 kind, i32 times, v128 *place) {
  (void)kind;
  for (int i = 0; i < times; i++, again()) sub4(place, place + 20, place + 40);
}

EXPORT(gather) void many_gather(i32 kind, i32 times, v128 *place) {
  (void)kind;
  for (int i = 0; i < times; i++, again()) gather(place, (struct part *)(place + 60));
}

EXPORT(mul) void many_mul(i32 kind, i32 times, element *place) {
  for (int i = 0; i < times; i++, again())
    if (kind == 1) mul_p256(place, place + 80, place + 160);
    else mul_sm2(place, place + 80, place + 160);
}

EXPORT(mulN) void many_mul_n(i32 kind, i32 times, element *place) {
  for (int i = 0; i < times; i++, again()) mul_n(place, place + 80, place + 160, curve(kind));
}

EXPORT(invertN) void many_invert_n(i32 kind, i32 times, element *place) {
  for (int i = 0; i < times; i++, again()) {
    place[0] ^= i;
    invert_n(place, curve(kind));
  }
}
