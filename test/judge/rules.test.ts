import { describe, expect, it } from 'vitest';
import type { Rule } from '../../src/document/generated/types.ts';
import { validateFinding } from '../../src/document/generated/validators.js';
import { decide } from '../../src/judge/outcome.ts';
import { ruleBook } from '../../src/judge/rules.ts';
import { BASIS, codes, document, FALSE, judge, NOW, question, rule, source, UNANSWERED } from './rules.make.ts';

describe('one rule', () => {
  it('is met, or not, and says by which version and on what basis', () => {
    const [passed] = judge([rule()]);
    expect(passed).toMatchObject({
      code: 'RULE_PASSED',
      result: 'pass',
      at: 'rules/330000/PASS-0001@1.0.0',
      basis: BASIS,
    });
    const [failed] = judge([rule({ logic: FALSE })]);
    expect(failed).toMatchObject({
      code: 'RULE_FAILED',
      result: 'fail',
      basis: BASIS,
      next: { zh: '规则要求：须载明车牌号', en: 'The rule asks: It must name a number plate' },
    });
    for (const finding of [passed, failed]) expect(validateFinding(finding)).toBe(true);
  });

  it.each([
    ['a comparison without its number', UNANSWERED, /^type at \/>: /],
    ['null', { var: 'payload.nothing' }, /neither true nor false/],
    ['a text', 'true', /neither true nor false/],
    ['one', 1, /neither true nor false/],
  ])('%s is no answer: nobody can tell, and it never passes', (_, logic, detail) => {
    const [finding] = judge([rule({ logic: logic as Rule['logic'] })]);
    expect(finding).toMatchObject({ code: 'RULE_OPEN', result: 'unknown' });
    expect(finding!.detail).toMatch(detail);
    expect(finding!.next!.zh).toBe('请人工核对：须载明车牌号');
    expect(decide([finding!]).outcome).toBe('undetermined');
  });

  it('an open rule that names an action is accepted once that is done', () => {
    const action = { zh: '请查验行驶证原件', en: 'Check the vehicle licence' };
    const [finding] = judge([rule({ logic: UNANSWERED, action })]);
    expect(finding).toMatchObject({ code: 'ACTION_REQUIRED', result: 'open', next: action, basis: BASIS });
  });

  it('a rule that costs too much is never an action, and never a pass', () => {
    const items = Array.from({ length: 9_000 }, () => 1);
    const logic = { reduce: [{ var: 'payload' }, { reduce: [{ var: 'current' }, 1, 0] }, true] };
    const payload = { grid: Array.from({ length: 9_000 }, () => items) };
    const hostile = rule({
      input: { payload: '/grid' },
      formats: ['ah-pass/1'],
      logic,
      action: { zh: '放行', en: 'Let pass' },
    });
    const findings = judge(
      Array.from({ length: 20 }, (_, i) => ({ ...hostile, id: `HOSTILE-${i}` })),
      { payload },
    );
    expect(new Set(codes(findings))).toEqual(new Set(['RULE_OPEN']));
    expect(findings[0]!.detail).toMatch(/^limit at /);
  });

  it('a rule that used up what all may spend leaves the others unanswered, not passed', () => {
    const items = Array.from({ length: 9_000 }, () => 1);
    const payload = { grid: Array.from({ length: 9_000 }, () => items) };
    const hostile = (i: number) =>
      rule({
        id: `HOSTILE-${i}`,
        input: { payload: '/grid' },
        formats: ['ah-pass/1'],
        logic: { reduce: [{ var: 'payload' }, { reduce: [{ var: 'current' }, 1, 0] }, true] },
      });
    const rules = [...Array.from({ length: 10 }, (_, i) => hostile(i)), rule({ id: 'LAST-1' })];
    expect(codes(judge(rules, { payload })).at(-1)).toBe('RULE_OPEN');
    expect(codes(judge(rules.slice(1), { payload })).at(-1)).toBe('RULE_PASSED');
  });

  it('what a rule does not use is there for the others', () => {
    const findings = judge(Array.from({ length: 30 }, (_, i) => rule({ id: `RULE-${i}` })));
    expect(new Set(codes(findings))).toEqual(new Set(['RULE_PASSED']));
  });

  it('finds in `external` what EU rules expect there, and the tiers', () => {
    const seen = (path: string, value: unknown): Rule =>
      rule({ logic: { '===': [{ var: `external.${path}` }, value as string] } });
    for (const [path, value] of [
      ['validationClock', '2026-05-01T04:00:00Z'],
      ['countryCode', '330000'],
      ['issuerCountryCode', '340000'],
      ['kid', 'key-1'],
      ['iat', '2026-04-01T00:00:00Z'],
      ['exp', '2026-12-31'],
    ])
      expect(codes(judge([seen(path!, value)])), path).toEqual(['RULE_PASSED']);
    const unit = { document: { ...document, issuer: { region: 'x-eu-dcc', unit: 'AT' } } };
    expect(codes(judge([seen('issuerCountryCode', 'AT')], unit))).toEqual(['RULE_PASSED']);
  });

  it('reads the wire payload where it points', () => {
    const wired = rule({
      input: { payload: '/-260/1' },
      formats: ['eu-dcc/1'],
      logic: { '===': [{ var: 'payload.ver' }, '1.3.0'] },
    });
    const payload = { '-260': { '1': { ver: '1.3.0' } } };
    expect(codes(judge([wired], { format: 'eu-dcc/1', payload }))).toEqual(['RULE_PASSED']);
    expect(codes(judge([wired], { format: 'eu-dcc/1', payload: undefined }))).toEqual(['RULE_FAILED']);
    expect(codes(judge([wired], { format: 'ah-pass/1', payload }))).toEqual([]);
  });
});

describe('which rules apply', () => {
  it.each([
    ['another document type', { documentTypes: ['health-code'] }],
    ['another purpose', { purposes: ['hotel'] }],
    ['another format', { formats: ['sh-pass/1'] }],
    ['another issuing region', { issuingRegions: ['310000'] }],
    ['another unit', { units: ['AT'] }],
    ['not yet', { validFrom: '2026-05-02' }],
    ['no longer', { validTo: '2026-04-30' }],
    ['switched off', { enabled: false }],
    ["the issuer's own, not ours", { type: 'invalidation' as const }],
  ])('%s: not asked', (_, change) => {
    expect(judge([rule(change)])).toEqual([]);
  });

  it.each([
    ['its type', { documentTypes: ['health-code', 'commuter-pass'] }],
    ['its purpose', { purposes: ['checkpoint'] }],
    ['the province of the county that issued', { issuingRegions: ['340000'] }],
    ['its unit', { units: ['AT', 'DE'] }],
    ['the first moment of its first day, UTC+8', { validFrom: '2026-05-01' }],
    ['the last moment of its last day, UTC+8', { validTo: '2026-05-01' }],
  ])('%s: asked', (_, change) => {
    const asked = { issuerChain: ['340104', '340000'], isUnit: (unit: string) => unit === 'DE' };
    expect(codes(judge([rule(change)], asked))).toEqual(['RULE_PASSED']);
  });

  it('begins and ends at the millisecond, whichever way the clock is asked', () => {
    const set = ruleBook([
      source('330000', ['330000'], [rule({ validFrom: '2026-05-01', validTo: '2026-05-01' })]),
    ]).ruleSet(['330000']);
    const begin = Date.parse('2026-04-30T16:00:00Z');
    const end = Date.parse('2026-05-01T16:00:00Z');
    for (const [now, asked] of [
      [begin, 1],
      [begin - 1, 0],
      [end - 1, 1],
      [end, 0],
      [begin, 1],
      [end + 1e12, 0],
      [0, 0],
    ] as const)
      expect(set.judge(question({ now })).length, `${now}`).toBe(asked);
  });

  it('nothing is asked of a document whose type is unknown', () => {
    expect(judge([rule()], { document: { validity: document.validity } })).toEqual([]);
  });

  it('all rules are asked: the first failure does not hide the rest', () => {
    const rules = [rule({ id: 'A-1', logic: FALSE }), rule({ id: 'B-1' }), rule({ id: 'C-1', logic: UNANSWERED })];
    expect(codes(judge(rules))).toEqual(['RULE_FAILED', 'RULE_PASSED', 'RULE_OPEN']);
  });
});

describe('versions and levels', () => {
  it('the highest version in its time holds, by number and not by spelling', () => {
    const versions = [
      rule({ version: '1.9.0', logic: FALSE }),
      rule({ version: '1.10.0' }),
      rule({ version: '2.0.0', logic: FALSE, validFrom: '2027-01-01' }),
    ];
    for (const list of [versions, versions.toReversed()])
      expect(judge(list).map(({ at }) => at)).toEqual(['rules/330000/PASS-0001@1.10.0']);
    expect(codes(judge(versions, { now: Date.parse('2027-02-01T00:00:00Z') }))).toEqual(['RULE_FAILED']);
  });

  it('a switched-off newer version turns the rule off; the older one does not come back', () => {
    expect(judge([rule({ logic: FALSE }), rule({ version: '1.0.1', enabled: false })])).toEqual([]);
  });

  const county = ['330421', '330400', '330000'];
  const levels = (rules: Record<string, Rule[]>) =>
    ruleBook(county.map((region, i) => source(region, county.slice(i), rules[region] ?? [])));

  it('rules of every level hold for a county', () => {
    const book = levels({
      '330421': [rule({ region: '330421', id: 'COUNTY-1' })],
      '330400': [rule({ region: '330400', id: 'CITY-1' })],
      '330000': [rule({ id: 'PROVINCE-1' })],
    });
    const asked = (chain: string[]) =>
      book
        .ruleSet(chain)
        .judge(question())
        .map(({ at }) => at?.split('/')[2]);
    expect(asked(county)).toEqual(['COUNTY-1@1.0.0', 'CITY-1@1.0.0', 'PROVINCE-1@1.0.0']);
    expect(asked(county.slice(1)), "a county's rule does not bind the city").toEqual([
      'CITY-1@1.0.0',
      'PROVINCE-1@1.0.0',
    ]);
  });

  it('a county may replace a rule of its province by the same id, whatever its version, while its own is in force', () => {
    const book = levels({
      '330421': [rule({ region: '330421', validTo: '2026-06-30', logic: FALSE })],
      '330000': [rule({ version: '9.0.0' })],
    });
    const asked = (now: number, chain = county) => codes(book.ruleSet(chain).judge(question({ now })));
    expect(asked(NOW)).toEqual(['RULE_FAILED']);
    expect(asked(Date.parse('2026-07-02T00:00:00Z')), 'then the province again').toEqual(['RULE_PASSED']);
    expect(asked(NOW, ['330000'])).toEqual(['RULE_PASSED']);
  });
});

describe('invalidation: the issuing region says which of its documents no longer count', () => {
  const recalled = rule({
    id: 'RECALL-1',
    type: 'invalidation',
    region: '340000',
    logic: { in: [{ var: 'payload.docId' }, ['TEST-1', 'TEST-2']] },
  });
  const set = ruleBook([
    source('340000', ['340000'], [recalled, rule({ region: '340000', id: 'OWN-1', logic: FALSE })]),
    source('330000', ['330000'], []),
  ]).ruleSet(['330000']);

  it('true means that it no longer counts', () => {
    const [finding] = set.judge(question());
    expect(finding).toMatchObject({ code: 'RULE_INVALIDATED', result: 'fail', at: 'rules/340000/RECALL-1@1.0.0' });
    expect(codes(set.judge(question({ document: { ...document, docId: 'TEST-9' } })))).toEqual(['RULE_PASSED']);
  });

  it('acts only on documents of that region and of what stands under it', () => {
    expect(set.judge(question({ issuerChain: ['310000'] }))).toEqual([]);
    expect(codes(set.judge(question({ issuerChain: ['340104', '340000'] })))).toEqual(['RULE_INVALIDATED']);
  });

  it('cannot be answered: nobody can tell, it does not pass', () => {
    const book = ruleBook([source('340000', ['340000'], [{ ...recalled, logic: { var: 'payload.nothing' } }])]);
    expect(codes(book.ruleSet(['330000']).judge(question()))).toEqual(['RULE_OPEN']);
  });
});

describe('rules that are refused when they are loaded', () => {
  const load = (rules: Rule[]) => ruleBook([source('330000', ['330000'], rules)]);

  it.each([
    ["another region's rule", { region: '310000' }, '/rules/0/region'],
    ['an emergency rule without an end', { type: 'emergency' as const }, '/rules/0/validTo'],
    ['one that ends before it begins', { validTo: '2025-12-31' }, '/rules/0/validTo'],
    ['a lead time without a time of publication', { leadTimeHours: 24 }, '/rules/0/publishedAt'],
    [
      'one published later than its lead time allows',
      { leadTimeHours: 48, publishedAt: '2025-12-30T00:00:00Z' },
      '/rules/0/validFrom',
    ],
  ])('%s: listed, and not in force', (_, change, at) => {
    const book = load([rule({ ...change, logic: FALSE })]);
    expect(book.rejected).toMatchObject([{ file: 'regions/330000/rules/all.json', at }]);
    expect(book.ruleSet(['330000']).judge(question())).toEqual([]);
    expect(book.size).toBe(0);
  });

  it('published in time, to the hour', () => {
    const book = load([rule({ leadTimeHours: 48, publishedAt: '2025-12-29T16:00:00Z' })]);
    expect(book.rejected).toEqual([]);
  });

  it('an emergency rule with an end acts like any other, and is gone after it', () => {
    const closed = rule({ type: 'emergency', validTo: '2026-05-03', logic: FALSE });
    expect(codes(judge([closed]))).toEqual(['RULE_FAILED']);
    expect(judge([closed], { now: Date.parse('2026-05-04T00:00:00Z') })).toEqual([]);
  });

  it.each([
    ['logic that is none', { logic: { or: [true, false] } }, '/rules/0/logic'],
    ['a payload rule that names no format', { input: { payload: '' } }, '/rules/0/formats'],
    ['a day that does not exist', { validFrom: '2026-02-30' }, '/rules/0/validFrom'],
  ])('%s: listed, and "cannot tell" of every document: what it was to stop must not pass', (_, change, at) => {
    const book = load([rule(change)]);
    expect(book.rejected).toMatchObject([{ at }]);
    expect(codes(book.ruleSet(['330000']).judge(question()))).toEqual(['RULE_OPEN']);
  });

  it('the same id and version twice: neither is guessed to be the right one', () => {
    const book = load([rule(), rule({ logic: FALSE })]);
    expect(book.rejected).toMatchObject([{ at: '/rules/1/version' }]);
    expect(codes(book.ruleSet(['330000']).judge(question()))).toEqual(['RULE_OPEN']);
  });

  it('a rule for a newer engine is not guessed at', () => {
    const [finding] = judge([rule({ engine: { name: 'certlogic', version: '1.4.0' }, logic: { novel: [] } })]);
    expect(finding).toMatchObject({ code: 'RULE_ENGINE_TOO_OLD', result: 'unknown' });
    expect(codes(judge([rule({ engine: { name: 'certlogic', version: '1.3.3' } })]))).toEqual(['RULE_PASSED']);
  });

  it('rules that could not be read: nobody knows whether all are met, neither ours nor the issuer’s', () => {
    const sources = [
      source('330000', ['330000'], [rule()]),
      source('340000', ['340000'], [], { rulesUnreadable: true }),
    ];
    const book = ruleBook(sources);
    const findings = book.ruleSet(['330000']).judge(question());
    expect(findings).toMatchObject([
      { code: 'RULES_UNREADABLE', result: 'unknown', at: 'rules/340000' },
      { code: 'RULE_PASSED' },
    ]);
    expect(codes(book.ruleSet(['330000']).judge(question({ issuerChain: ['310000'] })))).toEqual(['RULE_PASSED']);
    expect(codes(book.ruleSet(['340000']).judge(question()))).toEqual(['RULES_UNREADABLE']);
  });

  it('a description as long as any may be does not break the finding', () => {
    const zh = '𠮷'.repeat(1000);
    const [finding] = judge([rule({ logic: FALSE, description: { zh, en: 'x'.repeat(2000) } })]);
    expect(validateFinding(finding)).toBe(true);
    expect(finding!.next!.zh.isWellFormed()).toBe(true);
  });
});
