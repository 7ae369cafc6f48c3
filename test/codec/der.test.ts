import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atEnd,
  bitStringOf,
  booleanOf,
  contentOf,
  contextTag,
  derOf,
  type Element,
  enter,
  finish,
  inside,
  integerBytesOf,
  nullOf,
  oidOf,
  rawOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
  textOf,
  timeOf,
  unsignedOf,
  wholeBitStringOf,
} from '../../src/codec/der.ts';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  element,
  generalizedTime,
  ia5String,
  integer,
  nullValue,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  time,
  utf8String,
} from '../../src/codec/der-writer.ts';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { Broken } from '../../src/document/broken.ts';

const hex = (text: string): Uint8Array => decodeHex(text.replaceAll(' ', ''));
const one = (text: string): Element => derOf(hex(text));
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const walk = (bytes: Uint8Array): void => {
  const open = [inside(derOf(bytes, TAG.sequence))];
  while (open.length > 0) {
    const cursor = open.at(-1)!;
    if (atEnd(cursor)) open.pop();
    else {
      const next = read(cursor);
      if ((next.tag & 0x20) !== 0) open.push(inside(next));
    }
  }
};

describe('structure', () => {
  it('gives the element, its content and its neighbours as views of the original bytes', () => {
    const bytes = hex('30 08 02 01 05 04 03 61 62 63');
    const cursor = inside(derOf(bytes, TAG.sequence));
    const number = read(cursor, TAG.integer);
    const text = read(cursor, TAG.octetString);
    finish(cursor);
    expect(smallIntegerOf(number)).toBe(5);
    expect(encodeHex(contentOf(text))).toBe('616263');
    expect(encodeHex(rawOf(text))).toBe('0403616263');
    expect(rawOf(text).buffer).toBe(bytes.buffer);
  });

  it('gives plain views where a Buffer came in', () => {
    expect(rawOf(derOf(Buffer.from([0x05, 0x00]))).constructor).toBe(Uint8Array);
  });

  it.each([
    ['', 'element is cut off'],
    ['30', 'element is cut off'],
    ['30 01', 'longer than what holds it'],
    ['30 80 00 00', 'indefinite length'],
    ['30 81 05 02 01 00 05 00', 'not minimal'],
    ['30 82 00 05 02 01 00 05 00', 'not minimal'],
    ['30 85 00 00 00 00 05 02 01 00 05 00', 'more than four octets'],
    ['30 82 01', 'element is cut off'],
    ['30 84 ff ff ff ff 00', 'longer than what holds it'],
    ['05 00 00', 'bytes after the end'],
    ['00 00', 'end-of-contents'],
    ['1f 81 00 00', 'tag number above 30'],
    ['24 03 04 01 61', 'primitive and constructed'],
    ['10 00', 'primitive and constructed'],
    ['22 00', 'primitive and constructed'],
  ])('refuses %s: %s', (text, why) => {
    expect(() => one(text)).toThrow(Broken);
    expect(() => one(text)).toThrow(why);
  });

  it('refuses a child that reaches over its parent into what follows', () => {
    const outer = inside(derOf(hex('30 05 30 01 02 05 00')));
    expect(() => read(enter(outer))).toThrow('cut off');
    const reaching = inside(derOf(hex('30 06 30 02 04 02 05 00')));
    expect(() => read(enter(reaching))).toThrow('longer than what holds it');
  });

  it('refuses what was left unread, a type that was not asked for, and reading past the end', () => {
    const cursor = inside(one('30 02 05 00'));
    expect(() => finish(cursor)).toThrow('more elements than expected');
    expect(() => read(cursor, TAG.integer)).toThrow('another type');
    expect(readOptional(cursor, TAG.integer)).toBeUndefined();
    read(cursor);
    expect(() => read(cursor)).toThrow('cut off');
    expect(() => read(cursor, TAG.null)).toThrow('another type');
  });

  it('goes 32 deep and no further', () => {
    let nested = sequence();
    for (let depth = 1; depth < 33; depth++) nested = sequence(nested);
    expect(() => walk(nested.subarray(2))).not.toThrow();
    let code: unknown;
    try {
      walk(nested);
    } catch (error) {
      code = error instanceof Broken && error.code;
    }
    expect(code).toBe('LIMIT_EXCEEDED');
  });

  it('says Broken, and nothing else, about any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          walk(Uint8Array.of(0x30, bytes.length, ...bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Broken);
        }
      }),
    );
  });
});

describe('values', () => {
  it.each([
    ['02 01 00', ''],
    ['02 01 7f', '7f'],
    ['02 02 00 80', '80'],
    ['02 09 00 ff ff ff ff ff ff ff ff', 'ffffffffffffffff'],
  ])('INTEGER %s is %s', (text, magnitude) => {
    expect(encodeHex(unsignedOf(one(text)))).toBe(magnitude);
    expect(encodeHex(integer(decodeHex(magnitude)))).toBe(text.replaceAll(' ', ''));
  });

  it.each([
    ['02 00', 'without content'],
    ['02 02 00 7f', 'not minimal'],
    ['02 02 ff 80', 'not minimal'],
    ['02 02 00 00', 'not minimal'],
  ])('refuses INTEGER %s: %s', (text, why) => {
    expect(() => integerBytesOf(one(text))).toThrow(why);
  });

  it('knows negative and large numbers apart', () => {
    expect(encodeHex(integerBytesOf(one('02 02 ff 7f')))).toBe('ff7f');
    expect(() => unsignedOf(one('02 01 80'))).toThrow('negative');
    expect(smallIntegerOf(one('02 04 7f ff ff ff'))).toBe(0x7fffffff);
    expect(() => smallIntegerOf(one('02 05 00 80 00 00 00'))).toThrow('too large');
    expect(() => smallIntegerOf(one('02 05 01 00 00 00 00'))).toThrow('too large');
  });

  it('writes and reads back any integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
        const octets = integerBytesOf(derOf(integer(value)));
        expect(BigInt.asIntN(octets.length * 8, BigInt(`0x${encodeHex(octets)}`))).toBe(value);
      }),
    );
  });

  it.each([
    ['06 03 2a 03 04', '1.2.3.4'],
    ['06 06 2a 86 48 86 f7 0d', '1.2.840.113549'],
    ['06 03 88 37 03', '2.999.3'],
    ['06 01 27', '0.39'],
    ['06 08 2a 81 1c cf 55 01 83 75', '1.2.156.10197.1.501'],
  ])('OBJECT IDENTIFIER %s is %s', (text, dotted) => {
    expect(oidOf(one(text))).toBe(dotted);
    expect(encodeHex(oid(dotted))).toBe(text.replaceAll(' ', ''));
  });

  it('keeps arcs exact that a number would round', () => {
    const uuid = '2.25.329800735698586629295641978511506172918';
    expect(oidOf(derOf(oid(uuid)))).toBe(uuid);
    expect(oidOf(derOf(oid('1.2.562949953421311.562949953421312')))).toBe('1.2.562949953421311.562949953421312');
  });

  it.each([
    ['06 00', 'cut off'],
    ['06 02 2a 86', 'cut off'],
    ['06 03 2a 80 01', 'not minimal'],
    ['06 02 80 01', 'not minimal'],
  ])('refuses OBJECT IDENTIFIER %s: %s', (text, why) => {
    expect(() => oidOf(one(text))).toThrow(why);
  });

  it('refuses an OBJECT IDENTIFIER of more than 64 octets', () => {
    expect(() => oidOf(derOf(element(TAG.oid, new Uint8Array(65).fill(1))))).toThrow('too long');
  });

  it('reads BIT STRINGs and refuses set or impossible unused bits', () => {
    expect(bitStringOf(one('03 02 01 06'))).toMatchObject({ unused: 1 });
    expect(encodeHex(wholeBitStringOf(one('03 03 00 de ad')))).toBe('dead');
    expect(wholeBitStringOf(one('03 01 00'))).toHaveLength(0);
    expect(() => wholeBitStringOf(one('03 02 01 06'))).toThrow('whole octets');
    expect(() => bitStringOf(one('03 00'))).toThrow('without content');
    expect(() => bitStringOf(one('03 01 01'))).toThrow('wrong count');
    expect(() => bitStringOf(one('03 02 08 00'))).toThrow('wrong count');
    expect(() => bitStringOf(one('03 02 01 07'))).toThrow('unused bits set');
  });

  it('reads BOOLEAN and NULL in their one form', () => {
    expect(booleanOf(one('01 01 ff'))).toBe(true);
    expect(booleanOf(one('01 01 00'))).toBe(false);
    expect(() => booleanOf(one('01 01 01'))).toThrow('not 00 or FF');
    expect(() => booleanOf(one('01 02 ff ff'))).toThrow('not 00 or FF');
    expect(nullOf(one('05 00'))).toBeNull();
    expect(() => nullOf(one('05 01 00'))).toThrow('NULL with content');
  });
});

describe('times', () => {
  const utc = (text: string): Element => derOf(element(TAG.utcTime, ascii(text)));
  const general = (text: string): Element => derOf(element(TAG.generalizedTime, ascii(text)));

  it.each([
    [utc('491231235959Z'), '2049-12-31T23:59:59.000Z'],
    [utc('500101000000Z'), '1950-01-01T00:00:00.000Z'],
    [general('20500101000000Z'), '2050-01-01T00:00:00.000Z'],
    [general('20240229120000Z'), '2024-02-29T12:00:00.000Z'],
    [general('00010101000000Z'), '0001-01-01T00:00:00.000Z'],
    [general('99991231235959Z'), '9999-12-31T23:59:59.000Z'],
  ])('strict form %#', (given, iso) => {
    expect(new Date(timeOf(given)).toISOString()).toBe(iso);
  });

  it.each([
    ['no seconds', utc('2401010000Z')],
    ['an offset', utc('240101000000+0800')],
    ['no zone', general('20240101000000')],
    ['a fraction', general('20240101000000.5Z')],
    ['a lower-case z', general('20240101000000z')],
    ['29 February of a common year', general('20230229000000Z')],
    ['30 February', general('20240230000000Z')],
    ['month 13', general('20241301000000Z')],
    ['month 0', general('20240001000000Z')],
    ['day 0', general('20240100000000Z')],
    ['hour 24', general('20240101240000Z')],
    ['a leap second', general('20161231235960Z')],
    ['a letter among the digits', general('2024010100000OZ')],
    ['a sign among the digits', general('2024010100-100Z')],
    ['another type', derOf(integer(5))],
  ])('refuses %s', (_, given) => {
    expect(() => timeOf(given)).toThrow(Broken);
  });

  it.each([
    [utc('2401010000Z'), '2024-01-01T00:00:00.000Z'],
    [utc('240101080000+0800'), '2024-01-01T00:00:00.000Z'],
    [general('20231231200000-0400'), '2024-01-01T00:00:00.000Z'],
    [general('20240101000000.5Z'), '2024-01-01T00:00:00.500Z'],
    [general('20240101000000,12345Z'), '2024-01-01T00:00:00.123Z'],
    [general('20240101080000.25+0800'), '2024-01-01T00:00:00.250Z'],
  ])('lenient form %#', (given, iso) => {
    expect(new Date(timeOf(given, true)).toISOString()).toBe(iso);
  });

  it.each([
    '20240101000000',
    '20240101000000.Z',
    '20240101000000+08',
    '20240101000000+2500',
    '20240101000000+0860',
    '20240101000000ZZ',
    '20240101000000.1234567890123456789Z',
  ])('refuses %s even when lenient', (text) => {
    expect(() => timeOf(general(text), true)).toThrow(Broken);
  });

  it('writes the form that RFC 5280 asks for', () => {
    const year = (y: number): number => Date.UTC(y, 5, 30, 23, 59, 59);
    expect(derOf(time(year(2049))).tag).toBe(TAG.utcTime);
    expect(derOf(time(year(2050))).tag).toBe(TAG.generalizedTime);
    for (const y of [1950, 1999, 2000, 2049, 2050, 9999]) {
      expect(timeOf(derOf(time(year(y))))).toBe(year(y));
      expect(timeOf(derOf(generalizedTime(year(y))))).toBe(year(y));
    }
    expect(() => generalizedTime(Date.UTC(12000, 0))).toThrow(RangeError);
  });
});

describe('strings', () => {
  it.each([
    ['UTF8String', '0c 06 e9 80 9a e8 ae a4', '通认'],
    ['PrintableString', '13 02 43 4e', 'CN'],
    ['IA5String', '16 01 40', '@'],
    ['T61String', '14 02 fc 61', 'üa'],
    ['BMPString', '1e 04 90 1a 8b a4', '通认'],
    ['UniversalString', '1c 08 00 00 90 1a 00 02 0b b7', '通𠮷'],
    ['NumericString', '12 01 37', '7'],
  ])('%s', (_, text, value) => {
    expect(textOf(one(text))).toBe(value);
  });

  it.each([
    ['an overlong form', '0c 02 c0 af'],
    ['an encoded surrogate', '0c 03 ed a0 80'],
    ['a character cut short', '0c 02 e9 80'],
    ['Latin-1 in a PrintableString', '13 01 fc'],
    ['Latin-1 in an IA5String', '16 01 fc'],
    ['half a character', '1e 03 90 1a 8b'],
    ['a surrogate in a BMPString', '1e 04 d8 42 df b7'],
    ['a code point above 10FFFF', '1c 04 00 11 00 00'],
    ['something that is no string', '04 01 61'],
  ])('refuses %s', (_, text) => {
    expect(() => textOf(one(text))).toThrow(Broken);
  });
});

describe('writer', () => {
  it.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])('writes a length of %i so that the reader takes it', (length) => {
    const read = derOf(octetString(new Uint8Array(length)));
    expect(read.end - read.content).toBe(length);
  });

  it('writes every type', () => {
    const all = sequence(
      boolean(true),
      nullValue(),
      bitString(Uint8Array.of(0x80), 7),
      utf8String('通'),
      printableString('CN'),
      ia5String('a@b'),
      context(0, integer(1)),
      contextPrimitive(1, Uint8Array.of(9)),
    );
    expect(encodeHex(all)).toBe('301f0101ff0500030207800c03e9809a1302434e1603614062a003020101810109');
    expect(contextTag(1, false)).toBe(0x81);
  });

  it('puts a SET OF into order', () => {
    expect(encodeHex(setOf(integer(2), nullValue(), integer(1), integer(256)))).toBe(
      '310c02010102010202020100 0500'.replace(' ', ''),
    );
  });

  it.each([() => oid('3.1'), () => oid('1.40'), () => oid('1'), () => printableString('通'), () => integer(2 ** 60)])(
    'refuses what cannot be written %#',
    (write) => {
      expect(write).toThrow(RangeError);
    },
  );
});
