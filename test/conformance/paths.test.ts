import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { limbo } from '../../src/conformance/limbo.node.ts';
import { pkits } from '../../src/conformance/pkits.node.ts';
import type { CaseResult, Suite } from '../../src/conformance/suite.ts';

const DATA = '../shared/data/x509';

it.for<[Suite, string, number]>([
  [pkits, 'nist-pkits', 124],
  [limbo, 'x509-limbo', 61],
])('certificate paths made by others agree (%#)', { timeout: 120_000 }, async ([suite, folder, least], { skip }) => {
  if (!existsSync(`${DATA}/${folder}`)) skip(`no ${DATA}/${folder}`);
  const results: CaseResult[] = [];
  await suite.run(`${DATA}/${folder}`, (result) => results.push(result));
  expect(results.filter(({ result }) => result === 'differ')).toEqual([]);
  expect(results.filter(({ result }) => result === 'agree').length).toBeGreaterThanOrEqual(least);
  expect(results.filter(({ result, because }) => result === 'not-applicable' && !because)).toEqual([]);
});
