import { Broken } from '../document/broken.ts';

/** How a format splits a document that is too long for one code: `<index>/<total>/` before each part. */
export interface PartsOptions {
  /** Stands after the index and after the total. */
  readonly separator: string;
  /** The most parts that a document may have. */
  readonly most: number;
  /** Characters of one part, without its mark. */
  readonly longest: number;
}

/** One of several codes that together hold one document. */
export interface Part {
  /** From 1. */
  readonly index: number;
  readonly total: number;
  readonly content: string;
}

const MARK_DIGITS = 4;

/**
 * Reads the mark of a part. In: the text of one code, prefix taken off. Out: the part, or undefined for a text without
 * a mark, which is a whole document.
 *
 * @throws Broken MALFORMED for numbers that count nothing (0 of 2, 3 of 2, 1 of 1), LIMIT_EXCEEDED for too many or too
 *   long parts
 */
export function readPart(text: string, { separator, most, longest }: PartsOptions): Part | undefined {
  const first = text.slice(0, MARK_DIGITS + separator.length).indexOf(separator);
  if (first < 0) return undefined;
  const from = first + separator.length;
  const second = text.slice(from, from + MARK_DIGITS + separator.length).indexOf(separator);
  if (second < 0) throw new Broken('parts', 'the mark of a part is not whole');
  const index = count(text.slice(0, first));
  const total = count(text.slice(from, from + second));
  // One of one would be a second spelling of a document in a single code.
  if (total < 2 || index > total) throw new Broken('parts', 'the mark of a part counts wrongly');
  if (total > most) throw new Broken('parts', 'more parts than the format allows', 'LIMIT_EXCEEDED');
  const content = text.slice(from + second + separator.length);
  if (content.length > longest) throw new Broken('parts', 'a part is longer than the format allows', 'LIMIT_EXCEEDED');
  return { index, total, content };
}

function count(digits: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(digits)) throw new Broken('parts', 'the mark of a part is no number');
  return Number(digits);
}

/**
 * Puts a document together again. In: its parts, at least one, in any order; one that was scanned twice counts once.
 *
 * @throws Broken PARTS_MIXED if they cannot belong to one document, PARTS_MISSING if some are not there
 */
export function joinParts(parts: readonly Part[]): string {
  const { total } = parts[0]!;
  const contents = new Map<number, string>();
  for (const part of parts) {
    const other = contents.get(part.index);
    if (part.total !== total || (other !== undefined && other !== part.content)) {
      throw new Broken('parts', 'parts of different documents', 'PARTS_MIXED');
    }
    contents.set(part.index, part.content);
  }
  if (contents.size < total) {
    const missing = Array.from({ length: total }, (_, i) => i + 1).filter((index) => !contents.has(index));
    throw new Broken('parts', `not there: ${missing.join(', ')} of ${total}`, 'PARTS_MISSING');
  }
  return Array.from({ length: total }, (_, i) => contents.get(i + 1)!).join('');
}
