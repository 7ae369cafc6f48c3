import { Broken } from '../document/broken.ts';
import type { Limits } from './limits.ts';
import { attributeOf, childrenNamed, parseXml, textOfElement, type XmlElement } from './xml.ts';
import { foldName, PACKAGE_LIMITS, readZip } from './zip.ts';

/** The files of an OFD (GB/T 33190) and how they refer to each other. */
export interface OfdFiles {
  /** By their names in the package, without a leading `/`. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Folded name → name: some writers do not keep to the case of the names they refer to, and no two names fold alike. */
  readonly folded: ReadonlyMap<string, string>;
  readonly limits: Limits;
  /** Bytes of XML that may still be read: a package may name one large file again and again. */
  readonly budget: { xml: number };
}

const XML_BUDGET = 4 << 20;

export const ROOT_FILE = 'OFD.xml';
/** The namespace of the standard, and one that is met in the wild. */
const NAMESPACES: ReadonlySet<string> = new Set(['http://www.ofdspec.org/2016', 'http://www.ofdspec.org']);

/** Reads the package. Throws Broken part `zip`, `inflate` or `utf8`. */
export const openOfdFiles = (bytes: Uint8Array, limits: Limits): OfdFiles => filesOf(readZip(bytes, limits), limits);

export const filesOf = (contents: ReadonlyMap<string, Uint8Array>, limits: Limits = PACKAGE_LIMITS): OfdFiles => ({
  contents,
  folded: new Map([...contents.keys()].map((name) => [foldName(name), name])),
  limits,
  budget: { xml: XML_BUDGET },
});

/** A document of the package, of which there is one as a rule. */
export interface OfdBody {
  readonly root: string;
  /** Signatures.xml; undefined if nothing is signed. */
  readonly signatures: string | undefined;
}

const MAX_BODIES = 16;
const MAX_PAGES = 10_000;

/** The documents that OFD.xml names. */
export function readBodies(files: OfdFiles): OfdBody[] {
  const root = xmlOf(files, ROOT_FILE, 'OFD');
  const bodies = childrenOf(root, 'DocBody').map((body) => ({
    root: fileOf(files, ROOT_FILE, textOfElement(onlyChild(body, 'DocRoot', ROOT_FILE))),
    signatures: optionalChild(body, 'Signatures', ROOT_FILE),
  }));
  if (bodies.length === 0) throw new Broken(ROOT_FILE, 'no document');
  if (bodies.length > MAX_BODIES) throw new Broken(ROOT_FILE, 'too many documents', 'LIMIT_EXCEEDED');
  return bodies.map((body) => ({
    ...body,
    signatures: body.signatures && fileOf(files, ROOT_FILE, textOfElement(body.signatures)),
  }));
}

/** Document.xml and the pages and templates it names: what every reader shows. Names as in the package, where they exist. */
export function readPages(files: OfdFiles, root: string): string[] {
  const document = xmlOf(files, root, 'Document');
  const common = childrenOf(document, 'CommonData').flatMap((data) => childrenOf(data, 'TemplatePage'));
  const pages = childrenOf(document, 'Pages').flatMap((list) => childrenOf(list, 'Page'));
  if (common.length + pages.length > MAX_PAGES) throw new Broken(root, 'too many pages', 'LIMIT_EXCEEDED');
  return [...common, ...pages].map((page) => fileOf(files, root, baseLocOf(page, root)));
}

export function baseLocOf(element: XmlElement, file: string): string {
  const location = attributeOf(element, 'BaseLoc');
  if (location === undefined) throw new Broken(file, 'an element does not say where its file is');
  return location;
}

/** A file parsed: its root element, which must have this name. */
export function xmlOf(files: OfdFiles, name: string, rootName: string): XmlElement {
  const bytes = files.contents.get(name);
  if (bytes === undefined) throw new Broken(name, 'is not in the package');
  files.budget.xml -= bytes.length;
  if (files.budget.xml < 0) throw new Broken(name, 'too much to read', 'LIMIT_EXCEEDED');
  const root = parseXml(bytes, files.limits);
  if (root.name !== rootName || !NAMESPACES.has(root.namespace)) throw new Broken(name, `its root is no ${rootName}`);
  return root;
}

/** Children of OFD's own namespace. */
export const childrenOf = (parent: XmlElement, name: string): XmlElement[] => childrenNamed(parent, name, NAMESPACES);

export function optionalChild(parent: XmlElement, name: string, file: string): XmlElement | undefined {
  const [child, another] = childrenOf(parent, name);
  // One reader would take the first and another the last.
  if (another !== undefined) throw new Broken(file, `${name} comes twice`);
  return child;
}

export function onlyChild(parent: XmlElement, name: string, file: string): XmlElement {
  const child = optionalChild(parent, name, file);
  if (child === undefined) throw new Broken(file, `${name} is missing`);
  return child;
}

/**
 * The file that a location (ST_Loc) means: from the package's root with a leading `/`, else beside the file that names
 * it. Where there is no such file, the other way is tried, and then another case: writers mix them. Gives the
 * name in the package, or the one it would have.
 */
export function fileOf(files: OfdFiles, from: string, location: string): string {
  const trimmed = location.trim();
  const beside = resolved(trimmed.startsWith('/') ? '' : folderOf(from), trimmed);
  return existing(files, beside) ?? existing(files, resolved('', trimmed)) ?? beside;
}

/** The file that a Reference means: its location counts from the root, with or without a leading `/`. */
export function referredFile(files: OfdFiles, from: string, location: string): string {
  const trimmed = location.trim();
  const whole = resolved('', trimmed);
  return existing(files, whole) ?? existing(files, resolved(folderOf(from), trimmed)) ?? whole;
}

const existing = (files: OfdFiles, name: string): string | undefined =>
  files.contents.has(name) ? name : files.folded.get(foldName(name));

const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);

/** As long as a name in the package may be. */
const MAX_LOCATION = 300;

function resolved(folder: string, location: string): string {
  const whole = folder + location;
  if (whole.length > MAX_LOCATION) throw new Broken('ofd', 'location is too long', 'LIMIT_EXCEEDED');
  const path: string[] = [];
  for (const step of whole.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') path.push(step);
    else if (path.pop() === undefined) throw new Broken('ofd', 'location outside the package');
  }
  return path.join('/');
}
