import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { FINDINGS } from '../../src/document/findings.ts';
import type { NextStepList } from '../../src/document/generated/types.ts';
import { judgeGroup } from '../../src/group.ts';
import { journey } from '../../src/journey.ts';
import { federationWith, fileOf, samples, standpointOf, store } from '../support/federation.ts';

const words = (zh: string, en: string) => ({ zh, en });
const COUNTY = words('请转镇上的人工窗口。', 'Use the manual counter in town.');
const COUNTER = words('请综窗人员核对原件。', 'Check the original at the counter.');

const sampleOf = (name: string): string =>
  samples.find((each) => each.region === '330000' && each.name === name)!.wire as string;

/** A store in which these regions word these steps, and what a region says of a sample there. */
function saying(lists: Readonly<Record<string, NextStepList['nextSteps']>>) {
  const files = Object.entries(lists).map(([region, nextSteps]) => [
    `regions/${region}/next-steps.json`,
    { nextSteps },
  ]);
  const federation = federationWith(Object.fromEntries(files));
  return {
    federation,
    next: (region: string, name: string, purpose = 'checkpoint') =>
      journey({ text: sampleOf(name) }, standpointOf(region, federation), { purpose }).verdict,
  };
}

const UNKNOWN = 'UNKNOWN_ISSUER';

describe('what to do where nobody can tell', () => {
  it('is said in the words of the verifying region, in the verdict and in the finding that decided', () => {
    const { nextSteps } = fileOf<NextStepList>('regions/330000/next-steps.json');
    const own = nextSteps.find(({ finding }) => finding === UNKNOWN)!.next;
    const verdict = saying({}).next('330000', 'pass-from-nobody');
    expect([verdict.outcome, verdict.next]).toEqual(['undetermined', own]);
    expect(verdict.findings.find(({ code }) => code === UNKNOWN)!.next).toEqual(own);
    const elsewhere = saying({}).next('310000', 'pass-from-nobody');
    expect(elsewhere.next).not.toEqual(own);
  });

  it('is the catalogue’s where the region words nothing', () => {
    const verdict = saying({ '330000': [] }).next('330000', 'pass-from-nobody');
    expect(verdict.next).toEqual(FINDINGS.UNKNOWN_ISSUER.next);
  });

  it('is the county’s before the province’s, and the province’s where the county words nothing', () => {
    const lists = { '330421': [{ finding: UNKNOWN, next: COUNTY }] };
    expect(saying(lists).next('330421', 'pass-from-nobody').next).toEqual(COUNTY);
    expect(saying(lists).next('330482', 'pass-from-nobody').next).toEqual(
      saying({}).next('330000', 'pass-from-nobody').next,
    );
  });

  it('is what is worded for the purpose, before what is for all', () => {
    const lists = {
      '330000': [
        { finding: UNKNOWN, next: COUNTY },
        { finding: UNKNOWN, purposes: ['counter'] as [string], next: COUNTER },
      ],
    };
    const { next } = saying(lists);
    expect(next('330000', 'pass-from-nobody', 'counter').next).toEqual(COUNTER);
    expect(next('330000', 'pass-from-nobody').next).toEqual(COUNTY);
  });

  it('changes nothing of a verdict that is decided, and no outcome', () => {
    for (const name of ['pass', 'pass-altered', 'pass-expired']) {
      const [worded, plain] = [saying({}), saying({ '330000': [] })].map(({ next }) => next('330000', name));
      const { clock: _, ...said } = worded!;
      const { clock: __, ...before } = plain!;
      expect([name, said]).toEqual([name, before]);
    }
  });

  it('is said of a group as well; where one document alone leaves it open, that one’s step is said', () => {
    const { federation } = saying({ '330000': [{ finding: 'MEMBER_UNDETERMINED', next: COUNTY }] });
    const standpoint = standpointOf('330000', federation);
    const members = ['pass-key-stolen', 'pass-from-nobody', 'pass'].map((name) => {
      const presented = { text: sampleOf(name) };
      return { presented, walked: journey(presented, standpoint, { purpose: 'checkpoint' }) };
    });
    const verdict = judgeGroup(members, standpoint, { purpose: 'checkpoint' }, nodePlatform);
    expect([verdict.outcome, verdict.next]).toEqual(['undetermined', COUNTY]);
    expect(verdict.findings.find(({ code }) => code === 'MEMBER_UNDETERMINED')!.next).toEqual(COUNTY);
    const one = judgeGroup(members.slice(1), standpoint, { purpose: 'checkpoint' }, nodePlatform);
    expect(one.next).toEqual(members[1]!.walked.verdict.next);
  });

  it.each([
    ['of a finding that there is not', { finding: 'NO_SUCH_THING', next: COUNTY }, 'leaves no verdict undetermined'],
    ['of one that refuses', { finding: 'EXPIRED', next: COUNTY }, 'leaves no verdict undetermined'],
    ['that send for a local code', { finding: UNKNOWN, next: words('请持证人申领随申码。', 'x.') }, 'local code'],
    ['that send for one in English', { finding: UNKNOWN, next: words('请看。', 'Get a local code.') }, 'local code'],
    ['that are too long', { finding: UNKNOWN, next: words('长'.repeat(121), 'Long.') }, 'more than 120'],
    ['in one language', { finding: UNKNOWN, next: { zh: '请看。' } as never }, 'en'],
  ])('words %s are refused with their file', (_, row, why) => {
    const { federation, next } = saying({ '330000': [row] });
    const [rejected] = federation.rejected.filter(({ file }) => file === 'regions/330000/next-steps.json');
    expect(rejected!.reason).toContain(why);
    expect(next('330000', 'pass-from-nobody').next).toEqual(FINDINGS.UNKNOWN_ISSUER.next);
  });

  it('is worded by the reference regions for the main causes', () => {
    for (const region of ['310000', '330000']) {
      const worded = fileOf<NextStepList>(`regions/${region}/next-steps.json`).nextSteps.map(({ finding }) => finding);
      expect(worded).toEqual(expect.arrayContaining([UNKNOWN, 'TRUST_STALE', 'REFERENCE_UNRESOLVED', 'CLOCK_DOUBT']));
    }
    expect([...store.keys()].filter((file) => file.endsWith('next-steps.json')).length).toBeGreaterThan(1);
  });
});
