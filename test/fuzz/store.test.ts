import { expect, it } from 'vitest';
import { fuzz } from './driver.ts';
import { targets } from './store.ts';

/** Each is an update, with every signature. */
const isServed = (name: string): boolean => name.startsWith('served ');

it.each(targets.map((target) => [target.name, target] as const))('%s holds on its cases', async (name, target) => {
  const cases = isServed(name) ? 200 : 2000;
  const { executions, accepted, found } = await fuzz(target, 20_261_127, (done) => done < cases);
  expect(found && { why: found.why, input: Buffer.from(found.input).toString('hex') }).toBeUndefined();
  expect(executions).toBe(cases);
  // What is bound by signatures or digests is nobody's once it is mutated; of the rest some mutations are read to the end.
  if (isServed(name) || name === 'tuf-key' || name === 'bundle')
    expect(accepted).toBeGreaterThanOrEqual(target.seeds.length);
  else expect(accepted).toBeGreaterThan(target.seeds.length + 20);
});
