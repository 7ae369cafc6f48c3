import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase45, encodeBase45 } from '../../src/codec/base45.ts';
import { malformed } from '../support/broken.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the examples of RFC 9285 §4.3 and §4.4', () => {
  it.each([
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
    ['', ''],
  ])('%j is %j', (plain, coded) => {
    expect(encodeBase45(bytes(plain))).toBe(coded);
    expect(decodeBase45(coded)).toEqual(bytes(plain));
  });
});

describe('what is refused', () => {
  it.each([
    ['a triplet of 65,536', 'GGW', 'RFC 9285 §6 names it: no two bytes have that value'],
    ['the largest triplet', ':::', 'three characters can say 91,124'],
    ['a pair above 255', 'V5', '31 + 5 · 45 = 256'],
    ['one character', 'A', 'no byte is written with one character'],
    ['three and one characters', 'BB8A', 'a length of 3n + 1 is never written'],
    ['lower case', 'bb8', 'a scanner that changes case would make a second text for one document'],
    ['lower case at the end', 'BB8bb', 'the last pair is read by other code'],
    ['a line break', 'BB8\n', 'white space other than the blank is no base45'],
    ['a character beyond ASCII', 'BBé', 'it has a place in the table, which says no'],
    ['a character beyond Latin-1', 'BB通', 'it has no place in the table'],
    ['a character beyond Latin-1 in the pair', 'BB8通B', 'the last pair is read by other code'],
    ['a comma', 'BB,', 'next to the signs that are used'],
  ])('%s: %j, because %s', (_name, text, _because) => {
    expect(() => decodeBase45(text)).toThrow(malformed);
  });

  it('accepts the values just below', () => {
    expect(decodeBase45('FGW')).toEqual(Uint8Array.of(0xff, 0xff));
    expect(decodeBase45('U5')).toEqual(Uint8Array.of(0xff));
  });
});

describe('decodeBase45', () => {
  it('starts where it is told', () => {
    expect(decodeBase45('HC1:BB8', 4)).toEqual(bytes('AB'));
    expect(decodeBase45('HC1:', 4)).toEqual(new Uint8Array(0));
    expect(() => decodeBase45('HC1', 4)).toThrow(RangeError);
  });

  it('gives back every byte sequence', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(decodeBase45(encodeBase45(data))).toEqual(data);
      }),
    );
  });

  it('accepts no text but the one that is written', () => {
    const character = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        let data: Uint8Array;
        try {
          data = decodeBase45(text);
        } catch {
          return;
        }
        expect(encodeBase45(data)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

const DCC = '../shared/data/dcc/dgc-testdata/AT/2DCode/raw';

describe.skipIf(!existsSync(DCC))('real EU DCC texts (others’ data, skipped where it is missing)', () => {
  it.each(existsSync(DCC) ? readdirSync(DCC) : [])('%s', (file) => {
    const { PREFIX, COMPRESSED } = JSON.parse(readFileSync(`${DCC}/${file}`, 'utf8'));
    const data = decodeBase45(PREFIX, 4);
    expect(Buffer.from(data).toString('hex')).toBe(COMPRESSED.toLowerCase());
    expect(`HC1:${encodeBase45(data)}`).toBe(PREFIX);
  });
});
