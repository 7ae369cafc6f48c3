import { spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { nodePictureReader } from '../src/codec/picture.node.ts';
import { forgetfulPlatform, nodePlatform } from '../src/crypto/platform.node.ts';
import { mint } from '../src/federation/mint.node.ts';
import type { Gateway } from '../src/http/gateway.ts';
import { createLog } from '../src/http/log.ts';
import { serve } from '../src/http/serve.node.ts';
import { journey } from '../src/journey.ts';
import { journeys } from '../src/journeys.ts';
import { loadFederation } from '../src/region/federation.ts';
import { DECLARATIONS, readFolder } from '../src/region/folder.node.ts';
import type { Standpoint } from '../src/region/standpoint.ts';
import type { Row } from './bench.ts';
import type { Asked, Told } from './client.ts';

const LINES = 2000;
const SINGLES = 1200;
/** Single ones at a time: a few callers, and as many as are checked side by side. */
const FEW = 16;
const MANY = 64;
/** Of what the fast way answers at most, and how long the slowest of a hundred may take. */
const LOAD = 0.7;
const MOST_P99_MS = 20;
/** A batch is walked by much code, which an engine compiles for good only after some ten thousand lines. */
const WARM = 16;
const ROUNDS = 7;
/** Longer than the bench. */
const KEPT_SECONDS = 3600;
const CLIENT = fileURLToPath(new URL('./client.ts', import.meta.url));
const refuse = async (): Promise<never> => {
  throw new Error('nothing is recorded here');
};

/** Processor time of each, µs; the slowest of a hundred, ms; how many were asked a second. */
interface Round {
  readonly direct: number;
  readonly batch: number;
  readonly single: number;
  readonly fast: number;
  readonly kept: number;
  readonly keptFast: number;
  readonly echo: number;
  readonly singleOfMany: number;
  readonly fastOfMany: number;
  readonly echoOfMany: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** A gateway that is asked by another process, beside the same work without HTTP and a route that only echoes. */
export async function benchHttp(): Promise<{ source: string; rows: Row[] }> {
  const { store, samples } = await mint(await readFolder(DECLARATIONS), Date.now());
  const federation = loadFederation(store, forgetfulPlatform);
  const region = '310000';
  const purpose = 'checkpoint';
  const standpoint = federation.standpoint(region, Date.now)!;
  const wires = samples.flatMap(({ wire, region: from }) =>
    typeof wire === 'string' && from === 'x-eu-dcc' ? [wire] : [],
  );
  const texts = Array.from({ length: LINES }, (_, i) => wires[i % wires.length]!);
  const gateway: Gateway = {
    federation: () => federation,
    defaults: { region, purpose },
    clock: Date.now,
    pictures: nodePictureReader,
    logger: createLog('silent', { write: () => {} }),
    keyring: () => undefined,
    perMinute: 1e9,
    hosts: [],
    conversionIssuer: refuse,
    conversionJwks: refuse,
    records: refuse,
  };
  const running = await serve(gateway, { host: '127.0.0.1', port: 0 });
  const fast = await serve(gateway, { host: '127.0.0.1', port: 0, fast: true });
  // The same document comes again and again: what `TONGREN_KEEP_OPENED_SECONDS` is for.
  const remembering = loadFederation(store, nodePlatform);
  const keeping: Gateway = { ...gateway, federation: () => remembering, keepOpenedSeconds: KEPT_SECONDS };
  const kept = await serve(keeping, { host: '127.0.0.1', port: 0 });
  const keptFast = await serve(keeping, { host: '127.0.0.1', port: 0, fast: true });
  const echo = await echoing();
  const client = startClient();
  try {
    const batch = { url: `${running.url}/v1/verify/batch`, type: 'application/x-ndjson', times: 1 };
    const body = texts.map((text) => JSON.stringify({ text })).join('\n');
    const singles = { type: 'application/json', times: SINGLES };
    const accepted = wires.find((text) => journey({ text }, standpoint, { purpose }).verdict.outcome === 'accept');
    if (accepted === undefined) throw new Error('no document is accepted');
    const single = { ...singles, body: JSON.stringify({ text: accepted }) };
    const kilobyte = { ...singles, body: JSON.stringify({ text: 'x'.repeat(1000) }) };
    const rounds: Round[] = [];
    const ask = (url: string, inFlight = FEW) => client.ask({ ...single, inFlight, url: `${url}/v1/verify` });
    const askEcho = (inFlight: number) => client.ask({ ...kilobyte, inFlight, url: echo.url });
    for (let round = 0; round < WARM + ROUNDS; round++) {
      const taken = {
        direct: await processorTime(async () => inProcess(texts, standpoint, purpose), LINES),
        batch: await processorTime(() => client.ask({ ...batch, body }), LINES),
        single: await processorTime(() => ask(running.url), SINGLES),
        fast: await processorTime(() => ask(fast.url), SINGLES),
        kept: await processorTime(() => ask(kept.url), SINGLES),
        keptFast: await processorTime(() => ask(keptFast.url), SINGLES),
        echo: await processorTime(() => askEcho(FEW), SINGLES),
        singleOfMany: await processorTime(() => ask(running.url, MANY), SINGLES),
        fastOfMany: await processorTime(() => ask(fast.url, MANY), SINGLES),
        echoOfMany: await processorTime(() => askEcho(MANY), SINGLES),
      };
      const { micros } = await ask(fast.url);
      const perSecond = (LOAD * 1e6 * SINGLES) / micros;
      const { each } = await client.ask({ ...single, url: `${fast.url}/v1/verify`, perSecond });
      const p99 = each.toSorted((one, other) => one - other)[Math.floor(0.99 * (each.length - 1))]!;
      if (round >= WARM) rounds.push({ ...taken, p99, perSecond });
    }
    const median = (of: keyof Round): number =>
      rounds.map((round) => round[of]).toSorted((one, other) => one - other)[ROUNDS >> 1]!;
    const row = (name: string, other: 'direct' | 'echo' | 'echoOfMany', own: keyof Round): Row => ({
      name,
      ratio: median(other) / median(own),
      micros: median(own),
      spread: 0,
      said: `${median(other).toFixed(0)} µs : ${median(own).toFixed(0)} µs`,
    });
    return {
      source: `${wires.length} minted DCC documents, ${LINES} lines a batch, ${FEW} single ones at a time where not said otherwise; the caller is another process on the same cores`,
      rows: [
        row('batch over HTTP, against in-process', 'direct', 'batch'),
        row('one verdict through Express, against an Express route echoing 1 kB', 'echo', 'single'),
        row('one verdict before Express, against an Express route echoing 1 kB', 'echo', 'fast'),
        row('one verdict through Express, 64 at a time, against the echo', 'echoOfMany', 'singleOfMany'),
        row('one verdict before Express, 64 at a time, against the echo', 'echoOfMany', 'fastOfMany'),
        row('the same document again, contents kept, through Express, against the echo', 'echo', 'kept'),
        row('the same document again, contents kept, before Express, against the echo', 'echo', 'keptFast'),
        {
          name: 'the slowest of a hundred at 70 % load, against 20 ms',
          ratio: MOST_P99_MS / median('p99'),
          micros: median('p99') * 1000,
          spread: 0,
          said: `p99 ${median('p99').toFixed(1)} ms at ${median('perSecond').toFixed(0)} a second`,
        },
      ],
    };
  } finally {
    client.end();
    echo.close();
    await running.close();
    await fast.close();
    await kept.close();
    await keptFast.close();
  }
}

/** What this process, which serves, needs of the processor for each of them, µs: what the caller needs does not count. */
async function processorTime(run: () => Promise<unknown>, each: number): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / each;
}

/** Verdicts as JSON, 64 at a time. */
function inProcess(texts: readonly string[], standpoint: Standpoint, purpose: string): void {
  let length = 0;
  for (let from = 0; from < texts.length; from += 64) {
    const asked = texts.slice(from, from + 64).map((text) => ({ presented: { text }, question: { purpose } }));
    for (const { verdict } of journeys(asked, standpoint, forgetfulPlatform)) length += JSON.stringify(verdict).length;
  }
  if (length === 0) throw new Error('no verdicts');
}

async function echoing(): Promise<{ url: string; close(): void }> {
  const app = express().post('/', express.json(), (req: IncomingMessage & { body?: unknown }, res) => {
    res.json(req.body);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}

/** A caller in a process of its own, so that what it costs is not counted. */
function startClient(): { ask(asked: Asked): Promise<Told>; end(): void } {
  const sent = new Map<string, string | undefined>();
  const child = spawn(process.execPath, [CLIENT], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    ask: (asked) =>
      new Promise((resolve, reject) => {
        child.once('exit', () => reject(new Error('the caller ended')));
        child.once('message', (told) => {
          child.removeAllListeners('exit');
          resolve(told as Told);
        });
        const { body, ...rest } = asked;
        child.send(sent.get(asked.url) === body ? rest : asked);
        if (body !== undefined) sent.set(asked.url, body);
      }),
    end: () => void child.disconnect(),
  };
}
