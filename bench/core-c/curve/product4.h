/* product4.ts, for one curve (curve.h) */

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
