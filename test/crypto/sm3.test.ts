import { createHash, getHashes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { sm3 } from '../../src/crypto/sm3.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const HMAC_VECTORS = '../shared/data/crypto/wycheproof/testvectors_v1/hmac_sm3_test.json';

describe('SM3', () => {
  it.each([
    // GB/T 32905 annex A.
    ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
    ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
  ])('%s', (text, digest) => {
    expect(encodeHex(sm3(ascii(text)))).toBe(digest);
  });

  it.skipIf(!getHashes().includes('sm3'))('agrees with OpenSSL on every length over two blocks, cut up anyhow', () => {
    const message = Uint8Array.from({ length: 200 }, (_, i) => (i * 31) & 0xff);
    for (let length = 0; length <= message.length; length++) {
      const part = message.subarray(0, length);
      const expected = createHash('sm3').update(part).digest('hex');
      expect(encodeHex(sm3(part))).toBe(expected);
      const third = Math.floor(length / 3);
      expect(encodeHex(sm3(part.subarray(0, third), part.subarray(third, 2 * third), part.subarray(2 * third)))).toBe(
        expected,
      );
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.array(fc.nat({ max: 2000 })), (bytes, cuts) => {
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const parts = places.slice(1).map((place, i) => bytes.subarray(places[i], place));
        expect(encodeHex(sm3(...parts))).toBe(createHash('sm3').update(bytes).digest('hex'));
      }),
    );
  });

  it.skipIf(!existsSync(HMAC_VECTORS))('gives the tags of Wycheproof’s HMAC-SM3', () => {
    interface Vectors {
      testGroups: { tagSize: number; tests: { key: string; msg: string; tag: string; result: string }[] }[];
    }
    const { testGroups } = JSON.parse(readFileSync(HMAC_VECTORS, 'utf8')) as Vectors;
    const hmac = (key: Uint8Array, message: Uint8Array): Uint8Array => {
      const block = new Uint8Array(64);
      block.set(key.length > 64 ? sm3(key) : key);
      const pad = (octet: number): Uint8Array => block.map((value) => value ^ octet);
      return sm3(pad(0x5c), sm3(pad(0x36), message));
    };
    const cases = testGroups.flatMap(({ tagSize, tests }) => tests.map((test) => ({ ...test, tagSize })));
    expect(cases.length).toBeGreaterThan(0);
    for (const { key, msg, tag, result, tagSize } of cases) {
      const computed = encodeHex(hmac(decodeHex(key), decodeHex(msg)).subarray(0, tagSize / 8));
      expect(computed === tag).toBe(result === 'valid');
    }
  });
});
