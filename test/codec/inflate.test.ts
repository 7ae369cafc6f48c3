import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deflate } from '../../src/codec/deflate.ts';
import { adler32, type Container, crc32, inflate } from '../../src/codec/inflate.ts';
import { broken, malformed } from '../support/broken.ts';

const LIMITS = { inflated: 1 << 20 };
const ascii = (text: string) => new TextEncoder().encode(text);

/** Bits as RFC 1951 §3.1 packs them: '0' and '1' in the order in which they are read; anything else is for the eye. */
function bits(text: string): Uint8Array {
  const digits = text.replace(/[^01]/g, '');
  return Uint8Array.from({ length: Math.ceil(digits.length / 8) }, (_, i) =>
    [...digits.slice(i * 8, i * 8 + 8)].reduce((byte, digit, bit) => byte | (Number(digit) << bit), 0),
  );
}
/** A number in `n` bits, least significant first. */
const lsb = (value: number, n: number) => Array.from({ length: n }, (_, i) => (value >> i) & 1).join('');

describe('blocks written by hand from RFC 1951', () => {
  it('reads the fixed code: an empty block', () => {
    expect(inflate(bits('1 10 0000000'), LIMITS, 'raw')).toEqual(new Uint8Array(0));
  });

  it('reads the fixed code: a literal and a match that overlaps itself', () => {
    // 'a' is 0x61: word 0x30 + 0x61 in 8 bits; length 4 is symbol 258, word 2 in 7 bits; distance 1 is word 0 in 5 bits.
    expect(inflate(bits('1 10 10010001 0000010 00000 0000000'), LIMITS, 'raw')).toEqual(ascii('aaaaa'));
  });

  it('reads a stored block, in the middle of whose byte the header ends', () => {
    const block = Uint8Array.of(...bits('1 00'), 3, 0, 0xfc, 0xff, ...ascii('abc'));
    expect(inflate(block, LIMITS, 'raw')).toEqual(ascii('abc'));
  });

  it('reads a match of 258 bytes', () => {
    // Length 258 is symbol 285: 11000101, without extra bits.
    const block = bits('1 10 10010001 11000101 00000 0000000');
    expect(inflate(block, LIMITS, 'raw')).toEqual(new Uint8Array(259).fill(0x61));
  });

  // The code of code lengths: 3 + 4 bits of counts, then 3 bits each for 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15.
  const header = (hlit: number, hdist: number, lengths: readonly number[]) =>
    `1 01 ${lsb(hlit - 257, 5)} ${lsb(hdist - 1, 5)} ${lsb(lengths.length - 4, 4)} ${lengths.map((n) => lsb(n, 3)).join('')}`;
  // 18 and 1, one bit each: 1 is '0', 18 is '1'.
  const ONE_AND_ZEROS = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  const zeros = (n: number) => `1 ${lsb(n - 11, 7)}`;

  it('reads a dynamic block with a single distance code of one bit, which zlib allows', () => {
    // 'a' and end of block have one bit each; the only distance, 1, has one bit: incomplete, but the one exception.
    const text = `${header(257, 1, ONE_AND_ZEROS)} ${zeros(97)} 0 ${zeros(138)} ${zeros(20)} 0 0 | 0 0 0 1`;
    expect(zlib.inflateRawSync(bits(text)).toString()).toBe('aaa');
    expect(inflate(bits(text), LIMITS, 'raw')).toEqual(ascii('aaa'));
  });

  // 18, 1 and 2: 18 is '0', 1 is '10', 2 is '11'.
  const ZEROS_ONE_TWO = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2];
  const zeros0 = (n: number) => `0 ${lsb(n - 11, 7)}`;

  it.each([
    ['the reserved block type', '1 11', 'reserved block type'],
    ['287 literal codes', `1 01 ${lsb(30, 5)} ${lsb(0, 5)} ${lsb(15, 4)} ${'000'.repeat(19)}`, 'too many'],
    ['31 distance codes', `1 01 ${lsb(0, 5)} ${lsb(30, 5)} ${lsb(15, 4)} ${'000'.repeat(19)}`, 'too many'],
    ['a code of code lengths without words', header(257, 1, new Array(19).fill(0)), 'code length code'],
    ['a code of code lengths with one word only', header(257, 1, [0, 0, 1, 0]), 'code length code'],
    ['an over-subscribed code of code lengths', header(257, 1, [1, 1, 1, 0]), 'code length code'],
    ['a repetition before the first length', `${header(257, 1, [1, 0, 1, 0])} 0 00`, 'before the first'],
    [
      'a repetition beyond the last length',
      `${header(257, 1, ONE_AND_ZEROS)} ${zeros(138)} ${zeros(138)}`,
      'more code lengths than symbols',
    ],
    [
      'no code for the end of the block',
      `${header(257, 1, ONE_AND_ZEROS)} 0 0 ${zeros(138)} ${zeros(117)} 0`,
      'no code for the end',
    ],
    [
      'an over-subscribed literal code',
      `${header(257, 1, ONE_AND_ZEROS)} 0 0 ${zeros(138)} ${zeros(116)} 0 0`,
      'over-subscribed',
    ],
    [
      'an incomplete literal code',
      `${header(257, 11, ZEROS_ONE_TWO)} ${zeros0(138)} ${zeros0(118)} 11 ${zeros0(11)}`,
      'incomplete',
    ],
    [
      'an incomplete distance code of two bits',
      `${header(257, 12, ZEROS_ONE_TWO)} ${zeros0(138)} ${zeros0(118)} 10 11 ${zeros0(11)}`,
      'incomplete',
    ],
    [
      'the other bit of a code with one word',
      `${header(257, 1, ONE_AND_ZEROS)} ${zeros(138)} ${zeros(118)} 0 0 1`,
      'no code word',
    ],
    [
      'a match although there is no distance code',
      `${header(258, 11, ONE_AND_ZEROS)} ${zeros(138)} ${zeros(118)} 0 0 ${zeros(11)} 1`,
      'no code word',
    ],
    ['length symbol 286 of the fixed code', '1 10 10010001 11000110 00000 0000000', 'length symbol'],
    ['distance symbol 30 of the fixed code', '1 10 10010001 0000010 11110 0000000', 'distance symbol'],
    ['a distance before the start', '1 10 10010001 0000010 00001 0000000', 'before the start'],
    ['a match before anything', '1 10 0000010 00000 0000000', 'before the start'],
  ])('refuses %s, as zlib does', (_name, text, detail) => {
    const block = Uint8Array.of(...bits(text), 0, 0, 0, 0);
    expect(() => zlib.inflateRawSync(block)).toThrow();
    expect(() => inflate(block, LIMITS, 'raw')).toThrow(malformed);
    expect(() => inflate(block, LIMITS, 'raw')).toThrow(detail);
  });

  it('refuses a stored block whose length and complement differ', () => {
    expect(() => inflate(Uint8Array.of(1, 3, 0, 0xfc, 0xfe, 97, 98, 99), LIMITS, 'raw')).toThrow(malformed);
  });
});

describe('containers', () => {
  const text = ascii('a health code is no person, a person is no health code');
  const packed: Record<Container, Uint8Array> = {
    raw: Uint8Array.from(zlib.deflateRawSync(text)),
    zlib: Uint8Array.from(zlib.deflateSync(text)),
    gzip: Uint8Array.from(zlib.gzipSync(text)),
  };
  const names = Object.keys(packed) as Container[];

  it.each(names)('%s: reads it, reports what follows only if asked', (name) => {
    const used = packed[name].length;
    const longer = Uint8Array.of(...packed[name], 1, 2, 3);
    expect(inflate(packed[name], LIMITS, name)).toEqual(text);
    expect(() => inflate(longer, LIMITS, name)).toThrow(malformed);
    expect(inflate(longer, LIMITS, name, { allowTrailing: true })).toEqual({ bytes: text, used });
    expect(inflate(packed[name], LIMITS, name, { allowTrailing: true })).toEqual({ bytes: text, used });
  });

  it.each(names)('%s: refuses every truncation', (name) => {
    for (let length = 0; length < packed[name].length; length++) {
      const cut = packed[name].subarray(0, length);
      expect(() => inflate(cut, LIMITS, name), `${length} bytes`).toThrow(malformed);
      expect(() => inflate(cut, LIMITS, name, { allowTrailing: true }), `${length} bytes`).toThrow(malformed);
    }
  });

  const changed = (name: Container, index: number, byte: number) => {
    const copy = packed[name].slice();
    copy[index < 0 ? copy.length + index : index] = byte;
    return copy;
  };
  it.each<[string, Container, Uint8Array]>([
    ['another method', 'zlib', changed('zlib', 0, 0x79)],
    ['a header check that is off', 'zlib', changed('zlib', 1, packed.zlib[1]! + 1)],
    ['a window of 64 KiB', 'zlib', Uint8Array.of(0x88, 0x1c, ...packed.zlib.subarray(2))],
    ['a wrong Adler-32', 'zlib', changed('zlib', -1, packed.zlib.at(-1)! ^ 1)],
    ['a preset dictionary', 'zlib', zlib.deflateSync(text, { dictionary: Buffer.from('health code') })],
    ['a wrong magic number', 'gzip', changed('gzip', 1, 0x8c)],
    ['another gzip method', 'gzip', changed('gzip', 2, 7)],
    ['reserved gzip flags', 'gzip', changed('gzip', 3, 0x20)],
    ['a wrong CRC-32', 'gzip', changed('gzip', -5, packed.gzip.at(-5)! ^ 1)],
    ['a wrong length', 'gzip', changed('gzip', -1, 1)],
    ['a second gzip member', 'gzip', Uint8Array.of(...packed.gzip, ...packed.gzip)],
    ['gzip as zlib', 'zlib', packed.gzip],
    ['zlib as gzip', 'gzip', packed.zlib],
  ])('refuses %s (%s)', (_name, container, bytes) => {
    expect(() => inflate(bytes, LIMITS, container)).toThrow(malformed);
  });

  const flags = (flag: number, ...fields: number[]) =>
    Uint8Array.of(
      ...packed.gzip.subarray(0, 3),
      flag,
      ...packed.gzip.subarray(4, 10),
      ...fields,
      ...packed.gzip.subarray(10),
    );
  it('reads the optional fields of gzip', () => {
    const start = Uint8Array.of(...packed.gzip.subarray(0, 3), 2, ...packed.gzip.subarray(4, 10));
    const check = zlib.crc32(start) & 0xffff;
    const variants = [
      flags(4, 2, 0, 9, 9),
      flags(8, 97, 0),
      flags(16, 97, 98, 0),
      flags(24, 97, 0, 98, 0),
      flags(2, check & 255, check >> 8),
    ];
    for (const variant of variants) {
      expect(new Uint8Array(zlib.gunzipSync(variant))).toEqual(text);
      expect(inflate(variant, LIMITS, 'gzip')).toEqual(text);
    }
  });
  it('refuses optional fields of gzip that are damaged', () => {
    expect(() => inflate(flags(2, 0, 0), LIMITS, 'gzip')).toThrow(malformed);
    expect(() => inflate(flags(4, 0xff, 0xff), LIMITS, 'gzip')).toThrow(malformed);
    expect(() => inflate(flags(8).subarray(0, 10), LIMITS, 'gzip')).toThrow(malformed);
  });
});

it('refuses what is cut short in the header of a block, at the very end of a large buffer', () => {
  // Too large for the scratch buffer, which is longer than its input: here a fetch too far would show.
  const first = zlib.deflateRawSync(new Uint8Array(20_000), { level: 0, finishFlush: zlib.constants.Z_FULL_FLUSH });
  const second = zlib.deflateRawSync(JSON.stringify(Object.entries(zlib.constants)));
  const whole = Uint8Array.from([...first, ...second]);
  for (let length = first.length; length < whole.length; length++) {
    expect(() => inflate(whole.slice(0, length), LIMITS, 'raw'), `${length} bytes`).toThrow(malformed);
  }
  expect(inflate(whole, LIMITS, 'raw').length).toBeGreaterThan(20_000);
});

describe('the limit', () => {
  it.each(['raw', 'zlib', 'gzip'] as const)('holds to the byte (%s)', (container) => {
    const pack = { raw: zlib.deflateRawSync, zlib: zlib.deflateSync, gzip: zlib.gzipSync }[container];
    for (const size of [1, 2, 3, 257, 1000, 16_384, 40_000]) {
      for (const level of [0, 1, 9]) {
        for (const data of [new Uint8Array(size), Uint8Array.from({ length: size }, (_, i) => (i * i) >> 5)]) {
          const bytes = pack(data, { level });
          expect(inflate(bytes, { inflated: size }, container)).toEqual(data);
          expect(() => inflate(bytes, { inflated: size - 1 }, container)).toThrow(broken('LIMIT_EXCEEDED'));
        }
      }
    }
  });
});

describe('the same judge as zlib', () => {
  const { constants } = zlib;
  const options = fc.record({
    level: fc.integer({ min: 0, max: 9 }),
    memLevel: fc.integer({ min: 1, max: 9 }),
    windowBits: fc.integer({ min: 9, max: 15 }),
    strategy: fc.constantFrom(
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_FILTERED,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
      constants.Z_FIXED,
    ),
  });
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.string({ unit: fc.constantFrom(...'abcdefgh '), maxLength: 5000 }).map(ascii),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 2000 }))
      .map(([piece, times]) =>
        Uint8Array.from({ length: piece.length * times }, (_, i) => piece[i % piece.length]! ^ (i >> 9)),
      ),
  );

  it('gives back what zlib packed, at every level and strategy', () => {
    fc.assert(
      fc.property(data, options, (bytes, how) => {
        expect(inflate(zlib.deflateSync(bytes, how), LIMITS)).toEqual(bytes);
        expect(inflate(zlib.deflateRawSync(bytes, how), LIMITS, 'raw')).toEqual(bytes);
        expect(inflate(zlib.gzipSync(bytes, how), LIMITS, 'gzip')).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('judges damaged streams alike', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'abcdefgh'), maxLength: 200 }),
        options,
        change,
        (text, how, { at, byte, cut }) => {
          const stream = Uint8Array.from(zlib.deflateRawSync(ascii(text), how));
          stream[at % stream.length] = byte;
          expectSame(stream.subarray(0, stream.length - Math.min(cut, stream.length - 1)));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('judges noise alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 120 }), (noise) => expectSame(noise)),
      { numRuns: 5000 },
    );
  });

  function expectSame(stream: Uint8Array): void {
    let theirs: { buffer: Buffer; engine: { bytesWritten: number } };
    try {
      theirs = zlib.inflateRawSync(stream, { info: true }) as unknown as typeof theirs;
    } catch {
      expect(() => inflate(stream, LIMITS, 'raw')).toThrow(malformed);
      return;
    }
    expect(inflate(stream, LIMITS, 'raw', { allowTrailing: true })).toEqual({
      bytes: new Uint8Array(theirs.buffer),
      used: theirs.engine.bytesWritten,
    });
  }
});

it('leaves nothing of one document in the next', () => {
  const secret = inflate(deflate(ascii('x'.repeat(3000))), LIMITS);
  const other = inflate(deflate(ascii('short')), LIMITS);
  expect(secret).toEqual(ascii('x'.repeat(3000)));
  expect(other.buffer.byteLength).toBe(5);
  secret.fill(0);
  expect(inflate(deflate(ascii('x'.repeat(10))), LIMITS)).toEqual(ascii('x'.repeat(10)));
});

describe('checksums', () => {
  it('are those of the specifications', () => {
    expect(adler32(new Uint8Array(0))).toBe(1);
    expect(adler32(ascii('Wikipedia'))).toBe(0x11e60398);
    expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
  });
  it('do not overflow on large input, and agree with zlib', () => {
    const large = new Uint8Array(300_001).fill(255);
    expect(crc32(large)).toBe(zlib.crc32(large));
    expect(Buffer.from(zlib.deflateSync(large)).readUInt32BE(zlib.deflateSync(large).length - 4)).toBe(adler32(large));
    expect(inflate(zlib.deflateSync(large), LIMITS)).toEqual(large);
  });
});
