import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certlogic } from '../../src/conformance/certlogic.node.ts';
import { dccRules } from '../../src/conformance/dcc-rules.node.ts';
import type { CaseResult, Suite } from '../../src/conformance/suite.ts';
import { validateRules, validateValueSets } from '../../src/document/generated/validators.js';
import { EU_DCC, importEuRules, importEuValueSets } from '../../src/federation/import-rules.ts';
import { ruleBook } from '../../src/judge/rules.ts';

const SPEC = '../shared/data/dcc/certlogic-spec';
const RULES = '../shared/data/dcc/business-rules-testdata';
const LISTS = '../shared/data/dcc/trust-lists-covpass/covpass-sdk/src/main/assets/covpass-sdk';

async function run(suite: Suite, dir: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  await suite.run(dir, (result) => results.push(result));
  return results;
}
const count = (results: readonly CaseResult[], result: CaseResult['result']): number =>
  results.filter((each) => each.result === result).length;

describe.skipIf(!existsSync(SPEC))(`CertLogic suites (${SPEC})`, () => {
  it('agrees with every assertion that the suites do not skip themselves, in the words of the suite', async () => {
    const results = await run(certlogic, SPEC);
    expect(results.filter((each) => each.result !== 'not-applicable' && each.because !== undefined)).toEqual([]);
    expect(count(results, 'agree')).toBeGreaterThan(100);
    expect(
      results.filter((each) => each.result === 'not-applicable').every(({ name }) => name.includes('patched')),
    ).toBe(true);
  });
});

describe.skipIf(!existsSync(RULES))(`EU business rules (${RULES})`, () => {
  it('agrees with every test of every rule', async () => {
    const results = await run(dccRules, RULES);
    expect(results.filter((each) => each.result === 'differ')).toEqual([]);
    expect(count(results, 'agree')).toBe(679);
    expect(results.filter((each) => each.result === 'not-applicable').every(({ because }) => because !== '')).toBe(
      true,
    );
  });
});

describe.skipIf(!existsSync(LISTS))(`the rules of a verifier app (${LISTS})`, () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(LISTS, file), 'utf8'));

  it('all become ours, and one asks for an engine that nobody has', () => {
    const basis = { title: { zh: '测试', en: 'Test' } };
    const { rules, left } = importEuRules(read('eu-rules.json'), { ...EU_DCC, region: 'x-eu-dcc', basis });
    const { valueSets } = importEuValueSets(read('eu-value-sets.json'));
    expect(left).toEqual([]);
    expect(validateRules({ rules })).toBe(true);
    expect(validateValueSets({ valueSets })).toBe(true);
    const book = ruleBook([
      {
        region: 'x-eu-dcc',
        chain: ['x-eu-dcc'],
        rules: [{ file: 'rules/eu.json', list: { rules } }],
        valueSets: [{ file: 'value-sets/eu.json', list: { valueSets } }],
        areas: [],
        rulesUnreadable: false,
        areasUnreadable: false,
      },
    ]);
    expect(book.rejected).toEqual([]);
    expect(book.size).toBe(271);
    const findings = book.ruleSet(['x-eu-dcc']).judge({
      document: { docType: { code: 'vaccination-statement', family: 'statement' } },
      payload: { '-260': { '1': { dob: '1980-01-01', v: [{ tg: '840539006', dn: 2, sd: 2, dt: '2023-01-01' }] } } },
      issuerChain: ['x-eu-dcc'],
      isUnit: () => false,
      keyId: undefined,
      format: 'eu-dcc/1',
      purpose: 'checkpoint',
      now: Date.parse('2023-03-01T00:00:00Z'),
    });
    expect(findings.filter(({ code }) => code === 'RULE_ENGINE_TOO_OLD').map(({ at }) => at)).toEqual([
      'rules/x-eu-dcc/GR-TG-0001@1.0.0',
    ]);
    expect(findings.length).toBeGreaterThan(100);
  });
});

describe('the suites report what they find, not what they hope for', () => {
  let dir: string;
  const put = async (file: string, value: unknown): Promise<void> => {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), JSON.stringify(value));
  };
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'rules-'));
    const assertions = [
      { data: { x: 1 }, expected: 1 },
      { data: { x: 1 }, expected: 2 },
      { data: { x: 1 }, expected: 2, directive: 'skip' },
    ];
    await put('testSuite/a.json', {
      name: 'a',
      cases: [
        { name: 'x', certLogicExpression: { var: 'x' }, assertions },
        { name: 'no such thing', certLogicExpression: { or: [1] }, assertions: [{ data: null, expected: null }] },
        {
          name: 'time',
          certLogicExpression: { plusTime: ['2022', 0, 'day'] },
          assertions: [{ data: 0, expected: '2022-12-31T00:00:00.000Z' }],
        },
      ],
    });
    await put('validation-testSuite/a.json', {
      name: 'a',
      cases: [
        { certLogicExpression: { var: 0 }, issues: [] },
        { certLogicExpression: { var: 0 }, issues: [{ expr: { var: 0 }, message: 'in other words' }] },
        { certLogicExpression: true, issues: [{ expr: true, message: 'a fault we do not see' }] },
      ],
    });
    const rule = {
      Identifier: 'GR-XX-0001',
      Type: 'Acceptance',
      Country: 'XX',
      Version: '1.0.0',
      Engine: 'CERTLOGIC',
      EngineVersion: '1.0.0',
      CertificateType: 'General',
      Description: [{ lang: 'en', desc: 'A rule of this test' }],
      ValidFrom: '2026-01-01T00:00:00Z',
      ValidTo: '2027-01-01T00:00:00Z',
      Logic: { '===': [{ '+': [{ var: 'payload.x' }, 0] }, 1] },
    };
    await put('valuesets/valueSets.json', {});
    await put('XX/GR-XX-0001/rule.json', rule);
    await put('XX/GR-XX-0001/tests/1.json', { payload: { x: 1 }, external: {}, expected: true });
    await put('XX/GR-XX-0001/tests/2.json', { payload: { x: 2 }, external: {}, expected: true });
    await put('XX/GR-XX-0001/tests/3.json', { payload: {}, external: {}, expected: null });
    await put('XX/GR-XX-0001/tests/4.json', { payload: {}, external: {}, expected: false });
    await put('XX/GR-XX-0002/rule.json', { ...rule, Logic: { or: [] } });
    await put('XX/GR-XX-0002/tests/1.json', { payload: {}, external: {}, expected: true });
    await put('XX/IR-XX-0001/rule.json', { ...rule, Identifier: 'IR-XX-0001', Type: 'Invalidation' });
    await put('XX/IR-XX-0001/tests/1.json', { payload: { x: 1 }, external: {}, expected: true });
    await put('XX/GR-XX-0003/tests/1.json', { payload: {}, external: {}, expected: true });
  });
  afterAll(() => rm(dir, { recursive: true }));

  const results = async (suite: Suite): Promise<string[]> => (await run(suite, dir)).map(({ result }) => result);

  it('certlogic', async () => {
    expect(await results(certlogic)).toEqual([
      ...['agree', 'differ', 'not-applicable', 'differ', 'agree'],
      ...['differ', 'agree', 'differ'],
    ]);
  });

  it('dcc-rules', async () => {
    const found = (await run(dccRules, dir)).map(({ name, result }) => `${name} ${result}`);
    expect(found).toEqual([
      'XX/GR-XX-0001/tests/1.json agree',
      'XX/GR-XX-0001/tests/2.json differ',
      'XX/GR-XX-0001/tests/3.json agree',
      'XX/GR-XX-0001/tests/4.json differ',
      'XX/GR-XX-0002/tests/1.json differ',
      'XX/GR-XX-0003/tests/1.json not-applicable',
      'XX/IR-XX-0001/tests/1.json agree',
    ]);
  });

  it('a folder without their data is an error', async () => {
    await expect(run(certlogic, join(dir, 'XX'))).rejects.toThrow('no suites');
    await expect(run(dccRules, join(dir, 'testSuite'))).rejects.toThrow('no rules');
  });
});
