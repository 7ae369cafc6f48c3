import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Verdict } from '../../src/document/generated/types.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { temporary, tongren } from '../support/cli.ts';
import { declarations, ROOT } from '../support/federation.ts';
import { useServers } from '../support/serving.ts';

// TONGREN_CORE, as commands and gateways have it; their core finds every signature good.

const place = temporary();
afterAll(() => place.remove());
const servers = useServers();
const lying = ['--import', `${ROOT}test/cli/lying-core.ts`];
/** Documents that were altered after a key signed them, and good ones; of SM2, and of P-256. */
const texts = new Map<string, string>();
const file = (region: string, name: string): string => join(place.folder, `${region}-${name}.txt`);
const altered = { SM2: file('320000', 'pass-altered'), 'P-256': file('x-eu-dcc', 'altered') };
const genuine = { SM2: file('320000', 'pass'), 'P-256': file('x-eu-dcc', 'vaccination') };
let stores = 0;
let minted: Awaited<ReturnType<typeof mint>>;
beforeAll(async () => {
  minted = await mint(declarations, Date.now());
  for (const { region, name, wire } of minted.samples)
    if (typeof wire === 'string') texts.set(place.write(`${region}-${name}.txt`, wire), wire);
}, 120_000);
/** Its own for each: what was found out about one is kept beside it. */
const store = (): string => {
  stores += 1;
  for (const [path, bytes] of minted.store) place.write(`${stores}/store/${path}`, bytes);
  return join(place.folder, `${stores}/store`);
};

async function verified(files: readonly string[], core: string) {
  const args = ['verify', '--store', store(), '--json', '--offline', ...files];
  const { out, err } = await tongren(args, { env: { TONGREN_CORE: core }, node: lying, cwd: place.folder });
  const verdicts = out.split('\n').filter((line) => line !== '');
  return { outcomes: verdicts.map((line) => (JSON.parse(line) as Verdict).outcome), err };
}

it.each(['SM2', 'P-256'] as const)('has a core found out that finds every %s signature good', async (curve) => {
  // A key has to come often before the core is asked about it where OpenSSL is fast; what is good is remembered.
  const files = [...Array.from({ length: 150 }, () => altered[curve]), genuine[curve]];
  const right = files.map((name) => (name === altered[curve] ? 'refuse' : 'accept'));
  expect((await verified(files, 'alone')).outcomes.slice(-2)).toEqual(['accept', 'accept']);
  const judged = await verified(files, 'judged');
  expect(judged.outcomes).toEqual(right);
  // Told once.
  expect(judged.err.split(`the core found a signature good (${curve})`)).toHaveLength(2);
  expect(await verified(files, 'none')).toEqual({ outcomes: right, err: '' });
});

it('has no other value, whatever the command', async () => {
  for (const args of [
    ['verify', genuine.SM2],
    ['trust', 'status'],
    ['inspect', genuine.SM2],
  ]) {
    const { exit, err } = await tongren(args, { env: { TONGREN_CORE: 'no' }, cwd: place.folder });
    expect([exit, err]).toEqual([64, expect.stringContaining('TONGREN_CORE: expected one of alone, judged, none')]);
  }
});

const line = (): string => JSON.stringify({ text: texts.get(altered.SM2) });
const NDJSON = { 'Content-Type': 'application/x-ndjson' };
async function batchAt(url: string): Promise<Set<string>> {
  const body = Array.from({ length: 512 }, line).join('\n');
  const answer = await fetch(`${url}/v1/verify/batch`, { method: 'POST', headers: NDJSON, body });
  const verdicts = (await answer.text()).trimEnd().split('\n');
  return new Set(verdicts.map((each) => (JSON.parse(each) as Verdict).outcome));
}
const gatewayThat = (core: string, lies: string) => {
  const env = { TONGREN_STORE: store(), TONGREN_THREADS: '1', TONGREN_CORE: core, LIES: lies };
  const TONGREN_DATABASE = join(place.folder, `${stores}.sqlite`);
  return servers.serving({ cwd: place.folder, env: { ...env, TONGREN_DATABASE }, node: lying });
};

it.each(['all', 'threads'])('holds for a gateway; differences are logged and counted (lies: %s)', async (lies) => {
  const { url, log } = await gatewayThat('judged', lies);
  const counted = async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return Number(/^tongren_core_differences_total\{curve="SM2",core="good"\} (\d+)$/m.exec(metrics)?.[1]);
  };
  expect(await counted()).toBe(0);
  if (lies === 'all') {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${url}/v1/verify`, { method: 'POST', headers, body: line() });
    expect(await answer.json()).toMatchObject({ outcome: 'refuse' });
    expect(await counted()).toBe(1);
  }
  // Threads begin with the first batch, and take some of a later one.
  else while ((await counted()) === 0) expect(await batchAt(url)).toEqual(new Set(['refuse']));
  const [told] = await log(/.*two checks of one signature differ.*/);
  expect(JSON.parse(told)).toMatchObject({ level: 50, curve: 'SM2', core: 'good' });
});

it('leaves the core out in a gateway and its threads', async () => {
  const { url } = await gatewayThat('none', 'all');
  for (let i = 0; i < 6; i++) expect(await batchAt(url)).toEqual(new Set(['refuse']));
  expect(await (await fetch(`${url}/metrics`)).text()).not.toContain('tongren_core');
});
