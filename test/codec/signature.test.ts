import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { derFromRaw, rawFromDer } from '../../src/codec/signature.ts';

const hex = (text: string): Uint8Array => decodeHex(text.replaceAll(' ', ''));
const half = (text: string, size = 32): string => text.padStart(2 * size, '0');

describe('ECDSA-Sig-Value', () => {
  it.each([
    ['small numbers', '30 06 02 01 01 02 01 7f', half('01') + half('7f')],
    ['a sign octet', '30 08 02 02 00 80 02 02 00 ff', half('80') + half('ff')],
    ['zero', '30 06 02 01 00 02 01 00', half('') + half('')],
  ])('%s both ways', (_, der, raw) => {
    expect(encodeHex(rawFromDer(hex(der), 32)!)).toBe(raw);
    expect(encodeHex(derFromRaw(decodeHex(raw)))).toBe(der.replaceAll(' ', ''));
  });

  it('comes back from DER as it went in, for every length of r and s', () => {
    const number = (size: number) =>
      fc.tuple(fc.uint8Array({ minLength: size, maxLength: size }), fc.nat({ max: size })).map(([bytes, zeros]) => {
        bytes.fill(0, 0, zeros);
        return bytes;
      });
    for (const size of [32, 48, 66]) {
      fc.assert(
        fc.property(number(size), number(size), (r, s) => {
          const raw = Uint8Array.of(...r, ...s);
          expect(rawFromDer(derFromRaw(raw), size)).toEqual(raw);
        }),
      );
    }
  });

  it('takes the long length that a SEQUENCE of more than 127 octets needs', () => {
    const r = 'ff'.repeat(61);
    const body = `023e00${r}023e00${r}`;
    expect(encodeHex(rawFromDer(hex(`30 81 80 ${body}`), 61)!)).toBe(r + r);
  });

  it.each([
    ['nothing', ''],
    ['one octet', '30'],
    ['an empty SEQUENCE', '30 00'],
    ['another type', '31 06 02 01 01 02 01 01'],
    ['a padded length', '30 81 06 02 01 01 02 01 01'],
    ['a length of two octets', '30 82 00 06 02 01 01 02 01 01'],
    ['an indefinite length', '30 80 02 01 01 02 01 01 00 00'],
    ['bytes behind', '30 06 02 01 01 02 01 01 00'],
    ['bytes behind, inside the SEQUENCE', '30 08 02 01 01 02 01 01 05 00'],
    ['a SEQUENCE cut short', '30 06 02 01 01 02 01'],
    ['only r', '30 03 02 01 01'],
    ['a third number', '30 09 02 01 01 02 01 01 02 01 01'],
    ['r of no octets', '30 06 02 00 02 02 01 01'],
    ['s of no octets', '30 06 02 02 01 01 02 00'],
    ['a padded r', '30 07 02 02 00 01 02 01 01'],
    ['a padded s', '30 07 02 01 01 02 02 00 01'],
    ['a negative r', '30 06 02 01 80 02 01 01'],
    ['a negative s', '30 06 02 01 01 02 01 ff'],
    ['r of another type', '30 06 04 01 01 02 01 01'],
    ['a padded length of r', '30 07 02 81 01 01 02 01 01'],
    ['r that reaches beyond the end', '30 06 02 7f 01 02 01 01'],
    ['r of 33 octets without need', `30 26 02 21 01 ${'00'.repeat(32)} 02 01 01`],
    ['s of 34 octets with its sign', `30 27 02 01 01 02 22 00 ff ${'00'.repeat(32)}`],
  ])('refuses %s', (_, der) => {
    expect(rawFromDer(hex(der), 32)).toBeUndefined();
  });

  it('gives nothing for any other bytes: what is read is written back the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (tail) => {
        const der = Uint8Array.of(0x30, tail.length + 2, 0x02, tail.length > 0 ? tail[0]! % 4 : 0, ...tail);
        const raw = rawFromDer(der, 4);
        if (raw !== undefined) expect(derFromRaw(raw)).toEqual(der);
      }),
      { numRuns: 1000 },
    );
  });
});
