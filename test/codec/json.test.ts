import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, parseJson, writeJson } from '../../src/codec/json.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import type { Value } from '../../src/codec/value.ts';
import { Broken } from '../../src/document/broken.ts';
import { broken, malformed } from '../support/broken.ts';
import { inherited } from './inherited.ts';

const parse = (text: string) => parseJson(text, CODE_LIMITS);

describe('what RFC 8259 allows', () => {
  it.each<[string, Value]>([
    ['null', null],
    [' \t\r\ntrue \t\r\n', true],
    ['false', false],
    ['0', 0],
    ['-0', -0],
    ['-12', -12],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['0.5', 0.5],
    ['-0.5e-1', -0.05],
    ['1E+2', 100],
    ['1e2', 100],
    ['1e-400', 0],
    ['123456789012345678901.5', 123456789012345680000],
    ['""', ''],
    ['"a"', 'a'],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u4e2D"', '"\\/\b\f\n\r\tA中'],
    ['"\\ud834\\udd1e"', '𝄞'],
    ['"\\u0000"', '\0'],
    ['"𝄞\u007f\u2028"', '𝄞\u007f\u2028'],
    ['"a\\nb\\tc"', 'a\nb\tc'],
    ['[]', []],
    ['[ ]', []],
    ['[1,[2],"3"]', [1, [2], '3']],
    ['{}', {}],
    ['{ "a" : { "b" : [ null ] } , "" : 1 }', { a: { b: [null] }, '': 1 }],
  ])('%j', (text, value) => {
    expect(parse(text)).toEqual(value);
    expect(JSON.parse(text)).toEqual(value);
  });

  it('reads the image example of RFC 8259 §13', () => {
    const text = `{ "Image": { "Width": 800, "Height": 600, "Title": "View from 15th Floor",
      "Thumbnail": { "Url": "http://www.example.com/image/481989943", "Height": 125, "Width": 100 },
      "Animated" : false, "IDs": [116, 943, 234, 38793] } }`;
    expect(parse(text)).toEqual(JSON.parse(text));
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing', ''],
    ['white space alone', '  '],
    ['two values', '1 2'],
    ['a bracket after the value', '{}}'],
    ['a text after the value', '"a"b'],
    ['a byte order mark', '\ufeff1'],
    ['a no-break space', '\u00a01'],
    ['a vertical tab', '\v1'],
    ['a comment', '/**/1'],
    ['single quotes', "'a'"],
    ['a name without quotes', '{a:1}'],
    ['a number as a name', '{1:1}'],
    ['a comma at the end of an array', '[1,]'],
    ['a comma at the start of an array', '[,1]'],
    ['two commas', '[1,,2]'],
    ['no comma', '[1 2]'],
    ['a comma at the end of an object', '{"a":1,}'],
    ['no colon', '{"a" 1}'],
    ['no value', '{"a":}'],
    ['the wrong bracket for an array', '[1}'],
    ['the wrong bracket for an object', '{"a":1]'],
    ['an array without end', '[1'],
    ['an object without end', '{"a":1'],
    ['an object that ends after a name', '{"a"'],
    ['an object that ends after a colon', '{"a":'],
    ['a bracket alone', '['],
    ['a brace alone', '{'],
    ['a string without end', '"a'],
    ['a string that ends with a backslash', '"\\'],
    ['a string that ends in an escape', '"\\u00'],
    ['a line break in a string', '"a\nb"'],
    ['a zero character in a string', '"\0"'],
    ['a control character after an escape', '"\\n\u0001"'],
    ['an escape that does not exist', '"\\x41"'],
    ['an escaped capital U', '"\\U0041"'],
    ['three hexadecimal digits', '"\\u041"'],
    ['a sign among hexadecimal digits', '"\\u+041"'],
    ['a leading zero', '01'],
    ['a leading zero after a sign', '-01'],
    ['a plus sign', '+1'],
    ['a sign alone', '-'],
    ['a sign and a letter', '-a'],
    ['no digits before the point', '.5'],
    ['no digits after the point', '1.'],
    ['no digits in the exponent', '1e'],
    ['no digits after the sign of the exponent', '1e+'],
    ['a hexadecimal number', '0x1'],
    ['NaN', 'NaN'],
    ['infinity', 'Infinity'],
    ['True', 'True'],
    ['a truncated literal', 'tru'],
    ['a longer literal', 'nullx'],
    ['undefined', 'undefined'],
  ])('%s: %j', (_name, text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(() => parse(text)).toThrow(malformed);
  });

  it.each([
    ['a name twice', '{"a":1,"a":2}', 'one reader takes the first, another the last'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}', 'a filter on the text would not see it'],
    ['a name twice whose value is null', '{"a":null,"a":null}', 'null is a value'],
    ['an array index twice', '{"0":1,"0":2}', 'such names are stored elsewhere in an object'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'it is a name like any other'],
    ['an empty name twice', '{"":1,"":1}', 'the same'],
    ['2^53', '9007199254740992', '2^53 + 1 would become the same number'],
    ['-2^53', '-9007199254740992', 'the same'],
    ['an integer of 400 digits', '1'.repeat(400), 'it would become infinity'],
    ['a number beyond the largest', '1e400', 'it would become infinity'],
    ['a number below the smallest', '-1.5e400', 'it would become infinity'],
    ['a raw high surrogate', '"\ud800"', 'it has no UTF-8 form, so the signed bytes said something else'],
    ['a raw low surrogate in a name', '{"\udc00":1}', 'the same'],
    ['an escaped high surrogate', '"\\ud800"', 'writers disagree on what it becomes'],
    ['an escaped high surrogate at the end of more', '"a\\n\\ud800b"', 'the same'],
    ['an escaped low surrogate first', '"\\udc00\\ud800"', 'the same'],
    ['half a character escaped, half raw', '"\\ud834\udd1e"', 'the raw half has no UTF-8 form'],
  ])('%s, because %s', (_name, text, _because) => {
    expect(() => parse(text)).toThrow(malformed);
  });
});

describe('limits', () => {
  it('count nested arrays and objects', () => {
    const limits = { depth: 3, items: 100 };
    expect(parseJson('[{"a":[1]}]', limits)).toEqual([{ a: [1] }]);
    expect(() => parseJson('[{"a":[[1]]}]', limits)).toThrow(broken('LIMIT_EXCEEDED'));
    expect(() => parseJson('[{"a":{"b":{}}}]', limits)).toThrow(broken('LIMIT_EXCEEDED'));
    expect(() => parseJson('[]', { depth: 0, items: 1 })).toThrow(broken('LIMIT_EXCEEDED'));
    expect(parseJson('1', { depth: 0, items: 1 })).toBe(1);
  });

  it('count every element, entry and scalar', () => {
    expect(parseJson('[1,{"a":2}]', { depth: 9, items: 4 })).toEqual([1, { a: 2 }]);
    expect(() => parseJson('[1,{"a":2}]', { depth: 9, items: 3 })).toThrow(broken('LIMIT_EXCEEDED'));
    expect(() => parseJson('1', { depth: 9, items: 0 })).toThrow(broken('LIMIT_EXCEEDED'));
  });

  it('hold the stack even if the limit does not', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(() => parseJson(deep, { depth: 1e9, items: 1e9 })).toThrow(broken('LIMIT_EXCEEDED'));
  });
});

describe('objects', () => {
  it('inherit nothing, and names are only names', () => {
    const object = parse('{"__proto__":{"admin":true},"constructor":1,"toString":2,"hasOwnProperty":3}');
    expect(inherited(object)).toEqual([]);
    expect(Object.keys(object as object)).toEqual(['__proto__', 'constructor', 'toString', 'hasOwnProperty']);
    expect((object as Record<string, Value>)['admin']).toBeUndefined();
    expect(({} as Record<string, Value>)['admin']).toBeUndefined();
  });
});

/** Anything JSON.stringify may write, except integers that `parseJson` refuses. */
const json = fc
  .jsonValue()
  .map((value) =>
    JSON.parse(JSON.stringify(value), (_name, part) =>
      typeof part === 'number' && Number.isInteger(part) && !Number.isSafeInteger(part) ? 0.5 : part,
    ),
  );

describe('the same data as the engine’s parser', () => {
  it('for whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseJson(text, { depth: 100, items: 1e6 })).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('or none, for texts made of the signs of JSON', () => {
    const sign = fc.constantFrom(
      ...'[]{}:,"\\u0019-+.eE \nntrfalsx',
      '"a"',
      '\\ud83d',
      '\\ude00',
      'true',
      'null',
      '12',
    );
    fc.assert(
      fc.property(fc.string({ unit: sign, maxLength: 12 }), (text) => {
        let value: Value;
        try {
          value = parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Broken);
          return;
        }
        expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('writeJson', () => {
  it('is compact and keeps the order', () => {
    const value = { b: [1, 'ä"\n', null, true, -0], a: {}, c: [] };
    expect(writeJson(value)).toBe('{"b":[1,"ä\\"\\n",null,true,0],"a":{},"c":[]}');
  });

  it('is what the engine writes, and read back to the same data', () => {
    fc.assert(
      fc.property(json, (data) => {
        const value = parseJson(JSON.stringify(data), { depth: 100, items: 1e6 });
        expect(writeJson(value)).toBe(JSON.stringify(JSON.parse(JSON.stringify(data))));
        expect(parseJson(writeJson(value), { depth: 100, items: 1e6 })).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  it('is read back even for large numbers', () => {
    for (const n of [2 ** 53, -(2 ** 60), 1e20, 123456789012345680000, 1e21, 5e-324, Number.MAX_VALUE]) {
      expect(parse(writeJson(n))).toBe(n);
    }
  });

  const circle: Value[] = [];
  circle.push(circle);
  it.each<[string, Value, string]>([
    ['bytes', Uint8Array.of(1), 'MALFORMED'],
    ['bytes inside', { a: [Uint8Array.of(1)] }, 'MALFORMED'],
    ['a bigint', 1n, 'MALFORMED'],
    ['NaN', Number.NaN, 'MALFORMED'],
    ['infinity', Number.NEGATIVE_INFINITY, 'MALFORMED'],
    ['a lone surrogate', '\ud800', 'MALFORMED'],
    ['a lone surrogate in a name', { '\udc00': 1 }, 'MALFORMED'],
    ['what has no end', circle, 'LIMIT_EXCEEDED'],
  ])('refuses %s', (_name, value, code) => {
    expect(() => writeJson(value)).toThrow(broken(code));
    expect(() => canonicalJson(value)).toThrow(broken(code));
  });
});

describe('canonicalJson', () => {
  it('gives the example of RFC 8785 §3.2.2 and §3.2.3', () => {
    const text = `{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(parse(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts names by UTF-16 code units, as in RFC 8785 §3.2.3', () => {
    const text = `{ "\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One", "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control",
      "\\u00f6": "Latin Small Letter O With Diaeresis" }`;
    const names = [...canonicalJson(parse(text)).matchAll(/:"([^"]*)"/g)].map(([, name]) => name);
    expect(names).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['41b3de4355555553', '333333333.3333332'],
  ])('writes the number %s of RFC 8785 appendix B as %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  it('sorts at every level, numbers among names too', () => {
    expect(canonicalJson({ b: { z: 1, a: [{ y: 1, x: 2 }] }, '10': 1, '9': 2 })).toBe(
      '{"10":1,"9":2,"b":{"a":[{"x":2,"y":1}],"z":1}}',
    );
  });
});
