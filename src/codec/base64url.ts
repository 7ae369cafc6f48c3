import { Broken } from '../document/broken.ts';
import { ownRoom, type Room } from './bytes.ts';
import { decodeUtf8 } from './utf8.ts';

/** One of the two alphabets of RFC 4648, with its decoding table. */
interface Alphabet {
  readonly name: string;
  readonly digits: Uint8Array;
  readonly values: Uint8Array;
}

const BAD = 0xff;
const SHARED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const URL_SAFE = alphabet('base64url', '-_');
const STANDARD = alphabet('base64', '+/');
const PADDING = 0x3d;

function alphabet(name: string, lastTwo: string): Alphabet {
  const digits = Uint8Array.from(SHARED + lastTwo, (c) => c.charCodeAt(0));
  const values = new Uint8Array(256).fill(BAD);
  for (let value = 0; value < 64; value++) values[digits[value]!] = value;
  return { name, digits, values };
}

/**
 * base64url text without padding to bytes (RFC 4648 §5, as JOSE uses it: RFC 7515 §2).
 *
 * Strict, so that one sequence of bytes has one text: padding, white space and the other alphabet are refused, and so
 * are bits left over in the last character that are not zero (RFC 4648 §3.5). Otherwise anyone could respell a signed
 * document, and a list of revoked texts would not know it again.
 *
 * @param text as a text, or as its octets
 * @param from where the base64url begins in `text`
 * @param to where it ends; a JWS is decoded part by part without being cut up
 * @param room for the bytes: a buffer of their own if absent
 * @throws Broken MALFORMED
 */
export function decodeBase64url(text: string | Uint8Array, from = 0, to = text.length, room = ownRoom): Uint8Array {
  return decode(text, from, to, URL_SAFE, room);
}

/**
 * Standard base64 with its padding to bytes (RFC 4648 §4). Line breaks, missing or superfluous padding and bits left
 * over that are not zero are refused.
 *
 * @throws Broken MALFORMED
 */
export function decodeBase64(text: string): Uint8Array {
  if ((text.length & 3) !== 0) throw new Broken(STANDARD.name, 'length is no multiple of four');
  let end = text.length;
  if (end > 0 && text.charCodeAt(end - 1) === PADDING) end--;
  if (end > 0 && end < text.length && text.charCodeAt(end - 1) === PADDING) end--;
  return decode(text, 0, end, STANDARD, ownRoom);
}

function decode(
  source: string | Uint8Array,
  from: number,
  to: number,
  { name, values }: Alphabet,
  room: Room,
): Uint8Array {
  const length = to - from;
  if (from < 0 || length < 0 || to > source.length) throw new RangeError('from and to lie outside the text');
  const rest = length & 3;
  if (rest === 1) throw new Broken(name, 'length is one more than a multiple of four');
  const bytes = room((length >> 2) * 3 + (rest === 0 ? 0 : rest - 1));
  let left = 0;
  if (typeof source !== 'string') left = fill(source, from, to, values, bytes, 0);
  for (let at = from; typeof source === 'string' && at < to && left >= 0; at += PIECE) {
    const { written } = encoder.encodeInto(source.slice(at, Math.min(at + PIECE, to)), scratch);
    left = fill(scratch, 0, written, values, bytes, ((at - from) >> 2) * 3);
    if (left < 0) left -= at;
    scratch.fill(0, 0, written);
  }
  if (left < 0) throw new Broken(name, `character outside the alphabet in the group at ${-1 - left}`);
  if (left > 0) throw new Broken(name, 'bits left over are not zero');
  return bytes;
}

/** A text is read as octets, which an engine reads faster: whole groups at a time, and nothing of it is left here. */
const PIECE = 16 * 1024;
/** The first character beyond ASCII, which takes up to four octets, always has room: none of them is in an alphabet. */
const scratch = new Uint8Array(PIECE + 4);
const encoder = new TextEncoder();

/**
 * Decodes characters into `bytes` from `at` on. Out: the bits left over in the last one; less than 0 for a character outside the
 * alphabet: −1 less the place of its group.
 */
function fill(codes: Uint8Array, from: number, to: number, values: Uint8Array, bytes: Uint8Array, at: number): number {
  const end = to - ((to - from) & 3);
  let next = at;
  for (let i = from; i < end; i += 4) {
    const v = values[codes[i]!]!;
    const w = values[codes[i + 1]!]!;
    const x = values[codes[i + 2]!]!;
    const y = values[codes[i + 3]!]!;
    if ((v | w | x | y) > 63) return -1 - i;
    bytes[next] = (v << 2) | (w >> 4);
    bytes[next + 1] = (w << 4) | (x >> 2);
    bytes[next + 2] = (x << 6) | y;
    next += 3;
  }
  if (end === to) return 0;
  const v = values[codes[end]!]!;
  const w = values[codes[end + 1]!]!;
  const x = to - end === 3 ? values[codes[end + 2]!]! : 0;
  if ((v | w | x) > 63) return -1 - end;
  bytes[next] = (v << 2) | (w >> 4);
  if (to - end === 2) return w & 15;
  bytes[next + 1] = (w << 4) | (x >> 2);
  return x & 3;
}

/** Bytes to base64url text without padding (RFC 4648 §5). */
export function encodeBase64url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE.digits, false);
}

/** Bytes to standard base64 text with padding (RFC 4648 §4). */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes, STANDARD.digits, true);
}

function encode(bytes: Uint8Array, digits: Uint8Array, padded: boolean): string {
  const rest = bytes.length % 3;
  const end = bytes.length - rest;
  const whole = (end / 3) * 4;
  const codes = new Uint8Array(whole + (rest === 0 ? 0 : padded ? 4 : rest + 1));
  let at = 0;
  for (let i = 0; i < end; i += 3) {
    const n = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    codes[at++] = digits[n >> 18]!;
    codes[at++] = digits[(n >> 12) & 63]!;
    codes[at++] = digits[(n >> 6) & 63]!;
    codes[at++] = digits[n & 63]!;
  }
  if (rest !== 0) {
    const n = (bytes[end]! << 16) | (rest === 2 ? bytes[end + 1]! << 8 : 0);
    codes[at++] = digits[n >> 18]!;
    codes[at++] = digits[(n >> 12) & 63]!;
    if (rest === 2) codes[at++] = digits[(n >> 6) & 63]!;
    codes.fill(PADDING, at);
  }
  return decodeUtf8(codes);
}
