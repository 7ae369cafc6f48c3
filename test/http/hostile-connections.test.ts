import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { both, compared, type Step } from './both.ts';
import { useGateway } from './harness.ts';
import { rawHalf } from './raw.ts';

// What the two listeners could read differently: each of these is asked of both, and compared.
const gateway = useGateway({ headersMs: 1_000, bodyMs: 500 }, { fast: true });
let text = '';
beforeAll(() => {
  text = JSON.stringify({ text: gateway.wire('vaccination') });
});

// Whatever came before: the server lives on.
afterEach(async () => {
  const verdict = await gateway.verify({ text: gateway.wire('vaccination') });
  expect(verdict.outcome).toBe('accept');
});

const line = 'POST /v1/verify HTTP/1.1';
/** A request of these lines, whose length stands behind them where none of them says it. One character is one octet. */
const request = (lines: readonly string[], body = text): Buffer => {
  const framed = lines.some((each) => /^(content-length|transfer-encoding)/i.test(each));
  const all = framed ? lines : [...lines, `Content-Length: ${Buffer.byteLength(body, 'latin1')}`];
  return Buffer.from(`${all.join('\r\n')}\r\n\r\n${body}`, 'latin1');
};
const HOST = 'Host: localhost';
const JSON_TYPE = 'Content-Type: application/json';
const verdictAsked = (...lines: readonly string[]): Buffer => request([line, HOST, JSON_TYPE, ...lines]);

/** How many answers were given before Express. */
async function early(...steps: readonly Step[]): Promise<number> {
  const before = gateway.early;
  await both(gateway, ...steps);
  return gateway.early - before;
}

/** One after the other, each on a connection that stays and on one that its caller ends. Out: how many were answered before Express. */
async function earlyOf(requests: readonly Buffer[]): Promise<number> {
  let count = 0;
  for (const each of requests) {
    if ((await early(each)) > 0) count += 1;
    await compared(gateway, (port) => rawHalf(port, each), String);
  }
  return count;
}

describe('what can be read in more than one way is read in one', () => {
  it.each([
    [
      'Content-Length',
      0,
      ['', ' ', '+1', '01', '1,1', '1, 1', '1.0', '0x1', '1e0', '1 1', '"1"', '-0', '\v1', '1\f', '\xa01'],
    ],
    [
      'Connection',
      2,
      ['keep-alive\t', 'KEEP-ALIVE', '', 'keep-alive,', ',keep-alive', 'keep-alive, x', 'close, keep-alive', 'host'],
    ],
    ['Host', 5, ['a', 'localhost, a', 'localhost a', '', '127.0.0.1:', '\xe9', 'localhost\0']],
    [
      'Content-Type',
      6,
      ['', '__proto__', 'text/plain;charset', 'text/plain; charset=gbk', 'text/plain, text/html', 'a', '\xe9', 'a\x7f'],
    ],
    ['Content-Encoding', 4, ['', 'gzip', 'identity\t', 'identity, gzip', 'br\xff']],
    ['Transfer-Encoding', 0, ['', 'chunked', 'identity', 'chunked, identity', '\vchunked', 'xchunked', ',chunked']],
    ['Authorization', 5, ['', 'Bearer', 'Bearer ', 'Basic eDp4', 'Bearer x y', 'Bearer \xe9']],
    ['X', 4, ['', 'a\tb', '~!@#', 'x'.repeat(3000), 'x'.repeat(5000), 'a\rb', 'a\nb', 'a\r\n b', '\0', '\x7f', '\x80']],
  ])('%s', async (name, before, values) => {
    const others = [HOST, JSON_TYPE].filter((each) => !each.startsWith(name));
    // Of the length that nearly all of these lengths would say.
    const body = name === 'Content-Length' ? 'x' : text;
    const asked = values.map((value) => request([line, `${name}: ${value}`, ...others], body));
    expect(await earlyOf(asked)).toBe(before);
  });

  it('white space about a length', async () => {
    for (const written of [`${text.length}`, `\t${text.length}`, `  ${text.length} `, `${text.length}\t`])
      expect(await earlyOf([verdictAsked(`Content-Length:${written}`)]), JSON.stringify(written)).toBe(1);
  });

  it('names of headers', async () => {
    const tokens = [
      "!#$%&'*+-.^_`|~09Az",
      'toString',
      'set-cookie',
      'Content_Length',
      'X-HTTP-Method-Override',
      'Range',
    ];
    expect(await earlyOf(tokens.map((name) => verdictAsked(`${name}: 1`)))).toBe(tokens.length);
    const others = [
      '',
      'X ',
      'X\t',
      ' X',
      '\xe9',
      'X\0',
      'X(',
      'X"',
      'X/',
      '__proto__',
      'constructor',
      'Content-Length ',
    ];
    others.push('TE', 'Trailer', 'Upgrade', 'Expect', 'Keep-Alive', 'Proxy-Connection', 'HTTP2-Settings');
    expect(await earlyOf(others.map((name) => verdictAsked(`${name}: 1`)))).toBe(0);
  });

  it('lines of requests', async () => {
    const asked = (...lines: readonly string[]) => lines.map((each) => request([each, HOST, JSON_TYPE]));
    const queries = [
      '?',
      '??',
      '?&',
      '?=',
      '?purpose',
      '?purpose=%',
      '?purpose=%00',
      '?purpose=%ff',
      '?__proto__=x',
      '?PURPOSE=a',
    ];
    expect(await earlyOf(asked(...queries.map((query) => `POST /v1/verify${query} HTTP/1.1`)))).toBe(queries.length);
    const versions = [
      'HTTP/1.0',
      'HTTP/1.2',
      'HTTP/2.0',
      'http/1.1',
      'HTTP/1.1 ',
      ' HTTP/1.1',
      'HTTP/1.1\xa0',
      'HTTP/11',
      '',
    ];
    expect(await earlyOf(asked(...versions.map((version) => `POST /v1/verify ${version}`)))).toBe(0);
    const targets = [
      '*',
      'v1/verify',
      '',
      '?x',
      '/v1/verify\0',
      '/v1/verify\xe9',
      '/v1/verify"',
      '/v1/verify;a',
      '/v1/verify%3f',
    ];
    expect(await earlyOf(asked(...targets.map((target) => `POST ${target} HTTP/1.1`)))).toBe(0);
    const begun = [' POST', '\r\nPOST', '\nPOST', 'post', 'POST\t'].map((method) => `${method} /v1/verify HTTP/1.1`);
    expect(await earlyOf(asked(...begun))).toBe(0);
    const bareLf = Buffer.from(verdictAsked().toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    expect(await earlyOf([bareLf])).toBe(0);
  });

  it('bodies', async () => {
    const bodies = [
      '',
      '{',
      'null',
      '{}',
      '{"text":1}',
      '{"text":"\\ud800"}',
      '{"text":"\xc3"}',
      '{"text":"\xed\xa0\x80"}',
    ];
    bodies.push(
      '\xef\xbb\xbf{"text":"x"}',
      '{"text":"x"} ',
      '{"text":"x"}\0',
      '\0',
      '1e999',
      '['.repeat(9000),
      '1'.repeat(20_000),
    );
    for (const type of ['application/json', 'text/plain', 'application/octet-stream', 'image/png']) {
      const lines = [line, HOST, `Content-Type: ${type}`];
      expect(await earlyOf(bodies.map((body) => request(lines, body))), type).toBe(bodies.length);
    }
  });
});

/** What comes between good requests, on one connection. */
const BETWEEN: readonly (readonly [string, () => string | Buffer])[] = [
  ['another host', () => request([line, 'Host: evil.example', JSON_TYPE])],
  ['no JSON', () => request([line, HOST, JSON_TYPE], '{')],
  ['no body', () => request([line, HOST, JSON_TYPE], '')],
  ['no such key', () => verdictAsked('Authorization: Bearer nobody')],
  ['two lengths', () => request([line, HOST, 'Content-Length: 1', 'Content-Length: 2'], 'xx')],
  ['chunks', () => request([line, HOST, 'Transfer-Encoding: chunked'], '1\r\nx\r\n0\r\n\r\n')],
  [
    'a request in chunks that a length would cut',
    () =>
      request(
        [line, HOST, 'Content-Length: 4', 'Transfer-Encoding: chunked'],
        '1c\r\nGET /healthz HTTP/1.1\r\n\r\n\r\n\r\n0\r\n\r\n',
      ),
  ],
  ['more than is promised', () => request([line, HOST, JSON_TYPE, 'Content-Length: 2'], '{}xxxx')],
  ['less than is promised', () => verdictAsked(`Content-Length: ${text.length + 9}`)],
  ['no HTTP', () => 'xxxx\r\n\r\n'],
  ['a zero', () => '\0'],
  ['what is too large', () => request([line, HOST, JSON_TYPE, 'Content-Length: 99999999'], 'x')],
  ['an expectation', () => verdictAsked('Expect: 100-continue')],
  ['HTTP/1.0', () => request(['POST /v1/verify HTTP/1.0', HOST, JSON_TYPE])],
  ['the last request', () => verdictAsked('Connection: close')],
  ['an upgrade', () => verdictAsked('Connection: Upgrade', 'Upgrade: websocket')],
  ['a tunnel', () => `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n\r\n`],
  ['HEAD', () => `HEAD /healthz HTTP/1.1\r\n${HOST}\r\n\r\n`],
  ['another route', () => request(['POST /v1/verify/batch HTTP/1.1', HOST, 'Content-Type: application/x-ndjson'])],
  ['a head that is too large', () => verdictAsked(`X: ${'x'.repeat(20_000)}`)],
];

describe.each(BETWEEN)('%s between good requests', (_what, made) => {
  it('each behind the answer to the one before', async () => {
    // The good ones in front, whoever the rest is for.
    expect(await early(verdictAsked(), verdictAsked(), made(), verdictAsked())).toBeGreaterThan(0);
  });

  it('behind one another', async () => {
    const [good, between] = [verdictAsked(), Buffer.from(made())];
    await both(gateway, Buffer.concat([good, between, good]));
    await both(gateway, Buffer.concat([good, good, between]));
    await both(gateway, Buffer.concat([between, good]));
    await both(gateway, [good, Buffer.concat([between, good])]);
  });
});

describe('in two pieces, wherever they part', () => {
  it.each([
    ['a good one', () => verdictAsked()],
    ['one that is for another host', () => request([line, 'Host: evil.example', JSON_TYPE], '{"text":"x"}')],
    ['one that has no JSON', () => request([line, HOST, JSON_TYPE], '{"text":"x"]')],
  ])('%s', async (_what, made) => {
    const whole = made();
    const body = whole.indexOf('\r\n\r\n') + 4;
    let before = 0;
    for (let at = 1; at < whole.length; at++) {
      const given = await early([whole.subarray(0, at), whole.subarray(at)]);
      if (at >= body) before += given;
    }
    // Where the head is whole, the rest is waited for; not for ever, should this machine have much else to do.
    expect(before).toBeGreaterThan((whole.length - body) / 2);
    await both(
      gateway,
      [...whole].map((octet) => Uint8Array.of(octet)),
    );
  });
});
