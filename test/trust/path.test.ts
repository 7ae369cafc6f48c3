import { beforeAll, describe, expect, it } from 'vitest';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  ia5String,
  integer,
  octetString,
  oid,
  sequence,
} from '../../src/codec/der-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { BUILD_LIMITS, buildPath, mayHaveIssued } from '../../src/trust/build.ts';
import { type Certificate, readCertificate, signatureCheck } from '../../src/trust/certificate.ts';
import { type PathInputs, validatePath } from '../../src/trust/path.ts';
import { DAY, NOW } from '../support/federation.ts';
import { authority, extension, issued, type Party, type Wishes, type x509 } from './authorities.ts';

const signed = signatureCheck(nodePlatform);
const of = (party: Party): Certificate => readCertificate(party.der);

/** The clause that fails, or nothing. In: certificates from the anchor down. */
function faultOf([anchor, ...below]: readonly Party[], inputs: PathInputs = {}): string | undefined {
  const path = below.map(of).reverse() as [Certificate, ...Certificate[]];
  return validatePath(path, of(anchor!), inputs, signed).fault;
}

const subtree = (tag: number, content: Uint8Array | string) =>
  sequence(contextPrimitive(tag, typeof content === 'string' ? new TextEncoder().encode(content) : content));
const constraints = (permitted: Uint8Array[], excluded: Uint8Array[] = [], critical = true) =>
  extension(
    '2.5.29.30',
    critical,
    sequence(
      ...(permitted.length ? [context(0, ...permitted)] : []),
      ...(excluded.length ? [context(1, ...excluded)] : []),
    ),
  );
const DNS = 2;
const EMAIL = 1;
const URI = 6;
const IP = 7;
const named = (tag: number, content: Uint8Array | string) =>
  extension(
    '2.5.29.17',
    false,
    sequence(contextPrimitive(tag, typeof content === 'string' ? new TextEncoder().encode(content) : content)),
  );
const policies = (...ids: string[]) => extension('2.5.29.32', false, sequence(...ids.map((id) => sequence(oid(id)))));
const mapping = (...pairs: [string, string][]) =>
  extension('2.5.29.33', true, sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to)))));
const policyConstraints = (explicit?: number, inhibit?: number) =>
  extension(
    '2.5.29.36',
    true,
    sequence(
      ...(explicit === undefined ? [] : [contextPrimitive(0, Uint8Array.of(explicit))]),
      ...(inhibit === undefined ? [] : [contextPrimitive(1, Uint8Array.of(inhibit))]),
    ),
  );

let root: Party;
beforeAll(async () => {
  root = await authority('Root');
});

const below = async (authorityWishes: Wishes, leafWishes: Wishes): Promise<Party[]> => {
  const middle = await issued(root, 'Middle', { ca: true, ...authorityWishes });
  return [root, middle, await issued(middle, 'Leaf', leafWishes)];
};

describe('name constraints', () => {
  const cases: readonly [string, Uint8Array[], Uint8Array[], [number, Uint8Array | string], string | undefined][] = [
    ['the domain itself', [subtree(DNS, 'gov.example')], [], [DNS, 'gov.example'], undefined],
    ['a name below it, in capitals', [subtree(DNS, 'gov.example')], [], [DNS, 'A.B.GOV.EXAMPLE'], undefined],
    ['a name that only ends like it', [subtree(DNS, 'gov.example')], [], [DNS, 'notgov.example'], 'does not permit'],
    ['a wildcard below it', [subtree(DNS, 'gov.example')], [], [DNS, '*.gov.example'], undefined],
    [
      'a wildcard that covers what is excluded',
      [],
      [subtree(DNS, 'x.gov.example')],
      [DNS, '*.gov.example'],
      'excludes',
    ],
    ['everything of a kind excluded', [], [subtree(DNS, '')], [DNS, 'gov.example'], 'excludes'],
    ['another kind of name', [subtree(DNS, 'gov.example')], [], [EMAIL, 'a@elsewhere.example'], undefined],
    ['a name that is none', [subtree(DNS, 'gov.example')], [], [DNS, 'gov..example'], 'is none'],
    ['a constraint that is none', [subtree(DNS, '.gov.example')], [], [DNS, 'a.gov.example'], 'is not a DNS name'],
    ['a mailbox of a host', [subtree(EMAIL, 'gov.example')], [], [EMAIL, 'a@gov.example'], undefined],
    ['a mailbox of a host below', [subtree(EMAIL, 'gov.example')], [], [EMAIL, 'a@b.gov.example'], 'does not permit'],
    ['a mailbox below a domain', [subtree(EMAIL, '.gov.example')], [], [EMAIL, 'a@b.gov.example'], undefined],
    ['another mailbox of the host', [subtree(EMAIL, 'a@gov.example')], [], [EMAIL, 'b@gov.example'], 'does not permit'],
    [
      'a second @ in quotes',
      [subtree(EMAIL, 'gov.example')],
      [],
      [EMAIL, '"a@gov.example"@x.example'],
      'does not permit',
    ],
    ['a URI of the host', [subtree(URI, 'gov.example')], [], [URI, 'https://u@gov.example:8443/x?y'], undefined],
    [
      'a host in the user part',
      [subtree(URI, 'gov.example')],
      [],
      [URI, 'https://gov.example@x.example/'],
      'does not permit',
    ],
    ['a URI without a host', [subtree(URI, 'gov.example')], [], [URI, 'urn:x'], 'is none'],
    ['a URI with an address', [subtree(URI, '.example')], [], [URI, 'https://192.0.2.1/'], 'is none'],
    [
      'an address in the block',
      [subtree(IP, Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0))],
      [],
      [IP, Uint8Array.of(192, 0, 2, 7)],
      undefined,
    ],
    [
      'an address outside',
      [subtree(IP, Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0))],
      [],
      [IP, Uint8Array.of(192, 0, 3, 7)],
      'does not permit',
    ],
    [
      'a mask with holes',
      [subtree(IP, Uint8Array.of(192, 0, 2, 0, 255, 0, 255, 0))],
      [],
      [IP, Uint8Array.of(192, 0, 2, 7)],
      'is not an IP address',
    ],
    [
      'a constrained kind that cannot be compared',
      [],
      [subtree(8, Uint8Array.of(0x2a))],
      [8, Uint8Array.of(0x2a, 3)],
      'cannot be compared',
    ],
  ];
  it.each(cases)('%s', async (_, permitted, excluded, [tag, name], wanted) => {
    const fault = faultOf(await below({ more: [constraints(permitted, excluded)] }, { more: [named(tag, name)] }));
    if (wanted === undefined) expect(fault).toBeUndefined();
    else expect(fault).toContain(wanted);
  });

  it('bind whether critical or not, and those of the anchor too where it is asked', async () => {
    const elsewhere = { more: [named(DNS, 'x.example')] };
    const limits = [subtree(DNS, 'gov.example')];
    expect(faultOf(await below({ more: [constraints(limits, [], false)] }, elsewhere))).toContain('does not permit');
    const bound = await authority('Bound', { more: [constraints(limits)] });
    const path = [bound, await issued(bound, 'Leaf', elsewhere)];
    expect(faultOf(path)).toBeUndefined();
    expect(faultOf(path, { anchorBinds: true })).toContain('does not permit');
  });

  it('of e-mail bind the address in a subject as well', async () => {
    const middle = await issued(root, 'Middle', { ca: true, more: [constraints([subtree(EMAIL, 'gov.example')])] });
    const leaf = await issued(middle, 'Leaf, E=a@x.example');
    expect(faultOf([root, middle, leaf])).toContain('an e-mail address');
  });
});

const ONE = '1.2.156.1.1';
const TWO = '1.2.156.1.2';
const ANY = '2.5.29.32.0';

describe('certificate policies', () => {
  const explicit: PathInputs = { explicitPolicy: true };
  it.each<[string, x509.Extension[], x509.Extension[], PathInputs, boolean]>([
    ['none, none asked for', [], [], {}, true],
    ['none, one asked for', [], [], explicit, false],
    ['the same all the way', [policies(ONE)], [policies(ONE)], explicit, true],
    ['another one below', [policies(ONE)], [policies(TWO)], explicit, false],
    ['any above', [policies(ANY)], [policies(ONE)], explicit, true],
    [
      'any above, where it is inhibited',
      [policies(ANY)],
      [policies(ONE)],
      { ...explicit, inhibitAnyPolicy: true },
      false,
    ],
    ['one that is asked for', [policies(ONE)], [policies(ONE)], { ...explicit, policies: new Set([ONE]) }, true],
    ['one that is not asked for', [policies(ONE)], [policies(ONE)], { ...explicit, policies: new Set([TWO]) }, false],
    ['mapped', [policies(ONE), mapping([ONE, TWO])], [policies(TWO)], { ...explicit, policies: new Set([ONE]) }, true],
    [
      'mapped: the word below is not that of who asks',
      [policies(ONE), mapping([ONE, TWO])],
      [policies(TWO)],
      { ...explicit, policies: new Set([TWO]) },
      false,
    ],
    [
      'mapped, where that is inhibited',
      [policies(ONE), mapping([ONE, TWO])],
      [policies(TWO)],
      { ...explicit, inhibitMapping: true },
      false,
    ],
    ['mapped to any', [policies(ONE), mapping([ONE, ANY])], [policies(ONE)], {}, false],
    ['an authority asks for one', [policyConstraints(0)], [], {}, false],
    ['an authority asks for one further down than the path goes', [policyConstraints(2)], [], {}, true],
    ['a policy twice', [policies(ONE, ONE)], [], {}, false],
    ['constraints that constrain nothing', [policyConstraints()], [], {}, false],
  ])('%s', async (_, above, last, inputs, good) => {
    const fault = faultOf(await below({ more: above }, { more: last }), inputs);
    expect(fault === undefined).toBe(good);
  });

  it('cannot be made to grow without bound (CVE-2023-0464)', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `1.2.156.9.${i}`);
    const all = many.flatMap((from) => many.slice(0, 2).map((to): [string, string] => [from, to]));
    const more = [policies(...many), mapping(...all)];
    const path = [root];
    for (let i = 0; i < 8; i++) path.push(await issued(path.at(-1)!, `CA ${i}`, { ca: true, more }));
    path.push(await issued(path.at(-1)!, 'Leaf', { more: [policies(many[0]!)] }));
    const result = validatePath(path.slice(1).map(of).reverse() as never, of(root), explicit, signed);
    expect(result).toMatchObject({ policies: new Set(many) });
  });
});

describe('other clauses', () => {
  it('the path length counts authorities that did not issue to themselves', async () => {
    const short = await issued(root, 'Short', { ca: true, pathLength: 0 });
    const again = await issued(short, 'Short', { ca: true });
    expect(faultOf([root, short, again, await issued(again, 'Leaf')])).toBeUndefined();
    const other = await issued(short, 'Other', { ca: true });
    expect(faultOf([root, short, other, await issued(other, 'Leaf')])).toContain('more authorities');
  });

  it('times are those of the clock that is passed in, for every certificate', async () => {
    const path = await below({ until: NOW + DAY }, {});
    expect(faultOf(path, { at: NOW })).toBeUndefined();
    expect(faultOf(path, { at: NOW + DAY })).toBeUndefined();
    expect(faultOf(path, { at: NOW + DAY + 1 })).toContain('expired');
    expect(faultOf(path, { at: NOW - 101 * DAY })).toContain('not valid yet');
  });

  it('purposes of authorities bind what they issue', async () => {
    const mine = { purposes: ['1.2.3.4'] };
    expect(faultOf(await below({ purposes: ['1.3.6.1.5.5.7.3.1'] }, mine), mine)).toContain('other purposes');
    expect(faultOf(await below({ purposes: ['2.5.29.37.0'] }, mine), mine)).toBeUndefined();
    expect(faultOf(await below({}, { purposes: ['1.2.3.5'] }), mine)).toContain('other purposes');
  });

  it('a name matches whatever its case and white space', async () => {
    const one = await authority('Ministry  of Examples');
    const leaf = await issued({ ...one, certificate: (await authority('MINISTRY of examples')).certificate }, 'Leaf');
    expect(faultOf([one, leaf])).toBeUndefined();
  });

  it('two parts of a name are not one with a comma', async () => {
    const one = of(await authority('a,CN=b'));
    const other = of(await authority('"a\\,CN=b"'));
    expect(one.subject.key).not.toBe(other.subject.key);
  });
});

describe('building', () => {
  const build = (target: Certificate, pool: readonly Certificate[], anchors: readonly Certificate[] = [of(root)]) =>
    buildPath(
      target,
      {
        pool,
        anchorsOf: (certificate) => anchors.filter((anchor) => mayHaveIssued(anchor, certificate)),
        certificateOf: (anchor) => anchor,
      },
      {},
      signed,
    );

  it('tries the next way where one fails', async () => {
    const bad = await issued(root, 'Twice', { ca: true, more: [extension('1.2.3.4', true, integer(1))] });
    const good = await issued(root, 'Twice', { ca: true, keys: bad.keys });
    const leaf = of(await issued(good, 'Leaf'));
    expect(build(leaf, [of(bad), of(good)])).toMatchObject({ path: [leaf, expect.anything()] });
    expect(build(leaf, [of(bad)])).toMatchObject({ fault: expect.stringContaining('1.2.3.4') });
  });

  it('ends in a thousand authorities that issue to each other in circles', async () => {
    const keys = (await authority('Key')).keys;
    const names = Array.from({ length: 32 }, (_, i) => `Circle ${i}`);
    const parties = await Promise.all(names.map((name) => authority(name, { keys })));
    const pool: Certificate[] = [];
    for (const by of parties)
      for (const name of names) pool.push(of(await issued(by, name, { ca: true, keys, anonymous: true })));
    expect(pool).toHaveLength(1024);
    const leaf = of(await issued(parties[0]!, 'Leaf', { anonymous: true }));
    expect(build(leaf, pool)).toEqual({ unknown: 'more ways lead up from the certificate than are tried' });
  }, 60_000);

  it('checks no more signatures than it may for a thousand authorities of one name', async () => {
    let checks = 0;
    const twin = of(await authority('Twin', { keys: root.keys }));
    const leaf = of(await issued(await authority('Twin'), 'Leaf', { anonymous: true }));
    const pool = Array.from({ length: 1000 }, (_, i) => ({ ...twin, spki: Uint8Array.of(i >> 8, i) }));
    const counted = buildPath(
      leaf,
      { pool, anchorsOf: () => [] as Certificate[], certificateOf: (anchor) => anchor },
      {},
      () => ++checks < 0,
    );
    expect(counted).toMatchObject({ unknown: expect.stringContaining('more ways') });
    expect(checks).toBe(BUILD_LIMITS.signatures);
  });

  it('leads nowhere without an authority, which proves nothing', async () => {
    const stranger = await authority('Stranger');
    expect(build(of(await issued(stranger, 'Leaf')), [of(stranger)])).toHaveProperty('unknown');
  });
});

describe('hostile extensions', () => {
  it.each<[string, x509.Extension]>([
    ['name constraints without any', extension('2.5.29.30', true, sequence())],
    ['an empty list of them', extension('2.5.29.30', true, sequence(context(0)))],
    [
      'a minimum',
      extension(
        '2.5.29.30',
        true,
        sequence(context(0, sequence(contextPrimitive(2, Uint8Array.of(0x61)), contextPrimitive(0, Uint8Array.of(1))))),
      ),
    ],
    ['policies that are a text', extension('2.5.29.32', false, ia5String('x'))],
    ['a count below zero', extension('2.5.29.54', true, integer(-1))],
    ['a count beyond all', extension('2.5.29.54', true, integer(2n ** 64n))],
    ['mappings cut short', extension('2.5.29.33', true, sequence(sequence(oid(ONE))))],
    ['more policies than anybody names', policies(...Array.from({ length: 129 }, (_, i) => `1.2.156.9.${i}`))],
    [
      'bytes behind',
      extension('2.5.29.36', true, Uint8Array.from([...sequence(contextPrimitive(0, Uint8Array.of(0))), 0])),
    ],
    ['a bit string', extension('2.5.29.30', true, bitString(Uint8Array.of(0)))],
    ['a flag', extension('2.5.29.33', true, boolean(true))],
    ['octets', extension('2.5.29.36', true, octetString(Uint8Array.of(0)))],
  ])('%s is a fault of the path', async (_, bad) => {
    expect(faultOf(await below({ more: [bad] }, {}))).toMatch(/certificate|der/);
  });
});
