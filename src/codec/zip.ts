import { Broken } from '../document/broken.ts';
import { sameBytes } from './bytes.ts';
import { crc32, inflate } from './inflate.ts';
import type { Limits } from './limits.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * Reads ZIP packages (PKWARE APPNOTE 6.3.3, the profile that OFD uses). `zip-writer.ts` writes.
 *
 * A ZIP says everything twice: in its central directory, and before each entry for readers that stream. Whoever makes
 * the two differ shows one document to the verifier and another to the viewer. So here both are read and must agree,
 * the entries must cover the file without a gap, and every name must mean one file on every system.
 */

/** Bounds for a package: a licence with pictures has some hundred kilobytes. */
export const PACKAGE_LIMITS: Limits = { input: 10 << 20, inflated: 48 << 20, depth: 32, items: 100_000 };

const MAX_ENTRIES = 10_000;
/** Characters: names stand in findings. */
const MAX_NAME = 300;
const MAX_SEGMENTS = 32;
/** A package beyond a megabyte may not inflate to more than this many times its own length. */
const MAX_RATIO = 200;
const RATIO_COUNTS_FROM = 1 << 20;

const SIGNATURE = { local: 0x04034b50, descriptor: 0x08074b50, central: 0x02014b50, end: 0x06054b50 } as const;
const SIZE = { local: 30, central: 46, end: 22 } as const;
const METHOD = { stored: 0, deflated: 8 } as const;
/** General purpose flags: what encrypts or masks, and what says that sizes follow the data. */
const FLAG = { encrypted: 0x0001, descriptor: 0x0008, patch: 0x0020, strong: 0x0040, masked: 0x2000 } as const;
const UNREADABLE = FLAG.encrypted | FLAG.patch | FLAG.strong | FLAG.masked;
/** Flags that decide how an entry is read; local header and directory must agree on them. */
const DECISIVE = UNREADABLE | FLAG.descriptor;
const EXTRA = { zip64: 0x0001, unicodePath: 0x7075 } as const;
const ELSEWHERE = 0xffffffff;
const UNIX_LINK = 0xa;

interface Entry {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const broken = (detail: string): Broken => new Broken('zip', detail);
const limit = (detail: string): Broken => new Broken('zip', detail, 'LIMIT_EXCEEDED');

/**
 * Reads a package whole: name → content, in the order of the directory, folders left out. Names are strict UTF-8
 * without `\`, `..`, drive or leading `/`; no two are the same after `foldName`. Nothing is inflated before all declared
 * sizes are known to fit `limits.inflated`.
 *
 * @throws Broken part `zip` (`inflate`, `utf8`): MALFORMED, or LIMIT_EXCEEDED
 */
export function readZip(bytes: Uint8Array, limits: Pick<Limits, 'input' | 'inflated'>): Map<string, Uint8Array> {
  if (bytes.length > limits.input) throw limit('package is too long');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { entries, start } = readDirectory(bytes, view);
  let total = 0;
  for (const { size } of entries) total += size;
  if (total > limits.inflated) throw limit('entries are too long together');
  if (total > RATIO_COUNTS_FROM && total > MAX_RATIO * bytes.length) throw limit('entries are packed too tightly');

  const data = new Map<Entry, Uint8Array>();
  let at = 0;
  const inPlace = entries.toSorted((a, b) => a.offset - b.offset);
  for (const [i, entry] of inPlace.entries()) {
    // A gap may hold an entry that only a streaming reader sees; an overlap makes one piece of data two files, or a bomb.
    if (entry.offset !== at) throw broken('entries overlap, or leave bytes between them');
    const end = inPlace[i + 1]?.offset ?? start;
    if (end > start) throw broken('an entry that begins behind the last one');
    data.set(entry, readLocal(bytes, view, entry, end));
    at = end;
  }
  if (at !== start) throw broken('bytes before the directory that no entry describes');

  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const content = unpacked(entry, data.get(entry)!);
    if (!entry.name.endsWith('/')) files.set(entry.name, content);
  }
  return files;
}

/**
 * One file of a package that may not be sound otherwise: to look at it, not to trust it.
 *
 * @throws Broken as `readZip`, and MALFORMED if there is no such file
 */
export function readZipFile(bytes: Uint8Array, limits: Pick<Limits, 'input' | 'inflated'>, name: string): Uint8Array {
  if (bytes.length > limits.input) throw limit('package is too long');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { entries, start } = readDirectory(bytes, view);
  const entry = entries.find((each) => each.name === name);
  if (entry === undefined) throw broken('no file of this name');
  if (entry.size > limits.inflated) throw limit('entry is too long');
  const next = entries.reduce((end, { offset }) => (offset > entry.offset && offset < end ? offset : end), start);
  return unpacked(entry, readLocal(bytes, view, entry, next));
}

/** The directory's entries, and where it begins. */
function readDirectory(bytes: Uint8Array, view: DataView): { entries: Entry[]; start: number } {
  const end = endOfDirectory(bytes, view);
  // Disk numbers: a package in several volumes is none.
  if (view.getUint32(end + 4, true) !== 0) throw broken('package in several volumes');
  const count = view.getUint16(end + 10, true);
  if (view.getUint16(end + 8, true) !== count) throw broken('counts of entries differ');
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (count > MAX_ENTRIES) throw limit('too many entries');
  // This also refuses a ZIP64 end record, which would stand between the two and could name another directory.
  if (start + size !== end) throw broken('directory does not end where the end record begins');

  const entries: Entry[] = [];
  const names: Names = { files: new Set(), folders: new Map() };
  let at = start;
  for (let i = 0; i < count; i++) {
    const entry = readCentral(bytes, view, at, end);
    at += SIZE.central + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    entries.push(entry);
    claimName(entry.name, names);
  }
  if (at !== end) throw broken('directory holds something else than its entries');
  return { entries, start };
}

/** Readers look for the last end record; it must be the only candidate at the end of the file. */
function endOfDirectory(bytes: Uint8Array, view: DataView): number {
  const lowest = Math.max(0, bytes.length - SIZE.end - 0xffff);
  for (let at = bytes.length - 4; at >= lowest; at--) {
    if (bytes[at] !== 0x50 || view.getUint32(at, true) !== SIGNATURE.end) continue;
    // A signature inside the comment is what a second, hidden end record looks like.
    if (bytes.length - at < SIZE.end || at + SIZE.end + view.getUint16(at + 20, true) !== bytes.length) {
      throw broken('end record does not reach to the end of the file');
    }
    return at;
  }
  throw broken('no end record: cut short, or no package');
}

function readCentral(bytes: Uint8Array, view: DataView, at: number, end: number): Entry {
  if (end - at < SIZE.central || view.getUint32(at, true) !== SIGNATURE.central) throw broken('directory is damaged');
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const commentLength = view.getUint16(at + 32, true);
  const nameAt = at + SIZE.central;
  if (nameAt + nameLength + extraLength + commentLength > end) throw broken('directory is cut short');
  if (view.getUint16(at + 34, true) !== 0) throw broken('package in several volumes');
  const nameBytes = bytes.subarray(nameAt, nameAt + nameLength);
  const entry: Entry = {
    name: nameOf(nameBytes),
    nameBytes,
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  if ((entry.flags & UNREADABLE) !== 0) throw broken('encrypted entry');
  if (entry.method !== METHOD.stored && entry.method !== METHOD.deflated) throw broken('compression not in use');
  if (entry.method === METHOD.stored && entry.packed !== entry.size) throw broken('stored entry of two lengths');
  if (entry.packed === ELSEWHERE || entry.size === ELSEWHERE || entry.offset === ELSEWHERE) {
    throw limit('ZIP64 sizes in the directory');
  }
  if (entry.name.endsWith('/') && entry.size !== 0) throw broken('folder with content');
  // Unix mode in the upper half. A link would be followed by readers that unpack to a disk.
  if (view.getUint32(at + 38, true) >>> 28 === UNIX_LINK) throw broken('symbolic link');
  if (readExtra(bytes, view, nameAt + nameLength, extraLength, entry) !== undefined)
    throw limit('ZIP64 in the directory');
  return entry;
}

/** Looks through an extra field; gives where the data of a ZIP64 block begin, if there is one of sizes only. */
function readExtra(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  length: number,
  { nameBytes }: Entry,
): number | undefined {
  const end = from + length;
  let zip64: number | undefined;
  for (let at = from; at < end; ) {
    const next = end - at < 4 ? end + 1 : at + 4 + view.getUint16(at + 2, true);
    if (next > end) throw broken('extra field is damaged');
    const id = view.getUint16(at, true);
    if (id === EXTRA.zip64) {
      if (zip64 !== undefined || next - at !== 20) throw broken('ZIP64 sizes of an unknown form');
      zip64 = at + 4;
    }
    // Version, CRC of the name, then another name, which some readers prefer.
    if (id === EXTRA.unicodePath && !sameBytes(bytes.subarray(at + 9, next), nameBytes)) {
      throw broken('entry with two names');
    }
    at = next;
  }
  return zip64;
}

/** Checks the entry's own header, and the descriptor after it, against the directory. Gives the packed data. */
function readLocal(bytes: Uint8Array, view: DataView, entry: Entry, end: number): Uint8Array {
  const at = entry.offset;
  if (end - at < SIZE.local || view.getUint32(at, true) !== SIGNATURE.local) throw broken('entry is damaged');
  const nameLength = view.getUint16(at + 26, true);
  const extraLength = view.getUint16(at + 28, true);
  const extraAt = at + SIZE.local + nameLength;
  const dataAt = extraAt + extraLength;
  const dataEnd = dataAt + entry.packed;
  if (dataEnd > end) throw broken('entries overlap');
  if (!sameBytes(bytes.subarray(at + SIZE.local, extraAt), entry.nameBytes)) throw broken('entry with two names');
  if (
    ((view.getUint16(at + 6, true) ^ entry.flags) & DECISIVE) !== 0 ||
    view.getUint16(at + 8, true) !== entry.method
  ) {
    throw broken('entry and directory differ');
  }
  const zip64 = readExtra(bytes, view, extraAt, extraLength, entry);
  const follows = (entry.flags & FLAG.descriptor) !== 0;
  const crc = view.getUint32(at + 14, true);
  const packed = localSize(view, at + 18, zip64 === undefined ? undefined : zip64 + 8);
  const size = localSize(view, at + 22, zip64);
  const blank = crc === 0 && packed === 0 && size === 0;
  if (!(follows && blank) && (crc !== entry.crc || packed !== entry.packed || size !== entry.size)) {
    throw broken('entry and directory differ');
  }
  // Without its length a stored entry ends wherever a streaming reader sees the next signature, even inside a file.
  if (follows && blank && entry.method === METHOD.stored && entry.size > 0) throw broken('stored entry without length');
  if (follows) checkDescriptor(view, dataEnd, end - dataEnd, entry);
  else if (dataEnd !== end) throw broken('bytes after an entry that nothing describes');
  return bytes.subarray(dataAt, dataEnd);
}

/** A size in a local header: where it is full of ones, it stands in the ZIP64 block (some writers stream that way). */
function localSize(view: DataView, at: number, zip64: number | undefined): number {
  const size = view.getUint32(at, true);
  if (size !== ELSEWHERE) return size;
  if (zip64 === undefined) throw broken('ZIP64 sizes are missing');
  return longSize(view, zip64);
}

function longSize(view: DataView, at: number): number {
  if (view.getUint32(at + 4, true) !== 0) throw limit('entry is too long');
  return view.getUint32(at, true);
}

/** CRC and sizes after the data: with or without a signature, sizes of four or eight octets. */
function checkDescriptor(view: DataView, from: number, length: number, { crc, packed, size }: Entry): void {
  const signed = length === 16 || length === 24;
  const long = length === 20 || length === 24;
  if (!signed && !long && length !== 12) throw broken('bytes after an entry that nothing describes');
  const at = signed ? from + 4 : from;
  const same =
    (!signed || view.getUint32(from, true) === SIGNATURE.descriptor) &&
    view.getUint32(at, true) === crc &&
    (long ? longSize(view, at + 4) : view.getUint32(at + 4, true)) === packed &&
    (long ? longSize(view, at + 12) : view.getUint32(at + 8, true)) === size;
  if (!same) throw broken('entry and what follows it differ');
}

function unpacked({ method, size, crc }: Entry, data: Uint8Array): Uint8Array {
  const content = method === METHOD.stored ? data : inflate(data, { inflated: size }, 'raw');
  if (content.length !== size) throw broken('entry is shorter than declared');
  if (crc32(content) !== crc) throw broken('CRC-32 is wrong');
  return content;
}

/** Names that only some systems can tell apart become one: composition, width and case do not count. */
export const foldName = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase();

/** Folded names of the files so far, and of the folders: those with an entry of their own, and those only passed through. */
interface Names {
  readonly files: Set<string>;
  readonly folders: Map<string, 'own' | 'passed'>;
}

/** No two entries of one name, and no file where another entry needs a folder. */
function claimName(name: string, { files, folders }: Names): void {
  const isFolder = name.endsWith('/');
  const folded = foldName(isFolder ? name.slice(0, -1) : name);
  if (files.has(folded) || (isFolder ? folders.get(folded) === 'own' : folders.has(folded))) {
    throw broken('two entries of one name');
  }
  if (isFolder) folders.set(folded, 'own');
  else files.add(folded);
  for (let slash = folded.indexOf('/'); slash >= 0; slash = folded.indexOf('/', slash + 1)) {
    const folder = folded.slice(0, slash);
    if (files.has(folder)) throw broken('file and folder of one name');
    if (!folders.has(folder)) folders.set(folder, 'passed');
  }
}

/** A relative path with `/`, which no system reads as something else. */
function nameOf(bytes: Uint8Array): string {
  const name = decodeUtf8(bytes);
  if (name === '' || name.length > MAX_NAME) throw broken('name is empty or too long');
  const segments = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  if (segments.length > MAX_SEGMENTS) throw limit('folders nested too deeply');
  for (const segment of segments) {
    // Windows takes a last dot or space off: `a.xml.` would be another spelling of `a.xml`. It covers `.` and `..` too.
    if (segment === '' || segment.endsWith('.') || segment.endsWith(' ')) throw broken('name that leads elsewhere');
    for (let i = 0; i < segment.length; i++) {
      const code = segment.charCodeAt(i);
      if (code < 0x20 || code === 0x7f || code === BACKSLASH || code === COLON)
        throw broken('name with a forbidden sign');
    }
  }
  return name;
}

const BACKSLASH = 0x5c;
const COLON = 0x3a;
