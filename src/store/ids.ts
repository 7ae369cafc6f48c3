/** The digits of Crockford's base 32: no I, L, O, U, so that a code survives being read over the phone. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** How Crockford's base 32 reads the letters it does not write. */
const LOOKALIKES: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' };

const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;
const CODE_DIGITS = 8;
export const ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** n random octets. */
export type Random = (length: number) => Uint8Array;

/** Crockford base 32 of random octets: five octets give eight digits. */
export function randomDigits(length: number, random: Random): string {
  const bytes = random((length * 5) / 8);
  let digits = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) digits += DIGITS[(held >>> (bits - 5)) & 31];
    held &= 0xff;
  }
  return digits;
}

function timeDigits(ms: number): string {
  let digits = '';
  for (let rest = ms, i = 0; i < TIME_DIGITS; i++) {
    digits = DIGITS[rest % 32] + digits;
    rest = Math.floor(rest / 32);
  }
  return digits;
}

/**
 * A new id: ten digits of time and sixteen of chance (80 bits), as in ULID, so that ids sort by time. In: epoch ms, below
 * 2^48. Errors: RangeError for a time that does not fit.
 */
export function newId(ms: number, random: Random): string {
  return firstIdAt(ms).slice(0, TIME_DIGITS) + randomDigits(RANDOM_DIGITS, random);
}

/** The least id of a millisecond. Errors: RangeError for a time that does not fit. */
export function firstIdAt(ms: number): string {
  if (!Number.isInteger(ms) || ms < 0 || ms >= 2 ** 48) throw new RangeError('a time is whole milliseconds since 1970');
  return timeDigits(ms) + '0'.repeat(RANDOM_DIGITS);
}

/** Epoch ms at which an id was made. Errors: RangeError if it is no id. */
export function timeOf(id: string): number {
  if (!ID.test(id)) throw new RangeError('no receipt id');
  let ms = 0;
  for (const digit of id.slice(0, TIME_DIGITS)) ms = ms * 32 + VALUES.get(digit)!;
  return ms;
}

/**
 * The case code of a receipt: eight digits of its random part in two groups, `7K2M-Q9XA`. Says nothing about a person,
 * a place or a time; short enough to be read out. It is not unique for ever (40 bits), so a search by it gives a list.
 */
export function caseCode(id: string): string {
  const code = id.slice(TIME_DIGITS, TIME_DIGITS + CODE_DIGITS);
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** A case code as somebody typed it → as it is stored. Undefined if it is none. */
export function readCaseCode(typed: string): string | undefined {
  if (typed.length > 40) return undefined;
  const digits = typed
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/[ILO]/g, (letter) => LOOKALIKES[letter]!);
  if (digits.length !== CODE_DIGITS || ![...digits].every((digit) => VALUES.has(digit))) return undefined;
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}
