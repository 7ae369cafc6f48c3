import { describe, expect, it } from 'vitest';
import type { AreaList } from '../../src/document/generated/types.ts';
import { validateAreas } from '../../src/document/generated/validators.js';
import { type RuleSource, ruleBook } from '../../src/judge/rules.ts';
import { BASIS, codes, document, judge, NOW, question, rule, source } from './rules.make.ts';

describe('value sets', () => {
  const allowed = rule({
    logic: { in: [{ var: 'payload.vehicle.kind' }, { var: 'external.valueSets.vehicle-kinds' }] },
  });
  const truck = { document: { ...document, vehicle: { kind: 'truck' } } };
  const sets = (...values: string[]) => ({
    file: 'value-sets/a.json',
    list: { valueSets: [{ id: 'vehicle-kinds', values }] },
  });

  it('a rule knows the sets of its own region and of those above it, the nearest first', () => {
    expect(codes(judge([allowed], truck, { valueSets: [sets('truck')] }))).toEqual(['RULE_PASSED']);
    const book = ruleBook([
      source('330400', ['330400', '330000'], [{ ...allowed, region: '330400', id: 'CITY-1' }], {
        valueSets: [sets('bus')],
      }),
      source('330421', ['330421', '330400', '330000'], [{ ...allowed, region: '330421', id: 'COUNTY-1' }]),
      source('330000', ['330000'], [allowed], { valueSets: [sets('truck')] }),
    ]);
    const findings = book.ruleSet(['330421', '330400', '330000']).judge(question(truck));
    expect(findings.map(({ at, code }) => `${at?.split('/')[2]} ${code}`)).toEqual([
      'COUNTY-1@1.0.0 RULE_FAILED',
      'CITY-1@1.0.0 RULE_FAILED',
      'PASS-0001@1.0.0 RULE_PASSED',
    ]);
  });

  it('a set that is not there, or there twice, is no empty set: nobody can tell', () => {
    expect(codes(judge([allowed], truck))).toEqual(['RULE_OPEN']);
    const book = ruleBook([source('330000', ['330000'], [allowed], { valueSets: [sets('truck'), sets('bus')] })]);
    expect(book.rejected).toMatchObject([{ at: '/valueSets/0/id' }]);
    expect(codes(book.ruleSet(['330000']).judge(question(truck)))).toEqual(['RULE_OPEN']);
  });
});

describe('areas: tiers are a fact about places, for a time', () => {
  const list = (change: Partial<AreaList> = {}): AreaList => ({
    from: '2026-04-30',
    until: '2026-05-02',
    tiers: ['high', 'low'],
    areas: [{ area: '340104', tier: 'high' }],
    basis: BASIS,
    ...change,
  });
  const closed = rule({
    logic: { '!': [{ in: [{ var: 'payload.issuer.areaCode' }, { var: 'external.areas.340000.high' }] }] },
  });
  const ask = (areas: AreaList[], now = NOW, more: Partial<RuleSource> = {}) => {
    const files = areas.map((each, i) => ({ file: `areas/${i}.json`, list: each }));
    const book = ruleBook([
      source('330000', ['330000'], [closed]),
      source('340000', ['340000'], [], { areas: files, ...more }),
    ]);
    return { codes: codes(book.ruleSet(['330000']).judge(question({ now }))), rejected: book.rejected };
  };

  it('a rule reads what the region of the area publishes', () => {
    expect(validateAreas(list())).toBe(true);
    expect(ask([list()]).codes).toEqual(['RULE_FAILED']);
    expect(ask([list({ areas: [{ area: '340104', tier: 'low' }] })]).codes, 'no area is high: known').toEqual([
      'RULE_PASSED',
    ]);
  });

  it('the newest picture holds alone', () => {
    const lists = [list(), list({ from: '2026-05-01', areas: [] })];
    expect(ask(lists).codes).toEqual(['RULE_PASSED']);
    expect(ask(lists, Date.parse('2026-04-30T10:00:00Z')).codes).toEqual(['RULE_FAILED']);
  });

  it.each([
    ['lapsed', [list({ until: '2026-04-30' })]],
    [
      'lapsed, with an older one that would run on',
      [list({ from: '2026-01-01', until: '2026-12-31' }), list({ until: '2026-04-30' })],
    ],
    ['not yet begun', [list({ from: '2026-05-02' })]],
    ['none at all', []],
  ])('%s: unknown, never "no area is high"', (_, lists) => {
    expect(ask(lists).codes).toEqual(['RULE_OPEN']);
  });

  it('a list that could not be read makes the tiers unknown', () => {
    expect(ask([list({ areas: [] })], NOW, { areasUnreadable: true }).codes).toEqual(['RULE_OPEN']);
  });

  it.each([
    ["another region's county", list({ areas: [{ area: '330421', tier: 'high' }] }), '/areas/0/area'],
    ['a tier that the list does not know', list({ areas: [{ area: '340104', tier: 'medium' }] }), '/areas/0/tier'],
    [
      'one area in two tiers',
      list({
        areas: [
          { area: '340104', tier: 'high' },
          { area: '340104', tier: 'low' },
        ],
      }),
      '/areas/1/area',
    ],
    ['a day that does not exist', list({ from: '2026-02-30' }), '/from'],
    ['ends before it begins', list({ until: '2026-04-01' }), '/until'],
  ])('%s: rejected whole, and the tiers are unknown', (_, wrong, at) => {
    expect(ask([wrong])).toMatchObject({ codes: ['RULE_OPEN'], rejected: [{ file: 'areas/0.json', at }] });
  });

  it('a county speaks for its townships, the national platform for all, a guest for none', () => {
    const reject = (region: string, area: string) =>
      ruleBook([
        source(region, [region], [], {
          areas: [{ file: 'areas/0.json', list: list({ areas: [{ area, tier: 'high' }] }) }],
        }),
      ]).rejected.length;
    expect(reject('330421', '330421101')).toBe(0);
    expect(reject('330421', '330424')).toBe(1);
    expect(reject('330400', '330421')).toBe(0);
    expect(reject('000000', '340104')).toBe(0);
    expect(reject('x-eu-dcc', '340104')).toBe(1);
  });
});
