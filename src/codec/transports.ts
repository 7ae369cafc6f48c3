import { Broken } from '../document/broken.ts';
import { decodeBase45, encodeBase45 } from './base45.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { deflate } from './deflate.ts';
import { inflate } from './inflate.ts';
import type { Limits } from './limits.ts';

/** One step between the scanned text or file and the envelope. */
export interface Transport {
  decode(input: string | Uint8Array, limits: Limits): string | Uint8Array;
  encode(output: string | Uint8Array): string | Uint8Array;
  /** Bytes of this step that could be changed without changing what comes out of it; undefined if none can. */
  readonly uncovered?: string;
}

/** The transport table: a new step is a new row. */
export const TRANSPORTS: Readonly<Record<string, Transport>> = {
  /** RFC 9285. */
  base45: {
    decode: (input, limits) => decodeBase45(within(text(input, 'base45'), limits)),
    encode: (output) => encodeBase45(bytes(output, 'base45')),
  },
  /** RFC 4648 §5, no padding. */
  base64url: {
    decode: (input, limits) => decodeBase64url(within(text(input, 'base64url'), limits)),
    encode: (output) => encodeBase64url(bytes(output, 'base64url')),
  },
  /** RFC 1950. */
  zlib: {
    decode: (input, limits) => inflate(bytes(input, 'zlib'), limits, 'zlib'),
    encode: (output) => deflate(bytes(output, 'zlib'), 'zlib'),
    uncovered: 'zlib: the same content can be compressed in other ways (header level, block types, matches)',
  },
  /** RFC 1951. */
  deflate: {
    decode: (input, limits) => inflate(bytes(input, 'deflate'), limits, 'raw'),
    encode: (output) => deflate(bytes(output, 'deflate'), 'raw'),
    uncovered: 'deflate: the same content can be compressed in other ways',
  },
};

function text(input: string | Uint8Array, part: string): string {
  if (typeof input !== 'string') throw new Broken(part, 'expected text, found bytes');
  return input;
}

function bytes(input: string | Uint8Array, part: string): Uint8Array {
  if (typeof input === 'string') throw new Broken(part, 'expected bytes, found text');
  return input;
}

function within(input: string, limits: Limits): string {
  if (input.length > limits.input) throw new Broken('input', 'longer than the format allows', 'LIMIT_EXCEEDED');
  return input;
}
