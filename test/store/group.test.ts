import { describe, expect, test } from 'vitest';
import { StoreError } from '../../src/store/error.ts';
import { grouped } from '../../src/store/group.ts';

const tick = (): Promise<void> => new Promise(setImmediate);

/** Work that is finished by hand. */
function byHand() {
  const groups: { items: readonly number[]; done: () => void; fail: (error: unknown) => void }[] = [];
  const work = (items: readonly number[]): Promise<number[]> =>
    new Promise((resolve, reject) => {
      groups.push({ items, done: () => resolve(items.map((item) => item * 10)), fail: reject });
    });
  return { groups, work };
}

describe('group commit', () => {
  test('what comes while a group is under way goes together into the next', async () => {
    const { groups, work } = byHand();
    const group = grouped(work, { most: 10, waiting: 100 });
    const answers = [group.add(1), group.add(2)];
    await tick();
    answers.push(group.add(3), group.add(4), group.add(5));
    await tick();
    expect(groups.map(({ items }) => items)).toEqual([[1, 2]]);
    groups[0]!.done();
    await tick();
    expect(groups.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    groups[1]!.done();
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50]);
  });

  test('nobody is answered before the group is done', async () => {
    const { groups, work } = byHand();
    const group = grouped(work, { most: 10, waiting: 100 });
    let answered = false;
    const answer = group.add(1).then(() => {
      answered = true;
    });
    for (let i = 0; i < 5; i++) await tick();
    expect(answered).toBe(false);
    groups[0]!.done();
    await answer;
  });

  test('a group has a size, and so has the queue', async () => {
    const { groups, work } = byHand();
    const group = grouped(work, { most: 2, waiting: 3 });
    const answers = [group.add(1), group.add(2), group.add(3)];
    await expect(group.add(4)).rejects.toMatchObject({ code: 'busy' });
    await tick();
    groups[0]!.done();
    await tick();
    groups[1]!.done();
    expect(groups.map(({ items }) => items)).toEqual([[1, 2], [3]]);
    expect(await Promise.all(answers)).toEqual([10, 20, 30]);
    await group.idle();
  });

  test('one bad item does not take the others with it', async () => {
    const group = grouped(
      async (items: readonly number[]) => {
        if (items.includes(2)) throw new StoreError('conflict');
        return items;
      },
      { most: 10, waiting: 100 },
    );
    const results = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('trouble of the database is told to all at once, and the next group goes ahead', async () => {
    let calls = 0;
    const group = grouped(
      async (items: readonly number[]) => {
        calls += 1;
        if (calls === 1) throw new StoreError('unavailable');
        return items;
      },
      { most: 10, waiting: 100 },
    );
    const results = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls).toBe(1);
    expect(await group.add(4)).toBe(4);
  });
});
