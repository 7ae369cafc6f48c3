import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../src/store/sqlite/session.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { runChild } from '../record/children.ts';
import { NOON, random, receipt } from '../record/verdicts.ts';
import { START_MS, sqliteDatabases } from './databases.ts';

const open = (url: string, waitMs?: number): Promise<Store> =>
  openStore(url, waitMs === undefined ? { random } : { random, waitMs });

describe('SQLite', () => {
  const databases = sqliteDatabases();
  beforeAll(databases.start, START_MS);
  afterAll(databases.stop, START_MS);

  test('the files are for their owner only', async () => {
    const url = await databases.fresh();
    const store = await open(url);
    await store.receipts.append(receipt());
    for (const file of [url, `${url}-wal`, `${url}-shm`]) expect(statSync(file).mode & 0o077, file).toBe(0);
    await store.close();
  });

  test('while another one reads for long, the log is not cut, and nobody waits for that', async () => {
    const url = await databases.fresh();
    const store = await open(url);
    const reader = new DatabaseSync(url);
    try {
      await store.receipts.append(receipt());
      reader.exec('begin');
      reader.prepare('select count(*) from receipts').get();
      await store.receipts.append(receipt());
      const began = performance.now();
      await Promise.all([store.cutLog(), store.receipts.append(receipt())]);
      expect(performance.now() - began).toBeLessThan(2_500);
      expect(statSync(`${url}-wal`).size).toBeGreaterThan(0);
      reader.exec('commit');
      await store.cutLog();
      expect(statSync(`${url}-wal`).size).toBe(0);
    } finally {
      reader.close();
      await store.close();
    }
  });

  test.each([
    ['journal_mode', 'wal', 'readers and a writer at once'],
    ['synchronous', 2, 'full: a commit is on the disk before it is confirmed'],
    ['fullfsync', 1, 'on the disk, not in its cache (macOS)'],
    ['secure_delete', 1, 'what is deleted is overwritten'],
    ['foreign_keys', 1, 'no disposition without its receipt'],
    ['trusted_schema', 0, 'a foreign file brings no functions with it'],
  ])('%s is %s: %s', async (setting, value, _because) => {
    const session = await openSession({ path: join(databases.folder(), `${setting}.sqlite`), waitMs: 1_000 });
    const { rows } = await session.run(`pragma ${setting}`, []);
    await session.close();
    expect(Object.values(rows[0]!)).toEqual([value]);
  });

  test('a file that is no database is left as it is', async () => {
    const folder = mkdtempSync(join(databases.folder(), 'other-'));
    const file = join(folder, 'letter.txt');
    writeFileSync(file, 'This is a letter, not a database. '.repeat(100));
    await expect(open(file)).rejects.toMatchObject({ code: 'damaged' });
    expect(statSync(file).size).toBe(3_400);
    await expect(open(folder)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(open(join(file, 'below-a-file.sqlite'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('somebody else who holds it too long: busy, and then it goes on', async () => {
    const url = await databases.fresh();
    const store = await open(url, 200);
    const other = new DatabaseSync(url);
    try {
      other.exec('begin immediate');
      const one = receipt();
      await expect(store.receipts.append(one)).rejects.toMatchObject({ code: 'busy' });
      await expect(open(url, 200)).rejects.toMatchObject({ code: 'busy' });
      expect(await store.receipts.find(one.id)).toBeUndefined();
      other.exec('commit');
      await store.receipts.append(one);
      expect(await store.receipts.find(one.id)).toEqual(one);
    } finally {
      other.close();
      await store.close();
    }
  });

  test('a key that a reader still holds on to is erased the next time', async () => {
    const url = await databases.fresh();
    const store = await open(url, 200);
    const other = new DatabaseSync(url);
    try {
      await store.digestKeys.of('a', NOON);
      other.exec('begin');
      other.prepare('select count(*) from digest_keys').get();
      const later = NOON + 40 * 86_400_000;
      expect(await store.digestKeys.destroy(later)).toEqual({ destroyed: 1, erased: false });
      other.exec('commit');
      expect(await store.digestKeys.destroy(later)).toEqual({ destroyed: 0, erased: true });
      expect(statSync(`${url}-wal`).size).toBe(0);
    } finally {
      other.close();
      await store.close();
    }
  });

  // The limit of a file's size stands for a full disk: both are found when the next page is written.
  test.skipIf(process.platform === 'win32')('no room: a clear error, nothing lost, and the process lives', async () => {
    const url = await databases.fresh();
    await (await open(url)).close();
    const { lines, code } = await runChild({
      url,
      task: 'fill',
      count: 600,
      atOnce: 20,
      name: 'full',
      shell: 'trap "" XFSZ; ulimit -f 1000',
    });
    const failed = lines.filter((line) => line.startsWith('failed'));
    const answered = lines.filter((line) => !line.startsWith('failed'));
    expect(code).toBe(0);
    expect(failed.length).toBeGreaterThan(100);
    expect(failed.filter((line) => !/^failed (unavailable|full) reads on$/.test(line))).toEqual([]);
    expect(answered.length).toBeGreaterThan(20);
    const store = await open(url);
    try {
      for (const id of answered) expect((await store.receipts.find(id))?.id).toBe(id);
      await store.receipts.append(receipt());
    } finally {
      await store.close();
    }
  });

  // Root writes to every file.
  test.skipIf(process.getuid?.() === 0)('a file that may not be written: a clear error', async () => {
    const url = await databases.fresh();
    await (await open(url)).close();
    chmodSync(url, 0o400);
    await expect(open(url)).rejects.toMatchObject({ code: expect.stringMatching(/^(read-only|unavailable)$/) });
  });
});
