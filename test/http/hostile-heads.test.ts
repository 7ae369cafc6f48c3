import { connect } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { both, compared } from './both.ts';
import { useGateway } from './harness.ts';
import { getHead, postHead, problemIn, rawDrip } from './raw.ts';

// All that is asked here is asked of both listeners, and compared.
const gateway = useGateway({ headersMs: 1_000, lingerMs: 200 }, { fast: true });
const told = (...pieces: readonly string[]): Promise<string> => both(gateway, pieces);

/** A whole POST, after which the connection ends. */
const post = (target: string, ...headers: readonly string[]): string =>
  `POST ${target} HTTP/1.1\r\n${headers.map((each) => `${each}\r\n`).join('')}Content-Type: text/plain\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`;

// Whatever came before: the server lives on.
afterEach(async () => {
  const verdict = await gateway.verify({ text: gateway.wire('vaccination') });
  expect(verdict.outcome).toBe('accept');
});

describe('hosts (DNS rebinding)', () => {
  test.each(['127.0.0.1', 'localhost', 'LocalHost:8080', '[::1]', '[::1]:80', '127.0.0.1:65535'])(
    '%s is served',
    async (host) => {
      expect(await told(getHead('/healthz', `Host: ${host}`))).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  test.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example#127.0.0.1',
    '127.0.0.1@evil.example',
    'localhost:8080:80',
    '127.0.0.2',
    '0.0.0.0',
    '2130706433',
    '[::]',
    '::1',
    '[::1',
    '[]',
    'localhost.',
    '',
  ])('"%s" is not', async (host) => {
    for (const path of ['/healthz', '/v1/verify', '/nowhere']) {
      expect(problemIn(await told(getHead(path, `Host: ${host}`)))).toEqual([421, 'misdirected']);
    }
    const before = gateway.early;
    expect(problemIn(await told(post('/v1/verify', `Host: ${host}`)))).toEqual([421, 'misdirected']);
    expect(gateway.early - before).toBe(1);
  });

  it('a name is needed, and only one', async () => {
    expect(problemIn(await told(getHead('/healthz')))).toEqual([400, 'host-missing']);
    expect(problemIn(await told(getHead('/healthz', 'Host: localhost', 'Host: evil.example')))).toEqual([
      400,
      'host-missing',
    ]);
    expect(problemIn(await told('GET /healthz HTTP/1.0\r\n\r\n'))).toEqual([400, 'host-missing']);
  });

  it('is no proxy', async () => {
    for (const target of ['http://evil.example/healthz', 'http://localhost/healthz', '*']) {
      expect(problemIn(await told(getHead(target, 'Host: localhost')))).toEqual([421, 'misdirected']);
    }
    const tunnel = await told('CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(tunnel).not.toMatch(/^HTTP\/1\.1 2/);
  });
});

describe('paths and methods', () => {
  test.each([
    '/schemas/../package.json',
    '/schemas/..%2fpackage.json',
    '/schemas/%2e%2e%2fpackage.json',
    '/schemas/..\\package.json',
    '/schemas/..%5cpackage.json',
    '/schemas/%2e%2e/package.json',
    '/schemas/verdict.schema.json%00',
    '/schemas/%ff',
    '/schemas/%',
    '/schemas/',
    '/schemas//verdict.schema.json',
    '/schemas/./verdict.schema.json',
    '/../openapi.yaml',
    '//healthz',
    '/schemas/file:///etc/passwd',
  ])('no file is read by a path from outside: %s', async (target) => {
    expect(problemIn(await told(getHead(target, 'Host: localhost')))).toEqual([404, 'not-found']);
  });

  test.each(['TRACE', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'QUERY', 'M-SEARCH'])(
    '%s is not allowed',
    async (method) => {
      const answer = await told(`${method} /v1/verify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect(problemIn(answer)).toEqual([405, 'method-not-allowed']);
      // TRACE would send the request back, cookies and all.
      expect(answer).not.toContain('Host: localhost');
    },
  );

  it('a method in a header or in the query is none', async () => {
    const headers = { 'X-HTTP-Method-Override': 'POST', 'X-Method-Override': 'POST' };
    expect((await gateway.call('GET', '/v1/verify?_method=POST', { headers })).status).toBe(405);
  });

  it('a method that is none is no request', async () => {
    for (const line of [
      'VERIFY / HTTP/1.1',
      'GET / HTTP/9.9',
      'get / HTTP/1.1',
      '\u0016\u0003\u0001\u0002\u0000',
      'GET /a b HTTP/1.1',
    ]) {
      expect(problemIn(await told(`${line}\r\nHost: localhost\r\n\r\n`)), line).toEqual([400, 'bad-request']);
    }
  });

  it('a body where none is expected is not waited for', async () => {
    const answer = await told('GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n', 'x');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  it('an upgrade is not taken', async () => {
    const answer = await told(
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('an expectation that nobody knows changes nothing', async () => {
    const answer = await told(getHead('/healthz', 'Host: localhost', 'Expect: the-unexpected'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('headers', () => {
  it('too many bytes of them are refused, and the answer gets through', async () => {
    for (const flood of [
      `X: ${'x'.repeat(100_000)}`,
      Array.from({ length: 5000 }, (_, i) => `X-${i}: x`).join('\r\n'),
    ]) {
      const answer = await told(getHead('/healthz', 'Host: localhost', flood));
      expect(problemIn(answer)).toEqual([431, 'headers-too-large']);
      expect(answer).toContain('x-content-type-options: nosniff');
    }
  });

  it('as many small ones as fit are read, and none is dropped in silence', async () => {
    const many = Array.from({ length: 2500 }, () => 'a:').join('\r\n');
    const answer = await told(getHead('/healthz', many, 'Host: localhost', 'Host: evil.example'));
    expect(problemIn(answer)).toEqual([400, 'host-missing']);
  });

  it('that drip in one by one run out of time', async () => {
    for (const line of ['GET /healthz', 'POST /v1/verify']) {
      const first = `${line} HTTP/1.1\r\nHost: localhost\r\n`;
      const told = await compared(gateway, (port) => rawDrip(port, first, 'X: y\r\n'), String);
      expect(problemIn(told)).toEqual([408, 'timeout']);
    }
  });

  test.each(['X: \u0000', 'X: a\u0001b', 'X : y', ' X: y', 'X: y\n\nGET / HTTP/1.1'])(
    'broken ones are refused: %j',
    async (header) => {
      for (const request of [
        getHead('/healthz', 'Host: localhost', header),
        post('/v1/verify', 'Host: localhost', header),
      ])
        expect(problemIn(await told(request))).toEqual([400, 'bad-request']);
    },
  );

  it('a media type of any length is only a wrong one', async () => {
    const answer = await told(
      postHead(`text/plain${';'.repeat(10_000)}x`, 'Content-Length: 1', 'Connection: close'),
      'x',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(problemIn(await told(postHead('/'.repeat(10_000), 'Content-Length: 1', 'Connection: close'), 'x'))).toEqual([
      415,
      'unsupported-media-type',
    ]);
  });
});

describe('headers that go on for megabytes', () => {
  const patient = useGateway({ lingerMs: 2_000 }, { fast: true });
  const flooded = async (port: number): Promise<string> => {
    const socket = connect(port, '127.0.0.1').pause();
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.write(`POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(8_000_000)}`, (error) =>
        error ? reject(error) : resolve(),
      );
    });
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += chunk;
    return text;
  };

  it('do not drown the answer', async () => {
    expect(problemIn(await compared(patient, flooded, String))).toEqual([431, 'headers-too-large']);
  });
});

describe('names that are configured', () => {
  const named = useGateway({}, { hosts: ['gateway.example', '10.0.0.5', '[2001:db8::1]'], fast: true });
  const asked = (host: string) => both(named, post('/v1/verify', `Host: ${host}`));

  test.each([
    'gateway.example',
    'Gateway.Example:443',
    '10.0.0.5:8080',
    '[2001:db8::1]',
    '[2001:DB8::1]:1',
    'localhost',
  ])('%s is served', async (host) => expect(await asked(host)).toMatch(/^HTTP\/1\.1 200 /));

  test.each([
    'other.example',
    'gateway.example.evil.example',
    'xgateway.example',
    'gateway.example@evil.example',
    '2001:db8::1',
  ])('"%s" is not', async (host) => expect(problemIn(await asked(host))).toEqual([421, 'misdirected']));
});
