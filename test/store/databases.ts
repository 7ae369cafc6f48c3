import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** How long a database may take to start or stop on a machine that has much else to do, ms. */
export const START_MS = 60_000;

/** A kind of database that a suite runs against. */
export interface Databases {
  readonly name: 'sqlite' | 'postgres';
  start(): Promise<void>;
  /** The address of a new, empty database. */
  fresh(): Promise<string>;
  /** The folder in which everything lies that the database has written. */
  folder(): string;
  stop(): Promise<void>;
}

export interface PostgresDatabases extends Databases {
  /** Stops the server as the loss of power would, and starts it again. */
  crash(): Promise<void>;
}

export function sqliteDatabases(): Databases {
  let folder = '';
  let made = 0;
  return {
    name: 'sqlite',
    start: async () => {
      folder = mkdtempSync(join(tmpdir(), 'tongren-sqlite-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    },
    fresh: async () => {
      made += 1;
      return join(folder, `${made}`, 'tongren.sqlite');
    },
    folder: () => folder,
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function postgresDatabases(): PostgresDatabases {
  let child: ChildProcess;
  let lines: AsyncIterator<string>;
  let server: { url: string; data: string };
  let made = 0;

  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('PostgreSQL did not start; what it says stands above');
    return value;
  };
  return {
    name: 'postgres',
    start: async () => {
      const script = fileURLToPath(new URL('postgres.child.ts', import.meta.url));
      child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
      lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
      server = JSON.parse(await line());
    },
    fresh: async () => {
      made += 1;
      await query(server.url, `create database test_${made}`);
      return server.url.replace(/postgres$/, `test_${made}`);
    },
    folder: () => server.data,
    crash: async () => {
      child.stdin!.write('crash\n');
      await line();
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.stdin!.end();
      await ended;
    },
  };
}

/** Both, for suites that ask the same of each. */
export const allDatabases = (): Databases[] => [sqliteDatabases(), postgresDatabases()];

/** One statement past the store, whatever the database. In: its address, as `fresh` gave it. */
export async function past({ name }: Databases, url: string, sql: string): Promise<unknown[]> {
  if (name === 'postgres') return query(url, sql);
  const file = new DatabaseSync(url);
  try {
    return file.prepare(sql).all();
  } finally {
    file.close();
  }
}

/** One statement, past the store. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
