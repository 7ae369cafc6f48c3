import { parseJson } from '../codec/json.ts';
import type { Limits } from '../codec/limits.ts';
import type { Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import type { Note } from './step.ts';

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
