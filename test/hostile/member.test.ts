import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/codec/value.ts';
import type { FormatDeclaration, IssuerEntry, MapRow } from '../../src/document/generated/types.ts';
import { presentingRule } from '../../src/document/presenting.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintAuthority } from '../../src/federation/authority.node.ts';
import { mintKey, signerOf } from '../../src/federation/signer.node.ts';
import { judge } from '../../src/judge/judge.ts';
import type { Federation } from '../../src/region/federation.ts';
import { highestOf, inTurn } from '../../src/trust/turns.ts';
import {
  codesOf,
  DAY,
  federationWith,
  fileOf,
  issuersOf,
  JUDGE,
  judgeFiles,
  NOW,
  ownKey,
  packFiles,
  samples,
  sampleVerdict,
  shortOf,
  standpointOf,
  store,
  testDocument,
  testFormat,
  verdictOf,
  type Wire,
  walk,
} from '../support/federation.ts';
import { base, copiedIssuers, FORMAT, faultOf, key, lenient, othersStand, pack } from '../support/packs.ts';
import { signPayload } from '../support/payload.ts';

/**
 * A member region with a pack that is loaded like any other, and every intention to harm. What it does may spoil its own
 * documents; those of the others are judged as before, and nothing of it stops, changes or fills the gateway.
 */
const sound = { id: 'X-1', exp: NOW / 1000 + 999, plate: '沪A12345' };
const yesterday = instantOf(NOW - DAY);
const format = (change: Record<string, unknown>): Record<string, unknown> => ({
  [FORMAT]: { ...testFormat(), ...change },
});
const row = (...rows: unknown[]): Record<string, unknown> => format({ map: [...testFormat().map, ...rows] });

describe('a map that reaches beyond the document', () => {
  it.each([
    '/holder/hasOwnProperty/call',
    '/holder/toString/call',
    '/holder/valueOf/x',
    '/holder/isPrototypeOf/x/y',
    '/issuer/toLocaleString/apply',
    '/crew/hasOwnProperty/call',
  ])('%s changes no function that all objects share, because a pack would then change the gateway', (to) => {
    const shared = Object.getOwnPropertyDescriptors(Object.prototype);
    const before = Object.fromEntries(
      Object.entries(shared).map(([name, { value }]) => [name, Reflect.ownKeys(Object(value))]),
    );
    const found = pack({
      ...row({ to, from: '/x' }),
      [FORMAT]: {
        ...testFormat({ absent: testFormat().absent!.filter((section) => !to.startsWith(section)) }),
        map: [...testFormat().map, { to, from: '/x' }],
      },
    });
    const verdict = verdictOf(signPayload({ ...sound, x: 'owned' }, key.signer), {
      standpoint: standpointOf(JUDGE, found),
    });
    expect(verdict.outcome).toBe('refuse');
    const after = Object.fromEntries(
      Object.entries(shared).map(([name, { value }]) => [name, Reflect.ownKeys(Object(value))]),
    );
    expect(after).toEqual(before);
    othersStand(found);
  });

  it.each<[string, MapRow[]]>([
    [
      '/crew/length',
      [
        { to: '/crew/0/name', from: '/n' },
        { to: '/crew/length', from: '/x' },
      ],
    ],
    [
      '/crew/push/apply',
      [
        { to: '/crew/0/name', from: '/n' },
        { to: '/crew/push/apply', from: '/x' },
      ],
    ],
    [
      '/crew/0 after /crew/name',
      [
        { to: '/crew/name', from: '/n' },
        { to: '/crew/0/name', from: '/x' },
      ],
    ],
  ])('%s is refused when it is loaded: a list has places with numbers only', (_name, rows) => {
    const absent = testFormat().absent!.filter((section) => section !== '/crew');
    expect(faultOf(format({ map: [...testFormat().map, ...rows], absent }))).toContain('a list has numbers for places');
  });
});

describe('a map that puts what is no time where times stand', () => {
  const judged = (to: string, value: Value, asOf?: 'signing') => {
    const map = testFormat().map.filter((each) => each.to !== to);
    const absent = testFormat().absent!.filter((section) => !to.startsWith(section));
    const found = pack(format({ map: [...map, { to, from: '/x', as: [{ get: '/0' }] }], absent }));
    const standpoint = standpointOf(JUDGE, found);
    return shortOf(
      walk(signPayload({ ...sound, x: [value] }, key.signer), { standpoint, ...(asOf && { asOf }) }).verdict,
    );
  };

  it.each(['/validity/issuedAt', '/validity/from', '/validity/until', '/usage/madeAt', '/usage/expiresAt'])(
    '%s: its documents get a verdict like any other',
    (to) => {
      for (const value of [1, true, [], {}, Uint8Array.of(1), ['2026-01-01']] satisfies Value[])
        expect(judged(to, value)).toContain('refuse DOCUMENT_INVALID');
    },
  );

  it('an offset that is none makes no time of signing', () => {
    expect(judged('/validity/issuedAt', '2026-01-01T00:00:00+99:99', 'signing')).toBe(
      'undetermined SIGNING_TIME_UNKNOWN',
    );
  });
});

describe('a declaration that makes small documents cost much', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ to: `a${i}`, from: 'x', optional: true }));
  const nested = (depth: number): unknown =>
    depth === 0
      ? { each: rows(10) }
      : { each: Array.from({ length: 10 }, (_, i) => ({ to: `a${i}`, from: 'x', as: nested(depth - 1) })) };
  it.each<[string, unknown, string]>([
    ['three thousand rows for each of a list', { each: rows(3000) }, 'rows times entries'],
    ['ten rows in ten rows in ten rows, all of one member', nested(2), 'ten to the power of the depth'],
    ['a thousand ways to read one value', { first: Array(1000).fill('text') }, 'each is tried'],
    [
      'a thousand conditions on an entry',
      { find: { where: Object.fromEntries(rows(1000).map((r) => [`/${r.to}`, 1])) } },
      'each is looked at',
    ],
    [
      'the same member joined a hundred times',
      { join: { members: Array(100).fill('n'), with: '-' } },
      'a text of a megabyte becomes a hundred',
    ],
    [
      'a hundred kilobytes between joined members',
      { join: { members: ['a', 'b'], with: 'x'.repeat(100_000) } },
      'the document pays nothing for it',
    ],
    [
      'the same between the texts of a list',
      { join: { members: ['a', 'b'], with: '-', lists: { a: 'x'.repeat(100_000) } } },
      'the same',
    ],
  ])('%s is refused when it is loaded, because: %s', (_name, as) => {
    expect(faultOf(row({ to: '/holder/nameLatin', from: '/n', as, optional: true }))).toMatch(
      /conversions of more than|join needs|"lists" of join/,
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['input', { limits: { input: 1e12 } }],
    ['inflated', { limits: { inflated: 1e12 } }],
    ['depth', { limits: { depth: 1e6 } }],
    ['items', { limits: { items: 1e9 } }],
    ['items without end', { limits: { items: -1 } }],
    ['rows', { map: Array(201).fill({ to: '/docId', from: '/id' }) }],
    ['transport steps', { transport: Array(7).fill('zlib') }],
  ])('limits that are none (%s) are refused', (_name, change) => {
    expect(faultOf(format(change))).toContain(FORMAT);
  });
});

/** Two counties of one province, whose documents are in the province's format: the second is the victim. */
describe('a county against its neighbour', () => {
  const victim = ownKey();
  const region = (id: string, issuers: readonly IssuerEntry[], files: Record<string, unknown> = {}) => ({
    [`regions/${id}/region.json`]: { region: id, name: { zh: id, en: id }, issues: ['vehicle-pass'] },
    [`regions/${id}/issuers/own.json`]: issuersOf(issuers),
    ...Object.fromEntries(Object.entries(files).map(([file, content]) => [`regions/${id}/${file}`, content])),
  });
  const crowd = (count: number): IssuerEntry[] =>
    Array.from({ length: count }, () => ownKey('ES256', { keyId: victim.entry.keyId }).entry);
  const status = [{ state: 'removed', since: yesterday }] as const;
  const revokes = (id: string) => ({
    'revocations/a.json': { issued: instantOf(NOW), revoked: [{ id, since: yesterday }] },
  });
  const said = (attack: Record<string, unknown>, own: Partial<IssuerEntry> = {}): string => {
    const found = federationWith({
      ...packFiles({
        region: '330000',
        format: { map: [...testFormat().map, { to: '/revocationId', from: '/rid', optional: true }] },
        files: region('330000', []),
      }),
      ...judgeFiles(['330000']),
      ...region('330482', [{ ...victim.entry, ...own }]),
      ...attack,
    });
    const wire = found.formats
      .find(({ id }) => id === 'test-pass/1')!
      .write(testDocument({ revocationId: 'a-random-id-of-this-document' }, '330000'), victim.signer).wire;
    const verdict = verdictOf(wire, { standpoint: standpointOf(JUDGE, found) });
    return `${shortOf(verdict)} ${verdict.issuer?.region ?? '-'}`;
  };

  it.each<[string, string, string, string]>([
    ['does nothing', said({}), 'accept 330482', 'the neighbour signed it'],
    [
      'lists the neighbour’s public key as its own',
      said(region('330421', [victim.entry])),
      'undetermined UNKNOWN_ISSUER -',
      'anybody can copy a public key: whose it is cannot be told, and it is not the first to list it',
    ],
    [
      'lists it as withdrawn',
      said(region('330421', [{ ...victim.entry, status: [...status] }])),
      'undetermined UNKNOWN_ISSUER -',
      'no region withdraws another’s key',
    ],
    [
      'lists a key that the neighbour has withdrawn',
      said(region('330421', [victim.entry]), { status: [...status] }),
      'undetermined UNKNOWN_ISSUER -',
      'a stolen key must not come back to life in another list',
    ],
    [
      'puts four keys under the neighbour’s key id',
      said(region('330421', crowd(4))),
      'accept 330482',
      'each region’s first is tried before any region’s second',
    ],
    ['puts a thousand there', said(region('330421', crowd(1000))), 'accept 330482', 'the same'],
    [
      'revokes the neighbour’s document',
      said(region('330421', crowd(1), revokes('a-random-id-of-this-document'))),
      'accept 330482',
      'an id acts in its own region only',
    ],
    [
      'has a list that ended years ago',
      said({ ...region('330421', []), 'regions/330421/issuers/own.json': issuersOf([], NOW - 3000 * DAY) }),
      'accept 330482',
      'a list’s age is that of its own region',
    ],
    [
      'says that all units are one',
      said({
        ...region('330421', []),
        'regions/330421/region.json': {
          region: '330421',
          name: { zh: '一', en: 'a' },
          issues: [],
          units: [['330482', '330421']],
        },
      }),
      'accept 330482',
      'units are the same only within a region',
    ],
    [
      'lists it where the province does too',
      said({
        ...region('330421', [victim.entry]),
        'regions/330000/issuers/own.json': issuersOf([victim.entry]),
        'regions/330482/issuers/own.json': issuersOf([]),
      }),
      'accept 330000',
      'the province stands above the county',
    ],
  ])('%s', (_name, verdict, wanted, _because) => {
    expect(verdict).toBe(wanted);
  });
});

describe('an authority that a neighbour lists too', () => {
  const times = { validFrom: instantOf(NOW - 90 * DAY), validUntil: instantOf(NOW + 90 * DAY) };
  const authority = (en: string) =>
    mintAuthority({
      name: 'ca',
      algorithm: 'ES256',
      container: 'authority',
      title: { zh: en, en },
      crl: { issued: yesterday, next: instantOf(NOW + DAY) },
      ...times,
    } as Parameters<typeof mintAuthority>[0]);
  const mine = authority('CA of 330482');
  const signer = mintKey('ES256');
  const certificate = mine.issue(
    { name: 's', algorithm: 'ES256', container: 'embedded', title: { zh: '签', en: 'signer' }, ...times } as Parameters<
      typeof mine.issue
    >[0],
    signer,
  );
  const places = {
    signed: '/data',
    signature: '/sig/v',
    algorithm: '/sig/alg',
    certificate: '/sig/cer',
    canonical: 'jcs',
    encoding: 'base64url',
  };
  const declared: Partial<FormatDeclaration> = {
    recognise: { json: ['/data/id', '/sig/cer', '/sig/v'] },
    transport: [],
    envelope: { type: 'signed-json', algorithms: ['ES256'], json: places },
    payload: 'json',
  };
  const county = (id: string, anchors: readonly IssuerEntry[], crl: Uint8Array | undefined) => ({
    [`regions/${id}/region.json`]: { region: id, name: { zh: id, en: id }, issues: ['vehicle-pass'] },
    [`regions/${id}/anchors/a.json`]: issuersOf(anchors),
    ...(crl === undefined ? {} : { [`regions/${id}/crls/a.crl`]: crl }),
  });
  const said = (attack: Record<string, unknown>): string => {
    const found = federationWith({
      ...packFiles({ region: '330000', format: declared }),
      ...judgeFiles(['330000']),
      ...county('330482', [mine.entry], mine.crl()),
      ...attack,
    });
    const wire = found.formats
      .find(({ id }) => id === 'test-pass/1')!
      .write(testDocument({}, '330000'), { ...signerOf(signer, 'k'), certificates: [certificate] }).wire;
    const verdict = verdictOf(wire, { standpoint: standpointOf(JUDGE, found) });
    return `${shortOf(verdict)} ${verdict.issuer?.region ?? '-'}`;
  };
  const twins = Array.from({ length: 8 }, () => authority('CA of 330482').entry);

  it.each<[string, string, string, string]>([
    ['nobody does', said({}), 'accept 330482', 'the county’s own authority'],
    [
      'the neighbour does',
      said(county('330421', [mine.entry], mine.crl())),
      'undetermined UNKNOWN_ISSUER -',
      'whose it is cannot be told',
    ],
    ['eight others of its name', said(county('330421', twins, undefined)), 'accept 330482', 'another key identifier'],
    [
      'the province does',
      said({ 'regions/330000/anchors/a.json': issuersOf([mine.entry]), 'regions/330000/crls/a.crl': mine.crl() }),
      'accept 330000',
      'it stands above',
    ],
  ])('%s', (_name, verdict, wanted, _because) => {
    expect(verdict).toBe(wanted);
  });

  it('each region’s first goes before any region’s second', () => {
    const entries = ['a', 'a', 'a', 'b', 'b', 'c'].map((of, i) => ({ of, i }));
    expect(inTurn(entries, ({ of }) => of).map(({ i }) => i)).toEqual([0, 3, 5, 1, 4, 2]);
    const one = [{ of: 'a' }, { of: 'a' }];
    expect(inTurn(one, ({ of }) => of)).toBe(one);
  });

  it('of regions the one above the others counts, or none', () => {
    const chains: Record<string, string[]> = {
      '330000': ['330000'],
      '330421': ['330421', '330000'],
      '330482': ['330482', '330000'],
    };
    const of = (...regions: string[]) => highestOf(regions, (region) => chains[region]!);
    expect(of('330421', '330000')).toBe('330000');
    expect(of('330421', '330482')).toBeUndefined();
    expect(of('330421', '330000', '330482')).toBe('330000');
  });
});

describe('lists that are too much', () => {
  it('a quarter of a million authorities that cannot be read stop nothing else', { timeout: 60_000 }, () => {
    const list = issuersOf(Array.from({ length: 100_000 }, () => ({ keyId: 'a', certificate: 'AAAA' })));
    const found = pack({ [`${base}anchors/a.json`]: list, [`${base}anchors/b.json`]: list });
    expect(found.rejected).toHaveLength(200_000);
    othersStand(found);
  });

  it('three hundred thousand revocations of one id are one', { timeout: 60_000 }, () => {
    const id = 'the-id-of-this-document';
    const revoked = Array.from({ length: 300_000 }, () => ({ id, since: yesterday, issuedBefore: instantOf(NOW) }));
    const map = [...testFormat().map, { to: '/revocationId', from: '/rid' }];
    const found = pack({ ...format({ map }), [`${base}revocations/a.json`]: { issued: instantOf(NOW), revoked } });
    expect(found.rejected).toEqual([]);
    const verdict = verdictOf(signPayload({ ...sound, rid: id }, key.signer), {
      standpoint: standpointOf(JUDGE, found),
    });
    expect(verdict.outcome).toBe('refuse');
    expect(codesOf(verdict)).toContain('REVOKED');
  });

  it('more findings of rules than a call takes arguments are all kept', () => {
    const many = Array.from({ length: 300_000 }, () => ({}));
    const question = {
      document: testDocument(),
      payload: {},
      issuerChain: ['x'],
      documentType: 'x',
      now: NOW,
      tolerance: 0,
      showing: {},
    };
    const bench = { agreements: { recognise: () => [] }, rules: { judge: () => many } };
    const found = judge(
      { ...question, presenting: presentingRule(false) } as unknown as Parameters<typeof judge>[0],
      bench as unknown as Parameters<typeof judge>[1],
    );
    expect(found.length).toBeGreaterThanOrEqual(many.length);
  });

  it('lists of revoked certificates that are none, or ten thousand bytes of nesting, are named', () => {
    const found = pack({
      [`${base}crls/a.crl`]: new Uint8Array(10_000).fill(0x30),
      [`${base}crls/b.crl`]: new Uint8Array(0),
      [`${base}crls/c.crl`]: new Uint8Array(17 * 1024 * 1024),
    });
    expect(found.rejected.map(({ file }) => file.slice(base.length))).toEqual([
      'crls/a.crl',
      'crls/b.crl',
      'crls/c.crl',
    ]);
    othersStand(found);
  });
});

describe('files that speak for another region', () => {
  const manifest = (id: string, more: object = {}) => ({
    region: id,
    name: { zh: '上海市', en: 'Shanghai' },
    issues: ['freight-pass'],
    ...more,
  });
  const rule = { ...fileOf<{ rules: object[] }>('regions/310000/rules/freight.json').rules[0] };
  it.each<[string, Record<string, unknown>, string]>([
    ['a manifest under another name', { [`${base}region.json`]: manifest('310000') }, 'but lies in regions/x-test'],
    ['a parent', { [`${base}region.json`]: manifest('x-test', { parent: '310000' }) }, 'stands only under its own'],
    [
      'itself as parent',
      { [`${base}region.json`]: manifest('x-test', { parent: 'x-test' }) },
      'stands only under its own',
    ],
    ['a rule of Shanghai’s', { [`${base}rules/a.json`]: { rules: [rule] } }, 'belongs to another region'],
    [
      'areas of Shanghai',
      {
        [`${base}areas/a.json`]: {
          from: '2026-01-01',
          until: '2027-01-01',
          tiers: ['high'],
          basis: { title: { zh: '一', en: 'one' } },
          areas: [{ area: '310118', tier: 'high' }],
        },
      },
      'x-test has no areas of GB/T 2260',
    ],
    ['a name of a file that moves the cursor', { [`${base}formats/\u001b[2J.json`]: testFormat() }, 'other signs than'],
    ['a name of a file that climbs', { [`${base}formats/../../310000/x y.json`]: testFormat() }, 'other signs than'],
  ])('%s', (_name, files, wanted) => {
    const found = pack(files);
    expect(found.rejected.map(({ reason }) => reason).join('\n')).toContain(wanted);
    expect(found.rejected.length).toBeGreaterThan(0);
    othersStand(found);
    for (const sample of samples.filter(({ region }) => region === '310000'))
      expect(sampleVerdict(sample, found).outcome).toBe(sample.expect.outcome);
  });
});

describe('another region’s shape of JSON', () => {
  const theirs = samples.filter(({ format: id }) => id === 'ah-licence/1');
  const listed = [...store.keys()].filter((file) => /^regions\/340000\/issuers\/.*json$/.test(file));
  const declared = fileOf<FormatDeclaration>('regions/340000/formats/ah-licence-1.json');
  const { recognise } = declared;
  const kind = (json: string[]): Record<string, unknown> => ({
    'regions/330000/formats/anything.json': {
      ...lenient(declared, 'road-transport-certificate'),
      ...{ format: 'anything/1', recognise: { json } },
    },
    'regions/330000/issuers/copied.json': copiedIssuers(listed),
  });
  const asked = { purpose: 'road-police' };
  const said = (wire: Wire, found?: Federation): string =>
    shortOf(verdictOf(wire, { ...asked, standpoint: standpointOf('310000', found) }));

  it.each<[string, string[]]>([
    ['the same and one more', [...recognise.json!, '/timestamp']],
    ['four that they have as well', ['/data', '/data/holder', '/sign', '/timestamp']],
    ['less', ['/sign']],
  ])('is not taken by whoever asks for %s, with the region’s public keys in its list', (_name, json) => {
    const found = federationWith(kind(json));
    expect(found.rejected).toEqual([]);
    expect(theirs.length).toBeGreaterThan(8);
    for (const { wire, name } of theirs) expect(said(wire, found), name).toBe(said(wire));
  });

  it('stays the region’s when it has retired its format', () => {
    const gone = { 'regions/340000/formats/ah-licence-1.json': undefined };
    const found = federationWith({ ...kind(['/sign', '/data/code']), ...gone });
    for (const { wire, name } of theirs) expect(said(wire, found), name).toBe('undetermined NOT_RECOGNISED');
  });

  it('is nobody’s where nothing is allotted: then it cannot be told whose a document is', () => {
    const found = federationWith({ ...kind([...recognise.json!, '/timestamp']), 'allotments.json': undefined });
    for (const { wire, name } of theirs) expect(said(wire, found), name).toBe('undetermined AMBIGUOUS_FORMAT');
  });
});

describe('a one-time id of no octets', () => {
  const once = (value: Uint8Array): string => {
    const found = pack({
      ...format({
        map: [...testFormat().map, { to: '/presentation/onceId', from: '/once', as: 'hex', optional: true }],
        absent: testFormat().absent!.filter((section) => section !== '/presentation'),
      }),
    });
    const wire = signPayload({ ...sound, iat: NOW / 1000 - 1, exp: NOW / 1000 + 40, once: value }, key.signer);
    return shortOf(verdictOf(wire, { standpoint: standpointOf(JUDGE, found) }));
  };

  it('gets a verdict, and no question to the memory that nothing can be asked of', () => {
    expect(once(new Uint8Array(8).fill(1))).toBe('conditional REPLAY_UNCHECKED');
    expect(once(new Uint8Array(0))).toBe('refuse DOCUMENT_INVALID');
  });
});

describe('rules without end', () => {
  const rule = (i: number) => ({
    ...{ id: `IR-${i}`, version: '1.0.0', region: 'x-test', type: 'invalidation', input: 'document' },
    description: { zh: '作废', en: 'void' },
    basis: { title: { zh: '测试', en: 'Test' } },
    engine: { name: 'certlogic', version: '1.0.0' },
    validFrom: '2020-01-01',
    affectedFields: ['docId'],
    logic: { '===': [1, 1] },
  });
  const rules = (count: number) => ({
    [`${base}rules/many.json`]: { rules: Array.from({ length: count }, (_, i) => rule(i)) },
  });
  const said = (found: Federation) =>
    verdictOf(signPayload(sound, key.signer), { standpoint: standpointOf(JUDGE, found) }).findings;

  it('make no verdict without end: a hundred are asked, and the rest is said to be open', () => {
    const findings = said(pack(rules(300)));
    expect(findings.filter(({ code }) => code === 'RULE_INVALIDATED')).toHaveLength(100);
    expect(findings.some(({ code }) => code === 'RULES_UNREADABLE')).toBe(true);
  });

  it('beyond what a region may have are not read, and then nobody knows what they say', () => {
    const found = pack(rules(501));
    expect(found.rejected.map(({ reason }) => reason)).toEqual(['501 rules, and at most 500 are read']);
    expect(
      said(found)
        .filter(({ code }) => code.startsWith('RULE'))
        .map(({ code }) => code),
    ).toEqual(['RULES_UNREADABLE']);
  });
});

describe('another region’s prefix', () => {
  const dcc = samples.find(({ region, expect: wanted }) => region === 'x-eu-dcc' && wanted.outcome === 'accept')!;
  const claimed = (recognise: FormatDeclaration['recognise']): string =>
    shortOf(verdictOf(dcc.wire, { standpoint: standpointOf(dcc.expect.for, pack(format({ recognise }))) }));

  it.each<[string, FormatDeclaration['recognise'], string]>([
    ['a shorter one', { prefix: 'HC' }, 'accept'],
    ['the same', { prefix: 'HC1:' }, 'accept'],
    // Whoever says more about a beginning than its owner would get its documents, and call them damaged.
    ['outbid, said twice', { prefix: 'HC1:', begins: 'HC1:' }, 'accept'],
    ['outbid, with the first sign of what follows', { prefix: (dcc.wire as string).slice(0, 5) }, 'accept'],
  ])('%s never makes a good document a bad one', (_name, recognise, wanted) => {
    expect(claimed(recognise)).toBe(wanted);
  });

  it('is not ours to give where nothing is allotted: then the same one is ambiguous', () => {
    const found = pack({ ...format({ recognise: { prefix: 'HC1:' } }), 'allotments.json': undefined });
    const verdict = verdictOf(dcc.wire, { standpoint: standpointOf(dcc.expect.for, found) });
    expect(shortOf(verdict)).toBe('undetermined AMBIGUOUS_FORMAT');
  });
});
