import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/codec/value.ts';
import { Broken } from '../../src/document/broken.ts';
import { compileCondition } from '../../src/format/conditions.ts';
import { compileSteps } from '../../src/format/conversions.ts';
import { compileMap } from '../../src/format/map.ts';

const context = { codes: new Map() };
const step = (as: unknown) => compileSteps(as, context);
const read = (as: unknown, value: unknown): unknown => step(as).read(value as Value, () => {});
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof Broken) return error.code;
    throw error;
  }
  return 'none';
};

const list = [
  { kind: 'person', name: 'A' },
  { kind: 'dose', state: 'done', on: '2024-01-05', lots: [{ d: '2024-03-01' }, { d: '2024-02-01' }] },
  { kind: 'dose', state: 'done', on: '2024-06-01T08:00:00Z', lots: [{ d: '2024-02-15' }] },
  { kind: 'dose', state: 'not-done', on: '2024-09-01', lots: [] },
];

describe('find', () => {
  it('takes the one entry that fits', () => {
    expect(read([{ find: { where: { '/kind': 'person' } } }, { get: '/name' }], list)).toBe('A');
  });

  it('takes all of where, not some of it', () => {
    const done = { '/kind': 'dose', '/state': 'done' };
    expect(read([{ find: { where: done, latest: '/on' } }, { get: '/on' }], list)).toBe('2024-06-01T08:00:00Z');
    const any = { '/kind': 'dose' };
    expect(read([{ find: { where: any, latest: '/on' } }, { get: '/on' }], list)).toBe('2024-09-01');
  });

  it('takes the latest by every entry of an inner list, where the pointer says *', () => {
    expect(read([{ find: { latest: '/lots/*/d' } }, { get: '/on' }], list)).toBe('2024-01-05');
  });

  it('an entry without that text comes last', () => {
    expect(read([{ find: { latest: '/on' } }, { get: '/kind' }], [{ kind: 'a' }, { kind: 'b', on: '2' }])).toBe('b');
    expect(read([{ find: { latest: '/on' } }, { get: '/kind' }], [{ kind: 'a' }, { kind: 'b' }])).toBe('a');
  });

  it('gives nothing where nothing fits', () => {
    expect(read({ find: { where: { '/kind': 'car' } } }, list)).toBeUndefined();
    expect(read({ find: { where: { '/kind': 'car' } } }, [])).toBeUndefined();
  });

  it('does not guess between several', () => {
    expect(codeOf(() => read({ find: { where: { '/kind': 'dose' } } }, list))).toBe('FIELD_INVALID');
  });

  it.each([{}, 'x', 7])('needs a list, not %j', (value) => {
    expect(codeOf(() => read({ find: { where: { '/kind': 'person' } } }, value))).toBe('FIELD_INVALID');
  });

  it('a value of another type does not fit: the text "1" is not the number 1', () => {
    expect(read({ find: { where: { '/n': 1 } } }, [{ n: '1' }])).toBeUndefined();
  });

  it('reaches no prototype', () => {
    expect(read({ find: { where: { '/constructor/name': 'Object' } } }, [{ a: 1 }])).toBeUndefined();
    expect(read({ get: '/constructor' }, { a: 1 })).toBeUndefined();
  });

  it.each([undefined, {}, { where: {} }, { where: 'x' }, { latest: 7 }, { where: { '/a': 1 }, write: [] }])(
    '%j is no argument',
    (argument) => expect(() => step({ find: argument })).toThrow(Error),
  );
});

describe('get', () => {
  it.each([
    ['/a', { a: 1 }, 1],
    ['/a/0/b', { a: [{ b: 'x' }] }, 'x'],
    ['/a/1', { a: ['x'] }, undefined],
    ['/a', { a: null }, undefined],
    ['/0', ['x'], 'x'],
  ])('%s of %j', (pointer, value, expected) => expect(read({ get: pointer }, value)).toEqual(expected));

  it.each([undefined, '', 'a', '/', 7])('%j is no pointer', (pointer) => {
    expect(() => step({ get: pointer })).toThrow('get needs a pointer');
  });
});

describe('count', () => {
  const count = { count: { where: { '/kind': 'dose', '/state': 'done' } } };
  it('counts what fits', () => {
    expect(read(count, list)).toBe(2);
    expect(read(count, [])).toBe(0);
    expect(codeOf(() => read(count, {}))).toBe('FIELD_INVALID');
  });

  it('writes nothing, and only if that is true', () => {
    const written = [{ kind: 'dose', state: 'done' }];
    expect(step(count).write!(1, written)).toEqual(written);
    expect(codeOf(() => step(count).write!(2, written))).toBe('FIELD_INVALID');
  });
});

describe('first', () => {
  const name = {
    first: [{ join: { members: ['family', 'given'], with: ', ', lists: { given: ' ' } } }, { get: '/text' }],
  };
  it.each([
    [{ family: 'Muster', given: ['Eva', 'Maria'] }, 'Muster, Eva Maria'],
    [{ family: 'Muster' }, 'Muster'],
    [{ text: 'Eva Muster' }, 'Eva Muster'],
    [{ family: 'Muster', text: 'Eva' }, 'Muster'],
    [{}, undefined],
  ])('of %j', (value, expected) => expect(read(name, value)).toBe(expected));

  it('is written the first way', () => {
    expect(step(name).write!('Muster, Eva Maria')).toEqual({ family: 'Muster', given: ['Eva', 'Maria'] });
  });

  it.each([undefined, [], ['text']])('%j is no choice', (ways) => expect(() => step({ first: ways })).toThrow(Error));
});

describe('join with lists', () => {
  const join = { join: { members: ['a', 'b'], with: '|', lists: { b: ' ' } } };
  it.each([
    [{ a: 'x', b: ['y', 'z'] }, 'x|y z'],
    [{ a: 'x', b: [] }, 'x'],
    [{ b: ['y'] }, '|y'],
  ])('%j', (value, expected) => expect(read(join, value)).toBe(expected));

  it('a list of something else than text is wrong', () => {
    expect(codeOf(() => read(join, { a: 'x', b: 'y' }))).toBe('FIELD_INVALID');
    expect(codeOf(() => read(join, { a: 'x', b: [1] }))).toBe('FIELD_INVALID');
  });

  it.each([{ c: ' ' }, { b: '' }, { b: 7 }])('%j names no list of it', (lists) => {
    expect(() => step({ join: { members: ['a', 'b'], with: '|', lists } })).toThrow('"lists" of join');
  });
});

describe('a map that selects', () => {
  const person = { find: { where: { '/kind': 'person' }, write: { '/id': 'p' } } };
  const dose = { find: { where: { '/kind': 'dose', '/state': 'done' }, latest: '/on' } };
  const row = (to: string, as: unknown[], optional = false) => ({
    row: { to, from: '/list', as, optional } as never,
    at: to,
  });
  const map = compileMap(
    [
      row('/holder/name', [person, { get: '/name' }]),
      row('/faceFields/on', [dose, { get: '/on' }, 'day']),
      row('/faceFields/lot', [dose, { get: '/lots/0/d' }], true),
      row('/faceFields/again', [dose, { get: '/on' }, 'day'], true),
      row('/faceFields/all', [{ count: { where: { '/kind': 'dose' } } }], true),
    ],
    [],
    [
      '/docId',
      '/validity',
      '/status',
      '/vehicle',
      '/route',
      '/crew',
      '/goods',
      '/commitments',
      '/usage',
      '/presentation',
    ],
    context,
  );

  it('reports what it did not take, by the entry it took', () => {
    const { fields, problems } = map.read({ list } as unknown as Value);
    expect(problems).toEqual([]);
    expect(fields).toEqual({
      holder: { name: 'A' },
      faceFields: { on: '2024-06-01', lot: '2024-02-15', again: '2024-06-01', all: 3 },
    });
    expect(map.lost({ list } as unknown as Value)).toEqual([
      '/list/1/kind',
      '/list/1/state',
      '/list/1/on',
      '/list/1/lots/0/d',
      '/list/1/lots/1/d',
      '/list/3/kind',
      '/list/3/state',
      '/list/3/on',
    ]);
  });

  it('takes for lost what it could not choose', () => {
    const two = [
      { kind: 'person', name: 'A' },
      { kind: 'person', name: 'B' },
    ];
    expect(map.read({ list: two } as unknown as Value).problems.map(({ code }) => code)).toContain('FIELD_INVALID');
    expect(map.lost({ list: two } as unknown as Value)).toHaveLength(4);
    expect(map.lost({} as Value)).toEqual([]);
  });

  it('writes entries side by side, with what belongs to them, and reads them back the same', () => {
    const document = { holder: { name: 'A' }, faceFields: { on: '2024-06-01', lot: 'L', again: '2024-06-01', all: 1 } };
    const payload = map.write(document);
    expect(payload).toEqual({
      list: [
        { kind: 'person', id: 'p', name: 'A' },
        { kind: 'dose', state: 'done', on: '2024-06-01', lots: [{ d: 'L' }] },
      ],
    });
    expect(map.read(payload).fields).toEqual(document);
    expect(map.lost(payload)).toEqual([]);
  });

  it('does not write two values into one place', () => {
    const document = { holder: { name: 'A' }, faceFields: { on: '2024-06-01', again: '2024-06-02' } };
    expect(codeOf(() => map.write(document))).toBe('FIELD_INVALID');
  });
});

describe('conditions', () => {
  const holds = (when: object, payload: unknown): boolean => compileCondition(when as never)(payload as Value);
  it.each([
    [{ at: '/v' }, { v: 0 }, true],
    [{ at: '/v' }, { v: null }, false],
    [{ at: '/v' }, { v: [] }, false],
    [{ at: '/v' }, {}, false],
    [{ at: '/v', equals: 1 }, { v: 1 }, true],
    [{ at: '/v', equals: 1 }, { v: '1' }, false],
    [{ at: '/v', has: 'a' }, { v: ['b', 'a'] }, true],
    [{ at: '/v', has: 'a' }, { v: 'a' }, false],
    [{ at: '/v', has: 'a' }, { v: [['a']] }, false],
    [{ at: '/v', has: { '/k': 'a', '/n': 1 } }, { v: [{ k: 'a' }, { k: 'a', n: 1 }] }, true],
    [{ at: '/v', has: { '/k': 'a', '/n': 1 } }, { v: [{ k: 'a' }, { n: 1 }] }, false],
    [{ at: '/v', single: true }, { v: [1] }, true],
    [{ at: '/v', single: true }, { v: [1, 2] }, false],
  ])('%j of %j is %j', (when, payload, expected) => expect(holds(when, payload)).toBe(expected));
});
