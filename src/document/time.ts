/** Shanghai keeps UTC+8 all year: a day without a time ends there. */
const UTC8_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** Epoch ms of a shared `moment` as a beginning: an instant as it is, a day from its first moment, UTC+8. NaN if it is no date. */
export function beginOf(moment: string): number {
  return moment.length === 10 ? timeOf(moment) - UTC8_MS : timeOf(moment);
}

/** Epoch ms of a shared `moment` as an end: an instant as it is, a day through its last millisecond, UTC+8. NaN if it is no date. */
export function endOf(moment: string): number {
  return moment.length === 10 ? timeOf(moment) - UTC8_MS + DAY_MS - 1 : timeOf(moment);
}

/**
 * Epoch ms, as `Date.parse`, which takes half a microsecond: the forms that the shared document itself writes (`2026-01-31`,
 * `2026-01-31T08:00:00Z`) are counted here.
 */
export function timeOf(moment: string): number {
  const { length } = moment;
  const ms = length === 10 ? dayAt(moment) * DAY_MS : length === 20 ? instantAt(moment) : Number.NaN;
  // What is no day of the calendar is left to those who know.
  return Number.isNaN(ms) ? Date.parse(moment) : ms;
}

/** Days since 1970-01-01 of the day with which a text of any origin begins, yyyy-mm-dd; NaN if the calendar has none such. */
function dayAt(text: string): number {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return Number.NaN;
  const year = pair(text, 0) * 100 + pair(text, 2);
  const month = pair(text, 5);
  const day = pair(text, 8);
  const real = year < 10_000 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  return real ? dayNumber(year, month, day) : Number.NaN;
}

/** Epoch ms of twenty signs as the shared document writes an instant, `2026-01-31T08:00:00Z`; NaN if they are none. */
function instantAt(text: string): number {
  if (text.charCodeAt(10) !== 0x54 || text.charCodeAt(19) !== 0x5a) return Number.NaN;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return Number.NaN;
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  return dayAt(text) * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000;
}

/** Whether a text of any origin is a day of the calendar as the shared document writes it, `2026-01-31`. */
export const isDay = (text: string): boolean => text.length === 10 && !Number.isNaN(dayAt(text));

/** Whether a text of any origin is an instant as the shared document writes it, `2026-01-31T08:00:00Z`. */
export const isInstant = (text: string): boolean => text.length === 20 && !Number.isNaN(instantAt(text));

/** Two digits as a number; far beyond any number of them for other signs. */
function pair(text: string, at: number): number {
  const tens = (text.charCodeAt(at) - ZERO) >>> 0;
  const ones = (text.charCodeAt(at + 1) - ZERO) >>> 0;
  return tens > 9 || ones > 9 ? 1e6 : tens * 10 + ones;
}

const DASH = 0x2d;
const COLON = 0x3a;

/** Days since 1970-01-01 in the Gregorian calendar: years begin in March here, so that the leap day comes last. */
function dayNumber(year: number, month: number, day: number): number {
  // From an era before, so that nothing is negative: whole numbers are divided faster than others are rounded.
  const y = (month > 2 ? year : year - 1) + 400;
  const ofYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  const leaps = ((y / 4) | 0) - ((y / 100) | 0) + ((y / 400) | 0);
  return y * 365 + leaps + ofYear - EPOCH_DAY - ERA_DAYS;
}

const ERA_DAYS = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const EPOCH_DAY = 719_468;

/**
 * True if the calendar has this `moment`, whose form is already checked (schemas/common.schema.json): `Date.parse` gives NaN
 * for a thirteenth month, which no comparison notices, and takes 30 February for 2 March. Counted on the digits: this is asked
 * of every date of every document. 24:00:00 is the end of a day (RFC 3339 does not have it, ISO 8601 does, and so does `Date`).
 */
export function exists(moment: unknown): boolean {
  // What a map gave is judged though its form was found wrong.
  if (typeof moment !== 'string' || Number.isNaN(dayAt(moment))) return false;
  if (moment.length === 10) return true;
  const [hour, minute, second] = [pair(moment, 11), pair(moment, 14), pair(moment, 17)];
  if (hour === 24) return minute === 0 && second === 0 && !/[1-9]/.test(moment.slice(19));
  return hour < 24 && minute < 60 && second < 60;
}

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
  // The documents of a day name the same days again and again.
  const slot = ((day % KEPT_DAYS) + KEPT_DAYS) % KEPT_DAYS;
  if (DAYS_KEPT[slot] !== day) {
    TEXTS_KEPT[slot] = dayText(day);
    DAYS_KEPT[slot] = day;
  }
  const rest = ms - day * DAY_MS;
  const seconds = Math.floor(rest / 1000);
  const fraction = rest - seconds * 1000;
  const hour = Math.floor(seconds / 3600);
  const minute = Math.floor(seconds / 60) % 60;
  const time = `${TEXTS_KEPT[slot]}T${TWO[hour]}:${TWO[minute]}:${TWO[seconds % 60]}`;
  return fraction === 0 ? `${time}Z` : `${time}.${String(fraction).padStart(3, '0')}Z`;
}

const YEAR_0 = Date.parse('0000-01-01T00:00:00Z');
const YEAR_10000 = Date.UTC(10_000, 0, 1);
/** A few months. */
const KEPT_DAYS = 128;
const DAYS_KEPT: number[] = new Array(KEPT_DAYS).fill(Number.NaN);
const TEXTS_KEPT: string[] = new Array(KEPT_DAYS).fill('');
const TWO = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

/** yyyy-MM-dd of a number of days since 1970-01-01; the other way round of `dayNumber`. */
function dayText(days: number): string {
  const since = days + EPOCH_DAY;
  const era = Math.floor(since / ERA_DAYS);
  const day = since - era * ERA_DAYS;
  const leaps = Math.floor(day / 1460) - Math.floor(day / 36_524) + Math.floor(day / 146_096);
  const year = Math.floor((day - leaps) / 365);
  const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * month + 2) / 5) + 1;
  const civil = era * 400 + year + (month < 10 ? 0 : 1);
  return `${TWO[Math.floor(civil / 100)]}${TWO[civil % 100]}-${TWO[month < 10 ? month + 3 : month - 9]}-${TWO[date]}`;
}

/** Epoch ms → the time in Shanghai, yyyy-MM-ddTHH:mm:ss; its first ten signs are the calendar day there. */
export const beijingTime = (ms: number): string => new Date(ms + UTC8_MS).toISOString().slice(0, 19);
