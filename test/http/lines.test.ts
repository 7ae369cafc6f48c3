import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { lineSplitter } from '../../src/http/lines.ts';

/** Splits what comes in pieces. Out: each line's text, null for one that was too long. */
function split(pieces: readonly Uint8Array[], limit: number): (string | null)[] {
  const splitter = lineSplitter(limit);
  const lines: (string | null)[] = [];
  const take = (found: Iterable<{ number: number; bytes: Uint8Array | undefined }>) => {
    for (const { number, bytes } of found) {
      expect(number).toBe(lines.length + 1);
      lines.push(bytes === undefined ? null : decodeUtf8(bytes));
    }
  };
  for (const piece of pieces) {
    const copy = piece.slice();
    take(splitter.push(copy));
    // As a network buffer that is used again.
    copy.fill(0x21);
  }
  take(splitter.end());
  return lines;
}

describe('lineSplitter', () => {
  it('cuts at line feeds only, and takes a last line without one', () => {
    expect(split([encodeUtf8('a\nb\r\n\n\u2028c\rd')], 100)).toEqual(['a', 'b\r', '', '\u2028c\rd']);
    expect(split([encodeUtf8('a\n')], 100)).toEqual(['a']);
    expect(split([], 100)).toEqual([]);
    expect(split([new Uint8Array(0)], 100)).toEqual([]);
  });

  it('allows a line as long as the limit, and keeps nothing of one that is longer', () => {
    expect(split([encodeUtf8('1234\n12345\n123\n')], 4)).toEqual(['1234', null, '123']);
    expect(
      split(
        ['12', '34', '\n', '12', '345', '678\n', '1'].map((each) => encodeUtf8(each)),
        4,
      ),
    ).toEqual(['1234', null, '1']);
    expect(split([encodeUtf8('12345')], 4)).toEqual([null]);
  });

  it('gives the same lines, however the bytes are cut into pieces', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '通', '😀', ' ', '{') });
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), fc.array(fc.nat(40)), fc.nat(30), (lines, ended, cuts, limit) => {
        const bytes = encodeUtf8(lines.join('\n') + (ended ? '\n' : ''));
        const pieces: Uint8Array[] = [];
        let from = 0;
        for (const cut of cuts) {
          pieces.push(bytes.subarray(from, from + cut));
          from = Math.min(bytes.length, from + cut);
        }
        pieces.push(bytes.subarray(from));
        const expected = lines.map((each) => (encodeUtf8(each).length > limit ? null : each));
        if (!ended && expected.at(-1) === '') expected.pop();
        expect(split(pieces, limit)).toEqual(lines.length === 0 ? (ended ? [''] : []) : expected);
      }),
    );
  });
});
