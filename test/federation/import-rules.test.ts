import { describe, expect, it } from 'vitest';
import { validateRules, validateValueSets } from '../../src/document/generated/validators.js';
import { EU_DCC, importEuRules, importEuValueSets } from '../../src/federation/import-rules.ts';
import { ruleBook } from '../../src/judge/rules.ts';
import { BASIS, codes, document, question, source } from '../judge/rules.make.ts';

describe('EU business rules become ours', () => {
  const eu = {
    Identifier: 'VR-XX-0001',
    Type: 'Acceptance',
    Country: 'XX',
    Version: '1.0.2',
    SchemaVersion: '1.0.0',
    Engine: 'CERTLOGIC',
    EngineVersion: '0.7.5',
    CertificateType: 'Vaccination',
    Description: [
      { lang: 'de', desc: 'Nur vollständige Serien.' },
      { lang: 'en', desc: 'Only complete series.' },
    ],
    ValidFrom: '2026-01-01T02:00:00+02:00',
    ValidTo: '2030-06-01T00:00:00Z',
    AffectedFields: ['v.0', 'v.0.dn'],
    Logic: { '>=': [{ var: 'payload.v.0.dn' }, { var: 'payload.v.0.sd' }] } as unknown,
  };
  const into = { ...EU_DCC, region: 'x-eu-dcc', basis: BASIS };
  const vaccination = (dn: number, sd: number) =>
    question({
      document: { ...document, docType: { code: 'vaccination-statement', family: 'statement' } },
      payload: { '-260': { '1': { v: [{ dn, sd }] } } },
      issuerChain: ['x-eu-dcc'],
      isUnit: (unit) => unit === 'XX',
      format: 'eu-dcc/1',
    });

  it('with their words, times in UTC, and the payload at its pointer', () => {
    const { rules, left } = importEuRules([eu], into);
    expect(left).toEqual([]);
    expect(validateRules({ rules })).toBe(true);
    expect(rules[0]).toMatchObject({
      id: 'VR-XX-0001',
      type: 'acceptance',
      validFrom: '2026-01-01T00:00:00Z',
      input: { payload: '/-260/1' },
      description: { zh: '（暂无中文译文）Only complete series.', en: 'Only complete series.' },
    });
    const book = ruleBook([source('x-eu-dcc', ['x-eu-dcc'], rules)]);
    expect(book.rejected).toEqual([]);
    const set = book.ruleSet(['x-eu-dcc']);
    expect(codes(set.judge(vaccination(2, 2)))).toEqual(['RULE_PASSED']);
    expect(codes(set.judge(vaccination(1, 2)))).toEqual(['RULE_FAILED']);
  });

  it('an invalidation rule is turned round: false was "no longer counts", and "cannot tell" stays that', () => {
    const logic = { if: [{ '===': [{ var: 'payload.v.0.dn' }, 9] }, { var: 'payload.nothing' }, eu.Logic] };
    const { rules } = importEuRules({ ...eu, Identifier: 'IR-XX-0001', Type: 'Invalidation', Logic: logic }, into);
    expect(validateRules({ rules })).toBe(true);
    const set = ruleBook([source('x-eu-dcc', ['x-eu-dcc'], rules)]).ruleSet(['330000']);
    expect(codes(set.judge(vaccination(2, 2)))).toEqual(['RULE_PASSED']);
    expect(codes(set.judge(vaccination(1, 2)))).toEqual(['RULE_INVALIDATED']);
    expect(codes(set.judge(vaccination(9, 2)))).toEqual(['RULE_OPEN']);
    expect(set.judge({ ...vaccination(1, 2), isUnit: () => false }), "another country's document").toEqual([]);
  });

  it.each([
    ['no verdict on a document', { Type: 'BoosterNotification' }],
    ['another engine', { Engine: 'OTHER' }],
    ['a part of the country only', { Region: 'SH' }],
    ['no identifier', { Identifier: '__proto__' }],
    ['an unknown type of certificate', { CertificateType: 'constructor' }],
    ['no pair of date-times', { ValidTo: '2026-13-01T00:00:00Z' }],
    ['a version that is not three numbers', { Version: '1.0' }],
    ['no English words', { Description: [{ lang: 'de', desc: 'Nein' }] }],
    ['no logic', { Logic: null }],
  ])('%s: left out by name', (_, change) => {
    const { rules, left } = importEuRules([{ ...eu, ...change }, eu], into);
    expect(rules.length).toBe(1);
    expect(left.length).toBe(1);
    expect(left[0]!.why).not.toBe('');
  });

  it('what is not a rule at all, twice the same, of another country, or in the wrong pack, is left out as well', () => {
    expect(importEuRules([null, 7, []], into).left.length).toBe(3);
    expect(importEuRules([eu, eu], into)).toMatchObject({ rules: [{}], left: [{ what: 'VR-XX-0001' }] });
    expect(importEuRules([eu], { ...into, country: 'YY' }).rules).toEqual([]);
    const invalidation = { ...eu, Type: 'Invalidation' };
    expect(importEuRules([invalidation], { ...into, region: '330000' }).left[0]!.why).toContain('x-eu-dcc');
  });

  it('value sets keep their codes, retired ones too', () => {
    const { valueSets, left } = importEuValueSets([
      {
        valueSetId: 'vehicle-kinds',
        valueSetDate: '2026-01-01',
        valueSetValues: { a: { active: true }, b: { active: false } },
      },
      { valueSetId: 'no values' },
    ]);
    expect(valueSets).toEqual([{ id: 'vehicle-kinds', date: '2026-01-01', values: ['a', 'b'] }]);
    expect(left.length).toBe(1);
    expect(validateValueSets({ valueSets })).toBe(true);
  });
});
