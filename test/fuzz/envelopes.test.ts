import { expect, it } from 'vitest';
import { fuzz } from './driver.ts';
import { targets } from './envelopes.ts';

it.each(targets.map((target) => [target.name, target] as const))('%s holds on 2,000 cases', async (_name, target) => {
  const { executions, accepted, found } = await fuzz(target, 20_261_127, (done) => done < 2000);
  expect(found && { why: found.why, input: Buffer.from(found.input).toString('hex') }).toBeUndefined();
  expect(executions).toBe(2000);
  // Besides the seeds some mutations are read to the end; else nothing but the first check would be tried.
  expect(accepted).toBeGreaterThan(target.seeds.length + 20);
});
