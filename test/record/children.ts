import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('recorder.child.ts', import.meta.url));

export interface Work {
  readonly url: string;
  readonly task: 'record' | 'replay' | 'fill';
  readonly count: number;
  readonly atOnce: number;
  readonly name: string;
  /** Called with the number of lines so far. */
  onLine?(lines: number, child: ChildProcess): void;
  /** A shell that sets limits before it becomes the process. */
  readonly shell?: string;
}

export interface Done {
  readonly lines: string[];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errors: string;
}

/** Runs a process to its end, or until it is killed. Out: the whole lines it wrote. */
export function runChild({ url, task, count, atOnce, name, onLine, shell }: Work): Promise<Done> {
  const args = [SCRIPT, url, task, String(count), String(atOnce), name];
  const child =
    shell === undefined
      ? spawn(process.execPath, args)
      : spawn('sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...args]);
  let out = '';
  let errors = '';
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    lines += text.split('\n').length - 1;
    onLine?.(lines, child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // Half a line is an answer that was not given.
    child.on('close', (code, signal) => resolve({ lines: out.split('\n').slice(0, -1), code, signal, errors }));
  });
}
