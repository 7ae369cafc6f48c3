import { expect, it } from 'vitest';
import { fuzz } from './driver.ts';
import { formats, targets } from './journey.ts';

it('every format is tried, but for packages, whose parts have targets of their own', () => {
  const tried = targets.map(({ name }) => name);
  expect(formats.filter((format) => !tried.includes(format))).toEqual(['zj-licence/1']);
});

it.each(targets.map((target) => [target.name, target] as const))('%s holds on 500 cases', async (_name, target) => {
  const { executions, accepted, found } = await fuzz(target, 20_261_126, (done) => done < 500);
  expect(found && { why: found.why, input: Buffer.from(found.input).toString('hex') }).toBeUndefined();
  expect(executions).toBe(500);
  // Of what is packed, hardly a mutation is read to the end; of the seeds most are.
  expect(accepted).toBeGreaterThan(target.seeds.length / 2);
});
