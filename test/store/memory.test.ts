import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { NOON, random, receipt } from '../record/verdicts.ts';
import { allDatabases, START_MS } from './databases.ts';

const DAY = 86_400_000;
const open = (url: string): Promise<Store> => openStore(url, { random });

describe.each(allDatabases())('what is remembered on $name', (databases) => {
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

  describe('replay memory', () => {
    const shown = { region: '320000', expiresAt: NOON + 60_000, checkpoint: 'G2-01', device: 'lane-1', at: NOON };

    test('tells a replay from a second look and from a neighbour lane', async () => {
      const once = { ...shown, onceId: 'once-1' };
      expect(await store.replay.remember(once)).toBe('first');
      expect(await store.replay.remember(once)).toBe('same-device-again');
      expect(await store.replay.remember({ ...once, device: 'lane-2' })).toBe('same-checkpoint-again');
      expect(await store.replay.remember({ ...once, checkpoint: 'G60-07' })).toBe('seen');
      // A lane of another checkpoint that has the same name is another lane.
      expect(await store.replay.remember({ ...once, checkpoint: 'G60-07', device: 'lane-2' })).toBe('seen');
      expect(await store.replay.remember({ ...once, region: '330000', checkpoint: 'G60-07' })).toBe('first');
    });

    test('region and id cannot run into each other', async () => {
      expect(await store.replay.remember({ ...shown, region: '32', onceId: '0000x' })).toBe('first');
      expect(await store.replay.remember({ ...shown, region: '320000', onceId: 'x', checkpoint: 'other' })).toBe(
        'first',
      );
    });

    test('of many that show one id at once, one is first', async () => {
      const looks = Array.from({ length: 40 }, (_, i) =>
        store.replay.remember({ ...shown, onceId: `at-once-${i % 4}`, device: `lane-${i}`, checkpoint: `place-${i}` }),
      );
      const answers = await Promise.all(looks);
      expect(answers.filter((answer) => answer === 'first')).toHaveLength(4);
      expect(answers.filter((answer) => answer === 'seen')).toHaveLength(36);
    });

    test('survives a restart', async () => {
      await store.replay.remember({ ...shown, onceId: 'kept' });
      const other = await open(url);
      try {
        expect(await other.replay.remember({ ...shown, onceId: 'kept', checkpoint: 'G60-07' })).toBe('seen');
      } finally {
        await other.close();
      }
    });

    test('an id that has expired can come again, and is remembered anew', async () => {
      const once = { ...shown, onceId: 'again' };
      await store.replay.remember(once);
      const later = { ...once, at: once.expiresAt, expiresAt: once.expiresAt + 60_000, checkpoint: 'later' };
      expect(await store.replay.remember(later)).toBe('first');
      expect(await store.replay.remember({ ...later, checkpoint: 'elsewhere' })).toBe('seen');
    });

    test('forgets what has expired, so much at a time', async () => {
      const own = await open(await databases.fresh());
      try {
        for (let i = 0; i < 7; i++) await own.replay.remember({ ...shown, onceId: `old-${i}`, expiresAt: NOON + 10 });
        await own.replay.remember({ ...shown, onceId: 'young', expiresAt: NOON + 1_000 });
        expect(await own.replay.purge(NOON + 9, 5)).toBe(0);
        expect(await own.replay.purge(NOON + 10, 5)).toBe(5);
        expect(await own.replay.purge(NOON + 10, 5)).toBe(2);
        expect(await own.replay.purge(NOON + 10, 5)).toBe(0);
        expect(await own.replay.remember({ ...shown, onceId: 'young', checkpoint: 'elsewhere' })).toBe('seen');
      } finally {
        await own.close();
      }
    });

    test.each([
      { device: "lane'; drop table seen_ids; --" },
      { device: '' },
      { device: 'x'.repeat(61) },
      { checkpoint: 'a\u0000b' },
      { checkpoint: '安亭' },
      { region: '320000 ' },
      { onceId: '' },
      { onceId: 'x'.repeat(201) },
      { expiresAt: Number.POSITIVE_INFINITY },
      { at: 0.5 },
    ])('does not take %j', async (change) => {
      await expect(store.replay.remember({ ...shown, onceId: 'x', ...change })).rejects.toThrow(RangeError);
    });

    test.each(["'); drop table seen_ids; --", '\u0000', '\ud800', '%', '张伟'])('takes any id: %j', async (onceId) => {
      expect(await store.replay.remember({ ...shown, onceId: `hostile ${onceId}` })).toBe('first');
      expect(await store.replay.remember({ ...shown, onceId: `hostile ${onceId}` })).toBe('same-device-again');
    });
  });

  describe('digest keys', () => {
    test('one per checkpoint and day, UTC+8', async () => {
      const midnight = Date.parse('2024-05-01T16:00:00Z');
      const key = await store.digestKeys.of('G2-01', midnight - 1);
      expect(key.key).toHaveLength(32);
      expect(await store.digestKeys.of('G2-01', NOON)).toEqual(key);
      expect(await store.digestKeys.find(key.id)).toEqual(key);
      const others = [await store.digestKeys.of('G2-01', midnight), await store.digestKeys.of('G2-02', NOON)];
      for (const other of others) {
        expect(other.id).not.toBe(key.id);
        expect(other.key).not.toEqual(key.key);
      }
    });

    test('asked for at once by two processes are one', async () => {
      const other = await open(url);
      try {
        const keys = await Promise.all([store, other, store, other].map((each) => each.digestKeys.of('race', NOON)));
        expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
      } finally {
        await other.close();
      }
    });

    test('are destroyed when their day has ended, and not before', async () => {
      const old = await store.digestKeys.of('destroyed', NOON - 40 * DAY);
      const young = await store.digestKeys.of('destroyed', NOON - 30 * DAY);
      // The thirtieth day before is not over at noon.
      expect(await store.digestKeys.destroy(NOON - 30 * DAY)).toEqual({ destroyed: 1, erased: true });
      expect(await store.digestKeys.find(old.id)).toBeUndefined();
      expect(await store.digestKeys.find(young.id)).toEqual(young);
      // One that is wanted again is another one: it must not seem to be the key of older receipts.
      expect((await store.digestKeys.of('destroyed', NOON - 40 * DAY)).id).not.toBe(old.id);
    });
  });

  test('a closed store says so', async () => {
    const own = await open(await databases.fresh());
    const under = own.receipts.append(receipt());
    await own.close();
    await under;
    await expect(own.receipts.append(receipt())).rejects.toMatchObject({ code: 'closed' });
    await own.close();
  });
});
