import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateShared } from '../../src/document/consistency.ts';
import type { SharedDocument } from '../../src/document/generated/types.ts';
import { pointerOf, setAt, stepsOf, valueAt } from '../../src/document/pointer.ts';
import { beginOf, endOf, exists, instantOf, isDay, isInstant } from '../../src/document/time.ts';

describe('moments', () => {
  it('a day begins and ends in UTC+8, an instant is itself', () => {
    expect([beginOf('2026-11-23'), endOf('2026-11-23')].map(instantOf)).toEqual([
      '2026-11-22T16:00:00Z',
      '2026-11-23T15:59:59.999Z',
    ]);
    expect([beginOf('2026-11-23T04:00:00Z'), endOf('2026-11-23T04:00:00.5Z')].map(instantOf)).toEqual([
      '2026-11-23T04:00:00Z',
      '2026-11-23T04:00:00.500Z',
    ]);
  });

  it('one day ends a millisecond before the next begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), (n) => {
        const day = (offset: number): string => new Date((n + offset) * 86_400_000).toISOString().slice(0, 10);
        expect(endOf(day(0)) + 1).toBe(beginOf(day(1)));
      }),
    );
  });

  it.each<[string, boolean]>([
    ['2026-02-28', true],
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['2026-02-30T00:00:00Z', false],
    ['2026-04-31', false],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-01-00', false],
    ['2026-01-01T25:00:00Z', false],
    ['2026-01-01T23:59:60Z', false],
    ['2026-01-01T23:59:59.999999999Z', true],
    ['0001-01-01', true],
    ['', false],
    ['today', false],
  ])('%j exists: %s', (moment, wanted) => {
    expect(exists(moment)).toBe(wanted);
  });
});

/** What is counted on digits is what the platform's own calendar says. */
describe('the calendar', () => {
  const two = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'));
  const fraction = fc.constantFrom('', '.0', '.5', '.000000001');
  const date = fc
    .tuple(two, two, fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 33 }))
    .map(([century, year, month, day]) =>
      [`${century}${year}`, String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-'),
    );
  const moment = fc.oneof(
    date,
    fc
      .tuple(
        date,
        fc.integer({ min: 0, max: 26 }),
        fc.constantFrom(0, 30, 59, 60),
        fc.constantFrom(0, 59, 60),
        fraction,
      )
      .map(([day, ...rest]) => {
        const [hour, minute, second, part] = rest;
        const time = [hour, minute, second].map((number) => String(number).padStart(2, '0')).join(':');
        return `${day}T${time}${part}Z`;
      }),
  );

  it('has the days and times that Date has', () => {
    fc.assert(
      fc.property(moment, (each) => {
        const day = Date.parse(each.slice(0, 10));
        const real =
          !Number.isNaN(Date.parse(each)) &&
          !Number.isNaN(day) &&
          new Date(day).toISOString().startsWith(each.slice(0, 10));
        expect([each, exists(each)]).toEqual([each, real]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('writes instants as Date does', () => {
    const any = fc.oneof(
      fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
      fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
      fc.constantFrom(-62_167_219_200_001, 253_402_300_800_000, 0.5, -0.5, -1),
    );
    fc.assert(
      fc.property(any, (ms) => {
        expect(instantOf(ms)).toBe(new Date(ms).toISOString().replace('.000Z', 'Z'));
      }),
      { numRuns: 20_000 },
    );
    expect(() => instantOf(Number.NaN)).toThrow(RangeError);
  });
});

describe('a shared document', () => {
  const document = (change: object): Partial<SharedDocument> =>
    ({
      docType: { code: 'vehicle-pass', family: 'pass' },
      docId: '1',
      issuer: { region: '310000' },
      validity: { issuedAt: '2026-01-01', until: '2026-12-31' },
      ...change,
    }) as Partial<SharedDocument>;
  const said = (change: object): string =>
    validateShared(document(change))
      .map(({ code, at }) => `${code} ${at ?? ''}`.trim())
      .join(', ');

  it.each<[string, object, string]>([
    ['as it should be', {}, 'WELL_FORMED'],
    [
      'good for one day',
      { validity: { issuedAt: '2026-01-01T15:59:59Z', from: '2026-01-01', until: '2026-01-01' } },
      'WELL_FORMED',
    ],
    [
      'that ends before it begins',
      { validity: { from: '2026-01-02', until: '2026-01-01' } },
      'DATES_CONTRADICT /validity/until',
    ],
    [
      'that ends before it was issued',
      { validity: { issuedAt: '2026-01-01T16:00:00Z', until: '2026-01-01' } },
      'DATES_CONTRADICT /validity/until',
    ],
    [
      'of someone born after it was issued',
      { holder: { birthDate: '2026-01-03' } },
      'DATES_CONTRADICT /holder/birthDate',
    ],
    ['of someone born in the year it was issued', { holder: { birthDate: '2026' } }, 'WELL_FORMED'],
    ['until 30 February', { validity: { until: '2026-02-30' } }, 'DOCUMENT_INVALID /validity/until'],
    [
      'issued in a thirteenth month',
      { validity: { issuedAt: '2026-13-01T00:00:00Z' } },
      'DOCUMENT_INVALID /validity/issuedAt',
    ],
    ['of someone born on 31 June', { holder: { birthDate: '1990-06-31' } }, 'DOCUMENT_INVALID /holder/birthDate'],
    ['of someone born in a month 00', { holder: { birthDate: '1990-00' } }, 'DOCUMENT_INVALID /holder/birthDate'],
    ['of someone born in a month that exists', { holder: { birthDate: '1990-12' } }, 'WELL_FORMED'],
    [
      'with a status of a day that does not exist',
      { status: { canonical: 'valid', raw: '1', rawScheme: 'x', asOf: '2026-02-30' } },
      'DOCUMENT_INVALID /status/asOf',
    ],
    ['copied for a use until no day', { usage: { expiresAt: '2026-06-31' } }, 'DOCUMENT_INVALID /usage/expiresAt'],
    ['without any validity', { validity: {} }, 'DOCUMENT_INVALID /validity'],
    ['without a number', { docId: undefined }, 'DOCUMENT_INVALID'],
    ['with a field nobody knows', { score: 3 }, 'DOCUMENT_INVALID'],
    [
      'with two faults of its dates',
      { validity: { issuedAt: '2026-02-30', until: '2020-02-30' } },
      'DOCUMENT_INVALID /validity/issuedAt, DOCUMENT_INVALID /validity/until, DATES_CONTRADICT /validity/until',
    ],
  ])('%s', (_name, change, wanted) => {
    expect(said(change)).toBe(wanted);
  });

  it('says where and what, never what stands there', () => {
    for (const change of [
      { docId: 'PLANTED'.repeat(100) },
      { PLANTED: 1 },
      { holder: { sex: 'PLANTED' } },
      { faceFields: { 'PL ANTED': 'PLANTED' } },
      { issuer: { region: 'PLANTED' } },
    ])
      expect(JSON.stringify(validateShared(document(change)))).not.toContain('PLANTED');
  });
});

describe('pointers (RFC 6901)', () => {
  it('go to steps and back', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '/', '~', '0', '1', '', '张') })), (steps) => {
        expect(stepsOf(pointerOf(steps))).toEqual(steps);
      }),
    );
  });

  it.each<[string, unknown]>([
    ['', { a: { b: [10, { c: 20 }] } }],
    ['/a/b/0', 10],
    ['/a/b/1/c', 20],
    ['/a/b/2', undefined],
    ['/a/b/-', undefined],
    ['/a/x/y', undefined],
    ['/a/b/0/toFixed', undefined],
    ['/__proto__', undefined],
    ['/a/constructor', undefined],
    ['/a/b/__proto__/push', undefined],
  ])('%j finds %j', (pointer, wanted) => {
    expect(valueAt({ a: { b: [10, { c: 20 }] } }, stepsOf(pointer))).toEqual(wanted);
  });

  it('setting makes lists and objects on the way, and never touches what all objects share', () => {
    const root = {};
    setAt(root, ['list', '0', 'x'], 1);
    setAt(root, ['list', '1'], 2);
    setAt(root, ['__proto__', 'polluted'], true);
    setAt(root, ['constructor', 'prototype', 'polluted'], true);
    expect((root as { list: unknown }).list).toEqual([{ x: 1 }, 2]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('times that are counted here', () => {
  it('are those of Date, for every text that is one, and for those that are none', () => {
    const two = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0'));
    const part = fc.oneof(
      { weight: 9, arbitrary: two },
      { weight: 1, arbitrary: fc.string({ minLength: 2, maxLength: 2 }) },
    );
    const day = fc.tuple(part, part, part, part).map(([c, y, m, d]) => `${c}${y}-${m}-${d}`);
    const time = fc
      .tuple(part, part, part, fc.constantFrom('Z', 'z', '+'))
      .map(([h, m, s, z]) => `T${h}:${m}:${s}${z}`);
    fc.assert(
      fc.property(day, fc.oneof(fc.constant(''), time), (date, rest) => {
        const text = date + rest;
        const ms = Date.parse(text);
        expect(beginOf(text)).toBe(text.length === 10 ? ms - 8 * 3_600_000 : ms);
        expect(endOf(text)).toBe(text.length === 10 ? ms + 16 * 3_600_000 - 1 : ms);
        // Date turns 30 February into 2 March, and takes the letter z.
        const same = Number.isFinite(ms) && new Date(ms).toISOString().startsWith(date);
        expect(isDay(text)).toBe(text.length === 10 && same);
        expect(isInstant(text)).toBe(text.length === 20 && same && instantOf(ms) === text);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.integer({ min: Date.parse('0000-01-01T00:00:00Z'), max: Date.UTC(10_000, 0, 1) - 1 }), (ms) => {
        const text = new Date(ms).toISOString().replace('.000Z', 'Z');
        expect(instantOf(ms)).toBe(text);
        expect(beginOf(text)).toBe(ms);
      }),
      { numRuns: 2000 },
    );
  });
});
