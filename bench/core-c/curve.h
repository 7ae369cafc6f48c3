/* Included by core.c once for each curve: P256 says which, FN names its functions, C is where its numbers lie. */

/* ---- field.ts */

#if P256
#define fold(q2, q3, q6, q7, q8) (((q3) << 9) + ((q6) << 18) - ((q7) << 21) + ((q8) << 24))
#else
#define fold(q2, q3, q6, q7, q8) (((q2) << 6) - ((q3) << 9) - ((q7) << 21) + ((q8) << 24))
#endif

static void FN(mul)(element *out, const element *a, const element *b) {
  i64 a0 = a[0], a1 = a[1], a2 = a[2];
  i64 a3 = a[3], a4 = a[4], a5 = a[5];
  i64 a6 = a[6], a7 = a[7], a8 = a[8];
  i64 b0 = b[0], b1 = b[1], b2 = b[2];
  i64 b3 = b[3], b4 = b[4], b5 = b[5];
  i64 b6 = b[6], b7 = b[7], b8 = b[8];
  i64 t = a0 * b0;
  i64 q0 = t & MASK29;
  t = a0 * b1 + a1 * b0 + (t >> 29);
  i64 q1 = t & MASK29;
  t = a0 * b2 + a1 * b1 + a2 * b0 + fold(q0, 0, 0, 0, 0) + (t >> 29);
  i64 q2 = t & MASK29;
  t = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + fold(q1, q0, 0, 0, 0) + (t >> 29);
  i64 q3 = t & MASK29;
  t = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + fold(q2, q1, 0, 0, 0) + (t >> 29);
  i64 q4 = t & MASK29;
  t = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + fold(q3, q2, 0, 0, 0) + (t >> 29);
  i64 q5 = t & MASK29;
  t = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 + fold(q4, q3, q0, 0, 0) + (t >> 29);
  i64 q6 = t & MASK29;
  t = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 + fold(q5, q4, q1, q0, 0) + (t >> 29);
  i64 q7 = t & MASK29;
  t = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0 + fold(q6, q5, q2, q1, q0) + (t >> 29);
  i64 q8 = t & MASK29;
  t = a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + fold(q7, q6, q3, q2, q1) + (t >> 29);
  t = a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + fold(q8, q7, q4, q3, q2) + put(out, t);
  t = a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + fold(0, q8, q5, q4, q3) + put(out + 1, t);
  t = a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + fold(0, 0, q6, q5, q4) + put(out + 2, t);
  t = a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + fold(0, 0, q7, q6, q5) + put(out + 3, t);
  t = a6 * b8 + a7 * b7 + a8 * b6 + fold(0, 0, q8, q7, q6) + put(out + 4, t);
  t = a7 * b8 + a8 * b7 + fold(0, 0, 0, q8, q7) + put(out + 5, t);
  t = a8 * b8 + fold(0, 0, 0, 0, q8) + put(out + 6, t);
  t = put(out + 7, t);
  out[8] = (i32)t;
}

static void FN(sqr)(element *out, const element *a) {
  i64 a0 = a[0], a1 = a[1], a2 = a[2];
  i64 a3 = a[3], a4 = a[4], a5 = a[5];
  i64 a6 = a[6], a7 = a[7], a8 = a[8];
  i64 d0 = a0 << 1, d1 = a1 << 1, d2 = a2 << 1, d3 = a3 << 1;
  i64 d4 = a4 << 1, d5 = a5 << 1, d6 = a6 << 1, d7 = a7 << 1;
  i64 t = a0 * a0;
  i64 q0 = t & MASK29;
  t = d0 * a1 + (t >> 29);
  i64 q1 = t & MASK29;
  t = d0 * a2 + a1 * a1 + fold(q0, 0, 0, 0, 0) + (t >> 29);
  i64 q2 = t & MASK29;
  t = d0 * a3 + d1 * a2 + fold(q1, q0, 0, 0, 0) + (t >> 29);
  i64 q3 = t & MASK29;
  t = d0 * a4 + d1 * a3 + a2 * a2 + fold(q2, q1, 0, 0, 0) + (t >> 29);
  i64 q4 = t & MASK29;
  t = d0 * a5 + d1 * a4 + d2 * a3 + fold(q3, q2, 0, 0, 0) + (t >> 29);
  i64 q5 = t & MASK29;
  t = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + fold(q4, q3, q0, 0, 0) + (t >> 29);
  i64 q6 = t & MASK29;
  t = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + fold(q5, q4, q1, q0, 0) + (t >> 29);
  i64 q7 = t & MASK29;
  t = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + fold(q6, q5, q2, q1, q0) + (t >> 29);
  i64 q8 = t & MASK29;
  t = d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5 + fold(q7, q6, q3, q2, q1) + (t >> 29);
  t = d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5 + fold(q8, q7, q4, q3, q2) + put(out, t);
  t = d3 * a8 + d4 * a7 + d5 * a6 + fold(0, q8, q5, q4, q3) + put(out + 1, t);
  t = d4 * a8 + d5 * a7 + a6 * a6 + fold(0, 0, q6, q5, q4) + put(out + 2, t);
  t = d5 * a8 + d6 * a7 + fold(0, 0, q7, q6, q5) + put(out + 3, t);
  t = d6 * a8 + a7 * a7 + fold(0, 0, q8, q7, q6) + put(out + 4, t);
  t = d7 * a8 + fold(0, 0, 0, q8, q7) + put(out + 5, t);
  t = a8 * a8 + fold(0, 0, 0, 0, q8) + put(out + 6, t);
  t = put(out + 7, t);
  out[8] = (i32)t;
}

/* ---- product4.ts */

#if P256
#define by4(t, q) (t)
#define by7(t, q) plus(t, shl(q, 5))
#define by14(t, q) plus(t, shl(q, 10))
#else
#define by4(t, q) plus(t, shl(q, 12))
#define by7(t, q) minus(t, shl(q, 5))
#define by14(t, q) (t)
#endif

static void FN(mul4)(v128 *out, const v128 *a, const v128 *b) {
  v128 no = wasm_i32x4_splat(0), mask = masks;
  v128 a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4];
  v128 a5 = a[5], a6 = a[6], a7 = a[7], a8 = a[8], a9 = a[9];
  v128 p0 = b[0], p1 = b[1], p2 = b[2], p3 = b[3], p4 = b[4];
  v128 p5 = b[5], p6 = b[6], p7 = b[7], p8 = b[8], p9 = b[9];
  /* The limbs of b in falling order, beginning with each of them. */
  v128 b0 = mixed(p0, no), b20 = mixed(no, p9);
  v128 b1 = swapped(p0), b2 = mixed(p1, p0), b3 = swapped(p1), b4 = mixed(p2, p1);
  v128 b5 = swapped(p2), b6 = mixed(p3, p2), b7 = swapped(p3), b8 = mixed(p4, p3);
  v128 b9 = swapped(p4), b10 = mixed(p5, p4), b11 = swapped(p5), b12 = mixed(p6, p5);
  v128 b13 = swapped(p6), b14 = mixed(p7, p6), b15 = swapped(p7), b16 = mixed(p8, p7);
  v128 b17 = swapped(p8), b18 = mixed(p9, p8), b19 = swapped(p9);
  v128 t = dot(a0, b0);
  v128 q0 = and(t, mask);
  t = plus(up(t), column1(a0, b1));
  v128 q1 = and(t, mask);
  t = plus(up(t), column2(a0, b2, a1, b0));
  v128 q2 = and(t, mask);
  t = plus(up(t), column2(a0, b3, a1, b1));
  v128 q3 = and(t, mask);
  t = plus(up(t), by4(column3(a0, b4, a1, b2, a2, b0), q0));
  v128 q4 = and(t, mask);
  t = plus(up(t), by4(column3(a0, b5, a1, b3, a2, b1), q1));
  v128 q5 = and(t, mask);
  t = plus(up(t), by4(column4(a0, b6, a1, b4, a2, b2, a3, b0), q2));
  v128 q6 = and(t, mask);
  t = plus(up(t), by7(by4(column4(a0, b7, a1, b5, a2, b3, a3, b1), q3), q0));
  v128 q7 = and(t, mask);
  t = plus(up(t), by7(by4(column5(a0, b8, a1, b6, a2, b4, a3, b2, a4, b0), q4), q1));
  v128 q8 = and(t, mask);
  t = plus(up(t), by7(by4(column5(a0, b9, a1, b7, a2, b5, a3, b3, a4, b1), q5), q2));
  v128 q9 = and(t, mask);
  t = plus(up(t), by7(by4(column6(a0, b10, a1, b8, a2, b6, a3, b4, a4, b2, a5, b0), q6), q3));
  v128 q10 = and(t, mask);
  t = plus(up(t), by7(by4(column6(a0, b11, a1, b9, a2, b7, a3, b5, a4, b3, a5, b1), q7), q4));
  v128 q11 = and(t, mask);
  t = plus(up(t), by7(by4(column7(a0, b12, a1, b10, a2, b8, a3, b6, a4, b4, a5, b2, a6, b0), q8), q5));
  v128 q12 = and(t, mask);
  t = plus(up(t), by7(by4(column7(a0, b13, a1, b11, a2, b9, a3, b7, a4, b5, a5, b3, a6, b1), q9), q6));
  v128 q13 = and(t, mask);
  t = plus(up(t), by14(by7(by4(column8(a0, b14, a1, b12, a2, b10, a3, b8, a4, b6, a5, b4, a6, b2, a7, b0), q10), q7), q0));
  v128 q14 = and(t, mask);
  t = plus(up(t), by14(by7(by4(column8(a0, b15, a1, b13, a2, b11, a3, b9, a4, b7, a5, b5, a6, b3, a7, b1), q11), q8), q1));
  v128 q15 = and(t, mask);
  t = plus(up(t), by14(by7(by4(column9(a0, b16, a1, b14, a2, b12, a3, b10, a4, b8, a5, b6, a6, b4, a7, b2, a8, b0), q12), q9), q2));
  v128 q16 = and(t, mask);
  t = plus(up(t), by17(by14(by7(by4(column9(a0, b17, a1, b15, a2, b13, a3, b11, a4, b9, a5, b7, a6, b5, a7, b3, a8, b1), q13), q10), q3), q0));
  v128 q17 = and(t, mask);
  t = plus(up(t), by17(by14(by7(by4(column10(a0, b18, a1, b16, a2, b14, a3, b12, a4, b10, a5, b8, a6, b6, a7, b4, a8, b2, a9, b0), q14), q11), q4), q1));
  v128 q18 = and(t, mask);
  t = plus(up(t), by19(by17(by14(by7(by4(column10(a0, b19, a1, b17, a2, b15, a3, b13, a4, b11, a5, b9, a6, b7, a7, b5, a8, b3, a9, b1), q15), q12), q5), q2), q0));
  v128 q19 = and(t, mask);
  t = plus(up(t), by19(by17(by14(by7(by4(column10(a0, b20, a1, b18, a2, b16, a3, b14, a4, b12, a5, b10, a6, b8, a7, b6, a8, b4, a9, b2), q16), q13), q6), q3), q1));
  v128 c0 = and(t, mask);
  t = plus(up(t), by19(by17(by14(by7(by4(column9(a1, b19, a2, b17, a3, b15, a4, b13, a5, b11, a6, b9, a7, b7, a8, b5, a9, b3), q17), q14), q7), q4), q2));
  v128 c1 = and(t, mask);
  out[0] = pair(c0, c1);
  t = plus(up(t), by19(by17(by14(by7(by4(column9(a1, b20, a2, b18, a3, b16, a4, b14, a5, b12, a6, b10, a7, b8, a8, b6, a9, b4), q18), q15), q8), q5), q3));
  v128 c2 = and(t, mask);
  t = plus(up(t), by19(by17(by14(by7(by4(column8(a2, b19, a3, b17, a4, b15, a5, b13, a6, b11, a7, b9, a8, b7, a9, b5), q19), q16), q9), q6), q4));
  v128 c3 = and(t, mask);
  out[1] = pair(c2, c3);
  t = plus(up(t), by19(by17(by14(by7(column8(a2, b20, a3, b18, a4, b16, a5, b14, a6, b12, a7, b10, a8, b8, a9, b6), q17), q10), q7), q5));
  v128 c4 = and(t, mask);
  t = plus(up(t), by19(by17(by14(by7(column7(a3, b19, a4, b17, a5, b15, a6, b13, a7, b11, a8, b9, a9, b7), q18), q11), q8), q6));
  v128 c5 = and(t, mask);
  out[2] = pair(c4, c5);
  t = plus(up(t), by19(by17(by14(by7(column7(a3, b20, a4, b18, a5, b16, a6, b14, a7, b12, a8, b10, a9, b8), q19), q12), q9), q7));
  v128 c6 = and(t, mask);
  t = plus(up(t), by19(by17(by14(column6(a4, b19, a5, b17, a6, b15, a7, b13, a8, b11, a9, b9), q13), q10), q8));
  v128 c7 = and(t, mask);
  out[3] = pair(c6, c7);
  t = plus(up(t), by19(by17(by14(column6(a4, b20, a5, b18, a6, b16, a7, b14, a8, b12, a9, b10), q14), q11), q9));
  v128 c8 = and(t, mask);
  t = plus(up(t), by19(by17(by14(column5(a5, b19, a6, b17, a7, b15, a8, b13, a9, b11), q15), q12), q10));
  v128 c9 = and(t, mask);
  out[4] = pair(c8, c9);
  t = plus(up(t), by19(by17(by14(column5(a5, b20, a6, b18, a7, b16, a8, b14, a9, b12), q16), q13), q11));
  v128 c10 = and(t, mask);
  t = plus(up(t), by19(by17(by14(column4(a6, b19, a7, b17, a8, b15, a9, b13), q17), q14), q12));
  v128 c11 = and(t, mask);
  out[5] = pair(c10, c11);
  t = plus(up(t), by19(by17(by14(column4(a6, b20, a7, b18, a8, b16, a9, b14), q18), q15), q13));
  v128 c12 = and(t, mask);
  t = plus(up(t), by19(by17(by14(column3(a7, b19, a8, b17, a9, b15), q19), q16), q14));
  v128 c13 = and(t, mask);
  out[6] = pair(c12, c13);
  t = plus(up(t), by19(by17(column3(a7, b20, a8, b18, a9, b16), q17), q15));
  v128 c14 = and(t, mask);
  t = plus(up(t), by19(by17(column2(a8, b19, a9, b17), q18), q16));
  v128 c15 = and(t, mask);
  out[7] = pair(c14, c15);
  t = plus(up(t), by19(by17(column2(a8, b20, a9, b18), q19), q17));
  v128 c16 = and(t, mask);
  t = plus(up(t), by19(column1(a9, b19), q18));
  v128 c17 = and(t, mask);
  out[8] = pair(c16, c17);
  t = plus(up(t), by19(column1(a9, b20), q19));
  v128 c18 = and(t, mask);
  out[9] = pair(c18, up(t));
}

/* ---- quad.ts */

static void FN(tame4)(v128 *a) {
  carry4(a);
  v128 top = a[9];
  v128 times = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_shr(top, 16), wasm_i32x4_splat(256)), 9);
  v128 lower = and(times, wasm_i32x4_splat(0xffff)), seventh = shl(times, 21);
  a[0] = add16(a[0], lower);
  a[8] = add16(a[8], shl(times, 19));
  a[9] = sub16(top, shl(times, 25));
#if P256
  a[3] = sub16(a[3], seventh);
  a[7] = hand_on(sub16(a[7], shl16(lower, 10)));
#else
  a[3] = add16(a[3], seventh);
  a[2] = hand_on(sub16(a[2], shl16(lower, 12)));
#endif
}

/* ---- prime.ts */

static int FN(vanishes)(const element *a) {
  FN(mul)(WHOLE, a, C->one);
  canonical(WHOLE, C->p);
  return is_zero(WHOLE);
}

static int FN(invert_p)(element *a) {
  FN(mul)(a, a, C->one);
  canonical(a, C->p);
  if (is_zero(a)) return 0;
  invert(a, C->p_30, C->p_inverse);
  FN(mul)(a, a, C->rrr);
  return 1;
}

static int FN(invert_all)(element *elements, element *prefixes, int count) {
  copy(RUNNING, elements);
  copy(prefixes, elements);
  for (int i = 1; i < count; i++) {
    FN(mul)(RUNNING, RUNNING, elements + i * 9);
    copy(prefixes + i * 9, RUNNING);
  }
  if (!FN(invert_p)(RUNNING)) return 0;
  for (int i = count - 1; i > 0; i--) {
    FN(mul)(INVERSE, RUNNING, prefixes + (i - 1) * 9);
    FN(mul)(RUNNING, RUNNING, elements + i * 9);
    copy(elements + i * 9, INVERSE);
  }
  copy(elements, RUNNING);
  return 1;
}

static void FN(pack_element)(void *out, const element *a, int step) {
  FN(mul)(WHOLE, a, C->down);
  floored(WHOLE);
  pack(out, WHOLE, step);
}

/* ---- table.ts */

static void FN(tame)(element *a) {
  carry(a);
  i32 top = a[8], times = (top + (1 << 23)) >> 24;
  a[8] = top - (times << 24);
  a[7] += times << 21;
#if P256
  a[6] -= times << 18;
  a[3] -= times << 9;
#else
  a[3] += times << 9;
  a[2] -= times << 6;
#endif
  a[0] += times;
}

static void FN(twice)(element *acc) {
  element *x = acc, *y = acc + 9, *z = acc + 18;
  FN(sqr)(ZZ, z);
  sub(H, x, ZZ);
  add(S, x, ZZ);
  FN(mul)(H, H, S);
  add(S, H, H);
  add(H, H, S);
  carry(H);
  FN(sqr)(HH, y);
  FN(mul)(V, x, HH);
  add(V, V, V);
  add(V, V, V);
  carry(V);
  FN(mul)(z, y, z);
  add(z, z, z);
  FN(tame)(z);
  FN(sqr)(W, H);
  sub(x, W, V);
  sub(x, x, V);
  FN(tame)(x);
  sub(V, V, x);
  FN(mul)(W, H, V);
  FN(sqr)(HH, HH);
  for (int i = 0; i < 9; i++) HHH[i] = HH[i] << 2;
  carry(HHH);
  sub(W, W, HHH);
  sub(y, W, HHH);
  FN(tame)(y);
}

static void FN(slope)(element *out, const element *one, const element *other) {
  FN(sqr)(W, LAMBDA);
  sub_both(V, W, one, other);
  FN(tame)(V);
  sub(S, one, V);
  FN(mul)(S, LAMBDA, S);
  sub(S, S, one + 9);
  copy(out, V);
  copy(out + 9, S);
  FN(tame)(out + 9);
}

static void FN(join)(element *out, const element *one, const element *other, const element *inverse) {
  sub(LAMBDA, other + 9, one + 9);
  FN(mul)(LAMBDA, LAMBDA, inverse);
  FN(slope)(out, one, other);
}

static void FN(first_row)(u8 *table, int half, int width, const element *point) {
  int windows = windows_of(width);
  copy(JACOBIAN, point);
  copy(JACOBIAN + 9, point + 9);
  copy(JACOBIAN + 18, C->one);
  for (int i = 0; i < windows; i++) {
    for (int j = 0; j < 27; j++) BASES[i * 27 + j] = JACOBIAN[j];
    copy(DENOMINATORS + i * 9, JACOBIAN + 18);
    for (int j = 0; j < width; j++) FN(twice)(JACOBIAN);
  }
  FN(invert_all)(DENOMINATORS, PREFIXES, windows);
  for (int i = 0; i < windows; i++) {
    element *first = (element *)(table + i * half * POINT), *inverse = DENOMINATORS + i * 9;
    FN(sqr)(ZZ, inverse);
    FN(mul)(first, BASES + i * 27, ZZ);
    FN(mul)(ZZ, ZZ, inverse);
    FN(mul)(first + 9, BASES + i * 27 + 9, ZZ);
  }
}

static void FN(pack_point)(u8 *point) {
  FN(pack_element)(point + 40, (element *)point + 9, 4);
  FN(pack_element)(point, (element *)point, 4);
}

static void FN(build_table)(u8 *table, int width, const element *point, int from, int to) {
  int half = 1 << (width - 1), windows = windows_of(width);
  if (from == 0) {
    FN(first_row)(table, half, width, point);
    from = 1;
  }
  for (int k = from; k < to; k++) {
    for (int i = 0; i < windows; i++) {
      u8 *at = table + i * half * POINT;
      element *first = (element *)at, *before = (element *)(at + (k - 1) * POINT);
      if (k == 1) add(DENOMINATORS + i * 9, first + 9, first + 9);
      else sub(DENOMINATORS + i * 9, first, before);
    }
    FN(invert_all)(DENOMINATORS, PREFIXES, windows);
    for (int i = 0; i < windows; i++) {
      u8 *at = table + i * half * POINT;
      element *first = (element *)at, *before = (element *)(at + (k - 1) * POINT), *inverse = DENOMINATORS + i * 9;
      if (k > 1) {
        FN(join)((element *)(at + k * POINT), before, first, inverse);
        FN(pack_point)((u8 *)before);
      } else {
        FN(sqr)(W, first);
        sub(W, W, C->one);
        carry(W);
        add(S, W, W);
        add(W, W, S);
        carry(W);
        FN(mul)(LAMBDA, W, inverse);
        FN(slope)((element *)(at + POINT), first, first);
      }
    }
  }
  if (to < half) return;
  for (int i = 0; i < windows; i++) {
    u8 *first = table + i * half * POINT;
    FN(pack_point)(first + (half - 1) * POINT);
    FN(pack_point)(first);
  }
  for (int place = 0; place < 4; place++) FN(pack_element)((u8 *)C->quad_one + 4 * place, C->one, 16);
}

static void FN(table)(u8 *at, int width, int from, int to) {
  i32 affine[18];
  for (int i = 0; i < 2; i++) {
    from_octets(affine + i * 9, key_place + 32 * i);
    FN(mul)(affine + i * 9, affine + i * 9, C->rr);
  }
  FN(build_table)(at, width, affine, from, to);
}

/* ---- point.ts */

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

/* ---- lanes.ts */

static void FN(take)(int i, u8 *table, int width) {
  struct lane *lane = laneAt(i);
  lane->table = table;
  lane->width = width;
  lane->state = 0;
  from_octets(lane->r, signature_place);
  from_octets(lane->s, signature_place + 32);
  if (!in_range(lane->r, C) || !in_range(lane->s, C)) return;
  from_octets(lane->e, digest_place);
  canonical(lane->e, C->n);
#if P256
  copy(lane->target, lane->r);
#else
  add_n(T, lane->r, lane->s, C);
  if (is_zero(T)) return;
  to_digits(lane->u, lane->s);
  to_digits(lane->v, T);
  sub_n(lane->target, lane->r, lane->e, C);
#endif
  lane->state = 2;
}

#if P256
static void invert_secrets(int count) {
  int last = -1;
  for (int i = 0; i < count; i++) {
    struct lane *lane = laneAt(i);
    if (lane->state != 2) continue;
    mul_n(lane->s, lane->s, C->n_rr, C);
    if (last < 0) copy(PREFIXES + i * 9, lane->s);
    else mul_n(PREFIXES + i * 9, PREFIXES + last * 9, lane->s, C);
    last = i;
  }
  if (last < 0) return;
  copy(LANE_RUNNING, PREFIXES + last * 9);
  invert(LANE_RUNNING, C->n_30, C->n_inverse);
  mul_n(LANE_RUNNING, LANE_RUNNING, C->n_rr, C);
  mul_n(LANE_RUNNING, LANE_RUNNING, C->n_rr, C);
  for (int i = last; i >= 0; i--) {
    struct lane *lane = laneAt(i);
    if (lane->state != 2) continue;
    int before = i - 1;
    while (before >= 0 && laneAt(before)->state != 2) before--;
    if (before < 0) copy(T, LANE_RUNNING);
    else mul_n(T, LANE_RUNNING, PREFIXES + before * 9, C);
    mul_n(LANE_RUNNING, LANE_RUNNING, lane->s, C);
    mul_n(lane->e, lane->e, T, C);
    mul_n(lane->r, lane->r, T, C);
    to_digits(lane->u, lane->e);
    to_digits(lane->v, lane->r);
  }
}
#endif

static int FN(begin)(int count) {
  int open = 0;
  for (int i = 0; i < count; i++) {
    struct lane *lane = laneAt(i);
    if (lane->state != 2) continue;
    struct part *end = note_multiple(lane->parts, C->base_table, C->base_width, lane->u);
    end = note_multiple(end, lane->table, lane->width, lane->v);
    lane->count = end - lane->parts;
    if (lane->count == 0) {
      lane->state = -1;
      continue;
    }
    fill_up(lane->parts, end);
    open_lanes[open] = i;
    begin_quad(open++, lane->parts);
  }
  return open;
}

static void FN(prepare_step)(struct quad *quad, const struct part *parts, v128 mask) {
  gather(quad->next, parts);
  sub4(quad->difference, quad->next, quad->acc);
  choose4(quad->difference, C->quad_one, wasm_v128_not(mask));
  quad->mask = mask;
}

static int FN(share)(int active) {
  struct quad *before = activeAt(0);
  copy4(before->prefix, before->difference);
  carry4(before->prefix);
  for (int k = 1; k < active; k++) {
    struct quad *quad = activeAt(k);
    FN(mul4)(quad->prefix, before->prefix, quad->difference);
    before = quad;
  }
  for (int place = 0; place < 4; place++) unpack(ELEMENTS + place * 9, (u8 *)before->prefix + 4 * place, 16);
  if (!FN(invert_all)(ELEMENTS, PREFIXES, 4)) return 0;
  for (int place = 0; place < 4; place++) FN(pack_element)((u8 *)RUNNING4 + 4 * place, ELEMENTS + place * 9, 16);
  return 1;
}

static void FN(leave_out)(struct quad *quad) {
  for (int place = 0; place < 4; place++) {
    unpack(T, (u8 *)quad->difference + 4 * place, 16);
    if (!FN(vanishes)(T)) continue;
    quad->broken |= 1 << place;
    choose4(quad->difference, C->quad_one, place_of(place));
  }
}

static void FN(join_quad)(struct quad *quad, const v128 *inverse) {
  v128 *x = quad->acc, *y = quad->acc + QUAD, mask = quad->mask;
  sub4(SLOPE4, quad->next + QUAD, y);
  FN(mul4)(SLOPE4, SLOPE4, inverse);
  FN(mul4)(X4, SLOPE4, SLOPE4);
  sub_both4(X4, X4, x, quad->next);
  FN(tame4)(X4);
  sub4(Y4, x, X4);
  FN(mul4)(Y4, SLOPE4, Y4);
  sub4(Y4, Y4, y);
  FN(tame4)(Y4);
  choose4(x, X4, mask);
  choose4(y, Y4, mask);
}

static void FN(step)(int active) {
  if (active == 0) return;
  if (!FN(share)(active)) {
    for (int k = 0; k < active; k++) FN(leave_out)(activeAt(k));
    FN(share)(active);
  }
  for (int k = active - 1; k > 0; k--) {
    struct quad *quad = activeAt(k);
    FN(mul4)(INVERSE4, RUNNING4, activeAt(k - 1)->prefix);
    FN(mul4)(RUNNING4, RUNNING4, quad->difference);
    FN(join_quad)(quad, INVERSE4);
  }
  FN(join_quad)(activeAt(0), RUNNING4);
}

static int FN(add_parts)(int open) {
  int most = 0, left = 0;
  for (int k = 0; k < open; k++)
    if (openAt(k)->count > most) most = openAt(k)->count;
  for (int from = 4; from < most; from += 4) {
    int active = 0;
    for (int k = 0; k < open; k++) {
      struct lane *lane = openAt(k);
      int more = lane->count - from;
      if (more <= 0) continue;
      FN(prepare_step)(&quads[k], lane->parts + from, lanes_below(more));
      active_quads[active++] = k;
    }
    FN(step)(active);
  }
  for (int k = 0; k < open; k++) {
    struct lane *lane = openAt(k);
    if (quads[k].broken != 0) lane->state = -1;
    else {
      scatter(lane->points, quads[k].acc);
      open_lanes[left++] = open_lanes[k];
    }
  }
  return left;
}

static void FN(add_accumulators)(int open) {
  for (int i = 0; i < 4; i++) {
    int active = 0;
    for (int k = 0; k < open; k += 4) {
      v128 mask = wasm_i32x4_splat(0);
      for (int place = 0; place < 4; place++) {
        struct lane *lane = openAt(k + place < open ? k + place : k);
        FOUR[place].point = (u8 *)(lane->points + 5 * i);
        if (k + place < open && i < lane->count) mask = wasm_v128_or(mask, place_of(place));
      }
      if (i == 0) begin_quad(k >> 2, FOUR);
      else if (wasm_v128_any_true(mask)) {
        FN(prepare_step)(&quads[k >> 2], FOUR, mask);
        active_quads[active++] = k >> 2;
      }
    }
    FN(step)(active);
  }
}

static void FN(run)(int count) {
#if P256
  invert_secrets(count);
#endif
  int open = FN(add_parts)(FN(begin)(count));
  FN(add_accumulators)(open);
  for (int k = 0; k < open; k++) {
    struct quad *quad = &quads[k >> 2];
    struct lane *lane = openAt(k);
    int state = -1;
    if (((quad->broken >> (k & 3)) & 1) == 0) {
      unpack(T, (u8 *)quad->acc + 4 * (k & 3), 16);
      state = FN(is_x)(T, lane->target, C->one);
      if (!state && FN(plus_order)(lane->target)) state = FN(is_x)(T, lane->target, C->one);
    }
    lane->state = state;
  }
}

#undef fold
#undef by4
#undef by7
#undef by14
