import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caseCode, firstIdAt, ID, newId, randomDigits, readCaseCode, timeOf } from '../../src/store/ids.ts';
import { random } from '../record/verdicts.ts';

const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const fixed = (bytes: readonly number[]) => (): Uint8Array => Uint8Array.from(bytes);

describe('ids', () => {
  test('are ULIDs: ten digits of time, sixteen of chance', () => {
    // The time part of the ULID specification's own example.
    expect(newId(1_469_918_176_385, random)).toMatch(/^01ARYZ6S41/);
    expect(newId(0, fixed(Array(10).fill(0)))).toBe('0'.repeat(26));
    expect(newId(2 ** 48 - 1, fixed(Array(10).fill(255)))).toBe('7ZZZZZZZZZZZZZZZZZZZZZZZZZ');
  });

  test('every bit of chance is in them', () => {
    for (let bit = 0; bit < 80; bit++) {
      const bytes = new Array<number>(10).fill(0);
      bytes[bit >> 3] = 0x80 >> (bit & 7);
      const digit = Math.floor(bit / 5);
      const expected = ['G', '8', '4', '2', '1'][bit % 5]!;
      expect(randomDigits(16, fixed(bytes))).toBe('0'.repeat(digit) + expected + '0'.repeat(15 - digit));
    }
  });

  test('hold their time, and sort by it', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        const [first, second] = [newId(a, random), newId(b, random)];
        expect(first).toMatch(ID);
        expect(timeOf(first)).toBe(a);
        expect(firstIdAt(a) <= first).toBe(true);
        if (a < b) expect(first < firstIdAt(b) && firstIdAt(b) <= second).toBe(true);
      }),
    );
  });

  test.each([-1, 0.5, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY])('%d is no time', (ms) => {
    expect(() => newId(ms, random)).toThrow(RangeError);
  });

  test.each(['', '8'.repeat(26), 'I'.repeat(26), '0'.repeat(25), '0'.repeat(27), `${'0'.repeat(26)}\n`])(
    '%j is no id',
    (text) => {
      expect(() => timeOf(text)).toThrow(RangeError);
    },
  );
});

describe('case codes', () => {
  const id = '01ARYZ6S410JKMNPQRSTVWXYZ0';

  test('are eight digits of chance, in two groups', () => {
    expect(caseCode(id)).toBe('0JKM-NPQR');
  });

  test.each(['0JKM-NPQR', '0jkm npqr', 'OJKM-NPQR', ' ojkmnpqr '])('%j is read', (typed) => {
    expect(readCaseCode(typed)).toBe('0JKM-NPQR');
  });

  test('what sounds or looks alike is read as the digit', () => {
    expect(readCaseCode('ILil-Oo01')).toBe('1111-0001');
  });

  test.each(['', '0JKM-NPQ', '0JKM-NPQRS', 'UUUU-UUUU', '0JKM_NPQR', '%%%%-%%%%', '0'.repeat(1_000_000)])(
    'is none: %#',
    (typed) => {
      expect(readCaseCode(typed)).toBeUndefined();
    },
  );

  test('come back as they were read out', () => {
    fc.assert(
      fc.property(times, (at) => {
        const code = caseCode(newId(at, random));
        expect(readCaseCode(code.toLowerCase().replace('-', ' '))).toBe(code);
      }),
    );
  });
});
