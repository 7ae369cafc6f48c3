import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ROOT } from './support/federation.ts';

/** Names that are new to the engine stay until a full collection; a document would be ten thousand octets and more. */
const MOST_LEFT = 1000;

it('a document is gone from memory with its verdict, and not only when all of memory is looked at', () => {
  const told = execFileSync(process.execPath, ['--expose-gc', `${ROOT}test/memory.child.ts`], { encoding: 'utf8' });
  const [left = Number.NaN, documents = 0] = told.split(' ').map(Number);
  expect(documents).toBeGreaterThan(100);
  expect(left / documents).toBeLessThan(MOST_LEFT);
}, 60_000);
