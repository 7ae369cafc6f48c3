import { expect, it } from 'vitest';
import { fuzz } from './driver.ts';
import { targets } from './signatures.ts';

it.each(targets.map((target) => [target.name, target] as const))('%s holds on 2,000 cases', async (name, target) => {
  const { executions, accepted, found } = await fuzz(target, 20_240_501, (done) => done < 2000);
  expect(found && { why: found.why, input: Buffer.from(found.input).toString('hex') }).toBeUndefined();
  expect(executions).toBe(2000);
  // A mutated body that was sealed is nobody's; of everything else some mutations are read to the end.
  if (name === 'sealed-body') expect(accepted).toBeGreaterThanOrEqual(target.seeds.length);
  else expect(accepted).toBeGreaterThan(target.seeds.length + 50);
});
