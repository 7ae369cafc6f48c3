/* scalar.ts */

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
