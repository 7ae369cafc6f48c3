/** What is said between the gateway and the thread that holds the SQLite connection. */
export interface ThreadOptions {
  readonly path: string;
  readonly waitMs: number;
}

export interface Request {
  readonly id: number;
  /** Undefined: close the database. */
  readonly sql: string | undefined;
  readonly parameters: readonly unknown[];
}

export interface Answer {
  readonly id: number;
  readonly rows?: readonly object[];
  readonly changes?: number;
  readonly error?: { readonly errcode: number | undefined; readonly message: string };
}
