import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../bench/bench.ts';
import { FLOORS } from '../../bench/floors.ts';
import { rowOf, rowsOf } from '../../bench/measure.ts';
import { belowFloors, detailOf, document } from '../../bench/report.ts';

const row = (name: string, ratio: number): Row => ({ name, ratio, micros: 10, spread: 0.02 });
const result = (name: string, rows: readonly Row[]) => ({
  name,
  about: 'what it is',
  unit: 'R',
  source: 'these',
  rows,
});
const trust = Object.entries(FLOORS['trust']!);

describe('floors', () => {
  it('are kept by what just reaches them', () => {
    const rows = trust.map(([name, { floor }]) => row(name, floor));
    expect(belowFloors(result('trust', rows), true)).toEqual([]);
  });

  it('tell what is below, and what was not measured at all', () => {
    const [[first, { floor }], ...others] = trust as [(typeof trust)[0], ...typeof trust];
    const missing = others.at(-1)![0];
    const rows = [row(first, floor - 0.01), ...others.slice(0, -1).map(([name, held]) => row(name, held.floor))];
    expect(belowFloors(result('trust', rows), true)).toEqual([
      `${first}: ${(floor - 0.01).toFixed(2)} < ${floor}`,
      `${missing}: not measured < ${FLOORS['trust']![missing]!.floor}`,
    ]);
  });

  it('are those of rows that are measured: docs/performance.md has each of them', () => {
    const text = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
    const sections = new Map(text.split('\n## ').map((section) => [section.split('\n', 1)[0]!, section]));
    for (const [name, rows] of Object.entries(FLOORS))
      for (const [what, { floor, aim = '' }] of Object.entries(rows)) {
        const found = sections
          .get(name)!
          .split('\n')
          .find((line) => line.startsWith(`| ${what} |`));
        const [, , , held, least] = (found ?? what).split('|').map((cell) => cell.trim());
        expect([what, held?.replace(', **not reached**', ''), least]).toEqual([what, `${aim}`, `${floor}`]);
      }
  });

  it('of what takes minutes hold only where it was asked for', () => {
    const rows = trust.filter(([, { full }]) => !full).map(([name, { floor }]) => row(name, floor));
    expect(belowFloors(result('trust', rows), false)).toEqual([]);
    expect(belowFloors(result('trust', rows), true)).toHaveLength(1);
  });

  it('no number is no ratio that reaches a floor', () => {
    const rows = trust.map(([name]) => row(name, Number.NaN));
    expect(belowFloors(result('trust', rows), true)).toHaveLength(trust.length);
  });

  it('are not asked of a bench that has none', () => {
    expect(belowFloors(result('constructor', []), true)).toEqual([]);
  });
});

describe('a row', () => {
  it('is the median of the rounds’ ratios, with half the distance between their quartiles', () => {
    expect(rowOf('x', [1, 2, 4, 1, 1], [2, 2, 4, 4, 3])).toEqual({ name: 'x', ratio: 2, micros: 1, spread: 0.5 });
    expect(rowOf('x', [2, 2, 2], 4, 'said')).toEqual({ name: 'x', ratio: 2, micros: 2, spread: 0, said: 'said' });
  });

  it('of the first contender shows its own noise', () => {
    const rows = rowsOf(new Map(Object.entries({ first: [1, 2, 3, 4, 5], other: [2, 4, 6, 8, 10] })));
    expect(rows.map(({ ratio }) => ratio)).toEqual([1, 0.5]);
    expect(rows[0]!.spread).toBeGreaterThan(0);
    expect(rows[1]!.spread).toBe(0);
  });

  it('says its spread beside whatever else it says', () => {
    expect(detailOf(row('x', 1))).toBe('10.0 µs, ± 2 %');
    expect(detailOf({ ...row('x', 1), said: '3 MB' })).toBe('3 MB, ± 2 %');
    expect(detailOf({ name: 'x', ratio: 1, micros: 0, said: '3 MB' })).toBe('3 MB');
  });
});

it('the page marks what is below its aim', () => {
  const name = 'DCC, text → verdict';
  const [low, high] = [1, 1.3].map((ratio) => document([result('journey', [row(name, ratio)])], '2026-01-02'));
  expect(low).toContain(`| ${name} | 1.00 | 1.2, **not reached** | 0.9 | 10.0 µs, ± 2 % |`);
  expect(high).toContain(`| ${name} | 1.30 | 1.2 | 0.9 | 10.0 µs, ± 2 % |`);
  expect(low).toContain('What it is. These.');
  expect(low).toContain('2026-01-02');
});
