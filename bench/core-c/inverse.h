/* inverse.ts */

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
