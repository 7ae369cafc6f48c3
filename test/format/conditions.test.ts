import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/codec/value.ts';
import type { When } from '../../src/document/generated/types.ts';
import { compileCondition } from '../../src/format/conditions.ts';
import { federation, formatOf, samples, standpointOf, verdictOf } from '../support/federation.ts';

const holds = (when: When, payload: unknown): boolean => compileCondition(when)(payload as Value);

describe('bits', () => {
  const travel: When = { at: '/domain', bits: '4000' };
  it.each<[unknown, boolean]>([
    ['4000', true],
    ['c0ff', true],
    ['0000', false],
    ['3fff', false],
    // Of another length, nobody knows which bit is which.
    ['40', false],
    ['400000', false],
    ['not hex', false],
    [0x4000, false],
    [undefined, false],
  ])('4000 in %j: %s', (domain, wanted) => {
    expect(holds(travel, { domain })).toBe(wanted);
  });

  it('all of them', () => {
    expect(holds({ at: '/d', bits: '4001' }, { d: '4001' })).toBe(true);
    expect(holds({ at: '/d', bits: '4001' }, { d: '4000' })).toBe(false);
  });
});

describe('lacks', () => {
  const code: When = { at: '/level', lacks: '/pass' };
  it.each<[unknown, boolean]>([
    [{ level: 1 }, true],
    [{ level: 1, pass: {} }, false],
    [{ level: 1, pass: 0 }, false],
    // As good as absent, on both sides of the condition.
    [{ level: 1, pass: null }, true],
    [{ level: 1, pass: [] }, true],
    [{ pass: {} }, false],
    [{}, false],
  ])('%j: %s', (payload, wanted) => {
    expect(holds(code, payload)).toBe(wanted);
  });

  it('keeps the two documents of one format apart, by what their issuer signed', () => {
    const types = samples
      .filter(({ format, expect: { outcome } }) => format === 'ah-pass/1' && outcome === 'accept')
      .map(({ wire }) => verdictOf(wire, { standpoint: standpointOf('310000') }).document!.docType.code);
    expect(new Set(types)).toEqual(new Set(['freight-pass', 'health-code']));
  });
});

it('one document under two types at once is neither', () => {
  // A Zhejiang code that states a colour and a service: a service code must not carry a colour along.
  const format = formatOf(federation, 'zj-code/1');
  const payload = { jti: 'ZJ-0000000000000000', code_color: 'green', service: 'x' };
  const converted = format.convert({ format, payload, claims: {} } as never, '330000');
  expect(converted.findings.map(({ code }) => code)).toEqual(['TYPE_NOT_DETERMINED']);
});
