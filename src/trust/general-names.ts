import { atEnd, type Cursor, contentOf, contextTag, type Element, finish, inside, read } from '../codec/der.ts';
import { encodeHex } from '../codec/hex.ts';
import { Broken } from '../document/broken.ts';
import { type Name, readName } from './names.ts';

/** General names in certificates (RFC 5280 §4.2.1.6): only paths ask for them. */

/** Context tags of GeneralName, and so the kinds of names that constraints tell apart. */
export const NAME_KIND = {
  other: 0,
  email: 1,
  dns: 2,
  x400: 3,
  directory: 4,
  edi: 5,
  uri: 6,
  ip: 7,
  registered: 8,
} as const;

export interface GeneralName {
  /** A value of `NAME_KIND`. */
  readonly kind: number;
  /** Its content: text of e-mail, DNS and URI in ASCII, octets of an address, DER of the rest. */
  readonly bytes: Uint8Array;
  /** E-mail, DNS and URI. */
  readonly text?: string;
  /** Directory names. */
  readonly name?: Name;
}

const broken = (detail: string): Broken => new Broken('certificate', detail);

const MAX_NAMES = 4096;

/** Reads the GeneralNames between here and the end of the cursor; at least one (RFC 5280 §4.2.1.6). */
export function readGeneralNames(names: Cursor): GeneralName[] {
  const all: GeneralName[] = [];
  while (!atEnd(names)) {
    if (all.length >= MAX_NAMES) throw new Broken('certificate', 'too many names', 'LIMIT_EXCEEDED');
    all.push(readGeneralName(read(names)));
  }
  if (all.length === 0) throw broken('empty list of names');
  return all;
}

const CONSTRUCTED: ReadonlySet<number> = new Set([NAME_KIND.other, NAME_KIND.x400, NAME_KIND.directory, NAME_KIND.edi]);
const TEXTS: ReadonlySet<number> = new Set([NAME_KIND.email, NAME_KIND.dns, NAME_KIND.uri]);

export function readGeneralName(element: Element): GeneralName {
  const kind = element.tag & 0x1f;
  if (kind > NAME_KIND.registered || element.tag !== contextTag(kind, CONSTRUCTED.has(kind)))
    throw broken('a kind of name that does not exist');
  const bytes = contentOf(element);
  if (kind === NAME_KIND.directory) {
    const content = inside(element);
    const name = readName(read(content));
    finish(content);
    return { kind, bytes, name };
  }
  return TEXTS.has(kind) ? { kind, bytes, text: asciiOf(bytes) } : { kind, bytes };
}

function asciiOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte >= 0x80) throw broken('a name with characters beyond ASCII');
    text += String.fromCharCode(byte);
  }
  return text;
}

/** One text for each name, the same for names that match: to find one list of names in another. */
export const nameKey = ({ kind, bytes, name }: GeneralName): string =>
  name === undefined ? `${kind}:${encodeHex(bytes)}` : `${kind}:${name.key}`;
