/** The units of `plusTime`, and how many of one are added to a date-time (in place, as ECMAScript's UTC setters do). */
export const TIME_UNITS: Readonly<Record<string, (date: Date, amount: number) => number>> = Object.assign(
  Object.create(null),
  {
    year: (date: Date, amount: number) => date.setUTCFullYear(date.getUTCFullYear() + amount),
    month: (date: Date, amount: number) => date.setUTCMonth(date.getUTCMonth() + amount),
    day: (date: Date, amount: number) => date.setUTCDate(date.getUTCDate() + amount),
    hour: (date: Date, amount: number) => date.setUTCHours(date.getUTCHours() + amount),
  },
);

const DASH = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;
const PLUS = 0x2b;
const LETTER_T = 0x54;
const MINUTE_MS = 60_000;

/** `Date.UTC` takes the years 0 to 99 for 1900 to 1999; four centuries later the calendar is the same. */
const FOUR_CENTURIES_MS = 146_097 * 86_400_000;
const utc = (year: number, month: number, day: number): number =>
  Date.UTC(year + 400, month - 1, day) - FOUR_CENTURIES_MS;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/**
 * A date of birth as `dccDateOfBirth` reads it (CertLogic 1.3.3): YYYY, YYYY-MM or YYYY-MM-DD, as the first moment of
 * the last day that it can mean. Out: epoch ms; undefined for any other text, and for a day that does not exist.
 */
export function parseDate(text: string): number | undefined {
  const { length } = text;
  const year = digits(text, 0, 4);
  if (Number.isNaN(year)) return undefined;
  if (length === 4) return utc(year, 12, 31);
  const month = digits(text, 5, 7);
  if (text.charCodeAt(4) !== DASH || !(month >= 1 && month <= 12)) return undefined;
  const last = month === 2 && isLeap(year) ? 29 : DAYS[month - 1]!;
  if (length === 7) return utc(year, month, last);
  const day = digits(text, 8, 10);
  if (length !== 10 || text.charCodeAt(7) !== DASH || !(day >= 1 && day <= last)) return undefined;
  return utc(year, month, day);
}

/**
 * A date or date-time in one of the 19 formats of `plusTime` (CertLogic 1.3.3): without a time it is 00:00, without an
 * offset UTC, and what is finer than a millisecond is cut off. Out: epoch ms; undefined for any other text, for which the
 * specification leaves the behaviour open: here nothing is guessed.
 */
export function parseDateTime(text: string): number | undefined {
  if (text.length <= 10) return parseDate(text);
  const day = parseDate(text.slice(0, 10));
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const shaped =
    text.charCodeAt(10) === LETTER_T && text.charCodeAt(13) === COLON && text.charCodeAt(16) === COLON && hour <= 23;
  if (day === undefined || !shaped || !(minute <= 59) || !(second <= 59)) return undefined;
  let at = 19;
  let ms = 0;
  if (text.charCodeAt(at) === POINT) {
    const start = at + 1;
    for (at = start; isDigit(text.charCodeAt(at)); at++) {
      if (at - start < 3) ms = ms * 10 + text.charCodeAt(at) - 0x30;
    }
    if (at === start) return undefined;
    for (let places = at - start; places < 3; places++) ms *= 10;
  }
  const offset = offsetAt(text, at);
  if (offset === undefined) return undefined;
  return day + (hour * 60 + minute - offset) * MINUTE_MS + second * 1000 + ms;
}

/** Nothing, Z, or ±h, ±hh, ±hmm, ±hhmm, ±h:mm, ±hh:mm, through the end of the text. Out: minutes east of UTC. */
function offsetAt(text: string, at: number): number | undefined {
  const rest = text.length - at;
  if (rest === 0) return 0;
  const sign = text.charCodeAt(at);
  if (rest === 1) return text[at] === 'Z' ? 0 : undefined;
  if ((sign !== PLUS && sign !== DASH) || rest > 6) return undefined;
  const colon = text.indexOf(':', at);
  const end = text.length;
  let hours: number;
  let minutes = 0;
  if (colon >= 0) {
    if (end - colon !== 3 || colon - at < 2 || colon - at > 3) return undefined;
    hours = digits(text, at + 1, colon);
    minutes = digits(text, colon + 1, end);
  } else if (rest <= 3) {
    hours = digits(text, at + 1, end);
  } else if (rest <= 5) {
    hours = digits(text, at + 1, end - 2);
    minutes = digits(text, end - 2, end);
  } else return undefined;
  if (!(hours <= 23) || !(minutes <= 59)) return undefined;
  return sign === PLUS ? hours * 60 + minutes : -(hours * 60 + minutes);
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** The number that these characters write, NaN unless all are digits and there. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + code - 0x30;
  }
  return value;
}
