import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, serve } from '../../src/http/serve.node.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';
import { getHead, postHead, rawCall } from './raw.ts';

const LIMITS = { headersMs: 1_000, bodyMs: 500, lingerMs: 200, json: 20_000, text: 4_000 };
const gateway = useGateway(LIMITS);
let fast: Running;
beforeAll(async () => {
  const now = Date.now();
  gateway.clock = () => now;
  fast = await serve(gateway.gateway, { host: '127.0.0.1', port: 0, limits: LIMITS, fast: true });
});
afterAll(() => fast?.close());

/** What differs between two answers to the same question: its number, its moment, what it has left, an incident. */
const plain = (raw: string): string =>
  raw
    .replace(/^(X-Request-Id|Date): .*$/gim, '$1')
    .replace(/"(incident|instance)":"[^"]*"/g, '"$1"')
    .replace(/r=\d+;t=\d+/g, 'r');

async function both(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const express = await rawCall(gateway.port, ...parts);
  const short = await rawCall(Number(new URL(fast.url).port), ...parts);
  expect(plain(short)).toBe(plain(express));
  return plain(short);
}

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
    expect(await both(json({ text: wire }))).toContain('"outcome":"accept"');
    expect(await both(json({ text: `${wire.slice(0, -9)}AAAAAAAAA` }))).toMatch(/^HTTP\/1\.1 200 /);
  }
  expect(await both(at('/v1/verify?purpose=counter'))).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ['another host', at('/v1/verify', 'evil.example')],
  ['no host', `POST /v1/verify HTTP/1.1\r\nContent-Length: 0\r\n${CLOSE}\r\n\r\n`],
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
  ['a certificate of one’s own', json({ text: 'x' }, 'Client-Cert: :AAAA:')],
  ['a signature that is none', json({ text: 'x' }, 'Signature-Input: a=("@method")', 'Signature: a=:AAAA:')],
  ['no such officer', json({ text: 'x' }, 'Tongren-Officer: a b c')],
  ['no line of HTTP', 'POST /v1/verify\r\n\r\n'],
])('%s: the same answer', async (_what, request) => {
  expect(await both(request)).toMatch(/^HTTP\/1\.1 /);
});

test('who may not ask, and who has asked too much', async () => {
  const { row, headers } = keyRow({ perMinute: 2 });
  const other = keyRow({ id: 'other', scopes: ['convert'] });
  gateway.keyring = keyringOf(row, other.row);
  const asks = (authorization?: string): string =>
    json({ text: 'x' }, ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]));
  expect(await both(asks())).toMatch(/ 401 /);
  expect(await both(asks('Bearer nobody'))).toMatch(/ 401 /);
  expect(await both(asks(other.headers.Authorization))).toMatch(/ 403 /);
  for (const status of [200, 200, 429])
    expect(await both(asks(headers.Authorization))).toMatch(new RegExp(` ${status} `));
  gateway.keyring = undefined;
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
