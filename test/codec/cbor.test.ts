import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  cborReader,
  decodeCbor,
  encodeCbor,
  readArrayHead,
  readBreak,
  readBytes,
  readEnd,
  readTag,
  readValue,
} from '../../src/codec/cbor.ts';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import type { Value } from '../../src/codec/value.ts';
import { broken, malformed } from '../support/broken.ts';
import { inherited } from './inherited.ts';

const decode = (hex: string, ...tags: number[]) => decodeCbor(decodeHex(hex), CODE_LIMITS, 0, hex.length / 2, tags);
const encode = (value: Value) => encodeHex(encodeCbor(value));
const up = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('the examples of RFC 8949 appendix A that are written as they are read', () => {
  it.each<[string, Value]>([
    ['00', 0],
    ['01', 1],
    ['0a', 10],
    ['17', 23],
    ['1818', 24],
    ['1819', 25],
    ['1864', 100],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['3bffffffffffffffff', -18446744073709551616n],
    ['20', -1],
    ['29', -10],
    ['3863', -100],
    ['3903e7', -1000],
    ['f98000', -0],
    ['fb3ff199999999999a', 1.1],
    ['f93e00', 1.5],
    ['fb7e37e43c8800759c', 1e300],
    ['f90001', 2 ** -24],
    ['f90400', 0.00006103515625],
    ['fbc010666666666666', -4.1],
    ['f97c00', Number.POSITIVE_INFINITY],
    ['f97e00', Number.NaN],
    ['f9fc00', Number.NEGATIVE_INFINITY],
    ['fa7f7fffff', 3.4028234663852886e38],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['40', new Uint8Array(0)],
    ['4401020304', Uint8Array.of(1, 2, 3, 4)],
    ['60', ''],
    ['6161', 'a'],
    ['6449455446', 'IETF'],
    ['62225c', '"\\'],
    ['62c3bc', 'ü'],
    ['63e6b0b4', '水'],
    ['64f0908591', '\ud800\udd51'],
    ['80', []],
    ['83010203', [1, 2, 3]],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', up(1, 25)],
    ['a0', {}],
    ['a201020304', { 1: 2, 3: 4 }],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['826161a161626163', ['a', { b: 'c' }]],
    ['a56161614161626142616361436164614461656145', { a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }],
  ])('%s', (hex, value) => {
    expect(decode(hex)).toEqual(value);
    expect(encode(value)).toBe(hex);
  });
});

describe('the examples of RFC 8949 appendix A that can be said more shortly', () => {
  it.each<[string, Value]>([
    ['f90000', 0],
    ['f93c00', 1],
    ['f97bff', 65504],
    ['fa47c35000', 100_000],
    ['f9c400', -4],
    ['fa7f800000', Number.POSITIVE_INFINITY],
    ['fa7fc00000', Number.NaN],
    ['faff800000', Number.NEGATIVE_INFINITY],
    ['fb7ff0000000000000', Number.POSITIVE_INFINITY],
    ['fb7ff8000000000000', Number.NaN],
    ['fbfff0000000000000', Number.NEGATIVE_INFINITY],
    ['f7', null],
    ['c074323031332d30332d32315432303a30343a30305a', '2013-03-21T20:04:00Z'],
    ['c11a514b67b0', 1363896240],
    ['c1fb41d452d9ec200000', 1363896240.5],
    ['5f42010243030405ff', Uint8Array.of(1, 2, 3, 4, 5)],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9fff', []],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['9f01820203820405ff', [1, [2, 3], [4, 5]]],
    ['83018202039f0405ff', [1, [2, 3], [4, 5]]],
    ['83019f0203ff820405', [1, [2, 3], [4, 5]]],
    ['9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff', up(1, 25)],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['826161bf61626163ff', ['a', { b: 'c' }]],
    ['bf6346756ef563416d7421ff', { Fun: true, Amt: -2 }],
  ])('%s', (hex, value) => {
    expect(decode(hex)).toEqual(value);
  });
});

describe('the examples of RFC 8949 appendix A that no payload may hold', () => {
  it.each([
    ['c249010000000000000000', 'a bignum: tag 2'],
    ['c349010000000000000000', 'a negative bignum: tag 3'],
    ['d74401020304', 'tag 23'],
    ['d818456449455446', 'tag 24: embedded CBOR'],
    ['d82076687474703a2f2f7777772e6578616d706c652e636f6d', 'tag 32: a URI'],
    ['f0', 'simple value 16'],
    ['f8ff', 'simple value 255'],
  ])('%s, %s', (hex) => {
    expect(() => decode(hex)).toThrow(malformed);
  });
});

describe('what is not well-formed, by RFC 8949 appendix F', () => {
  it.each([
    ...['18', '19', '1a', '1b', '1901', '1a0102', '1b01020304050607', '38', '58', '78', '98', '9a01ff00', 'b8', 'd8'],
    ...['f8', 'f900', 'fa0000', 'fb000000'],
    ...['41', '61', '5affffffff00', '5bffffffffffffffff010203', '7affffffff00', '7b7fffffffffffffff010203'],
    ...['81', '818181818181818181', '8200', 'a1', 'a20102', 'a100', 'a2000000'],
    ...['c0', '5f4100', '7f6100'],
    ...['9f', '9f0102', 'bf', 'bf01020102', '819f', '9f8000', '9f9f9f9f9fffffffff', '9f819f819f9fffffff'],
    ...['1c', '1d', '1e', '3c', '3d', '3e', '5c', '5d', '5e', '7c', '7d', '7e', '9c', '9d', '9e', 'bc', 'bd', 'be'],
    ...['dc', 'dd', 'de', 'fc', 'fd', 'fe', 'f800', 'f801', 'f818', 'f81f'],
    ...['5f00ff', '5f21ff', '5f6100ff', '5f80ff', '5fa0ff', '5fc000ff', '5fe0ff', '7f4100ff'],
    ...['5f5f4100ffff', '7f7f6100ffff', 'ff', '81ff', '8200ff', 'a1ff', 'a1ff00', 'a100ff', 'a20000ff', '9f81ff'],
    ...['9f829f819f9fffffffff', 'bf00ff', 'bf000000ff', '1f', '3f', 'df', ''],
  ])('%s', (hex) => {
    expect(() => decode(hex)).toThrow(malformed);
  });
});

describe('what two decoders could read differently', () => {
  it.each([
    ['a text key twice', 'a2616101616102', 'one takes the first, another the last'],
    ['a text key twice, first with null', 'a26161f6616101', 'null is a value'],
    ['a text key twice, first with zero', 'a2616100616101', 'zero is a value'],
    ['a text key twice in a map without length', 'bf616101616102ff', 'the same'],
    ['an integer key twice', 'a201010102', 'the same'],
    ['an integer key twice, once written longer', 'a20101180102', 'the same value in other bytes'],
    ['a key twice, once in chunks', 'a26161017f6161ff02', 'the same value in other bytes'],
    ['an integer key as text beside it', 'a20101613102', 'both would become "1"'],
    ['a text key that looks like an integer', 'a1613101', 'it would be taken for the integer'],
    ['a text key that looks like a negative integer', 'a1642d32363001', 'the same'],
    ['a text key that looks like zero', 'a1613001', 'the same'],
    ['a text key that looks like minus zero', 'a1622d3001', 'the same'],
    ['a byte string as a key', 'a1416101', 'no JSON pointer leads there'],
    ['a float as a key', 'a1f93c0001', '1.0 and 1 would be one key'],
    ['true as a key', 'a1f501', 'it would be taken for the text'],
    ['null as a key', 'a1f601', 'the same'],
    ['an array as a key', 'a18000', 'the same'],
    ['a tagged key', 'a1c0616101', 'the same'],
    ['text that is not UTF-8', '62c328', 'replaced characters would make two names equal'],
    ['a key that is not UTF-8', 'a162c32801', 'the same'],
    ['a character cut in two by chunks', '7f61c361bcff', 'RFC 8949 §3.2.3: each chunk is valid by itself'],
    ['a date that is a number', 'c001', 'RFC 8949 §3.4.1'],
    ['an epoch that is text', 'c16161', 'RFC 8949 §3.4.2'],
    ['an epoch that is null', 'c1f6', 'RFC 8949 §3.4.2'],
    ['a date in an epoch', 'c1c06161', 'the same'],
    ['a byte after the item', '0000', 'nobody would have looked at it'],
    ['a break after the item', '00ff', 'the same'],
  ])('%s: %s, because %s', (_name, hex, _because) => {
    expect(() => decode(hex)).toThrow(malformed);
  });

  it('a key seen before does not stand for bytes that are no UTF-8', () => {
    // Names are remembered by a hash of their bytes; among so many pairs some share a place.
    const letters = Array.from({ length: 64 }, (_, i) => String.fromCharCode(0xc0 + i));
    for (const name of letters.flatMap((first) => letters.map((second) => first + second))) {
      expect(Object.keys(decodeCbor(encodeCbor({ [name]: 1 }), CODE_LIMITS) as object)).toEqual([name]);
      const latin1 = Uint8Array.of(0xa1, 0x62, name.charCodeAt(0), name.charCodeAt(1), 1);
      expect(() => decodeCbor(latin1, CODE_LIMITS)).toThrow(malformed);
    }
  });

  it('keys that only begin like an integer are text', () => {
    const value = { '01': 1, '-': 2, '1a': 3, '--1': 4, '1.0': 5, '+1': 6, '-01': 7, '': 8, '00': 9 };
    expect(decodeCbor(encodeCbor(value), CODE_LIMITS)).toEqual(value);
    expect(encode({ '01': 1 })).toBe('a162303101');
  });

  it('objects inherit nothing, and keys are only keys', () => {
    const object = decode('a26b636f6e7374727563746f7201695f5f70726f746f5f5fa16561646d696ef5');
    expect(inherited(object)).toEqual([]);
    expect(Object.keys(object as object)).toEqual(['constructor', '__proto__']);
    expect((object as Record<string, Value>)['admin']).toBeUndefined();
  });
});

describe('integers', () => {
  it.each<[string, Value]>([
    ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['1b0020000000000000', 2n ** 53n],
    ['1b0020000000000001', 2n ** 53n + 1n],
    ['3b001ffffffffffffe', Number.MIN_SAFE_INTEGER],
    ['3b001fffffffffffff', -(2n ** 53n)],
    ['3b0020000000000000', -(2n ** 53n) - 1n],
    ['a11b7fffffffffffffff01', { '9223372036854775807': 1 }],
    ['a13bffffffffffffffff01', { '-18446744073709551616': 1 }],
  ])('%s', (hex, value) => {
    expect(decode(hex)).toEqual(value);
    expect(encode(value)).toBe(hex);
  });
});

describe('limits', () => {
  const nested = (levels: number) => `${'81'.repeat(levels)}00`;
  it('count nested arrays, maps and tags', () => {
    const at = (hex: string, depth: number) =>
      decodeCbor(decodeHex(hex), { depth, items: 100 }, 0, hex.length / 2, [9]);
    expect(at(nested(3), 3)).toEqual([[[0]]]);
    expect(() => at(nested(4), 3)).toThrow(broken('LIMIT_EXCEEDED'));
    expect(at('a100a10000', 2)).toEqual({ 0: { 0: 0 } });
    expect(() => at('a100a10000', 1)).toThrow(broken('LIMIT_EXCEEDED'));
    expect(at('c9c900', 2)).toBe(0);
    expect(() => at('c9c900', 1)).toThrow(broken('LIMIT_EXCEEDED'));
    expect(at('00', 0)).toBe(0);
  });

  it('count every element, entry, scalar and chunk', () => {
    const at = (hex: string, items: number) => decodeCbor(decodeHex(hex), { depth: 9, items });
    for (const [hex, items] of [
      ['8301a1020304', 5],
      ['9f0102ff', 3],
      ['7f61616162ff', 3],
    ] as const) {
      expect(() => at(hex, items)).not.toThrow();
      expect(() => at(hex, items - 1)).toThrow(broken('LIMIT_EXCEEDED'));
    }
  });

  it('hold the stack even if the limit does not', () => {
    const deep = decodeHex(nested(100_000));
    expect(() => decodeCbor(deep, { depth: 1e9, items: 1e9 })).toThrow(broken('LIMIT_EXCEEDED'));
  });
});

describe('reading item by item, as COSE does', () => {
  const signed = decodeHex('d83dd28443a10126a1044231324301020358020909');

  it('takes tags, the array and byte strings as views', () => {
    const r = cborReader(signed, CODE_LIMITS);
    expect([readTag(r), readTag(r), readTag(r)]).toEqual([61, 18, undefined]);
    expect(readArrayHead(r)).toBe(4);
    const protectedHeader = readBytes(r);
    expect(protectedHeader).toEqual(Uint8Array.of(0xa1, 0x01, 0x26));
    expect(protectedHeader.buffer).toBe(signed.buffer);
    expect(readValue(r)).toEqual({ 4: Uint8Array.of(0x31, 0x32) });
    const payload = readBytes(r);
    expect(payload).toEqual(Uint8Array.of(1, 2, 3));
    expect(payload.buffer).toBe(signed.buffer);
    expect(() => readEnd(r)).toThrow(malformed);
    expect(readBytes(r)).toEqual(Uint8Array.of(9, 9));
    readEnd(r);
  });

  it('refuses another type, and what is cut short', () => {
    expect(() => readArrayHead(cborReader(decodeHex('a0'), CODE_LIMITS))).toThrow(malformed);
    expect(() => readBytes(cborReader(decodeHex('6161'), CODE_LIMITS))).toThrow(malformed);
    expect(() => readBytes(cborReader(decodeHex('f6'), CODE_LIMITS))).toThrow(malformed);
    expect(() => readArrayHead(cborReader(decodeHex(''), CODE_LIMITS))).toThrow(malformed);
    expect(() => readBreak(cborReader(decodeHex(''), CODE_LIMITS))).toThrow(malformed);
    expect(() => readTag(cborReader(decodeHex('df'), CODE_LIMITS))).toThrow(malformed);
    expect(() => readBytes(cborReader(decodeHex('4401'), CODE_LIMITS))).toThrow(malformed);
    expect(() => readValue(cborReader(decodeHex('6261'), CODE_LIMITS))).toThrow(malformed);
    expect(() => readValue(cborReader(decodeHex('1901'), CODE_LIMITS))).toThrow(malformed);
    expect(() => readValue(cborReader(decodeHex('1901ff'), CODE_LIMITS, 0, 2))).toThrow(malformed);
    for (let length = 0; length < signed.length; length++) {
      const r = cborReader(signed, CODE_LIMITS, 3, Math.max(3, length));
      const whole = () => [readArrayHead(r), readBytes(r), readValue(r), readBytes(r), readBytes(r), readEnd(r)];
      expect(whole, `${length} bytes`).toThrow(malformed);
    }
  });

  it('reads arrays without a length', () => {
    const r = cborReader(decodeHex('9f0102ff'), CODE_LIMITS);
    expect(readArrayHead(r)).toBe(Number.POSITIVE_INFINITY);
    const values: Value[] = [];
    while (!readBreak(r)) values.push(readValue(r));
    expect(values).toEqual([1, 2]);
    readEnd(r);
  });

  it('stays between from and to', () => {
    expect(decodeCbor(decodeHex('ff0aff'), CODE_LIMITS, 1, 2)).toBe(10);
    expect(() => decodeCbor(decodeHex('ff6261ff'), CODE_LIMITS, 1, 3)).toThrow(malformed);
    expect(() => decodeCbor(decodeHex('00'), CODE_LIMITS, 0, 2)).toThrow(RangeError);
  });

  it('sees through tags only if told', () => {
    expect(decode('d903ec6a323032312d30352d3036', 1004)).toBe('2021-05-06');
    expect(() => decode('d903ec6a323032312d30352d3036')).toThrow(malformed);
  });
});

const TESTDATA = '../shared/data/dcc/dgc-testdata';

describe.skipIf(!existsSync(TESTDATA))('real EU DCC payloads (others’ data, skipped where it is missing)', () => {
  const documents = existsSync(TESTDATA)
    ? readdirSync(TESTDATA, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.includes('2DCode') && file.endsWith('.json'))
        .map((file) => ({ file, ...JSON.parse(readFileSync(`${TESTDATA}/${file}`, 'utf8')) }))
        // Some are made to fail here: no COSE, or one that must not be read.
        .filter(({ COSE, EXPECTEDRESULTS }) => COSE && EXPECTEDRESULTS?.EXPECTEDDECODE !== false)
    : [];

  it('are all read, and say the version and date of birth that their JSON says', () => {
    expect(documents.length).toBeGreaterThan(200);
    for (const { file, COSE, JSON: json, EXPECTEDRESULTS } of documents) {
      const r = cborReader(decodeHex(COSE), CODE_LIMITS);
      while (readTag(r) !== undefined);
      expect(readArrayHead(r), file).toBe(4);
      readBytes(r);
      readValue(r);
      const claims = decodeCbor(readBytes(r), CODE_LIMITS) as Record<string, Record<string, Value>>;
      readBytes(r);
      readEnd(r);
      if (EXPECTEDRESULTS?.EXPECTEDVALIDJSON && json) {
        expect(claims['-260']?.['1'], file).toMatchObject({ ver: json.ver, dob: json.dob });
      }
    }
  });
});
