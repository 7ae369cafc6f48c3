/**
 * Bounds that every parser keeps before any cryptography is done. A format may ask for less, never for more.
 * Passing one throws `Broken` with code LIMIT_EXCEEDED.
 */
export interface Limits {
  /** Characters of a text, or bytes of a file, as handed in. */
  readonly input: number;
  /** Bytes after decompression. */
  readonly inflated: number;
  /** Nesting of arrays and maps. */
  readonly depth: number;
  /** Values in one structure: every map entry, array element and scalar counts. */
  readonly items: number;
}

export const CODE_LIMITS: Limits = { input: 64 * 1024, inflated: 256 * 1024, depth: 32, items: 10_000 };
