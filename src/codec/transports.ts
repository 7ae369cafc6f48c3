import { Broken } from '../document/broken.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import { decodeBase45, encodeBase45 } from './base45.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { sharedRoom } from './bytes.ts';
import { deflate } from './deflate.ts';
import { inflate } from './inflate.ts';
import { parseJson } from './json.ts';
import type { Limits } from './limits.ts';
import { decodeNumeric, encodeNumeric } from './numeric.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

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
    encode: (output) => encodeBase45(octets(output)),
  },
  /** RFC 4648 §5, no padding. */
  base64url: {
    decode: (input, limits) => decodeBase64url(within(text(input, 'base64url'), limits), 0, input.length, sharedRoom),
    encode: (output) => encodeBase64url(octets(output)),
  },
  /** Pairs of digits, for QR's numeric mode (SMART Health Cards). */
  numeric: {
    decode: (input, limits) => decodeNumeric(within(text(input, 'numeric'), limits)),
    encode: (output) => encodeNumeric(text(output, 'numeric')),
  },
  /** Four decimal digits that count the characters behind them. */
  counted: {
    decode: (input) => {
      const whole = text(input, 'counted');
      if (!/^\d{4}/.test(whole) || Number(whole.slice(0, 4)) !== whole.length - 4) {
        throw new Broken('counted', 'the length written before the content is not its length');
      }
      return whole.slice(4);
    },
    encode: (output) => {
      const content = output as string;
      if (content.length > 9999) throw new Broken('counted', 'longer than four digits can say', 'FIELD_INVALID');
      return `${String(content.length).padStart(4, '0')}${content}`;
    },
  },
  /** RFC 1950. */
  zlib: {
    decode: (input, limits) => inflate(bytes(input, 'zlib'), limits, 'zlib', { room: sharedRoom }),
    encode: (output) => deflate(octets(output), 'zlib'),
    uncovered: 'zlib: the same content can be compressed in other ways (header level, block types, matches)',
  },
  /** RFC 1951. */
  deflate: {
    decode: (input, limits) => inflate(bytes(input, 'deflate'), limits, 'raw', { room: sharedRoom }),
    encode: (output) => deflate(octets(output), 'raw'),
    uncovered: 'deflate: the same content can be compressed in other ways',
  },
};

/** Steps that take an argument, `member:/a/b`. A new one is a new row. */
export const TRANSPORTS_WITH: Readonly<Record<string, (argument: string) => Transport>> = {
  /** The text that stands in a JSON object; a list of texts must have one, for two would be two documents. */
  member: (pointer) => {
    const steps = stepsOf(pointer);
    return {
      decode: (input, limits) => {
        const whole = parseJson(within(typeof input === 'string' ? input : decodeUtf8(input), limits), limits);
        const found = valueAt(whole, steps);
        const list: readonly unknown[] = Array.isArray(found) ? found : [found];
        if (list.length > 1) throw new Broken('member', `${list.length} documents`, 'SEVERAL_CODES');
        if (typeof list[0] !== 'string') throw new Broken('member', `no text at ${pointer}`);
        return list[0];
      },
      encode: () => {
        throw new Broken('member', 'a document is not written into a file of this kind', 'FIELD_INVALID');
      },
      uncovered: 'JSON file: everything around the member',
    };
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

/** What is written may be text: an envelope of fields, for example. */
const octets = (output: string | Uint8Array): Uint8Array => (typeof output === 'string' ? encodeUtf8(output) : output);

function within(input: string, limits: Limits): string {
  if (input.length > limits.input) throw new Broken('input', 'longer than the format allows', 'LIMIT_EXCEEDED');
  return input;
}
