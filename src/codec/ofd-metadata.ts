import { Broken } from '../document/broken.ts';
import type { Limits } from './limits.ts';
import { emptyObject, type Value, type ValueObject } from './value.ts';
import { attributeOf, parseXml, textOfElement, type XmlElement } from './xml.ts';
import { writeXml, type XmlOut } from './xml-writer.ts';

/**
 * Metadata of electronic licences (GB/T 36903) as they stand in OFD.xml and in metadata files beside a licence:
 * `CustomDatas/CustomData Name=…`. One system writes `CuslomDatas/CuslomData name=…`; that is read too, never written.
 */
const LISTS: ReadonlySet<string> = new Set(['CustomDatas', 'CuslomDatas']);
const ENTRIES: ReadonlySet<string> = new Set(['CustomData', 'CuslomData']);
/** Where the list may stand, from the root inwards: in OFD.xml, in a metadata file, or alone. */
const NAMESPACE = { ofd: 'http://www.ofdspec.org/2016', xmi: 'org.omg.ofd' } as const;

/**
 * Metadata as plain data: `{ CustomDatas: { ZZBS: … }, DocID: …, CreationDate: … }`: the entries by name, and beside them
 * the plain texts of DocInfo, or the root's attributes.
 *
 * @throws Broken part `xml`, `utf8` or `metadata`
 */
export function decodeMetadata(bytes: Uint8Array, limits: Limits): Value {
  const root = parseXml(bytes, limits);
  const holder = holderOf(root);
  const result = emptyObject();
  for (const { name, namespace, value } of holder.attributes) if (namespace === '') result[name] = value;
  for (const child of holder.children) {
    if (typeof child === 'string') continue;
    if (LISTS.has(child.name)) addOnce(result, 'CustomDatas', entriesOf(child));
    else if (child.children.every((inner) => typeof inner === 'string'))
      addOnce(result, child.name, textOfElement(child));
  }
  return result;
}

/** The element that holds the list: the DocInfo of an OFD.xml, or the root. */
const holderOf = (root: XmlElement): XmlElement =>
  root.name === 'OFD' ? onlyNamed(onlyNamed(root, 'DocBody'), 'DocInfo') : root;

/** Of two documents in one file, whatever their namespaces, it would not be clear whose the licence is. */
function onlyNamed(parent: XmlElement, name: string): XmlElement {
  const named = parent.children.filter(
    (child): child is XmlElement => typeof child !== 'string' && child.name === name,
  );
  if (named.length !== 1) throw new Broken('metadata', `${named.length} elements ${name} where there is one`);
  return named[0]!;
}

/** Errors: Broken for what is no entry, or for a name that looks like another: what is passed over here may be read elsewhere. */
function entriesOf(list: XmlElement): ValueObject {
  const entries = emptyObject();
  const folded = new Set<string>();
  for (const child of list.children) {
    if (typeof child === 'string') continue;
    if (!ENTRIES.has(child.name)) throw new Broken('metadata', 'something else among the entries');
    const names = [attributeOf(child, 'Name'), attributeOf(child, 'name')].filter((name) => name !== undefined);
    if (names.length !== 1) throw new Broken('metadata', 'an entry without a name, or with two');
    const [name] = names as [string];
    if (name.normalize('NFKC').trim() !== name) throw new Broken('metadata', 'a name that looks like another');
    addOnce(entries, name, textOfElement(child));
    const fold = name.toUpperCase();
    if (folded.has(fold)) throw new Broken('metadata', 'an entry comes twice, in other letters');
    folded.add(fold);
  }
  return entries;
}

/** Of two entries of one name, one reader would show the first and another the last. */
function addOnce(into: Record<string, Value>, name: string, value: Value): void {
  if (into[name] !== undefined) throw new Broken('metadata', 'an entry comes twice');
  into[name] = value;
}

/** How metadata are written: as the DocInfo of an OFD.xml, or as a file of their own. */
export type MetadataForm = 'ofd' | 'xmi';

/**
 * Writes metadata, the names spelt as in the standard. In the form `ofd` this is an OFD.xml without a document, to which
 * `writeOfd` adds one.
 *
 * @throws Broken FIELD_INVALID for a value that is no text
 */
export function encodeMetadata(value: Value, form: MetadataForm): Uint8Array {
  const { CustomDatas: entries = {}, ...texts } = plainObject(value, 'metadata');
  const list: XmlOut = {
    name: 'ofd:CustomDatas',
    children: Object.entries(plainObject(entries, 'CustomDatas')).map(([name, text]) => ({
      name: 'ofd:CustomData',
      attributes: { Name: name },
      children: [plainText(text)],
    })),
  };
  const own = Object.entries(texts).map(([name, text]) => {
    if (!/^[A-Za-z_][\w.-]{0,60}$/.test(name))
      throw new Broken('metadata', 'a name that XML cannot carry', 'FIELD_INVALID');
    return [name, plainText(text)] as const;
  });
  return writeXml(FORMS[form](own, list));
}

const FORMS: Readonly<Record<MetadataForm, (texts: readonly (readonly [string, string])[], list: XmlOut) => XmlOut>> = {
  ofd: (texts, list) => {
    const children = [...texts.map(([name, text]) => ({ name: `ofd:${name}`, children: [text] })), list];
    return {
      name: 'ofd:OFD',
      attributes: { 'xmlns:ofd': NAMESPACE.ofd, DocType: 'OFD', Version: '1.1' },
      children: [{ name: 'ofd:DocBody', children: [{ name: 'ofd:DocInfo', children }] }],
    };
  },
  xmi: (texts, list) => ({
    name: 'XMI',
    attributes: { 'xmi.version': '1.0', ...Object.fromEntries(texts), 'xmlns:ofd': NAMESPACE.xmi },
    children: [list],
  }),
};

function plainObject(value: Value, what: string): ValueObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new Broken('metadata', `${what} is no object`, 'FIELD_INVALID');
  }
  return value as ValueObject;
}

function plainText(value: Value): string {
  if (typeof value !== 'string') throw new Broken('metadata', 'an entry that is no text', 'FIELD_INVALID');
  return value;
}
