import { expect, it } from 'vitest';
import { PartMissing, partNamed, withParts } from '../../web/checkpoint/later.ts';

/** As the build writes it in place of a file of a part. */
function calling(name: string, load: () => Promise<object>): () => number {
  return () => (partNamed(name, load as never) as unknown as { answer(): number }).answer();
}
const partWith = (answer: number) => async (): Promise<object> => ({ answer: () => answer });

it('what needs a part that is not here is asked again when it is; another time it is there at once', async () => {
  let runs = 0;
  const call = calling('one', partWith(7));
  const run = (): number => {
    runs += 1;
    return call();
  };
  expect(await withParts(run)).toBe(7);
  expect(await withParts(run)).toBe(7);
  expect(runs).toBe(3);
});

it('whoever on the way takes the signal for an error of his own changes nothing', async () => {
  const swallowing = calling('two', partWith(8));
  const wrapping = calling('three', partWith(9));
  const run = (): number => {
    let sum = 0;
    try {
      sum += swallowing();
    } catch {
      sum += 100;
    }
    try {
      return sum + wrapping();
    } catch (cause) {
      throw new TypeError('a faulty file', { cause });
    }
  };
  expect(await withParts(run)).toBe(17);
});

it('an error of what runs is its own, and a part that cannot be had is told by name', async () => {
  const own = new RangeError('no such purpose');
  await expect(
    withParts(() => {
      throw own;
    }),
  ).rejects.toBe(own);
  const gone = withParts(calling('four', () => Promise.reject(new Error('no network'))));
  await expect(gone).rejects.toThrow(PartMissing);
  await expect(gone).rejects.toThrow('four');
});
