/**
 * A command of the federation, killed (SIGKILL) just before its n-th rename: after that many files have their names. In:
 * n, the clock, and the command line.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [stop, now, ...args] = process.argv.slice(2);
const rename = fs.rename;
let renames = 0;
fs.rename = async (...names) => {
  if (++renames === Number(stop)) process.kill(process.pid, 'SIGKILL');
  return rename(...names);
};
syncBuiltinESMExports();

const { run } = await import('../../src/cli/tongren.ts');
await run(args, {
  env: {},
  clock: () => Number(now),
  out: (line) => process.stdout.write(`${line}\n`),
  hint: (line) => process.stderr.write(`${line}\n`),
  progress: () => {},
  stdin: async () => new Uint8Array(0),
});
