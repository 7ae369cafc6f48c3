import { spawn } from 'node:child_process';
import { openSync, writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { nodePictureReader } from '../src/codec/picture.node.ts';
import { forgetfulPlatform, nodePlatform } from '../src/crypto/platform.node.ts';
import { mint } from '../src/federation/mint.node.ts';
import type { Gateway } from '../src/http/gateway.ts';
import { createLog } from '../src/http/log.ts';
import { logOutput } from '../src/http/log-output.node.ts';
import { serve } from '../src/http/serve.node.ts';
import { journey } from '../src/journey.ts';
import { journeys } from '../src/journeys.ts';
import { loadFederation } from '../src/region/federation.ts';
import { DECLARATIONS, readFolder } from '../src/region/folder.node.ts';
import type { Standpoint } from '../src/region/standpoint.ts';
import type { Row } from './bench.ts';
import type { Asked, Told } from './client.ts';
import { against, measure, mustHold, quantile, rowOf } from './measure.ts';

const LINES = 2000;
const SINGLES = 1200;
/** Single ones at a time: a few callers, and as many as are checked side by side. */
const FEW = 16;
const MANY = 64;
/**
 * Of what a listener answers at most, as so many requests before tell; some seconds of requests a round; and how long the slowest of a
 * hundred may take.
 */
const LOAD = 0.7;
const TRIED = 5000;
const LOADED = 20_000;
const LOADED_ROUNDS = 3;
const MOST_P99_MS = 20;
/** A batch is walked by much code, which an engine compiles for good only after some ten thousand lines. */
const WARM = 16;
const ROUNDS = 11;
/** Longer than the bench. */
const KEPT_SECONDS = 3600;
const AT = { host: '127.0.0.1', port: 0 };
const CLIENT = fileURLToPath(new URL('./client.ts', import.meta.url));
const refuse = async (): Promise<never> => {
  throw new Error('nothing is recorded here');
};

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
  const nowhere = openSync(devNull, 'w');
  const gateway: Gateway = {
    federation: () => federation,
    defaults: { region, purpose },
    clock: Date.now,
    pictures: nodePictureReader,
    // At the level that a gateway has if nothing is said, and as it writes its lines, without the disk.
    logger: createLog(
      'info',
      logOutput(
        () => '',
        (bytes) => writeSync(nowhere, bytes),
      ),
    ),
    keyring: () => undefined,
    perMinute: 1e9,
    hosts: [],
    conversionIssuer: refuse,
    conversionJwks: refuse,
    records: refuse,
  };
  const running = await serve(gateway, AT);
  const fast = await serve(gateway, { ...AT, fast: true });
  const silent = await serve({ ...gateway, logger: createLog('silent', { write: () => {} }) }, { ...AT, fast: true });
  // The same document comes again and again: what `TONGREN_KEEP_OPENED_SECONDS` is for.
  const remembering = loadFederation(store, nodePlatform);
  const keeping: Gateway = { ...gateway, federation: () => remembering, keepOpenedSeconds: KEPT_SECONDS };
  const kept = await serve(keeping, AT);
  const keptFast = await serve(keeping, { ...AT, fast: true });
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
    const ask = (url: string, inFlight = FEW) => client.ask({ ...single, inFlight, url: `${url}/v1/verify` });
    const askEcho = (inFlight: number) => client.ask({ ...kilobyte, inFlight, url: echo.url });
    const singly = { size: SINGLES };
    // What this process, which serves, needs of the processor: what the caller needs does not count.
    const times = await measure(
      [
        { name: 'direct', size: LINES, run: () => inProcess(texts, standpoint, purpose) },
        { name: 'batch', size: LINES, run: () => client.ask({ ...batch, body }) },
        { name: 'express', ...singly, run: () => ask(running.url) },
        { name: 'fast', ...singly, run: () => ask(fast.url) },
        { name: 'silent', ...singly, run: () => ask(silent.url) },
        { name: 'kept', ...singly, run: () => ask(kept.url) },
        { name: 'kept, fast', ...singly, run: () => ask(keptFast.url) },
        { name: 'echo', ...singly, run: () => askEcho(FEW) },
        { name: 'express, many', ...singly, run: () => ask(running.url, MANY) },
        { name: 'fast, many', ...singly, run: () => ask(fast.url, MANY) },
        { name: 'echo, many', ...singly, run: () => askEcho(MANY) },
      ],
      { rounds: ROUNDS, roundMs: 0, warm: WARM },
    );
    const row = (name: string, own: string, other: string): Row => against(name, times.get(own)!, times.get(other)!);
    const loaded = async (name: string, url: string): Promise<Row> => {
      const slowest: number[] = [];
      const rates: number[] = [];
      for (let round = 0; round < LOADED_ROUNDS; round++) {
        const asked = { ...single, url: `${url}/v1/verify` };
        const { micros } = await client.ask({ ...asked, times: TRIED, inFlight: FEW });
        const perSecond = (LOAD * 1e6 * TRIED) / micros;
        const { each } = await client.ask({ ...asked, times: LOADED, perSecond });
        mustHold(each.length === LOADED, 'a request has no time');
        slowest.push(quantile(each, 0.99) * 1000);
        rates.push(perSecond);
      }
      const p99 = (quantile(slowest, 0.5) / 1000).toFixed(1);
      const said = `p99 ${p99} ms of ${LOADED} requests at ${quantile(rates, 0.5).toFixed(0)} a second`;
      return rowOf(`the slowest of a hundred at 70 % load, ${name}, against 20 ms`, slowest, MOST_P99_MS * 1000, said);
    };
    return {
      source: `${wires.length} documents in DCC format, always minted ones as they are judged now; ${LINES} lines a batch, ${FEW} single ones at a time where not said otherwise; a line is logged for each request (info), to where nothing is kept; the caller is another process on the same cores`,
      rows: [
        row('batch over HTTP, against in-process', 'batch', 'direct'),
        row('one verdict through Express, against an Express route echoing 1 kB', 'express', 'echo'),
        row('one verdict before Express, against an Express route echoing 1 kB', 'fast', 'echo'),
        row('one verdict before Express, nothing logged, against the echo', 'silent', 'echo'),
        row('one verdict through Express, 64 at a time, against the echo', 'express, many', 'echo, many'),
        row('one verdict before Express, 64 at a time, against the echo', 'fast, many', 'echo, many'),
        row('the same document again, contents kept, through Express, against the echo', 'kept', 'echo'),
        row('the same document again, contents kept, before Express, against the echo', 'kept, fast', 'echo'),
        await loaded('through Express', running.url),
        await loaded('before Express', fast.url),
      ],
    };
  } finally {
    client.end();
    echo.close();
    await running.close();
    await fast.close();
    await silent.close();
    await kept.close();
    await keptFast.close();
  }
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
    // Gone already, where it failed.
    end: () => void (child.connected && child.disconnect()),
  };
}
