import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLogic, LogicError, validateLogic } from '../../src/judge/certlogic.ts';
import { at, faultOf, run, time } from './certlogic.make.ts';

describe('literals and lists', () => {
  it.each([true, false, 0, 42, -1, '', 'foo'])('%j is itself', (literal) => {
    expect(run(literal)).toBe(literal);
  });

  it('evaluates every item of a list', () => {
    expect(run([1, 'a', at('x'), [at('y')]], { x: 2 })).toEqual([1, 'a', 2, [null]]);
  });
});

describe('var', () => {
  it.each([
    ['', { a: 1 }, { a: 1 }],
    ['a', { a: 1 }, 1],
    ['a.b.1', { a: { b: ['x', 'y'] } }, 'y'],
    ['0', ['x'], 'x'],
    ['-260', { '-260': 1 }, 1],
    ['4', { '4': 'a CBOR key' }, 'a CBOR key'],
    ['a', null, null],
    ['a.b', { a: null }, null],
    ['a.5', { a: [1] }, null],
    ['a', { a: undefined }, null],
  ])('%j of %j', (path, data, value) => {
    expect(run(at(path), data)).toEqual(value);
  });

  it.each([
    ['__proto__', {}],
    ['__proto__.toString', {}],
    ['constructor', {}],
    ['constructor.constructor', {}],
    ['a.__proto__.length', { a: [] }],
    ['a.length', { a: [1, 2] }],
    ['a.map', { a: [1] }],
    ['a.length', { a: 'text' }],
    ['a.0', { a: 'text' }],
    ['a.0', { a: new Uint8Array([7]) }],
  ])('%j reaches nothing that is not data', (path, data) => {
    expect(run(at(path), data)).toBeNull();
  });

  it('takes a member called __proto__ for what it is: a member', () => {
    expect(run(at('__proto__.x'), JSON.parse('{"__proto__":{"x":1}}'))).toBe(1);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('truthy, falsy, and neither', () => {
  const guard = { if: [at(''), 'then', 'else'] };
  it.each([[true], ['a'], [1], [-1], [[0]], [{ a: null }]])('%j is truthy', (value) => {
    expect(run(guard, value)).toBe('then');
    expect(run({ '!': [at('')] }, value)).toBe(false);
  });
  it.each([[false], [null], [''], [0], [[]], [{}], [Object.create(null)]])('%j is falsy', (value) => {
    expect(run(guard, value)).toBe('else');
    expect(run({ '!': [at('')] }, value)).toBe(true);
  });

  it.each([
    ['a fraction', at(''), 1.5],
    ['a bigint', at(''), 2n ** 60n],
    ['bytes', at(''), new Uint8Array(1)],
    ['a date-time', time('2022-01-01'), null],
  ])('%s is neither, so nobody can tell', (_, operand, data) => {
    for (const expression of [{ '!': [operand] }, { and: [operand, true] }, { and: [true, operand] }])
      expect(faultOf(expression, data)).toBe('type');
    expect(faultOf({ if: [operand, false, true] }, data), 'an odd value must not pass by "else true"').toBe('type');
  });
});

describe('if, and, !', () => {
  it('evaluates only the branch that is taken', () => {
    const broken = { '+': ['a', 1] };
    expect(run({ if: [true, 1, broken] })).toBe(1);
    expect(run({ if: [false, broken, 2] })).toBe(2);
  });

  it('and gives the first falsy operand, or the last, and looks no further', () => {
    expect(run({ and: [1, 'a', true] })).toBe(true);
    expect(run({ and: [1, '', { '+': ['a', 1] }] })).toBe('');
    expect(run({ and: [true, { '===': [1, 2] }, true] })).toBe(false);
  });
});

describe('===, in, +', () => {
  it.each([
    [1, 1, true],
    [1, '1', false],
    [0, false, false],
    [null, null, true],
    [null, 0, false],
    ['a', ['a'], false],
  ])('%j === %j', (one, other, value) => {
    expect(run({ '===': [at('0'), at('1')] }, [one, other])).toBe(value);
  });

  it('does not compare what compares differently on every platform', () => {
    expect(faultOf({ '===': [at('0'), at('1')] }, [[1], [1]])).toBe('type');
    expect(faultOf({ '===': [at('0'), at('0')] }, [{ a: 1 }])).toBe('type');
    expect(faultOf({ '===': [time('2022-01-01'), time('2022-01-01')] })).toBe('type');
  });

  it('in looks in a list written in the rule and in one from the data alike', () => {
    for (const list of [['a', 'b', 1], at('list')]) {
      expect(run({ in: ['b', list] }, { list: ['a', 'b', 1] })).toBe(true);
      expect(run({ in: [1, list] }, { list: ['a', 'b', 1] })).toBe(true);
      expect(run({ in: ['1', list] }, { list: ['a', 'b', 1] })).toBe(false);
      expect(run({ in: [at('no'), list] }, { list: ['a', 'b', 1] })).toBe(false);
    }
    expect(run({ in: ['b', ['a', at('x')]] }, { x: 'b' })).toBe(true);
    expect(run({ in: ['b', []] })).toBe(false);
  });

  it.each([[null], ['text'], [{ b: 1 }], [5]])('in %j is an error: it is no list', (list) => {
    expect(faultOf({ in: ['b', at('')] }, list)).toBe('type');
  });

  it('+ adds integers and nothing else', () => {
    expect(run({ '+': [40, 2] })).toBe(42);
    for (const other of ['a', null, 1.5, true, 5n, [1]]) expect(faultOf({ '+': [1, at('')] }, other)).toBe('type');
    expect(faultOf({ '+': [Number.MAX_SAFE_INTEGER, 1] }), 'no integer any more').toBe('type');
  });
});

describe('comparisons', () => {
  it.each([
    ['<', [1, 2], true],
    ['<', [2, 2], false],
    ['<=', [2, 2], true],
    ['>', [3, 2], true],
    ['>=', [1, 2], false],
    ['<', [1, 2, 3], true],
    ['<', [1, 3, 2], false],
    ['>=', [3, 3, 3], true],
    ['>', [3, 2, 2], false],
  ])('%s of %j', (operator, operands, value) => {
    expect(run({ [operator]: operands })).toBe(value);
  });

  it.each([
    ['after', 1, true],
    ['after', 0, false],
    ['before', -1, true],
    ['before', 0, false],
    ['not-after', 0, true],
    ['not-after', 1, false],
    ['not-before', 0, true],
    ['not-before', -1, false],
  ])('%s, %i days later', (operator, days, value) => {
    expect(run({ [operator]: [time('2022-03-01', days), time('2022-03-01')] })).toBe(value);
  });

  it('not-before with three operands', () => {
    const window = (day: string) => ({ 'not-before': [time('2022-02-01'), time(day), time('2022-01-01')] });
    expect(run(window('2022-01-15'))).toBe(true);
    expect(run(window('2022-02-02'))).toBe(false);
  });

  it('never mixes kinds, whatever the other operands say', () => {
    expect(faultOf({ '>': [1, at('x')] })).toBe('type');
    expect(faultOf({ '>': [1, 2, at('x')] }), 'already false, and still an error').toBe('type');
    expect(faultOf({ '>': ['b', 'a'] })).toBe('type');
    expect(faultOf({ '<': [at('x'), 2] }, { x: 1.5 })).toBe('type');
    expect(faultOf({ after: [time('2022-01-01'), '2021-01-01'] })).toBe('type');
    expect(faultOf({ '<': [time('2022-01-01'), time('2023-01-01')] })).toBe('type');
  });
});

const iso = (expression: unknown, data?: unknown): string => (run(expression, data) as Date).toISOString();

describe('plusTime', () => {
  it.each([
    ['2020', '2020-12-31T00:00:00.000Z'],
    ['2020-02', '2020-02-29T00:00:00.000Z'],
    ['2021-02', '2021-02-28T00:00:00.000Z'],
    ['1900-02', '1900-02-28T00:00:00.000Z'],
    ['2020-12', '2020-12-31T00:00:00.000Z'],
    ['0050-03-01', '0050-03-01T00:00:00.000Z'],
    ['2022-03-04', '2022-03-04T00:00:00.000Z'],
    ['2022-03-04T05:06:07', '2022-03-04T05:06:07.000Z'],
    ['2022-03-04T05:06:07Z', '2022-03-04T05:06:07.000Z'],
    ['2022-03-04T05:06:07+8', '2022-03-03T21:06:07.000Z'],
    ['2022-03-04T05:06:07+08', '2022-03-03T21:06:07.000Z'],
    ['2022-03-04T05:06:07-130', '2022-03-04T06:36:07.000Z'],
    ['2022-03-04T05:06:07+0530', '2022-03-03T23:36:07.000Z'],
    ['2022-03-04T05:06:07+5:30', '2022-03-03T23:36:07.000Z'],
    ['2022-03-04T05:06:07-05:30', '2022-03-04T10:36:07.000Z'],
    ['2022-03-04T05:06:07.8', '2022-03-04T05:06:07.800Z'],
    ['2022-03-04T05:06:07.1239999999999Z', '2022-03-04T05:06:07.123Z'],
    ['2022-03-04T05:06:07.01+8', '2022-03-03T21:06:07.010Z'],
    ['2022-03-04T05:06:07.5+0800', '2022-03-03T21:06:07.500Z'],
  ])('reads %s', (text, value) => {
    expect(iso(time(text))).toBe(value);
  });

  it.each([
    ['2020-02-29', 1, 'day', '2020-03-01'],
    ['2020-02-29', 1, 'month', '2020-03-29'],
    ['2020-02-29', 1, 'year', '2021-03-01'],
    ['2022-01-31', 1, 'month', '2022-03-03'],
    ['2022-01-01', -1, 'day', '2021-12-31'],
    ['2022-01-01', 48, 'hour', '2022-01-03'],
    ['2022-01-01', -18, 'year', '2004-01-01'],
  ])('%s and %i %s', (text, amount, unit, value) => {
    expect(iso(time(text, amount, unit))).toBe(`${value}T00:00:00.000Z`);
  });

  it.each([
    '2021-09-99',
    '2022-13',
    '2021-02-29',
    '2022-00-01',
    '2022-1-1',
    '22-01-01',
    '2022-03-04T24:00:00Z',
    '2022-03-04T05:60:00Z',
    '2022-03-04T05:06:60Z',
    '2022-03-04T05:06',
    '2022-03-04 05:06:07',
    '2022-03-04t05:06:07z',
    '2022-03-04T05:06:07.Z',
    '2022-03-04T05:06:07+',
    '2022-03-04T05:06:07+:30',
    '2022-03-04T05:06:07+08:3',
    '2022-03-04T05:06:07+08:60',
    '2022-03-04T05:06:07+24:00',
    '2022-03-04T05:06:07+123456',
    '2022-03-04T05:06:07Z ',
    '20220304T050607Z',
    '+2022-03-04',
    '２０２２-03-04',
    '',
  ])('does not guess at %j', (text) => {
    expect(faultOf(time(at('')), text)).toBe('type');
  });

  it('takes only texts: no date-time, no number, no null', () => {
    expect(faultOf(time(time('2022-01-01')))).toBe('type');
    for (const value of [null, 2022, ['2022']]) expect(faultOf(time(at('')), value)).toBe('type');
  });

  it('does not leave the calendar', () => {
    expect(faultOf(time('2022-01-01', 9_000_000, 'year'))).toBe('type');
    expect(faultOf(time('2022-01-01', Number.MAX_SAFE_INTEGER, 'hour'))).toBe('type');
  });

  it('agrees with ECMAScript on every RFC 3339 date-time', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(iso(time(date.toISOString()))).toBe(date.toISOString());
        },
      ),
    );
  });
});

describe('dccDateOfBirth', () => {
  it.each([
    ['2004', '2004-12-31'],
    ['2004-02', '2004-02-29'],
    ['2004-02-03', '2004-02-03'],
  ])('%s is a birthday no later than %s', (text, value) => {
    expect(iso({ dccDateOfBirth: [text] })).toBe(`${value}T00:00:00.000Z`);
  });
  it.each([['2004-02-30'], ['2004-02-03T00:00:00Z'], [''], [null], [2004]])('%j is none', (value) => {
    expect(faultOf({ dccDateOfBirth: [at('')] }, value)).toBe('type');
  });
});

describe('reduce', () => {
  const sum = { '+': [at('accumulator'), at('current')] };
  it('folds from the left', () => {
    expect(run({ reduce: [[1, 2, 3], sum, 10] })).toBe(16);
    expect(run({ reduce: [[1, 2], [at('accumulator'), at('current')], 0] })).toEqual([[0, 1], 2]);
  });
  it('gives the initial value for an empty list and for null', () => {
    expect(run({ reduce: [[], sum, at('x')] }, { x: 7 })).toBe(7);
    expect(run({ reduce: [at('nothing'), sum, 7] })).toBe(7);
  });
  it('shows the lambda nothing of the data around it', () => {
    expect(run({ reduce: [[1], [at('x'), at('data'), at('payload')], 0] }, { x: 1, payload: 2 })).toEqual([
      null,
      null,
      null,
    ]);
  });
  it.each([['text'], [{ a: 1 }], [3]])('%j is no list', (value) => {
    expect(faultOf({ reduce: [at(''), sum, 0] }, value)).toBe('type');
  });
});

describe('extractFromUVCI', () => {
  it.each([
    ['a::c/#/f', 1, ''],
    ['a::c/#/f', 5, 'f'],
    ['a::c/#/f', 6, null],
    ['URN:UVCI:01DE/X', 0, '01DE'],
    ['URN:UVCI', 0, null],
    ['URN:UVCI:', 0, ''],
    ['URN:UVCIX:a', 0, 'URN'],
    ['URN', 0, 'URN'],
    ['', 0, ''],
    ['x', -1, null],
  ])('%j at %i', (text, index, value) => {
    expect(run({ extractFromUVCI: [at(''), index] }, text)).toBe(value);
  });
  it('is null for null and an error for anything but a text', () => {
    expect(run({ extractFromUVCI: [at('x'), 0] })).toBeNull();
    expect(faultOf({ extractFromUVCI: [at(''), 0] }, 5)).toBe('type');
  });
});

describe('validation', () => {
  it.each([
    [{ var: 0 }, ''],
    [{ var: ['x'] }, ''],
    [{ var: 'x.' }, ''],
    [{ var: '.x' }, ''],
    [{ var: 'x..y' }, ''],
    [null, ''],
    [1.5, ''],
    [undefined, ''],
    [{}, ''],
    [{ '+': [1, 2], '-': [1] }, ''],
    [{ or: [true, false] }, ''],
    [{ __proto__: null, constructor: [] }, ''],
    [JSON.parse('{"__proto__":[1]}'), ''],
    [{ '!': true }, ''],
    [{ '!': [true, false] }, ''],
    [{ if: [true, false] }, ''],
    [{ and: [true] }, ''],
    [{ '<': [1, 2, 3, 4] }, ''],
    [{ plusTime: ['2022', 1.5, 'day'] }, ''],
    [{ plusTime: ['2022', at('x'), 'day'] }, ''],
    [{ plusTime: ['2022', 1, 'week'] }, ''],
    [{ plusTime: ['2022', 1, 'constructor'] }, ''],
    [{ extractFromUVCI: ['a', '1'] }, ''],
    [{ and: [true, { if: [true, [1, { in: [1, null] }], 2] }] }, '/and/1/if/1/1/in/1'],
  ])('%j is wrong at "%s"', (expression, pointer) => {
    expect(validateLogic(expression).map((problem) => problem.at)).toEqual([pointer]);
    expect(() => compileLogic(expression)).toThrow(LogicError);
  });

  it('lists everything that is wrong', () => {
    const problems = validateLogic({ and: [{ var: 1 }, null, { plusTime: [1.5, 'x', 'y'] }] });
    expect(problems.map((problem) => problem.at)).toEqual([
      '/and/0',
      '/and/1',
      '/and/2',
      '/and/2',
      '/and/2/plusTime/0',
    ]);
  });

  it('looks at the whole expression before any of it is evaluated', () => {
    expect(() => compileLogic({ if: [true, true, { nonsense: [] }] })).toThrow('/if/2: there is no operation');
  });
});
