import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { keyRow, keyringOf, useGateway } from './harness.ts';
import { bodyOf, getHead, rawCall } from './raw.ts';

describe('with keys configured', () => {
  const gateway = useGateway();
  const all = keyRow({ id: 'all' });
  const verifier = keyRow({ id: 'verifier', scopes: ['verify'] });
  const over = keyRow({ id: 'over', notAfter: '2020-01-01T00:00:00Z' });
  const bound = keyRow({
    id: 'bound',
    scopes: ['verify', 'convert', 'record'],
    regions: ['330000'],
    purposes: ['counter'],
  });
  beforeAll(() => {
    gateway.keyring = keyringOf(all.row, verifier.row, over.row, bound.row);
  });

  const ask = (headers: Record<string, string>, body: object = { text: 'x' }) =>
    gateway.call('POST', '/v1/verify', { body, headers });

  it('nobody is let in without one, from this machine or not', async () => {
    const { status, json, headers } = await ask({});
    expect([status, json.type]).toEqual([401, 'urn:tongren:problem:unauthorized']);
    // RFC 6750 §3: no error code to who sent nothing.
    expect(headers.get('www-authenticate')).toBe('Bearer realm="tongren"');
    expect(headers.has('ratelimit')).toBe(false);
  });

  test.each<[string, string]>([
    ['a wrong key', `Bearer ${randomBytes(32).toString('base64url')}`],
    ['one that has ended', over.headers.Authorization],
    ['none', 'Bearer'],
    ['an empty one', 'Bearer '],
    ['two', `${all.headers.Authorization} ${all.key}`],
    ['a key and more', `${all.headers.Authorization}, Basic eA==`],
    ['another scheme', `Basic ${Buffer.from(`all:${all.key}`).toString('base64')}`],
    ['no scheme', all.key],
    ['its digest', `Bearer ${(all.row as { sha256: string }).sha256}`],
  ])('%s opens nothing, and says no more than that', async (_, Authorization) => {
    const { status, json, headers } = await ask({ Authorization });
    expect([status, json.type]).toEqual([401, 'urn:tongren:problem:unauthorized']);
    expect(json.detail).toBe('the API key is not one of ours');
    expect(headers.get('www-authenticate')).toBe('Bearer realm="tongren", error="invalid_token"');
  });

  it('two Authorization headers are none: whoever stands in front may have read the other', async () => {
    const head = getHead(
      '/metrics',
      'Host: localhost',
      `Authorization: ${all.headers.Authorization}`,
      'authorization: Bearer x',
    );
    expect(bodyOf(await rawCall(gateway.port, head)).type).toBe('urn:tongren:problem:unauthorized');
  });

  it('a key in the query or the body is none', async () => {
    const query = await gateway.call('POST', `/v1/verify?access_token=${all.key}`, { type: 'text/plain', body: 'x' });
    expect(query.status).toBe(401);
    expect((await ask({}, { text: 'x', access_token: all.key })).status).toBe(401);
  });

  it('the right one is let in, whatever the case of its scheme', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER  '])
      expect((await ask({ Authorization: `${scheme} ${all.key}` })).status).toBe(200);
  });

  it('what is refused was not read', async () => {
    const text = await rawCall(
      gateway.port,
      'POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n',
      'x',
    );
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(text.toLowerCase()).toContain('connection: close');
  });

  const SCOPED: readonly [string, string, string, object][] = [
    ['POST', '/v1/verify', 'verify', { text: 'x' }],
    ['POST', '/v1/convert', 'convert', { text: 'x', to: 'document', audience: 'x' }],
    ['GET', '/metrics', 'metrics', {}],
    ['GET', '/v1/receipts/01HX0000000123456789ABCDEF', 'record', {}],
    ['POST', '/v1/receipts/01HX0000000123456789ABCDEF/disposition', 'record', { action: 'turn-back' }],
    ['POST', '/v1/verify', 'record', { text: 'x', record: {} }],
  ];
  test.each(SCOPED)('%s %s needs the scope %s', async (method, path, scope, body) => {
    const one = keyRow({
      id: 'one',
      scopes: ['verify', 'convert', 'metrics', 'record'].filter((each) => each !== scope),
    });
    const whole = gateway.keyring;
    gateway.keyring = keyringOf(one.row);
    try {
      const { status, json, headers } = await gateway.call(method, path, {
        ...(method === 'GET' ? {} : { body }),
        headers: one.headers,
      });
      expect([status, json.type]).toEqual([403, 'urn:tongren:problem:forbidden-scope']);
      expect(headers.get('www-authenticate')).toBe(
        `Bearer realm="tongren", error="insufficient_scope", scope="${scope}"`,
      );
    } finally {
      gateway.keyring = whole;
    }
  });

  it('recording by the head of a request needs its scope, for single documents and for batches', async () => {
    const headers = { ...verifier.headers, Prefer: 'recorded' };
    expect((await ask(headers)).json.type).toBe('urn:tongren:problem:forbidden-scope');
    const batch = await gateway.call('POST', '/v1/verify/batch', {
      type: 'application/x-ndjson',
      body: '{"text":"x"}',
      headers,
    });
    expect(JSON.parse(batch.text).problem.type).toBe('urn:tongren:problem:forbidden-scope');
  });

  it('a key for some regions and purposes may ask for no others, nor by what is left unsaid', async () => {
    const asks: readonly [object, number, string | undefined][] = [
      [{ text: 'x', for: '330000', purpose: 'counter' }, 200, undefined],
      [{ text: 'x', purpose: 'counter' }, 403, 'for'],
      [{ text: 'x', for: '330000' }, 403, 'purpose'],
      [{ text: 'x', for: '310000', purpose: 'counter' }, 403, 'for'],
    ];
    for (const [body, status, at] of asks) {
      const answer = await ask(bound.headers, body);
      expect([answer.status, answer.json.at]).toEqual([status, at]);
      if (status === 403) expect(answer.json.type).toBe('urn:tongren:problem:forbidden-ask');
    }
    const converting = await gateway.call('POST', '/v1/convert', {
      body: { text: 'x', to: 'document', audience: 'x', for: '330000' },
      headers: bound.headers,
    });
    expect([converting.status, converting.json.at, converting.json.allowed]).toEqual([403, 'purpose', ['counter']]);
  });

  it('a key for some regions sees no receipts of others, and cannot add to them', async () => {
    const { json } = await ask(all.headers, { text: 'x', record: {} });
    const path = `/v1/receipts/${json.receipt.id}`;
    expect((await gateway.call('GET', path, { headers: all.headers })).status).toBe(200);
    expect((await gateway.call('GET', path, { headers: bound.headers })).status).toBe(404);
    const body = { action: 'turn-back' };
    expect((await gateway.call('POST', `${path}/disposition`, { body, headers: bound.headers })).status).toBe(404);
    expect((await gateway.call('GET', path, { headers: all.headers })).json.dispositions).toBeUndefined();
  });

  it('what tells nothing about documents stays open', async () => {
    for (const path of [
      '/healthz',
      '/readyz',
      '/docs',
      '/openapi.yaml',
      '/v1/conversion-keys',
      '/schemas/ask.schema.json',
    ])
      expect((await gateway.call('GET', path)).status, path).toBe(200);
  });

  it('a ring that is changed acts with the next request', async () => {
    const whole = gateway.keyring;
    expect((await ask(verifier.headers)).status).toBe(200);
    gateway.keyring = keyringOf(all.row);
    expect((await ask(verifier.headers)).status).toBe(401);
    gateway.keyring = whole;
  });

  it('the log names the caller by the id of its key', async () => {
    const { headers } = await ask(verifier.headers);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const entries = gateway.log.map((line) => JSON.parse(line));
    expect(entries.find(({ id }) => id === headers.get('x-request-id'))).toMatchObject({
      caller: 'verifier',
      status: 200,
    });
    const refused = entries.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThan(0);
    for (const entry of refused) expect(entry).not.toHaveProperty('caller');
  });
});
