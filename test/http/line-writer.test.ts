import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Octets } from '../../src/document/octets.node.ts';
import { inOrder, inTurns, slices } from '../../src/http/line-writer.ts';

it('work comes one after the other, and others have their turn between, though all was wanted at one time', async () => {
  let turns = 0;
  let counting = true;
  const others = (async () => {
    while (counting) {
      await turn();
      turns += 1;
    }
  })();
  const { run: here, idle } = inTurns(slices(0));
  const seen: number[] = [];
  const runs = Array.from({ length: 5 }, (_, i) =>
    here(async () => {
      seen.push(turns);
      if (i === 2) throw new RangeError('the third');
      await turn();
      return i;
    }),
  );
  expect(idle()).toBe(false);
  const ended = await Promise.allSettled(runs);
  expect(idle()).toBe(true);
  counting = false;
  await others;
  expect(ended.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message))).toEqual([
    0,
    1,
    'the third',
    3,
    4,
  ]);
  expect(new Set(seen).size).toBe(5);
});

it('an answer that comes while those before it are written out is not left behind', async () => {
  const told: string[] = [];
  const flushing = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const out = {
    put: (line: Octets): void => void told.push(line),
    async flush(): Promise<void> {
      flushing.resolve();
      await written.promise;
    },
    end: async (): Promise<void> => {},
  };
  const { give, given } = inOrder(out);
  void give(Promise.resolve('first' as Octets));
  await flushing.promise;
  void give('second' as Octets);
  void give(Promise.resolve('third' as Octets));
  written.resolve();
  await given();
  expect(told.filter((line) => line !== '')).toEqual(['first', 'second', 'third']);
});
