import { expect, it } from 'vitest';
import type { Log } from '../../src/http/log.ts';
import { watchCore } from '../../src/http/watched-core.ts';

it('counts each difference, and logs the first of each kind in a minute', () => {
  const lines: unknown[] = [];
  const log: Log = { write: (...line) => lines.push(line) };
  let now = 1_000_000;
  const { differed, counted } = watchCore('judged', log, () => now);
  for (let i = 0; i < 3; i++) differed({ curve: 'SM2', core: 'good' });
  differed({ curve: 'SM2', core: 'bad' });
  expect(lines.splice(0)).toEqual([
    ['core-differed', { curve: 'SM2', core: 'good', number: 1 }],
    ['core-differed', { curve: 'SM2', core: 'bad', number: 1 }],
  ]);
  now += 60_000;
  differed({ curve: 'SM2', core: 'good' });
  expect(lines).toEqual([['core-differed', { curve: 'SM2', core: 'good', number: 4 }]]);
  expect(
    counted.flatMap(({ rows }) => rows.map(({ labels, value }) => [labels['curve'], labels['core'], value])),
  ).toEqual([
    ['P-256', 'good', 0],
    ['P-256', 'bad', 0],
    ['SM2', 'good', 4],
    ['SM2', 'bad', 1],
  ]);
});

it.each(['alone', 'none'] as const)('counts nothing where there are not two checks (%s)', (use) => {
  expect(watchCore(use, { write() {} }, Date.now).counted).toEqual([]);
});
