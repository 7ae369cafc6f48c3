/** Shanghai keeps UTC+8 all year: a day without a time ends there. */
const UTC8_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** Epoch ms of a shared `moment` as a beginning: an instant as it is, a day from its first moment, UTC+8. NaN if it is no date. */
export function beginOf(moment: string): number {
  return moment.length === 10 ? Date.parse(moment) - UTC8_MS : Date.parse(moment);
}

/** Epoch ms of a shared `moment` as an end: an instant as it is, a day through its last millisecond, UTC+8. NaN if it is no date. */
export function endOf(moment: string): number {
  return moment.length === 10 ? Date.parse(moment) - UTC8_MS + DAY_MS - 1 : Date.parse(moment);
}

/**
 * True if the calendar has this `moment`, whose form is already checked (schemas/common.schema.json): `Date.parse` gives NaN
 * for a thirteenth month, which no comparison notices, and takes 30 February for 2 March. Counted on the digits: this is asked
 * of every date of every document. 24:00:00 is the end of a day (RFC 3339 does not have it, ISO 8601 does, and so does `Date`).
 */
export function exists(moment: string): boolean {
  const month = two(moment, 5);
  const day = two(moment, 8);
  const year = two(moment, 0) * 100 + two(moment, 2);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month))) return false;
  if (moment.length === 10) return true;
  const [hour, minute, second] = [two(moment, 11), two(moment, 14), two(moment, 17)];
  if (hour === 24) return minute === 0 && second === 0 && !/[1-9]/.test(moment.slice(19));
  return hour < 24 && minute < 60 && second < 60;
}

/** Two digits as a number; nothing that counts as a date comes of other signs, or of NaN. */
const two = (text: string, at: number): number => (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
const ZERO = 0x30;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const daysOf = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : DAYS[month - 1]!;

/** Epoch ms → RFC 3339 in UTC, without a fraction where it is zero. Errors: RangeError for what is no time. */
export function instantOf(moment: number): string {
  const ms = Math.trunc(moment);
  // Before the year 0 and after 9999 the text has another form.
  if (!(ms >= YEAR_0 && ms < YEAR_10000)) return new Date(ms).toISOString().replace('.000Z', 'Z');
  const day = Math.floor(ms / DAY_MS);
  // A verdict names a handful of times, and those of a minute share their day.
  if (day !== lastDay) {
    lastText = new Date(ms).toISOString().slice(0, 11);
    lastDay = day;
  }
  const rest = ms - day * DAY_MS;
  const seconds = Math.floor(rest / 1000);
  const fraction = rest - seconds * 1000;
  const time = `${digits(Math.floor(seconds / 3600))}:${digits(Math.floor(seconds / 60) % 60)}:${digits(seconds % 60)}`;
  return fraction === 0 ? `${lastText}${time}Z` : new Date(ms).toISOString();
}

const YEAR_0 = Date.parse('0000-01-01T00:00:00Z');
const YEAR_10000 = Date.UTC(10_000, 0, 1);
let lastDay = Number.NaN;
let lastText = '';
const digits = (number: number): string => (number < 10 ? `0${number}` : `${number}`);

/** Epoch ms → the time in Shanghai, yyyy-MM-ddTHH:mm:ss; its first ten signs are the calendar day there. */
export const beijingTime = (ms: number): string => new Date(ms + UTC8_MS).toISOString().slice(0, 19);
