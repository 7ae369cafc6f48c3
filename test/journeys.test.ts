import { describe, expect, it } from 'vitest';
import { browserPlatform } from '../src/crypto/platform.browser.ts';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { presentedSample } from '../src/federation/samples.node.ts';
import { journey } from '../src/journey.ts';
import { gathering, journeys } from '../src/journeys.ts';
import { federation, NOW, samples, standpointOf } from './support/federation.ts';

/** Many together are judged as each alone: good, altered, from nobody, sealed, unreadable, in any order. */
describe.each([nodePlatform, browserPlatform])('many at a time, on $name', (platform) => {
  it.each([...federation.regions.keys()])('as %s judges one', (region) => {
    const standpoint = standpointOf(region);
    const asked = samples.map((sample, i) => ({
      presented: presentedSample(sample),
      question: { purpose: i % 3 === 0 ? 'counter' : 'checkpoint', ...(i % 5 === 0 ? { at: NOW + i } : {}) },
    }));
    const alone = asked.map(({ presented, question }) => journey(presented, standpoint, question).verdict);
    expect(journeys(asked, standpoint, platform).map(({ verdict }) => verdict)).toEqual(alone);
    const back = journeys(asked.toReversed(), standpoint, platform).map(({ verdict }) => verdict);
    expect(back.toReversed()).toEqual(alone);
    expect(journeys([], standpoint, platform)).toEqual([]);
  });

  it('the answers are the platform’s: where it says no, nothing is accepted', () => {
    const standpoint = standpointOf('310000');
    const presented = presentedSample(samples.find(({ region, name }) => region === '330000' && name === 'pass')!);
    const said = (answer: boolean) =>
      journeys([{ presented, question: { purpose: 'checkpoint' } }], standpoint, {
        ...platform,
        verifyMany: (checks) => checks.map(() => answer),
      })[0]!.verdict.outcome;
    expect([said(true), said(false)]).toEqual(['accept', 'refuse']);
  });

  it('what was opened under one standpoint counts for nothing under another', () => {
    const standpoint = standpointOf('310000');
    const presented = presentedSample(samples.find(({ region, name }) => region === '330000' && name === 'pass')!);
    const never = gathering({ ...platform, verifyMany: (checks) => checks.map(() => false) });
    const begun = never.begin(presented, standpoint, NOW);
    const judged = (from: typeof standpoint) =>
      journey(presented, from, { purpose: 'checkpoint', at: NOW }, begun).verdict.outcome;
    expect([judged(standpoint), judged({ ...standpoint })]).toEqual(['refuse', 'accept']);
  });

  it('one that comes after another was judged is checked too', () => {
    const standpoint = standpointOf('310000');
    const { begin } = gathering(platform);
    const question = { purpose: 'checkpoint', at: NOW };
    for (const sample of samples.slice(0, 30)) {
      const presented = presentedSample(sample);
      const alone = journey(presented, standpoint, question).verdict;
      const begun = [begin(presented, standpoint, NOW), begin(presented, standpoint, NOW)];
      for (const each of begun) expect(journey(presented, standpoint, question, each).verdict).toEqual(alone);
    }
  });
});
