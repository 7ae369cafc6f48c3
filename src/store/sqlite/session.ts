import { Worker } from 'node:worker_threads';
import { StoreError } from '../error.ts';
import type { Answer, Request, ThreadOptions } from './protocol.ts';

/** An open connection to a SQLite file. Statements run one after the other, in the order they were asked for. */
export interface Session {
  run(sql: string, parameters: readonly unknown[]): Promise<Result>;
  close(): Promise<void>;
}

export interface Result {
  readonly rows: readonly object[];
  readonly changes: number;
}

interface Pending {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Errors: an Error with SQLite's `errcode`; StoreError `closed` once it is. */
export async function openSession(options: ThreadOptions): Promise<Session> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: options });
  const pending = new Map<number, Pending>();
  let asked = 0;
  let gone: unknown;

  const wait = (id: number): Promise<Result> =>
    new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      // What waits for an answer holds the process; an idle database does not.
      worker.ref();
    });
  const ask = (sql: string | undefined, parameters: readonly unknown[] = []): Promise<Result> => {
    if (gone !== undefined) return Promise.reject(gone);
    asked += 1;
    const answered = wait(asked);
    worker.postMessage({ id: asked, sql, parameters } satisfies Request);
    return answered;
  };
  const fail = (error: unknown): void => {
    gone = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };

  worker.on('message', ({ id, rows = [], changes = 0, error }: Answer) => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) worker.unref();
    if (error === undefined) waiting?.resolve({ rows, changes });
    else waiting?.reject(Object.assign(new Error(error.message), { errcode: error.errcode }));
  });
  worker.on('error', (error) => fail(new StoreError('internal', error)));
  worker.on('exit', () => fail(gone ?? new StoreError('closed')));

  await wait(0);
  return {
    run: ask,
    close: async () => {
      if (gone !== undefined) return;
      const closed = ask(undefined);
      gone = new StoreError('closed');
      await closed;
    },
  };
}
