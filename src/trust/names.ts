import {
  atEnd,
  type Cursor,
  type Element,
  enter,
  finish,
  inside,
  isString,
  oidOf,
  rawOf,
  read,
  TAG,
  textOf,
} from '../codec/der.ts';
import { encodeHex } from '../codec/hex.ts';
import { Broken } from '../document/broken.ts';

/** Names in certificates: distinguished names (RFC 5280 §4.1.2.4, compared by §7.1) and general names (§4.2.1.6). */

export interface Name {
  /** The Name's DER. */
  readonly raw: Uint8Array;
  /**
   * What it says, for people, by short name (`CN`, `O`, `C` …) or OID. Values of an attribute that comes more than once
   * are joined by `, `.
   */
  readonly attributes: Readonly<Record<string, string>>;
  /** One text for each part of the name, the same for parts that match; `key` is all of them in one. */
  readonly parts: readonly string[];
  readonly key: string;
  /** Values of its emailAddress attributes, which name constraints bind. */
  readonly emails: readonly string[];
}

const broken = (detail: string): Broken => new Broken('certificate', detail);

const MAX_ATTRIBUTES = 1024;
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';

/** Short names of attributes (RFC 4519, RFC 5280 appendix A, RFC 2985). */
const ATTRIBUTES = new Map<string, string>([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  [EMAIL_ADDRESS, 'E'],
]);

/**
 * Reads a Name from its element.
 *
 * @throws Broken part `certificate`, `der` or `utf8`
 */
export function readName(name: Element): Name {
  const attributes: Record<string, string> = Object.create(null);
  const parts: string[] = [];
  const emails: string[] = [];
  let count = 0;
  for (const names = inside(expectTag(name, TAG.sequence)); !atEnd(names); ) {
    const relative = enter(names, TAG.set);
    if (atEnd(relative)) throw broken('empty part of a name');
    const terms: string[] = [];
    while (!atEnd(relative)) {
      if (++count > MAX_ATTRIBUTES) throw new Broken('certificate', 'name has too many parts', 'LIMIT_EXCEEDED');
      const { type, value } = readAttribute(relative);
      const key = ATTRIBUTES.get(type) ?? type;
      // RFC 4514 §2.4: a value that is no string is shown as the hexadecimal of its DER.
      const text = isString(value) ? textOf(value) : `#${encodeHex(rawOf(value))}`;
      const before = attributes[key];
      attributes[key] = before === undefined ? text : `${before}, ${text}`;
      if (type === EMAIL_ADDRESS && isString(value)) emails.push(text);
      terms.push(termOf(type, isString(value) ? `=${folded(text)}` : text));
    }
    parts.push(terms.length === 1 ? terms[0]! : terms.sort().join('+'));
  }
  return { raw: rawOf(name), attributes, parts, key: parts.join(','), emails };
}

function readAttribute(relative: Cursor): { type: string; value: Element } {
  const attribute = enter(relative);
  const type = oidOf(read(attribute, TAG.oid));
  const value = read(attribute);
  finish(attribute);
  return { type, value };
}

/** With its length in front, so that no text can pass for two parts. */
const termOf = (type: string, value: string): string => `${type}:${value.length}:${value}`;

/**
 * RFC 5280 §7.1 (with RFC 4518 §2): strings match whatever their type, case and inner white space. What other readers
 * fold less matches here too; that decides who may be an issuer, never who is: its key does.
 */
function folded(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return text.normalize('NFKC').toLowerCase().split(/\s+/).filter(Boolean).join(' ');
}
const PLAIN = /^[!-~]+$/;

/** A part of a name by itself (RelativeDistinguishedName), as distribution points may be given. */
export function readPart(content: Element): string {
  const terms: string[] = [];
  for (const relative = inside(content); !atEnd(relative); ) {
    const { type, value } = readAttribute(relative);
    terms.push(termOf(type, isString(value) ? `=${folded(textOf(value))}` : `#${encodeHex(rawOf(value))}`));
    if (terms.length > MAX_ATTRIBUTES) throw new Broken('certificate', 'name has too many parts', 'LIMIT_EXCEEDED');
  }
  return terms.sort().join('+');
}

/** The key of the name that an issuer's with this part behind it makes. */
export const joinedName = (name: Name, part: string): string => [...name.parts, part].join(',');

function expectTag(element: Element, tag: number): Element {
  if (element.tag !== tag) throw broken('a name of another type than expected');
  return element;
}
