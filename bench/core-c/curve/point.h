/* point.ts, for one curve (curve.h) */

static void FN(add_next)(int first) {
  v128 *x = ACC, *y = ACC + QUAD, *zz = ACC + 2 * QUAD, *zzz = ACC + 3 * QUAD;
  if (first) {
    sub4(P4, NEXT, x);
    sub4(R4, NEXT + QUAD, y);
  } else {
    FN(mul4)(P4, NEXT, zz);
    sub4(P4, P4, x);
    FN(mul4)(R4, NEXT + QUAD, zzz);
    sub4(R4, R4, y);
  }
  FN(mul4)(PP4, P4, P4);
  FN(mul4)(PPP4, P4, PP4);
  FN(mul4)(Q4, x, PP4);
  FN(mul4)(x, R4, R4);
  sub_twice4(x, x, PPP4, Q4);
  FN(tame4)(x);
  sub4(Q4, Q4, x);
  FN(mul4)(Q4, R4, Q4);
  FN(mul4)(y, y, PPP4);
  sub4(y, Q4, y);
  carry4(y);
  if (first) {
    copy4(zz, PP4);
    copy4(zzz, PPP4);
  } else {
    FN(mul4)(zz, zz, PP4);
    FN(mul4)(zzz, zzz, PPP4);
  }
}

static void FN(add_all)(int count) {
  gather(ACC, PARTS);
  copy4(ACC + 2 * QUAD, C->quad_one);
  copy4(ACC + 3 * QUAD, C->quad_one);
  int at = 4;
  for (; at + 4 <= count; at += 4) {
    gather(NEXT, PARTS + at);
    FN(add_next)(at == 4);
  }
  if (at >= count) return;
  gather(NEXT, PARTS + at);
  for (int i = 0; i < 4; i++) copy4(BEFORE + i * QUAD, ACC + i * QUAD);
  /* With fewer than eight parts, ACC holds points of tables yet. */
  FN(add_next)(at == 4);
  v128 none = wasm_v128_not(lanes_below(count - at));
  for (int i = 0; i < 4; i++) choose4(ACC + i * QUAD, BEFORE + i * QUAD, none);
}

static void FN(add_other)(void) {
  i32 *x = SUM, *y = SUM + 9, *zz = SUM + 18, *zzz = SUM + 27;
  FN(mul)(P1, OTHER, zz);
  FN(mul)(x, x, OTHER + 18);
  sub(P1, P1, x);
  FN(mul)(R1, OTHER + 9, zzz);
  FN(mul)(y, y, OTHER + 27);
  sub(R1, R1, y);
  FN(sqr)(PP1, P1);
  FN(mul)(P1, P1, PP1);
  FN(mul)(V, x, PP1);
  FN(sqr)(x, R1);
  sub_both(x, x, P1, V);
  sub(x, x, V);
  carry(x);
  sub(V, V, x);
  FN(mul)(V, R1, V);
  FN(mul)(y, y, P1);
  sub(y, V, y);
  carry(y);
  FN(mul)(zz, zz, OTHER + 18);
  FN(mul)(zz, zz, PP1);
  FN(mul)(zzz, zzz, OTHER + 27);
  FN(mul)(zzz, zzz, P1);
}

static void FN(unpack_point)(element *out, int place) {
  for (int i = 0; i < 4; i++) unpack(out + i * 9, (u8 *)(ACC + i * QUAD) + 4 * place, 16);
}

static int FN(plus_order)(element *target) {
  i32 t = 0;
  add(target, target, C->n);
  for (int i = 0; i < LIMBS; i++) {
    t += target[i];
    target[i] = i == LIMBS - 1 ? t : t & MASK29;
    t >>= 29;
  }
  return !at_least(target, C->p);
}

static int FN(is_x)(const element *x, const element *target, const element *zz) {
  FN(mul)(V, target, C->rr);
  FN(mul)(V, V, zz);
  sub(V, x, V);
  return FN(vanishes)(V);
}

static i32 FN(sum_has_x)(u8 *table, int width, const u8 *u, const u8 *v, element *target) {
  struct part *end = note_multiple(PARTS, C->base_table, C->base_width, u);
  end = note_multiple(end, table, width, v);
  if (end == PARTS) return -1;
  fill_up(PARTS, end);
  int count = end - PARTS;
  FN(add_all)(count);
  FN(unpack_point)(SUM, 0);
  for (int place = 1; place < (count < 4 ? count : 4); place++) {
    FN(unpack_point)(OTHER, place);
    FN(add_other)();
  }
  i32 *zz = SUM + 18;
  if (FN(vanishes)(zz)) return -1;
  if (FN(is_x)(SUM, target, zz)) return 1;
  return FN(plus_order)(target) ? FN(is_x)(SUM, target, zz) : 0;
}
