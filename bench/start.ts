import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from './bench.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCES = join(ROOT, 'src/cli/tongren.ts');
const STARTS = 15;
const AIM_MS = 300;

/**
 * From the start of a process to the first word of its first verdict, nobody asked, on the signed store of the reference
 * federation that was seen before: the built program, the sources as they are, and beside them Node with nothing to do.
 */
export async function benchStart(): Promise<{ source: string; rows: Row[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'tongren-start-'));
  try {
    const out = join(folder, 'build', 'gateway');
    const built = join(out, 'tongren.js');
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), '--out', out]);
    execFileSync(process.execPath, [built, 'start', '--once'], { cwd: folder, stdio: 'ignore' });
    const verify = ['verify', '--offline', 'var/samples/330000/pass.txt'];
    const contenders = { built: [built, ...verify], sources: [SOURCES, ...verify], node: ['-p', '0'] };
    const times = { built: [] as number[], sources: [] as number[], node: [] as number[] };
    // The first start of each leaves what the next ones find.
    for (let start = 0; start <= STARTS; start++)
      for (const [name, args] of Object.entries(contenders)) {
        const ms = await firstWord(args, folder);
        if (start > 0) times[name as keyof typeof times].push(ms);
      }
    const median = (name: keyof typeof times): number => times[name].toSorted((a, b) => a - b)[STARTS >> 1]!;
    const row = (name: string, of: number, ms: number, said: string): Row => ({
      name,
      ratio: of / ms,
      micros: ms * 1000,
      spread: 0,
      said,
    });
    const [ours, theirs, empty] = [median('built'), median('sources'), median('node')];
    return {
      source: `medians of ${STARTS} starts, wall time; Node with nothing to do takes ${empty.toFixed(0)} ms to its first word here and now`,
      rows: [
        row('process start to first verdict, against 0.3 s', AIM_MS, ours, `${ours.toFixed(0)} ms`),
        row('the same by the sources, against 0.3 s', AIM_MS, theirs, `${theirs.toFixed(0)} ms`),
        row('built, against the sources', theirs, ours, `${theirs.toFixed(0)} ms : ${ours.toFixed(0)} ms`),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds until a process has written something. */
function firstWord(args: readonly string[], cwd: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    let heard: number | undefined;
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.on('data', () => {
      heard ??= performance.now() - began;
    });
    child.on('error', reject).on('close', (exit) => {
      if (exit === 0 && heard !== undefined) resolve(heard);
      else reject(new Error(`${args.join(' ')} ended with ${exit}`));
    });
  });
}
