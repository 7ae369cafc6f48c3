import type { Finding, Rule, SharedDocument } from '../../src/document/generated/types.ts';
import { type RuleQuestion, type RuleSource, ruleBook } from '../../src/judge/rules.ts';

export const NOW = Date.parse('2026-05-01T04:00:00Z');
export const BASIS = { title: { zh: '示例规定', en: 'Example regulation' }, number: '示例〔2026〕1号' };

export const document: SharedDocument = {
  docType: { code: 'commuter-pass', family: 'pass' },
  docId: 'TEST-1',
  issuer: { region: '340000', areaCode: '340104' },
  validity: { issuedAt: '2026-04-01T00:00:00Z', until: '2026-12-31' },
  vehicle: { plateNo: '皖A00000' },
};

export const rule = (change: Partial<Rule> = {}): Rule => ({
  id: 'PASS-0001',
  type: 'acceptance',
  version: '1.0.0',
  engine: { name: 'certlogic', version: '1.3.0' },
  region: '330000',
  input: 'document',
  validFrom: '2026-01-01',
  basis: BASIS,
  description: { zh: '须载明车牌号', en: 'It must name a number plate' },
  logic: { '!': [{ '!': [{ var: 'payload.vehicle.plateNo' }] }] },
  ...change,
});

export const source = (region: string, chain: string[], rules: Rule[], more: Partial<RuleSource> = {}): RuleSource => ({
  region,
  chain,
  rules: [{ file: `regions/${region}/rules/all.json`, list: { rules } }],
  valueSets: [],
  areas: [],
  rulesUnreadable: false,
  areasUnreadable: false,
  ...more,
});

export const question = (change: Partial<RuleQuestion> = {}): RuleQuestion => ({
  document,
  payload: undefined,
  issuerChain: ['340000'],
  isUnit: () => false,
  keyId: 'key-1',
  format: 'ah-pass/1',
  purpose: 'checkpoint',
  now: NOW,
  ...change,
});

/** Zhejiang's rules, asked once. */
export function judge(rules: Rule[], change: Partial<RuleQuestion> = {}, more: Partial<RuleSource> = {}): Finding[] {
  return ruleBook([source('330000', ['330000'], rules, more)])
    .ruleSet(['330000'])
    .judge(question(change));
}
export const codes = (findings: readonly Finding[]): string[] => findings.map(({ code }) => code);
export const FALSE = { '!': [true] };
/** A logic that the data does not answer. */
export const UNANSWERED = { '>': [{ var: 'payload.usage.count' }, 1] };
