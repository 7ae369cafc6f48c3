/* field.ts, for one curve (curve.h) */

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
