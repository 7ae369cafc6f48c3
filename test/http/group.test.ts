import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { writeQr } from '../../src/codec/picture.node.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { StoreError } from '../../src/store/error.ts';
import { keyRow, keyringOf, linesOf, useGateway } from './harness.ts';
import { IDENTITIES } from './planted.ts';

const gateway = useGateway();
const text = (name: string): { text: string } => ({ text: gateway.wire(name) });
const truck = (): object[] =>
  ['340000/freight-crew', '330000/paper-driving-licence', '330000/paper-road-transport'].map(text);
const post = (body: object | string, headers: Record<string, string> = {}) =>
  gateway.call('POST', '/v1/verify/group', { body, headers, type: 'application/json' });

describe('POST /v1/verify/group', () => {
  it('gives one outcome, and the verdict on each document', async () => {
    const { status, json } = await post({ members: truck(), occupants: 1 });
    expect([status, json.outcome, json.composition.id, json.occupants]).toEqual([200, 'accept', 'freight', 1]);
    expect(
      json.members.map((each: { role: { id: string }; verdict: { outcome: string } }) => [
        each.role.id,
        each.verdict.outcome,
      ]),
    ).toEqual([
      ['pass', 'accept'],
      ['driver', 'accept'],
      ['vehicle', 'accept'],
    ]);
  });

  it('takes files and pictures as well, and what is only a reference', async () => {
    const [pass, licence, certificate] = truck() as { text: string }[];
    const members = [
      { bytes: encodeBase64(await writeQr(pass!.text)) },
      { bytes: encodeBase64(encodeUtf8(`${licence!.text}\n`)) },
      certificate!,
    ];
    expect((await post({ members, occupants: 1 })).json.outcome).toBe('accept');
    const reference = { reference: { region: '330000', passNumber: 'REF-0001' } };
    const { json } = await post({ members: [...members, reference], occupants: 1 });
    expect([json.outcome, json.reasons]).toEqual(['undetermined', ['MEMBER_UNDETERMINED']]);
  });

  it('takes a file with its signature file beside it, and says where base64 is none', async () => {
    const { wire, beside } = gateway.samples.find(
      ({ region, name }) => region === '320000' && name === 'licence-transport',
    )!;
    const [pass, licence] = truck();
    const certificate = { bytes: encodeBase64(wire as Uint8Array), beside: encodeBase64(beside!) };
    const { json } = await post({ members: [pass, licence, certificate], occupants: 1 });
    expect(json.members[2].verdict.outcome).toBe('accept');
    const alone = await post({ members: [pass, licence, { bytes: certificate.bytes }], occupants: 1 });
    expect(alone.json.members[2].verdict.reasons).toEqual(['PARTS_MISSING']);
    const spoiled = await post({ members: [{ ...certificate, beside: '***' }] });
    expect([spoiled.status, spoiled.json.at]).toEqual([400, '/members/0/beside']);
    expect((await post({ members: [{ ...pass, beside: certificate.beside }] })).status).toBe(400);
  });

  it('looks at each document as it was shown', async () => {
    const [code, pass] = [text('330000/code-green'), text('330000/pass-pseudonym')];
    const paper = await post({ members: [{ ...code, medium: 'paper' }, pass] });
    expect([paper.json.outcome, paper.json.reasons]).toEqual(['refuse', ['MEMBER_REFUSED']]);
    expect(paper.json.members[0].verdict.reasons).toEqual(['PAPER_REFUSED']);
  });

  it('judges what is asked of it: occupants, roles, composition', async () => {
    expect((await post({ members: truck() })).json.reasons).toEqual(['PEOPLE_TO_COUNT']);
    expect((await post({ members: truck(), occupants: 2 })).json.reasons).toEqual(['PEOPLE_WITHOUT_PASS']);
    const [pass, licence, certificate] = truck();
    const swapped = [pass, { ...licence, role: 'vehicle' }, certificate];
    expect((await post({ members: swapped, occupants: 1 })).json.reasons).toEqual(['ROLE_MISMATCH', 'ROLE_MISSING']);
    const named = await post({ members: [text('330000/pass-commitments')], composition: 'commitments' });
    expect(named.json.reasons).toEqual(['ROLE_MISSING']);
  });
});

describe('a request that is wrong', () => {
  const one = { text: 'x' };
  it.each<[string, object | string, number, string, string | undefined]>([
    ['without members', {}, 400, 'invalid-ask', ''],
    ['with none', { members: [] }, 400, 'invalid-ask', '/members'],
    ['with a member that is nothing', { members: [{}] }, 400, 'invalid-ask', '/members/0'],
    ['with a member that is two things', { members: [{ ...one, bytes: 'eA==' }] }, 400, 'invalid-ask', '/members/0'],
    [
      'with a member that says for whom',
      { members: [{ ...one, for: '310000' }] },
      400,
      'invalid-ask',
      '/members/0/for',
    ],
    ['with too many', { members: Array.from({ length: 21 }, () => one) }, 413, 'too-many-members', '/members'],
    ['with very many', { members: Array.from({ length: 5000 }, () => one) }, 400, 'invalid-json', undefined],
    [
      'with a text that is too long',
      { members: [one, { text: 'x'.repeat(1_000_001) }] },
      413,
      'too-large',
      '/members/1/text',
    ],
    ['with base64 that is none', { members: [one, { bytes: '?' }] }, 400, 'invalid-ask', '/members/1/bytes'],
    ['with people in parts', { members: [one], occupants: 1.5 }, 400, 'invalid-ask', '/occupants'],
    ['with fewer than no people', { members: [one], occupants: -1 }, 400, 'invalid-ask', '/occupants'],
    ['with a crowd', { members: [one], occupants: 201 }, 400, 'invalid-ask', '/occupants'],
    [
      'with a role that is a sentence',
      { members: [{ ...one, role: IDENTITIES.name }] },
      400,
      'invalid-ask',
      '/members/0/role',
    ],
    [
      'with a composition that there is not',
      { members: [one], composition: 'ship' },
      400,
      'unknown-composition',
      '/composition',
    ],
    ['for a region that there is not', { members: [one], for: '999999' }, 400, 'unknown-region', 'for'],
    ['at a time that is none', { members: [one], at: '2026-02-30T00:00:00Z' }, 400, 'invalid-ask', '/at'],
    ['that is no JSON', '{', 400, 'invalid-json', undefined],
    ['that is a list', [one], 400, 'invalid-ask', ''],
  ])('%s', async (_, body, status, code, at) => {
    const answer = await post(body);
    expect([answer.status, answer.json.type, answer.json.at]).toEqual([status, `urn:tongren:problem:${code}`, at]);
    for (const value of Object.values(IDENTITIES)) expect(answer.text).not.toContain(value);
  });

  it('names the compositions that there are', async () => {
    const { json } = await post({ members: [one], composition: 'ship' });
    expect(json.allowed).toContain('freight');
  });
});

describe('the caller of a group', () => {
  const call = (body: object, key: ReturnType<typeof keyRow>, more: Record<string, string> = {}) =>
    post(body, { ...key.headers, ...more });
  const few = keyRow({ id: 'few', scopes: ['verify'], perMinute: 4 });
  const other = keyRow({ id: 'other', scopes: ['convert'] });
  const bound = keyRow({ id: 'bound', scopes: ['verify'], regions: ['330000'] });
  beforeAll(() => {
    gateway.keyring = keyringOf(few.row, other.row, bound.row);
  });
  afterAll(() => {
    gateway.keyring = undefined;
  });

  it('pays for each document', async () => {
    const first = await call({ members: truck() }, few);
    expect([first.status, first.headers.get('ratelimit')]).toEqual([200, expect.stringMatching(/r=1;/)]);
    const second = await call({ members: truck() }, few);
    expect([second.status, second.json.type]).toEqual([429, 'urn:tongren:problem:too-many-requests']);
  });

  it('needs the scopes and regions of single documents', async () => {
    const members = [{ text: 'x' }];
    expect((await post({ members })).status).toBe(401);
    for (const [key, more, type] of [
      [other, {}, 'forbidden-scope'],
      [bound, {}, 'forbidden-ask'],
      [bound, { Prefer: 'recorded' }, 'forbidden-scope'],
    ] as const) {
      const body = { members, ...('Prefer' in more ? { for: '330000' } : {}) };
      expect((await call(body, key, more)).json.type).toBe(`urn:tongren:problem:${type}`);
    }
  });
});

describe('a group that is recorded', () => {
  const recorded = { Prefer: 'recorded', 'Tongren-Checkpoint': 'G2-01' };

  it('leaves a receipt of each document, all with one id', async () => {
    const { json, headers } = await post({ members: truck(), occupants: 1, record: { officer: 'A17' } }, recorded);
    expect([json.verdict.outcome, json.receipts.length, headers.get('preference-applied')]).toEqual([
      'accept',
      3,
      'recorded',
    ]);
    for (const receipt of json.receipts) {
      expect(receipt).toMatchObject({ group: json.group, officer: 'A17', checkpoint: 'G2-01', outcome: 'accept' });
      expect((await gateway.call('GET', `/v1/receipts/${receipt.id}`)).json).toEqual(receipt);
    }
    expect(new Set(json.receipts.map(({ id }: { id: string }) => id)).size).toBe(3);
  });

  it('gets no verdict where one of them cannot be written', async () => {
    const { records } = gateway;
    let left = 1;
    gateway.records = async () => {
      const all = await records();
      const record: typeof all.recorder.record = async (...of) => {
        left -= 1;
        if (left < 0) throw new StoreError('unavailable');
        return all.recorder.record(...of);
      };
      return { ...all, recorder: { ...all.recorder, record } };
    };
    const answer = await post({ members: truck() }, recorded);
    gateway.records = records;
    expect([answer.status, answer.json.type, answer.text.includes('outcome')]).toEqual([
      503,
      'urn:tongren:problem:store-unavailable',
      false,
    ]);
  });
});

it('the log says the outcome and why, and nothing of the documents', async () => {
  const before = gateway.log.length;
  const { text: sent } = await post({ members: [...truck(), text('330000/paper-id-card-li')], purpose: 'road-police' });
  expect(sent).toContain('HOLDERS_DIFFER');
  await gateway.call('GET', '/healthz');
  const lines = linesOf(gateway.log.slice(before).join(''));
  expect(lines.find((line: { route?: string }) => line.route === '/v1/verify/group')).toMatchObject({
    outcome: 'refuse',
    reasons: expect.arrayContaining(['HOLDERS_DIFFER']),
  });
  for (const value of ['示例', '440524188001010014', '浙F', 'zj-paper'])
    expect(gateway.log.join('')).not.toContain(value);
});
