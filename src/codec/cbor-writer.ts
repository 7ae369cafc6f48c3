import { Broken } from '../document/broken.ts';
import { looksLikeInteger, MAJOR } from './cbor-form.ts';
import { encodeUtf8 } from './utf8.ts';
import type { Value, ValueObject } from './value.ts';

/** What has been written. One buffer serves all calls, since nothing here waits. */
const out = { bytes: new Uint8Array(4096), size: 0 };
const KEPT = out.bytes;
/** Deeper data is a mistake of ours, and each level costs a stack frame. */
const DEEPEST = 500;
const SMALL_HALF = 2 ** -14;
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * Plain data as one CBOR item, by the core deterministic encoding of RFC 8949 §4.2.1: shortest heads and floating-point
 * numbers, definite lengths, keys in the order of their encoding. Object keys that are canonical integers (`4`, `-260`)
 * are written as integers, byte arrays as byte strings, integral numbers and bigints as integers (−0 as a float).
 *
 * @returns bytes that `decodeCbor` reads back to equal data
 * @throws Broken MALFORMED for integers of more than 64 bits, the key `-0` and lone surrogates
 */
export function encodeCbor(value: Value): Uint8Array {
  return written(() => writeValue(value, 0));
}

/** A tagged item (RFC 8949 §3.4), such as COSE_Sign1 as tag 18 around its array. */
export function encodeTagged(tag: number, value: Value): Uint8Array {
  return written(() => {
    writeHead(MAJOR.tag, tag);
    writeValue(value, 0);
  });
}

/** The head of an item (RFC 8949 §3): `major` from MAJOR; `argument` an integer from 0 to 2⁵³ − 1. */
export function encodeHead(major: number, argument: number): Uint8Array {
  return written(() => writeHead(major, argument));
}

function written(write: () => void): Uint8Array {
  try {
    write();
    return out.bytes.slice(0, out.size);
  } finally {
    // What a document says must not outlive the call, nor must a large buffer.
    KEPT.fill(0);
    out.bytes = KEPT;
    out.size = 0;
  }
}

/** Makes room for `n` more bytes and gives the place of the first. */
function reserve(n: number): number {
  const at = out.size;
  out.size += n;
  if (out.size > out.bytes.length) {
    const larger = new Uint8Array(Math.max(out.size, out.bytes.length * 2));
    larger.set(out.bytes.subarray(0, at));
    out.bytes = larger;
  }
  return at;
}

function writeValue(value: Value, depth: number): void {
  if (depth > DEEPEST) throw new Broken('cbor', 'nested too deeply', 'LIMIT_EXCEEDED');
  if (typeof value === 'string') writeText(value);
  else if (typeof value === 'number') writeNumber(value);
  else if (typeof value === 'bigint') writeBigint(value);
  else if (value === null) writeByte(0xf6);
  else if (typeof value === 'boolean') writeByte(value ? 0xf5 : 0xf4);
  else if (value instanceof Uint8Array) {
    writeHead(MAJOR.bytes, value.length);
    writeBytes(value);
  } else if (isArray(value)) {
    writeHead(MAJOR.array, value.length);
    for (const element of value) writeValue(element, depth + 1);
  } else writeMap(value, depth + 1);
}

/** `Array.isArray` does not narrow a readonly array away from what is left. */
function isArray(value: readonly Value[] | ValueObject): value is readonly Value[] {
  return Array.isArray(value);
}

function writeByte(byte: number): void {
  const at = reserve(1);
  out.bytes[at] = byte;
}

function writeBytes(bytes: Uint8Array): void {
  const at = reserve(bytes.length);
  out.bytes.set(bytes, at);
}

function writeHead(major: number, n: number): void {
  const type = major << 5;
  if (n < 24) {
    writeByte(type | n);
    return;
  }
  const size = n < 0x100 ? 1 : n < 0x1_0000 ? 2 : n < 0x1_0000_0000 ? 4 : 8;
  const at = reserve(1 + size);
  const { bytes } = out;
  bytes[at] = type | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27);
  let rest = n;
  for (let i = at + size; i > at; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function writeText(text: string): void {
  const bytes = encodeUtf8(text);
  writeHead(MAJOR.text, bytes.length);
  writeBytes(bytes);
}

function writeInteger(n: number): void {
  if (n >= 0) writeHead(MAJOR.unsigned, n);
  else writeHead(MAJOR.negative, -1 - n);
}

function writeBigint(n: bigint): void {
  const number = Number(n);
  if (Number.isSafeInteger(number)) {
    writeInteger(number);
    return;
  }
  const argument = n < 0n ? -1n - n : n;
  if (argument > MAX_UINT64) throw new Broken('cbor', 'an integer of more than 64 bits');
  const at = reserve(9);
  out.bytes[at] = ((n < 0n ? MAJOR.negative : MAJOR.unsigned) << 5) | 27;
  new DataView(out.bytes.buffer).setBigUint64(at + 1, argument);
}

function writeNumber(n: number): void {
  if (Number.isSafeInteger(n) && !Object.is(n, -0)) {
    writeInteger(n);
    return;
  }
  const half = toHalf(n);
  const single = half === undefined && Math.fround(n) === n;
  const at = reserve(half !== undefined ? 3 : single ? 5 : 9);
  const view = new DataView(out.bytes.buffer, at);
  if (half !== undefined) {
    view.setUint8(0, 0xf9);
    view.setUint16(1, half);
  } else if (single) {
    view.setUint8(0, 0xfa);
    view.setFloat32(1, n);
  } else {
    view.setUint8(0, 0xfb);
    view.setFloat64(1, n);
  }
}

/** The bits of IEEE 754 binary16 if they say exactly `n`. */
function toHalf(n: number): number | undefined {
  if (Number.isNaN(n)) return 0x7e00;
  const sign = n < 0 || Object.is(n, -0) ? 0x8000 : 0;
  const size = Math.abs(n);
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size > 65504) return undefined;
  // Below the smallest normal number the unit is 2⁻²⁴; above it, the last of ten bits after the first.
  const exponent = size < SMALL_HALF ? -14 : Math.floor(Math.log2(size));
  const units = size * 2 ** (10 - exponent);
  if (!Number.isInteger(units)) return undefined;
  return sign | (((exponent + 14) << 10) + units);
}

function writeMap(object: ValueObject, depth: number): void {
  const entries = Object.keys(object).map((name) => ({ name, key: encodedKey(name) }));
  entries.sort((a, b) => compare(a.key, b.key));
  writeHead(MAJOR.map, entries.length);
  for (const { name, key } of entries) {
    writeBytes(key);
    writeValue(object[name]!, depth);
  }
}

/** The key as it is written, which decides its place. */
function encodedKey(name: string): Uint8Array {
  const from = out.size;
  if (!looksLikeInteger(name)) writeText(name);
  // −0 is no integer that could be read back as this key.
  else if (name === '-0') throw new Broken('cbor', 'a key that looks like an integer and is none');
  // 20 digits and a sign hold every 64-bit integer; BigInt is slow on a text of many digits.
  else if (name.length > 21) throw new Broken('cbor', 'an integer of more than 64 bits');
  else writeBigint(BigInt(name));
  const key = out.bytes.slice(from, out.size);
  out.size = from;
  return key;
}

/** Bytewise lexicographic order. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
