import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { decodeBase64 } from '../../src/codec/base64url.ts';
import { pemFromDer } from '../../src/codec/pem.ts';
import { newSystemKeys } from '../../src/federation/system-keys.node.ts';
import { serve } from '../../src/http/serve.node.ts';
import { both, compared } from './both.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';
import { getAlive, getHead, postHead, rawAnswer, rawCall, rawHalf, Talk } from './raw.ts';
import { signedCall, signerOf } from './signed.ts';

const LIMITS = { headersMs: 1_000, bodyMs: 500, lingerMs: 200, json: 20_000, text: 4_000 };
const gateway = useGateway(LIMITS, { fast: true });

const CLOSE = 'Connection: close';
const json = (value: unknown, ...headers: readonly string[]): string => {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return postHead('application/json', `Content-Length: ${Buffer.byteLength(body)}`, CLOSE, ...headers) + body;
};
const at = (target: string, host = '127.0.0.1'): string =>
  `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n${CLOSE}\r\n\r\nx`;

test('a document gets the same verdict', async () => {
  for (const name of ['vaccination', '330000/pass', '340000/freight']) {
    const wire = gateway.wire(name);
    expect(await both(gateway, json({ text: wire }))).toContain('"outcome":"accept"');
    expect(await both(gateway, json({ text: `${wire.slice(0, -9)}AAAAAAAAA` }))).toMatch(/^HTTP\/1\.1 200 /);
  }
  expect(await both(gateway, at('/v1/verify?purpose=counter'))).toMatch(/^HTTP\/1\.1 200 /);
  expect(gateway.early).toBe(7);
});

/** The same answer, and how often the first of the two listeners gave it without Node: where the connection is to stay, if at all. */
const answered = async (request: string): Promise<number> => {
  const before = gateway.early;
  expect(await both(gateway, request)).toMatch(/^HTTP\/1\.1 /);
  return gateway.early - before;
};

test.each([
  ['another host', at('/v1/verify', 'evil.example')],
  ['no host', `POST /v1/verify HTTP/1.1\r\nContent-Length: 0\r\n${CLOSE}\r\n\r\n`],
  ['an empty query', at('/v1/verify?')],
  ['a query that is not known', at('/v1/verify?a=b')],
  ['a parameter twice', at('/v1/verify?for=310000&for=320000')],
  ['a parameter that is none', at('/v1/verify?for=%')],
  ['no media type', `POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n${CLOSE}\r\n\r\nx`],
  ['a media type that is not taken', postHead('text/html', 'Content-Length: 1', CLOSE).concat('x')],
  ['another charset', postHead('text/plain; charset=gbk', 'Content-Length: 1', CLOSE).concat('x')],
  ['a packed body', json({}, 'Content-Encoding: gzip')],
  ['a body of no bytes', postHead('application/json', 'Content-Length: 0', CLOSE)],
  ['no JSON', json('{')],
  ['names twice', json('{"text":"a","text":"b"}')],
  ['what means something to JavaScript', json('{"__proto__":{"text":"a"}}')],
  ['nested deeply', json('['.repeat(9000))],
  ['no such region', json({ text: 'x', for: '999999' })],
  ['a certificate of one’s own', json({ text: 'x' }, 'Client-Cert: :AAAA:')],
  ['a signature that is none', json({ text: 'x' }, 'Signature-Input: a=("@method")', 'Signature: a=:AAAA:')],
  ['no such officer', json({ text: 'x' }, 'Tongren-Officer: a b c')],
])('%s: the same answer', async (_what, request) => {
  expect(await answered(request)).toBe(1);
});

test.each([
  ['two hosts', postHead('text/plain', 'Host: localhost', CLOSE)],
  ['the form of a proxy', at('http://127.0.0.1/v1/verify')],
  ['another method', getHead('/v1/verify', 'Host: localhost')],
  ['HEAD', `HEAD /v1/verify HTTP/1.1\r\nHost: localhost\r\n${CLOSE}\r\n\r\n`],
  ['OPTIONS', `OPTIONS /v1/verify HTTP/1.1\r\nHost: localhost\r\n${CLOSE}\r\n\r\n`],
  ['a slash behind', at('/v1/verify/')],
  ['two slashes', at('//v1/verify')],
  ['a path that goes on', at('/v1/verifyx')],
  ['a path below', at('/v1/verify/batch')],
  ['another case', at('/V1/verify')],
  ['an escaped letter', at('/v1/%76erify')],
  ['a fragment', at('/v1/verify#x')],
  ['a path with dots', at('/v1/./verify')],
  ['a body that is too large', postHead('application/json', 'Content-Length: 999999999', CLOSE)],
  [
    'a body that grows too large',
    postHead('text/plain', 'Transfer-Encoding: chunked', CLOSE).concat('1388\r\n', 'x'.repeat(5000), '\r\n0\r\n\r\n'),
  ],
  ['a chunk that is none', postHead('text/plain', 'Transfer-Encoding: chunked', CLOSE).concat('zz\r\n')],
  ['two lengths', postHead('text/plain', 'Content-Length: 1', 'Content-Length: 2', CLOSE).concat('x')],
  [
    'length and chunks',
    postHead('text/plain', 'Content-Length: 1', 'Transfer-Encoding: chunked', CLOSE).concat('0\r\n\r\n'),
  ],
  ['less than is promised', postHead('text/plain', 'Content-Length: 9', CLOSE).concat('x')],
  ['an expectation', json({ text: 'x' }, 'Expect: 100-continue')],
  ['an expectation that nobody knows', json({ text: 'x' }, 'Expect: tea')],
  ['an upgrade', json({ text: 'x' }, 'Upgrade: h2c')],
])('%s: the same answer, by Node', async (_what, request) => {
  expect(await answered(request)).toBeLessThan(1);
});

test('who may not ask, and who has asked too much', async () => {
  // Each is asked on two connections.
  const { row, headers } = keyRow({ perMinute: 4 });
  const other = keyRow({ id: 'other', scopes: ['convert'] });
  gateway.keyring = keyringOf(row, other.row);
  const asks = (authorization?: string): Promise<string> =>
    both(gateway, json({ text: 'x' }, ...(authorization === undefined ? [] : [`Authorization: ${authorization}`])));
  try {
    expect(await asks()).toMatch(/ 401 /);
    expect(await asks('Bearer nobody')).toMatch(/ 401 /);
    expect(await asks(other.headers.Authorization)).toMatch(/ 403 /);
    for (const status of [200, 200, 429]) expect(await asks(headers.Authorization)).toMatch(new RegExp(` ${status} `));
  } finally {
    gateway.keyring = undefined;
  }
});

test('a fault of which not even the log can be told ends the connection, and nothing else', async () => {
  const { logger } = gateway.gateway;
  const write: typeof logger.write = (event, ...fields) => {
    if (event === 'internal') throw new RangeError('no room');
    logger.write(event, ...fields);
  };
  const clock = (): number => {
    throw new TypeError('no clock');
  };
  for (const short of [false, true]) {
    const faulty = await serve(
      { ...gateway.gateway, clock, logger: { ...logger, write } },
      { host: '127.0.0.1', port: 0, fast: short },
    );
    try {
      expect(await rawCall(Number(new URL(faulty.url).port), json({ text: gateway.wire('vaccination') }))).toBe('');
    } finally {
      await faulty.close();
    }
  }
});

/** A plain request and no connection header. */
const ask = (name: string, path = '/v1/verify'): string => {
  const body = JSON.stringify({ text: gateway.wire(name) });
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};
const accepted = /^HTTP\/1\.1 200 .*"outcome":"accept"/s;

describe('on one connection', () => {
  let talk: Talk;
  beforeEach(async () => {
    talk = await Talk.with(gateway.fastPort);
  });
  afterEach(() => talk.end());

  it('one request after the other is answered, whoever reads it', async () => {
    const others = [
      getAlive('/healthz'),
      ask('vaccination', '/v1/verify/batch'),
      'POST /v1/verify HTTP/1.1\r\nHost: localhost\r\n\r\n',
    ];
    for (const request of [
      ask('vaccination'),
      ask('330000/pass'),
      ...others.slice(0, 1),
      ask('vaccination'),
      ...others.slice(2),
    ]) {
      const answer = await talk.ask(request);
      expect(answer).toMatch(/^HTTP\/1\.1 (200|415) /);
      if (request.includes('"text"')) expect(answer).toMatch(accepted);
    }
  });

  it.each([
    ['head and body', (request: string) => request.indexOf('\r\n\r\n') + 4],
    ['in the head', () => 20],
    ['in the body', (request: string) => request.length - 10],
    ['before its last byte', (request: string) => request.length - 1],
  ])('a request may come in two pieces: %s', async (_where, cut) => {
    for (const name of ['vaccination', '330000/pass']) {
      const request = ask(name);
      await talk.send(request.slice(0, cut(request)));
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await talk.ask(request.slice(cut(request)))).toMatch(accepted);
    }
  });

  it('byte by byte, too', async () => {
    const request = ask('vaccination');
    for (const byte of request.slice(0, -1)) await talk.send(byte);
    expect(await talk.ask(request.slice(-1))).toMatch(accepted);
  });

  it('requests that come before the answers are answered in order', async () => {
    const names = ['vaccination', '330000/pass', 'vaccination', '340000/freight'];
    await talk.send(names.map((name) => ask(name)).join(''));
    const types: string[] = [];
    for (const _ of names) types.push(/"docType":\{"code":"([^"]+)"/.exec(await talk.answer())?.[1] ?? 'none');
    expect(types[0]).toBe(types[2]);
    expect(new Set(types).size).toBe(3);
    await talk.send(ask('vaccination'));
    await talk.send(ask('330000/pass'));
    await talk.send(getAlive('/healthz'));
    for (const expected of [accepted, accepted, /^HTTP\/1\.1 200 /]) expect(await talk.answer()).toMatch(expected);
  });

  it('a request that breaks off is told so, as through Express', async () => {
    const request = ask('vaccination');
    for (const length of [request.length - 5, request.indexOf('\r\n\r\n') + 4, 30]) {
      const cut = request.slice(0, length);
      await compared(gateway, (port) => rawHalf(port, cut), String);
    }
  });

  it('a rest that does not come is waited for no longer than by Node', async () => {
    const request = ask('vaccination');
    const answer = await talk.ask(request.slice(0, -1));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('silence is waited for no longer than by Node', async () => {
    expect(await compared(gateway, rawCall, String)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('empty lines behind an answer begin no other request', async () => {
    const request = ask('vaccination');
    const told = async (port: number): Promise<string> => {
      const other = await Talk.with(port);
      const first = await other.ask(request);
      await other.send('\r\n\n');
      // Longer than a head is waited for.
      await new Promise((resolve) => setTimeout(resolve, 2 * LIMITS.headersMs + 200));
      return `${first}${await other.ask(request)}${await other.ask(`\r\n${request}`)}`;
    };
    expect((await compared(gateway, told, String)).match(/"outcome":"accept"/g)).toHaveLength(3);
  });

  it('a caller who is gone takes nobody along', async () => {
    await talk.send(ask('vaccination'));
    talk.end();
    const another = await Talk.with(gateway.fastPort);
    expect(await another.ask(ask('vaccination'))).toMatch(accepted);
    another.end();
  });

  it('nothing is piled up for a caller who takes no answers', async () => {
    const request = ask('vaccination');
    talk.pause();
    for (let i = 0; i < 3000; i++) void talk.send(request);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const another = await Talk.with(gateway.fastPort);
    expect(await another.ask(request)).toMatch(accepted);
    another.end();
    talk.resume();
    for (let i = 0; i < 3000; i++) expect(await talk.answer()).toMatch(accepted);
  });
});

test('a server that closes lets go of connections that ask for nothing, and answers those that do', async () => {
  const closing = await serve(gateway.gateway, { host: '127.0.0.1', port: 0, fast: true });
  const port = Number(new URL(closing.url).port);
  const [asked, silent] = [await Talk.with(port), await Talk.with(port)];
  expect(await asked.ask(ask('vaccination'))).toMatch(accepted);
  const last = asked.ask(ask('330000/pass'));
  const closed = closing.close();
  expect(await last).toMatch(accepted);
  await closed;
  await Promise.all([asked.over, silent.over]);
});

test('a server that closes does not wait long for heads that do not arrive', async () => {
  const limits = { ...LIMITS, headersMs: 60_000 };
  const closing = await serve(gateway.gateway, { host: '127.0.0.1', port: 0, limits, fast: true });
  const half = await Talk.with(Number(new URL(closing.url).port));
  expect(await half.ask(ask('vaccination'))).toMatch(accepted);
  await half.send('POST /v1/ver');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const since = performance.now();
  await closing.close();
  expect(performance.now() - since).toBeLessThan(5_000);
  await half.over;
}, 20_000);

test('a caller who goes while the database is asked leaves no room for bodies taken', async () => {
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const records: typeof gateway.gateway.records = async () => {
    asked.resolve();
    await goOn.promise;
    return gateway.gateway.records();
  };
  // Room for one body, not for two.
  const limits = { ...LIMITS, heldEach: 20 };
  const slow = await serve({ ...gateway.gateway, records }, { host: '127.0.0.1', port: 0, limits, fast: true });
  const port = Number(new URL(slow.url).port);
  const signed = async (): Promise<string> => {
    const signer = signerOf(gateway, '330000/gateway');
    const { headers, body } = await signedCall({ ...gateway, url: slow.url }, signer, { now: gateway.clock() });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `POST /v1/verify HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${lines.join('')}Content-Length: ${body!.length}\r\n\r\n${body}`;
  };
  try {
    const going = connect(port, '127.0.0.1');
    going.write(await signed());
    await asked.promise;
    const lines = gateway.log.length;
    going.resetAndDestroy();
    await vi.waitFor(() => expect(gateway.log.length).toBeGreaterThan(lines));
    goOn.resolve();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await rawAnswer(port, await signed())).toMatch(/^HTTP\/1\.1 200 /);
  } finally {
    goOn.resolve();
    await slow.close();
  }
});

test('over TLS, the same', async () => {
  const { signing, certificate } = newSystemKeys({ name: '310000/gateway', algorithm: 'ES256', certificate: true });
  const tls = { key: Buffer.from(signing), cert: Buffer.from(pemFromDer(decodeBase64(certificate!), 'CERTIFICATE')) };
  const secure = await serve(gateway.gateway, { host: '127.0.0.1', port: 0, fast: true, tls });
  try {
    const talk = await Talk.with(Number(new URL(secure.url).port), true);
    for (const request of [ask('vaccination'), ask('330000/pass'), getAlive('/healthz'), ask('vaccination')])
      expect(await talk.ask(request)).toMatch(/^HTTP\/1\.1 200 /);
    talk.end();
  } finally {
    await secure.close();
  }
});
