import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/**
 * Builds the pages (web/) into dist/, from where the gateway serves them. Built beside and put there file by file, each whole, and none
 * that is there already: a gateway that starts meanwhile, or another build of the same, finds every file.
 */
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const served = join(dist, 'checkpoint');
await mkdir(served, { recursive: true });
const made = mkdtempSync(join(dist, 'checkpoint-'));
try {
  await build({
    configFile: fileURLToPath(new URL('../web/checkpoint/vite.config.ts', import.meta.url)),
    logLevel: process.argv.includes('--quiet') ? 'warn' : 'info',
    build: { outDir: made },
  });
  const names = readdirSync(made);
  const before = new Set(readdirSync(served));
  for (const name of names) {
    const [from, to] = [join(made, name), join(served, name)];
    if (!before.has(name) || !readFileSync(from).equals(readFileSync(to))) renameSync(from, to);
    before.delete(name);
  }
  for (const name of before) rmSync(join(served, name), { recursive: true, force: true });
} finally {
  rmSync(made, { recursive: true, force: true });
}
