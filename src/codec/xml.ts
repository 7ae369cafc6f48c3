import { Broken } from '../document/broken.ts';
import type { Limits } from './limits.ts';
import { decodeUtf8 } from './utf8.ts';
import { isNameOnly, isNameStart } from './xml-names.ts';

/**
 * A strict reader of XML 1.0 (fifth edition) with namespaces, for signature files and metadata. `xml-writer.ts` writes.
 *
 * There is no document type declaration and there are no entities but the five that XML itself names: nothing can be
 * fetched, and nothing grows while it is read. It never recurses. What two parsers may read differently (another
 * encoding, version 1.1, an attribute twice) is refused.
 */
export interface XmlElement {
  /** The local part of the name. */
  readonly name: string;
  /** Empty if there is none. */
  readonly namespace: string;
  /** Without namespace declarations. */
  readonly attributes: readonly XmlAttribute[];
  /** Elements and texts in order. References are resolved, line ends are line feeds (XML 1.0 §2.11), nothing is trimmed. */
  readonly children: readonly (XmlElement | string)[];
}

export interface XmlAttribute {
  readonly name: string;
  readonly namespace: string;
  readonly value: string;
}

/** An element that is still open. `qualified` is its name as it stands, which the end tag must repeat. */
interface Open extends XmlElement {
  readonly qualified: string;
  readonly children: (XmlElement | string)[];
  readonly scope: Scope;
}

/** A prefix and what it stands for, before the ones declared further out. `depth` is how many there are. */
interface Scope {
  readonly prefix: string;
  readonly namespace: string;
  readonly outer: Scope | undefined;
  readonly depth: number;
}

interface Cursor {
  readonly text: string;
  at: number;
  items: number;
}

const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const OUTERMOST: Scope = {
  prefix: 'xml',
  namespace: XML,
  outer: { prefix: '', namespace: '', outer: undefined, depth: 1 },
  depth: 2,
};

const MAX_ATTRIBUTES = 64;
const MAX_NAME = 256;
/** Declared around one element, by itself and all outer ones: for every name all of them may have to be looked through. */
const MAX_DECLARED = 64;
const DEEPEST = 256;

const broken = (detail: string): Broken => new Broken('xml', detail);
const limit = (detail: string): Broken => new Broken('xml', detail, 'LIMIT_EXCEEDED');

/**
 * Reads a document: its root element.
 *
 * @param bytes UTF-8, with or without a byte order mark
 * @param limits `input` bytes, `depth` of elements, `items`: elements, attributes and texts together
 * @throws Broken part `xml` or `utf8`: MALFORMED, or LIMIT_EXCEEDED
 */
export function parseXml(bytes: Uint8Array, limits: Pick<Limits, 'input' | 'depth' | 'items'>): XmlElement {
  if (bytes.length > limits.input) throw limit('text is too long');
  const text = decodeUtf8(bytes);
  const c: Cursor = { text, at: text.charCodeAt(0) === 0xfeff ? 1 : 0, items: limits.items };
  refuseControls(text, c.at);
  readDeclaration(c);
  const depth = Math.min(limits.depth, DEEPEST);
  const open: Open[] = [];
  let root: XmlElement | undefined;
  while (c.at < text.length) {
    const inner = open.at(-1);
    const next = text.indexOf('<', c.at);
    if (next !== c.at) {
      addText(c, inner, next < 0 ? text.length : next);
      continue;
    }
    const code = text.charCodeAt(c.at + 1);
    if (code === SLASH) {
      if (inner === undefined) throw broken('end tag without a beginning');
      readEndTag(c, inner.qualified);
      open.pop();
    } else if (code === QUESTION) {
      skipInstruction(c);
    } else if (code === EXCLAMATION) {
      readMarkup(c, inner);
    } else {
      if (inner === undefined && root !== undefined) throw broken('more than one root');
      if (open.length >= depth) throw limit('nested too deeply');
      const { element, closed } = readStartTag(c, inner?.scope ?? OUTERMOST);
      root ??= element;
      inner?.children.push(element);
      if (!closed) open.push(element);
    }
  }
  if (open.length > 0) throw broken('cut short');
  if (root === undefined) throw broken('no element');
  return root;
}

const SLASH = 0x2f;
const QUESTION = 0x3f;
const EXCLAMATION = 0x21;
const GREATER = 0x3e;
const EQUALS = 0x3d;
const COLON = 0x3a;
const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** XML 1.0 §2.2. Halves of surrogate pairs cannot come out of strict UTF-8. */
function refuseControls(text: string, from: number): void {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 ? !isSpace(code) : code >= 0xfffe) throw broken('character that XML does not allow');
  }
}

const DECLARATION =
  /^<\?xml\s+version\s*=\s*(["'])1\.0\1(?:\s+encoding\s*=\s*(["'])[Uu][Tt][Ff]-8\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\3)?\s*\?>$/;

/** An encoding other than the one the bytes have would make another reader see other characters. */
function readDeclaration(c: Cursor): void {
  if (!c.text.startsWith('<?xml', c.at) || !isSpace(c.text.charCodeAt(c.at + 5))) return;
  const end = c.text.indexOf('?>', c.at) + 2;
  if (end < 2 || end - c.at > 200 || !DECLARATION.test(c.text.slice(c.at, end))) {
    throw broken('not declared as XML 1.0 in UTF-8');
  }
  c.at = end;
}

/** A processing instruction speaks to some other program, and is passed over. */
function skipInstruction(c: Cursor): void {
  c.at += 2;
  if (/^xml$/i.test(readName(c))) throw broken('declaration in the wrong place');
  skipPast(c, '?>', 'processing instruction');
}

/** Moves past the next `end`. */
function skipPast(c: Cursor, end: string, what: string): void {
  const found = c.text.indexOf(end, c.at);
  if (found < 0) throw broken(`${what} without an end`);
  c.at = found + end.length;
}

/** What begins with `<!`: a comment, which is passed over, or a CDATA section. */
function readMarkup(c: Cursor, inner: Open | undefined): void {
  if (c.text.startsWith('<!--', c.at)) {
    const dashes = c.text.indexOf('--', c.at + 4);
    if (dashes < 0 || c.text.charCodeAt(dashes + 2) !== GREATER) throw broken('comment without an end');
    c.at = dashes + 3;
  } else if (inner !== undefined && c.text.startsWith('<![CDATA[', c.at)) {
    const from = c.at + 9;
    skipPast(c, ']]>', 'CDATA section');
    append(c, inner, lineEnds(c.text.slice(from, c.at - 3)));
  } else {
    // DOCTYPE: external files, and entities that grow (billion laughs).
    throw broken('document type declaration, or unknown markup');
  }
}

function addText(c: Cursor, inner: Open | undefined, end: number): void {
  const raw = c.text.slice(c.at, end);
  c.at = end;
  if (inner === undefined) {
    if (/[^ \t\r\n]/.test(raw)) throw broken('text outside the root');
    return;
  }
  if (raw.includes(']]>')) throw broken('end of a CDATA section without a beginning');
  append(c, inner, withReferences(lineEnds(raw)));
}

/** Texts that only a comment or CDATA section kept apart are one text. */
function append(c: Cursor, inner: Open, text: string): void {
  const last = inner.children.length - 1;
  const before = inner.children[last];
  if (typeof before === 'string') inner.children[last] = before + text;
  else if (text !== '') {
    count(c);
    inner.children.push(text);
  }
}

function count(c: Cursor): void {
  if (--c.items < 0) throw limit('too many elements, attributes and texts');
}

const lineEnds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

const NAMED: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  lt: '<',
  gt: '>',
  amp: '&',
  apos: "'",
  quot: '"',
});
/** `&#x10FFFF;` without its ends, with room for some zeros. */
const MAX_REFERENCE = 12;

function withReferences(text: string): string {
  let at = text.indexOf('&');
  if (at < 0) return text;
  let out = '';
  let from = 0;
  for (; at >= 0; at = text.indexOf('&', from)) {
    const name = text.slice(at + 1, at + 2 + MAX_REFERENCE);
    const length = name.indexOf(';');
    if (length < 1) throw broken('reference without an end');
    out += text.slice(from, at) + referred(name.slice(0, length));
    from = at + length + 2;
  }
  return out + text.slice(from);
}

function referred(name: string): string {
  if (name.charCodeAt(0) !== 0x23) {
    const character = NAMED[name];
    if (character === undefined) throw broken('entity that XML does not define');
    return character;
  }
  const hexadecimal = /^#x[0-9a-fA-F]+$/.test(name);
  if (!hexadecimal && !/^#[0-9]+$/.test(name)) throw broken('reference to no character');
  const code = Number.parseInt(name.slice(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10);
  const allowed = code < 0x20 ? isSpace(code) : code < 0xd800 || (code > 0xdfff && code < 0xfffe) || code > 0xffff;
  if (!allowed || code > 0x10ffff) throw broken('reference to a character that XML does not allow');
  return String.fromCodePoint(code);
}

function readEndTag(c: Cursor, qualified: string): void {
  c.at += 2;
  if (!c.text.startsWith(qualified, c.at)) throw broken('end tag of another element');
  c.at += qualified.length;
  skipSpace(c);
  if (c.text.charCodeAt(c.at) !== GREATER) throw broken('end tag of another element');
  c.at += 1;
}

/** Whether there was any. */
function skipSpace(c: Cursor): boolean {
  const from = c.at;
  while (isSpace(c.text.charCodeAt(c.at))) c.at += 1;
  return c.at > from;
}

function readStartTag(c: Cursor, outer: Scope): { element: Open; closed: boolean } {
  count(c);
  c.at += 1;
  const qualified = readName(c);
  const raw: { readonly qualified: string; readonly value: string }[] = [];
  let scope = outer;
  let closed = false;
  for (;;) {
    const spaced = skipSpace(c);
    const code = c.text.charCodeAt(c.at);
    if (code === GREATER || code === SLASH) {
      closed = code === SLASH;
      if (closed && c.text.charCodeAt(c.at + 1) !== GREATER) throw broken('start tag is damaged');
      c.at += closed ? 2 : 1;
      break;
    }
    if (!spaced) throw broken('start tag is damaged or cut short');
    if (raw.length >= MAX_ATTRIBUTES) throw limit('too many attributes');
    count(c);
    const attribute = readAttribute(c);
    if (raw.some((other) => other.qualified === attribute.qualified)) throw broken('attribute comes twice');
    raw.push(attribute);
    scope = declared(attribute, scope);
  }
  const colon = qualified.indexOf(':');
  const element: Open = {
    name: colon < 0 ? qualified : qualified.slice(colon + 1),
    namespace: namespaceOf(colon < 0 ? '' : qualified.slice(0, colon), scope),
    attributes: raw.length === 0 ? NONE : attributesOf(raw, scope),
    children: [],
    qualified,
    scope,
  };
  return { element, closed };
}

const NONE: readonly XmlAttribute[] = [];

function attributesOf(raw: readonly { qualified: string; value: string }[], scope: Scope): XmlAttribute[] {
  const attributes: XmlAttribute[] = [];
  for (const { qualified, value } of raw) {
    if (isDeclaration(qualified)) continue;
    const colon = qualified.indexOf(':');
    // An attribute without a prefix is in no namespace, whatever the default (Namespaces in XML §6.2).
    const namespace = colon < 0 ? '' : namespaceOf(qualified.slice(0, colon), scope);
    const name = qualified.slice(colon + 1);
    // Without a prefix two of one name were found out before.
    if (colon >= 0 && attributes.some((other) => other.name === name && other.namespace === namespace)) {
      throw broken('attribute comes twice');
    }
    attributes.push({ name, namespace, value });
  }
  return attributes;
}

const isDeclaration = (qualified: string): boolean => qualified === 'xmlns' || qualified.startsWith('xmlns:');

function readAttribute(c: Cursor): { qualified: string; value: string } {
  const qualified = readName(c);
  skipSpace(c);
  if (c.text.charCodeAt(c.at) !== EQUALS) throw broken('attribute without a value');
  c.at += 1;
  skipSpace(c);
  const quote = c.text[c.at];
  if (quote !== '"' && quote !== "'") throw broken('attribute value without quotes');
  const end = c.text.indexOf(quote, c.at + 1);
  if (end < 0) throw broken('attribute value without an end');
  const raw = c.text.slice(c.at + 1, end);
  c.at = end + 1;
  if (raw.includes('<')) throw broken('attribute value with a tag inside');
  // XML 1.0 §3.3.3: white space that stands for itself becomes a space, white space by reference stays.
  const value = withReferences(/[\t\r\n]/.test(raw) ? lineEnds(raw).replace(/[\t\n]/g, ' ') : raw);
  return { qualified, value };
}

/** Namespaces in XML §3: the scope with what this attribute declares, if it declares anything. */
function declared({ qualified, value }: { qualified: string; value: string }, outer: Scope): Scope {
  if (!isDeclaration(qualified)) return outer;
  const prefix = qualified.slice(6);
  const reserved = value === XMLNS || prefix === 'xmlns' || (prefix === 'xml') !== (value === XML);
  if (reserved) throw broken('reserved prefix or namespace');
  if (prefix !== '' && value === '') throw broken('prefix without a namespace');
  if (outer.depth >= MAX_DECLARED) throw limit('too many namespaces are declared');
  return { prefix, namespace: value, outer, depth: outer.depth + 1 };
}

function namespaceOf(prefix: string, scope: Scope): string {
  for (let s: Scope | undefined = scope; s !== undefined; s = s.outer) if (s.prefix === prefix) return s.namespace;
  throw broken('prefix that is not declared');
}

/** A name with at most one colon, which stands neither first nor last. */
function readName(c: Cursor): string {
  const from = c.at;
  let colon = -1;
  for (; ; c.at++) {
    const code = c.text.charCodeAt(c.at);
    if (code === COLON) {
      if (colon >= 0 || c.at === from) throw broken('name with a colon in the wrong place');
      colon = c.at;
    } else if (!isNameStart(code) && (c.at === from || c.at === colon + 1 || !isNameOnly(code))) {
      break;
    }
  }
  if (c.at === from || c.at === colon + 1) throw broken('name is missing');
  if (c.at - from > MAX_NAME) throw limit('name is too long');
  return c.text.slice(from, c.at);
}

/** The child elements of this local name; in one of the namespaces, if any are given. */
export const childrenNamed = (parent: XmlElement, name: string, namespaces?: ReadonlySet<string>): XmlElement[] =>
  parent.children.filter(
    (child): child is XmlElement =>
      typeof child !== 'string' && child.name === name && (namespaces === undefined || namespaces.has(child.namespace)),
  );

/** An attribute without namespace. */
export const attributeOf = (element: XmlElement, name: string): string | undefined =>
  element.attributes.find((attribute) => attribute.name === name && attribute.namespace === '')?.value;

/** The element's own text, which must be all there is in it. */
export function textOfElement(element: XmlElement): string {
  let text = '';
  for (const child of element.children) {
    if (typeof child !== 'string') throw broken('element where only text is expected');
    text += child;
  }
  return text;
}
