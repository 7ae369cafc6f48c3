import { decodeBase64url, encodeBase64url } from '../codec/base64url.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import { emptyObject, isObject, type Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import { IDENTIFIERS } from '../document/identifiers.ts';
import { DATES } from './dates.ts';
import { countStep, findStep, firstStep, getStep, readsOf } from './select.ts';
import {
  type Carries,
  invalid,
  kindOf,
  type Note,
  plain,
  readText,
  type Step,
  type StepContext,
  type StepMaker,
  same,
  textOf,
} from './step.ts';

/** Letters, marks, digits and the signs that stand in names of any script; no pictures, controls or symbols. */
const NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{Zs}<`´^+|]*$/u;
/** Those of ASCII, which are told far sooner. */
const PLAIN_NAME = /^[ -#%-<?-}]*$/;

function readInteger(value: Value, note: Note): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^-?(0|[1-9][0-9]{0,14})$/.test(value)) {
    note('a number written as text was read');
    return Number(value);
  }
  return invalid(`expected a whole number, found ${kindOf(value)}`);
}

const bytesOf = (value: Value): Uint8Array =>
  value instanceof Uint8Array ? value : invalid(`expected bytes, found ${kindOf(value)}`);

/** The words of the mapping language, one row each. */
export const CONVERSIONS: Readonly<Record<string, StepMaker>> = {
  text: plain({ read: readText, write: same }),
  name: plain({
    read: (value, note) => {
      const text = readText(value, note);
      return text === undefined || PLAIN_NAME.test(text) || NAME.test(text)
        ? text
        : invalid('a name holds signs that no name has');
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
  ...DATES,
  hex: plain({ read: (value) => encodeHex(bytesOf(value)), write: (value) => decodeHex(textOf(value)) }),
  base64url: plain({
    read: (value) => encodeBase64url(bytesOf(value)),
    write: (value) => decodeBase64url(textOf(value)),
  }),
  upper: plain({ read: (value) => textOf(value).toUpperCase() }),
  codes: codesStep,
  identifier: identifierStep,
  join: joinStep,
  each: eachStep,
  get: getStep,
  find: findStep,
  count: countStep,
  first: (argument, context) => firstStep(argument, (as) => compileSteps(as, context)),
};

/**
 * `{"identifier": "plate"}`: a text whose check character, or form, is that of its kind. `{"identifier": {"kind": "uscc",
 * "check": "report"}}`: where wrong check characters are known to circulate, one is reported and the text is taken; its form
 * must still be right.
 */
function identifierStep(argument: unknown): Step {
  const { kind, check } = (typeof argument === 'object' && argument !== null ? argument : { kind: argument }) as {
    kind?: unknown;
    check?: unknown;
  };
  const row = typeof kind === 'string' && Object.hasOwn(IDENTIFIERS, kind) ? IDENTIFIERS[kind] : undefined;
  if (row === undefined)
    throw new Error(`no identifier ${JSON.stringify(kind)}; there are: ${Object.keys(IDENTIFIERS).join(', ')}`);
  if (check !== undefined && (check !== 'report' || row.form === undefined))
    throw new Error(`"check" of identifier is "report", for a kind that has a check character`);
  return {
    read: (value, note) => {
      const text = readText(value, note);
      if (text === undefined || row.holds(text)) return text;
      const form = row.form?.(text) === true;
      const why = row.known?.(text) ?? (form ? 'its check character is wrong' : 'its form is wrong');
      if (!form || check === undefined) throw new Broken('', `not a ${kind}: ${why}`, 'IDENTIFIER_INVALID');
      note(`not a ${kind}: ${why}`, 'IDENTIFIER_DOUBTFUL');
      return text;
    },
    write: same,
  };
}

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

/** A small document must not become a text larger than the memory: nothing is taken twice, and little stands between. */
const MAX_JOINED = 20;
const MAX_GLUE = 20;

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
    new Set(members).size < members.length ||
    members.length > MAX_JOINED ||
    typeof glue !== 'string' ||
    glue === '' ||
    glue.length > MAX_GLUE
  ) {
    throw new Error(`join needs "members" (two to ${MAX_JOINED} names) and "with" (up to ${MAX_GLUE} signs)`);
  }
  const between = lists as Readonly<Record<string, string>>;
  if (
    !Object.entries(between).every(
      ([member, sign]) => members.includes(member) && typeof sign === 'string' && sign && sign.length <= MAX_GLUE,
    )
  )
    throw new Error('"lists" of join names members, and what stands between their texts');
  const isList = (member: string | undefined): boolean => member !== undefined && Object.hasOwn(between, member);
  return {
    carries: (side, below) =>
      side === 'to' || (members.includes(below[0]!) && below.length === (isList(below[0]) ? 2 : 1)),
    read: (value, note) => {
      if (!isObject(value)) return invalid(`expected an object, found ${kindOf(value)}`);
      const parts = members.map((member: string) => {
        const part = value[member];
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
      const object = emptyObject();
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
        const entry = emptyObject();
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
