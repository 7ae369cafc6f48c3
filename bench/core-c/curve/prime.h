/* prime.ts, for one curve (curve.h) */

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
