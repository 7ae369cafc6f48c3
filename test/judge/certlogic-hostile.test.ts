import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLogic, LOGIC_LIMITS, LogicError, validateLogic } from '../../src/judge/certlogic.ts';
import { at, faultOf, run, time } from './certlogic.make.ts';

describe('rules that would hang a checkpoint', () => {
  const nest = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
    let expression: unknown = true;
    for (let i = 0; i < depth; i++) expression = wrap(expression);
    return expression;
  };

  it.each([
    ['operations', (inner: unknown) => ({ '!': [inner] })],
    ['lists', (inner: unknown) => [inner]],
  ])('100,000 %s deep: refused, without a stack overflow', (_, wrap) => {
    expect(validateLogic(nest(100_000, wrap)).map(({ message }) => message)).toEqual(['nested more than 100 deep']);
  });

  it('the depth that is allowed is evaluated', () => {
    expect(run(nest(98, (inner) => ({ '!': [inner] })))).toBe(true);
  });

  it('more nodes than any rule needs: refused, once', () => {
    const wide = { in: ['a', Array.from({ length: 20_000 }, () => null)] };
    const problems = validateLogic(wide);
    expect(problems.length).toBeLessThanOrEqual(100);
    const many = { in: ['a', Array.from({ length: 20_000 }, () => 'b')] };
    expect(validateLogic(many).map(({ message }) => message)).toEqual(['more than 10000 nodes']);
  });

  it('reduce within reduce: the budget ends it', () => {
    const row = Array.from({ length: 9_000 }, () => 1);
    const inner = { reduce: [at('current'), 1, 0] };
    expect(faultOf({ reduce: [at(''), inner, 0] }, [row]), 'one row is no trouble').toBe('value 1');
    const grid = Array.from({ length: 9_000 }, () => row);
    expect(faultOf({ reduce: [at(''), inner, 0] }, grid), '81 million steps are').toBe('limit');
    const cube = Array.from({ length: 9_000 }, () => grid);
    expect(faultOf({ reduce: [at(''), { reduce: [at('current'), inner, 0] }, 0] }, cube)).toBe('limit');
  });

  it('a list that is longer than any document has', () => {
    expect(
      faultOf(
        { reduce: [at(''), 1, 0] },
        Array.from({ length: 10_001 }, () => 1),
      ),
    ).toBe('limit');
  });

  it('a value that doubles with every item is shared, never copied out', () => {
    const items = Array.from({ length: 10_000 }, () => 0);
    const doubled = compileLogic({ reduce: [at(''), [at('accumulator'), at('accumulator')], 0] });
    expect(Array.isArray(doubled(items))).toBe(true);
  });

  it('+ makes no text, so none can grow', () => {
    const text = 'a'.repeat(100_000);
    expect(faultOf({ reduce: [at('0'), { '+': [at('accumulator'), at('current')] }, text] }, [[text]])).toBe('type');
  });

  it('long texts and long lists cost what it takes to look at them', () => {
    const uvci = ':'.repeat(1_000_000);
    const many = (expression: unknown): unknown => Array.from({ length: 300 }, () => expression);
    expect(faultOf(many({ extractFromUVCI: [at('uvci'), 999_998] }), { uvci })).toBe('limit');
    const digits = `2022-03-04T05:06:07.${'1'.repeat(1_000_000)}Z`;
    expect(faultOf(many(time(at('digits'))), { digits })).toBe('limit');
    const list = Array.from({ length: 100_000 }, (_, i) => i);
    expect(faultOf(many({ in: [-1, at('list')] }), { list })).toBe('limit');
  });

  it('plusTime nested to the limit is a type error at the first step, not work', () => {
    expect(faultOf(nest(98, (inner) => time(inner, 1, 'year')))).toBe('type');
  });

  it('rules that share a budget cannot spend more than it together', () => {
    const logic = compileLogic({ reduce: [at(''), 1, 0] });
    const budget = { left: 150 };
    const items = Array.from({ length: 100 }, () => 1);
    expect(logic(items, budget)).toBe(1);
    expect(() => logic(items, budget)).toThrow('more steps');
  });

  it('whatever the expression and the data, there is a value, a fault or a refusal, and the data stays as it was', () => {
    const { expression } = fc.letrec((tie) => {
      const operation = (name: string, operands: number): fc.Arbitrary<unknown> =>
        fc.array(tie('expression'), { minLength: operands, maxLength: operands }).map((list) => ({ [name]: list }));
      return {
        expression: fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.constantFrom<unknown>(true, false, 0, 1, '', 'a', '2022-01-31', null),
          fc.constantFrom('', 'a', '0', 'a.b', 'current', 'accumulator', '__proto__', 'x.').map(at),
          fc.array(tie('expression'), { maxLength: 3 }),
          ...(['if', 'reduce', '<'] as const).map((name) => operation(name, 3)),
          ...(['and', '===', 'in', '+', '>=', 'after', 'not-before'] as const).map((name) => operation(name, 2)),
          ...(['!', 'dccDateOfBirth', 'or'] as const).map((name) => operation(name, 1)),
          tie('expression').map((text) => time(text, 1, 'month')),
          tie('expression').map((text) => ({ extractFromUVCI: [text, 0] })),
        ),
      };
    });
    let valid = 0;
    fc.assert(
      fc.property(expression, fc.jsonValue({ maxDepth: 3 }), (logic, data) => {
        const before = JSON.stringify(data);
        const problems = validateLogic(logic);
        if (problems.length > 0) {
          expect(() => compileLogic(logic)).toThrow(LogicError);
          return;
        }
        valid += 1;
        const fault = faultOf(logic, data);
        expect(fault === 'type' || fault.startsWith('value')).toBe(true);
        expect(faultOf(logic, data), 'the same again').toBe(fault);
        expect(JSON.stringify(data)).toBe(before);
      }),
      { numRuns: 500 },
    );
    expect(valid, 'the generator makes enough that can be evaluated').toBeGreaterThan(50);
  });

  it('has the limits that the design names', () => {
    expect(LOGIC_LIMITS).toMatchObject({ depth: 100, nodes: 10_000, elements: 10_000 });
  });
});
