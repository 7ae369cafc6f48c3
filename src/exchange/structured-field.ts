import {
  type BareItem,
  type Dictionary,
  type InnerList,
  type Item,
  ParseError,
  parseDictionary,
  parseItem,
  SerializeError,
  serializeDictionary,
  serializeItem,
} from 'structured-headers';
import { Broken } from '../document/broken.ts';

/**
 * Structured fields (RFC 9651), in their one spelling: what the serialisation of what was read would not write the same way is
 * refused. A name that stands twice, of which the RFC takes the last, is then no way to show two readers two things.
 */
export type { BareItem, Dictionary, InnerList, Item };

/** A head has 16 KiB; what is signed or attached is far less. */
const LONGEST = 8 * 1024;

/** @throws Broken */
export const readDictionary = (text: string): Dictionary => strict(text, parseDictionary, serializeDictionary);
/** @throws Broken */
export const readItem = (text: string): Item => strict(text, parseItem, (item) => serializeItem(item));

function strict<T>(text: string, parse: (text: string) => T, serialize: (value: T) => string): T {
  if (text.length > LONGEST) throw new Broken('structured-field', 'longer than any that is in use', 'LIMIT_EXCEEDED');
  try {
    const value = parse(text);
    if (serialize(value) === text) return value;
  } catch (error) {
    if (!(error instanceof ParseError || error instanceof SerializeError)) throw error;
    throw new Broken('structured-field', 'it is none (RFC 9651)');
  }
  throw new Broken('structured-field', 'not in the form in which RFC 9651 §4.1 writes it');
}

export const isInnerList = (member: Item | InnerList): member is InnerList => Array.isArray(member[0]);

/** A byte sequence. Undefined for anything else. */
export const bytesOf = (item: BareItem): Uint8Array | undefined =>
  item instanceof ArrayBuffer ? new Uint8Array(item) : undefined;
