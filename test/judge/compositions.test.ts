import { describe, expect, it } from 'vitest';
import type { AgreementRow, Composition, CompositionRole } from '../../src/document/generated/types.ts';
import { type Candidate, choose } from '../../src/judge/choosing.ts';
import { checkCompositions } from '../../src/judge/compositions.ts';
import { federation, federationWith, fileOf, standpointOf } from '../support/federation.ts';

const words = { zh: '测试', en: 'Test' };
const basis = { title: words };
const role = (name: string, documentTypes: string[], least = 1, most = 1): CompositionRole => ({
  role: name,
  name: words,
  documentTypes,
  least,
  most,
});
const composition = (id: string, roles: CompositionRole[], change: Partial<Composition> = {}): Composition => ({
  id,
  name: words,
  roles,
  agree: [],
  basis,
  ...change,
});
const candidates = (...types: (string | undefined)[]): Candidate[] =>
  types.map((type, i) => ({ number: i + 1, type, stated: undefined, key: `#${i}`, stands: type !== undefined }));

const VAN = composition('van', [role('van', ['v']), role('person', ['p'], 1, 9)]);
const TRUCK = composition('truck', [role('truck', ['t']), role('person', ['p'], 1, 2)]);
const PAIR = composition('pair', [role('one', ['p', 'q'], 0, 2), role('other', ['c'], 0, 2)]);
const ALL = [VAN, TRUCK, PAIR];

describe('the case is', () => {
  it.each<[string, (string | undefined)[], string | undefined, string[], number[]]>([
    ['the one that has a place for all', ['v', 'p', 'p'], 'van', [], []],
    ['the same in another order', ['p', 'v', 'p'], 'van', [], []],
    ['the only one that could become complete', ['t', 'p', 'p', 'p'], 'truck', [], []],
    ['the only complete one of several', ['p', 'q'], 'pair', [], []],
    ['unclear where several could become complete', ['p'], undefined, ['pair', 'truck', 'van'], []],
    ['unknown where none has a place for all', ['v', 't'], undefined, [], []],
    ['what it is without documents that belong to no case', ['v', 'p', 'x'], 'van', [], [3]],
    ['what it is without those that could not be read', ['v', undefined, 'p'], 'van', [], []],
    ['unknown where nothing could be read', [undefined], undefined, [], []],
    ['unknown where all belong to no case', ['x', 'y'], undefined, [], [1, 2]],
  ])('%s', (_, types, id, several, strays) => {
    const chosen = choose(candidates(...types), ALL);
    expect([chosen.composition?.id, chosen.several, chosen.strays]).toEqual([id, several, strays]);
  });

  it('not changed by what a document claims that nobody vouches for', () => {
    const claims = candidates('v', 'p', 't').map((each) => ({ ...each, stands: each.type !== 't' }));
    expect(choose(claims, ALL).composition?.id).toBe('van');
  });

  it('the one that is named, whatever fits', () => {
    expect(choose(candidates('p'), ALL, 'truck').composition?.id).toBe('truck');
    expect(choose(candidates('p'), ALL, 'ship').composition).toBeUndefined();
  });

  it('no case of one document, shown as often as you like', () => {
    const twice = candidates('p', 'p').map((each) => ({ ...each, key: 'same' }));
    expect(choose(twice, ALL).composition).toBeUndefined();
    expect(choose(candidates('p', 'p'), [PAIR]).composition?.id).toBe('pair');
  });
});

describe('a composition is refused', () => {
  const types = new Map([
    ['v', {}],
    ['p', {}],
  ]);
  const agreeing = (row: Partial<AgreementRow>): Composition => ({
    ...composition('van', [role('van', ['v']), role('person', ['p'])]),
    agree: [{ compare: 'person', these: [{ role: 'person', at: '/holder' }], ...row }],
  });
  it.each<[string, Composition[], string]>([
    ['twice', [composition('a', []), composition('a', [])], '/compositions/1/id'],
    ['with a role twice', [composition('a', [role('r', ['v']), role('r', ['p'])])], '/compositions/0/roles/1/role'],
    ['with a type of no catalogue', [composition('a', [role('r', ['x'])])], '/compositions/0/roles/0/documentTypes'],
    ['that wants more than it takes', [composition('a', [role('r', ['v'], 2, 1)])], '/compositions/0/roles/0/least'],
    [
      'with a comparison that there is not',
      [agreeing({ compare: 'feeling' })],
      '/compositions/0/agree/0/compare: no "feeling"; there are: person',
    ],
    ['with one that is inherited', [agreeing({ compare: 'constructor' })], '/compositions/0/agree/0/compare'],
    [
      'with a role that it has not',
      [agreeing({ these: [{ role: 'x', at: '/holder' }] })],
      '/compositions/0/agree/0/these/0/role',
    ],
    [
      'that looks where nobody is',
      [agreeing({ these: [{ role: 'van', at: '/vehicle' }] })],
      '/compositions/0/agree/0/these/0/at',
    ],
    [
      'that wants a crew to be one person',
      [agreeing({ these: [{ role: 'van', at: '/crew' }] })],
      '/compositions/0/agree/0',
    ],
    [
      'that compares a route with itself',
      [agreeing({ compare: 'route', these: [{ role: 'van', at: '/route' }] })],
      '/compositions/0/agree/0',
    ],
    [
      'that counts whom it has not',
      [{ ...VAN, roles: [role('van', ['v'])], people: { namedIn: [{ role: 'person', at: '/holder' }] } }],
      '/compositions/0/people/namedIn/0/role',
    ],
  ])('%s', (_, list, message) => {
    expect(() => checkCompositions(list, types)).toThrow(message);
  });
});

describe('compositions of a region', () => {
  const file = 'regions/310000/compositions.json';
  const county = 'regions/330421/compositions.json';
  const own = composition('freight', [role('pass', ['freight-pass'])]);
  const idsOf = (region: string, from = federation): string[] =>
    standpointOf(region, from).compositions.all.map(({ id }) => id);

  it('are the catalogue’s where it says nothing', () => {
    expect(idsOf('310000')).toEqual(
      fileOf<{ compositions: Composition[] }>('catalogue.json').compositions.map(({ id }) => id),
    );
  });

  it('replace those of the same id, and add to them; those below stand on them', () => {
    const from = federationWith({
      [file]: { compositions: [own, composition('ship', [])].map((each) => ({ ...each, roles: own.roles })) },
    });
    const { all, readable } = standpointOf('310000', from).compositions;
    expect([all.find(({ id }) => id === 'freight')?.roles, all.some(({ id }) => id === 'ship'), readable]).toEqual([
      own.roles,
      true,
      true,
    ]);
    expect(idsOf('330000', from)).not.toContain('ship');
    const nearest = federationWith({
      'regions/330000/compositions.json': { compositions: [{ ...own, id: 'ship' }] },
      [county]: { compositions: [{ ...own, id: 'boat' }] },
    });
    expect(idsOf('330421', nearest)).toEqual(expect.arrayContaining(['freight', 'ship', 'boat']));
    expect(idsOf('330000', nearest)).not.toContain('boat');
  });

  it.each<[string, unknown, string]>([
    ['that are no JSON', '{', ''],
    [
      'of a type that there is not',
      { compositions: [{ ...own, roles: [role('one', ['no-type'])] }] },
      '/compositions/0/roles/0/documentTypes',
    ],
  ])('%s are rejected, and then nobody can tell', (_, content, at) => {
    const from = federationWith({ [file]: content });
    expect(from.rejected.map((each) => [each.file, each.at])).toEqual([[file, at]]);
    expect(standpointOf('310000', from).compositions.readable).toBe(false);
    expect(standpointOf('330000', from).compositions.readable).toBe(true);
  });
});
