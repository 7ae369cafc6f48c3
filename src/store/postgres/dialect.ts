import { PostgresAdapter, PostgresDialect } from 'kysely';
import type { Session } from './session.ts';

class Adapter extends PostgresAdapter {
  // The migrating transaction holds a lock of its own (connect.ts). Kysely's needs a setting, lock_timeout, that not all
  // relatives of PostgreSQL have, and is given back before the transaction ends.
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

class PoolDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new Adapter();
  }
}

export function postgresDialect(pool: Session): PostgresDialect {
  return new PoolDialect({ pool });
}
