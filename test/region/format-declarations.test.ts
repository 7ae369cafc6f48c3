import { describe, expect, it } from 'vitest';
import type { FormatDeclaration } from '../../src/document/generated/types.ts';
import { testFormat } from '../support/federation.ts';
import { base, FORMAT, faultOf, pack, without } from '../support/packs.ts';

it('the pack that the cases below spoil has no fault', () => {
  expect(pack({}).rejected).toEqual([]);
});

describe('a format declaration', () => {
  const format = (change: Record<string, unknown>): Record<string, unknown> => ({
    [FORMAT]: { ...testFormat(), ...change },
  });
  const row = (...rows: unknown[]): Record<string, unknown> => format({ map: [...testFormat().map, ...rows] });
  const map = testFormat().map.length;

  it.each<[string, Record<string, unknown>, string]>([
    [
      'without a format id',
      { [FORMAT]: without(testFormat(), 'format') },
      `${FORMAT}#: must have required property 'format'`,
    ],
    ['with an id that is none', format({ format: 'Test Pass' }), `${FORMAT}#/format: must match pattern`],
    [
      'with a word nobody knows',
      format({ script: 'x' }),
      `${FORMAT}#: must NOT have additional properties {"additionalProperty":"script"}`,
    ],
    [
      'that nothing recognises',
      format({ recognise: {} }),
      `${FORMAT}#/recognise: must NOT have fewer than 1 properties`,
    ],
    [
      'with a regular expression',
      format({ recognise: { pattern: '(a+)+$' } }),
      `${FORMAT}#/recognise: must NOT have additional properties`,
    ],
    [
      'with a prefix of one sign',
      format({ recognise: { prefix: 'X' } }),
      `${FORMAT}#/recognise/prefix: must NOT have fewer than 2`,
    ],
    [
      'recognised by its end alone',
      format({ recognise: { suffix: '#' } }),
      `${FORMAT}#/recognise/suffix: an end alone`,
    ],
    ['that claims every JWS', format({ recognise: { jws: {} } }), `${FORMAT}#/recognise/jws: every JWS`],
    [
      'with a transport step that is not there',
      format({ transport: ['base45', 'rot13'] }),
      `${FORMAT}#/transport/1: no "rot13"`,
    ],
    [
      'with a transport step that every object has',
      format({ transport: ['constructor'] }),
      `${FORMAT}#/transport/0: no "constructor"`,
    ],
    [
      'with an envelope that is not there',
      format({ envelope: { type: 'none', algorithms: ['ES256'] } }),
      `${FORMAT}#/envelope/type: no "none"`,
    ],
    [
      'with the algorithm none',
      format({ envelope: { type: 'jws', algorithms: ['none'] } }),
      `${FORMAT}#/envelope/algorithms/0: must be equal to one of the allowed values`,
    ],
    [
      'without an algorithm',
      format({ envelope: { type: 'jws', algorithms: [] } }),
      `${FORMAT}#/envelope/algorithms: must NOT have fewer than 1`,
    ],
    ['with a payload that is not there', format({ payload: '__proto__' }), `${FORMAT}#/payload: no "__proto__"`],
    ['with limits beyond all bounds', format({ limits: { inflated: 1e12 } }), `${FORMAT}#/limits/inflated: must be <=`],
    [
      'of a type that is in no catalogue',
      format({ documentType: 'credit-score' }),
      `${FORMAT}#/documentType: the catalogue has no document type "credit-score"`,
    ],
    [
      'of one type and of cases',
      format({ cases: [{ documentType: 'vehicle-pass', when: { at: '/x' }, map: [] }] }),
      `${FORMAT}#/cases: a format has either`,
    ],
    ['of neither', { [FORMAT]: without(testFormat(), 'documentType') }, `${FORMAT}#/cases: a format has either`],
    [
      'that leaves a section unstated',
      format({ absent: testFormat().absent!.slice(1) }),
      `${FORMAT}#/map: neither mapped nor named in "absent": /status`,
    ],
    [
      'that maps the issuing region',
      row({ to: '/issuer/region', from: '/iss' }),
      `${FORMAT}#/map/${map}/to: the issuing region is that of the key`,
    ],
    [
      'that maps into the prototype',
      row({ to: '/holder/__proto__/x', from: '/a' }),
      `${FORMAT}#/map/${map}/to: /holder/__proto__/x is no place`,
    ],
    ['that fills a field twice', row({ to: '/docId', from: '/a' }), `${FORMAT}#/map/${map}/to: two rows fill /docId`],
    [
      'with a conversion that is not there',
      row({ to: '/version', from: '/v', as: 'eval' }),
      `${FORMAT}#/map/${map}/as: no conversion "eval"`,
    ],
    [
      'with a code list of another region',
      row({ to: '/version', from: '/v', as: { codes: 'zj-health-colour' } }),
      `${FORMAT}#/map/${map}/as: no code list "zj-health-colour"`,
    ],
    [
      'with a source and a constant',
      row({ to: '/version', from: '/v', value: '1' }),
      `${FORMAT}#/map/${map}: must match exactly one schema in oneOf`,
    ],
    [
      'with a pointer that is none',
      row({ to: '/version', from: 'v' }),
      `${FORMAT}#/map/${map}/from: must match pattern`,
    ],
    [
      'with a sunset on a day that does not exist',
      format({ sunset: '2026-02-30' }),
      `${FORMAT}#/sunset: a date that does not exist`,
    ],
  ])('%s', (_name, changes, fault) => {
    expect(faultOf(changes).slice(0, fault.length)).toBe(fault);
  });

  it('in a case is named by its case', () => {
    const cases: FormatDeclaration['cases'] = [
      { documentType: 'vehicle-pass', when: { at: '/a' }, map: [] },
      { documentType: 'freight-pass', when: { at: '/b' }, map: [{ to: '/docId', from: '/x' }] },
    ];
    const declared = { ...without(testFormat(), 'documentType'), cases };
    expect(faultOf({ [FORMAT]: declared })).toBe(`${FORMAT}#/cases/1/map/0/to: two rows fill /docId`);
  });

  it('with the id of another of its region: the second is refused, for both would claim each document', () => {
    const second = `${base}formats/tost.json`;
    expect(faultOf({ [second]: testFormat() })).toBe(`${second}#/format: another file declares test-pass/1 already`);
  });
});
