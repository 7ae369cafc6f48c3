import { beforeAll, describe, expect, it } from 'vitest';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  integer,
  octetString,
  oid,
  sequence,
  time,
} from '../../src/codec/der-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { type Certificate, signatureCheck } from '../../src/trust/certificate.ts';
import { type Crl, readCrl } from '../../src/trust/crl.ts';
import { linksOf, statusOf } from '../../src/trust/revocation.ts';
import { DAY, NOW } from '../support/federation.ts';
import { ECDSA, enumerated, of, signedBy } from './answers.ts';
import { authority, extension, issued, type Party, x509 } from './authorities.ts';

/** Lists that are indirect, partial, of changes only, or signed with another key (RFC 5280 §6.3). */

interface ListWishes {
  readonly by?: Party;
  readonly number?: number;
  readonly base?: number;
  readonly point?: Uint8Array;
  readonly from?: number;
  readonly until?: number;
  readonly entries?: readonly {
    readonly party: Party;
    readonly reason?: number;
    readonly issuer?: Party;
    readonly since?: number;
  }[];
}

let ca: Party;
let leaf: Party;
beforeAll(async () => {
  ca = await authority('CA');
  leaf = await issued(ca, 'Leaf');
});

const critical = (id: string, value: Uint8Array) => sequence(oid(id), boolean(true), octetString(value));
const plain = (id: string, value: Uint8Array) => sequence(oid(id), octetString(value));
const directory = (party: Party) => context(4, of(party).subject.raw);

async function listOf({ by = ca, number = 1, base, point, entries = [], ...times }: ListWishes = {}): Promise<Crl> {
  const rows = entries.map(({ party, reason, issuer, since = NOW - 2 * DAY }) => {
    const extensions = [
      ...(reason === undefined ? [] : [plain('2.5.29.21', enumerated(reason))]),
      ...(issuer === undefined ? [] : [critical('2.5.29.29', sequence(directory(issuer)))]),
    ];
    const serial = integer(BigInt(`0x${of(party).serial}`));
    return sequence(serial, time(since), ...(extensions.length ? [sequence(...extensions)] : []));
  });
  const extensions = [
    plain('2.5.29.20', integer(number)),
    ...(base === undefined ? [] : [critical('2.5.29.27', integer(base))]),
    ...(point === undefined ? [] : [critical('2.5.29.28', point)]),
  ];
  const tbs = sequence(
    integer(1),
    ECDSA,
    of(by).subject.raw,
    time(times.from ?? NOW - DAY),
    time(times.until ?? NOW + DAY),
    ...(rows.length ? [sequence(...rows)] : []),
    context(0, sequence(...extensions)),
  );
  return readCrl(sequence(tbs, ECDSA, bitString(await signedBy(by, tbs))));
}

interface Situation {
  readonly certificate?: Party;
  readonly signers?: readonly Party[];
  readonly now?: number;
}

function stateOf(crls: readonly Crl[], { certificate = leaf, signers = [], now = NOW }: Situation = {}): string {
  const byIssuer = new Map<string, Crl[]>();
  for (const crl of crls) byIssuer.set(crl.issuer.key, [...(byIssuer.get(crl.issuer.key) ?? []), crl]);
  const path: [Certificate] = [of(certificate)];
  const lists = { byIssuer, signers: signers.map(of), anchor: of(ca), signed: signatureCheck(nodePlatform) };
  const status = statusOf(linksOf(path, lists)[0]!, now);
  return status.state === 'unknown' ? status.why : status.state;
}

const FLAG = Uint8Array.of(0xff);
const named = (uri: string) => context(0, context(0, contextPrimitive(6, new TextEncoder().encode(uri))));
/** Mask bits as ReasonFlags: bit 0 first. */
const reasons = (tag: number, ...bits: number[]) => {
  const octets = new Uint8Array(2);
  for (const bit of bits) octets[bit >> 3]! |= 0x80 >> (bit & 7);
  return contextPrimitive(tag, Uint8Array.of(7, ...octets));
};
const NO_LIST = 'there is no list of its authority';

describe('a list that is limited', () => {
  it.each<[string, Uint8Array, string]>([
    ['to certificates of others than authorities', sequence(contextPrimitive(1, FLAG)), 'good'],
    ['to authorities', sequence(contextPrimitive(2, FLAG)), NO_LIST],
    ['to attribute certificates', sequence(contextPrimitive(5, FLAG)), NO_LIST],
    ['to an address that the certificate does not name', sequence(named('http://crl.example/1')), NO_LIST],
    ['to some reasons', sequence(reasons(3, 1, 2)), 'the lists of its authority do not speak of all reasons'],
  ])('%s', async (_, point, wanted) => {
    expect(stateOf([await listOf({ point })])).toBe(wanted);
  });

  it('to the address that the certificate names', async () => {
    const at = (uri: string) => extension('2.5.29.31', false, sequence(sequence(named(uri))));
    const certificate = await issued(ca, 'Leaf', { more: [at('http://crl.example/1')] });
    const one = await listOf({ point: sequence(named('http://crl.example/1')) });
    const two = await listOf({ point: sequence(named('http://crl.example/2')), entries: [{ party: certificate }] });
    expect(stateOf([one], { certificate })).toBe('good');
    expect(stateOf([two], { certificate })).toBe(NO_LIST);
    expect(stateOf([await listOf()], { certificate })).toBe('good');
  });

  it('to some reasons, and another to the rest: together they speak of all', async () => {
    const some = await listOf({ point: sequence(reasons(3, 1, 2)) });
    const rest = await listOf({ point: sequence(reasons(3, 3, 4, 5, 6, 7, 8)) });
    expect(stateOf([some, rest])).toBe('good');
    const revoked = await listOf({ point: sequence(reasons(3, 1, 2)), entries: [{ party: leaf, reason: 1 }] });
    expect(stateOf([revoked])).toBe('revoked');
  });
});

describe('a list of changes', () => {
  const HOLD = 6;
  const REMOVED = 8;
  it.each<[string, ListWishes, ListWishes, string]>([
    ['adds a revocation', {}, { number: 2, base: 1 }, 'revoked'],
    ['says nothing of it', {}, { number: 2, base: 1 }, 'good'],
    ['starts from a list that is not here', {}, { number: 9, base: 5 }, 'good'],
    [
      'alone is no good word',
      { until: NOW - 1 },
      { number: 9, base: 5 },
      'the newest list of its authority is out of date',
    ],
    ['keeps its full list current', { until: NOW - 1 }, { number: 2, base: 1 }, 'good'],
    [
      'is out of date like its full list',
      { until: NOW - 1 },
      { number: 2, base: 1, until: NOW - 1 },
      'the newest list of its authority is out of date',
    ],
  ])('%s', async (_, full, changes, wanted) => {
    const entries = wanted === 'revoked' ? [{ party: leaf }] : [];
    expect(stateOf([await listOf(full), await listOf({ ...changes, entries })])).toBe(wanted);
  });

  it('takes back a hold, and nothing else', async () => {
    const changes = await listOf({ number: 2, base: 1, entries: [{ party: leaf, reason: REMOVED }] });
    const held = await listOf({ entries: [{ party: leaf, reason: HOLD }] });
    expect(stateOf([held])).toBe('revoked');
    expect(stateOf([held, changes])).toBe('good');
    const stolen = await listOf({ entries: [{ party: leaf, reason: 1 }] });
    expect(stateOf([stolen, changes])).toBe('revoked');
  });

  it('puts on hold', async () => {
    const changes = await listOf({ number: 2, base: 1, entries: [{ party: leaf, reason: HOLD }] });
    expect(stateOf([await listOf(), changes])).toBe('revoked');
  });

  it('without any full list says nothing good', async () => {
    expect(stateOf([await listOf({ number: 2, base: 1 })])).toBe(NO_LIST);
  });
});

describe('a list signed by another', () => {
  const sign = { usage: x509.KeyUsageFlags.cRLSign };

  it('key of the authority, which it certified for that', async () => {
    const signer = await issued(ca, 'CA', sign);
    const own = await listOf();
    const theirs = await listOf({ by: signer, number: 2 });
    expect(stateOf([theirs], { signers: [signer] })).toBe('good');
    expect(stateOf([theirs])).toBe(NO_LIST);
    expect(
      stateOf([own, await listOf({ by: signer, number: 2, entries: [{ party: leaf }] })], { signers: [signer] }),
    ).toBe('revoked');
  });

  it('which was revoked, or may not sign lists, or is somebody else of that name', async () => {
    const signer = await issued(ca, 'CA', sign);
    const revoking = await listOf({ entries: [{ party: signer }], until: NOW - 1, from: NOW - DAY * 2 });
    const theirs = await listOf({ by: signer, number: 2 });
    expect(stateOf([revoking, theirs], { signers: [signer] })).not.toBe('good');
    const mayNot = await issued(ca, 'CA');
    expect(stateOf([await listOf({ by: mayNot })], { signers: [mayNot] })).toBe(NO_LIST);
    const impostor = await authority('CA');
    expect(stateOf([await listOf({ by: impostor })], { signers: [impostor] })).toBe(NO_LIST);
  });

  it('which has expired', async () => {
    const signer = await issued(ca, 'CA', { ...sign, until: NOW + DAY });
    const theirs = await listOf({ by: signer, until: NOW + 10 * DAY });
    expect(stateOf([theirs], { signers: [signer] })).toBe('good');
    expect(stateOf([theirs], { signers: [signer], now: NOW + 2 * DAY })).toBe(NO_LIST);
  });

  it('issuer, if the certificate names it and the list is indirect', async () => {
    const signer = await issued(ca, 'Lists', sign);
    const certificate = await issued(ca, 'Leaf', {
      more: [extension('2.5.29.31', false, sequence(sequence(context(2, directory(signer)))))],
    });
    const point = sequence(contextPrimitive(4, FLAG));
    const signers = [signer];
    const good = await listOf({ by: signer, point });
    // The signer's own certificate is of the authority, whose list has to speak of it.
    expect(stateOf([good], { certificate, signers })).toBe(NO_LIST);
    expect(
      stateOf([good, await listOf({ point: sequence(named('http://x.example/')) })], { certificate, signers }),
    ).toBe(NO_LIST);
    const own = await listOf({ until: NOW - 1, from: NOW - 2 * DAY });
    expect(stateOf([good, own], { certificate, signers, now: NOW - DAY })).toBe('good');
    const theirs = await listOf({ by: signer, point, entries: [{ party: certificate, issuer: ca }] });
    expect(stateOf([theirs, await listOf()], { certificate, signers })).toBe('revoked');
    expect(
      stateOf([await listOf({ by: signer }), await listOf({ until: NOW - 1, from: NOW - 2 * DAY })], {
        certificate,
        signers,
      }),
    ).not.toBe('good');
  });

  it('issuer: an entry is of the issuer named last, and of nobody else', async () => {
    const other = await authority('Other');
    const point = sequence(contextPrimitive(4, FLAG));
    const list = await listOf({ point, entries: [{ party: leaf, issuer: other }] });
    expect(stateOf([list])).toBe('good');
    const after = await issued(ca, 'After');
    const both = await listOf({ point, entries: [{ party: after, issuer: other }, { party: leaf }] });
    expect(both.others.get(of(other).subject.key)?.size).toBe(2);
    expect(stateOf([both])).toBe('good');
    await expect(listOf({ entries: [{ party: leaf, issuer: other }] })).rejects.toThrow('not indirect');
  });
});
