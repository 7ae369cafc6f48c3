import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNumeric, encodeNumeric } from '../../src/codec/numeric.ts';
import { Broken } from '../../src/document/broken.ts';

describe('numeric', () => {
  // SMART Health Cards: Ord(c) − 45 in two digits. '-' is 45, '.' 46, 'A' 65, 'e' 101, 'y' 121, 'z' 122.
  it.each([
    ['-', '00'],
    ['.', '01'],
    ['0', '03'],
    ['A', '20'],
    ['_', '50'],
    ['eyJ', '567629'],
    ['z', '77'],
    ['', ''],
  ])('%s is %s', (text, digits) => {
    expect(encodeNumeric(text)).toBe(digits);
    expect(decodeNumeric(digits)).toBe(text);
  });

  it('every text of the alphabet has one spelling', () => {
    const letter = fc.integer({ min: 45, max: 122 }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 400 }), (letters) => {
        const text = letters.join('');
        expect(decodeNumeric(encodeNumeric(text))).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{0,60}$/), (digits) => {
        let text: string;
        try {
          text = decodeNumeric(digits);
        } catch (error) {
          expect(error).toBeInstanceOf(Broken);
          return;
        }
        expect(encodeNumeric(text)).toBe(digits);
      }),
    );
  });

  it.each([
    ['56762', 'half a pair'],
    ['5678', 'a pair above 77, which no character of a JWS has'],
    ['99', 'a pair above 77'],
    ['5 76', 'a space'],
    ['-100', 'a sign'],
    ['5e10', 'a number in another form'],
    ['٥٦', 'digits of another script'],
    ['５６', 'digits of full width'],
  ])('refuses %s: %s', (digits) => {
    expect(() => decodeNumeric(digits)).toThrow(Broken);
  });

  it.each(['{', ' ', ',', 'é', '\u0000', '\ud800'])('does not write %j, which has no pair', (text) => {
    expect(() => encodeNumeric(text)).toThrow(Broken);
  });
});
