import { spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { nodePictureReader } from '../src/codec/picture.node.ts';
import { forgetfulPlatform } from '../src/crypto/platform.node.ts';
import { mint } from '../src/federation/mint.node.ts';
import type { Gateway } from '../src/http/gateway.ts';
import { createLog } from '../src/http/log.ts';
import { serve } from '../src/http/serve.node.ts';
import { journeys } from '../src/journeys.ts';
import { loadFederation } from '../src/region/federation.ts';
import { DECLARATIONS, readFolder } from '../src/region/folder.node.ts';
import type { Standpoint } from '../src/region/standpoint.ts';
import type { Row } from './bench.ts';

const LINES = 2000;
const SINGLES = 400;
const ROUNDS = 5;
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
  const echo = await echoing();
  const client = startClient();
  try {
    const batch = { url: `${running.url}/v1/verify/batch`, type: 'application/x-ndjson', times: 1 };
    const body = texts.map((text) => JSON.stringify({ text })).join('\n');
    const single = { type: 'application/json', body: JSON.stringify({ text: wires[0] }), times: SINGLES };
    const kilobyte = { type: 'application/json', body: JSON.stringify({ text: 'x'.repeat(1000) }), times: SINGLES };
    const rounds: { direct: number; batch: number; single: number; echo: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const taken = {
        direct: inProcess(texts, standpoint, purpose),
        batch: (await client.ask({ ...batch, body })) / LINES,
        single: (await client.ask({ ...single, url: `${running.url}/v1/verify` })) / SINGLES,
        echo: (await client.ask({ ...kilobyte, url: echo.url })) / SINGLES,
      };
      // The first is for warming up.
      if (round > 0) rounds.push(taken);
    }
    const median = (of: keyof (typeof rounds)[number]): number =>
      rounds.map((round) => round[of]).toSorted((one, other) => one - other)[ROUNDS >> 1]!;
    const row = (name: string, other: 'direct' | 'echo', own: 'batch' | 'single'): Row => ({
      name,
      ratio: median(other) / median(own),
      micros: median(own),
      spread: 0,
      said: `${median(other).toFixed(0)} µs : ${median(own).toFixed(0)} µs`,
    });
    return {
      source: `${wires.length} minted DCC documents, ${LINES} lines a batch; the caller is another process on the same cores`,
      rows: [
        row('batch over HTTP, against in-process', 'direct', 'batch'),
        row('one verdict through Express, against an Express route echoing 1 kB', 'echo', 'single'),
      ],
    };
  } finally {
    client.end();
    echo.close();
    await running.close();
  }
}

/** Microseconds for each: verdicts as JSON, 64 at a time. */
function inProcess(texts: readonly string[], standpoint: Standpoint, purpose: string): number {
  const started = performance.now();
  let length = 0;
  for (let from = 0; from < texts.length; from += 64) {
    const asked = texts.slice(from, from + 64).map((text) => ({ presented: { text }, question: { purpose } }));
    for (const { verdict } of journeys(asked, standpoint, forgetfulPlatform)) length += JSON.stringify(verdict).length;
  }
  if (length === 0) throw new Error('no verdicts');
  return ((performance.now() - started) * 1000) / texts.length;
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

/** A caller in a process of its own, so that what it costs is not counted. Out: microseconds for all its requests. */
function startClient(): { ask(request: object): Promise<number>; end(): void } {
  const child = spawn(process.execPath, [CLIENT], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        child.once('exit', () => reject(new Error('the caller ended')));
        child.once('message', (micros) => {
          child.removeAllListeners('exit');
          resolve(micros as number);
        });
        child.send(request);
      }),
    end: () => void child.disconnect(),
  };
}
