import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { indexOf, readStatusList, writeStatusList } from '../../src/codec/status-list.ts';
import { Broken } from '../../src/document/broken.ts';

describe('a status list', () => {
  // The example of draft-ietf-oauth-status-list with one bit for each token: bytes B9 A3.
  it('puts index 0 into the lowest bit of the first byte', () => {
    const list = readStatusList(encodeBase64url(zlib.deflateSync(Uint8Array.of(0xb9, 0xa3))));
    const bits = Array.from({ length: 16 }, (_, i) => (list.has(i) ? 1 : 0));
    expect(bits).toEqual([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
    expect([list.size, list.count]).toEqual([16, 9]);
  });

  it('and a plain Set agree on every index; beyond its end it says nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.array(fc.nat({ max: 499 })), (size, picked) => {
        const revoked = new Set(picked.filter((index) => index < size));
        const list = readStatusList(writeStatusList(size, revoked));
        expect(list.count).toBe(revoked.size);
        for (let index = 0; index < list.size; index++) expect(list.has(index)).toBe(revoked.has(index));
        for (const beyond of [list.size, -1, 0.5, Number.NaN, 2 ** 53]) expect(list.has(beyond)).toBeUndefined();
      }),
    );
  });

  it.each<[string, string]>([
    ['no base64url', '*'],
    ['not compressed', encodeBase64url(Uint8Array.of(1, 2, 3))],
    ['cut short', encodeBase64url(zlib.deflateSync(new Uint8Array(1000)).subarray(0, 12))],
    ['followed by more', encodeBase64url(Uint8Array.from([...zlib.deflateSync(Uint8Array.of(1)), 0]))],
    ['larger than any region', encodeBase64url(zlib.deflateSync(new Uint8Array((32 << 20) + 1)))],
  ])('that is %s is refused', (_name, text) => {
    expect(() => readStatusList(text)).toThrow(Broken);
  });

  it.each<[unknown, number | undefined]>([
    [0, 0],
    [412, 412],
    ['412', 412],
    ['0', 0],
    ['0412', undefined],
    ['-1', undefined],
    [-1, undefined],
    [1.5, undefined],
    ['', undefined],
    ['99999999999999', undefined],
    [undefined, undefined],
    [null, undefined],
    [[1], undefined],
  ])('%j as an index is %j', (value, index) => expect(indexOf(value)).toBe(index));
});
