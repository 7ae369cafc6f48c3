import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { writeQr } from '../../src/codec/picture.node.ts';
import { linesOf, useGateway } from './harness.ts';
import { bodyOf, rawCall } from './raw.ts';

const NDJSON = 'application/x-ndjson';
const HEAD = `POST /v1/verify/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${NDJSON}\r\nTransfer-Encoding: chunked\r\n\r\n`;

/** One piece of a chunked body. */
const piece = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** The moment a batch's line was judged at tells which line a verdict answers. */
const moment = (second: number): string =>
  new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().replace('.000Z', 'Z');

/** What has come in on a socket so far, and a promise of more. */
function reading(socket: Socket): { text: () => string; until: (found: (text: string) => boolean) => Promise<string> } {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const until = async (found: (text: string) => boolean): Promise<string> => {
    while (!found(text)) await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
    return text;
  };
  return { text: () => text, until };
}

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 20));

/**
 * Sends lines and reads no answers, until nothing more is taken. A line is answered by about a kilobyte more than it has,
 * so what the system keeps for a connection fills soon, whichever way.
 */
async function sendUnread(port: number, total: number): Promise<{ socket: Socket; sent: number }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(HEAD);
  const lines = piece(`{"text":"${'x'.repeat(500)}"}\n`.repeat(100));
  let sent = 0;
  for (let stuck = 0; sent < total && stuck < 25; sent += 100) {
    if (socket.write(lines)) continue;
    for (stuck = 0; socket.writableNeedDrain && stuck < 25; stuck++) await nextTurn();
  }
  return { socket, sent };
}

// biome-ignore lint/suspicious/noExplicitAny: a line of the log
async function logged(log: readonly string[], found: (entry: any) => boolean): Promise<any> {
  for (;;) {
    const entry = log.map((line) => JSON.parse(line)).find(found);
    if (entry !== undefined) return entry;
    await nextTurn();
  }
}

describe('POST /v1/verify/batch', () => {
  const gateway = useGateway();
  const batch = async (body: string | Uint8Array) => {
    const answer = await gateway.call('POST', '/v1/verify/batch', { type: NDJSON, body });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(NDJSON);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return linesOf(answer.text);
  };

  it('answers every line in its order', async () => {
    const asks = Array.from({ length: 1500 }, (_, i) =>
      JSON.stringify({ text: i % 100 === 0 ? gateway.wire('vaccination') : `${i}`, at: moment(i) }),
    );
    const answers = await batch(asks.join('\n'));
    expect(answers.map((verdict) => verdict.clock.at)).toEqual(asks.map((_, i) => moment(i)));
  });

  it('gives every document, byte by byte, the answer that it gets alone, among whatever others', async () => {
    const at = gateway.mintedAt + 1000;
    gateway.clock = () => at;
    const texts = gateway.samples.flatMap(({ wire }) => (typeof wire === 'string' ? [wire] : []));
    const regions = ['310000', '330000', '999999', '340000'];
    const purposes = ['checkpoint', 'hotel', 'checkpoint', 'counter'];
    const asks = [...texts, '?', ...texts.toReversed()].map((text, i) =>
      JSON.stringify({ text, for: regions[i % regions.length], purpose: purposes[i % purposes.length] }),
    );
    const { text } = await gateway.call('POST', '/v1/verify/batch', { type: NDJSON, body: asks.join('\n') });
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(asks.length);
    expect(new Set(lines.map((line) => JSON.parse(line).outcome)).size).toBeGreaterThan(2);
    for (const [i, ask] of asks.entries()) {
      const alone = await gateway.call('POST', '/v1/verify', { type: 'application/json', body: ask });
      if (alone.status === 200) expect(lines[i]).toBe(alone.text);
      else expect(JSON.parse(lines[i]!)).toEqual({ problem: alone.json, line: i + 1 });
    }
    gateway.clock = Date.now;
  });

  it('keeps the order around a picture, which takes longer', async () => {
    const picture = encodeBase64(await writeQr(gateway.wire('vaccination')));
    const asks = [{ text: 'x' }, { bytes: picture }, { text: 'y' }, { reference: { passNumber: 'REF-0001' } }];
    const answers = await batch(asks.map((ask) => `${JSON.stringify(ask)}\r\n`).join(''));
    expect(answers.map((verdict) => verdict.reasons[0] ?? verdict.outcome)).toEqual([
      'NOT_RECOGNISED',
      'accept',
      'NOT_RECOGNISED',
      'NOBODY_TO_ASK',
    ]);
  });

  it('answers a line that is no Ask with a problem, and goes on', async () => {
    const lines: readonly [string | Uint8Array, string | undefined][] = [
      ['{"text":"x"}', undefined],
      ['not JSON', 'invalid-json'],
      ['{"text":"a","text":"b"}', 'invalid-json'],
      ['{"text":"a"} {"text":"b"}', 'invalid-json'],
      ['[]', 'invalid-ask'],
      ['{}', 'invalid-ask'],
      ['{"text":"a","bytes":"AAAA"}', 'invalid-ask'],
      ['{"bytes":"?"}', 'invalid-ask'],
      ['{"text":"a","at":"2026-02-45T00:00:00Z"}', 'invalid-ask'],
      ['{"text":"a","for":"999999"}', 'unknown-region'],
      ['{"text":"a","purpose":"credit"}', 'unknown-purpose'],
      [new Uint8Array([0x7b, 0xff, 0x7d]), 'invalid-json'],
      [`{"text":${'['.repeat(100_000)}`, 'invalid-json'],
      ['{"text":"y"}', undefined],
    ];
    const body = Buffer.concat(lines.flatMap(([line]) => [Buffer.from(line as string), Buffer.from('\n')]));
    const answers = await batch(body);
    expect(answers.map((answer) => answer.problem?.type)).toEqual(
      lines.map(([, code]) => code && `urn:tongren:problem:${code}`),
    );
    for (const [i, answer] of answers.entries()) if (answer.problem !== undefined) expect(answer.line).toBe(i + 1);
  });

  it('gives an empty line no answer, but counts it', async () => {
    const answers = await batch('\n{"text":"x"}\n\r\n\n?\n');
    expect(answers.map((answer) => answer.line ?? answer.outcome)).toEqual(['undetermined', 5]);
  });

  it('gives an empty batch no answers', async () => {
    expect(await batch('')).toEqual([]);
  });

  it('answers while the request is still being sent', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    const { until } = reading(socket);
    socket.write(HEAD + piece(`{"text":"a","at":"${moment(1)}"}\n{"text":`));
    await until((text) => text.includes(moment(1)));
    // The second line comes in two pieces, cut inside a character.
    const rest = Buffer.from(`"通认","at":"${moment(2)}"}\n`);
    socket.write('3\r\n');
    socket.write(rest.subarray(0, 3));
    socket.write(`\r\n${(rest.length - 3).toString(16)}\r\n`);
    socket.write(rest.subarray(3));
    socket.write('\r\n');
    await until((text) => text.includes(moment(2)));
    socket.write(piece('{"text":"c","at":"2027-01-01T00:00:00Z"}'));
    socket.write('0\r\n\r\n');
    const text = await until((text) => text.endsWith('0\r\n\r\n'));
    expect(text).toContain('2027-01-01T00:00:00Z');
    expect(text).not.toContain('problem');
    socket.destroy();
  });

  it('lets others be served meanwhile', async () => {
    const line = `${JSON.stringify({ text: gateway.wire('vaccination') })}\n`;
    const order: string[] = [];
    const big = batch(line.repeat(3000)).then((answers) => order.push(`batch of ${answers.length}`));
    await nextTurn();
    for (let i = 0; i < 5; i++) await gateway.call('GET', '/healthz').then(() => order.push('health'));
    await big;
    expect(order.at(-1)).toBe('batch of 3000');
    expect(order).toHaveLength(6);
  });

  it('reads no further while its answers are not taken, and stops when the caller goes', async () => {
    const total = 60_000;
    const { socket, sent } = await sendUnread(gateway.port, total);
    expect(sent).toBeLessThan(total);
    socket.destroy();
    const entry = await logged(gateway.log, ({ aborted, lines }) => aborted === true && lines > 0);
    expect(entry.lines).toBeLessThanOrEqual(sent);
    expect((await gateway.call('GET', '/healthz')).status).toBe(200);
  });

  it('stops when its chunks break off in the middle of the answers', async () => {
    const text = await rawCall(gateway.port, HEAD, piece('{"text":"x"}\n'), 'this is no chunk size\r\n');
    // Nothing that looks like a second answer may follow the first one's half.
    expect(text.match(/HTTP\/1\.1/g) ?? []).toHaveLength(1);
    expect((await gateway.call('GET', '/healthz')).status).toBe(200);
  });

  it('takes no other media type, and no query', async () => {
    const json = await gateway.call('POST', '/v1/verify/batch', { type: 'application/json', body: '{"text":"x"}' });
    expect([json.status, json.json.allowed]).toEqual([415, [NDJSON]]);
    const query = await gateway.call('POST', '/v1/verify/batch?for=310000', { type: NDJSON, body: '{"text":"x"}' });
    expect([query.status, query.json.type]).toEqual([400, 'urn:tongren:problem:invalid-query']);
  });
});

describe('the limits of a batch', () => {
  const gateway = useGateway({ line: 1000, lines: 50, stallMs: 300 });

  it('answers a line that is too long with a problem, wherever it lies, and goes on', async () => {
    const long = JSON.stringify({ text: 'x'.repeat(5000) });
    const longer = JSON.stringify({ text: 'x'.repeat(500_000) });
    const body = ['{"text":"a"}', long, '{"text":"b"}', longer, '{"text":"c"}', long].join('\n');
    const { text } = await gateway.call('POST', '/v1/verify/batch', { type: NDJSON, body });
    const answers = linesOf(text);
    expect(answers.map((answer) => answer.line ?? answer.outcome)).toEqual([
      'undetermined',
      2,
      'undetermined',
      4,
      'undetermined',
      6,
    ]);
    expect(answers[1].problem).toMatchObject({ type: 'urn:tongren:problem:line-too-large', limit: 1000 });
  });

  it('ends after its last line with a problem, though more is coming', async () => {
    const body = '{"text":"a"}\n'.repeat(20_000);
    const { text } = await gateway.call('POST', '/v1/verify/batch', { type: NDJSON, body });
    const answers = linesOf(text);
    expect(answers).toHaveLength(51);
    expect(answers[50]).toMatchObject({ line: 51, problem: { type: 'urn:tongren:problem:too-many-lines', limit: 50 } });
  });

  it('ends with a problem when nothing more comes', async () => {
    const text = await rawCall(gateway.port, HEAD, piece('{"text":"x"}\n{"text":'));
    expect(text).toContain('urn:tongren:problem:timeout');
    expect(text).toContain('"line":2');
  });

  it('refuses a body that is not promised to be NDJSON before it is read', async () => {
    const head = HEAD.replace(NDJSON, 'text/plain');
    const text = await rawCall(gateway.port, head, piece('x'.repeat(1000)));
    expect(text).toMatch(/^HTTP\/1\.1 415 /);
    expect(text.toLowerCase()).toContain('connection: close');
    expect(bodyOf(text).type).toBe('urn:tongren:problem:unsupported-media-type');
  });
});

describe('a batch whose answers are never taken', () => {
  const gateway = useGateway({ stallMs: 500 });

  it('is given up after a while, though its caller stays', async () => {
    const { sent } = await sendUnread(gateway.port, 60_000);
    const entry = await logged(gateway.log, ({ route }) => route === '/v1/verify/batch');
    expect(entry.aborted).toBe(true);
    expect(entry.lines).toBeLessThan(sent);
  });
});

describe('a batch among other work', () => {
  const gateway = useGateway({ sliceMs: 0 });

  it('gives others their turn between slices, even if all its lines came at once', async () => {
    let turns = 0;
    let next = setImmediate(function turn() {
      turns += 1;
      next = setImmediate(turn);
    });
    const { text } = await gateway.call('POST', '/v1/verify/batch', { type: NDJSON, body: '{}\n'.repeat(500) });
    clearImmediate(next);
    expect(linesOf(text)).toHaveLength(500);
    expect(turns).toBeGreaterThanOrEqual(500);
  });
});
