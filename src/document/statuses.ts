import type { StatusScheme, StatusStanding, StatusWord } from './generated/types.ts';

/** What documents can say of their own state, by word. Every word is of one scheme, so that no colour is read as another. */
export interface StatusTable {
  has(scheme: string): boolean;
  /** All of them. */
  readonly schemes: readonly string[];
  /** Undefined for one that the catalogue does not have. */
  scheme(scheme: string): StatusScheme | undefined;
  /** Undefined for a word of no scheme. */
  word(word: string): StatedWord | undefined;
}

export interface StatedWord extends StatusWord {
  readonly scheme: StatusScheme;
}

/** Errors: Error with pointer and reason, for a scheme or word that stands twice. */
export function statusTable(schemes: readonly StatusScheme[] = []): StatusTable {
  const words = new Map<string, StatedWord>();
  const known = new Map<string, StatusScheme>();
  for (const [i, scheme] of schemes.entries()) {
    if (known.has(scheme.scheme)) throw new Error(`/statusSchemes/${i}/scheme: ${scheme.scheme} stands twice`);
    known.set(scheme.scheme, scheme);
    for (const [j, word] of scheme.words.entries()) {
      const other = words.get(word.word);
      if (other !== undefined)
        throw new Error(
          `/statusSchemes/${i}/words/${j}/word: "${word.word}" is a word of ${other.scheme.scheme} already`,
        );
      words.set(word.word, Object.freeze({ ...word, scheme }));
    }
  }
  return {
    has: (scheme) => known.has(scheme),
    schemes: [...known.keys()],
    scheme: (scheme) => known.get(scheme),
    word: (word) => words.get(word),
  };
}

/** What follows from a state; that of a word which no scheme has cannot be told. */
export const standingOf = (table: StatusTable, word: string): StatusStanding => table.word(word)?.standing ?? 'unknown';
