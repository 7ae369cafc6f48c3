/* table.ts, for one curve (curve.h) */

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
