import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/codec/value.ts';
import type { MapRow, SharedDocument } from '../../src/document/generated/types.ts';
import { compileMap } from '../../src/format/map.ts';
import {
  DAY,
  NOW,
  ownKey,
  shortOf,
  testBed,
  testDocument,
  testFormat,
  verdictOf,
  walk,
} from '../support/federation.ts';
import { context, mapOf, SECTIONS } from '../support/map.ts';
import { signPayload } from '../support/payload.ts';

describe('a target that reaches beyond the document', () => {
  const targets = [
    '/holder/__proto__/polluted',
    '/holder/constructor/prototype/polluted',
    '/holder/__proto__',
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/issuer/__proto__/polluted',
    '/faceFields/prototype',
    '/faceFields/',
  ];
  it.each(targets)('%s is refused, because a pack from elsewhere could change the gateway itself', (to) => {
    expect(() => mapOf([{ to, from: '/x' }])).toThrow('/map/0/to: ');
  });

  it('with ~1 and ~0 is one name, not a path', () => {
    const { fields } = mapOf([{ to: '/faceFields/a~1b~0c', from: '/x' }]).read({ x: 'v' });
    expect(fields).toEqual({ faceFields: { 'a/b~c': 'v' } });
  });
});

describe('a name', () => {
  const read = (name: string) => mapOf([{ to: '/holder/name', from: '/n', as: 'name' }]).read({ n: name });
  // What a sign is, by Unicode's own tables; of ASCII as of any other script.
  const signs = [
    ...Array.from({ length: 0x250 }, (_, code) => String.fromCodePoint(code)),
    '张',
    '·',
    'ʼ',
    '🚚',
    '€',
    '\u200b',
  ];

  it('holds letters, marks, digits, punctuation and a few signs that stand in genuine ones', () => {
    for (const sign of signs) {
      const good = /[\p{L}\p{M}\p{N}\p{P}\p{Zs}]/u.test(sign) || '<`´^+|'.includes(sign);
      expect([sign, read(`a${sign}b`).problems.length]).toEqual([sign, good ? 0 : 1]);
    }
  });
});

describe('sources', () => {
  it('reach own members only, never what an object inherits', () => {
    const map = mapOf(
      ['__proto__', 'constructor/name', 'toString', 'constructor'].map((from, i) => ({
        to: `/faceFields/f${i}`,
        from: `/${from}`,
        optional: true,
      })),
    );
    expect(map.read({ x: 'y' }).fields).toEqual({});
    expect(map.read({ x: 'y' }).problems).toEqual([]);
  });

  it('may be named __proto__: in a payload that is only a name', () => {
    const payload = JSON.parse('{"__proto__": "mine"}') as Value;
    expect(mapOf([{ to: '/docId', from: '/__proto__' }]).read(payload).fields).toEqual({ docId: 'mine' });
  });

  it('with ~1 and ~0 name one member', () => {
    expect(mapOf([{ to: '/docId', from: '/a~1b~0c~01' }]).read({ 'a/b~c~1': 'v' }).fields).toEqual({ docId: 'v' });
  });
});

describe('a map that cannot be total, or not be followed', () => {
  it.each<[string, MapRow[], string]>([
    [
      'two rows for one field',
      [
        { to: '/docId', from: '/a' },
        { to: '/docId', from: '/b' },
      ],
      '/map/1/to: two rows fill /docId',
    ],
    [
      'a field inside another',
      [
        { to: '/docId', from: '/a' },
        { to: '/docId/x', from: '/b' },
      ],
      '/map/1/to: /docId/x lies inside /docId',
    ],
    [
      'the issuing region',
      [{ to: '/issuer/region', from: '/iss' }],
      '/map/0/to: the issuing region is that of the key',
    ],
    ['the document type', [{ to: '/docType/code', from: '/t' }], '/map/0/to: /docType/code is no place'],
    ['a section that does not exist', [{ to: '/verdict', value: 'accept' }], '/map/0/to: /verdict is no place'],
    ['a conversion that does not exist', [{ to: '/docId', from: '/a', as: 'eval' }], '/map/0/as: no conversion "eval"'],
    [
      'a conversion every object has',
      [{ to: '/docId', from: '/a', as: 'constructor' }],
      '/map/0/as: no conversion "constructor"',
    ],
    [
      'a code list that is not there',
      [{ to: '/docId', from: '/a', as: { codes: 'none' } }],
      '/map/0/as: no code list "none"',
    ],
    [
      'a join of one',
      [{ to: '/docId', from: '/a', as: { join: { members: ['x'], with: ' ' } } }],
      '/map/0/as: join needs',
    ],
    ['an each of nothing', [{ to: '/crew', from: '/a', as: { each: [] } }], '/map/0/as: each needs'],
    [
      'an each into the prototype',
      [{ to: '/crew', from: '/a', as: { each: [{ to: '__proto__', from: 'x' }] } }],
      '/map/0/as: a row of each',
    ],
  ])('%s is refused', (_name, rows, message) => {
    expect(() => mapOf(rows)).toThrow(message);
  });

  it('is refused if a section is neither mapped nor absent, or both', () => {
    expect(() => compileMap([], [], SECTIONS.slice(1), context)).toThrow(
      'neither mapped nor named in "absent": /docId',
    );
    expect(() => compileMap([{ row: { to: '/docId', from: '/a' }, at: '/map/0' }], [], SECTIONS, context)).toThrow(
      'also named in "absent": /docId',
    );
  });

  it('of four hundred rows is compiled and followed', () => {
    const rows = Array.from({ length: 400 }, (_, i) => ({ to: `/faceFields/f${i}`, from: `/m${i}`, optional: true }));
    expect(Object.keys(mapOf(rows).read({ m0: 'a', m399: 'b' }).fields['faceFields'] as object)).toEqual([
      'f0',
      'f399',
    ]);
  });
});

describe('reading', () => {
  it('makes lists where a target counts', () => {
    const map = mapOf([
      { to: '/crew/0/name', from: '/driver' },
      { to: '/crew/1/name', from: '/mate', optional: true },
    ]);
    expect(map.read({ driver: '甲', mate: '乙' }).fields).toEqual({ crew: [{ name: '甲' }, { name: '乙' }] });
    expect(Array.isArray(map.read({ driver: '甲' }).fields['crew'])).toBe(true);
    expect(map.write({ crew: [{ name: '甲' }] })).toEqual({ driver: '甲' });
  });

  it('goes on after a problem, and says them all', () => {
    const map = mapOf([
      { to: '/docId', from: '/id' },
      { to: '/validity/until', from: '/exp', as: 'epoch-seconds' },
      { to: '/status/canonical', from: '/c', as: { codes: 'colours' } },
      { to: '/holder/name', from: '/n' },
    ]);
    const { problems, fields } = map.read({ id: 7, exp: Number.NaN, c: '02', n: '甲' });
    expect(problems.map(({ code, at }) => `${code} ${at}`)).toEqual([
      'FIELD_INVALID /docId',
      'FIELD_INVALID /validity/until',
      'UNKNOWN_CODE_VALUE /status/canonical',
    ]);
    expect(fields).toEqual({ holder: { name: '甲' } });
  });

  it('keeps the text "01" and the number 1 apart: they are codes of different lists', () => {
    const map = mapOf([{ to: '/status/canonical', from: '/c', as: { codes: 'colours' } }]);
    expect(
      [map.read({ c: '01' }), map.read({ c: 1 }), map.read({ c: '1' })].map(
        ({ fields, problems }) => (fields['status'] as { canonical?: string })?.canonical ?? problems[0]!.code,
      ),
    ).toEqual(['yellow', 'green', 'UNKNOWN_CODE_VALUE']);
  });

  it.each<[string, Value]>([
    ['null', null],
    ['a list', ['x']],
    ['bytes', Uint8Array.of(1)],
    ['an object', { x: 1 }],
    ['a number', 5],
    ['true', true],
    ['a large integer', 2n ** 63n],
  ])('%s where text is expected is a problem, not a fault', (_kind, value) => {
    const { problems } = mapOf([{ to: '/docId', from: '/id' }]).read({ id: value });
    expect(problems[0]!.code).toMatch(/^FIELD_(INVALID|MISSING)$/);
  });
});

describe('what is lost', () => {
  const join = { to: '/holder/name', from: '/nam', as: { join: { members: ['fn', 'gn'], with: ', ' } } };
  const each = {
    to: '/crew',
    from: '/crew',
    as: {
      each: [
        { to: 'name', from: 'n' },
        { to: 'idType', from: 't', optional: true },
      ],
    },
  };

  it('is every leaf of the payload that no row reads', () => {
    const map = mapOf([{ to: '/docId', from: '/id' }], [{ from: '/ver' }]);
    expect(map.lost({ id: 'x', ver: '1', more: { a: 1, b: ['c', 'd'] } })).toEqual([
      '/more/a',
      '/more/b/0',
      '/more/b/1',
    ]);
  });

  it('also below a value that is taken apart: a member that join or each does not name', () => {
    expect(mapOf([join]).lost({ nam: { fn: 'A', gn: 'B', title: 'Dr' } })).toEqual(['/nam/title']);
    expect(mapOf([each]).lost({ crew: [{ n: 'A', t: '111', phone: '1' }, { n: 'B' }] })).toEqual(['/crew/0/phone']);
  });

  it('and, writing, every leaf of the document that the format has no place for', () => {
    expect(
      mapOf([each]).unwritten({
        docType: { code: 'x' },
        issuer: { region: 'y' },
        docId: '1',
        crew: [{ name: 'A', role: 'driver', idNumber: '1' }],
      }),
    ).toEqual(['/docId', '/crew/0/role', '/crew/0/idNumber']);
  });
});

describe('through the whole journey', () => {
  it('no document of a hostile pack leaves a trace in the gateway', () => {
    const key = ownKey();
    const bed = testBed({ issuers: [key.entry] }, key);
    const wire = signPayload(
      JSON.parse(
        '{"id":"1","exp":1900000000,"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}',
      ) as Value,
      key.signer,
    );
    expect(shortOf(verdictOf(wire, { standpoint: bed.standpoint }))).toBe('accept');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('a document without an end, from a format that has none, is good while its region says so', () => {
    const bed = testBed({
      format: { map: testFormat().map.map((row) => (row.to === '/validity/until' ? { ...row, optional: true } : row)) },
    });
    const { verdict, converted } = walk(
      bed.sign(
        testDocument({
          validity: { issuedAt: new Date(NOW - DAY).toISOString().replace('.000', '') },
        } as Partial<SharedDocument>),
      ),
      { standpoint: bed.standpoint },
    );
    expect(verdict.outcome).toBe('accept');
    expect(converted!.document.validity).not.toHaveProperty('until');
  });
});
