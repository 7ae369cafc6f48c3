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
 * True if the calendar has this `moment`, whose form is already checked: `Date.parse` gives NaN for a thirteenth month,
 * which no comparison notices, and takes 30 February for 2 March.
 */
export function exists(moment: string): boolean {
  const day = moment.slice(0, 10);
  const ms = Date.parse(day);
  return !Number.isNaN(Date.parse(moment)) && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** Epoch ms → RFC 3339 in UTC, without a fraction where it is zero. */
export function instantOf(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, 19)}Z` : text;
}

/** Epoch ms → the time in Shanghai, yyyy-MM-ddTHH:mm:ss; its first ten signs are the calendar day there. */
export const beijingTime = (ms: number): string => new Date(ms + UTC8_MS).toISOString().slice(0, 19);
