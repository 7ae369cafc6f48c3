import { decodeBase64url, encodeBase64url } from '../codec/base64url.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import type { Value, ValueObject } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import { beginOf, endOf, instantOf } from '../document/time.ts';
import type { CodeTable } from './codes.ts';
import { countStep, findStep, firstStep, getStep, readsOf } from './select.ts';

/** Told of every repair made while reading: a few words for engineers, never a value. */
export type Note = (repair: string) => void;

/**
 * One step between a payload's value and the shared one. `read` gives undefined for "as good as absent" (an empty
 * text), and throws Broken FIELD_INVALID or UNKNOWN_CODE_VALUE. `write` is its inverse, or missing where there is none.
 */
export interface Step {
  read(value: Value, note: Note): Value | undefined;
  /** `there` is what other fields have written at the same place: a step that `merges` gives it back as well. */
  write?(value: Value, there?: Value): Value;
  readonly merges?: boolean;
  /** Missing if the step carries all that is in its value. */
  readonly carries?: Carries;
  /** For a step that goes on with a part of its value: where that part is, below the value. */
  select?(value: Value): readonly string[] | undefined;
  /** What a step that selects looks at in the part it chose, and what it would write there. */
  readonly touches?: readonly (readonly string[])[];
  /** What is read of this very value, where that depends on the value. */
  reads?(value: Value): readonly ReadPath[];
}

/** A place below a value, and which of the leaves below it are carried: all, unless said otherwise. */
export interface ReadPath {
  readonly path: readonly string[];
  readonly carries?: Carries | undefined;
}

/** Whether a step that takes a value apart carries the leaf at these steps below its source (`from`) or target (`to`). */
export type Carries = (side: 'from' | 'to', below: readonly string[]) => boolean;

/** What a conversion may need to be made: the code lists of the region, and whether the field is an end of time. */
export interface StepContext {
  readonly codes: ReadonlyMap<string, CodeTable>;
  readonly end?: boolean;
}

/** Makes a step from its argument in the declaration; throws Error (a fault of the declaration) if it is wrong. */
type StepMaker = (argument: unknown, context: StepContext) => Step;

const invalid = (detail: string): never => {
  throw new Broken('', detail, 'FIELD_INVALID');
};

const textOf = (value: Value): string =>
  typeof value === 'string' ? value : invalid(`expected text, found ${kindOf(value)}`);

export function kindOf(value: Value): string {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return 'bytes';
  return Array.isArray(value) ? 'a list' : typeof value;
}

function readText(value: Value, note: Note): string | undefined {
  const text = textOf(value);
  const trimmed = text.trim();
  if (trimmed.length !== text.length) note('white space around a text was removed');
  if (trimmed === '') {
    note('an empty text was left out');
    return undefined;
  }
  return trimmed;
}

/** Letters, marks, digits and the signs that stand in names of any script; no pictures, controls or symbols. */
const NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{Zs}<`´^+|]*$/u;

function readInteger(value: Value, note: Note): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^-?(0|[1-9][0-9]{0,14})$/.test(value)) {
    note('a number written as text was read');
    return Number(value);
  }
  return invalid(`expected a whole number, found ${kindOf(value)}`);
}

function readSeconds(value: Value, note: Note): string {
  if (typeof value === 'bigint') return invalid('time out of range');
  if (typeof value !== 'number') return invalid(`expected seconds since 1970, found ${kindOf(value)}`);
  if (!(value >= 0 && value < 253_402_300_800)) return invalid('time out of range');
  if (!Number.isInteger(value)) note('fractions of a second were dropped');
  return instantOf(Math.floor(value) * 1000);
}

/** A moment of the shared document as an instant: a day begins and ends in UTC+8. Epoch ms. */
function momentOf(value: Value, end = false): number {
  const ms = (end ? endOf : beginOf)(textOf(value));
  return Number.isNaN(ms) ? invalid('not a time') : ms;
}

/** Formats that know only days: an instant written as its day would make a document good for longer. */
const dayOf = (value: Value): string => (isDay(value) ? value : invalid('the format can only say a day'));
const isDay = (value: Value): value is string => typeof value === 'string' && value.length <= 10;

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,9})?(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;

/** RFC 3339 with any offset → UTC. Some issuers leave out minutes of the offset or the offset itself (then UTC). */
function readInstant(value: Value, note: Note): string | undefined {
  const text = readText(value, note);
  if (text === undefined) return undefined;
  const match = text.length <= 40 ? INSTANT.exec(text) : null;
  if (match === null) return invalid('not a time (RFC 3339)');
  const [, day, time, fraction = '', zone = ''] = match;
  if (zone === '') note('a time without an offset was read as UTC');
  const digits = zone.replace(':', '');
  const offset =
    digits.length === 3 ? `${digits}:00` : digits.length === 5 ? `${digits.slice(0, 3)}:${digits.slice(3)}` : 'Z';
  const ms = Date.parse(`${day}T${time!.length === 5 ? `${time}:00` : time}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(ms) || !realDay(day!) ? invalid('not a time that exists') : instantOf(ms);
}

/** True if the calendar has this yyyy-mm-dd (Date.parse alone takes 30 February for 2 March). */
function realDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

function readDay(value: Value, note: Note): string | undefined {
  const text = readText(value, note);
  if (text === undefined) return undefined;
  const day = text.slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !realDay(day)) return invalid('not a day (yyyy-mm-dd)');
  if (text.length > 10) {
    if (text.length > 40 || !/^[T ]/.test(text.slice(10))) return invalid('not a day (yyyy-mm-dd)');
    note('the time was taken off a day');
  }
  return day;
}

const BIRTH = /^((?:19|20)\d{2})(?:-(\d{2}|XX|xx))?(?:-(\d{2}|XX|xx))?$/;

/** A birth date may be known only in part: the unknown end is left out (`1963-00`, `1963-XX-XX` → `1963`). */
function readBirthDate(value: Value, note: Note): string | undefined {
  const text = readText(value, note);
  if (text === undefined) return undefined;
  const day = text.length > 10 && text.length <= 40 && text[10] === 'T' ? text.slice(0, 10) : text;
  if (day !== text) note('the time was taken off a birth date');
  const match = day.length <= 10 ? BIRTH.exec(day) : null;
  if (match === null) return invalid('not a birth date from 1900 on (yyyy, yyyy-mm or yyyy-mm-dd)');
  const [, year, month, date] = match;
  const known = (part: string | undefined): part is string => part !== undefined && part !== '00' && !/x/i.test(part);
  const result = !known(month) ? year! : !known(date) ? `${year}-${month}` : day;
  if (result !== day) note('unknown parts of a birth date were left out');
  if (known(month) && !realDay(`${year}-${month}-${known(date) ? date : '01'}`))
    return invalid('a day that does not exist');
  return result;
}

/** yyyyMMddHHmmss in Beijing time, as frames and seals write it. */
function readCompactTime(value: Value): string {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(textOf(value));
  if (match === null) return invalid('not a time (yyyyMMddHHmmss)');
  const [, y, m, d, h, min, s] = match;
  const ms = Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}+08:00`);
  return Number.isNaN(ms) || !realDay(`${y}-${m}-${d}`) ? invalid('not a time that exists') : instantOf(ms);
}

/** yyyy-MM-dd HH:mm:ss in Beijing time, as government systems write it. */
function readBeijingTime(value: Value): string {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(textOf(value));
  if (match === null) return invalid('not a time (yyyy-MM-dd HH:mm:ss)');
  const ms = Date.parse(`${match[1]}T${match[2]}+08:00`);
  return Number.isNaN(ms) || !realDay(match[1]!) ? invalid('not a time that exists') : instantOf(ms);
}

const beijingOf = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19);

function readCompactDay(value: Value): string {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(textOf(value));
  if (match === null) return invalid('not a day (yyyyMMdd)');
  const day = `${match[1]}-${match[2]}-${match[3]}`;
  return realDay(day) ? day : invalid('a day that does not exist');
}

const bytesOf = (value: Value): Uint8Array =>
  value instanceof Uint8Array ? value : invalid(`expected bytes, found ${kindOf(value)}`);

const same = (value: Value): Value => value;
const plain = (step: Step): StepMaker => {
  return () => step;
};

/** The words of the mapping language, one row each. */
export const CONVERSIONS: Readonly<Record<string, StepMaker>> = {
  text: plain({ read: readText, write: same }),
  name: plain({
    read: (value, note) => {
      const text = readText(value, note);
      return text === undefined || NAME.test(text) ? text : invalid('a name holds signs that no name has');
    },
    write: same,
  }),
  integer: plain({ read: readInteger, write: same }),
  /** A whole number that the shared document keeps as text (a raw code). */
  'number-text': plain({
    read: (value, note) => String(readInteger(value, note)),
    write: (value) => readInteger(textOf(value), () => {}),
  }),
  boolean: plain({
    read: (value) => (typeof value === 'boolean' ? value : invalid(`expected true or false, found ${kindOf(value)}`)),
    write: same,
  }),
  'epoch-seconds': (_, { end }) => ({ read: readSeconds, write: (value) => Math.floor(momentOf(value, end) / 1000) }),
  'epoch-milliseconds': (_, { end }) => ({
    read: (value, note) => readSeconds(typeof value === 'number' ? value / 1000 : value, note),
    write: (value) => momentOf(value, end),
  }),
  instant: (_, { end }) => ({
    read: readInstant,
    write: (value) => (isDay(value) ? instantOf(momentOf(value, end)) : value),
  }),
  day: plain({ read: readDay, write: dayOf }),
  'birth-date': plain({ read: readBirthDate, write: dayOf }),
  'compact-time': (_, { end }) => ({
    read: readCompactTime,
    write: (value) => beijingOf(momentOf(value, end)).replace(/[-:T]/g, ''),
  }),
  'beijing-time': (_, { end }) => ({
    read: readBeijingTime,
    write: (value) => beijingOf(momentOf(value, end)).replace('T', ' '),
  }),
  'compact-day': plain({ read: readCompactDay, write: (value) => dayOf(value).replaceAll('-', '') }),
  hex: plain({ read: (value) => encodeHex(bytesOf(value)), write: (value) => decodeHex(textOf(value)) }),
  base64url: plain({
    read: (value) => encodeBase64url(bytesOf(value)),
    write: (value) => decodeBase64url(textOf(value)),
  }),
  upper: plain({ read: (value) => textOf(value).toUpperCase() }),
  codes: codesStep,
  join: joinStep,
  each: eachStep,
  get: getStep,
  find: findStep,
  count: countStep,
  first: (argument, context) => firstStep(argument, (as) => compileSteps(as, context)),
};

/** `{"codes": "list"}`: a code of one of the region's lists. A value that is in no list is unknown, never guessed. */
function codesStep(argument: unknown, context: StepContext): Step {
  const table = typeof argument === 'string' ? context.codes.get(argument) : undefined;
  if (table === undefined) throw new Error(`no code list ${JSON.stringify(argument)}`);
  return {
    read: (value, note) => {
      const key = typeof value === 'string' ? readText(value, note) : (value as string | number);
      if (key === undefined) return undefined;
      const shared = table.shared(key);
      if (shared === undefined)
        throw new Broken('', `a code that list ${argument} does not have`, 'UNKNOWN_CODE_VALUE');
      return shared;
    },
    write: (value) => table.raw(textOf(value)) ?? invalid(`list ${argument} has no code for this`),
  };
}

/**
 * `{"join": {"members": ["fn", "gn"], "with": ", "}}`: texts of an object as one text, and back. `"lists": {"gn": " "}`:
 * this member is a list of texts, with this between them.
 */
function joinStep(argument: unknown): Step {
  const {
    members,
    with: glue,
    lists = {},
  } = (argument ?? {}) as { members?: unknown; with?: unknown; lists?: unknown };
  if (
    !Array.isArray(members) ||
    members.length < 2 ||
    !members.every((m) => typeof m === 'string') ||
    typeof glue !== 'string' ||
    glue === ''
  ) {
    throw new Error('join needs "members" (two or more names) and "with"');
  }
  const between = lists as Readonly<Record<string, string>>;
  if (!Object.entries(between).every(([member, sign]) => members.includes(member) && typeof sign === 'string' && sign))
    throw new Error('"lists" of join names members, and what stands between their texts');
  const isList = (member: string | undefined): boolean => member !== undefined && Object.hasOwn(between, member);
  return {
    carries: (side, below) =>
      side === 'to' || (members.includes(below[0]!) && below.length === (isList(below[0]) ? 2 : 1)),
    read: (value, note) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
        return invalid(`expected an object, found ${kindOf(value)}`);
      }
      const parts = members.map((member: string) => {
        const part = (value as ValueObject)[member];
        if (part === undefined || part === null) return '';
        if (!isList(member)) return readText(part, note) ?? '';
        if (!Array.isArray(part)) return invalid(`expected a list, found ${kindOf(part)}`);
        return part.flatMap((text: Value) => readText(text, note) ?? []).join(between[member]);
      });
      while (parts.length > 0 && parts[parts.length - 1] === '') parts.pop();
      return parts.length === 0 ? undefined : parts.join(glue);
    },
    write: (value) => {
      const parts = textOf(value).split(glue);
      const last = members.length - 1;
      const whole = [...parts.slice(0, last), ...(parts.length > last ? [parts.slice(last).join(glue)] : [])];
      const object: Record<string, Value> = Object.create(null);
      whole.forEach((part, i) => {
        const member = members[i] as string;
        if (part !== '') object[member] = isList(member) ? part.split(between[member]!) : part;
      });
      return object;
    },
  };
}

/**
 * `{"each": [rows]}`: a list of objects, each by the same small rows {to, from, as, optional}; `to` and `from` are
 * member names. What a row does not read is lost; a fault in one entry is a fault of the list.
 */
function eachStep(argument: unknown, context: StepContext): Step {
  if (!Array.isArray(argument) || argument.length === 0) throw new Error('each needs a list of rows');
  const rows = argument.map((row: { to?: unknown; from?: unknown; as?: unknown; optional?: unknown }) => {
    if (typeof row?.to !== 'string' || typeof row.from !== 'string' || row.to === '__proto__')
      throw new Error('a row of each needs "to" and "from"');
    return { to: row.to, from: row.from, step: compileSteps(row.as, context), optional: row.optional === true };
  });
  return {
    carries: (side, [, member, ...below]) => {
      const row = rows.find((each) => each[side] === member);
      return row !== undefined && (row.step.carries?.(side, below) ?? true);
    },
    read: (value, note) => {
      if (!Array.isArray(value)) return invalid(`expected a list, found ${kindOf(value)}`);
      return value.map((entry: Value, i) => {
        const shared: Record<string, Value> = {};
        for (const { to, from, step, optional } of rows) {
          const raw = isObject(entry) && Object.hasOwn(entry, from) ? entry[from] : undefined;
          const read = raw === undefined || raw === null ? undefined : step.read(raw, note);
          if (read !== undefined) shared[to] = read;
          else if (!optional) throw new Broken('', `entry ${i} lacks ${to}`, 'FIELD_MISSING');
        }
        return shared;
      });
    },
    write: (value) => {
      if (!Array.isArray(value)) return invalid('not a list');
      return value.map((shared: Value, i) => {
        const entry: Record<string, Value> = Object.create(null);
        for (const { to, from, step, optional } of rows) {
          const own = isObject(shared) && Object.hasOwn(shared, to) ? shared[to] : undefined;
          if (own !== undefined)
            entry[from] = step.write === undefined ? invalid('this conversion cannot be written') : step.write(own);
          else if (!optional) throw new Broken('', `entry ${i} lacks ${to}`, 'FIELD_MISSING');
        }
        return entry;
      });
    },
  };
}

const isObject = (value: Value): value is ValueObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/**
 * Compiles `as` into one step. In: the word, the word with its argument, or a list of them. Errors: Error, for a word
 * that is not in the table or an argument that does not fit it.
 */
export function compileSteps(as: unknown, context: StepContext): Step {
  const steps = (Array.isArray(as) ? as : as === undefined ? ['text'] : [as]).map((word) => makeStep(word, context));
  if (steps.length === 1 && steps[0]!.select === undefined) return steps[0]!;
  const read: Step['read'] = (value, note) => {
    let current: Value | undefined = value;
    for (const step of steps) {
      if (current === undefined) return undefined;
      current = step.read(current, note);
    }
    return current;
  };
  const outer = { from: steps[0]!, to: steps[steps.length - 1]! };
  const carries: Carries = (side, below) => outer[side].carries?.(side, below) ?? true;
  const selecting = steps.some((step) => step.select !== undefined || step.reads !== undefined);
  const chain = { read, carries, ...(selecting ? { reads: (value: Value) => readsOf(steps, value) } : {}) };
  if (steps.some((step) => step.write === undefined)) return chain;
  return {
    ...chain,
    merges: steps[0]!.merges === true,
    // Only the outermost step writes where others may have written before.
    write: (value, there) =>
      steps.reduceRight((current, step, i) => step.write!(current, i === 0 ? there : undefined), value),
  };
}

function makeStep(word: unknown, context: StepContext): Step {
  const [name, argument] = typeof word === 'string' ? [word, undefined] : Object.entries(word as object)[0]!;
  const maker = Object.hasOwn(CONVERSIONS, name) ? CONVERSIONS[name] : undefined;
  if (maker === undefined)
    throw new Error(`no conversion "${name}"; there are: ${Object.keys(CONVERSIONS).join(', ')}`);
  return maker(argument, context);
}
