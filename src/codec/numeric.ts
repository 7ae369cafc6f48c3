import { Broken } from '../document/broken.ts';
import { decodeUtf8 } from './utf8.ts';

/** SMART Health Cards, "Encoding Chunks as QR Codes": a character is written as its code less 45, in two digits. */
const OFFSET = 45;
/** `z`: the last character of base64url. What stands above it needs no place in a code of this kind. */
const LAST = 0x7a - OFFSET;
const ZERO = 0x30;

/**
 * Pairs of digits to text (a JWS, as a rule), for codes in QR's numeric mode.
 *
 * Strict, so that a text has one spelling: an odd count, anything but ASCII digits and pairs above 77 are refused.
 *
 * @throws Broken MALFORMED
 */
export function decodeNumeric(digits: string): string {
  if ((digits.length & 1) !== 0) throw new Broken('numeric', 'an odd number of digits');
  const codes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < codes.length; i++) {
    const tens = digits.charCodeAt(2 * i) - ZERO;
    const ones = digits.charCodeAt(2 * i + 1) - ZERO;
    if (!(tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) throw new Broken('numeric', 'something else than digits');
    const value = tens * 10 + ones;
    if (value > LAST) throw new Broken('numeric', 'a pair of digits above 77');
    codes[i] = value + OFFSET;
  }
  return decodeUtf8(codes);
}

/**
 * Text to pairs of digits.
 *
 * @throws Broken MALFORMED for a character outside `-` to `z`
 */
export function encodeNumeric(text: string): string {
  let digits = '';
  for (let i = 0; i < text.length; i++) {
    const value = text.charCodeAt(i) - OFFSET;
    if (!(value >= 0 && value <= LAST)) throw new Broken('numeric', 'a character that has no pair of digits');
    digits += value < 10 ? `0${value}` : value;
  }
  return digits;
}
