import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** What differs between databases; everything else about the store is written once. */
export interface Backend {
  readonly db: Kysely<Tables>;
  /** Holds other processes off until the transaction ends, so that two that start at once do not both migrate. */
  lock(transaction: Transaction<Tables>): Promise<void>;
  /** Makes the database refuse to change or remove rows of a table. */
  appendOnly(db: Kysely<unknown>, table: string): Promise<void>;
  /** Lets rows of such a table be removed that are older than `kept_since` says. In: when a row is from, in SQL on `old`. */
  removable(db: Kysely<unknown>, table: string, from: string): Promise<void>;
  /** Has the database write a row into `log_waiting` for each new row of a table. In: id and number of the row, in SQL on `new`. */
  logged(db: Kysely<unknown>, table: string, id: string, number: string): Promise<void>;
  /** Makes what was deleted from digest_keys vanish from the files. Out: false if a reader is in the way; ask again. */
  erase(): Promise<boolean>;
  /** Where what was overwritten stands in a log until that is cut off: cuts it off. Takes no longer than a write. */
  cutLog(): Promise<void>;
}

export interface BackendOptions {
  /** How long to wait for a database that others hold or that does not answer, ms. */
  readonly waitMs: number;
}

/** In: where the database is. Out: the open database. Errors: StoreError, or the driver's own, which `codeOf` beside it tells. */
export type Connect = (address: string, options: BackendOptions) => Promise<Backend>;
