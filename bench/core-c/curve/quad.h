/* quad.ts, for one curve (curve.h) */

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
