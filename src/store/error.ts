/** What can go wrong with the database, one row each: what a caller may do about it differs. */
const SENTENCES = {
  'bad-url': 'the database is named by a path or a postgres:// address',
  unavailable: 'the database cannot be reached',
  'read-only': 'the database can be read but not written',
  full: 'there is no room left for the database',
  busy: 'the database is busy; try again',
  damaged: 'the database file is damaged or no database',
  conflict: 'the row is there already',
  refused: 'the database refused the row',
  'not-durable': 'the database is set up so that what it confirms can be lost',
  'too-new': 'the database was made by a newer version',
  'too-many': 'there are too many entries for one receipt',
  closed: 'the database was closed',
  internal: 'the database failed',
} as const;

export type StoreErrorCode = keyof typeof SENTENCES;

/** Trouble with the database. The message never holds a value; the driver's own error, which might, is the cause. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, cause?: unknown) {
    super(SENTENCES[code], cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export type Attempt = <T>(work: () => Promise<T>) => Promise<T>;

/** In: what a driver's errors mean. Out: a wrapper that lets nothing but StoreErrors out. */
export function attempting(codeOf: (error: unknown) => StoreErrorCode): Attempt {
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof StoreError ? error : new StoreError(codeOf(error), error);
    }
  };
}

/** Runs it. Out: true, or false if the row is there already. */
export async function unlessThere(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'conflict') return false;
    throw error;
  }
}
