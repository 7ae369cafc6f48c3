import { Broken } from '../document/broken.ts';
import type { Value, ValueObject } from './value.ts';

/** Whatever the data: each level costs a stack frame. */
const DEEPEST = 500;

/**
 * Plain data to compact JSON text, in the order of the data. `parseJson` reads it back to equal data (−0 as 0).
 *
 * @throws Broken MALFORMED for what JSON cannot say: bytes, bigint, NaN and infinities, lone surrogates
 */
export function writeJson(value: Value): string {
  return write(value, COMPACT, 0);
}

/**
 * The canonical form of RFC 8785 (JCS), as text: names sorted by their UTF-16 code units, numbers and strings as
 * ECMAScript writes them. Refuses what `writeJson` refuses.
 *
 * @throws Broken MALFORMED
 */
export function canonicalJson(value: Value): string {
  return write(value, CANONICAL, 0);
}

interface Style {
  names(object: ValueObject): string[];
  number(n: number): string;
}
const CANONICAL: Style = { names: (object) => Object.keys(object).sort(), number: String };
/** With an exponent a large number is no integer literal, which `parseJson` would refuse. */
const COMPACT: Style = {
  names: Object.keys,
  number: (n) => (Number.isInteger(n) && !Number.isSafeInteger(n) ? n.toExponential() : String(n)),
};

function write(value: Value, style: Style, depth: number): string {
  if (depth > DEEPEST) throw new Broken('json', 'nested too deeply', 'LIMIT_EXCEEDED');
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw broken('JSON has no NaN and no infinity');
    return style.number(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') throw broken('JSON has no integers beyond 2^53 - 1');
  if (value instanceof Uint8Array) throw broken('JSON has no bytes');
  if (isArray(value)) return `[${value.map((element) => write(element, style, depth + 1)).join(',')}]`;
  const entries = style.names(value).map((name) => `${writeString(name)}:${write(value[name]!, style, depth + 1)}`);
  return `{${entries.join(',')}}`;
}

/** `Array.isArray` does not narrow a readonly array away from what is left. */
function isArray(value: readonly Value[] | ValueObject): value is readonly Value[] {
  return Array.isArray(value);
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw broken('lone surrogate');
  return JSON.stringify(text);
}

function broken(detail: string): Broken {
  return new Broken('json', detail);
}
