import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/io.ts';

const TONGREN = fileURLToPath(new URL('../../src/cli/tongren.ts', import.meta.url));
const full = openSync('/dev/full', 'w');
afterAll(() => closeSync(full));

it('output that cannot be written is told in words, and is no success', () => {
  const { status, stderr } = spawnSync(process.execPath, [TONGREN, '--help'], { stdio: ['ignore', full, 'pipe'] });
  expect(status).toBe(EXIT.usage);
  expect(String(stderr)).toMatch(/^错误：磁盘已满.*\nerror: the disk is full/);
  expect(String(stderr)).not.toContain('    at ');
}, 60_000);

it('hints that cannot be written end nothing', () => {
  const { status, stdout } = spawnSync(process.execPath, [TONGREN, '--nonsense'], { stdio: ['ignore', 'pipe', full] });
  expect(status).toBe(EXIT.usage);
  expect(String(stdout)).toBe('');
}, 60_000);
