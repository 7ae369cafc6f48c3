/* parts.ts */

#define POINT 80
#define MOST_PARTS 89

struct part {
  u8 *point;
  i32 sign;
};
i32 touched;

INLINE int windows_of(int width) { return 256 / width + 1; }

static struct part *note_multiple(struct part *parts, u8 *table, int width, const u8 *digits) {
  int half = 1 << (width - 1), windows = windows_of(width), over = 0;
  i32 seen = 0;
  for (int window = 0; window < windows; window++) {
    int bit = window * width;
    int digit = (int)((((const unaligned *)(digits + (bit >> 3)))->word >> (bit & 7)) & ((1u << width) - 1)) + over;
    over = digit > half;
    digit -= over << width;
    if (digit == 0) continue;
    u8 *point = table + (window * half + __builtin_abs(digit) - 1) * POINT;
    seen ^= ((element *)point)[0] ^ ((element *)point)[19];
    parts->point = point;
    parts->sign = digit >> 31;
    parts++;
  }
  touched = seen;
  return parts;
}

static void fill_up(const struct part *parts, struct part *end) {
  for (int i = 0; i < 3; i++) end[i] = parts[0];
}
