import { describe, expect, it } from 'vitest';
import { browserPlatform } from '../src/crypto/platform.browser.ts';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { presentedSample } from '../src/federation/samples.node.ts';
import { journey } from '../src/journey.ts';
import { journeys } from '../src/journeys.ts';
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
});
