import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { NOON, random, receipt } from '../record/verdicts.ts';
import { allDatabases, START_MS } from './databases.ts';

const DAY = 86_400_000;
const open = (url: string): Promise<Store> => openStore(url, { random });

describe.each(allDatabases())('the log of receipts on $name', (databases) => {
  let store: Store;
  beforeAll(async () => {
    await databases.start();
    store = await open(await databases.fresh());
  }, START_MS);
  afterAll(async () => {
    await store?.close();
    await databases.stop();
  }, START_MS);

  describe('receipts', () => {
    test('come back as they went in, also after the store was closed', async () => {
      const own = await databases.fresh();
      const [plain, full] = [receipt(), receipt(NOON, { checkpoint: 'G2-01', officer: 'A1' })];
      const before = await open(own);
      await Promise.all([before.receipts.append(plain), before.receipts.append(full)]);
      await before.close();
      const after = await open(own);
      try {
        expect(await after.receipts.find(plain.id)).toEqual(plain);
        expect(await after.receipts.find(full.id)).toEqual(full);
      } finally {
        await after.close();
      }
    });

    test.each(['', "' or 1=1 --", '0'.repeat(26), 'x'.repeat(100_000), '01J\u0000'])(
      'are not found by what is no id: %j',
      async (id) => {
        expect(await store.receipts.find(id)).toBeUndefined();
      },
    );

    test('are not overwritten: the same id again is refused, and its neighbours in the group are kept', async () => {
      const [first, other] = [receipt(), receipt()];
      await store.receipts.append(first);
      const results = await Promise.allSettled([
        store.receipts.append({ ...first, outcome: 'refuse' }),
        store.receipts.append(other),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect((results[0] as PromiseRejectedResult).reason).toMatchObject({ name: 'StoreError', code: 'conflict' });
      expect(await store.receipts.find(first.id)).toEqual(first);
      expect(await store.receipts.find(other.id)).toEqual(other);
    });

    test('more than one statement holds go in together', async () => {
      const many = Array.from({ length: 1_203 }, () => receipt(NOON + 50 * DAY, { checkpoint: 'many' }));
      await Promise.all(many.map((each) => store.receipts.append(each)));
      const got = [];
      for (let after: string | undefined; ; ) {
        const page = await store.receipts.list({ checkpoint: 'many', limit: 500, ...(after && { after }) });
        got.push(...page.map(({ id }) => id));
        if (page.length < 500) break;
        after = page.at(-1)!.id;
      }
      expect(got).toEqual(
        many
          .map(({ id }) => id)
          .sort()
          .reverse(),
      );
    });

    test('are listed by period and checkpoint, the newest first', async () => {
      const from = NOON + 100 * DAY;
      const made = [0, 1, 2, 3, 4].map((hour) =>
        receipt(from + hour * 3_600_000, { checkpoint: hour % 2 === 0 ? 'east' : 'west' }),
      );
      await Promise.all(made.map((each) => store.receipts.append(each)));
      const ids = (indices: number[]): string[] => indices.map((i) => made[i]!.id);
      const list = async (query: Parameters<Store['receipts']['list']>[0]): Promise<string[]> =>
        (await store.receipts.list({ from, to: from + DAY, ...query })).map(({ id }) => id);
      expect(await list({})).toEqual(ids([4, 3, 2, 1, 0]));
      expect(await list({ checkpoint: 'east' })).toEqual(ids([4, 2, 0]));
      expect(await list({ from: from + 3_600_000, to: from + 3 * 3_600_000 })).toEqual(ids([2, 1]));
      expect(await list({ limit: 2 })).toEqual(ids([4, 3]));
      expect(await list({ limit: 2, after: made[3]!.id })).toEqual(ids([2, 1]));
      expect(await list({ checkpoint: "east' or '1'='1" })).toEqual([]);
      // Paging goes on where it was while new ones come in.
      await store.receipts.append(receipt(from + 5 * 3_600_000));
      expect(await list({ limit: 2, after: made[3]!.id })).toEqual(ids([2, 1]));
    });

    test.each([
      { limit: 0 },
      { limit: 501 },
      { limit: 1.5 },
      { after: "'; drop table receipts; --" },
      { from: Number.NaN },
    ])('are not listed for %j', async (query) => {
      await expect(store.receipts.list(query)).rejects.toThrow(RangeError);
    });

    test('are found by a case code as it was read out', async () => {
      const one = receipt();
      await store.receipts.append(one);
      const code = one.id.slice(10, 18);
      for (const typed of [
        code,
        `${code.slice(0, 4)}-${code.slice(4)}`,
        ` ${code.toLowerCase()} `,
        code.replace(/0/g, 'o'),
      ]) {
        expect(await store.receipts.findByCaseCode(typed)).toEqual([one]);
      }
      expect(await store.receipts.findByCaseCode('%')).toEqual([]);
    });
  });

  describe('dispositions', () => {
    const passed = { action: 'let-pass', at: '2024-05-01T04:01:00Z' } as const;
    const handed = { action: 'hand-over', at: '2024-05-01T04:02:00Z' } as const;

    test('are all kept, in their order', async () => {
      // Below it is looked for before the greatest id that begins like its own.
      let one = receipt();
      while (one.id.endsWith('Z')) one = receipt();
      await store.receipts.append(one);
      expect(await store.receipts.dispose(one.id, passed)).toBe(true);
      expect(await store.receipts.dispose(one.id, handed)).toBe(true);
      expect(await store.receipts.dispose(one.id, passed)).toBe(true);
      expect(await store.receipts.find(one.id)).toEqual({ ...one, dispositions: [passed, handed, passed] });
      expect(
        (await store.receipts.list({ limit: 1, after: `${one.id.slice(0, 25)}Z` }))[0]?.dispositions,
      ).toBeDefined();
    });

    test('reported twice are one: a caller that got no answer asks again', async () => {
      const one = receipt();
      await store.receipts.append(one);
      await store.receipts.dispose(one.id, passed);
      await store.receipts.dispose(one.id, passed);
      expect((await store.receipts.find(one.id))!.dispositions).toEqual([passed]);
    });

    test('of several officers at once are all kept', async () => {
      const one = receipt();
      await store.receipts.append(one);
      const all = Array.from({ length: 12 }, (_, i) => ({ ...passed, officer: `A${i}` }));
      await Promise.all(all.map((each) => store.receipts.dispose(one.id, each)));
      const kept = (await store.receipts.find(one.id))!.dispositions!;
      expect(kept.map(({ officer }) => officer).sort()).toEqual(all.map(({ officer }) => officer).sort());
    });

    test('need a receipt', async () => {
      expect(await store.receipts.dispose(receipt().id, passed)).toBe(false);
      expect(await store.receipts.dispose("' or 1=1 --", passed)).toBe(false);
    });

    test('have an end, so that a caller that runs wild does not fill the log', async () => {
      const one = receipt();
      await store.receipts.append(one);
      for (let i = 0; i < 50; i++) await store.receipts.dispose(one.id, { ...passed, officer: `A${i}` });
      await expect(store.receipts.dispose(one.id, handed)).rejects.toMatchObject({ code: 'too-many' });
    });
  });
});
