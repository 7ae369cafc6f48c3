import { Broken } from '../document/broken.ts';
import type { Limits } from './limits.ts';
import { emptyObject, type Value, type ValueObject } from './value.ts';

export { canonicalJson, writeJson } from './json-writer.ts';

type Bounds = Pick<Limits, 'depth' | 'items'>;

/** Where the parser is. Recursion goes no deeper than `depth`, so the stack is bounded whatever the text. */
interface Cursor {
  readonly text: string;
  readonly depth: number;
  at: number;
  items: number;
}

/** Whatever the limits say: each level costs a stack frame. */
const DEEPEST = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
/** RFC 8259 §7: the letter after a backslash, and what it stands for; `u` is a case of its own. */
const ESCAPES: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
});

/**
 * JSON text to plain data (RFC 8259), strictly: what two parsers could read differently is refused, because the one that
 * checks a document and the one that uses it must see the same.
 *
 * - a name twice in one object, compared after unescaping (RFC 8259 §4 leaves open which counts);
 * - an integer beyond ±(2⁵³ − 1), or a number that overflows, which would silently become another one (§6);
 * - a lone surrogate, raw or escaped (§8.2); a byte order mark (§8.1); anything after the value.
 *
 * @param limits `depth` counts nested arrays and objects, `items` every element, entry and scalar
 * @returns objects inherit nothing; integer-like names come first when they are enumerated, as always in JavaScript
 * @throws Broken MALFORMED, or LIMIT_EXCEEDED
 */
export function parseJson(text: string, limits: Bounds): Value {
  // Checked once for the whole text: afterwards only escapes can bring in half a character.
  if (!text.isWellFormed()) throw broken('lone surrogate');
  if (text.charCodeAt(0) === 0xfeff) throw broken('byte order mark');
  const c: Cursor = { text, depth: Math.min(limits.depth, DEEPEST), at: 0, items: limits.items };
  skipSpace(c);
  const value = parseValue(c, 0);
  skipSpace(c);
  if (c.at !== text.length) throw unexpected(c);
  return value;
}

/** Only the four characters of RFC 8259 §2; gives the code of the one that follows, NaN at the end. */
function skipSpace(c: Cursor): number {
  for (;;) {
    const code = c.text.charCodeAt(c.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
    c.at++;
  }
}

function parseValue(c: Cursor, depth: number): Value {
  if (--c.items < 0) throw limit('too many values');
  const code = c.text.charCodeAt(c.at);
  if (code === QUOTE) return parseString(c);
  if (code === OPEN_OBJECT) return parseObject(c, depth + 1);
  if (code === OPEN_ARRAY) return parseArray(c, depth + 1);
  if (code === MINUS || (code >= ZERO && code <= NINE)) return parseNumber(c);
  if (c.text.startsWith('true', c.at)) return literal(c, 4, true);
  if (c.text.startsWith('false', c.at)) return literal(c, 5, false);
  if (c.text.startsWith('null', c.at)) return literal(c, 4, null);
  throw unexpected(c);
}

function literal(c: Cursor, length: number, value: boolean | null): boolean | null {
  c.at += length;
  return value;
}

function parseObject(c: Cursor, depth: number): ValueObject {
  if (depth > c.depth) throw limit('nested too deeply');
  const object = emptyObject();
  c.at++;
  if (skipSpace(c) === CLOSE_OBJECT) {
    c.at++;
    return object;
  }
  for (;;) {
    if (skipSpace(c) !== QUOTE) throw unexpected(c);
    const name = parseString(c);
    if (object[name] !== undefined) throw broken('the same name twice in an object');
    if (skipSpace(c) !== COLON) throw unexpected(c);
    c.at++;
    skipSpace(c);
    object[name] = parseValue(c, depth);
    const next = skipSpace(c);
    if (next !== COMMA && next !== CLOSE_OBJECT) throw unexpected(c);
    c.at++;
    if (next === CLOSE_OBJECT) return object;
  }
}

function parseArray(c: Cursor, depth: number): Value[] {
  if (depth > c.depth) throw limit('nested too deeply');
  const array: Value[] = [];
  c.at++;
  if (skipSpace(c) === CLOSE_ARRAY) {
    c.at++;
    return array;
  }
  for (;;) {
    skipSpace(c);
    array.push(parseValue(c, depth));
    const next = skipSpace(c);
    if (next !== COMMA && next !== CLOSE_ARRAY) throw unexpected(c);
    c.at++;
    if (next === CLOSE_ARRAY) return array;
  }
}

function parseString(c: Cursor): string {
  const { text } = c;
  const start = c.at + 1;
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      c.at = at + 1;
      return text.slice(start, at);
    }
    if (code === BACKSLASH) return parseEscaped(c, start, at);
    // NaN, the end of the text, is not at least 0x20 either.
    if (!(code >= 0x20)) throw broken('control character in a string, or a string without end');
  }
}

/** The rest of a string whose first backslash is at `at`. */
function parseEscaped(c: Cursor, start: number, first: number): string {
  const { text } = c;
  let result = text.slice(start, first);
  let at = first;
  let surrogates = false;
  for (;;) {
    const letter = text[at + 1];
    if (letter === 'u') {
      const code = hex4(text, at + 2);
      if (code >= 0xd800 && code <= 0xdfff) surrogates = true;
      result += String.fromCharCode(code);
      at += 6;
    } else {
      const character = letter === undefined ? undefined : ESCAPES[letter];
      if (character === undefined) throw broken('no such escape');
      result += character;
      at += 2;
    }
    const run = at;
    let code = text.charCodeAt(at);
    while (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) code = text.charCodeAt(++at);
    result += text.slice(run, at);
    if (code === BACKSLASH) continue;
    if (code !== QUOTE) throw broken('control character in a string, or a string without end');
    if (surrogates && !result.isWellFormed()) throw broken('lone surrogate');
    c.at = at + 1;
    return result;
  }
}

function hex4(text: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const code = text.charCodeAt(i);
    const lower = code | 0x20;
    if (code >= ZERO && code <= NINE) value = value * 16 + code - ZERO;
    else if (lower >= 0x61 && lower <= 0x66) value = value * 16 + lower - 0x57;
    else throw broken('not four hexadecimal digits');
  }
  return value;
}

/** RFC 8259 §6. The grammar is checked here, the digits are read by the engine where there are many. */
function parseNumber(c: Cursor): number {
  const { text } = c;
  const start = c.at;
  let at = start;
  const negative = text.charCodeAt(at) === MINUS;
  if (negative) at++;
  const digits = at;
  let code = text.charCodeAt(at);
  let value = 0;
  while (code >= ZERO && code <= NINE) {
    value = value * 10 + (code - ZERO);
    code = text.charCodeAt(++at);
  }
  const count = at - digits;
  if (count === 0 || (count > 1 && text.charCodeAt(digits) === ZERO)) throw broken('not a number');
  if (code !== POINT && (code | 0x20) !== 0x65) {
    // Up to 2⁵³ the sum was exact, and beyond it can only be larger.
    if (value > Number.MAX_SAFE_INTEGER) throw broken('integer beyond 2^53 - 1');
    c.at = at;
    return negative ? -value : value;
  }
  if (code === POINT) at = skipDigits(text, at + 1);
  if ((text.charCodeAt(at) | 0x20) === 0x65) {
    const sign = text.charCodeAt(++at);
    at = skipDigits(text, sign === PLUS || sign === MINUS ? at + 1 : at);
  }
  c.at = at;
  const number = Number(text.slice(start, at));
  if (!Number.isFinite(number)) throw broken('number too large');
  return number;
}

function skipDigits(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; ) code = text.charCodeAt(++at);
  if (at === from) throw broken('not a number');
  return at;
}

function unexpected(c: Cursor): Broken {
  return broken(c.at >= c.text.length ? 'ends too early' : `unexpected character at ${c.at}`);
}

function broken(detail: string): Broken {
  return new Broken('json', detail);
}

function limit(detail: string): Broken {
  return new Broken('json', detail, 'LIMIT_EXCEEDED');
}
