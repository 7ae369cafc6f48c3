import { decodeCbor, encodeCbor } from './cbor.ts';
import { type DelimitedOptions, readDelimited, writeDelimited } from './delimited.ts';
import { type FixedOptions, readFixed, writeFixed } from './fixed.ts';
import { parseJson, writeJson } from './json.ts';
import type { Limits } from './limits.ts';
import { decodeMetadata, encodeMetadata } from './ofd-metadata.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import type { Value } from './value.ts';

/** How a payload without names of its own is laid out. */
export interface Layout {
  readonly delimited?: DelimitedOptions;
  readonly fixed?: FixedOptions;
}

export interface PayloadCodec {
  /** The member of the layout that it cannot do without. */
  readonly needs?: keyof Layout;
  decode(bytes: Uint8Array, limits: Limits, layout: Layout): Value;
  encode(value: Value, layout: Layout): Uint8Array;
}

/** The payload table: signed bytes ↔ plain data. A new payload is a new row. */
export const PAYLOADS: Readonly<Record<string, PayloadCodec>> = {
  cbor: { decode: (bytes, limits) => decodeCbor(bytes, limits), encode: encodeCbor },
  json: {
    decode: (bytes, limits) => parseJson(decodeUtf8(bytes), limits),
    encode: (value) => encodeUtf8(writeJson(value)),
  },
  /** The metadata of an electronic licence, in OFD.xml or in a file of their own: read alike, written as named. */
  'ofd-metadata': { decode: decodeMetadata, encode: (value) => encodeMetadata(value, 'ofd') },
  'xmi-metadata': { decode: decodeMetadata, encode: (value) => encodeMetadata(value, 'xmi') },
  delimited: {
    needs: 'delimited',
    decode: (bytes, _, layout) => readDelimited(bytes, layout.delimited!),
    encode: (value, layout) => writeDelimited(value, layout.delimited!),
  },
  fixed: {
    needs: 'fixed',
    decode: (bytes, _, layout) => readFixed(bytes, layout.fixed!),
    encode: (value, layout) => writeFixed(value, layout.fixed!),
  },
};
