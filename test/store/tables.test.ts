import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { random, receipt } from '../record/verdicts.ts';
import { allDatabases, past, START_MS } from './databases.ts';

const open = (url: string): Promise<Store> => openStore(url, { random });

describe.each(allDatabases())('tables on $name', (databases) => {
  beforeAll(databases.start, START_MS);
  afterAll(databases.stop, START_MS);

  test('are made by migrations that are recorded, once', async () => {
    const url = await databases.fresh();
    await (await open(url)).close();
    const first = await past(databases, url, 'select name, timestamp from kysely_migration order by name');
    await (await open(url)).close();
    expect(await past(databases, url, 'select name, timestamp from kysely_migration order by name')).toEqual(first);
    expect(first).toMatchObject([
      { name: '0001-receipts' },
      { name: '0002-replay-and-keys' },
      { name: '0003-challenges' },
      { name: '0004-exchanges' },
      { name: '0005-state-lists' },
      { name: '0006-kept-since' },
      { name: '0007-receipt-log' },
    ]);
  });

  test('opened by many at once are made once', async () => {
    const url = await databases.fresh();
    const stores = await Promise.all(Array.from({ length: 5 }, () => open(url)));
    await Promise.all(stores.map((store) => store.receipts.append(receipt())));
    expect(await past(databases, url, 'select count(*) as count from receipts')).toEqual([
      { count: expect.anything() },
    ]);
    expect(await stores[0]!.receipts.list({})).toHaveLength(5);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('of a newer program are left alone', async () => {
    const url = await databases.fresh();
    await (await open(url)).close();
    await past(databases, url, "insert into kysely_migration values ('9999-future', '2099-01-01T00:00:00.000Z')");
    await expect(open(url)).rejects.toMatchObject({ code: 'too-new' });
  });

  test.each(['receipts', 'dispositions'])('%s refuse to be changed, by whomever', async (table) => {
    const url = await databases.fresh();
    const store = await open(url);
    try {
      const one = receipt();
      await store.receipts.append(one);
      await store.receipts.dispose(one.id, { action: 'turn-back', at: '2024-05-01T04:00:00Z' });
      for (const sql of [`update ${table} set at = 0`, `delete from ${table}`]) {
        await expect(past(databases, url, sql)).rejects.toThrow('append only');
      }
      if (databases.name === 'postgres')
        await expect(past(databases, url, `truncate ${table} cascade`)).rejects.toThrow('append only');
      expect(await store.receipts.find(one.id)).toHaveProperty('dispositions');
    } finally {
      await store.close();
    }
  });
});
