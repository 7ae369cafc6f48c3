/* product4.ts and quad.ts: what is the same for both curves. */

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
