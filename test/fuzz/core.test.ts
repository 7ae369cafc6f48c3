import { expect, it } from 'vitest';
import { targets } from './core.ts';
import { fuzz } from './driver.ts';

it.each(targets.map((target) => [target.name, target] as const))('%s holds on 2,000 cases', async (_, target) => {
  const { executions, accepted, found } = await fuzz(target, 20_261_130, (done) => done < 2000);
  expect(found && { why: found.why, input: Buffer.from(found.input).toString('hex') }).toBeUndefined();
  expect(executions).toBe(2000);
  expect(accepted).toBeGreaterThan(1000);
});
