import { isStringOneByteRepresentation as isNarrow } from 'node:v8';
import type { Verdict } from './generated/types.ts';

declare const OCTETS: unique symbol;
/** UTF-8 as a text, one sign for each octet (what Node calls latin1): put together like any text, and sent as it is. */
export type Octets = string & { readonly [OCTETS]: true };

/**
 * One wide piece would make the whole wide: an engine keeps two bytes for each sign of a text that was cut out of one with Chinese in
 * it, also where all its own signs are ASCII. As many octets as signs: all are ASCII.
 */
export const octetsOf = (text: string): Octets =>
  (isNarrow(text) && Buffer.byteLength(text) === text.length
    ? text
    : Buffer.from(text, 'utf8').toString('latin1')) as Octets;

export const textOf = (octets: Octets): string => Buffer.from(octets, 'latin1').toString('utf8');

/** What stands between quotes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * What was written of things that never change. It goes when they do. Frozen is what many verdicts share, and nothing that is made for
 * one: an engine takes long over many keys that are gone at once.
 */
const WRITTEN = new WeakMap<object, string>();

function octetsOfValue(value: unknown): string {
  if (typeof value === 'string')
    return isNarrow(value) && PLAIN.test(value) ? `"${value}"` : octetsOf(JSON.stringify(value));
  // In a list, what is not there is null.
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const before = WRITTEN.get(value);
  if (before !== undefined) return before;
  const written = octetsOf(JSON.stringify(value));
  if (Object.isFrozen(value)) WRITTEN.set(value, written);
  return written;
}

/** How a member begins, as the first of its object and behind others. */
interface Beginning {
  readonly first: string;
  readonly further: string;
}

/** Of the members of verdicts and findings: a few dozen. */
const BEGINNINGS = new Map<string, Beginning>();

function beginningOf(name: string): Beginning {
  let known = BEGINNINGS.get(name);
  if (known === undefined) {
    const written = octetsOf(`${JSON.stringify(name)}:`);
    known = { first: `{${written}`, further: `,${written}` };
    BEGINNINGS.set(name, known);
  }
  return known;
}

/** Outcomes, regions, purposes: texts of a verdict itself are words of a federation, of which there are not many. */
const WORDS = new Map<string, string>();
const MOST_WORDS = 512;
const LONGEST_WORD = 64;

function wordOctets(word: string): string {
  let written = WORDS.get(word);
  if (written === undefined) {
    written = octetsOfValue(word);
    if (WORDS.size < MOST_WORDS && word.length <= LONGEST_WORD) WORDS.set(word, written);
  }
  return written;
}

/** Member by member, each by its own kind. */
function octetsOfMembers(object: object, octetsOfMember: (value: unknown) => string): string {
  let written = '';
  for (const name in object) {
    const value = (object as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const { first, further } = beginningOf(name);
    written += (written === '' ? first : further) + octetsOfMember(value);
  }
  return written === '' ? '{}' : `${written}}`;
}

/** Findings and parts: most of them say what they say every time. */
function octetsOfItem(item: unknown): string {
  const whole = typeof item !== 'object' || item === null || Array.isArray(item) || Object.isFrozen(item);
  return whole ? octetsOfValue(item) : octetsOfMembers(item, octetsOfValue);
}

function octetsOfMember(value: unknown): string {
  if (typeof value === 'string') return wordOctets(value);
  if (!Array.isArray(value)) return octetsOfValue(value);
  let written = '[';
  let before = '';
  for (const item of value) {
    written += before + octetsOfItem(item);
    before = ',';
  }
  return `${written}]`;
}

/**
 * A verdict as JSON, octet for octet what `JSON.stringify` makes of it in UTF-8, in half the time: most of it are sentences that
 * verdicts have in common, and those that are frozen are written once.
 */
export const verdictOctets = (verdict: Verdict): Octets => octetsOfMembers(verdict, octetsOfMember) as Octets;

/** The verdict again. In: what `verdictOctets` gave. */
export const verdictIn = (octets: Octets): Verdict => JSON.parse(textOf(octets)) as Verdict;
