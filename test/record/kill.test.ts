import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { allDatabases, postgresDatabases, START_MS, sqliteDatabases } from '../store/databases.ts';
import { runChild } from './children.ts';
import { random, receipt } from './verdicts.ts';

const RECEIPTS = 1_000;
const KILLS = 3;

/** Which of these ids are in the database? */
async function kept(url: string, ids: readonly string[]): Promise<{ missing: string[]; all: number }> {
  const store = await openStore(url, { random });
  try {
    const found = new Set<string>();
    for (let after: string | undefined; ; ) {
      const page = await store.receipts.list({ limit: 500, ...(after && { after }) });
      for (const { id } of page) found.add(id);
      if (page.length < 500) break;
      after = page.at(-1)!.id;
    }
    return { missing: ids.filter((id) => !found.has(id)), all: found.size };
  } finally {
    await store.close();
  }
}

describe.each(allDatabases())('what was answered is kept on $name', (databases) => {
  beforeAll(databases.start, START_MS);
  afterAll(databases.stop, START_MS);

  test('when the process is killed in the middle, again and again', async () => {
    const url = await databases.fresh();
    const answered: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      // Anywhere between the first answer and the last but one commit.
      const point = 1 + Math.floor((Math.random() * 0.8 + kill / (KILLS * 5)) * RECEIPTS * 0.9);
      const { lines, signal } = await runChild({
        url,
        task: 'record',
        count: RECEIPTS,
        atOnce: 20,
        name: `run-${kill}`,
        onLine: (count, child) => {
          if (count >= point) child.kill('SIGKILL');
        },
      });
      expect(signal, `killed after ${point} answers`).toBe('SIGKILL');
      expect(lines.length).toBeGreaterThanOrEqual(point);
      answered.push(...lines);
      expect((await kept(url, answered)).missing, `after ${answered.length} answers`).toEqual([]);
    }
    // What was written but not yet answered may be there as well: at most what was under way.
    const { all } = await kept(url, answered);
    expect(all - answered.length).toBeLessThanOrEqual(KILLS * 20);
    const again = await runChild({ url, task: 'record', count: 10, atOnce: 5, name: 'after' });
    expect(again).toMatchObject({ code: 0, errors: '' });
    expect((await kept(url, again.lines)).missing).toEqual([]);
  });
});

test('a SQLite file is sound after its writer was killed', async () => {
  const databases = sqliteDatabases();
  await databases.start();
  try {
    const url = await databases.fresh();
    const { lines } = await runChild({
      url,
      task: 'record',
      count: RECEIPTS,
      atOnce: 20,
      name: 'one',
      onLine: (count, child) => {
        if (count > 300) child.kill('SIGKILL');
      },
    });
    const file = new DatabaseSync(url);
    expect(file.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(file.prepare('pragma foreign_key_check').all()).toEqual([]);
    const { count } = file.prepare('select count(*) as count from receipts').get() as { count: number };
    file.close();
    expect(count).toBeGreaterThanOrEqual(lines.length);
  } finally {
    await databases.stop();
  }
});

test('a PostgreSQL server that crashes loses nothing that was answered, and the gateway goes on by itself', async () => {
  const databases = postgresDatabases();
  await databases.start();
  try {
    const url = await databases.fresh();
    const store = await openStore(url, { random });
    try {
      const answered: string[] = [];
      const failed = new Set<string>();
      let down = false;
      const writer = (async () => {
        while (!down || failed.size === 0) {
          const one = receipt(Date.now());
          try {
            await store.receipts.append(one);
            answered.push(one.id);
          } catch (error) {
            failed.add((error as { code: string }).code);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
      })();
      while (answered.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
      await databases.crash();
      down = true;
      await writer;
      // It answers again, on new connections.
      const after = receipt(Date.now());
      await store.receipts.append(after);
      answered.push(after.id);
      expect(
        [...failed].every((code) => code === 'unavailable'),
        [...failed].join(),
      ).toBe(true);
      expect((await kept(url, answered)).missing).toEqual([]);
    } finally {
      await store.close();
    }
  } finally {
    await databases.stop();
  }
});
