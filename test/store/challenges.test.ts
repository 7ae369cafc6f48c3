import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOST_OPEN } from '../../src/store/challenges.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { NOON, random } from '../record/verdicts.ts';
import { allDatabases, START_MS } from './databases.ts';

const open = (url: string): Promise<Store> => openStore(url, { random });

describe.each(allDatabases())('challenges on $name', (databases) => {
  let store: Store;
  let url: string;
  beforeAll(async () => {
    await databases.start();
    url = await databases.fresh();
    store = await open(url);
  }, START_MS);
  afterAll(async () => {
    await store?.close();
    await databases.stop();
  }, START_MS);

  const bound = { region: '310000', purpose: 'checkpoint', place: 'G2-01', caller: 'lanes' };
  const until = { expiresAt: NOON + 60_000 };
  const made = async (nonce: string, change: object = {}) => {
    const challenge = { ...bound, nonce, ...change };
    expect(await store.challenges.open({ ...challenge, ...until }, NOON)).toBe(true);
    return challenge;
  };

  test('are open for what they were made for, until their time is over', async () => {
    const challenge = await made('one');
    expect(await store.challenges.isOpen(challenge, NOON)).toBe(true);
    expect(await store.challenges.isOpen(challenge, NOON + 59_999)).toBe(true);
    expect(await store.challenges.isOpen(challenge, NOON + 60_000)).toBe(false);
  });

  test.each([
    { nonce: 'guessed' },
    { region: '320000' },
    { purpose: 'hotel' },
    { place: 'G2-02' },
    { caller: 'somebody-else' },
    { nonce: "' or 1=1 --" },
    { nonce: '%' },
  ])('are not open to %j', async (change) => {
    const challenge = await made(`bound ${JSON.stringify(change)}`);
    expect(await store.challenges.isOpen({ ...challenge, ...change }, NOON)).toBe(false);
  });

  test('are used up by one document, which may be looked at twice', async () => {
    await made('two');
    expect(await store.challenges.answer('two', 'a', NOON)).toBe('first');
    expect(await store.challenges.answer('two', 'a', NOON + 1)).toBe('again');
    expect(await store.challenges.answer('two', 'b', NOON + 2)).toBe('used');
    expect(await store.challenges.answer('two', 'a', NOON + 60_000)).toBe('over');
    expect(await store.challenges.answer('never made', 'a', NOON)).toBe('over');
  });

  test('of many documents that answer at once, through two connections, one is first', async () => {
    const other = await open(url);
    try {
      await made('race');
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) => [store, other][i % 2]!.challenges.answer('race', `document ${i}`, NOON)),
      );
      expect(answers.filter((answer) => answer === 'first')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'used')).toHaveLength(39);
    } finally {
      await other.close();
    }
  });

  test('are there after a restart, and at every replica', async () => {
    const challenge = await made('kept');
    await store.challenges.answer('kept', 'a', NOON);
    await store.close();
    store = await open(url);
    expect(await store.challenges.isOpen(challenge, NOON)).toBe(true);
    expect(await store.challenges.answer('kept', 'b', NOON)).toBe('used');
  });

  test('no nonce stands in the database', async () => {
    await made('a-nonce-to-look-for');
    const other = await open(url);
    try {
      // Made once more under the same digest: the row is there already.
      await expect(
        other.challenges.open({ ...bound, nonce: 'a-nonce-to-look-for', ...until }, NOON),
      ).rejects.toMatchObject({ code: 'conflict' });
    } finally {
      await other.close();
    }
  });

  test('one caller has so many and no more; what is over, or answered, makes room; others are not touched', async () => {
    const own = await open(await databases.fresh());
    try {
      const ask = (nonce: string, now = NOON, caller = 'greedy') =>
        own.challenges.open({ ...bound, caller, nonce, expiresAt: now + 60_000 }, now);
      const first = await Promise.all(Array.from({ length: MOST_OPEN }, (_, i) => ask(`n${i}`)));
      expect(first.every(Boolean)).toBe(true);
      expect(await ask('one more')).toBe(false);
      expect(await ask('a neighbour', NOON, 'modest')).toBe(true);
      expect(await own.challenges.answer('n0', 'a', NOON)).toBe('first');
      expect(await ask('in its place')).toBe(true);
      expect(await ask('and no more')).toBe(false);
      expect(await ask('a minute later', NOON + 60_000)).toBe(true);
      // What was over is gone, so that nothing grows.
      expect(await own.challenges.purge(NOON + 60_000)).toBe(1);
      expect(await own.challenges.purge(NOON + 120_000, 5)).toBe(1);
      expect(await own.challenges.purge(NOON + 120_000, 5)).toBe(0);
    } finally {
      await own.close();
    }
  });
});
