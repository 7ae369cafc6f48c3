import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Objection } from '../../src/document/generated/types.ts';
import { tidy } from '../../src/record/housekeeping.ts';
import { newId } from '../../src/store/ids.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { NOON, random, receipt } from '../record/verdicts.ts';
import { allDatabases, past, START_MS } from './databases.ts';

const DAY = 86_400_000;

describe.each(allDatabases())('what is kept long enough, on $name', (databases) => {
  let url: string;
  let store: Store;
  beforeAll(async () => {
    await databases.start();
    url = await databases.fresh();
    store = await openStore(url, { random });
  }, START_MS);
  afterAll(async () => {
    await store?.close();
    await databases.stop();
  }, START_MS);

  const objection = (at: number, due: number): Objection => ({
    id: newId(at, random),
    at: new Date(at).toISOString(),
    due: new Date(due).toISOString(),
    federation: 'tongren-reference',
    receipt: newId(at, random),
    verifyingRegion: '310000',
    issuingRegion: '340000',
    ground: 'data-wrong',
    by: 'holder',
    state: 'filed',
  });
  /** One of everything of that time. */
  const keep = async (at: number) => {
    const kept = receipt(at);
    await store.receipts.append(kept);
    // What was done long after belongs to it all the same.
    await store.receipts.dispose(kept.id, { action: 'turn-back', at: new Date(at + 400 * DAY).toISOString() });
    const use = { number: 1, at: new Date(at).toISOString(), outcome: 'given' } as never;
    await store.notices.keepUse({ sender: '310000', id: newId(at, random), region: '340000', use }, at);
    const objected = objection(at, at + 15 * DAY);
    await store.objections.file(objected, []);
    return { receipt: kept.id, objection: objected.id };
  };
  const counts = async () =>
    Promise.all(
      ['receipts', 'dispositions', 'traces', 'objections'].map(async (table) => {
        const [row] = (await past(databases, url, `select count(*) as count from ${table}`)) as { count: unknown }[];
        return Number(row!.count);
      }),
    );

  it('is removed, and nothing else; nobody can remove what is newer', async () => {
    const old = await keep(NOON);
    const young = await keep(NOON + 100 * DAY);
    expect(await counts()).toEqual([2, 2, 2, 2]);
    for (const table of ['receipts', 'dispositions', 'traces'])
      await expect(past(databases, url, `delete from ${table}`)).rejects.toThrow('append only');

    // Kept for ever where nobody says otherwise.
    expect((await tidy(store, NOON + 1_000 * DAY)).removed).toBe(0);

    expect(await tidy(store, NOON + 200 * DAY, { keepDays: 36_500 })).toMatchObject({ removed: 0 });

    const inFiles = (): boolean =>
      readdirSync(dirname(url)).some((file) => readFileSync(join(dirname(url), file)).includes(old.receipt));
    if (databases.name === 'sqlite') expect(inFiles()).toBe(true);
    expect(await tidy(store, NOON + 200 * DAY, { keepDays: 120 })).toMatchObject({ removed: 3 });
    expect(await counts()).toEqual([1, 1, 1, 1]);
    if (databases.name === 'sqlite') expect(inFiles()).toBe(false);
    expect(await store.receipts.find(old.receipt)).toBeUndefined();
    expect(await store.objections.find(old.objection, NOON)).toBeUndefined();
    expect(await store.receipts.find(young.receipt)).toHaveProperty('dispositions');
    for (const table of ['receipts', 'dispositions', 'traces']) {
      await expect(past(databases, url, `delete from ${table}`)).rejects.toThrow('append only');
      await expect(
        past(databases, url, `update ${table} set ${table === 'traces' ? 'arrived' : 'at'} = 0`),
      ).rejects.toThrow('append only');
      if (databases.name === 'postgres')
        await expect(past(databases, url, `truncate ${table} cascade`)).rejects.toThrow('append only');
    }
  });

  it('however much was recorded in an hour', async () => {
    const many = Array.from({ length: 20_500 }, (_, i) => receipt(NOON - 300 * DAY + i));
    await Promise.all(many.slice(0, 19_000).map((each) => store.receipts.append(each)));
    await Promise.all(many.slice(19_000).map((each) => store.receipts.append(each)));
    expect(await tidy(store, NOON, { keepDays: 120 })).toMatchObject({ removed: 20_500 });
  });

  it('by two processes at once is counted once', async () => {
    await keep(NOON - 300 * DAY);
    const other = await openStore(url, { random });
    try {
      const before = NOON - 200 * DAY;
      const removed = await Promise.all([store.retention.remove(before), other.retention.remove(before - 1)]);
      expect(removed[0] + removed[1]).toBe(3);
    } finally {
      await other.close();
    }
  });

  it('goes in pieces, however much there is, and a clock that goes back brings nothing back', async () => {
    for (let i = 0; i < 5; i++) await keep(NOON + i);
    expect(await store.retention.remove(NOON + 50 * DAY, 2)).toBe(6);
    expect(await store.retention.remove(NOON + 50 * DAY, 2)).toBe(6);
    expect(await store.retention.remove(NOON + 50 * DAY, 2)).toBe(3);
    expect(await store.retention.remove(NOON + 50 * DAY, 2)).toBe(0);
    expect(await past(databases, url, 'select since from kept_since')).toHaveLength(1);
    await store.retention.remove(NOON - 50 * DAY);
    const [{ since }] = (await past(databases, url, 'select since from kept_since')) as [{ since: unknown }];
    expect(Number(since)).toBe(NOON + 80 * DAY);
    expect(await counts()).toEqual([1, 1, 1, 1]);
  });
});
