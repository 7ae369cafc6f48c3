import { decodeBase64url } from '../codec/base64url.ts';
import { readSignedData } from '../codec/cms.ts';
import { decodeGb18030 } from '../codec/gb18030.ts';
import { parseJson } from '../codec/json.ts';
import { CODE_LIMITS } from '../codec/limits.ts';
import { decodeMetadata } from '../codec/ofd-metadata.ts';
import { ROOT_FILE } from '../codec/ofd-package.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { PACKAGE_LIMITS, readZipFile } from '../codec/zip.ts';
import { unlessBroken } from '../document/broken.ts';
import type { Recognise } from '../document/generated/types.ts';
import { once } from '../document/once.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';

/** What was handed in, looked at once: several formats may ask for its JSON or its JWS header. */
export interface Specimen {
  readonly text: string | undefined;
  readonly bytes: Uint8Array | undefined;
  /** A signature file that was handed in beside it. */
  readonly beside: Uint8Array | undefined;
  json(): Value | undefined;
  /** Metadata of an electronic licence: of an OFD package, of a metadata file, or of such a file inside signed data. */
  metadata(): Value | undefined;
  jwsHeader(): Value | undefined;
}

/** A test gives points if it holds, undefined if the format does not apply. */
type Test = (specimen: Specimen) => number | undefined;

/** The recognising words of a declaration, one row each: argument → test. */
const WORDS: { readonly [Word in keyof Recognise]-?: (argument: NonNullable<Recognise[Word]>) => Test } = {
  prefix: (prefix) => (specimen) => (specimen.text?.startsWith(prefix) ? 10 * prefix.length : undefined),
  begins: (beginning) => (specimen) => (specimen.text?.startsWith(beginning) ? 10 * beginning.length : undefined),
  suffix: (suffix) => (specimen) => (specimen.text?.endsWith(suffix) ? 5 * suffix.length : undefined),
  jws: (members) => {
    const wanted = Object.entries(members);
    if (wanted.length === 0) throw new Error('/recognise/jws: every JWS there is would be claimed');
    return (specimen) => {
      const header = specimen.jwsHeader();
      if (header === undefined) return undefined;
      return wanted.every(([name, value]) => valueAt(header, [name]) === value) ? 5 + 10 * wanted.length : undefined;
    };
  },
  json: (pointers) => {
    const paths = pointers.map(stepsOf);
    // Each pointer scores: named twice, or pointing at the whole, it would outbid others for nothing.
    if (pointers.includes('') || new Set(pointers).size < pointers.length)
      throw new Error('/recognise/json: each pointer must name another member');
    return (specimen) => {
      const json = specimen.json();
      if (json === undefined) return undefined;
      return paths.every((path) => valueAt(json, path) !== undefined) ? 10 * paths.length : undefined;
    };
  },
  zip: (names) => {
    const wanted = names.map(encodeUtf8);
    return (specimen) => (holdsFiles(specimen.bytes, wanted) ? 10 * names.length : undefined);
  },
  metadata: (members) => {
    const wanted = Object.entries(members);
    return (specimen) => {
      const entries = valueAt(specimen.metadata(), ['CustomDatas']);
      const holds = wanted.every(([name, beginning]) => {
        const value = valueAt(entries, [name]);
        return typeof value === 'string' && value.startsWith(beginning);
      });
      return holds ? 10 * wanted.length : undefined;
    };
  },
};

/** Is it a package, and are these names in it? Whether it is a sound one, opening tells. */
function holdsFiles(bytes: Uint8Array | undefined, names: readonly Uint8Array[]): boolean {
  if (bytes === undefined || bytes[0] !== 0x50 || bytes[1] !== 0x4b) return false;
  return names.every((name) => indexOfBytes(bytes, name) >= 0);
}

function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array): number {
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(wanted[0]!); at >= 0 && at <= last; at = bytes.indexOf(wanted[0]!, at + 1)) {
    let i = 1;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i++;
    if (i === wanted.length) return at;
  }
  return -1;
}

/**
 * Compiles a declaration's `recognise`: the score is the sum of its words, undefined unless all of them hold.
 * Structural words only: a pack from elsewhere cannot bring a regular expression that never ends.
 */
export function compileRecognise(declared: Recognise): Test {
  if (declared.suffix !== undefined && Object.keys(declared).length === 1)
    throw new Error('/recognise/suffix: an end alone would claim what is not of this format');
  const tests = Object.entries(declared).map(([word, argument]) =>
    (WORDS[word as keyof Recognise] as (a: unknown) => Test)(argument),
  );
  return (specimen) => {
    let score = 0;
    for (const test of tests) {
      const points = test(specimen);
      if (points === undefined) return undefined;
      score += points;
    }
    return score;
  };
}

/** The first sign (UTF-16) of every text that a declaration recognises; undefined where it does not say how they begin. */
export const firstSignOf = ({ prefix, begins }: Recognise): number | undefined =>
  (prefix ?? begins)?.charCodeAt(0) || undefined;

/** Looks at what was handed in. Bytes that are strict UTF-8 are looked at as text as well. */
export function specimenOf(input: { text?: string; bytes?: Uint8Array; beside?: Uint8Array }): Specimen {
  const whole = input.text ?? textOf(input.bytes);
  const text = whole === undefined ? undefined : trimmed(whole);
  return {
    text,
    bytes: input.bytes,
    beside: input.beside,
    // Here a broken specimen only means "not this format".
    json: once(() =>
      text === undefined || !looksLikeObject(text) ? undefined : unlessBroken(() => parseJson(text, CODE_LIMITS)),
    ),
    metadata: once(() => unlessBroken(() => metadataOf(input.bytes, text))),
    jwsHeader: once(() => (text === undefined ? undefined : unlessBroken(() => headerOf(text)))),
  };
}

/** Longer texts than any code or line of fields. */
const MAX_REPAIRED = 1_000_000;

/**
 * The same text in UTF-8, for bytes that a scanner or an editor handed on in GBK or GB 18030. Never a guess between two
 * readings: only what is no UTF-8, and decodes whole. Every signature of a format is over UTF-8 (or over ASCII), so a text
 * that was read wrongly verifies under no key. XML says itself how its letters are written, and stays as it is.
 */
export function repairedOf({ text, bytes, beside }: Specimen): Specimen | undefined {
  if (text !== undefined || bytes === undefined || beside !== undefined || bytes.length > MAX_REPAIRED)
    return undefined;
  const read = unlessBroken(() => decodeGb18030(bytes));
  if (read === undefined || read.trimStart().startsWith('<')) return undefined;
  return specimenOf({ text: read, bytes: encodeUtf8(read) });
}

const DER_SEQUENCE = 0x30;
const PACKAGE = 0x50;

function metadataOf(bytes: Uint8Array | undefined, text: string | undefined): Value | undefined {
  if (text?.startsWith('<')) return decodeMetadata(encodeUtf8(text), PACKAGE_LIMITS);
  if (bytes?.[0] === PACKAGE) return decodeMetadata(readZipFile(bytes, PACKAGE_LIMITS, ROOT_FILE), PACKAGE_LIMITS);
  if (bytes?.[0] !== DER_SEQUENCE) return undefined;
  const { content } = readSignedData(bytes, PACKAGE_LIMITS);
  return content && decodeMetadata(content, PACKAGE_LIMITS);
}

const looksLikeObject = (text: string): boolean => text.length <= 4_000_000 && /^\s*\{/.test(text);

function headerOf(text: string): Value | undefined {
  if (!text.startsWith('ey')) return undefined;
  const dot = text.indexOf('.');
  if (dot < 4 || dot > 2000) return undefined;
  return parseJson(decodeUtf8(decodeBase64url(text, 0, dot)), CODE_LIMITS);
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : unlessBroken(() => decodeUtf8(bytes));
}

/** Scanners and files add line ends, tabs and byte order marks. A space is left at the end: base45 has one in its alphabet. */
function trimmed(text: string): string {
  const from = text.trimStart();
  let end = from.length;
  // By hand: `/[\r\n\t]+$/` tries a long run of line ends in the middle once from each of them, for minutes.
  while (end > 0 && endsLine(from.charCodeAt(end - 1))) end -= 1;
  return from.slice(0, end);
}

/** Line ends, and tabs. */
const endsLine = (sign: number): boolean => sign === 0x0d || sign === 0x0a || sign === 0x09;
