import { describe, expect, it } from 'vitest';
import { journey } from '../../src/journey.ts';
import { NOW, presentedOf, samples, standpointOf } from '../support/federation.ts';

/** Signed by a listed key; by certificates that come along, with a seal and without. */
const GOOD: readonly (readonly [string, string, string])[] = [
  ['330000', 'pass', 'checkpoint'],
  ['330000', 'licence', 'counter'],
  ['320000', 'licence', 'counter'],
  ['x-vds-nc', 'vaccination', 'counter'],
];

describe.each(['production', 'rehearsal'] as const)(
  'a reference document where the environment is %s',
  (environment) => {
    it.each(GOOD)('is refused: %s %s', (region, name, purpose) => {
      const good = samples.find((each) => each.region === region && each.name === name)!;
      const standpoint = { ...standpointOf('310000'), environment };
      const { verdict } = journey(presentedOf(good), standpoint, { purpose, at: NOW });
      expect([verdict.outcome, verdict.reasons]).toEqual(['refuse', expect.arrayContaining(['ENVIRONMENT_MISMATCH'])]);
    });
  },
);
