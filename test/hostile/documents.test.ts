import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeBase45 } from '../../src/codec/base45.ts';
import { encodeCbor } from '../../src/codec/cbor.ts';
import type { Value } from '../../src/codec/value.ts';
import type { Presented } from '../../src/format/open.ts';
import { MAX_INPUT_BYTES } from '../../src/intake.ts';
import {
  federationWith,
  JUDGE,
  NOW,
  ownKey,
  packFiles,
  sampleNamed,
  shortOf,
  standpointOf,
  testFormat,
  verdictOf,
} from '../support/federation.ts';
import { signPayload } from '../support/payload.ts';

/**
 * Whole documents that somebody made to do harm: what must be said of each, and why. They are signed by a trusted key
 * wherever that matters, so that nothing but the check in question stops them.
 */
const key = ownKey();
const map = [
  ...testFormat().map,
  { to: '/holder/birthDate', from: '/dob', as: 'birth-date', optional: true },
  { to: '/validity/from', from: '/from', as: 'day', optional: true },
  { to: '/status/canonical', from: '/state', as: { codes: 'state' }, optional: true },
  {
    to: '/crew',
    from: '/crew',
    as: {
      each: [
        { to: 'name', from: 'n', as: 'name' },
        { to: 'role', from: 'r', optional: true },
      ],
    },
    optional: true,
  },
];
const absent = testFormat().absent!.filter((section) => section !== '/status' && section !== '/crew');
const state = {
  list: 'state',
  version: 1,
  scheme: 'licence',
  name: { zh: '状态', en: 'State' },
  codes: [{ raw: '1', shared: 'valid' }],
};
const federation = federationWith(
  packFiles({ issuers: [key.entry], format: { map, absent }, files: { 'regions/x-test/codes/state.json': state } }),
);
const standpoint = standpointOf(JUDGE, federation);

const said = (presented: Presented | string): string => shortOf(verdictOf(presented, { standpoint }));
const sound = { id: 'X-1', exp: NOW / 1000 + 999, plate: '沪A12345' };
const signed = (change: Value | Uint8Array): string => signPayload(change, key.signer);
const withMembers = (change: Record<string, Value>): string => signed({ ...sound, ...change });
/** CBOR that no writer of ours makes: a sound payload's members, then these bytes of one more member. */
const withBytes = (...bytes: number[]): string => {
  const body = encodeCbor(sound);
  return signed(Uint8Array.of(body[0]! + 1, ...body.subarray(1), ...bytes));
};
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const good = sampleNamed('vaccination').wire as string;

it('the document that the cases below spoil is accepted', () => {
  expect(said(signed(sound))).toBe('accept');
});

describe('no document at all', () => {
  it.each<[string, string, Presented]>([
    ['an empty text', 'nothing was scanned', { text: '' }],
    ['an empty file', 'nothing was handed in', { bytes: new Uint8Array() }],
    ['white space', 'nothing but what scanners add', { text: ' \n\t ' }],
    ['a byte order mark', 'nothing but what editors add', { text: '\uFEFF' }],
    ['a byte order mark in a file', 'the same', { bytes: Uint8Array.of(0xef, 0xbb, 0xbf) }],
    ['UTF-16', 'no format is written so', { bytes: Uint8Array.of(0xff, 0xfe, 0x48, 0, 0x43, 0) }],
    ['ten megabytes of text', 'no format begins so', { text: 'HC2:'.repeat(2_500_000) }],
    [
      'ten megabytes of noise',
      'bytes that say nothing',
      { bytes: new Uint8Array(10_000_000).map((_, i) => (i * 2_654_435_761) >>> 13) },
    ],
    ['ten megabytes of opening brackets', 'JSON without end', { text: '['.repeat(10_000_000) }],
    ['ten megabytes of braces', 'looked at as JSON no further than 4 MB', { text: '{'.repeat(10_000_000) }],
    ['three megabytes of braces and names', 'nested deeper than JSON is read', { text: '{"a":'.repeat(600_000) }],
    ['NULs', 'nothing begins so', { text: '\0'.repeat(1000) }],
    ['a lone surrogate', 'no text at all', { text: '\ud800' }],
    ['a link', 'a poster', { text: 'https://example.org/' }],
    ['a number', 'typed by hand: a number proves nothing', { text: '310101199001010011' }],
  ])('%s, because: %s', (_name, _because, presented) => {
    expect(said(presented)).toBe('undetermined NOT_RECOGNISED');
  });
});

describe('recognised by its beginning, and then', () => {
  it.each<[string, string, string, string]>([
    ['nothing', 'HC1:', 'refuse MALFORMED', 'an empty message is no COSE'],
    ['another alphabet', 'HC1:汉字', 'refuse MALFORMED', 'base45 has 45 signs'],
    ['a lone surrogate', 'HC1:\udc00', 'refuse MALFORMED', 'no sign of base45'],
    ['ten megabytes', `HC1:${'A'.repeat(10_000_000)}`, 'refuse LIMIT_EXCEEDED', 'no code is that long'],
    [
      'compressed noise',
      `HC1:${encodeBase45(Uint8Array.of(0x78, 0x9c, 1, 2, 3))}`,
      'refuse MALFORMED',
      'no zlib stream',
    ],
    [
      'a bomb: 60 MB in 60 kB',
      `HC1:${encodeBase45(deflateSync(Buffer.alloc(40_000_000)))}`,
      'refuse LIMIT_EXCEEDED',
      'inflating stops at the limit',
    ],
    [
      'a bomb twice compressed',
      `HC1:${encodeBase45(deflateSync(deflateSync(Buffer.alloc(1 << 28))))}`,
      'refuse LIMIT_EXCEEDED',
      'one gigabyte is never made',
    ],
    ['the right length of rubbish', `XT1:${'0'.repeat(300)}`, 'refuse MALFORMED', 'no array of four'],
  ])('%s', (_name, text, wanted) => {
    expect(said(text)).toBe(wanted);
  });

  it('bytes that are no UTF-8 after a prefix are not of the format', () => {
    expect(said({ bytes: Uint8Array.of(...utf8('HC1:'), 0xff, 0xfe) })).toBe('undetermined NOT_RECOGNISED');
  });

  it.each([1, 2, 3, 10, 100, 400])(
    'the last %i characters of a good one are missing: damaged, not forged',
    (missing) => {
      expect(said(good.slice(0, -missing))).toMatch(/^refuse (MALFORMED|LIMIT_EXCEEDED)$/);
    },
  );
});

describe('signed by a trusted key, and inside', () => {
  const nested = (depth: number): Uint8Array =>
    Uint8Array.of(0xa2, 0x62, 0x69, 0x64, ...new Uint8Array(depth).fill(0x81), 0x01);
  it.each<[string, string, string, string]>([
    ['an array 100,000 deep', signed(nested(30_000)), 'refuse LIMIT_EXCEEDED', 'the stack is ours'],
    [
      'an array of 100,000 entries',
      signed(Uint8Array.of(0x9a, 0, 0, 0x40, 0, ...new Uint8Array(0x4000))),
      'refuse LIMIT_EXCEEDED',
      'more values than a document has',
    ],
    [
      'an array that says it has 2^60 entries',
      signed(Uint8Array.of(0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0)),
      'refuse MALFORMED',
      'nothing is made on its word',
    ],
    [
      'a text that says it has 4 GB',
      withBytes(0x61, 0x78, 0x7a, 0xff, 0xff, 0xff, 0xff),
      'refuse MALFORMED',
      'nothing is made on its word',
    ],
    [
      'one key twice',
      withBytes(0x62, 0x69, 0x64, 0x61, 0x59),
      'refuse MALFORMED',
      'two readers would read two documents',
    ],
    [
      'a text key that looks like a number',
      withBytes(0x61, 0x34, 0x01),
      'refuse MALFORMED',
      'it could be taken for the integer',
    ],
    ['a byte string for a key', withBytes(0x41, 0x34, 0x01), 'refuse MALFORMED', 'no pointer leads to it'],
    [
      'bytes after the end',
      signed(Uint8Array.of(...encodeCbor(sound), 0)),
      'refuse MALFORMED',
      'what comes after is hidden',
    ],
    ['invalid UTF-8', withBytes(0x61, 0x78, 0x62, 0xc0, 0x80), 'refuse MALFORMED', 'an overlong NUL'],
    ['a half of a surrogate pair', withBytes(0x61, 0x78, 0x63, 0xed, 0xa0, 0x80), 'refuse MALFORMED', 'no character'],
    [
      'a tag nobody asked for',
      withBytes(0x61, 0x78, 0xd8, 0x20, 0x61, 0x78),
      'refuse MALFORMED',
      'it would change what it means',
    ],
    ['nothing', signed(null), 'refuse TYPE_NOT_DETERMINED', 'null is no document'],
    ['an empty list', signed([]), 'refuse TYPE_NOT_DETERMINED', 'nor is a list'],
    ['a number', signed(7), 'refuse FIELD_MISSING', 'nor has a number members'],
    ['an empty object', signed({}), 'refuse FIELD_MISSING', 'it says nothing'],
    ['text in bytes', signed(utf8('{"id":"X-1"}')), 'refuse MALFORMED', 'JSON is no CBOR'],
  ])('%s', (_name, wire, wanted) => {
    expect(said(wire)).toBe(wanted);
  });
});

describe('a time that is', () => {
  it.each<[string, Value | number, string]>([
    ['NaN', Number.NaN, 'refuse FIELD_INVALID'],
    ['infinite', Number.POSITIVE_INFINITY, 'refuse FIELD_INVALID'],
    ['minus infinity', Number.NEGATIVE_INFINITY, 'refuse FIELD_INVALID'],
    ['1e300', 1e300, 'refuse FIELD_INVALID'],
    ['2^63', 2n ** 63n, 'refuse FIELD_INVALID'],
    ['in milliseconds', 1_800_000_000_000, 'refuse FIELD_INVALID'],
    ['negative', -1, 'refuse FIELD_INVALID'],
    ['zero', 0, 'refuse EXPIRED'],
    ['the last second of the year 9999', 253_402_300_799, 'accept'],
    ['a fraction', 1_900_000_000.75, 'accept'],
    ['a text', '1900000000', 'refuse FIELD_INVALID'],
    ['a list', [1_900_000_000], 'refuse FIELD_INVALID'],
    ['true', true, 'refuse FIELD_INVALID'],
    ['null', null, 'refuse FIELD_MISSING'],
  ])('%s', (_name, exp, wanted) => {
    expect(said(withMembers({ exp }))).toBe(wanted);
  });

  it.each([
    '2026-02-30',
    '2026-13-01',
    '0000-00-00',
    '２０２６-０１-０１',
    '2026-1-1',
    '20260101',
    '2026-01-01 and more',
    '-2026-01-01',
    '2026-01-01'.repeat(10_000),
  ])('no day: %j', (from) => {
    expect(said(withMembers({ from: from.slice(0, 5000) }))).toBe('refuse FIELD_INVALID');
  });

  it.each(['1899-12-31', '2101-01-01', '1990-02-31', '1990-13', '90', '1990-01-01-01'])('no birth date: %j', (dob) => {
    expect(said(withMembers({ dob }))).toBe('refuse FIELD_INVALID');
  });
});

describe('a text that is', () => {
  it.each<[string, Value]>([
    ['null', null],
    ['a list', ['X']],
    ['bytes', Uint8Array.of(0x58)],
    ['a number', 7],
    ['an object', { x: 1 }],
    ['blank', ' \u3000\n '],
    ['empty', ''],
    ['300 signs long', 'X'.repeat(300)],
  ])('%s is no number of a document', (_name, id) => {
    expect(said(withMembers({ id }))).toMatch(/^refuse (FIELD_INVALID|FIELD_MISSING|DOCUMENT_INVALID)$/);
  });

  it.each<[string, string]>([
    ['turned round', '\u202eeno doog'],
    ['with a NUL', '张\0三'],
    ['with an escape', '\u001b[31m'],
    ['with a line of its own', '张\n● 认可'],
    ['a picture', '😀'],
    ['a private sign', '\ue000'],
    ['nothing one can see', '\u200b\u200d'],
    ['letters that fill a place', '\u3164\u3164'],
    ['with a letter that is not seen', '张\uffa0三'],
  ])('%s is no name', (_name, n) => {
    expect(said(withMembers({ crew: [{ n: '张三' }, { n }] }))).toMatch(
      /^refuse (FIELD_INVALID|FIELD_MISSING|DOCUMENT_INVALID)$/,
    );
  });

  it.each<[string, string]>([
    ['read from its end', '\u202e54321A沪'],
    ['with a part turned round', '沪A\u206754\u2069321'],
    ['cut off by a NUL', '沪A12345\0'],
    ['with an escape', '沪A\u001b[2D12345'],
  ])('%s is no plate that an officer could compare', (_name, plate) => {
    const { outcome, reasons, findings, document } = verdictOf(withMembers({ plate }), { standpoint });
    expect([outcome, ...reasons]).toEqual(['refuse', 'DOCUMENT_INVALID']);
    expect(findings.find(({ code }) => code === 'DOCUMENT_INVALID')!.at).toBe('/vehicle/plateNo');
    expect(document).toBeUndefined();
  });

  it.each(['甲\n乙', '甲\t乙', 'L\u0092Hôpital', 'ab\u200fcd'])('%j is a text as genuine systems write it', (plate) => {
    expect(said(withMembers({ plate }))).toBe('accept');
  });

  it('a sign that turns text round is found wherever it stands', () => {
    const crew = [{ n: '张三' }, { n: '李四', r: '\u202e' }];
    expect(said(withMembers({ crew }))).toBe('refuse DOCUMENT_INVALID');
  });

  it.each(['toString', '__proto__', 'constructor', '2', ' 2', '1\u0000', 'valid'])(
    '%j is a code that no list has',
    (code) => {
      expect(said(withMembers({ state: code }))).toMatch(/^(undetermined UNKNOWN_CODE_VALUE|refuse FIELD_INVALID)$/);
    },
  );
});

describe('what is said', () => {
  const planted = 'PLANTED-310101196107190011';
  it.each<[string, Value]>([
    ['a code', { state: planted }],
    ['a time', { exp: planted }],
    ['a number', { id: [planted] }],
    ['a day', { from: planted }],
    ['a birth date', { dob: planted }],
    ['a name', { crew: [{ n: `${planted}\u0000` }] }],
    ['a member nobody knows', { [planted]: planted }],
    ['a text too long', { plate: planted }],
    ['a list', { crew: planted }],
  ])('of %s never repeats it', (_name, change) => {
    const { findings, reasons, sentence, restsOn } = verdictOf(withMembers(change as Record<string, Value>), {
      standpoint,
    });
    expect(JSON.stringify({ findings, reasons, sentence, restsOn })).not.toContain('PLANTED');
  });
});

it('the largest file that is taken, full of a document’s beginning, is refused for its size', () => {
  const bytes = new Uint8Array(MAX_INPUT_BYTES).fill(0x41);
  bytes.set(utf8('HC1:'));
  expect(said({ bytes })).toBe('refuse LIMIT_EXCEEDED');
});
