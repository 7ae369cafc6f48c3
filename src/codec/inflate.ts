import { Broken } from '../document/broken.ts';
import type { Room } from './bytes.ts';
import { type Inflated, inflateBlocks } from './inflate-blocks.ts';
import type { Limits } from './limits.ts';

export type { Inflated };

/**
 * Our own inflate, for one reason above speed: server, command line and browser must judge the same bytes alike, and the
 * platforms' own differ in what they accept after the stream and in how they can be stopped. What is refused here is
 * what zlib refuses, plus bytes after the end.
 */

/** What surrounds the deflated data: RFC 1950, nothing (RFC 1951), or RFC 1952. */
export type Container = 'zlib' | 'raw' | 'gzip';

/**
 * Inflates one stream.
 *
 * @param bytes the container's bytes, and nothing after them unless `allowTrailing` is given; they are copied once, so
 *   do not pass a whole archive for each of its entries
 * @param limits `inflated` bounds the output in bytes, and so the memory taken for it, whatever the input claims
 * @param options `room` for the bytes: a buffer of their own if absent
 * @returns the bytes; with `allowTrailing`, also how many input bytes were used (a zip entry
 *   is followed by the next one)
 * @throws Broken MALFORMED if the stream is damaged, cut short, needs a preset dictionary, fails its checksum or has
 *   bytes after it; LIMIT_EXCEEDED if it would grow beyond the limit
 */
export function inflate(
  bytes: Uint8Array,
  limits: Pick<Limits, 'inflated'>,
  container?: Container,
  options?: { readonly room: Room },
): Uint8Array;
export function inflate(
  bytes: Uint8Array,
  limits: Pick<Limits, 'inflated'>,
  container: Container,
  options: { readonly allowTrailing: true },
): Inflated;
export function inflate(
  bytes: Uint8Array,
  limits: Pick<Limits, 'inflated'>,
  container: Container = 'zlib',
  options: { readonly allowTrailing?: true; readonly room?: Room } = {},
): Uint8Array | Inflated {
  const { header, trailer, check } = CONTAINERS[container];
  const inflated = inflateBlocks(bytes, header(bytes), limits.inflated, options.room);
  const used = inflated.used + trailer;
  if (used > bytes.length) throw broken('cut short');
  check(bytes, inflated.used, inflated.bytes);
  if (options.allowTrailing) return { bytes: inflated.bytes, used };
  if (used < bytes.length) throw broken('bytes after the end of the stream');
  return inflated.bytes;
}

/** How a container begins (giving where the blocks do), how long its trailer is, and the check of what it says. */
interface Wrapping {
  header(bytes: Uint8Array): number;
  readonly trailer: number;
  check(bytes: Uint8Array, at: number, result: Uint8Array): void;
}

const CONTAINERS: Record<Container, Wrapping> = {
  raw: { header: () => 0, trailer: 0, check: () => {} },
  zlib: { header: zlibHeader, trailer: 4, check: zlibTrailer },
  gzip: { header: gzipHeader, trailer: 8, check: gzipTrailer },
};

/** RFC 1950 §2.2. */
function zlibHeader(bytes: Uint8Array): number {
  if (bytes.length < 2) throw broken('cut short');
  const method = bytes[0]!;
  const flags = bytes[1]!;
  if (((method << 8) | flags) % 31 !== 0) throw broken('zlib header check is wrong');
  if ((method & 15) !== 8 || method >> 4 > 7) throw broken('not the deflate method, or window too large');
  // A dictionary would have to come from somewhere; none of ours uses one.
  if ((flags & 0x20) !== 0) throw broken('preset dictionary');
  return 2;
}

function zlibTrailer(bytes: Uint8Array, at: number, result: Uint8Array): void {
  const stated = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (stated >>> 0 !== adler32(result)) throw broken('Adler-32 is wrong');
}

/** RFC 1952 §2.3. One member only. */
function gzipHeader(bytes: Uint8Array): number {
  if (bytes.length < 10) throw broken('cut short');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) throw broken('not a gzip header');
  const flags = bytes[3]!;
  if ((flags & 0xe0) !== 0) throw broken('reserved gzip flags');
  let at = 10;
  if ((flags & 4) !== 0) {
    if (at + 2 > bytes.length) throw broken('cut short');
    at += 2 + (bytes[at]! | (bytes[at + 1]! << 8));
  }
  for (const text of [8, 16]) {
    if ((flags & text) === 0) continue;
    const zero = bytes.indexOf(0, at);
    if (zero < 0) throw broken('cut short');
    at = zero + 1;
  }
  if ((flags & 2) !== 0) {
    if (at + 2 > bytes.length) throw broken('cut short');
    if ((bytes[at]! | (bytes[at + 1]! << 8)) !== (crc32(bytes.subarray(0, at)) & 0xffff)) {
      throw broken('gzip header check is wrong');
    }
    at += 2;
  }
  if (at > bytes.length) throw broken('cut short');
  return at;
}

function gzipTrailer(bytes: Uint8Array, at: number, result: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  if (view.getUint32(0, true) !== crc32(result)) throw broken('CRC-32 is wrong');
  if (view.getUint32(4, true) !== result.length) throw broken('length is wrong');
}

/** RFC 1950 §8.2, as an unsigned 32-bit number. */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  let i = 0;
  const { length } = bytes;
  while (i < length) {
    // As many as cannot overflow 31 bits before the remainder is taken.
    const end = Math.min(length, i + 3800);
    for (const fours = end - 3; i < fours; i += 4) {
      const w = bytes[i]!;
      const x = bytes[i + 1]!;
      const y = bytes[i + 2]!;
      const z = bytes[i + 3]!;
      b = (b + 4 * a + 4 * w + 3 * x + 2 * y + z) | 0;
      a = (a + w + x + y + z) | 0;
    }
    for (; i < end; i++) {
      a += bytes[i]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}

const CRC = Int32Array.from({ length: 256 }, (_, i) => {
  let crc = i;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

/** CRC-32 of gzip and zip (RFC 1952 §8), as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ CRC[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}

function broken(detail: string): Broken {
  return new Broken('inflate', detail);
}
