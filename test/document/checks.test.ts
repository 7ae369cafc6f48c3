import { describe, expect, it } from 'vitest';
import { CHECKS, compileCheck } from '../../src/document/checks.ts';
import type { SharedDocument } from '../../src/document/generated/types.ts';

type Shared = Partial<SharedDocument>;
const run = (check: string, at: string, document: Shared): string[] =>
  compileCheck({ check, at }, 0)(document).map(({ code, at: place }) => `${code} ${place}`);

const LICENCE = '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U';
const HEFEI = '1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9';
const docType = { code: 'construction-safety-certificate', family: 'licence' } as const;

describe('a licence identifier', () => {
  it.each([
    ['names the issuer', { orgCode: '11430000006122244L' }, LICENCE, []],
    ['names another issuer', { orgCode: '11330000MB0000000H' }, LICENCE, ['IDENTIFIER_MISMATCH /docId']],
    ['names the issuer’s area', { areaCode: '340100' }, HEFEI, []],
    ['names another area', { areaCode: '340200', orgCode: '340100' }, HEFEI, ['IDENTIFIER_MISMATCH /docId']],
    ['is compared with nothing', {}, LICENCE, []],
    ['is none', { orgCode: '11330000MB0000000H' }, '12345', []],
  ] as const)('%s', (_, issuer, docId, wanted) => {
    expect(run('identifier-issuer', '/docId', { docId, issuer: { region: '330000', ...issuer } })).toEqual(wanted);
  });

  it.each([
    ['11100000000013338W011', []],
    ['11100000000019713D013', ['IDENTIFIER_MISMATCH /docId']],
    [undefined, []],
  ] as const)('of type %s', (nationalCode, wanted) => {
    const type = nationalCode === undefined ? docType : { ...docType, nationalCode };
    expect(run('identifier-type', '/docId', { docId: LICENCE, docType: type })).toEqual(wanted);
  });
});

describe('a holder’s number', () => {
  it.each([
    ['111', '11010519491231002X', undefined, []],
    ['111', '110105194912310021', undefined, ['IDENTIFIER_INVALID /holder/idNumber']],
    ['111', '11100000000013338W', undefined, ['IDENTIFIER_INVALID /holder/idNumber']],
    ['001', '11100000000013338W', undefined, []],
    ['001', '11010519491231002X', undefined, ['IDENTIFIER_INVALID /holder/idNumber']],
    ['111', '11010519491231002X', '1949-12-31', []],
    ['111', '11010519491231002X', '1949', []],
    ['111', '11010519491231002X', '1949-12-30', ['IDENTIFIER_MISMATCH /holder/idNumber']],
    // Masked, of a type whose numbers are not known here, or no type at all.
    ['111', '1101**********002X', undefined, []],
    ['414', 'E12345678', undefined, []],
    ['toString', 'E12345678', undefined, []],
    [undefined, 'E12345678', undefined, []],
  ] as const)('%s %s, born %s', (idType, idNumber, birthDate, wanted) => {
    const holder = { idNumber, ...(idType && { idType }), ...(birthDate && { birthDate }) };
    expect(run('holder-number', '/holder', { holder })).toEqual(wanted);
  });

  it('of each of a crew', () => {
    const crew = [
      { idType: '111', idNumber: '11010519491231002X' },
      { idType: '111', idNumber: '110105194912310020' },
      { idType: '111' },
    ];
    expect(run('holder-number', '/crew', { crew })).toEqual(['IDENTIFIER_INVALID /crew/1/idNumber']);
    expect(run('holder-number', '/crew', {})).toEqual([]);
  });

  it('may name an area that is no more, and one that nobody knows is told and no fault', () => {
    const born = (area: string, day: string): string[] => {
      const head = `${area}${day}001`;
      const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
      const sum = weights.reduce((total, weight, i) => total + weight * Number(head[i]), 0);
      const idNumber = `${head}${'10X98765432'[sum % 11]}`;
      return run('holder-number', '/holder', { holder: { idType: '111', idNumber } });
    };
    expect(born('310103', '19800101')).toEqual([]);
    // Born after the district was abolished: registers kept the code for some time.
    expect(born('310103', '20150101')).toEqual(['AREA_UNKNOWN /holder/idNumber']);
    expect(born('810000', '19800101')).toEqual([]);
    expect(born('999999', '19800101')).toEqual(['AREA_UNKNOWN /holder/idNumber']);
  });
});

describe('areas', () => {
  it.each([
    ['330421', []],
    ['330421001', []],
    ['310103', ['AREA_ABOLISHED /route/to']],
    ['340171', ['AREA_UNKNOWN /route/to']],
    ['嘉善', []],
    [undefined, []],
  ] as const)('%s as a place today', (to, wanted) => {
    expect(run('area-now', '/route/to', { route: to === undefined ? {} : { to } })).toEqual(wanted);
  });

  it.each([
    ['330421000123', '2026-01-01', []],
    ['310103000123', '2010-01-01', []],
    ['310103000123', '2016-01-01T00:00:00Z', ['AREA_ABOLISHED /docId']],
    ['330103000123', '2020-01-01', ['AREA_UNKNOWN /docId']],
    ['ZJ-1', '2026-01-01', []],
    ['310103000123', undefined, []],
  ] as const)('%s in a number given on %s', (docId, issuedAt, wanted) => {
    expect(run('area-then', '/docId', { docId, validity: issuedAt === undefined ? {} : { issuedAt } })).toEqual(wanted);
  });
});

it('a check that is not in the table is a fault of the declaration', () => {
  for (const check of ['toString', '', 'area'])
    expect(() => compileCheck({ check, at: '/docId' }, 2)).toThrow('/checks/2/check: no');
});

it('no check breaks on what a map would never give', () => {
  const strange = [null, undefined, 1, '', [], [null], {}, { idType: '111', idNumber: 5 }, 'x'.repeat(100_000)];
  for (const check of Object.values(CHECKS))
    for (const value of strange.filter((each) => typeof each !== 'object' || each === null || Array.isArray(each)))
      if (!(Array.isArray(value) && value.includes(null))) expect(Array.isArray(check({}, '/x', value))).toBe(true);
});

it.each([
  ['identifier-issuer', '/docId', { docId: HEFEI, issuer: { region: '340000', areaCode: 340100 } }],
  ['area-then', '/docId', { docId: '340100', validity: { issuedAt: 1 } }],
  ['holder-number', '/holder', { holder: 1 }],
  ['holder-number', '/holder', { holder: { idType: '111', idNumber: 1 } }],
  ['holder-number', '/holder', { holder: { idType: ['111'], idNumber: '11010519491231002X' } }],
  ['holder-number', '/holder', { holder: { idType: '111', idNumber: '11010519491231002X', birthDate: 1949 } }],
  ['holder-number', '/crew', { crew: [null, 1, [], Uint8Array.of(1)] }],
])('%s of what a map gave that is no text compares nothing', (check, at, document) => {
  expect(run(check, at, document as unknown as Shared)).toEqual([]);
});
