import axios from 'axios';
import { beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { SystemList } from '../../src/document/generated/types.ts';
import { type MessageSigner, signRequest } from '../../src/exchange/message-signature.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { StoreError } from '../../src/store/error.ts';
import { keyRow, keyringOf, linesOf, useGateway } from './harness.ts';
import { problemIn, rawCall } from './raw.ts';
import { codeOf, type Ready, send, signedCall, signerOf, toolsAt } from './signed.ts';

const gateway = useGateway();
const neighbour = useGateway();
const key = keyRow({ id: 'lane' });
let kiosk: MessageSigner;
let shanghai: MessageSigner;

beforeAll(() => {
  gateway.keyring = keyringOf(key.row);
  neighbour.keyring = keyringOf(key.row);
  kiosk = signerOf(gateway, '330000/kiosk-1');
  shanghai = signerOf(gateway, '310000/gateway');
});
beforeEach(() => {
  gateway.log.length = 0;
});

const kioskOf = (one: typeof gateway): MessageSigner => signerOf(one, '330000/kiosk-1');
const COUNTER = { body: { text: 'x', purpose: 'counter' } };
const refused = () => gateway.log.map((line) => JSON.parse(line)).filter(({ msg }) => /no honest caller/.test(msg));
const counted = async (code: string): Promise<number> => {
  const { text } = await gateway.call('GET', '/metrics', { headers: key.headers });
  return Number(new RegExp(`^tongren_problems_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
};
/** Sends it, and looks whether its refusal was logged and counted. */
async function expectRefused(ready: Ready, change: Partial<Ready>, expected: [number, string], detail?: string) {
  const before = await counted(expected[1]);
  gateway.log.length = 0;
  const answer = await send(gateway, ready, change);
  expect(codeOf(answer)).toEqual(expected);
  if (detail !== undefined) expect(answer.json.detail).toBe(detail);
  expect(refused()).toMatchObject([{ problem: expected[1] }]);
  expect(await counted(expected[1])).toBe(before + 1);
  return answer;
}
const NOT_OURS = 'the signature is not by a key that counts here, or not over what arrived';

describe('a request signed by a region’s system', () => {
  test.each(['310000/gateway', '320000/gateway', '330000/gateway', '340000/gateway'])('%s gets in', async (name) => {
    const answer = await send(gateway, await signedCall(gateway, signerOf(gateway, name)));
    expect(answer.status, answer.text).toBe(200);
    expect(gateway.log.map((line) => JSON.parse(line))).toMatchObject([{ caller: name, status: 200 }]);
  });

  it('gets in where no API keys are configured, and is then who it is, not this machine', async () => {
    neighbour.keyring = undefined;
    const answer = await send(neighbour, await signedCall(neighbour, kiosk, COUNTER));
    expect(answer.status).toBe(200);
    expect(JSON.parse(neighbour.log.at(-1)!)).toMatchObject({ caller: '330000/kiosk-1' });
    neighbour.keyring = keyringOf(key.row);
  });

  it('asks only for what its region lets it ask for', async () => {
    const purpose = await send(
      gateway,
      await signedCall(gateway, kiosk, { body: { text: 'x', purpose: 'checkpoint' } }),
    );
    expect(codeOf(purpose)).toEqual([403, 'forbidden-ask']);
    const scope = await send(gateway, await signedCall(gateway, kiosk, { method: 'GET', path: '/metrics' }));
    expect(codeOf(scope)).toEqual([403, 'forbidden-scope']);
    const receipts = await send(gateway, await signedCall(gateway, shanghai, { headers: { Prefer: 'recorded' } }));
    expect(codeOf(receipts)).toEqual([403, 'forbidden-scope']);
    // There is no token that it could bring.
    for (const { headers } of [scope, receipts]) expect(headers.has('www-authenticate')).toBe(false);
  });

  it('may say who and where, and cannot be given other words on the way', async () => {
    const ready = await signedCall(gateway, shanghai, { headers: { 'Tongren-Checkpoint': 'G2-01' } });
    const headers = { ...ready.headers, 'Tongren-Checkpoint': 'G2-02' };
    const refused = await expectRefused(ready, { headers }, [401, 'invalid-signature'], NOT_OURS);
    expect(refused.headers.get('www-authenticate')).toBe('Signature realm="tongren"');
    expect(refused.headers.get('accept-signature')).toContain('"content-digest"');
    const added = { ...ready.headers, 'Tongren-Officer': 'B1' };
    await expectRefused(ready, { headers: added }, [401, 'invalid-signature']);
    expect((await send(gateway, ready)).status).toBe(200);
  });

  it('in a batch is checked whole before its first line is judged', async () => {
    const body = '{"text":"x"}\n{"text":"y"}\n';
    const ready = await signedCall(gateway, shanghai, { path: '/v1/verify/batch', type: 'application/x-ndjson', body });
    await expectRefused(ready, { body: body.replace('y', 'z') }, [400, 'altered-body']);
    const again = await signedCall(gateway, shanghai, { path: '/v1/verify/batch', type: 'application/x-ndjson', body });
    const { status, text } = await send(gateway, again);
    expect(status).toBe(200);
    expect(linesOf(text)).toHaveLength(2);
  });
});

describe('sent by axios, as other gateways of ours send it', () => {
  it.each(['/v1/verify', '/v1/verify?for=310000'])('POST %s gets in', async (path) => {
    const url = gateway.url + path;
    const body = new TextEncoder().encode(path.includes('?') ? 'x' : '{"text":"x"}');
    const headers = { 'Content-Type': path.includes('?') ? 'text/plain' : 'application/json' };
    const signed = await signRequest({ method: 'POST', url, headers, body }, shanghai, toolsAt(Date.now()));
    const answer = await axios.post(url, Buffer.from(body), { headers: { ...headers, ...signed }, maxRedirects: 0 });
    expect(answer.status).toBe(200);
  });
});

describe('refused and recorded:', () => {
  it('a replay, which uses up none of what its caller may ask for', async () => {
    const ready = await signedCall(gateway, kiosk, COUNTER);
    expect((await send(gateway, ready)).status).toBe(200);
    const answer = await expectRefused(ready, {}, [409, 'replayed-request']);
    expect(refused()).toMatchObject([{ caller: '330000/kiosk-1' }]);
    expect(answer.headers.has('ratelimit')).toBe(true);
  });

  it('a replay of what another process has seen, or this one before its restart: the memory is the database', async () => {
    const ready = await signedCall(gateway, shanghai);
    const { replay } = await gateway.records();
    const [, nonce] = /nonce="([^"]+)"/.exec(ready.headers['Signature-Input']!)!;
    const seen = { region: 'signed-310000', onceId: `310000/gateway ${nonce}`, expiresAt: Date.now() + 60_000 };
    await replay.remember({ ...seen, checkpoint: 'signature', device: '310000/gateway', at: Date.now() });
    await expectRefused(ready, {}, [409, 'replayed-request']);
  });

  it('a replay just before its end, when a replica whose clock is ahead has tidied up', async () => {
    const now = gateway.clock();
    const ready = await signedCall(gateway, shanghai, { now });
    const { clock } = gateway;
    try {
      gateway.clock = () => now;
      expect((await send(gateway, ready)).status).toBe(200);
      gateway.clock = () => now + 59_000;
      const { replay } = await gateway.records();
      await replay.purge(now + 65_000);
      await expectRefused(ready, {}, [409, 'replayed-request']);
    } finally {
      gateway.clock = clock;
    }
  });

  it('of a hundred copies sent at once all but one', async () => {
    const ready = await signedCall(gateway, shanghai);
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(gateway, ready)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter((each) => codeOf(each)[1] === 'replayed-request')).toHaveLength(99);
  });

  it('one that was made for another gateway', async () => {
    // The same machine: another port is another gateway, and another name is not served.
    const ready = await signedCall(neighbour, kiosk, COUNTER);
    await expectRefused(ready, {}, [401, 'invalid-signature'], NOT_OURS);
    const head = Object.entries(ready.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const aimed = (host: string) =>
      rawCall(
        gateway.port,
        `POST /v1/verify HTTP/1.1\r\nHost: ${host}\r\n${head.join('')}Content-Length: ${ready.body!.length}\r\nConnection: close\r\n\r\n${ready.body}`,
      );
    expect(problemIn(await aimed(`127.0.0.1:${neighbour.port}`))).toEqual([401, 'invalid-signature']);
    expect(problemIn(await aimed('gateway.example'))).toEqual([421, 'misdirected']);
  });

  test.each<[string, number, string]>([
    ['one that has expired', -61_000, 'the signature has expired'],
    ['one of an hour ago', -3_600_000, 'the signature has expired'],
    ['one that was made in the future', 12_000, 'the signature was made in the future'],
  ])('%s', async (_, offset, detail) => {
    const ready = await signedCall(gateway, kiosk, { ...COUNTER, now: Date.now() + offset });
    await expectRefused(ready, {}, [401, 'invalid-signature'], detail);
  });

  it('an altered body; and the same request cannot be tried again with the right one', async () => {
    const ready = await signedCall(gateway, kiosk, COUNTER);
    await expectRefused(ready, { body: ready.body!.replace('x', 'y') }, [400, 'altered-body']);
    await expectRefused(ready, {}, [409, 'replayed-request']);
  });

  it('a body behind a signature that speaks of none', async () => {
    const ready = await signedCall(gateway, kiosk, { method: 'POST', body: '' });
    const bare = await signedCall(gateway, kiosk, { method: 'GET' });
    const { 'Content-Digest': _, ...headers } = ready.headers;
    await expectRefused({ ...ready, body: '{}' }, { headers }, [401, 'invalid-signature']);
    await expectRefused({ ...bare, method: 'POST', body: '{}' }, {}, [401, 'invalid-signature']);
  });

  it('a digest that is missing, or covered and twice there', async () => {
    const ready = await signedCall(gateway, kiosk, COUNTER);
    const { 'Content-Digest': digest, ...headers } = ready.headers;
    await expectRefused(ready, { headers }, [401, 'invalid-signature'], 'a covered header is missing');
    const head = Object.entries(ready.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const raw = `POST /v1/verify HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\n${head.join('')}content-digest: ${digest}\r\nContent-Length: ${ready.body!.length}\r\nConnection: close\r\n\r\n${ready.body}`;
    expect(problemIn(await rawCall(gateway.port, raw))).toEqual([401, 'invalid-signature']);
  });

  it('a header that is covered twice', async () => {
    const ready = await signedCall(gateway, kiosk, COUNTER);
    const input = ready.headers['Signature-Input']!.replace('"content-type"', '"content-type" "content-type"');
    const headers = { ...ready.headers, 'Signature-Input': input };
    await expectRefused(ready, { headers }, [401, 'invalid-signature'], 'a component is covered twice');
  });

  it('a key under the name of another region', async () => {
    const thief = { ...kiosk, keyId: kiosk.keyId.replace('330000/kiosk-1', '310000/gateway') };
    await expectRefused(await signedCall(gateway, thief), {}, [401, 'invalid-signature'], NOT_OURS);
    expect(refused()[0].caller).toBeUndefined();
  });

  it('a key that the region took out of its list, from the next store on', async () => {
    const file = 'regions/330000/systems.json';
    const list: SystemList = JSON.parse(Buffer.from(gateway.files.get(file)!).toString());
    list.systems = list.systems.filter(({ id }) => id !== 'kiosk-1');
    const before = gateway.federation;
    expect((await send(gateway, await signedCall(gateway, kiosk, COUNTER))).status).toBe(200);
    const files = new Map(gateway.files).set(file, new Uint8Array(Buffer.from(JSON.stringify(list))));
    gateway.federation = loadFederation(files, nodePlatform);
    await expectRefused(await signedCall(gateway, kiosk, COUNTER), {}, [401, 'invalid-signature'], NOT_OURS);
    gateway.federation = before;
  });

  it('a signature beside an API key', async () => {
    const ready = await signedCall(gateway, kiosk, COUNTER);
    const answer = await send(gateway, ready, { headers: { ...ready.headers, ...key.headers } });
    expect(codeOf(answer)).toEqual([400, 'invalid-header']);
    const half = await gateway.call('POST', '/v1/verify', { body: {}, headers: { ...key.headers, Signature: 'x' } });
    expect(codeOf(half)).toEqual([400, 'invalid-header']);
  });

  it('a client certificate that anybody could have written', async () => {
    const der = (JSON.parse(Buffer.from(gateway.files.get('regions/330000/systems.json')!).toString()) as SystemList)
      .systems[1]!.certificates![0]!;
    for (const headers of [
      { 'Client-Cert': `:${der}:` },
      { 'client-cert': `:${der}:`, ...key.headers },
      { 'Client-Cert-Chain': '' },
    ]) {
      const ready = {
        method: 'POST',
        path: '/v1/verify',
        body: '{"text":"x"}',
        headers: { 'Content-Type': 'application/json' },
      };
      await expectRefused(ready, { headers: { ...ready.headers, ...headers } }, [400, 'forbidden-header']);
    }
    // On open routes, too: what reads logs behind them may believe it.
    const open = await gateway.call('GET', '/healthz', { headers: { 'Client-Cert': `:${der}:` } });
    expect(codeOf(open)).toEqual([400, 'forbidden-header']);
  });
});

describe('what a system may ask for in a minute', () => {
  it('is counted for each, and a replay uses up nothing', async () => {
    const list: SystemList = JSON.parse(Buffer.from(gateway.files.get('regions/330000/systems.json')!).toString());
    list.systems[1]!.perMinute = 2;
    const files = new Map(gateway.files).set(
      'regions/330000/systems.json',
      new Uint8Array(Buffer.from(JSON.stringify(list))),
    );
    const before = gateway.federation;
    gateway.federation = loadFederation(files, nodePlatform);
    // Another name for the same bucket would be none: the limiter goes by who asks.
    const first = await signedCall(neighbour, kiosk, COUNTER);
    neighbour.federation = gateway.federation;
    expect((await send(neighbour, first)).status).toBe(200);
    for (let i = 0; i < 3; i++) expect(codeOf(await send(neighbour, first))).toEqual([409, 'replayed-request']);
    expect((await send(neighbour, await signedCall(neighbour, kiosk, COUNTER))).status).toBe(200);
    const third = await signedCall(neighbour, kiosk, COUNTER);
    const over = await send(neighbour, third);
    expect(codeOf(over)).toEqual([429, 'too-many-requests']);
    expect(over.headers.get('ratelimit-policy')).toBe('"per-minute";q=2;w=60');
    expect((await send(neighbour, await signedCall(neighbour, signerOf(neighbour, '330000/gateway')))).status).toBe(
      200,
    );
    gateway.federation = before;
  });
});

describe('a gateway whose operator allows less than regions say', () => {
  const strict = useGateway({}, { systemsPerMinute: 1 });
  it('goes by its operator', async () => {
    const first = await send(strict, await signedCall(strict, kioskOf(strict), COUNTER));
    expect([first.status, first.headers.get('ratelimit-policy')]).toEqual([200, '"per-minute";q=1;w=60']);
    expect(codeOf(await send(strict, await signedCall(strict, kioskOf(strict), COUNTER)))).toEqual([
      429,
      'too-many-requests',
    ]);
  });
});

describe('without its memory', () => {
  it('no signed request is acted on: it might be a replay', async () => {
    const { records } = gateway;
    gateway.records = () => Promise.reject(new StoreError('unavailable'));
    const answer = await send(gateway, await signedCall(gateway, kiosk, COUNTER));
    expect(codeOf(answer)).toEqual([503, 'store-unavailable']);
    gateway.records = records;
  });
});
