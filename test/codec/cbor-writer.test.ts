import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCbor, encodeCbor, encodeHead, encodeTagged, MAJOR } from '../../src/codec/cbor.ts';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import type { Value } from '../../src/codec/value.ts';
import { malformed } from '../support/broken.ts';

// That the examples of RFC 8949 are written as they are read is in cbor.test.ts.

const decode = (hex: string) => decodeCbor(decodeHex(hex), CODE_LIMITS);
const encode = (value: Value) => encodeHex(encodeCbor(value));

describe('writing', () => {
  it('a bigint that is small is written as a small integer', () => {
    expect(encode([0n, 23n, 24n, -1n, -256n])).toBe('85001718182038ff');
  });

  it.each<[string, Value]>([
    ['2^64', 2n ** 64n],
    ['-2^64 - 1', -(2n ** 64n) - 1n],
    ['a key of 2^64', { '18446744073709551616': 1 }],
    ['a key of many digits', { ['9'.repeat(100_000)]: 1 }],
    ['the key -0', { '-0': 1 }],
    ['a lone surrogate', '\ud800'],
  ])('%s cannot be written', (_name, value) => {
    expect(() => encodeCbor(value)).toThrow(malformed);
    // The next one begins with nothing left over.
    expect(encode(1)).toBe('01');
  });

  it('sorts keys as RFC 8949 §4.2.1 shows', () => {
    const value = { aa: 1, '100': 2, z: 3, '-1': 4, '10': 5 };
    expect(encode(value)).toBe('a50a051864022004617a0362616101');
  });

  it('sorts text keys by length of their encoding, then bytewise', () => {
    expect(Object.keys(decode(encode({ ä: 1, b: 2, aa: 3, 中: 4, '': 5, ab: 6 })) as object)).toEqual([
      '',
      'b',
      'aa',
      'ab',
      'ä',
      '中',
    ]);
  });

  it('writes heads', () => {
    const heads = [23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296].map((n) =>
      encodeHex(encodeHead(MAJOR.bytes, n)),
    );
    expect(heads).toEqual(['57', '5818', '58ff', '590100', '59ffff', '5a00010000', '5affffffff', '5b0000000100000000']);
  });

  it('writes tagged items', () => {
    expect(encodeHex(encodeTagged(18, [new Uint8Array(0), {}, null, Uint8Array.of(1)]))).toBe('d28440a0f64101');
  });

  it('writes more than its first buffer holds', () => {
    const value = { a: new Uint8Array(10_000).fill(7), b: 'ü'.repeat(10_000), c: Array(3000).fill(1.5) };
    expect(decodeCbor(encodeCbor(value), { depth: 9, items: 1e6 })).toEqual(value);
  });

  it('chooses the shortest float that says the same', () => {
    for (const [value, length] of [
      [0.5, 3],
      [65504.5, 5],
      [65505.5, 5],
      [2 ** -24, 3],
      [2 ** -25, 5],
      [1023 * 2 ** -24, 3],
      [1023.5 * 2 ** -24, 5],
      [1025 * 2 ** -24, 3],
      [2 ** -149, 5],
      [2 ** -150, 9],
      [1 / 3, 9],
      [Math.fround(1 / 3), 5],
    ] as const) {
      const bytes = encodeCbor(value);
      expect(bytes.length, String(value)).toBe(length);
      expect(decodeCbor(bytes, CODE_LIMITS)).toBe(value);
    }
  });
});

describe('any data', () => {
  const key = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => !/^-?(0|[1-9][0-9]*)$/.test(text)),
    fc.integer().map(String),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }).map(String),
  );
  const { value } = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom<Value>(null, true, false),
      fc.maxSafeInteger(),
      fc.double(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
      fc.string({ unit: 'binary' }),
      fc.uint8Array(),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    ),
  }));
  const limits = { depth: 20, items: 1e5 };

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(value, (data) => {
        expect(decodeCbor(encodeCbor(data), limits)).toEqual(data);
      }),
      { numRuns: 500 },
    );
  });

  it('is written the same whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 8 }), (keys) => {
        const forwards = Object.fromEntries(keys.map((name) => [name, 1]));
        const backwards = Object.fromEntries(keys.toReversed().map((name) => [name, 1]));
        expect(encodeCbor(forwards)).toEqual(encodeCbor(backwards));
      }),
    );
  });

  it('is read alike however its lengths are written', () => {
    fc.assert(
      fc.property(value, fc.infiniteStream(fc.nat(3)), (data, choices) => {
        expect(decodeCbor(Uint8Array.from(loosely(data, choices)), { depth: 20, items: 1e6 })).toEqual(data);
      }),
      { numRuns: 500 },
    );
  });

  /** Another writer: heads longer than need be, lengths left out, strings in chunks, as `choices` say. */
  function loosely(data: Value, choices: Iterator<number>): number[] {
    const choose = () => choices.next().value as number;
    const head = (major: number, n: number | bigint) => {
      const shortest = n < 24 ? 0 : n < 256 ? 1 : n < 65_536 ? 2 : n < 2 ** 32 ? 4 : 8;
      const size = Math.max(shortest, [0, 2, 4, 8][choose()]!);
      const argument = BigInt(n)
        .toString(16)
        .padStart(size * 2, '0');
      if (size === 0) return [(major << 5) | Number(n)];
      return [(major << 5) | (24 + Math.log2(size)), ...decodeHex(argument)];
    };
    const ended = (major: number, n: number, content: number[]) =>
      choose() === 0 ? [(major << 5) | 31, ...content, 0xff] : [...head(major, n), ...content];
    const chunked = (major: number, parts: Uint8Array[]) =>
      choose() === 0
        ? [(major << 5) | 31, ...parts.flatMap((part) => [...head(major, part.length), ...part]), 0xff]
        : [
            ...head(
              major,
              parts.reduce((sum, part) => sum + part.length, 0),
            ),
            ...parts.flatMap((part) => [...part]),
          ];
    const integer = (n: bigint) => (n < 0n ? head(1, -1n - n) : head(0, n));
    const text = (string: string) =>
      chunked(
        3,
        [...string].map((character) => new TextEncoder().encode(character)),
      );
    if (typeof data === 'string') return text(data);
    if (typeof data === 'bigint' || (Number.isSafeInteger(data) && !Object.is(data, -0))) {
      return integer(BigInt(data as number | bigint));
    }
    if (data instanceof Uint8Array) return chunked(2, [data.subarray(0, 1), data.subarray(1)]);
    if (Array.isArray(data))
      return ended(
        4,
        data.length,
        data.flatMap((element) => loosely(element, choices)),
      );
    if (typeof data === 'object' && data !== null) {
      const entries = Object.entries(data).flatMap(([name, value]) => [
        ...(/^-?[0-9]+$/.test(name) && String(BigInt(name)) === name ? integer(BigInt(name)) : text(name)),
        ...loosely(value, choices),
      ]);
      return ended(5, Object.keys(data).length, entries);
    }
    return [...encodeCbor(data)];
  }
});
