import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run } from '../../src/cli/tongren.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { inside, temporary } from '../support/cli.ts';
import { declarations } from '../support/federation.ts';

const { folder, write, remove } = temporary();
afterAll(remove);
const now = Date.now();
const { store, samples } = await mint(declarations, now);
for (const [file, bytes] of store) write(`store/${file}`, bytes);

it('many files get the same verdicts in the same order, however many threads there are', async () => {
  const files = samples.flatMap(({ region, name, wire }) =>
    typeof wire === 'string' ? [write(`${region}-${name}.txt`, wire)] : [write(`${region}-${name}.ofd`, wire)],
  );
  const many = Array.from({ length: 2000 }, (_, i) => files[i % files.length]!);
  const args = ['verify', '--store', join(folder, 'store'), '--json', '--offline', ...many];
  const alone = await inside(args, { now, env: { TONGREN_THREADS: '0' } });
  const together = await inside(args, { now, env: { TONGREN_THREADS: '2' } });
  expect(together.out.split('\n')).toHaveLength(many.length + 1);
  expect(together.out).toBe(alone.out);
  expect(together.exit).toBe(alone.exit);
}, 120_000);

it('large files are not read ahead: what is in memory is bounded', async () => {
  const files = Array.from({ length: 12 }, (_, i) => write(`large-${i}.bin`, new Uint8Array(1024 * 1024).fill(i)));
  let [read, answered, most] = [0, 0, 0];
  const before = process.exitCode;
  await run(['verify', '--store', join(folder, 'store'), '--json', '--offline', ...files], {
    env: { TONGREN_THREADS: '0' },
    clock: () => now,
    out: () => {
      answered += 1;
    },
    hint: () => {},
    progress: (line) => {
      if (line !== '') read += 1;
      most = Math.max(most, read - answered);
    },
    stdin: async () => new Uint8Array(),
  });
  process.exitCode = before;
  expect([read, answered]).toEqual([12, 12]);
  expect(most).toBeLessThanOrEqual(5);
}, 60_000);
