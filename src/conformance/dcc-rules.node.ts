import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validateRules } from '../document/generated/validators.js';
import { EU_DCC, importEuRules } from '../federation/import-rules.ts';
import { compileLogic, type Logic, LogicError, LogicFault } from '../judge/certlogic.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

interface RuleTest {
  readonly name?: string;
  readonly payload: unknown;
  readonly external: Readonly<Record<string, unknown>>;
  /** Anything but true and false: nobody can tell. */
  readonly expected: unknown;
}

/** An imported rule that can be asked, in the sense of the suite: true is what the rule wants. */
type Asked = (data: unknown) => boolean | string;

const BASIS = { title: { zh: '一致性测试', en: 'Conformance run' } };

/** Business rules of EU countries: imported, checked by our schema, compiled, and asked by every test that came with them. */
export const dccRules: Suite = {
  name: 'dcc-rules',
  summary:
    '若干国家的欧盟业务规则及其测试：每份内容为真、为假或未定 · EU business rules of several countries with their tests: true, false or open for each payload',
  async run(dir, report, progress) {
    const files = (await readdir(dir, { recursive: true }))
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => /^[A-Z]{2}\/[^/]+\/.*\.json$/.test(file))
      .sort();
    if (!files.some((file) => file.endsWith('/rule.json')))
      throw new Error(`${dir}: no rules (<country>/<rule>/rule.json) in this folder`);
    const valueSets = await readJson(dir, 'valuesets/valueSets.json');
    const rules = new Map<string, Asked | string>();
    for (const file of files.filter((each) => each.endsWith('/rule.json')))
      rules.set(folderOf(file), ruleOf(await readJson(dir, file)));
    const cases = files.filter((file) => !file.endsWith('/rule.json'));
    for (const [index, file] of cases.entries()) {
      report({ name: file, ...(await judge(dir, file, rules.get(folderOf(file)), valueSets)) });
      progress?.(index + 1, cases.length);
    }
  },
};

const readJson = async (dir: string, file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(dir, file), 'utf8'));

const folderOf = (file: string): string => file.split('/').slice(0, 2).join('/');

/** In: a rule as it came. Out: how to ask it, or why it cannot be asked. */
function ruleOf(json: unknown): Asked | string {
  const { rules, left } = importEuRules(json, { ...EU_DCC, region: EU_DCC.issuingRegion, basis: BASIS });
  const [rule] = rules;
  if (rule === undefined) return `not imported: ${left.map(({ why }) => why).join('; ')}`;
  if (!validateRules({ rules })) return `does not fit the schema: ${validateRules.errors?.[0]?.instancePath}`;
  let logic: Logic;
  try {
    logic = compileLogic(rule.logic);
  } catch (error) {
    if (!(error instanceof LogicError)) throw error;
    return `not compiled: ${error.message}`;
  }
  return (data) => {
    try {
      const value = logic(data);
      if (typeof value !== 'boolean') return 'open: neither true nor false';
      return rule.type === 'invalidation' ? !value : value;
    } catch (error) {
      if (!(error instanceof LogicFault)) throw error;
      return `open: ${error.at}: ${error.message}`;
    }
  };
}

async function judge(
  dir: string,
  file: string,
  rule: Asked | string | undefined,
  valueSets: unknown,
): Promise<Outcome> {
  if (!file.includes('/tests/')) return notApplicable('a rule that comes without tests: nothing is asserted');
  if (rule === undefined) return notApplicable('the rule that it tests is not in the data');
  if (typeof rule === 'string') return differ(rule);
  const { payload, external, expected } = (await readJson(dir, file)) as RuleTest;
  const found = rule({ payload, external: { valueSets, ...external } });
  const agrees = typeof expected === 'boolean' ? found === expected : typeof found === 'string';
  return agrees ? agree() : differ(`${found}, expected ${JSON.stringify(expected)}`);
}
