import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { malformed } from '../support/broken.ts';

it.each([
  ['', ''],
  ['f', '66'],
  ['fo', '666f'],
  ['foobar', '666f6f626172'],
])('the vector of RFC 4648 §10 for %j', (plain, coded) => {
  const bytes = new TextEncoder().encode(plain);
  expect(encodeHex(bytes)).toBe(coded);
  expect(decodeHex(coded)).toEqual(bytes);
  expect(decodeHex(coded.toUpperCase())).toEqual(bytes);
});

describe('what is refused', () => {
  it.each([
    ['an odd number of digits', '666'],
    ['a letter after f', '6g'],
    ['a letter after F, first', 'G6'],
    ['a prefix', '0x66'],
    ['a blank', '66 6f'],
    ['a colon between bytes', '66:6f:'],
    ['a sign', '-1'],
    ['a character beyond ASCII', '6é'],
    ['a character whose low byte is a digit', '6\u0130'],
    ['a full-width digit', '６６'],
  ])('%s: %j', (_name, text) => {
    expect(() => decodeHex(text)).toThrow(malformed);
  });
});

it('agrees with Node', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString('hex');
      expect(encodeHex(bytes)).toBe(text);
      expect(decodeHex(text)).toEqual(bytes);
    }),
  );
});
