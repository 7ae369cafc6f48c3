import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Core, type CoreKey, createCore } from '../../src/crypto/core/core.ts';
import type { Difference, Judging } from '../../src/crypto/core/use.ts';
import { fastVerifier, verifyTogether } from '../../src/crypto/core/verifier.ts';
import type { Verifier } from '../../src/crypto/platform.ts';
import { createSeen } from '../../src/crypto/seen.ts';
import { prepareSm2, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import type { Verdict } from '../../src/document/generated/types.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { temporary, tongren } from '../support/cli.ts';
import { declarations, ROOT } from '../support/federation.ts';
import { useServers } from '../support/serving.ts';

const secret = sm2PrivateKey();
const key = sm2PublicKey(secret);
const data = new TextEncoder().encode('a document');
const other = new TextEncoder().encode('another document');
const signature = sm2Sign(secret, data);

/** A core that is at fault: it answers the opposite, or nothing. */
function coreThat(answers: (told: boolean | undefined) => boolean | undefined): Core {
  const honest = createCore();
  const self: Core = {
    key(...point) {
      const found = honest.key(...point);
      return found && { ...found, core: self, check: (...asked) => answers(found.check(...asked)) };
    },
    many: (kind, checks) => honest.many(kind, checks).map(answers),
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
    const told: Difference[] = [];
    const judging: Judging = { differed: (difference) => told.push(difference) };
    const seen = createSeen(100, 1000, () => 0);
    const remembering = { seen, name: (octets: Uint8Array) => Buffer.from(octets).toString('hex') };
    const verifier = prepareSm2(key, undefined, wrong, { judging, remembering })!;
    // Twice: what was found at variance is no better the next time.
    for (let round = 0; round < 2; round++) {
      const genuine = way(wrong, verifier, data);
      expect(new Set(genuine)).toEqual(new Set([false]));
      expect(told.splice(0)).toEqual(genuine.map(() => ({ curve: 'SM2', core: 'bad' })));
      const forged = way(wrong, verifier, other);
      expect(new Set(forged)).toEqual(new Set([false]));
      expect(told.splice(0)).toEqual(forged.map(() => ({ curve: 'SM2', core: 'good' })));
    }
    // Without a judge, such a core would be believed.
    judging.differed = undefined;
    expect(new Set(way(wrong, verifier, other))).toEqual(new Set([true]));
  });

  it.each(WAYS)('has nothing to say of a core that is right, nor of one that cannot tell (way %#)', (way) => {
    const told: Difference[] = [];
    const judging: Judging = { differed: (difference) => told.push(difference) };
    for (const core of [createCore(), silent]) {
      const verifier = prepareSm2(key, undefined, core, { judging })!;
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
    const judging: Judging = { differed: undefined };
    const complete: Verifier = () => {
      asked += 1;
      return false;
    };
    const verifier = fastVerifier({ kind: 'SM2', key: fast, digested }, complete, { judging });
    const checks = way(core, verifier, other).length;
    expect(asked).toBe(0);
    judging.differed = () => {};
    way(core, verifier, other);
    expect(asked).toBe(checks);
  });
});

describe('TONGREN_CORE', () => {
  const place = temporary();
  const servers = useServers();
  const lying = ['--import', `${ROOT}test/crypto/lying-core.ts`];
  /** Documents that were altered after an SM2 key signed them, and good ones. */
  let altered: string[];
  let genuine: string[];
  const texts = new Map<string, string>();
  beforeAll(async () => {
    const { store, samples } = await mint(declarations, Date.now());
    for (const [file, bytes] of store) place.write(`store/${file}`, bytes);
    const files = (name: string) =>
      samples.flatMap(({ region, name: own, wire }) => {
        if (!['310000', '320000'].includes(region) || own !== name || typeof wire !== 'string') return [];
        const file = place.write(`${region}-${own}.txt`, wire);
        texts.set(file, wire);
        return [file];
      });
    altered = files('pass-altered');
    genuine = files('pass');
    expect([altered.length, genuine.length]).toEqual([2, 2]);
  }, 120_000);
  afterAll(() => place.remove());

  async function verified(files: readonly string[], env: Record<string, string>) {
    const args = ['verify', '--store', join(place.folder, 'store'), '--json', '--offline', ...files];
    const { out, err } = await tongren(args, { env, node: lying, cwd: place.folder });
    const verdicts = out.split('\n').filter((line) => line !== '');
    return { outcomes: verdicts.map((line) => (JSON.parse(line) as Verdict).outcome), err };
  }

  it('says who checks signatures: a core that finds everything good is found out, or not asked', async () => {
    const files = [...altered, ...genuine];
    const right = ['refuse', 'refuse', 'accept', 'accept'];
    expect((await verified(files, { TONGREN_CORE: 'alone' })).outcomes).toEqual(files.map(() => 'accept'));
    const judged = await verified(files, { TONGREN_CORE: 'judged' });
    expect(judged.outcomes).toEqual(right);
    expect(judged.err.match(/the core found a signature good \(SM2\)/g)).toHaveLength(1);
    const without = await verified(files, { TONGREN_CORE: 'none' });
    expect([without.outcomes, without.err]).toEqual([right, '']);
    expect((await verified(files, { TONGREN_CORE: 'no' })).err).toContain(
      'TONGREN_CORE: expected one of alone, judged',
    );
  });

  it('holds for a gateway’s other threads too; differences are logged and counted', async () => {
    const environment = { TONGREN_STORE: join(place.folder, 'store'), TONGREN_THREADS: '1', LIES: 'threads' };
    const env = { ...environment, TONGREN_CORE: 'judged', TONGREN_DATABASE: join(place.folder, 'judged.sqlite') };
    const { url, log } = await servers.serving({ cwd: place.folder, env, node: lying });
    const lines = Array.from({ length: 512 }, () => JSON.stringify({ text: texts.get(altered[0]!) })).join('\n');
    const counted = async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return Number(/^tongren_core_differences_total\{curve="SM2",core="good"\} (\d+)$/m.exec(metrics)?.[1]);
    };
    expect(await counted()).toBe(0);
    // Threads begin with the first batch, and take some of a later one.
    while ((await counted()) === 0) {
      const headers = { 'Content-Type': 'application/x-ndjson' };
      const answer = await fetch(`${url}/v1/verify/batch`, { method: 'POST', headers, body: lines });
      const verdicts = (await answer.text()).trimEnd().split('\n');
      expect(new Set(verdicts.map((line) => (JSON.parse(line) as Verdict).outcome))).toEqual(new Set(['refuse']));
    }
    const [line] = await log(/.*the core that checks signatures.*/);
    expect(JSON.parse(line)).toMatchObject({ level: 50, curve: 'SM2', core: 'good' });
    const none = await servers.serving({ cwd: place.folder, env: { ...env, TONGREN_CORE: 'none' } });
    expect(await (await fetch(`${none.url}/metrics`)).text()).not.toContain('tongren_core');
  }, 60_000);
});
