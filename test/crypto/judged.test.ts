import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Core, type CoreKey, createCore } from '../../src/crypto/core/core.ts';
import { type Difference, useCore } from '../../src/crypto/core/use.ts';
import { fastVerifier, verifyTogether } from '../../src/crypto/core/verifier.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Platform, Verifier } from '../../src/crypto/platform.ts';
import { remembering } from '../../src/crypto/remembering.ts';
import { createSeen } from '../../src/crypto/seen.ts';
import { prepareSm2, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import type { Verdict } from '../../src/document/generated/types.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { readSnapshot, writeSnapshot } from '../../src/region/snapshot.node.ts';
import { temporary, tongren } from '../support/cli.ts';
import { declarations, ROOT } from '../support/federation.ts';
import { useServers } from '../support/serving.ts';

const secret = sm2PrivateKey();
const key = sm2PublicKey(secret);
const data = new TextEncoder().encode('a document');
const other = new TextEncoder().encode('another document');
const signature = sm2Sign(secret, data);
const place = temporary();
afterAll(() => place.remove());
const told: Difference[] = [];
const judged = (): void => useCore({ use: 'judged', differed: (difference) => told.push(difference) });
afterEach(() => {
  told.length = 0;
  useCore({ use: 'alone', differed() {} });
});

/** A core that is at fault: it answers the opposite, or nothing. */
function coreThat(answers: (told: boolean | undefined) => boolean | undefined): Core {
  const honest = createCore();
  const self: Core = {
    key(...point) {
      const found = honest.key(...point);
      return found && { ...found, core: self, check: (...asked) => answers(found.check(...asked)) };
    },
    many: (kind, checks) => honest.many(kind, checks).map(answers),
    size: honest.size,
  };
  return self;
}

const wrong = coreThat((told) => told !== true);
const silent = coreThat(() => undefined);

/** One by one, few and many together: each way through the core. */
const WAYS: readonly ((core: Core, verifier: Verifier, data: Uint8Array) => boolean[])[] = [
  (_, verifier, data) => [verifier(data, signature)],
  (core, verifier, data) => verifyTogether(core, [{ verifier, data, signature }]),
  (core, verifier, data) =>
    verifyTogether(
      core,
      Array.from({ length: 9 }, () => ({ verifier, data, signature })),
    ),
];

describe('whoever judges the core', () => {
  it.each(WAYS)('finds out what it says wrongly, and then nothing is good (way %#)', (way) => {
    judged();
    const seen = createSeen(100, 1000, () => 0);
    const memory = { seen, name: (octets: Uint8Array) => Buffer.from(octets).toString('hex') };
    const verifier = prepareSm2(key, undefined, wrong, memory)!;
    // Twice: what was found at variance is no better the next time.
    for (let round = 0; round < 2; round++) {
      const genuine = way(wrong, verifier, data);
      expect(new Set(genuine)).toEqual(new Set([false]));
      expect(told.splice(0)).toEqual(genuine.map(() => ({ curve: 'SM2', core: 'bad' })));
      const forged = way(wrong, verifier, other);
      expect(new Set(forged)).toEqual(new Set([false]));
      expect(told.splice(0)).toEqual(forged.map(() => ({ curve: 'SM2', core: 'good' })));
    }
    // Without a judge, such a core is believed.
    useCore({ use: 'alone', differed() {} });
    expect(new Set(way(wrong, verifier, other))).toEqual(new Set([true]));
  });

  it.each(WAYS)('has nothing to say of a core that is right, nor of one that cannot tell (way %#)', (way) => {
    judged();
    for (const core of [createCore(), silent]) {
      const verifier = prepareSm2(key, undefined, core)!;
      expect(new Set(way(core, verifier, data))).toEqual(new Set([true]));
      expect(new Set(way(core, verifier, other))).toEqual(new Set([false]));
    }
    expect(told).toEqual([]);
  });

  it.each(WAYS)('is asked about every answer where there is one, and about none otherwise (way %#)', (way) => {
    let asked = 0;
    const core = createCore();
    const fast: CoreKey = core.key('SM2', key.x, key.y)!;
    const digested = (signed: Uint8Array) => signed.slice(0, 10);
    const complete: Verifier = () => {
      asked += 1;
      return false;
    };
    const verifier = fastVerifier({ kind: 'SM2', key: fast, digested }, complete);
    const checks = way(core, verifier, other).length;
    expect(asked).toBe(0);
    judged();
    way(core, verifier, other);
    expect(asked).toBe(checks);
  });

  it('takes nothing over from a start at which nobody judged', async () => {
    const store = join(place.folder, 'kept');
    const uses = ['alone', 'judged', 'none'] as const;
    const checked = async (use: (typeof uses)[number]) => {
      useCore({ use, differed() {} });
      const { signatures } = await readSnapshot(store);
      const core = use === 'none' ? undefined : wrong;
      const prepare: Platform['prepare'] = () => prepareSm2(key, undefined, core);
      const platform = remembering({ ...nodePlatform, prepare }, signatures);
      const good = platform.prepare('SM2-SM3', key)!(other, signature);
      await writeSnapshot(store, { regions: new Map(), signatures: [...platform.takeGood()] });
      return good;
    };
    expect(await checked('alone')).toBe(true);
    expect(await checked('judged')).toBe(false);
    expect(await checked('alone')).toBe(true);
    expect(await checked('none')).toBe(false);
  });
});

describe('TONGREN_CORE', () => {
  const servers = useServers();
  const lying = ['--import', `${ROOT}test/crypto/lying-core.ts`];
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
});
