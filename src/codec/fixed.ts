import { Broken } from '../document/broken.ts';
import { joinBytes } from './bytes.ts';
import { decodeHex, encodeHex } from './hex.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { emptyObject, type Value, type ValueObject } from './value.ts';

/** How the bytes of a field are read. */
export type FieldKind = 'text' | 'hex' | 'uint' | 'bytes';

export interface FixedField {
  readonly name: string;
  readonly bytes: number;
  readonly as: FieldKind;
}

/** A binary frame: fields of fixed lengths, then, if the format has them, tagged ones (tag, length, value; a byte each). */
export interface FixedOptions {
  readonly fields: readonly FixedField[];
  readonly tagged?: readonly { readonly tag: number; readonly name: string; readonly as: FieldKind }[];
}

interface Kind {
  read(bytes: Uint8Array, name: string): Value;
  write(value: Value, bytes: number | undefined, name: string): Uint8Array;
}

/** One row for each kind of field. */
const KINDS: Readonly<Record<FieldKind, Kind>> = {
  text: {
    read: (bytes) => decodeUtf8(bytes),
    write: (value, _, name) => (typeof value === 'string' ? encodeUtf8(value) : wrong(name, 'not a text')),
  },
  hex: {
    read: (bytes) => encodeHex(bytes),
    write: (value, _, name) => (typeof value === 'string' ? decodeHex(value) : wrong(name, 'not hex')),
  },
  bytes: {
    read: (bytes) => bytes,
    write: (value, _, name) => (value instanceof Uint8Array ? value : wrong(name, 'not bytes')),
  },
  uint: {
    read: (bytes, name) => {
      if (bytes.length > 6) throw new Broken(name, 'a number of more than six bytes');
      return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    },
    write: (value, bytes = 1, name) => {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value >= 256 ** bytes)
        return wrong(name, 'a number that does not fit');
      return Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) % 256);
    },
  },
};

const wrong = (name: string, detail: string): never => {
  throw new Broken(name, detail, 'FIELD_INVALID');
};

/** A frame to an object. Errors: Broken MALFORMED if it is short, has bytes left, or a tag twice. A tag without a row is kept as `tag-<n>` (hex). */
export function readFixed(bytes: Uint8Array, { fields, tagged }: FixedOptions): ValueObject {
  const object = emptyObject();
  let at = 0;
  for (const { name, bytes: length, as } of fields) {
    if (at + length > bytes.length) throw new Broken(name, 'the frame ends before this field');
    object[name] = KINDS[as].read(bytes.subarray(at, at + length), name);
    at += length;
  }
  while (tagged !== undefined && at < bytes.length) {
    const tag = bytes[at]!;
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length)
      throw new Broken('tagged', 'the frame ends inside a tagged field');
    const row = tagged.find((each) => each.tag === tag);
    const name = row?.name ?? `tag-${tag}`;
    if (Object.hasOwn(object, name)) throw new Broken(name, 'stands twice');
    object[name] = KINDS[row?.as ?? 'hex'].read(bytes.subarray(at + 2, at + 2 + length), name);
    at += 2 + length;
  }
  if (at !== bytes.length) throw new Broken('frame', 'bytes after the last field');
  return object;
}

/** The inverse. Errors: Broken FIELD_INVALID for a value that does not fit its field. */
export function writeFixed(value: Value, { fields, tagged = [] }: FixedOptions): Uint8Array {
  const object = value as ValueObject;
  const parts: Uint8Array[] = fields.map(({ name, bytes, as }) => {
    const part = KINDS[as].write(object[name] ?? null, bytes, name);
    return part.length === bytes ? part : wrong(name, `${part.length} bytes where the frame has ${bytes}`);
  });
  for (const { tag, name, as } of tagged) {
    const own = object[name];
    if (own === undefined) continue;
    const part = KINDS[as].write(own, undefined, name);
    if (part.length > 255) return wrong(name, 'more than 255 bytes');
    parts.push(Uint8Array.of(tag, part.length), part);
  }
  return joinBytes(parts);
}
