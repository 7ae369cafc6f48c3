import type { Value } from '../codec/value.ts';
import { beginOf, beijingTime, endOf, exists, instantOf, isDay, isInstant } from '../document/time.ts';
import { invalid, kindOf, type Note, plain, readText, type StepMaker, textOf } from './step.ts';

function readSeconds(value: Value, note: Note): string {
  if (typeof value === 'bigint') return invalid('time out of range');
  if (typeof value !== 'number') return invalid(`expected seconds since 1970, found ${kindOf(value)}`);
  if (!(value >= 0 && value < 253_402_300_800)) return invalid('time out of range');
  if (!Number.isInteger(value)) note('fractions of a second were dropped');
  return instantOf(Math.floor(value) * 1000);
}

/** A moment of the shared document as an instant: a day begins and ends in UTC+8. Epoch ms. */
function momentOf(value: Value, end = false): number {
  const text = textOf(value);
  return exists(text) ? (end ? endOf : beginOf)(text) : invalid('not a time that exists');
}

/** Formats that know only days: an instant written as its day would make a document good for longer. */
const dayOf = (value: Value): string => (saysNoTime(value) ? value : invalid('the format can only say a day'));
const saysNoTime = (value: Value): value is string => typeof value === 'string' && value.length <= 10;

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,9})?(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;

/** RFC 3339 with any offset → UTC. Some issuers leave out minutes of the offset or the offset itself (then UTC). */
function readInstant(value: Value, note: Note): string | undefined {
  const text = readText(value, note);
  if (text === undefined || isInstant(text)) return text;
  const match = text.length <= 40 ? INSTANT.exec(text) : null;
  if (match === null) return invalid('not a time (RFC 3339)');
  const [, day, time, fraction = '', zone = ''] = match;
  if (zone === '') note('a time without an offset was read as UTC');
  const digits = zone.replace(':', '');
  const offset =
    digits.length === 3 ? `${digits}:00` : digits.length === 5 ? `${digits.slice(0, 3)}:${digits.slice(3)}` : 'Z';
  const ms = Date.parse(`${day}T${time!.length === 5 ? `${time}:00` : time}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(ms) || !exists(day!) ? invalid('not a time that exists') : instantOf(ms);
}

function readDay(value: Value, note: Note): string | undefined {
  const text = readText(value, note);
  if (text === undefined || isDay(text)) return text;
  const day = text.slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !exists(day)) return invalid('not a day (yyyy-mm-dd)');
  if (text.length > 10) {
    if (text.length > 40 || !INSTANT.test(text)) return invalid('not a day (yyyy-mm-dd)');
    note('the time was taken off a day');
  }
  return day;
}

const BIRTH = /^((?:19|20)\d{2})(?:-(\d{2}|XX|xx))?(?:-(\d{2}|XX|xx))?$/;

/** A birth date may be known only in part: the unknown end is left out (`1963-00`, `1963-XX-XX` → `1963`). */
function readBirthDate(value: Value, note: Note): string | undefined {
  const text = readText(value, note);
  if (text === undefined || (isDay(text) && text >= '1900' && text < '2100')) return text;
  const day = text.length > 10 && text.length <= 40 && INSTANT.test(text) ? text.slice(0, 10) : text;
  if (day !== text) note('the time was taken off a birth date');
  const match = day.length <= 10 ? BIRTH.exec(day) : null;
  if (match === null) return invalid('not a birth date from 1900 on (yyyy, yyyy-mm or yyyy-mm-dd)');
  const [, year, month, date] = match;
  const known = (part: string | undefined): part is string => part !== undefined && part !== '00' && !/x/i.test(part);
  const result = !known(month) ? year! : !known(date) ? `${year}-${month}` : day;
  if (result !== day) note('unknown parts of a birth date were left out');
  if (known(month) && !exists(`${year}-${month}-${known(date) ? date : '01'}`))
    return invalid('a day that does not exist');
  return result;
}

/** yyyyMMddHHmmss in Beijing time, as frames and seals write it. */
function readCompactTime(value: Value): string {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(textOf(value));
  if (match === null) return invalid('not a time (yyyyMMddHHmmss)');
  const [, y, m, d, h, min, s] = match;
  const ms = Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}+08:00`);
  return Number.isNaN(ms) || !exists(`${y}-${m}-${d}`) ? invalid('not a time that exists') : instantOf(ms);
}

/** yyyy-MM-dd HH:mm:ss in Beijing time, as government systems write it. */
function readBeijingTime(value: Value): string {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(textOf(value));
  if (match === null) return invalid('not a time (yyyy-MM-dd HH:mm:ss)');
  const ms = Date.parse(`${match[1]}T${match[2]}+08:00`);
  return Number.isNaN(ms) || !exists(match[1]!) ? invalid('not a time that exists') : instantOf(ms);
}

function readCompactDay(value: Value): string {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(textOf(value));
  if (match === null) return invalid('not a day (yyyyMMdd)');
  const day = `${match[1]}-${match[2]}-${match[3]}`;
  return exists(day) ? day : invalid('a day that does not exist');
}

/** Times and days as wire formats write them, one row each. Shared is always UTC, or a day. */
export const DATES: Readonly<Record<string, StepMaker>> = {
  'epoch-seconds': (_, { end }) => ({ read: readSeconds, write: (value) => Math.floor(momentOf(value, end) / 1000) }),
  'epoch-milliseconds': (_, { end }) => ({
    read: (value, note) => readSeconds(typeof value === 'number' ? value / 1000 : value, note),
    write: (value) => momentOf(value, end),
  }),
  instant: (_, { end }) => ({
    read: readInstant,
    write: (value) => (saysNoTime(value) ? instantOf(momentOf(value, end)) : value),
  }),
  day: plain({ read: readDay, write: dayOf }),
  'birth-date': plain({ read: readBirthDate, write: dayOf }),
  'compact-time': (_, { end }) => ({
    read: readCompactTime,
    write: (value) => beijingTime(momentOf(value, end)).replace(/[-:T]/g, ''),
  }),
  'beijing-time': (_, { end }) => ({
    read: readBeijingTime,
    write: (value) => beijingTime(momentOf(value, end)).replace('T', ' '),
  }),
  'compact-day': plain({ read: readCompactDay, write: (value) => dayOf(value).replaceAll('-', '') }),
};
