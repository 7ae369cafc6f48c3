import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectationOf } from '../../src/conformance/shc-labels.ts';
import type { CaseResult, Suite } from '../../src/conformance/suite.ts';
import { SUITES } from '../../src/conformance/suites.node.ts';

async function run(suite: Suite, dir: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  await suite.run(dir, (result) => results.push(result));
  return results;
}

const named = (name: string): Suite => SUITES.find((suite) => suite.name === name)!;

describe.each([
  ['shc', '../shared/data/shc', 155, 54],
  ['vds-nc', '../shared/data/vds-nc', 24, 6],
])('%s', (name, dir, total, agreeing) => {
  describe.skipIf(!existsSync(dir))(`${dir} (data made by others; not there: skipped)`, () => {
    it('every case that applies agrees, and every other says why it does not', { timeout: 60_000 }, async () => {
      const results = await run(named(name), dir);
      expect(results.filter(({ result }) => result === 'differ')).toEqual([]);
      expect(results.filter(({ result, because }) => result === 'not-applicable' && !because)).toEqual([]);
      expect(results.length).toBe(total);
      expect(results.filter(({ result }) => result === 'agree').length).toBe(agreeing);
    });
  });

  it('a folder without the data is an error, not an empty success', async () => {
    await expect(run(named(name), 'test/conformance')).rejects.toThrow();
  });
});

describe('what an upstream test of cards expects', () => {
  it.each([
    ['[\'a.json\'], "jws"', [], []],
    ["['a.json', 'b.json'], 'jws', [[ec.A_B, ec.C]]", ['A_B', 'C'], []],
    ["'a.json', 'jwspayload', [0, [ec.A]]", [], ['A']],
    ["['a.json'], 'jws', [[ec.A], [ec.B]], { exclude: ['x'] }", ['A'], ['B']],
    ["['a.json'], 'jws', [0], { issuerDirectory: 'test' }", [], []],
    ['[\'a.json\'], "fhirbundle", [SHORT_WARNINGS, LONG_WARNING]', [], []],
    ["['a.json'], \"qr\", [[ec.A, ec.A], LONG_WARNING], { exclude: ['x'] }", ['A', 'A'], []],
  ])('%s', (raw, errors, warnings) => expect(expectationOf(raw)).toEqual({ errors, warnings }));
});
