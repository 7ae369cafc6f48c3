import { describe, expect, it } from 'vitest';
import type { SharedDocument } from '../../src/document/generated/types.ts';
import { judgeUsage } from '../../src/judge/usage.ts';
import {
  DAY,
  federationWith,
  formatOf,
  JUDGE,
  NOW,
  ownKey,
  packFiles,
  shortOf,
  standpointOf,
  testDocument,
  testFormat,
  verdictOf,
} from '../support/federation.ts';

const names = new Map([
  ['checkpoint', 'checkpoint'],
  ['检查站查验', 'checkpoint'],
  ['hotel', 'hotel'],
]);
const question = { purpose: 'checkpoint', now: NOW, tolerance: 60_000 };
const codes = (usage: NonNullable<SharedDocument['usage']>): string[] =>
  judgeUsage(usage, names, question).map(({ code }) => code);
const at = (offset: number): string => new Date(NOW + offset).toISOString().replace('.000', '');

describe('a copy made for one use', () => {
  it.each([
    ['for this purpose', { purpose: 'checkpoint' }, []],
    ['for this purpose in words', { purpose: '检查站查验' }, []],
    ['for another purpose', { purpose: 'hotel' }, ['PURPOSE_DENIED']],
    ['for something that people wrote', { purpose: '办理不动产登记' }, ['USAGE_TO_COMPARE']],
    ['for nothing stated', { maker: '甲' }, ['USAGE_TO_COMPARE']],
    ['for a word that every object has', { purpose: 'constructor' }, ['USAGE_TO_COMPARE']],
    ['whose time is over', { purpose: 'checkpoint', expiresAt: at(-2 * 60_000) }, ['USAGE_EXPIRED']],
    ['whose time ends within the tolerance', { purpose: 'checkpoint', expiresAt: at(-30_000) }, []],
    ['that is good through today', { purpose: 'checkpoint', expiresAt: '2026-11-23' }, []],
    ['that was good until yesterday', { purpose: 'checkpoint', expiresAt: '2026-11-22' }, ['USAGE_EXPIRED']],
    ['made tomorrow', { purpose: 'checkpoint', madeAt: at(DAY) }, ['USAGE_NOT_YET']],
    [
      'over, and for another purpose',
      { purpose: 'hotel', expiresAt: '2020-01-01' },
      ['USAGE_EXPIRED', 'PURPOSE_DENIED'],
    ],
    // That such a date is wrong is said where the document is validated.
    ['with a date that does not exist', { purpose: 'checkpoint', expiresAt: '2026-02-30' }, []],
  ])('%s', (_, usage, wanted) => expect(codes(usage)).toEqual(wanted));
});

describe('the verdict on a copy', () => {
  const key = ownKey();
  const map = [
    ...testFormat().map,
    { to: '/usage/maker', from: '/JZJZZZ', optional: true },
    { to: '/usage/purpose', from: '/JZJZZSY', optional: true },
    { to: '/usage/madeAt', from: '/JZJZZSJ', as: 'day', optional: true },
    { to: '/usage/expiresAt', from: '/JZJYXQJZSJ', as: 'day', optional: true },
  ];
  const absent = testFormat().absent!.filter((section) => section !== '/usage');
  const federation = federationWith(packFiles({ issuers: [key.entry], format: { map, absent } }));
  const format = formatOf(federation, 'test-pass/1');
  const standpoint = standpointOf(JUDGE, federation);
  const said = (usage?: SharedDocument['usage']): string =>
    shortOf(verdictOf(format.write(testDocument(usage && { usage }), key.signer).wire, { standpoint }));

  it.each([
    [undefined, 'accept'],
    [{ purpose: 'checkpoint', expiresAt: '2026-12-01' }, 'accept'],
    [{ purpose: '办理不动产登记', maker: '甲' }, 'conditional USAGE_TO_COMPARE'],
    [{ purpose: 'hotel' }, 'refuse PURPOSE_DENIED'],
    [{ purpose: 'checkpoint', expiresAt: '2026-11-01' }, 'refuse USAGE_EXPIRED'],
    [{ purpose: 'checkpoint', madeAt: '2026-11-22', expiresAt: '2026-11-01' }, 'refuse DATES_CONTRADICT USAGE_EXPIRED'],
  ])('%o: %s', (usage, wanted) => expect(said(usage)).toBe(wanted));
});
