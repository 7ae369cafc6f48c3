import { Broken } from '../document/broken.ts';

const encoder = new TextEncoder();
// A byte order mark is kept: dropped silently, two different signed texts would read the same.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Up to this many bytes, building a string of ASCII here is faster than a call into the platform. */
const SHORT = 48;

/**
 * UTF-8 to text (RFC 3629), strict: overlong forms, encoded surrogates, code points above U+10FFFF and sequences cut
 * short are refused, never replaced, because a replaced character would make two different names equal.
 *
 * @throws Broken MALFORMED
 */
export function decodeUtf8(bytes: Uint8Array, from = 0, to = bytes.length): string {
  if (to - from <= SHORT) {
    const text = shortAscii(bytes, from, to);
    if (text !== undefined) return text;
  }
  try {
    return decoder.decode(bytes.subarray(from, to));
  } catch {
    // The platform's error says no more than this, and it is not one of ours.
    throw new Broken('utf8', 'not valid UTF-8');
  }
}

function shortAscii(bytes: Uint8Array, from: number, to: number): string | undefined {
  let all = 0;
  for (let i = from; i < to; i++) all |= bytes[i]!;
  if (all > 127) return undefined;
  let text = '';
  let i = from;
  // Eight at a time: one call with eight arguments costs about as much as one call with one.
  for (; i + 8 <= to; i += 8) {
    text += String.fromCharCode(
      bytes[i]!,
      bytes[i + 1]!,
      bytes[i + 2]!,
      bytes[i + 3]!,
      bytes[i + 4]!,
      bytes[i + 5]!,
      bytes[i + 6]!,
      bytes[i + 7]!,
    );
  }
  if (i + 4 <= to) {
    text += String.fromCharCode(bytes[i]!, bytes[i + 1]!, bytes[i + 2]!, bytes[i + 3]!);
    i += 4;
  }
  if (i + 2 <= to) {
    text += String.fromCharCode(bytes[i]!, bytes[i + 1]!);
    i += 2;
  }
  return i < to ? text + String.fromCharCode(bytes[i]!) : text;
}

/**
 * Text to UTF-8.
 *
 * @throws Broken MALFORMED for a lone surrogate, which has no UTF-8 form
 */
export function encodeUtf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new Broken('utf8', 'lone surrogate');
  return encoder.encode(text);
}
