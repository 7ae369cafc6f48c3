import { Broken } from '../document/broken.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * DER (ITU-T X.690 §§ 8, 10, 11): a strict reader that walks offsets of the original bytes. `der-writer.ts` writes.
 *
 * The reader never recurses and never copies: a caller that knows its ASN.1 asks for one element after the other.
 * What BER allows and DER forbids (indefinite or padded lengths, constructed strings, padded integers) is refused:
 * two readers that disagree about such bytes can be made to see two different documents under one signature.
 *
 * Trouble is `Broken('der', …)`.
 */

/** Identifier octets of the universal types in use. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  t61: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visible: 0x1a,
  universal: 0x1c,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Identifier octet of a context-specific tag `[number]`; constructed unless it is an implicitly tagged primitive. */
export const contextTag = (number: number, constructed = true): number => (constructed ? 0xa0 : 0x80) | number;

const MAX_DEPTH = 32;
const CONSTRUCTED = 0x20;
/** Universal types that hold other elements: EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING. */
const CONSTRUCTED_TYPES = (1 << 8) | (1 << 11) | (1 << 16) | (1 << 17) | (1 << 29);

/** One element: `bytes[start, end)` is the whole of it, `bytes[content, end)` its content. */
export interface Element {
  readonly bytes: Uint8Array;
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
  readonly depth: number;
}

/** A place between the elements of one constructed value. `read` moves it on. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  readonly depth: number;
}

const broken = (detail: string): Broken => new Broken('der', detail);

/**
 * Reads the element at `at`, which must end at or before `end`.
 */
function elementAt(bytes: Uint8Array, at: number, end: number, depth: number): Element {
  if (end - at < 2) throw broken('element is cut off');
  const tag = bytes[at]!;
  const number = tag & 0x1f;
  if (number === 0x1f) throw broken('tag number above 30');
  if (tag < 0x40) {
    if (number === 0) throw broken('end-of-contents tag');
    const holdsElements = ((CONSTRUCTED_TYPES >>> number) & 1) === 1;
    if (holdsElements !== (tag & CONSTRUCTED) > 0) throw broken('primitive and constructed form confused');
  }
  let content = at + 2;
  let length = bytes[at + 1]!;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0) throw broken('indefinite length');
    if (count > 4) throw broken('length of more than four octets');
    if (end - content < count) throw broken('element is cut off');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + bytes[content + i]!;
    if (length < 0x80 || length < 256 ** (count - 1)) throw broken('length is not minimal');
    content += count;
  }
  if (length > end - content) throw broken('element is longer than what holds it');
  return { bytes, tag, start: at, content, end: content + length, depth };
}

/** The single element that fills `input`. Trailing bytes are refused. */
export function derOf(input: Uint8Array, tag?: number): Element {
  // A Node Buffer's subarrays are Buffers again, with another `slice` and `toString`: keep to plain views.
  const bytes =
    input.constructor === Uint8Array ? input : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  const element = elementAt(bytes, 0, bytes.length, 0);
  if (element.end !== bytes.length) throw broken('bytes after the end');
  if (tag !== undefined && element.tag !== tag) throw broken('another type was expected');
  return element;
}

/** A cursor before the first element inside a constructed one (or inside an OCTET STRING's or BIT STRING's content). */
export function inside(element: Element): Cursor {
  if (element.depth >= MAX_DEPTH) throw new Broken('der', 'nested too deeply', 'LIMIT_EXCEEDED');
  return { bytes: element.bytes, at: element.content, end: element.end, depth: element.depth + 1 };
}

export const atEnd = (cursor: Cursor): boolean => cursor.at >= cursor.end;

/** The next element's identifier octet, -1 at the end. */
export const nextTag = (cursor: Cursor): number => (cursor.at < cursor.end ? cursor.bytes[cursor.at]! : -1);

/** Reads the next element, of type `tag` where one is given. */
export function read(cursor: Cursor, tag?: number): Element {
  if (tag !== undefined && nextTag(cursor) !== tag) throw broken('another type was expected');
  const element = elementAt(cursor.bytes, cursor.at, cursor.end, cursor.depth);
  cursor.at = element.end;
  return element;
}

/** Reads the next element if it is of type `tag`. */
export const readOptional = (cursor: Cursor, tag: number): Element | undefined =>
  nextTag(cursor) === tag ? read(cursor, tag) : undefined;

/** Reads the next element, which must be of the constructed type `tag`, and goes inside. */
export const enter = (cursor: Cursor, tag: number = TAG.sequence): Cursor => inside(read(cursor, tag));

/** Refuses anything left. */
export function finish(cursor: Cursor): void {
  if (cursor.at < cursor.end) throw broken('more elements than expected');
}

/** The whole element as a view of the original bytes. */
export const rawOf = (element: Element): Uint8Array => element.bytes.subarray(element.start, element.end);
/** The element's content as a view of the original bytes. */
export const contentOf = (element: Element): Uint8Array => element.bytes.subarray(element.content, element.end);

export function booleanOf(element: Element): boolean {
  const value = element.bytes[element.content];
  if (element.end - element.content !== 1 || (value !== 0 && value !== 0xff)) throw broken('BOOLEAN is not 00 or FF');
  return value === 0xff;
}

/** An INTEGER's content octets (two's complement, big-endian), checked to be minimal (X.690 §8.3.2). */
export function integerBytesOf(element: Element): Uint8Array {
  const { bytes, content, end } = element;
  if (end === content) throw broken('INTEGER without content');
  const first = bytes[content]!;
  if (end - content > 1 && (first === 0 || first === 0xff) && (first ^ bytes[content + 1]!) < 0x80) {
    throw broken('INTEGER is not minimal');
  }
  return bytes.subarray(content, end);
}

/** A non-negative INTEGER as big-endian octets without leading zeros (zero is empty). */
export function unsignedOf(element: Element): Uint8Array {
  const bytes = integerBytesOf(element);
  if (bytes[0]! >= 0x80) throw broken('INTEGER is negative');
  return bytes[0] === 0 ? bytes.subarray(1) : bytes;
}

/** A non-negative INTEGER below 2^31 as a number. */
export function smallIntegerOf(element: Element): number {
  const bytes = unsignedOf(element);
  if (bytes.length > 4) throw new Broken('der', 'INTEGER is too large', 'LIMIT_EXCEEDED');
  let value = 0;
  for (let i = 0; i < bytes.length; i++) value = value * 256 + bytes[i]!;
  if (value > 0x7fffffff) throw new Broken('der', 'INTEGER is too large', 'LIMIT_EXCEEDED');
  return value;
}

const MAX_OID_OCTETS = 64;

/** An OBJECT IDENTIFIER in dotted form. */
export function oidOf(element: Element): string {
  const { bytes, content, end } = element;
  if (end === content || bytes[end - 1]! >= 0x80) throw broken('OBJECT IDENTIFIER is cut off');
  if (end - content > MAX_OID_OCTETS) throw new Broken('der', 'OBJECT IDENTIFIER is too long', 'LIMIT_EXCEEDED');
  let dotted = '';
  for (let at = content; at < end; ) {
    const first = at;
    if (bytes[at] === 0x80) throw broken('OBJECT IDENTIFIER arc is not minimal');
    let arc = bytes[at]! & 0x7f;
    while (bytes[at++]! >= 0x80) arc = arc * 128 + (bytes[at]! & 0x7f);
    // Seven octets hold 49 bits, which a number carries exactly; UUID arcs (2.25) are longer.
    const exact: number | bigint = at - first <= 7 ? arc : longArc(bytes, first, at);
    if (first > content) dotted += `.${exact}`;
    else if (arc < 80) dotted = arc < 40 ? `0.${arc}` : `1.${arc - 40}`;
    else dotted = typeof exact === 'bigint' ? `2.${exact - 80n}` : `2.${exact - 80}`;
  }
  return dotted;
}

function longArc(bytes: Uint8Array, from: number, to: number): bigint {
  let arc = 0n;
  for (let at = from; at < to; at++) arc = (arc << 7n) | BigInt(bytes[at]! & 0x7f);
  return arc;
}

/** A BIT STRING: its octets (unused bits are zero, X.690 §11.2.1) and how many of the last octet's bits are unused. */
export function bitStringOf(element: Element): { readonly unused: number; readonly octets: Uint8Array } {
  const { bytes, content, end } = element;
  if (end === content) throw broken('BIT STRING without content');
  const unused = bytes[content]!;
  if (unused > 7 || (unused > 0 && end - content === 1)) throw broken('BIT STRING with a wrong count of unused bits');
  if ((bytes[end - 1]! & ((1 << unused) - 1)) !== 0 && unused > 0) throw broken('BIT STRING with unused bits set');
  return { unused, octets: bytes.subarray(content + 1, end) };
}

/** A BIT STRING of whole octets (keys, signatures). */
export function wholeBitStringOf(element: Element): Uint8Array {
  const { unused, octets } = bitStringOf(element);
  if (unused !== 0) throw broken('BIT STRING does not hold whole octets');
  return octets;
}

export function nullOf(element: Element): null {
  if (element.tag !== TAG.null || element.end !== element.content) throw broken('NULL with content');
  return null;
}

const digitsAt = (bytes: Uint8Array, at: number, count: number): number => {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) throw broken('time with something else than digits');
    value = value * 10 + digit;
  }
  return value;
};

/**
 * A UTCTime or GeneralizedTime as milliseconds since 1970.
 *
 * Strict form of RFC 5280 §4.1.2.5: `YYMMDDHHMMSSZ` (years 1950–2049) and `YYYYMMDDHHMMSSZ`. `lenient` also takes what
 * X.680 allows and other systems write: no seconds, a fraction (cut to milliseconds), an offset `±hhmm`; never a
 * time without a zone.
 */
export function timeOf(element: Element, lenient = false): number {
  const { bytes, tag, content, end } = element;
  const yearDigits = tag === TAG.utcTime ? 2 : tag === TAG.generalizedTime ? 4 : 0;
  if (yearDigits === 0) throw broken('not a time');
  const strict = end - content === yearDigits + 11 && bytes[end - 1] === 0x5a;
  if (!strict && (!lenient || end - content < yearDigits + 9 || end - content > 32))
    throw broken('time not in UTC form');
  let at = content + yearDigits;
  let year = digitsAt(bytes, content, yearDigits);
  if (yearDigits === 2) year += year < 50 ? 2000 : 1900;
  const month = digitsAt(bytes, at, 2);
  const day = digitsAt(bytes, at + 2, 2);
  const hour = digitsAt(bytes, at + 4, 2);
  const minute = digitsAt(bytes, at + 6, 2);
  at += 8;
  let second = 0;
  if (strict || (bytes[at]! >= 0x30 && bytes[at]! <= 0x39)) {
    second = digitsAt(bytes, at, 2);
    at += 2;
  }
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  // Date rolls 31 June over to 1 July: what does not come back as it went in is no date.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw broken('time that does not exist');
  }
  return strict ? date.getTime() : date.getTime() + tailOfTime(bytes, at, end);
}

/** Milliseconds that a lenient time's fraction and offset add. */
function tailOfTime(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  let milliseconds = 0;
  if (bytes[at] === 0x2e || bytes[at] === 0x2c) {
    let scale = 100;
    const first = ++at;
    for (; at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++, scale /= 10) {
      if (scale >= 1) milliseconds += (bytes[at]! - 0x30) * scale;
    }
    if (at === first) throw broken('time with an empty fraction');
  }
  if (at === end - 1 && bytes[at] === 0x5a) return milliseconds;
  const sign = bytes[at] === 0x2b ? 1 : bytes[at] === 0x2d ? -1 : 0;
  if (sign === 0 || at !== end - 5) throw broken('time without a zone');
  const hours = digitsAt(bytes, at + 1, 2);
  const minutes = digitsAt(bytes, at + 3, 2);
  if (hours > 14 || minutes > 59) throw broken('time with an impossible zone');
  return milliseconds - sign * (hours * 60 + minutes) * 60_000;
}

function sevenBit(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! >= 0x80) throw broken('character outside the string type');
    text += String.fromCharCode(bytes[i]!);
  }
  return text;
}

/** T.61 in certificates is Latin-1 in practice; nobody writes its escape sequences. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Characters of `width` octets each, big-endian. BMPString is UCS-2: a surrogate is no character. */
const wide =
  (width: 2 | 4) =>
  (bytes: Uint8Array): string => {
    if (bytes.length % width !== 0) throw broken('string is cut off');
    let text = '';
    for (let i = 0; i < bytes.length; i += width) {
      let code = 0;
      for (let j = 0; j < width; j++) code = code * 256 + bytes[i + j]!;
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw broken('character outside the string type');
      text += String.fromCodePoint(code);
    }
    return text;
  };

const STRINGS = new Map<number, (bytes: Uint8Array) => string>([
  [TAG.utf8, (bytes) => decodeUtf8(bytes)],
  [TAG.numeric, sevenBit],
  [TAG.printable, sevenBit],
  [TAG.t61, latin1],
  [TAG.ia5, sevenBit],
  [TAG.visible, sevenBit],
  [TAG.universal, wide(4)],
  [TAG.bmp, wide(2)],
]);

export const isString = (element: Element): boolean => STRINGS.has(element.tag);

/** A character string of any of the types above. Strict about the encoding; the alphabet of PrintableString is not checked. */
export function textOf(element: Element): string {
  const decode = STRINGS.get(element.tag);
  if (decode === undefined) throw broken('not a character string');
  return decode(contentOf(element));
}
