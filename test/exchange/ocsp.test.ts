import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { ocspClient } from '../../src/exchange/ocsp.node.ts';
import { DAY, NOW } from '../support/federation.ts';
import { type AnswerWishes, answerOf, of, revokedAt, UNKNOWN } from '../trust/answers.ts';
import { authority, issued, type Party } from '../trust/authorities.ts';

const HOST = 'http://ocsp.example';
const URL = `${HOST}/q`;
const TYPE = { 'Content-Type': 'application/ocsp-response' };

let ca: Party;
let leaf: Party;
let now = NOW;
beforeAll(async () => {
  ca = await authority('CA');
  leaf = await issued(ca, 'Leaf');
  nock.disableNetConnect();
});
beforeEach(() => {
  now = NOW;
});
afterEach(() => nock.cleanAll());
afterAll(() => nock.enableNetConnect());

const nonce = new Uint8Array(32).fill(5);
const client = (hosts = ['ocsp.example']) =>
  ocspClient({ hosts, platform: nodePlatform, clock: () => now, random: (octets) => nonce.slice(0, octets) });
const ask = (one = client(), urls = [URL]) => one.ask([{ certificate: of(leaf), issuer: of(ca) }], urls);
const reply = async (wishes: AnswerWishes = {}, status = 200, headers = TYPE) =>
  nock(HOST)
    .post('/q')
    .reply(status, Buffer.from(await answerOf(ca, leaf, wishes)), headers);

describe('asking a responder', () => {
  it('sends the question with a nonce, and gives the answer as it came', async () => {
    const der = await answerOf(ca, leaf, { nonce });
    const scope = nock(HOST, { reqheaders: { 'content-type': 'application/ocsp-request' } })
      .post(
        '/q',
        (body: unknown) =>
          Buffer.from(body as string, 'hex').includes(Buffer.from(nonce)) || String(body).includes('05'.repeat(32)),
      )
      .reply(200, Buffer.from(der), TYPE);
    expect(await ask()).toEqual([der]);
    expect(scope.isDone()).toBe(true);
  });

  it.each<[string, AnswerWishes]>([
    ['revoked', { state: revokedAt(NOW - DAY) }],
    ['good, without a nonce: many answer ahead of time', {}],
  ])('%s is an answer', async (_, wishes) => {
    await reply(wishes);
    expect(await ask()).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['another nonce: an old answer played back', () => reply({ nonce: new Uint8Array(32) })],
    ['out of date', () => reply({ until: NOW - 1 })],
    ['unknown', () => reply({ state: UNKNOWN })],
    ['another status', () => reply({}, 500)],
    ['another type', () => reply({}, 200, { 'Content-Type': 'text/html' })],
    ['no answer', async () => nock(HOST).post('/q').reply(200, 'hello', TYPE)],
    [
      'too much of it',
      async () =>
        nock(HOST)
          .post('/q')
          .reply(200, Buffer.alloc(65 * 1024), TYPE),
    ],
    ['a connection that breaks', async () => nock(HOST).post('/q').replyWithError('broken')],
    ['a pointer elsewhere', async () => nock(HOST).post('/q').reply(302, '', { Location: 'http://169.254.169.254/' })],
  ])('%s is none', async (_, prepare) => {
    await prepare();
    expect(await ask()).toEqual([]);
  });

  it('somebody else’s signature is none', async () => {
    const impostor = await authority('CA');
    const der = await answerOf(ca, leaf, { by: impostor, certificates: [impostor] });
    nock(HOST).post('/q').reply(200, Buffer.from(der), TYPE);
    expect(await ask()).toEqual([]);
  });
});

describe('whom it asks', () => {
  it.each([
    ['a host that the operator does not allow', 'http://other.example/q'],
    ['an address', 'http://127.0.0.1/q'],
    ['another scheme', 'file:///etc/passwd'],
    ['a host with a name in front', 'http://ocsp.example@evil.example/q'],
    ['a name and a password', 'http://a:b@ocsp.example/q'],
    ['a longer name', 'http://ocsp.example.evil.example/q'],
    ['no address', 'ocsp.example'],
  ])('never %s', async (_, url) => {
    const called: unknown[] = [];
    const onCall = (request: unknown) => called.push(request);
    nock.emitter.on('no match', onCall);
    expect(await ask(client(), [url])).toEqual([]);
    nock.emitter.off('no match', onCall);
    expect(called).toEqual([]);
  });

  it('nobody, where no host is allowed', async () => {
    const scope = await reply();
    expect(await ask(client([]))).toEqual([]);
    expect(scope.isDone()).toBe(false);
  });

  it('the second responder where the first gives nothing', async () => {
    nock(HOST).post('/first').reply(503);
    await reply();
    expect(await ask(client(), [`${HOST}/first`, URL])).toHaveLength(1);
  });
});

describe('what it remembers', () => {
  it('one answer until the next is due', async () => {
    await reply({ until: NOW + 10 * 60_000 });
    const one = client();
    const first = await ask(one);
    expect(await ask(one)).toEqual(first);
    now += 11 * 60_000;
    expect(await ask(one)).toEqual([]);
  });

  it('that there was none, for a minute', async () => {
    nock(HOST).post('/q').reply(503);
    const one = client();
    expect(await ask(one)).toEqual([]);
    const scope = await reply();
    expect(await ask(one)).toEqual([]);
    expect(scope.isDone()).toBe(false);
    now += 61_000;
    expect(await ask(one)).toHaveLength(1);
  });

  it('a question on its way: a thousand documents of one signer ask once', async () => {
    await reply();
    const one = client();
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(one)));
    expect(all.every((answers) => answers.length === 1)).toBe(true);
  });
});
