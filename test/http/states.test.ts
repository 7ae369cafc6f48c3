import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Notice } from '../../src/document/generated/types.ts';
import { writeStateList } from '../../src/record/state-list.ts';
import { NOW } from '../support/federation.ts';
import { random, useExchanging } from './exchanging.ts';
import { keyRow, useGateway } from './harness.ts';
import { formsOf } from './planted.ts';
import { send, signedCall } from './signed.ts';

const h = useGateway();
const desk = keyRow({ id: 'desk', scopes: ['resolve'], purposes: ['checkpoint', 'counter'] });
const police = keyRow({ id: 'police', scopes: ['resolve'], purposes: ['road-police'] });
const USE = { orgName: '参考检查站', username: 'desk-01', itemName: '查验', itemCode: 'CY-01', businessCode: 'CASE-1' };
/** Nobody's: the days of birth are none. */
const RED = '31000019900230001X';
const OTHER = '310000199002320001';
const JIANGSU = '320583199902300018';

const made = useExchanging(
  h,
  { post: () => Promise.reject(new Error('not told')), seal: async () => undefined },
  desk,
  police,
);
afterEach(() => {
  made.stage.now = NOW;
});
const ask = (idNumber: string, change: object = {}, headers = desk.headers) =>
  h.call('POST', '/v1/states', {
    body: { region: '310000', scheme: 'health', idType: '111', idNumber, purpose: 'checkpoint', use: USE, ...change },
    headers,
  });

let told = 0;
async function tell(by: string, sequence: number): Promise<number> {
  const list = await writeStateList(
    {
      federation: made.stage.federation.manifest.federation,
      region: '310000',
      to: '330000',
      scheme: 'health',
      sequence,
      issued: made.stage.now,
      until: made.stage.now + 86_400_000,
    },
    // More than any other notice may have: a list is long.
    [RED, ...Array.from({ length: 2_000 }, (_, i) => `NOBODY-${i}`)].map((idNumber) => ({
      idType: '111',
      idNumber,
      state: 'red',
    })),
    made.stage.keys(by).signer,
    random,
  );
  const notice: Notice = {
    id: `01JDZZZZZZ${String(++told).padStart(16, '0')}`,
    at: '2026-11-23T04:00:00Z',
    federation: made.stage.federation.manifest.federation,
    from: '310000',
    to: '330000',
    kind: 'list',
    list,
  };
  const sent = { path: '/v1/notices', body: notice, now: made.stage.now };
  return (await send(h, await signedCall(h, made.stage.keys('310000/gateway').signer, sent))).status;
}

it('a region’s list is taken from its gateway, and answers whoever may ask', async () => {
  expect(await tell('340000/gateway', 1)).toBe(403);
  expect((await ask(RED)).json).toMatchObject({ told: 'cannot-tell', age: 'block' });
  expect([await tell('310000/gateway', 2), await tell('310000/gateway', 1)]).toEqual([204, 204]);
  const heard = () => h.log.filter((line) => line.includes('/v1/notices')).map((line) => JSON.parse(line).outcome);
  await expect.poll(heard).toEqual([undefined, 'taken', 'outdated']);

  const { status, headers, json } = await ask(RED);
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(json).toMatchObject({ region: '310000', told: 'state', state: 'red', age: 'fresh', basis: 'list' });
  expect((await ask(OTHER)).json).toMatchObject({ told: 'not-listed', basis: 'list' });
  expect((await ask(RED, { purpose: 'road-police' }, police.headers)).json.state).toBe('red');
  made.stage.now += 86_400_000;
  expect((await ask(OTHER)).json).toMatchObject({ told: 'cannot-tell', age: 'block' });
});

it('a region that answers by itself is asked', async () => {
  const { json } = await ask(JIANGSU, { region: '320000' });
  expect(json).toMatchObject({ told: 'state', state: 'green', basis: 'region' });
  // The log says by what it was told, not what.
  await expect
    .poll(() => h.log.filter((line) => line.includes('/v1/states')).map((line) => JSON.parse(line)))
    .toSatisfy(
      (lines: { outcome?: string; refused?: number }[]) =>
        lines.at(-1)?.outcome === 'region' && lines.every(({ refused }) => refused === undefined),
    );
});

it.each<[string, object, object, number, string]>([
  ['a purpose that the caller does not have', { purpose: 'road-police' }, {}, 403, 'forbidden-ask'],
  ['a purpose for which no state is told', { purpose: 'counter' }, {}, 403, 'forbidden-ask'],
  ['a purpose that cannot be expressed', { purpose: 'credit-scoring' }, {}, 403, 'forbidden-ask'],
  ['its own region', { region: '330000' }, {}, 403, 'forbidden-ask'],
  ['a scheme that nobody has', { scheme: 'horoscope' }, {}, 403, 'forbidden-ask'],
  ['no five elements', { use: undefined }, {}, 400, 'invalid-ask'],
  ['a number that is none', { idNumber: '1' }, {}, 400, 'invalid-ask'],
  ['nobody who asks', {}, { authorization: 'Bearer none' }, 401, 'unauthorized'],
])('is not answered for %s', async (_, change, headers, status, code) => {
  const answer = await ask(RED, change, { ...desk.headers, ...headers });
  expect([answer.status, answer.json.type]).toEqual([status, `urn:tongren:problem:${code}`]);
});

it.each<[string, object, string, readonly string[]]>([
  ['the region', { region: '330000' }, '/region', ['310000', '320000']],
  ['the scheme', { scheme: 'horoscope' }, '/scheme', ['health']],
  ['the purpose', { purpose: 'counter' }, '/purpose', ['checkpoint', 'road-police']],
])('says what could be asked in the place of %s', async (_, change, at, some) => {
  const { json } = await ask(RED, change);
  expect([json.at, json.allowed]).toEqual([at, expect.arrayContaining([...some])]);
  expect(json.allowed).not.toContain(Object.values(change)[0]);
});

it('what was told to this region is not lent to another', async () => {
  const body = { region: '310000', scheme: 'health', idType: '111', idNumber: RED, purpose: 'checkpoint', use: USE };
  const sent = { path: '/v1/states', body, now: made.stage.now };
  const { status, json } = await send(h, await signedCall(h, made.stage.keys('340000/gateway').signer, sent));
  expect([status, json.type]).toEqual([403, 'urn:tongren:problem:forbidden-ask']);
});

it('numbers stand in no log, no database and no answer', async () => {
  await made.exchanging.round();
  const files = readdirSync(made.folder).map((name) => readFileSync(join(made.folder, name)).toString('latin1'));
  const said = [
    ...h.log,
    (await ask(RED)).text,
    (await ask(JIANGSU, { region: '320000' })).text,
    (await ask('1')).text,
  ];
  expect(said.length).toBeGreaterThan(10);
  for (const form of [RED, OTHER, JIANGSU].flatMap(formsOf)) {
    expect(said.filter((each) => each.includes(form))).toEqual([]);
    expect(files.filter((each) => each.includes(form))).toHaveLength(0);
  }
});
