import pg from 'pg';
import { StoreError } from '../error.ts';

const CONNECTIONS = 8;
/** A statement of ours takes milliseconds: one that takes this long waits for something that will not come. */
const STATEMENT_MS = 10_000;
/** bigint: ours are times and counts, all of which a number holds exactly. pg would give text. */
const INT8 = 20;

/** A pool of connections. */
export type Session = pg.Pool;

/** In: a postgres:// address. Nothing is connected yet. Errors: StoreError `bad-url`. */
export function openSession(address: string, waitMs: number): Session {
  const pool = new pg.Pool({
    connectionString: checked(address),
    max: CONNECTIONS,
    connectionTimeoutMillis: waitMs,
    // The server's own limit acts first; this one is for a server that says nothing any more.
    query_timeout: STATEMENT_MS + waitMs,
    keepAlive: true,
    application_name: 'tongren',
    allowExitOnIdle: true,
    onConnect: begin,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // A connection that breaks leaves the pool, and whoever uses it gets the error. It is also told here, for each idle
  // connection: without a listener that would end the process.
  pool.on('error', () => {});
  return pool;
}

/** The address holds a password: what is wrong with it is not quoted. */
function checked(address: string): string {
  if (!URL.canParse(address)) throw new StoreError('bad-url');
  return address;
}

/** What is said on every new connection. If it cannot be had as it must be, the connection is given up. */
async function begin(client: pg.ClientBase): Promise<void> {
  const shown = async (setting: string): Promise<unknown> => {
    const { rows } = await client.query<Record<string, unknown>>(`show ${setting}`);
    return rows[0]?.[setting];
  };
  // The same for connections in use, for which the pool does not listen.
  client.on('error', () => {});
  await client.query(`set statement_timeout = ${STATEMENT_MS}`);
  // Off: a commit is confirmed before it is written. `local` and the remote settings are all at least as strong as on.
  if ((await shown('synchronous_commit')) === 'off') await client.query('set synchronous_commit = on');
  // This one is the server's, and cannot be set from here.
  if ((await shown('fsync')) === 'off') throw new StoreError('not-durable');
}
