import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { deflate } from './deflate.ts';
import { inflate } from './inflate.ts';

/**
 * A status list: one bit for each document that its issuer numbers, as in an IETF Token Status List with one bit for each
 * (compressed with zlib; index 0 is the lowest bit of the first byte). A W3C Bitstring Status List is the same with the
 * bits of each byte in the other order, and gzip.
 */
export interface StatusBits {
  /** Documents that it speaks of, a multiple of eight. */
  readonly size: number;
  /** How many of them are revoked. */
  readonly count: number;
  /** Whether the document with this index is revoked; undefined where the list does not speak of it. */
  has(index: number): boolean | undefined;
}

/** 256 million documents. */
const MAX_BYTES = 32 << 20;

/**
 * Reads a list from its text.
 *
 * @throws Broken of base64url or inflate: MALFORMED, or LIMIT_EXCEEDED
 */
export function readStatusList(text: string): StatusBits {
  const bytes = inflate(decodeBase64url(text), { inflated: MAX_BYTES }, 'zlib');
  const size = bytes.length * 8;
  let count = 0;
  for (let i = 0; i < bytes.length; i++) count += ONES[bytes[i]!]!;
  return {
    size,
    count,
    has: (index) =>
      Number.isInteger(index) && index >= 0 && index < size
        ? ((bytes[Math.floor(index / 8)]! >>> (index % 8)) & 1) === 1
        : undefined,
  };
}

/** How many bits of a byte are set. */
const ONES = new Uint8Array(256);
for (let value = 1; value < 256; value++) ONES[value] = (value & 1) + ONES[value >>> 1]!;

/** Writes a list that speaks of at least `size` documents, those of `revoked` revoked. Errors: RangeError for an index outside. */
export function writeStatusList(size: number, revoked: Iterable<number>): string {
  if (size > MAX_BYTES * 8) throw new RangeError('too many documents');
  const bytes = new Uint8Array(Math.ceil(size / 8));
  for (const index of revoked) {
    if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError('no index of the list');
    bytes[Math.floor(index / 8)]! |= 1 << (index % 8);
  }
  return encodeBase64url(deflate(bytes));
}

/** The index as a document says it: a whole number, or its decimal digits. */
export function indexOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^(0|[1-9]\d{0,9})$/.test(value)) return Number(value);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return undefined;
}
