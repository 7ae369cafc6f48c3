import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../src/cli/tongren.ts';
import { ROOT } from './federation.ts';

export interface Said {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Ran {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  readonly program?: string;
  /** For Node, before the program; as a process of its own only. */
  readonly node?: readonly string[];
  /** Epoch ms; in this process only. */
  readonly now?: number;
}

/** The command line as a process of its own, with nothing of this one's settings. */
export function tongren(
  args: readonly string[],
  { env = {}, cwd = ROOT, stdin, program = `${ROOT}src/cli/tongren.ts`, node = [] }: Ran = {},
): Promise<Said> {
  const child = spawn(process.execPath, [...node, program, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  // Whoever is told too much may close his end before all of it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (exit) => resolve({ exit, out, err }));
  });
}

/** The same command in this process: half a second less each time. One after the other, for the exit code is shared. */
export async function inside(args: readonly string[], { env = {}, stdin = '', now }: Ran = {}): Promise<Said> {
  const [out, err]: [string[], string[]] = [[], []];
  const before = process.exitCode;
  process.exitCode = undefined;
  await run(args, {
    env,
    clock: now === undefined ? Date.now : () => now,
    out: (line) => out.push(`${line}\n`),
    hint: (line) => err.push(`${line}\n`),
    progress: () => {},
    stdin: async () => new Uint8Array(Buffer.from(stdin)),
  });
  const exit = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return { exit, out: out.join(''), err: err.join('') };
}

/** A folder that is removed when the test file is done; its files are the owner's alone, as keys have to be. */
export function temporary(): {
  folder: string;
  write(file: string, content: string | Uint8Array): string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'tongren-test-'));
  return {
    folder,
    write(file, content) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
