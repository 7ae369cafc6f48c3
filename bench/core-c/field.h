/* field.ts: what is the same for both curves. */

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
