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

#include "field.h"
#include "inverse.h"
#include "scalar.h"
#include "parts.h"
#include "quad.h"
#include "sm3.h"

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
