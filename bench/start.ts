import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from './bench.ts';
import { quantile, rowOf, type Times } from './measure.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCES = join(ROOT, 'src/cli/tongren.ts');
const STARTS = 15;
const AIM_MS = 300;

/**
 * From the start of a process to the first word of its first verdict, nobody asked, on the signed store of the reference
 * federation that was seen before: the built program, the sources as they are, and beside them Node with nothing to do. Each
 * has a store of its own, as what one keeps for the next start counts only for the very software that kept it.
 */
export async function benchStart(): Promise<{ source: string; rows: Row[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'tongren-start-'));
  try {
    const out = join(folder, 'build', 'gateway');
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), '--out', out]);
    const programs = { built: join(out, 'tongren.js'), sources: SOURCES };
    const contenders = Object.entries(programs).map(([name, program]) => {
      const cwd = join(folder, name);
      mkdirSync(cwd);
      execFileSync(process.execPath, [program, 'start', '--once'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
      return { cwd, times: [] as number[], args: [program, 'verify', '--offline', 'var/samples/330000/pass.txt'] };
    });
    contenders.push({ cwd: folder, times: [], args: ['-p', '0'] });
    // The first start of each leaves what the next ones find.
    for (let start = 0; start <= STARTS; start++)
      for (const { cwd, args, times } of contenders) {
        const ms = await firstWord(args, cwd);
        if (start > 0) times.push(ms * 1000);
      }
    const [ours, theirs, empty] = contenders.map(({ times }): Times => times) as [Times, Times, Times];
    const ms = (times: Times): string => `${(quantile(times, 0.5) / 1000).toFixed(0)} ms`;
    return {
      source: `medians of ${STARTS} starts, wall time; Node with nothing to do takes ${ms(empty)} to its first word here and now`,
      rows: [
        rowOf('process start to first verdict, against 0.3 s', ours, AIM_MS * 1000, ms(ours)),
        rowOf('the same by the sources, against 0.3 s', theirs, AIM_MS * 1000, ms(theirs)),
        rowOf('built, against the sources', ours, theirs, `${ms(theirs)} : ${ms(ours)}`),
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
