import { Broken } from '../document/broken.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { emptyObject, type Value, type ValueObject } from './value.ts';

/** How a line of fields is laid out: what stands between them, and their names in order. */
export interface DelimitedOptions {
  readonly separator: string;
  readonly fields: readonly string[];
}

/**
 * A line of fields between separators (`a$b$$d`) to an object. An empty field is absent. Errors: Broken MALFORMED if
 * there are more or fewer fields than names: then nobody knows which is which.
 */
export function readDelimited(bytes: Uint8Array, { separator, fields }: DelimitedOptions): ValueObject {
  const parts = decodeUtf8(bytes).split(separator);
  if (parts.length !== fields.length)
    throw new Broken('fields', `${parts.length} fields where the format has ${fields.length}`);
  const object = emptyObject();
  parts.forEach((part, i) => {
    if (part !== '') object[fields[i]!] = part;
  });
  return object;
}

/** The inverse. Errors: Broken FIELD_INVALID for a value that is no text, holds the separator, or has no field. */
export function writeDelimited(value: Value, { separator, fields }: DelimitedOptions): Uint8Array {
  const object = value as ValueObject;
  const stray = Object.keys(object).find((name) => !fields.includes(name));
  if (stray !== undefined) throw new Broken('fields', `the format has no field "${stray}"`, 'FIELD_INVALID');
  const parts = fields.map((name) => {
    const part = object[name] ?? '';
    if (typeof part !== 'string' && typeof part !== 'number') throw new Broken(name, 'not a text', 'FIELD_INVALID');
    const text = String(part);
    if (text.includes(separator)) throw new Broken(name, 'holds the sign that separates fields', 'FIELD_INVALID');
    return text;
  });
  return encodeUtf8(parts.join(separator));
}
