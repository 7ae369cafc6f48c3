/* lanes.ts, for one curve (curve.h) */

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
