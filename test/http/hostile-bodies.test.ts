import { connect } from 'node:net';
import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it, test } from 'vitest';
import { encodeBase45 } from '../../src/codec/base45.ts';
import { both, compared } from './both.ts';
import { useGateway } from './harness.ts';
import { bodyOf, postHead, problemIn, rawDrip } from './raw.ts';

// All that is asked here is asked of both listeners, and compared.
const gateway = useGateway({ bodyMs: 2_000 }, { fast: true });
const told = (...pieces: readonly string[]): Promise<string> => both(gateway, pieces);

// Whatever came before: the server lives on.
afterEach(async () => {
  const verdict = await gateway.verify({ text: gateway.wire('vaccination') });
  expect(verdict.outcome).toBe('accept');
});

/** The same bytes every time, and no pattern in them. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

describe('bodies', () => {
  it('10 MB of noise are a document that nobody knows', async () => {
    const { status, json } = await gateway.call('POST', '/v1/verify', {
      type: 'application/octet-stream',
      body: noise(10_000_000),
    });
    expect([status, json.reasons]).toEqual([200, ['NOT_RECOGNISED']]);
  });

  it('a code that inflates to 100 MB is refused before it does', async () => {
    const bomb = deflateSync(new Uint8Array(100_000_000), { level: 9 });
    // The longest code that is read at all holds some 40 kB: as much of the bomb as fits.
    const code = `HC1:${encodeBase45(bomb.subarray(0, 40_000))}`;
    const verdict = await gateway.verify({ text: code });
    expect([verdict.outcome, verdict.reasons]).toEqual(['refuse', ['LIMIT_EXCEEDED']]);
  });

  it('less than Content-Length promises is waited for, and given up', async () => {
    const head = postHead('application/json', 'Content-Length: 1000');
    for (const pieces of [[head, '{"text":"x"}'], [`${head}{"text":"x"}`]])
      expect(problemIn(await told(...pieces))).toEqual([408, 'timeout']);
  });

  it('more than Content-Length promises is another request, and a bad one', async () => {
    const answer = await told(postHead('application/json', 'Content-Length: 12'), '{"text":"x"}{"text":"y"}');
    // Depending on how the bytes come in, the first may have had its answer before.
    const answers = answer.split(/(?<=\})(?=HTTP\/1\.1)/);
    expect(problemIn(answers.pop()!)).toEqual([400, 'bad-request']);
    for (const before of answers) expect(before).toMatch(/^HTTP\/1\.1 200 /);
  });

  test.each([
    ['two lengths', ['Content-Length: 12', 'Content-Length: 13']],
    ['a length and chunks', ['Content-Length: 12', 'Transfer-Encoding: chunked']],
    ['no number', ['Content-Length: twelve']],
    ['a negative length', ['Content-Length: -1']],
    ['a transfer coding that nobody knows', ['Transfer-Encoding: chunked, rot13']],
  ])('what two readers would read differently is refused: %s', async (_, headers) => {
    const answer = await told(postHead('application/json', ...headers), '{"text":"x"}');
    expect(problemIn(answer)).toEqual([400, 'bad-request']);
  });

  it('a length beyond all bounds is refused at once', async () => {
    const answer = await told(postHead('text/plain', 'Content-Length: 99999999999999'), 'x');
    expect(problemIn(answer)).toEqual([413, 'too-large']);
  });

  it('chunks that come one byte at a time run out of time', async () => {
    const first = postHead('text/plain', 'Transfer-Encoding: chunked');
    const told = await compared(gateway, (port) => rawDrip(port, first, '1\r\nx\r\n'), String);
    expect(problemIn(told)).toEqual([408, 'timeout']);
  });

  it('chunks of one byte cost no more memory than their bytes', async () => {
    const answer = await told(
      postHead('text/plain', 'Transfer-Encoding: chunked', 'Connection: close'),
      '1\r\nx\r\n'.repeat(20_000),
      '0\r\n\r\n',
    );
    expect(bodyOf(answer).reasons).toEqual(['NOT_RECOGNISED']);
  });

  it('a caller that hangs up in the middle leaves nothing behind', async () => {
    for (let i = 0; i < 20; i++) {
      const socket = connect(i % 2 === 0 ? gateway.port : gateway.fastPort, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write(postHead('application/octet-stream', 'Content-Length: 5000000'));
      socket.write(noise(100_000));
      await new Promise((resolve) => setTimeout(resolve, 5));
      socket.resetAndDestroy();
    }
    const aborted = () => gateway.log.filter((line) => line.includes('"aborted":true'));
    while (aborted().length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const line of aborted()) expect(JSON.parse(line).problem).toBeUndefined();
  });

  it('JSON nested 100,000 deep is refused, whole or cut off', async () => {
    for (const body of ['['.repeat(100_000), `${'{"text":'.repeat(100_000)}1${'}'.repeat(100_000)}`]) {
      const { status, json } = await gateway.call('POST', '/v1/verify', { type: 'application/json', body });
      expect([status, json.type]).toEqual([400, 'urn:tongren:problem:invalid-json']);
    }
  });

  it('names that mean something to JavaScript mean nothing here', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const { status, json } = await gateway.call('POST', '/v1/verify', {
        type: 'application/json',
        body: `{"${name}":{"text":"x"}}`,
      });
      expect([status, json.type], name).toEqual([400, 'urn:tongren:problem:invalid-ask']);
      const query = await gateway.call('POST', `/v1/verify?${name}=x`, { type: 'text/plain', body: 'x' });
      expect([query.status, query.json.type], name).toEqual([400, 'urn:tongren:problem:invalid-query']);
      const media = await gateway.call('POST', '/v1/verify', { type: name, body: 'x' });
      expect([media.status, media.json.type], name).toEqual([415, 'urn:tongren:problem:unsupported-media-type']);
      const schema = await gateway.call('GET', `/schemas/${name}`);
      expect([schema.status, schema.json.type], name).toEqual([404, 'urn:tongren:problem:not-found']);
    }
  });
});
