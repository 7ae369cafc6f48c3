import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '../../src/codec/base64url.ts';
import { malformed } from '../support/broken.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the vectors of RFC 4648 §10', () => {
  it.each([
    ['', '', ''],
    ['f', 'Zg==', 'Zg'],
    ['fo', 'Zm8=', 'Zm8'],
    ['foo', 'Zm9v', 'Zm9v'],
    ['foob', 'Zm9vYg==', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE=', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy', 'Zm9vYmFy'],
  ])('%j', (plain, padded, unpadded) => {
    expect(encodeBase64(bytes(plain))).toBe(padded);
    expect(decodeBase64(padded)).toEqual(bytes(plain));
    expect(encodeBase64url(bytes(plain))).toBe(unpadded);
    expect(decodeBase64url(unpadded)).toEqual(bytes(plain));
  });
});

it('reads the example of RFC 7515 appendix C', () => {
  const data = Uint8Array.of(3, 236, 255, 224, 193);
  expect(encodeBase64url(data)).toBe('A-z_4ME');
  expect(decodeBase64url('A-z_4ME')).toEqual(data);
});

describe('what base64url refuses', () => {
  it.each([
    ['padding', 'Zg==', 'RFC 7515 §2 leaves it out; with it the same bytes would have two texts'],
    ['one character left over', 'Zm9vY', 'six bits are no byte'],
    ['left-over bits after one byte', 'Zh', 'RFC 4648 §3.5: 15 other texts would be the same byte'],
    ['left-over bits after two bytes', 'Zm9', 'three other texts would be the same bytes'],
    ['the other alphabet', 'A+z/', 'those signs are not safe in URLs and would make a second text'],
    ['a blank', 'Zm 9v', 'white space is data that nobody signed'],
    ['a line break at the end', 'Zm9v\n', 'the same'],
    ['a character beyond ASCII', 'Zm9é', 'it has a place in the table, which says no'],
    ['a character beyond Latin-1', 'Zm9通', 'it has no place in the table'],
    ['a character beyond Latin-1 at the end', 'Z通', 'the last group is read by other code'],
    ['a character beyond Latin-1 in third place at the end', 'Zm通', 'the last group is read by other code'],
    ['a zero character', 'Zm9\0', 'control characters are no digits'],
  ])('%s: %j, because %s', (_name, text, _because) => {
    expect(() => decodeBase64url(text)).toThrow(malformed);
  });
});

describe('what base64 refuses', () => {
  it.each([
    ['missing padding', 'Zg', 'it would be a second text'],
    ['half the padding', 'Zg=', 'the same'],
    ['too much padding', 'Zm9v====', 'the same'],
    ['padding alone', '====', 'there is nothing to pad'],
    ['three signs of padding', 'Z===', 'six bits are no byte'],
    ['padding inside', 'Zg==Zg==', 'two texts are not one'],
    ['left-over bits', 'Zh==', 'RFC 4648 §3.5'],
    ['left-over bits after two bytes', 'Zm9=', 'RFC 4648 §3.5'],
    ['the alphabet for URLs', 'A-z_', 'it would be a second text'],
    ['a line break', 'Zm9v\nZm8=', 'MIME’s habit, which nothing here asks for'],
  ])('%s: %j, because %s', (_name, text, _because) => {
    expect(() => decodeBase64(text)).toThrow(malformed);
  });
});

it('decodes a part of a text', () => {
  const jws = 'Zm8.Zm9vYmFy.Zg';
  expect(decodeBase64url(jws, 0, 3)).toEqual(bytes('fo'));
  expect(decodeBase64url(jws, 4, 12)).toEqual(bytes('foobar'));
  expect(decodeBase64url(jws, 13)).toEqual(bytes('f'));
  expect(() => decodeBase64url(jws, 0, 12)).toThrow(malformed);
  expect(() => decodeBase64url('Zg', 0, 4)).toThrow(RangeError);
  expect(() => decodeBase64url('Zg', 0, -1)).toThrow(RangeError);
});

describe('a text of many pages, and octets', () => {
  const data = Uint8Array.from({ length: 40_001 }, (_, i) => (i * 7919) >> 3);
  const text = Buffer.from(data).toString('base64url');

  it('are read like any other', () => {
    expect(Buffer.compare(decodeBase64url(text), data)).toBe(0);
    expect(Buffer.compare(decodeBase64url(bytes(`.${text}.`), 1, text.length + 1), data)).toBe(0);
    expect(decodeBase64url(bytes('Zg'))).toEqual(bytes('f'));
    expect(() => decodeBase64url(bytes('Zh'))).toThrow(malformed);
  });

  it.each([0, 3, 4, 16_383, 16_384, 16_385, 40_000, 53_332, 53_333, 53_334])('say where the fault is: %d', (at) => {
    for (const bad of ['*', '\0', '\x80', '通', '\ud83d']) {
      const changed = `${text.slice(0, at)}${bad}${text.slice(at + 1)}`;
      const there = `the group at ${at - (at % 4)}`;
      expect(() => decodeBase64url(changed)).toThrow(there);
      expect(() => decodeBase64url(bytes(text).with(at, bad === '*' ? 0x2a : 0xff))).toThrow(there);
    }
  });
});

it('agrees with Node in both alphabets', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
      const standard = Buffer.from(data).toString('base64');
      const urlSafe = Buffer.from(data).toString('base64url');
      expect(encodeBase64(data)).toBe(standard);
      expect(encodeBase64url(data)).toBe(urlSafe);
      expect(decodeBase64(standard)).toEqual(data);
      expect(decodeBase64url(urlSafe)).toEqual(data);
    }),
  );
});

it('accepts no text but the one that is written', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'AQgwBCZfm89-_='), maxLength: 10 }), (text) => {
      for (const [decode, encode] of [
        [decodeBase64url, encodeBase64url],
        [decodeBase64, encodeBase64],
      ] as const) {
        let data: Uint8Array;
        try {
          data = decode(text);
        } catch {
          continue;
        }
        expect(encode(data)).toBe(text);
      }
    }),
    { numRuns: 3000 },
  );
});
