import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import type { Resolver } from '../../src/exchange/resolve.ts';
import { type Running, serve } from '../../src/http/serve.node.ts';
import { journey } from '../../src/journey.ts';
import { createThreads, type Threads } from '../../src/threads/pool.node.ts';
import { linesOf, useGateway } from './harness.ts';

const gateway = useGateway();
let threads: Threads;
let beside: Running;
const folder = mkdtempSync(join(tmpdir(), 'tongren-batch-'));
const walked: number[] = [];

beforeAll(async () => {
  const now = gateway.mintedAt;
  gateway.clock = () => now;
  const { federation, files } = gateway;
  // Large files are read in parts.
  for (const [name, content] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  const source = { folder, files, good: new Map(), memory: undefined, verified: federation.verified, now };
  threads = createThreads({
    count: 1,
    store: { federation, source },
    failed: (error) => {
      throw error;
    },
  });
  const counted: Threads = {
    walk(asked, at) {
      const told = threads.walk(asked, at);
      if (told !== undefined) walked.push(asked.length);
      return told;
    },
    close: () => threads.close(),
  };
  beside = await serve({ ...gateway.gateway, threads: counted }, { host: '127.0.0.1', port: 0 });
  while (threads.walk([], now) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
}, 60_000);
afterAll(async () => {
  await beside?.close();
  await threads?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function batch(url: string, lines: readonly string[], headers: object = {}): Promise<string> {
  const response = await fetch(`${url}/v1/verify/batch`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson', ...headers },
    body: lines.join('\n'),
  });
  expect(response.status).toBe(200);
  return response.text();
}

/** Every sample as it can be sent, texts in questions of several kinds, and lines that are none. */
function linesOfAll(): string[] {
  const questions = [{}, { for: '340000' }, { purpose: 'counter' }, { medium: 'paper' }, { for: '999999' }];
  return gateway.samples.flatMap(({ wire, beside: signature }, i) => {
    const ask =
      typeof wire === 'string'
        ? { text: wire, ...questions[i % questions.length] }
        : { bytes: encodeBase64(wire), ...(signature === undefined ? {} : { beside: encodeBase64(signature) }) };
    return [JSON.stringify(ask), ...(i % 7 === 0 ? ['', '{', '{"text":1}'] : [])];
  });
}

/** One-time codes are first seen by whoever asks first; here both are the same caller at the same place. */
it('a batch that several threads walk is answered as by one, in the order of its lines', async () => {
  const lines = linesOfAll();
  const alone = await batch(gateway.url, lines);
  const together = await batch(beside.url, lines);
  expect(walked.length).toBeGreaterThan(0);
  expect(together.replace(/"instance":"[^"]*"/g, '')).toBe(alone.replace(/"instance":"[^"]*"/g, ''));
}, 60_000);

it('receipts are written of what another thread walked', async () => {
  const lines = gateway.samples.flatMap(({ wire }) =>
    typeof wire === 'string' ? [JSON.stringify({ text: wire })] : [],
  );
  const before = walked.length;
  const recorded = linesOf(await batch(beside.url, lines, { Prefer: 'recorded' }));
  expect(walked.length).toBeGreaterThan(before);
  expect(recorded).toHaveLength(lines.length);
  for (const { verdict, receipt } of recorded) {
    const { json } = await gateway.call('GET', `/v1/receipts/${receipt.id}`);
    expect(json.outcome).toBe(verdict.outcome);
  }
}, 60_000);

/** A region answers so many questions at one time and no more; and a token may be good for one. */
it('what threads give back is asked line by line, as without them', async () => {
  let [asking, most, asked] = [0, 0, 0];
  const resolver: Resolver = {
    async resolve(reference, standpoint, question) {
      asking += 1;
      asked += 1;
      most = Math.max(most, asking);
      await new Promise((resolve) => setTimeout(resolve, 1));
      asking -= 1;
      return { journey: journey({ reference }, standpoint, question), presented: undefined };
    },
  };
  const giveBack: Threads = { walk: async (them) => them.map(() => undefined), close: async () => {} };
  const limits = { sliceMs: 1_000 };
  const other = await serve(
    { ...gateway.gateway, threads: giveBack, resolver },
    { host: '127.0.0.1', port: 0, limits },
  );
  try {
    const { wire } = gateway.samples.find(({ region, name }) => region === '320000' && name === 'token')!;
    const lines = Array.from({ length: 100 }, () => JSON.stringify({ text: wire }));
    const answers = linesOf(await batch(other.url, lines));
    expect(answers).toHaveLength(100);
    expect(asked).toBe(100);
    expect(most).toBe(1);
  } finally {
    await other.close();
  }
}, 60_000);
