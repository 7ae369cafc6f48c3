import type { StoreErrorCode } from '../error.ts';

/** SQLite's primary result codes. */
const CODES = new Map<number, StoreErrorCode>([
  [3, 'unavailable'], // SQLITE_PERM
  [5, 'busy'],
  [6, 'busy'], // SQLITE_LOCKED
  [8, 'read-only'],
  [10, 'unavailable'], // SQLITE_IOERR
  [11, 'damaged'],
  [13, 'full'],
  [14, 'unavailable'], // SQLITE_CANTOPEN
  [19, 'refused'], // SQLITE_CONSTRAINT
  [26, 'damaged'], // SQLITE_NOTADB
]);

/** SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE */
const CONFLICTS = [1555, 2067];

export function codeOf(error: unknown): StoreErrorCode {
  const { errcode } = error as { errcode?: unknown };
  if (typeof errcode !== 'number') return 'internal';
  return CONFLICTS.includes(errcode) ? 'conflict' : (CODES.get(errcode & 0xff) ?? 'internal');
}
