import { Broken } from '../document/broken.ts';
import type { Value, ValueObject } from './value.ts';

const DEEPEST = 500;

/**
 * The canonical JSON of the OLPC project, which TUF signs (TUF 1.0 §4.2.1): no white space, names sorted by code point,
 * in strings only `"` and `\` escaped, whole numbers only. It is not RFC 8785, and its text need not even be JSON: a
 * control character in a string stays as it is.
 *
 * @throws Broken for what it cannot say: numbers that are not whole, bytes, bigint, lone surrogates
 */
export function olpcJson(value: Value): string {
  return write(value, 0);
}

function write(value: Value, depth: number): string {
  if (depth > DEEPEST) throw new Broken('olpc-json', 'nested too deeply', 'LIMIT_EXCEEDED');
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Broken('olpc-json', 'a number that is not whole');
    return String(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint' || value instanceof Uint8Array) throw new Broken('olpc-json', 'no JSON value');
  if (isArray(value)) return `[${value.map((element) => write(element, depth + 1)).join(',')}]`;
  const names = Object.keys(value).sort(byCodePoint);
  return `{${names.map((name) => `${quoted(name)}:${write(value[name]!, depth + 1)}`).join(',')}}`;
}

const isArray = (value: readonly Value[] | ValueObject): value is readonly Value[] => Array.isArray(value);

function quoted(text: string): string {
  if (!text.isWellFormed()) throw new Broken('olpc-json', 'lone surrogate');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** UTF-16 puts the astral characters before U+E000; other implementations sort as UTF-8 does. */
function byCodePoint(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

/** Surrogates after everything else. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
