import { Broken } from '../document/broken.ts';
import { joinBytes } from './bytes.ts';
import { looksLikeInteger, MAJOR } from './cbor-form.ts';
import type { Limits } from './limits.ts';
import { decodeUtf8 } from './utf8.ts';
import { emptyObject, type Value, type ValueObject } from './value.ts';

export { MAJOR } from './cbor-form.ts';
export { encodeCbor, encodeHead, encodeTagged } from './cbor-writer.ts';

/**
 * A place in a sequence of CBOR items, with the bounds that hold for all that is read through it. `decodeCbor` reads one
 * whole payload; an envelope such as COSE takes its items one by one (`readTag`, `readArrayHead`, `readBytes`, …).
 */
export interface CborReader {
  readonly bytes: Uint8Array;
  /** Index of the next byte. */
  at: number;
  /** Index after the last byte. */
  readonly end: number;
  readonly depth: number;
  /** How many more values may be read. */
  items: number;
  /** Tags that are read as if they were not there, besides 0 and 1. */
  readonly tags: readonly number[];
}

/** Whatever the limits say: each level costs a stack frame. */
const DEEPEST = 500;
const INDEFINITE = 31;
const BREAK = 0xff;
const DATE_TEXT = 0;
const EPOCH = 1;

/**
 * One CBOR item to plain data (RFC 8949), strictly where two decoders could differ.
 *
 * Definite and indefinite lengths and arguments longer than need be are read: real documents have them, and what is
 * signed is the bytes. Refused are: a key twice in one map (§5.6), keys other than integers and text, a text key that
 * looks like an integer (see `Value`), invalid UTF-8, simple values other than false, true, null and undefined, bytes
 * after the item, and lengths beyond the input, before anything is allocated for them.
 *
 * Tags 0 and 1 are transparent, their content checked (§3.4.1, §3.4.2). Others are refused unless in `tags`, since a tag
 * changes what its content means; those in `tags` are transparent too.
 *
 * @param limits `depth` counts nested arrays, maps and tags; `items` counts every element, entry and scalar
 * @param from first byte in `bytes`
 * @param to after the last byte
 * @returns undefined as null, integers beyond ±(2⁵³ − 1) as bigint, byte strings as views of `bytes`
 * @throws Broken MALFORMED or LIMIT_EXCEEDED
 */
export function decodeCbor(
  bytes: Uint8Array,
  limits: Pick<Limits, 'depth' | 'items'>,
  from = 0,
  to = bytes.length,
  tags: readonly number[] = [],
): Value {
  const reader = cborReader(bytes, limits, from, to, tags);
  const value = readItem(reader, 0);
  readEnd(reader);
  return value;
}

/** A reader for `bytes` between `from` and `to`; `tags` as in `decodeCbor`. */
export function cborReader(
  bytes: Uint8Array,
  limits: Pick<Limits, 'depth' | 'items'>,
  from = 0,
  to = bytes.length,
  tags: readonly number[] = [],
): CborReader {
  if (from < 0 || from > to || to > bytes.length) throw new RangeError('from and to lie outside the bytes');
  return { bytes, at: from, end: to, depth: Math.min(limits.depth, DEEPEST), items: limits.items, tags };
}

/** The next item as plain data. */
export function readValue(r: CborReader): Value {
  return readItem(r, 0);
}

/** The number of the tag that comes next, or undefined if what comes next is no tag. Tags may follow one another: 61(18(…)). */
export function readTag(r: CborReader): number | undefined {
  if (r.at >= r.end || r.bytes[r.at]! >> 5 !== MAJOR.tag) return undefined;
  return argument(r, r.bytes[r.at++]! & 31);
}

/** The number of elements of the array that comes next; Infinity if it ends with a break (then ask `readBreak`). */
export function readArrayHead(r: CborReader): number {
  return count(r, expect(r, MAJOR.array), 1);
}

/** The byte string that comes next, as a view; one in chunks is put together. */
export function readBytes(r: CborReader): Uint8Array {
  return byteString(r, expect(r, MAJOR.bytes));
}

/** Whether a break comes next; if so it is read. */
export function readBreak(r: CborReader): boolean {
  if (r.at >= r.end) throw cutShort();
  if (r.bytes[r.at] !== BREAK) return false;
  r.at++;
  return true;
}

/** Refuses anything that is left. */
export function readEnd(r: CborReader): void {
  if (r.at !== r.end) throw broken('bytes after the item');
}

/** Reads an initial byte of this major type and gives its additional information. */
function expect(r: CborReader, major: number): number {
  if (r.at >= r.end) throw cutShort();
  const initial = r.bytes[r.at++]!;
  if (initial >> 5 !== major) throw broken('another type of item was expected');
  return initial & 31;
}

function readItem(r: CborReader, depth: number): Value {
  if (--r.items < 0) throw limit('too many values');
  if (r.at >= r.end) throw cutShort();
  const initial = r.bytes[r.at++]!;
  const major = initial >> 5;
  const info = initial & 31;
  if (major === MAJOR.text) return textString(r, info);
  if (major <= MAJOR.negative) return integer(r, major, info);
  if (major === MAJOR.bytes) return byteString(r, info);
  if (major === MAJOR.simple) return simple(r, info);
  if (depth >= r.depth) throw limit('nested too deeply');
  if (major === MAJOR.map) return map(r, info, depth + 1);
  if (major === MAJOR.array) return array(r, info, depth + 1);
  return tagged(r, info, depth + 1);
}

/** The argument of a head (§3): exact up to 2⁵³, and too large for any length beyond. */
function argument(r: CborReader, info: number): number {
  if (info < 24) return info;
  const { bytes, at } = r;
  const size = 1 << (info - 24);
  // 28 to 30 are reserved; 31 is no argument, and whoever can use it has looked before.
  if (info > 27) throw broken('reserved additional information');
  if (at + size > r.end) throw cutShort();
  r.at = at + size;
  if (size === 1) return bytes[at]!;
  if (size === 2) return (bytes[at]! << 8) | bytes[at + 1]!;
  if (size === 4) return uint32(bytes, at);
  return uint32(bytes, at) * 0x1_0000_0000 + uint32(bytes, at + 4);
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function integer(r: CborReader, major: number, info: number): number | bigint {
  const n = argument(r, info);
  if (n < Number.MAX_SAFE_INTEGER) return major === MAJOR.unsigned ? n : -1 - n;
  if (n === Number.MAX_SAFE_INTEGER && major === MAJOR.unsigned) return n;
  const exact = (BigInt(uint32(r.bytes, r.at - 8)) << 32n) | BigInt(uint32(r.bytes, r.at - 4));
  return major === MAJOR.unsigned ? exact : -1n - exact;
}

/** The length of a string, refused if it is not there: nothing is allocated on the word of a head. */
function length(r: CborReader, info: number): number {
  const n = argument(r, info);
  if (n > r.end - r.at) throw broken('length beyond the input');
  return n;
}

function textString(r: CborReader, info: number): string {
  if (info === INDEFINITE) return chunks(r, MAJOR.text, textString).join('');
  const size = length(r, info);
  const from = r.at;
  r.at = from + size;
  return decodeUtf8(r.bytes, from, r.at);
}

function byteString(r: CborReader, info: number): Uint8Array {
  if (info === INDEFINITE) return joinBytes(chunks(r, MAJOR.bytes, byteString));
  const size = length(r, info);
  const from = r.at;
  r.at = from + size;
  return r.bytes.subarray(from, r.at);
}

/** The chunks of a string without a length (§3.2.3): definite, of the same type, each valid by itself. */
function chunks<T>(r: CborReader, major: number, read: (r: CborReader, info: number) => T): T[] {
  const parts: T[] = [];
  while (!readBreak(r)) {
    if (--r.items < 0) throw limit('too many values');
    const info = expect(r, major);
    if (info === INDEFINITE) throw broken('a chunk without a length');
    parts.push(read(r, info));
  }
  return parts;
}

/** How many entries of `each` items follow, refused if the input cannot hold them; Infinity if a break ends them. */
function count(r: CborReader, info: number, each: number): number {
  if (info === INDEFINITE) return Number.POSITIVE_INFINITY;
  const n = argument(r, info);
  if (n * each > r.end - r.at) throw broken('length beyond the input');
  if (n > r.items) throw limit('too many values');
  return n;
}

function array(r: CborReader, info: number, depth: number): Value[] {
  const n = count(r, info, 1);
  const values: Value[] = [];
  if (n === Number.POSITIVE_INFINITY) while (!readBreak(r)) values.push(readItem(r, depth));
  else for (let i = 0; i < n; i++) values.push(readItem(r, depth));
  return values;
}

function map(r: CborReader, info: number, depth: number): ValueObject {
  const n = count(r, info, 2);
  const object = emptyObject();
  for (let i = 0; i < n; i++) {
    if (n === Number.POSITIVE_INFINITY && readBreak(r)) break;
    const name = key(r);
    if (object[name] !== undefined) throw broken('the same key twice in a map');
    object[name] = readItem(r, depth);
  }
  return object;
}

function key(r: CborReader): string {
  if (r.at >= r.end) throw cutShort();
  const initial = r.bytes[r.at++]!;
  const major = initial >> 5;
  const info = initial & 31;
  if (major <= MAJOR.negative) return String(integer(r, major, info));
  if (major !== MAJOR.text) throw broken('a key that is neither integer nor text');
  return info < 24 ? shortName(r, info) : textKey(r, info);
}

function textKey(r: CborReader, info: number): string {
  const name = textString(r, info);
  if (looksLikeInteger(name)) throw broken('a text key that looks like an integer');
  return name;
}

/**
 * Documents of one kind use the same names again and again. One that was seen lately is taken from here instead of being
 * made anew, which saves a quarter of a payload's time. A miss costs little, so whoever fills the table with other names
 * gains nothing. Only names are kept, never values, at most 256 of 23 characters.
 */
const NAMES: string[] = new Array(256).fill('');

function shortName(r: CborReader, size: number): string {
  const { bytes, at } = r;
  if (size > r.end - at) throw broken('length beyond the input');
  let hash = size;
  for (let i = at; i < at + size; i++) hash = (Math.imul(hash, 31) + bytes[i]!) & 0xffff;
  const slot = (hash ^ (hash >> 8)) & 255;
  const seen = NAMES[slot]!;
  // Only ASCII is kept, so that a byte is a character.
  let same = seen.length === size ? 0 : -1;
  while (same >= 0 && same < size) same = seen.charCodeAt(same) === bytes[at + same] ? same + 1 : -1;
  if (same === size) {
    r.at = at + size;
    return seen;
  }
  const name = textKey(r, size);
  if (name.length === size) NAMES[slot] = name;
  return name;
}

function tagged(r: CborReader, info: number, depth: number): Value {
  const tag = argument(r, info);
  if (tag !== DATE_TEXT && tag !== EPOCH) {
    if (!r.tags.includes(tag)) throw broken('a tag that is not expected here');
    return readItem(r, depth);
  }
  const value = readItem(r, depth);
  if (tag === DATE_TEXT ? typeof value !== 'string' : typeof value !== 'number' && typeof value !== 'bigint') {
    throw broken('a date tag on something else');
  }
  return value;
}

/** RFC 8949 §3.3. */
function simple(r: CborReader, info: number): Value {
  const known = SIMPLE[info];
  if (known !== undefined) return known;
  const size = FLOATS[info];
  if (size === undefined) throw broken(info === INDEFINITE ? 'a break where nothing can end' : 'no such simple value');
  if (r.at + size > r.end) throw cutShort();
  const view = new DataView(r.bytes.buffer, r.bytes.byteOffset + r.at, size);
  r.at += size;
  return size === 2 ? half(view.getUint16(0)) : size === 4 ? view.getFloat32(0) : view.getFloat64(0);
}

/** false, true, null, undefined by their additional information; and the sizes of floating-point numbers. */
const SIMPLE: readonly (boolean | null | undefined)[] = Object.assign([], { 20: false, 21: true, 22: null, 23: null });
const FLOATS: readonly (number | undefined)[] = Object.assign([], { 25: 2, 26: 4, 27: 8 });

/** IEEE 754 binary16, as RFC 8949 appendix D. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

function cutShort(): Broken {
  return broken('cut short');
}

function broken(detail: string): Broken {
  return new Broken('cbor', detail);
}

function limit(detail: string): Broken {
  return new Broken('cbor', detail, 'LIMIT_EXCEEDED');
}
