import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeBase45 } from '../../src/codec/base45.ts';
import { decodeBase64, decodeBase64url } from '../../src/codec/base64url.ts';
import { decodeCbor } from '../../src/codec/cbor.ts';
import { decodeHex } from '../../src/codec/hex.ts';
import { inflate } from '../../src/codec/inflate.ts';
import { parseJson } from '../../src/codec/json.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { decodeUtf8 } from '../../src/codec/utf8.ts';
import type { ValueObject } from '../../src/codec/value.ts';
import { inherited } from '../codec/inherited.ts';
import { broken, malformed } from '../support/broken.ts';

const MEGABYTE = 1 << 20;

/** Reproducible noise. */
function noise(length: number): Uint8Array {
  let state = 0x2545_f491;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  });
}

const large = noise(10 * MEGABYTE);
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const largeText = latin1(large);
/** Noise of the right alphabet, so that the whole of it is looked at. */
const spelled = (alphabet: string, length: number) =>
  latin1(large.subarray(0, length).map((b) => alphabet.charCodeAt(b % alphabet.length)));

const bytes = (hex: string) => decodeHex(hex.replaceAll(' ', ''));
const cbor = (input: Uint8Array) => decodeCbor(input, CODE_LIMITS);
const json = (text: string) => parseJson(text, CODE_LIMITS);
const zlibbed = (input: Uint8Array) => inflate(input, CODE_LIMITS);

/** A gigabyte of zeros in a megabyte: full flushes let one piece be repeated. */
function bomb(): Uint8Array {
  const piece = zlib.deflateRawSync(new Uint8Array(MEGABYTE), { level: 9, finishFlush: zlib.constants.Z_FULL_FLUSH });
  return Buffer.concat([Uint8Array.of(0x78, 0xda), ...Array<Buffer>(1024).fill(piece)]);
}

/** Every codec must get through ten megabytes, or give up on them, at once. None of it is accepted. */
const NOISE: readonly (readonly [name: string, read: () => unknown])[] = [
  ['base45', () => decodeBase45(largeText.slice(1))],
  [
    'base45 of the right alphabet',
    () => decodeBase45(spelled('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:', 3 * 3e6)),
  ],
  ['base64url', () => decodeBase64url(largeText)],
  ['base64url that is right but for its last character', () => decodeBase64url(`${spelled('ABab01-_', 1e7 - 1)} `)],
  ['base64', () => decodeBase64(largeText)],
  ['hexadecimal', () => decodeHex(largeText)],
  ['hexadecimal that is right but for its last character', () => decodeHex(`${spelled('0189abcd', 1e7 - 1)}g`)],
  ['UTF-8', () => decodeUtf8(large)],
  ['a zlib stream', () => zlibbed(large)],
  ['a zlib stream after its header', () => zlibbed(Buffer.concat([bytes('789c'), large]))],
  ['a deflate stream', () => inflate(large, CODE_LIMITS, 'raw')],
  ['a gzip member', () => inflate(large, CODE_LIMITS, 'gzip')],
  ['JSON', () => json(largeText)],
  ['a JSON string', () => json(`"${largeText}`)],
  ['CBOR', () => cbor(large)],
  ['a CBOR array without length', () => cbor(Buffer.concat([bytes('9f'), large]))],
];

interface Hostile {
  readonly name: string;
  readonly read: () => unknown;
  readonly says: 'MALFORMED' | 'LIMIT_EXCEEDED';
  readonly because: string;
}

const ROWS: readonly Hostile[] = [
  // Decompression.
  {
    name: 'a gigabyte of zeros in a megabyte is stopped',
    read: () => zlibbed(bomb()),
    says: 'LIMIT_EXCEEDED',
    because: 'the output is bounded, not the ratio',
  },
  {
    name: 'a stored block does not pass the limit either',
    read: () => zlibbed(zlib.deflateSync(new Uint8Array(CODE_LIMITS.inflated + 1), { level: 0 })),
    says: 'LIMIT_EXCEEDED',
    because: 'what needs no decompression is counted too',
  },
  {
    name: 'a stream of a million empty blocks that never ends is cut short',
    read: () =>
      inflate(
        new Uint8Array(5 * MEGABYTE).map((_, i) => (i % 5 > 2 ? 0xff : 0)),
        CODE_LIMITS,
        'raw',
      ),
    says: 'MALFORMED',
    because: 'each block takes input, so it ends with the input',
  },
  {
    name: 'a preset dictionary is refused',
    read: () => zlibbed(zlib.deflateSync('abcabc', { dictionary: Buffer.from('abc') })),
    says: 'MALFORMED',
    because: 'the content would depend on something outside the document',
  },
  {
    name: 'a second document behind the first is refused',
    read: () => zlibbed(Buffer.concat([zlib.deflateSync('one'), zlib.deflateSync('two')])),
    says: 'MALFORMED',
    because: 'nobody would have looked at it',
  },
  // Nesting and counts.
  {
    name: 'CBOR arrays nested 100,000 deep are stopped',
    read: () => cbor(new Uint8Array(100_001).fill(0x81, 0, 100_000)),
    says: 'LIMIT_EXCEEDED',
    because: 'each level would take a stack frame',
  },
  {
    name: 'CBOR arrays without length nested 100,000 deep are stopped',
    read: () => cbor(new Uint8Array(200_000).fill(0x9f, 0, 100_000).fill(0xff, 100_000)),
    says: 'LIMIT_EXCEEDED',
    because: 'the same',
  },
  {
    name: 'CBOR maps nested 100,000 deep are stopped',
    read: () => cbor(Uint8Array.from({ length: 200_001 }, (_, i) => (i % 2 === 0 ? 0xa1 : 0x00))),
    says: 'LIMIT_EXCEEDED',
    because: 'the same',
  },
  {
    name: 'CBOR tags nested 100,000 deep are stopped even where the tag is allowed',
    read: () => decodeCbor(new Uint8Array(100_001).fill(0xc9, 0, 100_000), CODE_LIMITS, 0, 100_001, [9]),
    says: 'LIMIT_EXCEEDED',
    because: 'tags nest as arrays do',
  },
  {
    name: 'CBOR dates nested 100,000 deep are stopped',
    read: () => cbor(new Uint8Array(100_001).fill(0xc1, 0, 100_000)),
    says: 'LIMIT_EXCEEDED',
    because: 'the content of a transparent tag is read by the same function',
  },
  {
    name: 'JSON arrays nested 100,000 deep are stopped',
    read: () => json('['.repeat(100_000) + ']'.repeat(100_000)),
    says: 'LIMIT_EXCEEDED',
    because: 'each level would take a stack frame',
  },
  {
    name: 'JSON objects nested 100,000 deep are stopped',
    read: () => json('{"a":'.repeat(100_000)),
    says: 'LIMIT_EXCEEDED',
    because: 'the same, before the missing end is noticed',
  },
  {
    name: 'a million numbers in JSON are stopped',
    read: () => json(`[${'0,'.repeat(MEGABYTE)}0]`),
    says: 'LIMIT_EXCEEDED',
    because: 'two bytes of text are tens of bytes of memory',
  },
  {
    name: 'a hundred thousand names in JSON that look like array indices are stopped',
    read: () => json(`{${Array.from({ length: 100_000 }, (_, i) => `"${i * 4096}":0`).join(',')}}`),
    says: 'LIMIT_EXCEEDED',
    because: 'the places between them must not be reserved',
  },
  {
    name: 'a million zeros in CBOR are stopped before the array is made',
    read: () => cbor(Buffer.concat([bytes('9a 00100000'), new Uint8Array(MEGABYTE)])),
    says: 'LIMIT_EXCEEDED',
    because: 'the head tells how many there are',
  },
  {
    name: 'a million zeros in CBOR without a length are stopped',
    read: () => cbor(Buffer.concat([bytes('9f'), new Uint8Array(MEGABYTE)])),
    says: 'LIMIT_EXCEEDED',
    because: 'they are counted one by one',
  },
  {
    name: 'a million empty chunks of one CBOR string are stopped',
    read: () => cbor(Buffer.concat([bytes('7f'), new Uint8Array(MEGABYTE).fill(0x60), bytes('ff')])),
    says: 'LIMIT_EXCEEDED',
    because: 'a chunk costs as much as a value',
  },
  // Lengths that lie.
  {
    name: 'a CBOR array of 2^32 - 1 elements in ten bytes is refused',
    read: () => cbor(bytes('9a ffffffff 0000000000')),
    says: 'MALFORMED',
    because: 'every element takes a byte, and they are not there',
  },
  {
    name: 'a CBOR array of 2^64 - 1 elements is refused',
    read: () => cbor(bytes('9b ffffffffffffffff 00')),
    says: 'MALFORMED',
    because: 'the count is no exact number any more, but large enough to be refused',
  },
  {
    name: 'a CBOR map of 2^63 entries is refused',
    read: () => cbor(bytes('bb 8000000000000000 0000')),
    says: 'MALFORMED',
    because: 'the same for entries, which take two',
  },
  {
    name: 'a CBOR map of five entries in nine bytes is refused at its head',
    read: () => cbor(bytes('a5 0001 0101 0201 0301')),
    says: 'MALFORMED',
    because: 'an entry takes two bytes at least',
  },
  {
    name: 'a CBOR text of four gigabytes is refused',
    read: () => cbor(bytes('7a ffffffff 61')),
    says: 'MALFORMED',
    because: 'nothing is allocated on the word of a head',
  },
  {
    name: 'a CBOR byte string of 2^53 bytes is refused',
    read: () => cbor(bytes('5b 0020000000000000 00')),
    says: 'MALFORMED',
    because: 'the same',
  },
  {
    name: 'a CBOR array without length and without break is refused',
    read: () => cbor(bytes('9f 01 02')),
    says: 'MALFORMED',
    because: 'the end of the input is no end of an array',
  },
  {
    name: 'a CBOR string without length and without break is refused',
    read: () => cbor(bytes('7f 61 61')),
    says: 'MALFORMED',
    because: 'the same',
  },
  {
    name: 'a CBOR map without length that breaks between key and value is refused',
    read: () => cbor(bytes('bf 00 ff')),
    says: 'MALFORMED',
    because: 'a break is no value',
  },
  // One document, several readings.
  {
    name: 'lower-case base45 is refused',
    read: () => decodeBase45('%69 vd92ex0'),
    says: 'MALFORMED',
    because: 'it would be a second text for one document',
  },
  {
    name: 'base45 with a line break is refused',
    read: () => decodeBase45('%69 VD92E\nX0'),
    says: 'MALFORMED',
    because: 'the same',
  },
  {
    name: 'base64url with spare bits is refused',
    read: () => decodeBase64url('eyJhIjoxfR'),
    says: 'MALFORMED',
    because: 'a list of revoked texts would not know the document again',
  },
  {
    name: 'an overlong slash is refused',
    read: () => decodeUtf8(bytes('2e 2e c0 af')),
    says: 'MALFORMED',
    because: 'a check for ../ would not see it',
  },
  {
    name: 'an overlong quote inside CBOR text is refused',
    read: () => cbor(bytes('62 c0 a2')),
    says: 'MALFORMED',
    because: 'CBOR text is read as strictly as any other',
  },
  {
    name: 'half a character in JSON is refused',
    read: () => json('{"name":"\\udbff"}'),
    says: 'MALFORMED',
    because: 'it cannot be signed, shown or compared',
  },
  {
    name: 'a byte order mark before JSON is refused',
    read: () => json(decodeUtf8(bytes('ef bb bf 7b 7d'))),
    says: 'MALFORMED',
    because: 'it is kept by the decoder so that it can be refused here',
  },
  {
    name: 'a name twice in JSON, once escaped, is refused',
    read: () => json('{"status":"10","\\u0073tatus":"00"}'),
    says: 'MALFORMED',
    because: 'two readers would see two colours',
  },
  {
    name: 'a key twice in CBOR, once in chunks, is refused',
    read: () => cbor(bytes('a2 62 6161 01 7f 61 61 61 61 ff 02')),
    says: 'MALFORMED',
    because: 'the same',
  },
  {
    name: 'a CBOR key in text that looks like an integer key is refused',
    read: () => cbor(bytes('a2 04 01 61 34 02')),
    says: 'MALFORMED',
    because: 'the date of expiry could be given twice',
  },
  {
    name: 'an integer that JavaScript would round is refused in JSON',
    read: () => json('{"serial":9007199254740993}'),
    says: 'MALFORMED',
    because: 'two serial numbers would become one',
  },
  {
    name: 'a number of ten million digits is refused in JSON',
    read: () => json(`1${'0'.repeat(10 * MEGABYTE)}`),
    says: 'MALFORMED',
    because: 'it is infinity, and found to be so in one pass',
  },
  {
    name: 'a fraction of ten million digits and an exponent too large are refused in JSON',
    read: () => json(`0.${'9'.repeat(MEGABYTE)}e999999999`),
    says: 'MALFORMED',
    because: 'it is infinity',
  },
];

describe('hostile input to the codecs', () => {
  it.each(NOISE)('ten megabytes of noise as %s are refused', (_name, read) => {
    expect(read).toThrow(malformed);
  });

  it.each(ROWS)('$name, because $because', ({ read, says }) => {
    expect(read).toThrow(broken(says));
  });
});

it('stops a decompression bomb without taking the memory', () => {
  const packed = bomb();
  expect(packed.length).toBeLessThan(1.2 * MEGABYTE);
  const before = process.memoryUsage().arrayBuffers;
  expect(() => zlibbed(packed)).toThrow(broken('LIMIT_EXCEEDED'));
  // A copy of the input, and buffers that double up to 256 KiB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(packed.length + MEGABYTE);
});

describe('names that are properties of every object', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const text = (name: string) => `${(0x60 + name.length).toString(16)}${hex(name)}`;
  it.each(NAMES)('%s is only a name, in JSON and in CBOR', (name) => {
    for (const value of [
      json(`{"${name}":{"admin":true}}`),
      cbor(bytes(`a1 ${text(name)} a1 ${text('admin')} f5`)),
      cbor(bytes(`bf 7f ${text(name)} ff bf ${text('admin')} f5 ff ff`)),
    ] as ValueObject[]) {
      expect(inherited(value)).toEqual([]);
      expect(Object.keys(value)).toEqual([name]);
      expect(value['admin']).toBeUndefined();
      expect((value[name] as ValueObject)['admin']).toBe(true);
    }
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

it('accepts a code with as much in it as the limits allow', () => {
  const values = CODE_LIMITS.items - 1;
  expect(json(`[${Array(values).fill('0').join(',')}]`)).toHaveLength(values);
  expect(cbor(Buffer.concat([bytes('99 270f'), new Uint8Array(values)]))).toHaveLength(values);
  expect(json('['.repeat(CODE_LIMITS.depth) + ']'.repeat(CODE_LIMITS.depth))).toBeDefined();
  expect(zlibbed(zlib.deflateSync(new Uint8Array(CODE_LIMITS.inflated)))).toHaveLength(CODE_LIMITS.inflated);
});
