import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely, sql } from 'kysely';
import type { Connect } from '../backend.ts';
import { StoreError } from '../error.ts';
import type { Tables } from '../tables.ts';
import { appendOnly, logged, removable } from './append-only.ts';
import { sqliteDialect } from './dialect.ts';
import { openSession } from './session.ts';

/** What cannot be cut off in this time is cut off the next time. */
const CUT_MS = 50;

/** In: the path of the file, made if it is not there. */
export const connectSqlite: Connect = async (path, { waitMs }) => {
  try {
    await mkdir(dirname(path), { recursive: true });
    // It holds keys: for its owner only. SQLite gives the files beside it the same mode.
    await (await open(path, 'a', 0o600)).close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') throw new StoreError('unavailable', error);
    // Perhaps it can still be read; SQLite says so when it cannot.
  }
  const db = new Kysely<Tables>({ dialect: sqliteDialect(await openSession({ path, waitMs })) });
  // The main file was overwritten (secure_delete); the log still holds the page as it was until it is cut off.
  const cut = async (one: Kysely<Tables>): Promise<boolean> => {
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(one);
    return rows[0]!.busy === 0;
  };
  // Who waits for another one's reader holds off whoever writes, in every process: a copy of the file takes minutes.
  const cutSoon = (): Promise<void> =>
    db.connection().execute(async (one) => {
      await sql`pragma busy_timeout = ${sql.lit(CUT_MS)}`.execute(one);
      try {
        await cut(one);
      } finally {
        await sql`pragma busy_timeout = ${sql.lit(waitMs)}`.execute(one);
      }
    });
  return {
    db,
    // The transaction begins with the write lock.
    lock: async () => {},
    appendOnly,
    removable,
    logged,
    erase: () => cut(db),
    cutLog: cutSoon,
  };
};
