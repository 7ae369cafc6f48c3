import { contextTag, TAG } from './der.ts';

/**
 * Writes DER (ITU-T X.690). Every function gives one whole element; constructed ones take their elements in order.
 * Only programmers' mistakes are possible here, so they throw RangeError.
 */

/** One element of the type `tag` around the given parts. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  let lengthOctets = 0;
  if (length >= 0x80) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthOctets++;
  const out = new Uint8Array(2 + lengthOctets + length);
  out[0] = tag;
  out[1] = lengthOctets === 0 ? length : 0x80 | lengthOctets;
  for (let i = lengthOctets, rest = length; i > 0; i--, rest = Math.floor(rest / 256)) out[1 + i] = rest % 256;
  let at = 2 + lengthOctets;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(TAG.sequence, ...parts);

/** SET OF: the elements are put in the order of their octets (X.690 §11.6). */
export const setOf = (...parts: readonly Uint8Array[]): Uint8Array =>
  element(TAG.set, ...[...parts].sort(compareOctets));

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** `[number]` EXPLICIT around one element, or IMPLICIT constructed around the inner elements. */
export const context = (number: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  element(contextTag(number), ...parts);

/** `[number]` IMPLICIT of a primitive type: its content octets. */
export const contextPrimitive = (number: number, content: Uint8Array): Uint8Array =>
  element(contextTag(number, false), content);

export const boolean = (value: boolean): Uint8Array => element(TAG.boolean, Uint8Array.of(value ? 0xff : 0));

export const nullValue = (): Uint8Array => element(TAG.null);

/** An INTEGER from a number or, if non-negative, from its big-endian octets. */
export function integer(value: number | bigint | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return element(TAG.integer, signedOctets(value));
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError('not an exact integer');
  const big = BigInt(value);
  let octets = 1;
  while (BigInt.asIntN(octets * 8, big) !== big) octets++;
  const out = new Uint8Array(octets);
  for (let i = octets - 1, rest = big; i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return element(TAG.integer, out);
}

/** Big-endian octets without superfluous zeros, and with the one zero that keeps the sign positive. */
function signedOctets(unsigned: Uint8Array): Uint8Array {
  let from = 0;
  while (from < unsigned.length && unsigned[from] === 0) from++;
  const pad = from === unsigned.length || unsigned[from]! >= 0x80 ? 1 : 0;
  const out = new Uint8Array(unsigned.length - from + pad);
  out.set(unsigned.subarray(from), pad);
  return out;
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const arcs = dotted.split('.').map((arc) => BigInt(arc));
  const [root, second, ...rest] = arcs;
  if (root === undefined || second === undefined || root > 2n || (root < 2n && second > 39n)) {
    throw new RangeError('not an object identifier');
  }
  const octets: number[] = [];
  for (const arc of [root * 40n + second, ...rest]) {
    if (arc < 0n) throw new RangeError('not an object identifier');
    const group: number[] = [];
    let left = arc;
    do {
      group.unshift(Number(left & 0x7fn) | (group.length > 0 ? 0x80 : 0));
      left >>= 7n;
    } while (left > 0n);
    octets.push(...group);
  }
  return element(TAG.oid, Uint8Array.from(octets));
}

/** A BIT STRING of whole octets; `unused` says how many bits of the last octet do not count (they must be zero). */
export const bitString = (octets: Uint8Array, unused = 0): Uint8Array =>
  element(TAG.bitString, Uint8Array.of(unused), octets);

export const octetString = (octets: Uint8Array): Uint8Array => element(TAG.octetString, octets);

const encoder = new TextEncoder();
export const utf8String = (text: string): Uint8Array => element(TAG.utf8, encoder.encode(text));

/** PrintableString (country codes) and IA5String (names of hosts, identifiers): ASCII only. */
export const printableString = (text: string): Uint8Array => element(TAG.printable, ascii(text));
export const ia5String = (text: string): Uint8Array => element(TAG.ia5, ascii(text));

function ascii(text: string): Uint8Array {
  const octets = encoder.encode(text);
  if (octets.length !== text.length) throw new RangeError('not ASCII');
  return octets;
}

/** `YYYYMMDDHHMMSSZ`, whole seconds (RFC 5280 §4.1.2.5.2). Years 0 to 9999. */
export function generalizedTime(milliseconds: number): Uint8Array {
  const text = new Date(milliseconds).toISOString();
  if (text.length !== 24) throw new RangeError('year out of range');
  return element(TAG.generalizedTime, ascii(`${text.slice(0, 19).replace(/[-T:]/g, '')}Z`));
}

/** A certificate's Time: UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function time(milliseconds: number): Uint8Array {
  const year = new Date(milliseconds).getUTCFullYear();
  const general = generalizedTime(milliseconds);
  return year >= 1950 && year < 2050 ? element(TAG.utcTime, general.subarray(4)) : general;
}
