import { Kysely, sql } from 'kysely';
import type { Connect } from '../backend.ts';
import type { Tables } from '../tables.ts';
import { appendOnly, logged, removable } from './append-only.ts';
import { postgresDialect } from './dialect.ts';
import { openSession } from './session.ts';

/** Any number, as long as all gateways use the same: "tongren" in ASCII. */
const MIGRATION_LOCK = 0x746f6e6772656en;

/** In: postgres://user:password@host:port/database */
export const connectPostgres: Connect = async (address, { waitMs }) => {
  const db = new Kysely<Tables>({ dialect: postgresDialect(openSession(address, waitMs)) });
  return {
    db,
    lock: async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);
    },
    appendOnly,
    removable,
    logged,
    // Deleted rows stay in the file until it is written anew. The server's own log and backups hold them for as long as
    // the operator keeps those, which must not be longer than the objection window.
    erase: async () => {
      await sql`vacuum full digest_keys`.execute(db);
      return true;
    },
    // Its files are the server's, which writes over what is gone when it needs the room.
    cutLog: async () => {},
  };
};
