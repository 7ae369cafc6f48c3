import { type Config, ConfigError, readConfig } from '../config.ts';
import { Refused } from '../federation/refused.ts';
import { PackError } from '../region/pack.ts';
import { TROUBLES, TufRefusal } from '../trust/tuf/troubles.ts';

/** What a command may touch: passed in, so that a test can be the terminal. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: () => number;
  /** Lines for whoever asked. */
  out(line: string): void;
  /** Hints and progress: never mixed with what was asked for. */
  hint(line: string): void;
  /** Overwrites one progress line on a terminal; silent elsewhere. */
  progress(text: string): void;
  stdin(): Promise<Uint8Array>;
}

/** For an option that may be given several times. */
export const collect = (value: string, all: string[] = []): string[] => [...all, value];

/** Exit codes, after sysexits: what a script needs to tell apart. */
export const EXIT = { accepted: 0, refused: 1, undetermined: 2, usage: 64, ourFault: 70 } as const;

/** Trouble with how the command was called. The message says what is wrong, `hint` what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export const configOf = (io: Io): Config => readConfig(io.env);

/** Error → what is said and the exit code. An error that is none of ours is our fault, and says so with its stack. */
export function explain(error: unknown): { lines: string[]; exit: number } {
  if (error instanceof UsageError)
    return { lines: [`error: ${error.message}`, ...(error.hint ? [`hint: ${error.hint}`] : [])], exit: EXIT.usage };
  if (error instanceof ConfigError)
    return {
      lines: [`error: configuration: ${error.message}`, 'hint: see "Configuration" in README.md'],
      exit: EXIT.usage,
    };
  if (error instanceof Refused)
    return { lines: [`refused: ${error.message}`, ...(error.hint ? [`hint: ${error.hint}`] : [])], exit: EXIT.refused };
  if (error instanceof TufRefusal) {
    const { zh, en } = TROUBLES[error.code];
    return { lines: [`refused: ${error.role}: ${error.message}`, `hint: ${zh} ${en}`], exit: EXIT.refused };
  }
  if (error instanceof PackError) return { lines: [`error: ${error.message}`], exit: EXIT.usage };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { lines: ['error: this is a fault of tongren; please report it', stack], exit: EXIT.ourFault };
}
