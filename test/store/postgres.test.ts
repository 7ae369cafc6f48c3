import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../src/store/postgres/session.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { random, receipt } from '../record/verdicts.ts';
import { postgresDatabases, query, START_MS } from './databases.ts';

const open = (url: string, waitMs?: number): Promise<Store> =>
  openStore(url, waitMs === undefined ? { random } : { random, waitMs });

describe('PostgreSQL', () => {
  const databases = postgresDatabases();
  beforeAll(databases.start, START_MS);
  afterAll(databases.stop, START_MS);

  test('that cannot be reached: a clear error that does not tell the password', async () => {
    const url = await databases.fresh();
    const wrong = url.replace(/:[0-9a-f]{24}@/, ':wrong-secret@');
    const nobody = url.replace(/:\d+\//, ':1/');
    for (const [bad, secret] of [
      [wrong, 'wrong-secret'],
      [nobody, new URL(url).password],
      [`${url}_missing`, new URL(url).password],
    ] as const) {
      const error: Error = await open(bad).then(
        () => new Error('it opened'),
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ name: 'StoreError', code: 'unavailable' });
      expect(`${error.message} ${error.stack} ${error.cause}`).not.toContain(secret);
    }
  });

  test('that takes the connection and says nothing: not for ever', async () => {
    const held: Socket[] = [];
    const silent = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    await expect(open(`postgres://a:b@127.0.0.1:${port}/c`, 300)).rejects.toMatchObject({ code: 'unavailable' });
    for (const socket of held) socket.destroy();
    silent.close();
  });

  test('that has become read-only (a standby took its place): a clear error, and reading goes on', async () => {
    const url = await databases.fresh();
    const one = receipt();
    const before = await open(url);
    await before.receipts.append(one);
    await before.close();
    const name = new URL(url).pathname.slice(1);
    const store = await open(url);
    try {
      await query(url, `alter database ${name} set default_transaction_read_only = on`);
      await query(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
      );
      // The first to use a connection that was cut may be the one to find out.
      const refused = (): Promise<string> =>
        store.receipts.append(receipt()).then(
          () => 'written',
          ({ code }) => code,
        );
      await expect.poll(refused).toBe('read-only');
      expect(await store.receipts.find(one.id)).toEqual(one);
    } finally {
      await store.close();
    }
  });

  test('that confirms before it has written is told to write first', async () => {
    const url = await databases.fresh();
    await query(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
    const store = await open(url);
    try {
      await store.receipts.append(receipt());
    } finally {
      await store.close();
    }
    // What our own connections say; there is no other way to see it from outside.
    const pool = openSession(url, 1_000);
    const { rows } = await pool.query('show synchronous_commit');
    await pool.end();
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  test('that does not sync at all is not used', async () => {
    const url = await databases.fresh();
    await query(url, 'alter system set fsync = off');
    await query(url, 'select pg_reload_conf()');
    try {
      // The server reads its settings anew when it comes to it.
      await expect
        .poll(
          () =>
            open(url).then(
              (store) => store.close(),
              ({ code }) => code,
            ),
          { timeout: 5_000 },
        )
        .toBe('not-durable');
    } finally {
      await query(url, 'alter system reset fsync');
      await query(url, 'select pg_reload_conf()');
    }
  });
});
