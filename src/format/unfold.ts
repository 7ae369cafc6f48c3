import { parseJson, writeJson } from '../codec/json.ts';
import type { Limits } from '../codec/limits.ts';
import type { Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import { setAt, stepsOf, valueAt } from '../document/pointer.ts';
import type { Note } from './step.ts';

/**
 * Members that hold JSON as text (`"data_fields": "[{\"name\": …}]"`): unfolded before the map reads the payload, so that the
 * map, its sources and its losses reach into them, and folded again when the payload is written. What is signed is the
 * payload as it came.
 */
export interface Unfold {
  /** In: a payload of one's own, which is changed. Throws Broken for a text that is no JSON. */
  read(payload: Value, limits: Limits, note: Note): void;
  write(payload: Value): void;
}

/** Compiles the pointers of the members. Errors: Error, for a member inside another, which is text until that is unfolded. */
export function compileUnfold(pointers: readonly string[]): Unfold {
  if (pointers.some((one) => pointers.some((other) => one !== other && one.startsWith(`${other}/`))))
    throw new Error('/unfold: a member inside another');
  const members = pointers.map((pointer) => ({ pointer, steps: stepsOf(pointer) }));
  return {
    read(payload, limits, note) {
      for (const { pointer, steps } of members) {
        const text = valueAt(payload, steps);
        // As a value of its own, it would be read like a text that says the same.
        if (text !== undefined && typeof text !== 'string') throw new Broken('json', `no text at ${pointer}`);
        if (text !== undefined) setAt(payload as object, steps, readFolded(text, limits, note));
      }
    },
    write(payload) {
      for (const { steps } of members) {
        const value = valueAt(payload, steps) as Value | undefined;
        if (value !== undefined) setAt(payload as object, steps, writeJson(value));
      }
    },
  };
}

const MOST_QUOTED = 262_144;

/** Reads JSON, also with single quotes. In: what is to be noted then. Throws Broken. */
export function readFolded(text: string, limits: Limits, note: Note): Value {
  if (text.length > limits.input) throw new Broken('json', 'longer than the format allows', 'LIMIT_EXCEEDED');
  const double = text.indexOf('"');
  const single = text.indexOf("'");
  if (single < 0 || (double >= 0 && double < single)) return parseJson(text, limits);
  // It is read sign by sign.
  if (text.length > MOST_QUOTED) throw new Broken('json', 'too long for a text with single quotes', 'LIMIT_EXCEEDED');
  note('a text of JSON with single quotes was read');
  return parseJson(doubleQuoted(text), limits);
}

/**
 * `{'a': 'b'}` as JSON. Some systems print their objects so. A quote inside a text must be escaped or stand in a text with
 * double quotes: where it is not, the rest is no JSON, and is refused rather than guessed at.
 */
function doubleQuoted(text: string): string {
  let out = '';
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (quote === '') {
      if (sign === '"' || sign === "'") quote = sign;
      out += quote === '' ? sign : '"';
    } else if (sign === '\\') {
      i += 1;
      // JSON has no escape for a single quote.
      out += text[i] === "'" ? "'" : `\\${text[i] ?? ''}`;
    } else if (sign === quote) {
      quote = '';
      out += '"';
    } else out += sign === '"' ? '\\"' : sign;
  }
  return out;
}
