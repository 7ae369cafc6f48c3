import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { writeQr } from '../../src/codec/picture.node.ts';
import type { Code } from '../../src/codec/picture.ts';
import { PROBLEMS, Problem, problemBody, problemOf } from '../../src/http/problems.ts';
import { useGateway } from './harness.ts';
import { bodyOf, rawCall } from './raw.ts';

describe('what we did not expect', () => {
  const gateway = useGateway();

  it('is `internal` with a number that the log knows, and says nothing else', async () => {
    const federation = gateway.federation;
    gateway.federation = new Proxy(federation, {
      get() {
        throw new TypeError('secret of the inside: 张三');
      },
    });
    try {
      for (const path of ['/readyz', '/metrics']) {
        const { status, json: body, text: whole } = await gateway.call('GET', path);
        expect([status, body.type]).toEqual([500, 'urn:tongren:problem:internal']);
        expect(whole).not.toMatch(/secret|张三|TypeError|\.ts|node_modules| at /);
        const entry = gateway.log.map((line) => JSON.parse(line)).find(({ incident }) => incident === body.incident);
        expect(entry).toMatchObject({ level: 50, error: 'TypeError' });
        // Where it was thrown, and by whom it was called.
        expect(entry.frames[0]).toMatch(/^http\/faults\.test\.ts:\d+:\d+$/);
        expect(entry.frames).toContainEqual(expect.stringMatching(/^http\/health\.ts:\d+:\d+$/));
        expect(JSON.stringify(entry)).not.toMatch(/secret|张三/);
      }
      const batch = await gateway.call('POST', '/v1/verify/batch', {
        type: 'application/x-ndjson',
        body: '{"text":"a"}\n{"text":"b"}\n',
      });
      const lines = batch.text.trim().split('\n');
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(JSON.parse(line).problem.type).toBe('urn:tongren:problem:internal');
    } finally {
      gateway.federation = federation;
    }
    expect((await gateway.verify({ text: gateway.wire('vaccination') })).outcome).toBe('accept');
  });
});

describe('time and memory', () => {
  const gateway = useGateway({ bodyMs: 300, held: 100_000 });

  it('408: a body that does not arrive must not hold a connection', async () => {
    const head =
      'POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n';
    const answer = await rawCall(gateway.port, head, 'HC1:');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodyOf(answer)).toMatchObject({ type: 'urn:tongren:problem:timeout', limit: 300 });
  });

  it('503: many large bodies at once must not end the process, and what they held is free afterwards', async () => {
    const {
      status,
      headers,
      json: body,
    } = await gateway.call('POST', '/v1/verify', { type: 'text/plain', body: 'x'.repeat(200_000) });
    expect([status, body.type, headers.get('retry-after')]).toEqual([503, 'urn:tongren:problem:busy', '1']);
    for (let i = 0; i < 5; i++)
      expect((await gateway.call('POST', '/v1/verify', { type: 'text/plain', body: 'x'.repeat(60_000) })).status).toBe(
        200,
      );
  });
});

describe('one caller', () => {
  const gateway = useGateway({ held: 400_000, heldEach: 100_000, line: 40_000 });
  const headOf = (path: string, type: string, length: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nContent-Type: ${type}\r\n${length}\r\n\r\n`;
  const opened = async (head: string, body: string): Promise<() => void> => {
    const socket = connect(gateway.port, '127.0.0.1');
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.write(head + body, () => resolve()));
    return () => socket.destroy();
  };
  const statusOf = async (size: number): Promise<number> =>
    (await gateway.call('POST', '/v1/verify', { type: 'text/plain', body: 'x'.repeat(size) })).status;

  it('who sends slowly holds no more than its share: the rest is for others', async () => {
    const body = 'x'.repeat(90_000);
    const let_go = await opened(headOf('/v1/verify', 'text/plain', 'Content-Length: 95000'), body);
    await expect.poll(() => statusOf(20_000)).toBe(503);
    expect(await statusOf(100)).toBe(200);
    let_go();
    await expect.poll(() => statusOf(20_000)).toBe(200);
  });

  it('has a few batches open at most, for each may keep a line that does not end', async () => {
    const head = headOf('/v1/verify/batch', 'application/x-ndjson', 'Transfer-Encoding: chunked');
    const open = [await opened(head, '3\r\n{"t'), await opened(head, '3\r\n{"t')];
    const batch = async (): Promise<number> =>
      (await gateway.call('POST', '/v1/verify/batch', { type: 'application/x-ndjson', body: '{"text":"x"}\n' })).status;
    await expect.poll(batch).toBe(503);
    for (const let_go of open) let_go();
    await expect.poll(batch).toBe(200);
  });
});

describe('pictures', () => {
  const gateway = useGateway({ pictures: 2 });

  it('503: slow pictures do not make others wait for ever; texts go on', async () => {
    const reads: (() => void)[] = [];
    const read = () => new Promise<Code[]>((resolve) => reads.push(() => resolve([])));
    gateway.pictures = async () => ({ read });
    const picture = { type: 'image/png', body: await writeQr('x') };
    const slow = [gateway.call('POST', '/v1/verify', picture), gateway.call('POST', '/v1/verify', picture)];
    while (reads.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const refused = await gateway.call('POST', '/v1/verify', picture);
    expect([refused.status, refused.json.type, refused.headers.get('retry-after')]).toEqual([
      503,
      'urn:tongren:problem:busy',
      '5',
    ]);
    expect((await gateway.verify({ text: gateway.wire('vaccination') })).outcome).toBe('accept');
    for (const finish of reads) finish();
    for (const { json } of await Promise.all(slow)) expect(json.reasons).toEqual(['PICTURE_WITHOUT_CODE']);
    const next = gateway.call('POST', '/v1/verify', picture);
    while (reads.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    reads[2]!();
    expect((await next).status).toBe(200);
  });
});

describe('an answer before the end of the body', () => {
  const gateway = useGateway({ lingerMs: 10_000 });

  it('reaches a caller that reads only when it has sent everything', async () => {
    const length = 25 * 1024 * 1024;
    const socket = connect(gateway.port, '127.0.0.1').pause();
    const head = `POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: ${length}\r\n\r\n`;
    socket.write(head);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.write(new Uint8Array(length), (error) => (error ? reject(error) : resolve()));
    });
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += chunk;
    expect(bodyOf(text).type).toBe('urn:tongren:problem:too-large');
  });
});

describe('the table of problems', () => {
  it('has a status of a class that a problem may have, and words in both languages', () => {
    for (const [code, { status, title, next }] of Object.entries(PROBLEMS)) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      for (const words of [title, next]) {
        expect(words.zh, code).toMatch(/\p{Script=Han}/u);
        expect(words.en, code).toMatch(/^[A-Z]/);
      }
    }
  });

  it('passes a problem on as it is, and keeps back the text of anything else', () => {
    const problem = new Problem('unknown-region', 'there is none', { allowed: ['310000'] });
    expect(problemOf(problem)).toBe(problem);
    for (const thrown of [new Error('张三'), 'a string: 张三', undefined, { message: '张三' }]) {
      const body = problemBody(problemOf(thrown));
      expect(body).toMatchObject({
        type: 'urn:tongren:problem:internal',
        status: 500,
        incident: expect.stringMatching(/^[0-9a-f]{12}$/),
      });
      expect(JSON.stringify(body)).not.toContain('张三');
    }
  });
});
