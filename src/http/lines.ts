/** One line of a stream, without its end. `bytes` is undefined if the line was too long to be kept. */
export interface Line {
  /** From 1, empty lines included. */
  readonly number: number;
  readonly bytes: Uint8Array | undefined;
}

export interface LineSplitter {
  /** The lines that end in this piece. Ask for them all before the next piece: they may lie in its memory. */
  push(piece: Uint8Array): Generator<Line>;
  /** The last line, if the stream did not end with a line end. */
  end(): Generator<Line>;
}

const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines (NDJSON: only U+000A ends one). In: the longest line, in bytes; of a longer one
 * nothing is kept, however long it goes on. White space at the ends is the JSON parser's business.
 */
export function lineSplitter(limit: number): LineSplitter {
  let kept = new Uint8Array(0);
  let used = 0;
  let tooLong = false;
  let number = 0;

  const keep = (part: Uint8Array): void => {
    tooLong ||= used + part.length > limit;
    if (tooLong || part.length === 0) return;
    if (used + part.length > kept.length) {
      const larger = new Uint8Array(Math.min(limit, Math.max(used + part.length, 2 * kept.length)));
      larger.set(kept.subarray(0, used));
      kept = larger;
    }
    kept.set(part, used);
    used += part.length;
  };
  const take = (part: Uint8Array): Line => {
    number += 1;
    // The common case: the whole line lies in one piece and is not copied.
    if (used === 0 && !tooLong) return { number, bytes: part.length > limit ? undefined : part };
    keep(part);
    const line = { number, bytes: tooLong ? undefined : kept.slice(0, used) };
    // One long line must not hold its memory for the rest of the stream.
    if (kept.length > 64 * 1024) kept = new Uint8Array(0);
    used = 0;
    tooLong = false;
    return line;
  };

  return {
    *push(piece) {
      let from = 0;
      for (;;) {
        const end = piece.indexOf(NEWLINE, from);
        if (end < 0) break;
        yield take(piece.subarray(from, end));
        from = end + 1;
      }
      keep(piece.subarray(from));
    },
    *end() {
      if (used > 0 || tooLong) yield take(new Uint8Array(0));
    },
  };
}
