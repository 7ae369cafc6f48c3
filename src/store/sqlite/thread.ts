import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Request, ThreadOptions } from './protocol.ts';

/**
 * The thread that holds the SQLite connection. node:sqlite is synchronous, and a commit waits for the disk (or, with two
 * processes on one file, for the other one): that must not stop the thread that verifies documents.
 */

const { path, waitMs } = workerData as ThreadOptions;
const CACHED_STATEMENTS = 60;
/** SQLITE_BUSY */
const BUSY = 5;

const port = parentPort!;
let database: DatabaseSync | undefined;

interface Prepared {
  readonly statement: StatementSync;
  readonly reads: boolean;
}
const prepared = new Map<string, Prepared>();

function prepare(sql: string): Prepared {
  const known = prepared.get(sql);
  if (known !== undefined) {
    prepared.delete(sql);
    prepared.set(sql, known);
    return known;
  }
  const statement = database!.prepare(sql);
  const made = { statement, reads: statement.columns().length > 0 };
  prepared.set(sql, made);
  if (prepared.size > CACHED_STATEMENTS) prepared.delete(prepared.keys().next().value!);
  return made;
}

function answer({ id, sql, parameters }: Request): Answer {
  try {
    if (sql === undefined) {
      prepared.clear();
      database!.close();
      return { id };
    }
    const { statement, reads } = prepare(sql);
    if (reads) return { id, rows: statement.all(...(parameters as SQLInputValue[])) };
    return { id, changes: Number(statement.run(...(parameters as SQLInputValue[])).changes) };
  } catch (error) {
    return { id, error: told(error) };
  }
}

/** A thread cannot throw across: what is needed of an error is told. */
function told(error: unknown): NonNullable<Answer['error']> {
  const { errcode, message } = error as Error & { errcode?: number };
  return { errcode, message };
}

/** Write-ahead log with a sync at every commit: what was confirmed survives kill -9 and the loss of power. */
function open(): DatabaseSync {
  const opened = new DatabaseSync(path, { timeout: waitMs, enableForeignKeyConstraints: true });
  try {
    const mode = writeAhead(opened);
    if (mode !== 'wal') throw new Error(`no write-ahead log here (journal mode ${mode})`);
    // FULL syncs the log at every commit; NORMAL would only at checkpoints, and the last receipts could be lost.
    opened.exec('pragma synchronous = full');
    // macOS: fsync alone leaves data in the drive's cache.
    opened.exec('pragma fullfsync = on');
    opened.exec('pragma checkpoint_fullfsync = on');
    // A destroyed digest key is overwritten with zeros, not merely unlinked.
    opened.exec('pragma secure_delete = on');
    opened.exec('pragma temp_store = memory');
    opened.exec('pragma trusted_schema = off');
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** SQLite does not wait for others with this one statement, so two processes that start at once would fail. */
function writeAhead(opened: DatabaseSync): unknown {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (const until = Date.now() + waitMs; ; Atomics.wait(pause, 0, 0, 20)) {
    try {
      return opened.prepare('pragma journal_mode = wal').get()!['journal_mode'];
    } catch (error) {
      if (((told(error).errcode ?? 0) & 0xff) !== BUSY || Date.now() > until) throw error;
    }
  }
}

try {
  database = open();
  port.on('message', (request: Request) => {
    port.postMessage(answer(request));
    if (request.sql === undefined) port.close();
  });
  port.postMessage({ id: 0 } satisfies Answer);
} catch (error) {
  port.postMessage({ id: 0, error: told(error) } satisfies Answer);
}
