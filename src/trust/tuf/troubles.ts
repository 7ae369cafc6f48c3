import { TROUBLES } from './trouble-words.ts';

export { TROUBLES };

export type TroubleCode = keyof typeof TROUBLES;

/** One refusal. `detail` is for engineers: English, technical. */
export interface Trouble {
  readonly code: TroubleCode;
  /** root, timestamp, snapshot, targets or a delegated role. */
  readonly role: string;
  readonly detail: string;
}

/** Thrown inside the verifier where a file is refused; it becomes a `Trouble`. */
export class TufRefusal extends Error {
  override readonly name = 'TufRefusal';
  readonly code: TroubleCode;
  readonly role: string;

  constructor(code: TroubleCode, role: string, detail: string) {
    super(detail);
    this.code = code;
    this.role = role;
  }
}

/** The trouble that an error stands for; anything else is our own fault and goes on. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof TufRefusal) return { code: error.code, role: error.role, detail: error.message };
  throw error;
}

/** Runs; undefined where the file is refused, and that only means that it does not count. */
export function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof TufRefusal) return undefined;
    throw error;
  }
}
