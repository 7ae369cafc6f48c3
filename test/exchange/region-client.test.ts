import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { readHosts } from '../../src/exchange/address.ts';
import { regionClient } from '../../src/exchange/region-client.node.ts';
import { federation } from '../support/federation.ts';

const HOST = 'https://s32.example';
const connector = federation.connectors.find(({ id }) => id === 'js-query/1')!;
const ask = (hosts = 's32.example') =>
  regionClient({ hosts: readHosts(hosts), regions: () => federation.regions })
    .ask(connector, encodeUtf8('{}'))
    .then(
      (answer) => Buffer.from(answer).toString(),
      (error) => error.code,
    );

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.enableNetConnect());

it('posts to the region’s endpoint, and gives the answer as it came', async () => {
  const scope = nock(HOST, { reqheaders: { 'content-type': 'application/json', host: 's32.example' } })
    .post('/jkm/2/queryToken', '{}')
    .reply(200, 'said');
  expect([await ask(), scope.isDone()]).toEqual(['said', true]);
});

it('takes 204 for an answer: so gateways acknowledge notices', async () => {
  nock(HOST).post('/jkm/2/queryToken').reply(204);
  expect(await ask()).toBe('');
});

it('asks no host that the operator has not allowed', async () => {
  const scope = nock(HOST).post('/jkm/2/queryToken').reply(200, 'said');
  expect([await ask('s31.example'), scope.isDone()]).toEqual(['not-allowed', false]);
});

it.each([
  [307, 'bad-answer'],
  [401, 'bad-answer'],
  [500, 'failing'],
])('HTTP %i is no answer, and is not asked again', async (status, code) => {
  const elsewhere = nock('http://127.0.0.1').post('/').reply(200, 'taken');
  const scope = nock(HOST).post('/jkm/2/queryToken').times(3).reply(status, '', { Location: 'http://127.0.0.1/' });
  expect([await ask(), elsewhere.isDone(), scope.isDone()]).toEqual([code, false, false]);
});

it('who cannot be reached for a moment is asked again', async () => {
  nock(HOST).post('/jkm/2/queryToken').reply(503).post('/jkm/2/queryToken').reply(200, 'said');
  expect(await ask()).toBe('said');
  nock(HOST).post('/jkm/2/queryToken').times(3).reply(503);
  expect(await ask()).toBe('unreachable');
});

it('an answer that is too large or too slow is none', async () => {
  nock(HOST)
    .post('/jkm/2/queryToken')
    .reply(200, Buffer.alloc(17 * 1024 * 1024));
  expect(await ask()).toBe('too-large');
  nock(HOST).post('/jkm/2/queryToken').delay(4_000).reply(200, 'said');
  expect(await ask()).toBe('too-slow');
}, 15_000);
