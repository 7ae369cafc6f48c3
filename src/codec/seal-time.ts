/**
 * Times as signature files write them: `20201010151120`, `20200817111329Z`, `20200723130907.763Z`,
 * `2020-04-22 16:22:44`, `2020-07-23T21:06:25+08:00`, `2020-04-22`, and the two-digit years of UTCTime. A time without
 * a zone is Chinese time, UTC+8.
 */
const FORM =
  /^(\d{4})([-/]?)(\d{2})\2(\d{2})(?:[T ]?(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const UTC_TIME = /^\d{12}Z$/;
const UTC8_MINUTES = 480;

/** A moment as epoch ms; undefined if the text has no known form or names no time that exists. */
export function momentOf(text: string): number | undefined {
  const trimmed = text.length > 60 ? '' : text.trim();
  const century = Number(trimmed.slice(0, 2)) < 50 ? '20' : '19';
  const match = FORM.exec(UTC_TIME.test(trimmed) ? century + trimmed : trimmed);
  if (match === null) return undefined;
  const [, year, , month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = match;
  const date = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // `Date.parse` takes 24:00 and, on some engines, 31 April.
  if (Number.isNaN(date) || new Date(date).getUTCDate() !== Number(day) || hour === '24') return undefined;
  return date + Number(fraction.padEnd(3, '0').slice(0, 3)) - minutesOf(zone) * 60_000;
}

/** Minutes that a zone is ahead of UTC. */
function minutesOf(zone: string | undefined): number {
  if (zone === undefined) return UTC8_MINUTES;
  if (zone === 'Z') return 0;
  const digits = zone.replace(/\D/g, '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}
