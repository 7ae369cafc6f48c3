import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/codec/json.ts';
import { olpcJson } from '../../src/codec/olpc-json.ts';
import type { Value } from '../../src/codec/value.ts';

const of = (text: string): string => olpcJson(parseJson(text, { depth: 16, items: 100 }));

describe('canonical JSON of the OLPC project', () => {
  it.each([
    ['{"b":1, "a": [true, false, null], "c": {}}', '{"a":[true,false,null],"b":1,"c":{}}'],
    ['"a\\u0022b\\\\c"', '"a\\"b\\\\c"'],
    // Not JSON any more: a newline stays a newline, and so do other control characters.
    ['"a\\nb\\u0007"', '"a\nb\u0007"'],
    ['"沪\\u00e9"', '"沪é"'],
    ['[-1, 0, 9007199254740991]', '[-1,0,9007199254740991]'],
    ['{"10":1,"9":2,"a":3,"A":4}', '{"10":1,"9":2,"A":4,"a":3}'],
    // By code point: U+1F600 comes after U+FB00, though its first UTF-16 unit does not.
    ['{"\\ud83d\\ude00":1,"\\ufb00":2}', '{"\ufb00":2,"\u{1f600}":1}'],
    ['{"aa":1,"a":2}', '{"a":2,"aa":1}'],
  ])('%s', (text, expected) => {
    expect(of(text)).toBe(expected);
  });

  it.each([1.5, Number.NaN, 2 ** 53, 1n, new Uint8Array(1), '\ud800', { '\ud800': 1 }])(
    'has no word for %s',
    (value) => {
      expect(() => olpcJson(value as Value)).toThrow(expect.objectContaining({ name: 'Broken' }));
    },
  );

  it('goes no deeper than it can', () => {
    let value: Value = 1;
    for (let i = 0; i < 600; i++) value = [value];
    expect(() => olpcJson(value)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });
});
