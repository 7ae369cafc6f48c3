import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { allDatabases, START_MS } from '../store/databases.ts';
import { runChild } from './children.ts';
import { random } from './verdicts.ts';

const NAMES = ['east', 'west'];

describe.each(allDatabases())('two processes on one database, $name', (databases) => {
  beforeAll(databases.start, START_MS);
  afterAll(databases.stop, START_MS);

  test('that start at once on an empty one make the tables once, and both record without loss', async () => {
    const url = await databases.fresh();
    const runs = await Promise.all(
      NAMES.map((name) => runChild({ url, task: 'record', count: 300, atOnce: 10, name })),
    );
    const store = await openStore(url, { random });
    try {
      for (const [i, { lines, errors, code }] of runs.entries()) {
        expect({ errors, code }).toEqual({ errors: '', code: 0 });
        const kept = await store.receipts.list({ checkpoint: NAMES[i]!, limit: 500 });
        expect(kept.map(({ id }) => id).sort()).toEqual(lines.sort());
        expect(lines).toHaveLength(300);
        // Both worked with the one key that their checkpoint has on a day (two, if midnight fell in between).
        expect(new Set(kept.map(({ documentDigest }) => documentDigest.keyId)).size).toBeLessThanOrEqual(2);
      }
    } finally {
      await store.close();
    }
  });

  test('that see the same one-time ids: each id has one that was first', async () => {
    const url = await databases.fresh();
    const ids = 300;
    const runs = await Promise.all(
      [...NAMES, 'north'].map((name) => runChild({ url, task: 'replay', count: ids, atOnce: 8, name })),
    );
    const answers = new Map<string, string[]>();
    for (const { lines, errors, code } of runs) {
      expect({ errors, code }).toEqual({ errors: '', code: 0 });
      for (const line of lines) {
        const [id, answer] = line.split(' ') as [string, string];
        answers.set(id, [...(answers.get(id) ?? []), answer]);
      }
    }
    expect(answers.size).toBe(ids);
    for (const [id, got] of answers) expect(got.sort(), `id ${id}`).toEqual(['first', 'seen', 'seen']);
  });
});
