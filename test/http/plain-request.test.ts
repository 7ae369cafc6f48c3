import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { MOST_PLAIN, plainRequest } from '../../src/http/plain-request.ts';
import { Talk } from './raw.ts';

const HEAD = ['POST /v1/verify HTTP/1.1', 'Host: localhost', 'Content-Type: text/plain', 'Content-Length: 5'];
const request = (lines: readonly string[], body = 'hello'): string => [...lines, '', body].join('\r\n');
const read = (text: string) => plainRequest(Buffer.from(text, 'latin1'));
const withLine = (line: string, body?: string): string => request([...HEAD, line], body);
const inPlaceOf = (at: number, line: string, body?: string): string =>
  request(
    HEAD.map((each, i) => (i === at ? line : each)),
    body,
  );

describe('a plain request', () => {
  it('is read as it stands', () => {
    expect(read(inPlaceOf(0, 'POST /v1/verify?for=310000&at=2026-11-28T08:00:00%2B08:00 HTTP/1.1'))).toEqual({
      method: 'POST',
      url: '/v1/verify?for=310000&at=2026-11-28T08:00:00%2B08:00',
      headers: { host: 'localhost', 'content-type': 'text/plain', 'content-length': '5' },
      rawHeaders: ['Host', 'localhost', 'Content-Type', 'text/plain', 'Content-Length', '5'],
      body: Buffer.from('hello'),
    });
  });

  it.each([
    ['white space around a value', withLine('X-A: \t b c \t ')],
    ['no value', withLine('X-A:')],
    ['a colon in a value', withLine('X-A: b:c')],
    ['a connection that stays', withLine('Connection: Keep-Alive')],
    ['no body', inPlaceOf(3, 'Content-Length: 0', '')],
    ['a name in any case', inPlaceOf(3, 'CONTENT-length: 5')],
  ])('may have %s', (_what, text) => {
    expect(read(text)).toMatchObject({ url: '/v1/verify' });
  });

  it.each([
    ['head alone', request(HEAD, '')],
    ['body in part', request(HEAD, 'hell')],
  ])('is unfinished: %s', (_what, text) => {
    expect(read(text)).toBe('unfinished');
  });

  it.each([
    ['an unfinished head', 'POST /v1/verify HTTP/1.1\r\nHost: localhost\r\n'],
    ['nothing', ''],
    ['another method', inPlaceOf(0, 'GET /v1/verify HTTP/1.1')],
    ['another version', inPlaceOf(0, 'POST /v1/verify HTTP/1.0')],
    ['absolute form', inPlaceOf(0, 'POST http://localhost/v1/verify HTTP/1.1')],
    ['a fragment', inPlaceOf(0, 'POST /v1/verify#a HTTP/1.1')],
    ['two spaces', inPlaceOf(0, 'POST  /v1/verify HTTP/1.1')],
    ['a target with other signs', inPlaceOf(0, 'POST /v1/verify?"<>" HTTP/1.1')],
    ['a target beyond ASCII', inPlaceOf(0, 'POST /v1/verify?\xe9 HTTP/1.1')],
    ['an empty line first', `\r\n${request(HEAD)}`],
    ['no headers', 'POST /v1/verify HTTP/1.1\r\n\r\n'],
    ['no length', request(HEAD.slice(0, 3), '')],
    ['a length twice', withLine('content-length: 5')],
    ['two lengths', withLine('Content-Length: 6')],
    ['a list of lengths', inPlaceOf(3, 'Content-Length: 5, 5')],
    ['a length with a sign', inPlaceOf(3, 'Content-Length: +5')],
    ['a length with a zero before it', inPlaceOf(3, 'Content-Length: 05')],
    ['a length of another base', inPlaceOf(3, 'Content-Length: 0x5')],
    ['a length with an underscore', inPlaceOf(3, 'Content-Length: 0_5')],
    ['a length that is none', inPlaceOf(3, 'Content-Length:')],
    ['a length beyond all', inPlaceOf(3, 'Content-Length: 99999999999999999999')],
    ['more than its length', request(HEAD, 'hello!')],
    ['another request behind it', request(HEAD) + request(HEAD)],
    ['a line end behind it', `${request(HEAD)}\r\n`],
    ['chunks', withLine('Transfer-Encoding: chunked')],
    ['another transfer', withLine('Transfer-Encoding: identity')],
    ['a host twice', withLine('Host: localhost')],
    ['any header twice', request([...HEAD, 'X-A: 1', 'x-a: 2'])],
    ['an end of the connection', withLine('Connection: close')],
    ['a connection with more to say', withLine('Connection: keep-alive, X-A')],
    ['an upgrade', withLine('Upgrade: h2c')],
    ['an expectation', withLine('Expect: 100-continue')],
    ['a trailer', withLine('Trailer: X-A')],
    ['what JavaScript has of its own', withLine('__proto__: a')],
    ['what every object has', withLine('Constructor: a')],
    ['a space before the colon', withLine('X-A : b')],
    ['a folded line', withLine('X-A: b\r\n c')],
    ['no colon', withLine('X-A')],
    ['no name', withLine(': a')],
    ['a name that is no token', withLine('X(A): b')],
    ['a bare line feed', withLine('X-A: b\nX-B: c')],
    ['a bare return', withLine('X-A: b\rX-B: c')],
    ['line feeds alone', request(HEAD).replaceAll('\r\n', '\n')],
    ['a null', withLine('X-A: b\0c')],
    ['a value beyond ASCII', withLine('X-A: \xe9')],
    ['a head beyond its limit', withLine(`X-A: ${'a'.repeat(5000)}`)],
    ['a body beyond its limit', inPlaceOf(3, `Content-Length: ${MOST_PLAIN}`, 'a'.repeat(100))],
  ])('is not: %s', (_what, text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('beside Node’s own parser', () => {
  type Told = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'httpVersion'> & { body: string };
  let told: Told[] = [];
  const server = createServer({ requireHostHeader: false }, (req, res) => {
    const { method, url, headers, rawHeaders, httpVersion } = req;
    let body = '';
    req.setEncoding('latin1').on('data', (piece) => {
      body += piece;
    });
    req.on('end', () => {
      told.push({ method, url, headers, rawHeaders, httpVersion, body });
      res.setHeader('Content-Length', 0).end();
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => void server.close());

  const PIECES = [
    ' ',
    '\t',
    '\r',
    '\n',
    '\r\n',
    ':',
    ',',
    '0',
    '5',
    '+',
    '_',
    '-',
    '\0',
    '\x7f',
    '\xff',
    'a',
    'Host: a',
    '\r\n\r\n',
  ];
  const LINES = [
    ...HEAD.slice(1),
    'Connection: keep-alive',
    'X-A: b',
    'Accept: */*',
    'Transfer-Encoding: chunked',
    'Content-Length: 4',
  ];
  const changed = fc
    .tuple(
      fc.shuffledSubarray(LINES, { minLength: 1 }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.constantFrom(...PIECES), fc.nat(2)), {
        maxLength: 2,
      }),
    )
    .map(([lines, changes]) => {
      let text = request([HEAD[0]!, ...lines]);
      for (const [where, piece, less] of changes) {
        const at = Math.floor(where * text.length);
        text = text.slice(0, at) + piece + text.slice(at + less);
      }
      return text;
    });

  test('what is taken is what Node takes, and the same; nothing else can be read into it', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(changed, async (text) => {
        const own = read(text);
        if (own === undefined || own === 'unfinished') return;
        taken += 1;
        told = [];
        const talk = await Talk.with((server.address() as AddressInfo).port);
        const answer = await talk.ask(Buffer.from(text, 'latin1'));
        talk.end();
        expect(answer).toMatch(/^HTTP\/1\.1 200 /);
        const { body, ...head } = own;
        expect(told).toEqual([{ ...head, httpVersion: '1.1', body: Buffer.from(body).toString('latin1') }]);
      }),
      { numRuns: 4000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test('any bytes give an answer', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
          changed.map((text) => Buffer.from(text, 'latin1')),
        ),
        (bytes) => {
          plainRequest(bytes);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
