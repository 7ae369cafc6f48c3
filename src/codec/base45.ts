import { Broken } from '../document/broken.ts';
import { sharedRoom } from './bytes.ts';
import { decodeUtf8 } from './utf8.ts';

/** RFC 9285, table 1: the characters of a QR code's alphanumeric mode. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/**
 * What a character adds to its triplet, by position. A character outside the alphabet adds more than any sum of three
 * may reach, so that one comparison refuses both a bad character and a triplet that encodes no two bytes.
 */
const BAD = 0x1_0000;
const ONES = weights(1);
const FORTY_FIVES = weights(45);
const SQUARES = weights(2025);
const DIGITS = Uint8Array.from(ALPHABET, (c) => c.charCodeAt(0));

function weights(weight: number): Int32Array {
  const table = new Int32Array(256).fill(BAD);
  for (let value = 0; value < 45; value++) table[ALPHABET.charCodeAt(value)] = value * weight;
  return table;
}

/**
 * Base45 text to bytes (RFC 9285 §4).
 *
 * Strict, so that one sequence of bytes has one text and a signed document cannot be respelled: lower case, white space
 * and anything else outside the alphabet are refused, as are a length of 3n + 1, a triplet above 65,535 and a final
 * pair above 255.
 *
 * @param from where the base45 begins in `text`: a prefix such as `HC1:` need not be cut off first
 * @throws Broken MALFORMED
 */
export function decodeBase45(text: string, from = 0): Uint8Array {
  const length = text.length - from;
  if (length < 0 || from < 0) throw new RangeError('from lies outside the text');
  const rest = length % 3;
  if (rest === 1) throw new Broken('base45', 'length is one more than a multiple of three');
  const end = text.length - rest;
  const bytes = sharedRoom(((length - rest) / 3) * 2 + (rest >> 1));
  if (!decodedQuickly(text, from, end, bytes)) decodeGroups(text, from, end, bytes);
  if (rest === 2) {
    const a = text.charCodeAt(end);
    const b = text.charCodeAt(end + 1);
    if ((a | b) > 255) throw refused(end);
    const n = ONES[a]! + FORTY_FIVES[b]!;
    if (n > 0xff) throw refused(end);
    bytes[bytes.length - 1] = n;
  }
  return bytes;
}

const encoder = new TextEncoder();
const scratch = new Uint8Array(16 * 1024);

/** From bytes, which the platform makes of a text at once: signs asked for one by one cost twice as much. False if there is trouble. */
function decodedQuickly(text: string, from: number, end: number, bytes: Uint8Array): boolean {
  if (text.length > scratch.length) return false;
  const { read, written } = encoder.encodeInto(text, scratch);
  let good = read === text.length && written === read;
  for (let i = from, at = 0; good && i < end; i += 3, at += 2) {
    const n = ONES[scratch[i]!]! + FORTY_FIVES[scratch[i + 1]!]! + SQUARES[scratch[i + 2]!]!;
    good = n <= 0xffff;
    bytes[at] = n >> 8;
    bytes[at + 1] = n;
  }
  // What a document says must not outlive the call.
  scratch.fill(0, 0, written);
  return good;
}

function decodeGroups(text: string, from: number, end: number, bytes: Uint8Array): void {
  let at = 0;
  for (let i = from; i < end; i += 3) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    if ((a | b | c) > 255) throw refused(i);
    const n = ONES[a]! + FORTY_FIVES[b]! + SQUARES[c]!;
    if (n > 0xffff) throw refused(i);
    bytes[at] = n >> 8;
    bytes[at + 1] = n;
    at += 2;
  }
}

function refused(index: number): Broken {
  return new Broken('base45', `character outside the alphabet, or value too large, in the group at ${index}`);
}

/** Bytes to base45 text (RFC 9285 §4). */
export function encodeBase45(bytes: Uint8Array): string {
  const even = bytes.length & ~1;
  const codes = new Uint8Array((even / 2) * 3 + (bytes.length & 1) * 2);
  let at = 0;
  for (let i = 0; i < even; i += 2) {
    const n = (bytes[i]! << 8) | bytes[i + 1]!;
    codes[at++] = DIGITS[n % 45]!;
    codes[at++] = DIGITS[((n / 45) | 0) % 45]!;
    codes[at++] = DIGITS[(n / 2025) | 0]!;
  }
  if (even < bytes.length) {
    const n = bytes[even]!;
    codes[at++] = DIGITS[n % 45]!;
    codes[at++] = DIGITS[(n / 45) | 0]!;
  }
  return decodeUtf8(codes);
}
