import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinParts, type Part, readPart } from '../../src/codec/parts.ts';
import { Broken } from '../../src/document/broken.ts';

const options = { separator: '/', most: 9, longest: 20 };
const part = (index: number, total: number, content: string): Part => ({ index, total, content });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Broken) return error.code;
    throw error;
  }
  return 'none';
}

describe('the mark of a part', () => {
  it.each([
    ['1/3/567', part(1, 3, '567')],
    ['3/3/', part(3, 3, '')],
    ['2/9/1/1/1', part(2, 9, '1/1/1')],
  ])('%s', (text, expected) => expect(readPart(text, options)).toEqual(expected));

  it.each(['5676290952432060346029243740446', '', '56762/1/9'])('%j has none: it is a whole document', (text) => {
    expect(readPart(text, options)).toBeUndefined();
  });

  it.each([
    ['3/2/56', 'the third of two'],
    ['0/2/56', 'they are counted from one'],
    ['1/1/56', 'one of one would be a second spelling of a single code'],
    ['1/0/56', 'of none'],
    ['01/2/56', 'a zero in front would be a second spelling'],
    ['1/2', 'without the second sign'],
    ['/2/56', 'without an index'],
    ['1//56', 'without a total'],
    ['a/b/56', 'letters'],
    ['-1/2/56', 'a negative number'],
    ['1/2e0/56', 'another form of number'],
  ])('%s is refused: %s', (text) => expect(codeOf(() => readPart(text, options))).toBe('MALFORMED'));

  it('bounds how many there are, and how long each is', () => {
    expect(codeOf(() => readPart('1/10/56', options))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(() => readPart(`1/2/${'5'.repeat(21)}`, options))).toBe('LIMIT_EXCEEDED');
    expect(readPart(`1/2/${'5'.repeat(20)}`, options)?.content).toHaveLength(20);
  });
});

describe('joining', () => {
  it('takes parts in any order, and one that was scanned twice once', () => {
    const whole = fc
      .array(fc.string({ maxLength: 8 }), { minLength: 2, maxLength: 9 })
      .map((contents) => contents.map((content, i) => part(i + 1, contents.length, content)));
    fc.assert(
      fc.property(
        whole.chain((parts) =>
          fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length }), fc.subarray(parts)),
        ),
        ([parts, shuffled, again]) => {
          expect(joinParts([...shuffled, ...again])).toBe(parts.map(({ content }) => content).join(''));
        },
      ),
    );
  });

  it.each([
    ['one of two', [part(1, 2, 'a')], 'not there: 2 of 2'],
    ['two of four', [part(4, 4, 'a'), part(2, 4, 'b')], 'not there: 1, 3 of 4'],
  ])('%s: says which are missing', (_, parts, detail) => {
    expect(codeOf(() => joinParts(parts))).toBe('PARTS_MISSING');
    expect(() => joinParts(parts)).toThrow(detail);
  });

  it.each([
    ['one of two and two of three', [part(1, 2, 'a'), part(2, 3, 'b')]],
    ['two that claim to be the first', [part(1, 2, 'a'), part(1, 2, 'b'), part(2, 2, 'c')]],
  ])('%s: not of one document', (_, parts) => expect(codeOf(() => joinParts(parts))).toBe('PARTS_MIXED'));
});
