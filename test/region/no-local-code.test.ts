import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../../src/document/findings.ts';
import type { AgreementList, Localized, RuleList } from '../../src/document/generated/types.ts';
import { sendsForLocalCode } from '../../src/document/local-code.ts';
import { type Asked, federation, fileOf, samples, standpointOf, store, verdictOf } from '../support/federation.ts';

/** What an officer reads of a verdict; names of issuers and formats are names, and not told to anyone as a step. */
const said = (from: { message?: Localized; sentence?: Localized; next?: Localized; detail?: string }): Localized[] =>
  [from.message, from.sentence, from.next, from.detail === undefined ? undefined : { zh: '', en: from.detail }].filter(
    (each) => each !== undefined,
  );

it.each([
  ['请申领本地健康码。', ''],
  ['请持证人先在目的地注册，再出示当地的码。', ''],
  ['请下载应用并申请随申码', ''],
  ['本市只认可本市的码', ''],
  ['', 'Ask the holder to apply for a Shanghai code.'],
  ['', 'Only a local health code is accepted.'],
  ['', 'Show this region’s own code.'],
])('%s%s would be found', (zh, en) => {
  expect(sendsForLocalCode({ zh, en })).toBe(true);
});

describe('nobody is sent for a local code', () => {
  it('by a finding: its sentence and its next step', () => {
    const rows = Object.entries<{ message: Localized; next?: Localized }>(FINDINGS);
    expect(rows.filter(([, row]) => said(row).some(sendsForLocalCode)).map(([code]) => code)).toEqual([]);
    expect(rows.length).toBeGreaterThan(50);
  });

  it('by an agreement: its requirements', () => {
    const lists = [...store.keys()].filter((file) => file.endsWith('/agreements.json'));
    const asked = lists.flatMap((file) => fileOf<AgreementList>(file).agreements.flatMap((row) => row.requires ?? []));
    expect(asked.filter(sendsForLocalCode)).toEqual([]);
    expect(asked.length).toBeGreaterThan(3);
  });

  it('by a rule: its description and its action', () => {
    const lists = [...store.keys()].filter((file) => /\/rules\/.*\.json$/.test(file));
    const rules = lists.flatMap((file) => fileOf<RuleList>(file).rules);
    const texts = rules.flatMap(({ description, action }) => [description, ...(action === undefined ? [] : [action])]);
    expect(texts.filter(sendsForLocalCode)).toEqual([]);
    expect(rules.length).toBeGreaterThan(4);
  });

  const findNone = (asked: Asked) => {
    for (const { wire, name } of samples) {
      const verdict = verdictOf(wire, asked);
      const texts = [verdict, ...verdict.findings].flatMap(said);
      expect([name, texts.filter(sendsForLocalCode)]).toEqual([name, []]);
    }
  };
  it.each([...federation.regions.keys()])('by a verdict on any sample, as %s sees it', (region) => {
    findNone({ standpoint: standpointOf(region) });
  });
  it.each([...standpointOf().purposes.keys()])('by a verdict on any sample, for the purpose %s', (purpose) => {
    findNone({ purpose });
  });
});
