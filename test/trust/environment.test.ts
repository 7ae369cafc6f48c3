import { expect, it } from 'vitest';
import { journey } from '../../src/journey.ts';
import { NOW, presentedOf, samples, standpointOf } from '../support/federation.ts';

const [good] = samples.filter(({ region, name }) => region === '330000' && name === 'pass');

it.each(['production', 'rehearsal'] as const)(
  'a reference document is refused where the environment is %s',
  (environment) => {
    const standpoint = { ...standpointOf('310000'), environment };
    const { verdict } = journey(presentedOf(good!.wire), standpoint, { purpose: 'checkpoint', at: NOW });
    expect([verdict.outcome, verdict.reasons]).toEqual(['refuse', ['ENVIRONMENT_MISMATCH']]);
  },
);
