import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deflate } from '../../src/codec/deflate.ts';
import { inflate } from '../../src/codec/inflate.ts';

const LIMITS = { inflated: 1 << 21 };

function expectRead(bytes: Uint8Array): void {
  expect(new Uint8Array(zlib.inflateSync(deflate(bytes)))).toEqual(bytes);
  expect(new Uint8Array(zlib.inflateRawSync(deflate(bytes, 'raw')))).toEqual(bytes);
  expect(inflate(deflate(bytes), LIMITS)).toEqual(bytes);
  expect(inflate(deflate(bytes, 'raw'), LIMITS, 'raw')).toEqual(bytes);
}

/** A reproducible source of numbers without any pattern: xorshift32. */
function random(): () => number {
  let state = 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function noise(length: number): Uint8Array {
  const next = random();
  return Uint8Array.from({ length }, () => next() >>> 24);
}

/** Shuffled bytes whose frequencies grow like Fibonacci's numbers: their Huffman tree is as deep as can be. */
function fibonacci(symbols: number): Uint8Array {
  const bytes: number[] = [];
  for (let symbol = 0, now = 1, next = 1; symbol < symbols; symbol++) {
    for (let i = 0; i < now; i++) bytes.push(symbol);
    [now, next] = [next, now + next];
  }
  const next = random();
  for (let i = bytes.length - 1; i > 0; i--) {
    const other = next() % (i + 1);
    [bytes[i], bytes[other]] = [bytes[other]!, bytes[i]!];
  }
  return Uint8Array.from(bytes);
}

describe('what is written is read by zlib and by our own inflate', () => {
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(7)],
    ['every byte once', Uint8Array.from({ length: 256 }, (_, i) => i)],
    ['a long run', new Uint8Array(100_000)],
    ['noise', noise(5000)],
    ['noise of exactly one stored block', noise(65_535)],
    ['noise of more than one stored block', noise(140_000)],
    ['a Huffman tree deeper than 15', fibonacci(26)],
    ['a repetition at the largest distance', Uint8Array.of(...noise(32_768), ...noise(300))],
    ['a repetition one byte too far away', Uint8Array.of(...noise(32_769), ...noise(300))],
  ])('%s', (_name, bytes) => expectRead(bytes));

  it('every byte sequence', () => {
    const alphabet = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(alphabet, fc.array(fc.nat(), { maxLength: 2000 }), (size, values) => {
        expectRead(Uint8Array.from(values, (value) => value % size));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the result', () => {
  it('is never longer than stored blocks', () => {
    for (const size of [0, 1, 100, 65_535, 65_536, 140_000]) {
      const blocks = Math.max(1, Math.ceil(size / 65_535));
      expect(deflate(noise(size), 'raw').length).toBeLessThanOrEqual(size + 5 * blocks);
    }
  });

  it('compresses text nearly as well as zlib', () => {
    const text = new TextEncoder().encode(JSON.stringify(Object.entries(zlib.constants)));
    expect(deflate(text).length).toBeLessThan(zlib.deflateSync(text).length * 1.1);
  });

  it('is the same each time', () => {
    expect(deflate(fibonacci(15))).toEqual(deflate(fibonacci(15)));
  });
});
