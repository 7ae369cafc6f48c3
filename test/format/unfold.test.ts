import { describe, expect, it } from 'vitest';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import type { Value } from '../../src/codec/value.ts';
import { Broken } from '../../src/document/broken.ts';
import { compileUnfold } from '../../src/format/unfold.ts';
import { codesOf, ownKey, testBed, verdictOf } from '../support/federation.ts';
import { signPayload } from '../support/payload.ts';

const unfolded = (text: unknown, limits = CODE_LIMITS): { value: unknown; repairs: string[] } => {
  const payload = { a: text } as unknown as Value;
  const repairs: string[] = [];
  compileUnfold(['/a']).read(payload, limits, (repair) => repairs.push(repair));
  return { value: JSON.parse(JSON.stringify((payload as unknown as { a: unknown }).a)), repairs };
};

describe('a member that holds JSON as text', () => {
  it('is read into, and written as text again', () => {
    const payload = { a: '[{"name":"类型","value":"x"}]' } as unknown as Value;
    const unfold = compileUnfold(['/a']);
    unfold.read(payload, CODE_LIMITS, () => {});
    expect(JSON.parse(JSON.stringify(payload))).toEqual({ a: [{ name: '类型', value: 'x' }] });
    unfold.write(payload);
    expect(payload).toEqual({ a: '[{"name":"类型","value":"x"}]' });
  });

  it('that is not there is not there', () => {
    const payload = { b: '1' } as unknown as Value;
    const unfold = compileUnfold(['/a']);
    unfold.read(payload, CODE_LIMITS, () => {});
    unfold.write(payload);
    expect(payload).toEqual({ b: '1' });
  });

  it('inside another is a fault of the declaration', () => {
    expect(() => compileUnfold(['/a', '/a/b'])).toThrow('/unfold');
  });
});

/** As 苏服码 answers write their data_fields: an object printed with single quotes. */
describe('a text with single quotes', () => {
  it.each<[string, string, unknown]>([
    ['an object', "{'ZZMC':'证照','CYRSFZJLX':'10'}", { ZZMC: '证照', CYRSFZJLX: '10' }],
    ['a list', "[{'name': '类型', 'value': 'x'}]", [{ name: '类型', value: 'x' }]],
    ['a double quote inside', `{'a':'say "x"'}`, { a: 'say "x"' }],
    ['a single quote inside double ones', `{'a':"O'Neil"}`, { a: "O'Neil" }],
    ['an escaped quote', String.raw`{'a':'O\'Neil'}`, { a: "O'Neil" }],
    ['other escapes', String.raw`{'a':'\u4e2d\n\\'}`, { a: '中\n\\' }],
  ])('%s is read, and the repair told', (_name, text, wanted) => {
    expect(unfolded(text)).toEqual({ value: wanted, repairs: ['a text of JSON with single quotes was read'] });
  });

  it.each<[string, string]>([
    ['a quote that nothing escapes', "{'a':'O'Neil'}"],
    ['a name twice', "{'a':'1','a':'2'}"],
    ['an end that is missing', "{'a':'1"],
    ['an escape at the end', "{'a':'1\\"],
    ['more behind it', "{'a':'1'}{'b':'2'}"],
    ['values that are no JSON', "{'a':None}"],
  ])('%s is refused, never guessed at', (_name, text) => {
    expect(() => unfolded(text)).toThrow(Broken);
  });

  it('is refused where it is no text, too deep or too long', () => {
    for (const value of [{ b: 1 }, [1], 5]) expect(() => unfolded(value)).toThrow('no text at /a');
    expect(() => unfolded('['.repeat(50) + ']'.repeat(50))).toThrow(Broken);
    expect(() => unfolded(`"${'x'.repeat(50)}"`, { ...CODE_LIMITS, input: 20 })).toThrow(Broken);
  });
});

it('a format reads into it, says the repair in the verdict, and reports what in it was not read', () => {
  const key = ownKey();
  const map = [
    { to: '/docId', from: '/id' },
    { to: '/validity/until', from: '/exp', as: 'epoch-seconds' },
    { to: '/vehicle/plateNo', from: '/fields/plate' },
  ];
  const absent = ['/holder', '/status', '/route', '/crew', '/goods', '/commitments', '/faceFields', '/usage'];
  const bed = testBed({ format: { map, unfold: ['/fields'], absent: [...absent, '/presentation'] } }, key);
  const payload = { id: 'X-1', exp: 1_800_000_000, fields: "{'plate':'沪A12345','more':'y'}" };
  const wire = signPayload(payload, key.signer);
  const verdict = verdictOf(wire, { standpoint: bed.standpoint });
  expect([verdict.outcome, verdict.document?.vehicle?.plateNo]).toEqual(['accept', '沪A12345']);
  expect(codesOf(verdict)).toContain('REPAIRED');
});
