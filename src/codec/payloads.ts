import { decodeCbor, encodeCbor } from './cbor.ts';
import { parseJson, writeJson } from './json.ts';
import type { Limits } from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import type { Value } from './value.ts';

export interface PayloadCodec {
  decode(bytes: Uint8Array, limits: Limits): Value;
  encode(value: Value): Uint8Array;
}

/** The payload table: signed bytes ↔ plain data. A new payload is a new row. */
export const PAYLOADS: Readonly<Record<string, PayloadCodec>> = {
  cbor: { decode: (bytes, limits) => decodeCbor(bytes, limits), encode: encodeCbor },
  json: {
    decode: (bytes, limits) => parseJson(decodeUtf8(bytes), limits),
    encode: (value) => encodeUtf8(writeJson(value)),
  },
};
