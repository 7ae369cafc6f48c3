import { parseDate, parseDateTime, TIME_UNITS } from './certlogic-time.ts';
import { type Budget, decided, fragmentsOf, LogicFault, lookUp, type Step, same, spend } from './certlogic-values.ts';

/** What an operation is built from. */
interface Site {
  /** JSON Pointer of the operation in the expression. */
  readonly at: string;
  /** The operands, compiled; an operand that must be written out (see `written`) has no step. */
  readonly steps: readonly Step[];
  /** The operands as the rule states them. */
  readonly operands: readonly unknown[];
  /** The most items that `reduce` walks. */
  readonly elements: number;
}

/** An operand that must stand in the rule itself and is no expression. */
interface Written {
  readonly must: string;
  holds(operand: unknown): boolean;
}

export interface Operation {
  readonly least: number;
  readonly most: number;
  readonly written?: Readonly<Record<number, Written>>;
  build(site: Site): Step;
}

const INTEGER: Written = { must: 'an integer', holds: Number.isSafeInteger };
const UNIT: Written = {
  must: `one of ${Object.keys(TIME_UNITS).join(', ')}`,
  holds: (operand) => typeof operand === 'string' && TIME_UNITS[operand] !== undefined,
};

/** The operations of CertLogic 1.3.3 with a list of operands, one row each; `var`, which has none, is `access`. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['if', { least: 3, most: 3, build: choose }],
  ['and', { least: 2, most: Number.POSITIVE_INFINITY, build: and }],
  ['!', { least: 1, most: 1, build: not }],
  ['===', { least: 2, most: 2, build: equals }],
  ['in', { least: 2, most: 2, build: isIn }],
  ['+', { least: 2, most: 2, build: plus }],
  ['>', comparison(integer, (one, other) => one > other)],
  ['<', comparison(integer, (one, other) => one < other)],
  ['>=', comparison(integer, (one, other) => one >= other)],
  ['<=', comparison(integer, (one, other) => one <= other)],
  ['after', comparison(dateTime, (one, other) => one > other)],
  ['before', comparison(dateTime, (one, other) => one < other)],
  ['not-after', comparison(dateTime, (one, other) => one <= other)],
  ['not-before', comparison(dateTime, (one, other) => one >= other)],
  ['plusTime', { least: 3, most: 3, written: { 1: INTEGER, 2: UNIT }, build: plusTime }],
  ['reduce', { least: 3, most: 3, build: reduce }],
  ['extractFromUVCI', { least: 2, most: 2, written: { 1: INTEGER }, build: extractFromUvci }],
  ['dccDateOfBirth', { least: 1, most: 1, build: dateOfBirth }],
]);

/** Reading a date costs what several other operations do. */
const DATE_STEPS = 4;

/** `{ "var": path }` */
export function access(path: string, at: string): Step {
  const fragments = fragmentsOf(path);
  const cost = 1 + fragments.length;
  return (data, budget) => {
    spend(budget, cost, at);
    return lookUp(data, fragments);
  };
}

/**
 * The specification sends a guard that is neither truthy nor falsy to the else branch and, two sections on, calls such a
 * value an error. It is an error here: rules often end in `else true`, and an odd value in a document must not pass so.
 */
function choose({ at, steps }: Site): Step {
  const [guard, then, otherwise] = steps as [Step, Step, Step];
  return (data, budget) => {
    spend(budget, 1, at);
    return decided(guard(data, budget), at) ? then(data, budget) : otherwise(data, budget);
  };
}

function and({ at, steps }: Site): Step {
  return (data, budget) => {
    spend(budget, 1, at);
    let value: unknown;
    for (const step of steps) {
      value = step(data, budget);
      if (!decided(value, at)) return value;
    }
    return value;
  };
}

function not({ at, steps }: Site): Step {
  const [operand] = steps as [Step];
  return (data, budget) => {
    spend(budget, 1, at);
    return !decided(operand(data, budget), at);
  };
}

function equals({ at, steps }: Site): Step {
  const [left, right] = steps as [Step, Step];
  return (data, budget) => {
    spend(budget, 1, at);
    return same(left(data, budget), right(data, budget), at);
  };
}

function isIn({ at, steps, operands }: Site): Step {
  const [item, list] = steps as [Step, Step];
  const stated = operands[1];
  if (Array.isArray(stated) && stated.every((each) => typeof each !== 'object')) {
    const members = new Set<unknown>(stated);
    return (data, budget) => {
      spend(budget, 1, at);
      return members.has(item(data, budget));
    };
  }
  return (data, budget) => {
    spend(budget, 1, at);
    const wanted = item(data, budget);
    const found = list(data, budget);
    if (!Array.isArray(found)) throw new LogicFault('type', at, 'the second operand of "in" is no list');
    spend(budget, found.length >> 3, at);
    // A primitive equals no list and no object: the engine's own search says the same, faster.
    if (typeof wanted !== 'object' || wanted === null) return found.includes(wanted);
    return found.some((each) => same(wanted, each, at));
  };
}

function plus({ at, steps }: Site): Step {
  const [left, right] = steps as [Step, Step];
  return (data, budget) => {
    spend(budget, 1, at);
    const sum = integer(left(data, budget), at) + integer(right(data, budget), at);
    if (!Number.isSafeInteger(sum)) throw new LogicFault('type', at, 'a sum beyond 2^53 - 1');
    return sum;
  };
}

/** With three operands: (first op second) and (second op third). Each operand must be of the kind, whatever comes out. */
function comparison(
  kind: (value: unknown, at: string) => number,
  holds: (one: number, other: number) => boolean,
): Operation {
  return {
    least: 2,
    most: 3,
    build({ at, steps }) {
      const [first, second, third] = steps as [Step, Step, Step | undefined];
      return (data, budget) => {
        spend(budget, 1, at);
        const one = kind(first(data, budget), at);
        const two = kind(second(data, budget), at);
        if (third === undefined) return holds(one, two);
        const three = kind(third(data, budget), at);
        return holds(one, two) && holds(two, three);
      };
    },
  };
}

function integer(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new LogicFault('type', at, 'an operand is no integer');
  return value;
}

function dateTime(value: unknown, at: string): number {
  if (!(value instanceof Date)) throw new LogicFault('type', at, 'an operand is no date-time');
  return value.getTime();
}

/** A text operand; a date-time is none, so `plusTime` and `dccDateOfBirth` take no result of their own kind. */
function text(value: unknown, budget: Budget, at: string): string {
  if (typeof value !== 'string') throw new LogicFault('type', at, 'an operand is no text');
  spend(budget, value.length >> 5, at);
  return value;
}

function plusTime({ at, steps, operands }: Site): Step {
  const [operand] = steps as [Step];
  const amount = operands[1] as number;
  const add = TIME_UNITS[operands[2] as string]!;
  return (data, budget) => {
    spend(budget, DATE_STEPS, at);
    const ms = parseDateTime(text(operand(data, budget), budget, at));
    if (ms === undefined) throw new LogicFault('type', at, 'not a date or date-time');
    const moment = new Date(ms);
    if (amount !== 0 && Number.isNaN(add(moment, amount)))
      throw new LogicFault('type', at, 'a date-time beyond the calendar');
    return moment;
  };
}

function dateOfBirth({ at, steps }: Site): Step {
  const [operand] = steps as [Step];
  return (data, budget) => {
    spend(budget, DATE_STEPS, at);
    const ms = parseDate(text(operand(data, budget), budget, at));
    if (ms === undefined) throw new LogicFault('type', at, 'not a date of birth');
    return new Date(ms);
  };
}

/** A left fold. The lambda sees `current` and `accumulator` and nothing of the data around it. Null is an empty list. */
function reduce({ at, steps, elements }: Site): Step {
  const [operand, lambda, initial] = steps as [Step, Step, Step];
  return (data, budget) => {
    spend(budget, 1, at);
    const list = operand(data, budget);
    let accumulator = initial(data, budget);
    if (list === null) return accumulator;
    if (!Array.isArray(list)) throw new LogicFault('type', at, 'the first operand of "reduce" is no list');
    if (list.length > elements) throw new LogicFault('limit', at, `more than ${elements} items to reduce`);
    for (const current of list) {
      spend(budget, 1, at);
      accumulator = lambda({ current, accumulator }, budget);
    }
    return accumulator;
  };
}

const isSeparator = (letter: string | undefined): boolean => letter === '/' || letter === '#' || letter === ':';

/** The fragment of a certificate identifier (UCI) between separators, counted from 0 after an initial URN:UVCI. */
function extractFromUvci({ at, steps, operands }: Site): Step {
  const [operand] = steps as [Step];
  const index = operands[1] as number;
  return (data, budget) => {
    spend(budget, 1, at);
    const value = operand(data, budget);
    return value === null ? null : uciFragment(text(value, budget, at), index);
  };
}

function uciFragment(uci: string, index: number): string | null {
  const named = uci.startsWith('URN') && isSeparator(uci[3]) && uci.startsWith('UVCI', 4);
  if (named && uci.length === 8) return null;
  let start = named && isSeparator(uci[8]) ? 9 : 0;
  let count = 0;
  for (let at = start; at <= uci.length; at++) {
    if (at < uci.length && !isSeparator(uci[at])) continue;
    if (count === index) return uci.slice(start, at);
    count += 1;
    start = at + 1;
  }
  return null;
}
