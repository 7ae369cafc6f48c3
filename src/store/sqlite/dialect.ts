import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Session } from './session.ts';

class Adapter extends SqliteAdapter {
  // SQLite can; Kysely assumes not. With it a migration happens wholly or not at all.
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Kysely's dialect over node:sqlite. Kysely itself lets only one query or transaction at a time use the connection. */
export function sqliteDialect(session: Session): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => driver(session),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

function driver(session: Session): Driver {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes } = await session.run(sql, parameters);
      return { rows: rows as R[], numAffectedRows: BigInt(changes) };
    },
    streamQuery() {
      throw new Error('there is no streaming from SQLite here');
    },
  };
  const say = async (sql: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(sql));
  };
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    // Immediate: the lock is taken at once. A transaction that begins by reading can find that it may not write.
    beginTransaction: () => say('begin immediate'),
    commitTransaction: () => say('commit'),
    rollbackTransaction: () => say('rollback'),
    releaseConnection: async () => {},
    destroy: () => session.close(),
  };
}
