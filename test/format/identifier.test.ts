import { describe, expect, it } from 'vitest';
import { compileSteps } from '../../src/format/conversions.ts';

const context = { codes: new Map() };
/** What a declared identifier makes of a text: taken, taken with a remark, or refused. */
function read(argument: unknown, text: string): string {
  const told: unknown[] = [];
  try {
    compileSteps({ identifier: argument }, context).read(text, (_, code) => told.push(code));
    return told.join() || 'taken';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('an identifier with a check character that is only reported', () => {
  const report = { kind: 'citizen-number', check: 'report' };
  it.each([
    ['is right', '11010519491231002X', 'taken', 'taken'],
    ['has another check character', '110105194912310021', 'IDENTIFIER_DOUBTFUL', 'IDENTIFIER_INVALID'],
    ['has a day of birth that does not exist', '110105194913310021', 'IDENTIFIER_INVALID', 'IDENTIFIER_INVALID'],
    ['is of a century without such numbers', '110105174912310021', 'IDENTIFIER_INVALID', 'IDENTIFIER_INVALID'],
    ['is too short', '11010519491231002', 'IDENTIFIER_INVALID', 'IDENTIFIER_INVALID'],
  ])('that %s', (_name, text, reported, asked) => {
    expect([read(report, text), read('citizen-number', text)]).toEqual([reported, asked]);
  });

  it('cannot be declared otherwise, nor for a kind that has none', () => {
    expect(read({ kind: 'citizen-number', check: 'ignore' }, '')).toMatch(/is "report"/);
    expect(read({ kind: 'plate', check: 'report' }, '')).toMatch(/is "report"/);
    expect(read({ kind: 'no-such' }, '')).toMatch(/no identifier "no-such"/);
  });
});
