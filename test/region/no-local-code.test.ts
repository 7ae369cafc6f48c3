import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../../src/document/findings.ts';
import type { AgreementList, Localized, RuleList } from '../../src/document/generated/types.ts';
import { type Asked, federation, fileOf, samples, standpointOf, store, verdictOf } from '../support/federation.ts';

/**
 * 码上加码: a code on top of the code. What all of this is for is that nobody has to fetch one more local code; so
 * nothing that an officer or a holder reads may send anyone to get one.
 */
const LOCAL_ZH = '本地|当地|属地|本省|本市|本县|本区|我省|我市|所在地|目的地';
const FETCH_ZH = '申领|申请|领取|申报领|注册|办理|换领|补领|转换|下载';
const CODE_ZH = '码(?!头)';
const NAMED = '随申码|苏康码|苏服码|浙江码|健康码|安康码|甬行码|企业码|服务码|亮码|行程码';
const FORBIDDEN: readonly RegExp[] = [
  new RegExp(`(${LOCAL_ZH})[^。；]*${CODE_ZH}`, 'u'),
  new RegExp(`(${FETCH_ZH})[^。；]*${CODE_ZH}`, 'u'),
  new RegExp(`(${FETCH_ZH})[^。；]*(${NAMED})`, 'u'),
  /\b(local|this (region|city|county|province|district)(['’]s)?( own)?)\b[^.;]*\bcodes?\b/i,
  /\b(apply|register|sign up|enrol|download|obtain|fetch|get|request)\b[^.;]*\bcodes?\b/i,
];
const sends = ({ zh, en }: Localized): boolean => FORBIDDEN.some((form) => form.test(zh) || form.test(en));

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
  expect(sends({ zh, en })).toBe(true);
});

describe('nobody is sent for a local code', () => {
  it('by a finding: its sentence and its next step', () => {
    const rows = Object.entries<{ message: Localized; next?: Localized }>(FINDINGS);
    expect(rows.filter(([, row]) => said(row).some(sends)).map(([code]) => code)).toEqual([]);
    expect(rows.length).toBeGreaterThan(50);
  });

  it('by an agreement: its requirements', () => {
    const lists = [...store.keys()].filter((file) => file.endsWith('/agreements.json'));
    const asked = lists.flatMap((file) => fileOf<AgreementList>(file).agreements.flatMap((row) => row.requires ?? []));
    expect(asked.filter(sends)).toEqual([]);
    expect(asked.length).toBeGreaterThan(3);
  });

  it('by a rule: its description and its action', () => {
    const lists = [...store.keys()].filter((file) => /\/rules\/.*\.json$/.test(file));
    const rules = lists.flatMap((file) => fileOf<RuleList>(file).rules);
    const texts = rules.flatMap(({ description, action }) => [description, ...(action === undefined ? [] : [action])]);
    expect(texts.filter(sends)).toEqual([]);
    expect(rules.length).toBeGreaterThan(4);
  });

  const findNone = (asked: Asked) => {
    for (const { wire, name } of samples) {
      const verdict = verdictOf(wire, asked);
      const texts = [verdict, ...verdict.findings].flatMap(said);
      expect([name, texts.filter(sends)]).toEqual([name, []]);
    }
  };
  it.each([...federation.regions.keys()])('by a verdict on any sample, as %s sees it', (region) => {
    findNone({ standpoint: standpointOf(region) });
  });
  it.each([...standpointOf().purposes.keys()])('by a verdict on any sample, for the purpose %s', (purpose) => {
    findNone({ purpose });
  });
});
