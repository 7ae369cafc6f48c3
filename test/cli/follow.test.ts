import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/document/generated/types.ts';
import { type MintedSample, mint } from '../../src/federation/mint.node.ts';
import { temporary, tongren } from '../support/cli.ts';
import { declarations, HOUR, ROOT } from '../support/federation.ts';
import { type StaticServer, type StoreStage, serveFiles, storeStage } from '../support/signed.ts';

/** A gateway as a process of its own that follows a store over loopback HTTP, and a server that goes bad in every way. */
const place = temporary();
let minted: { store: Map<string, Uint8Array>; samples: MintedSample[] };
let child: ChildProcess | undefined;
let server: StaticServer | undefined;

beforeAll(async () => {
  minted = await mint(declarations, Date.now());
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await server?.close();
});
afterAll(() => place.remove());

interface Readiness {
  readonly store: { readonly troubles: readonly { readonly code: string }[]; readonly quarantined: readonly string[] };
  readonly regions: readonly { readonly region: string; readonly usable: boolean }[];
}

let number = 0;
async function following() {
  const fed = await storeStage(minted.store, Date.now());
  server = await serveFiles(fed.repository);
  const cwd = join(place.folder, String(++number));
  const root = place.write(`${number}/root.json`, fed.repository.get('metadata/1.root.json')!);
  const env = { TONGREN_STORE: server.url, TONGREN_ROOT: root, TONGREN_PORT: '0', TONGREN_POLL_SECONDS: '1' };
  child = spawn(process.execPath, [`${ROOT}src/cli/tongren.ts`, 'serve'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  let err = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdout!.resume();
  const url = await until(() => {
    if (child!.exitCode !== null) throw new Error(err);
    return /serving on (http:\S+)/.exec(err)?.[1];
  });
  const sample = minted.samples.find(({ region, name }) => region === '330000' && name === 'pass')!;
  return {
    fed,
    cwd,
    env,
    server,
    ready: async (): Promise<Readiness> => (await fetch(`${url}/readyz`)).json() as Promise<Readiness>,
    verify: async (): Promise<Verdict> => {
      const headers = { 'Content-Type': 'text/plain' };
      return (
        await fetch(`${url}/v1/verify`, { method: 'POST', headers, body: sample.wire as string })
      ).json() as Promise<Verdict>;
    },
  };
}

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const codes = ({ findings }: Verdict): string[] =>
  findings.map(({ code }) => code).filter((code) => code.startsWith('STORE_'));

describe('a running gateway', () => {
  it('takes the removal of a region while it runs, and knows of it after a restart that finds nobody', async () => {
    const { fed, server: mirror, ready, verify, cwd, env } = await following();
    expect((await verify()).outcome).toBe('accept');
    await fed.remove('330000');
    mirror.files = fed.repository;
    await until(async () => ((await ready()).regions.some(({ region }) => region === '330000') ? undefined : true));
    expect((await verify()).outcome).toBe('undetermined');
    await mirror.close();
    const { out } = await tongren(['trust', 'status', '--json'], { cwd, env });
    const status = JSON.parse(out) as { store: { signed: boolean }; regions: { region: string }[] };
    expect(status.store.signed).toBe(true);
    expect(status.regions.map(({ region }) => region)).not.toContain('330000');
  });

  const attacks: readonly [
    string,
    string,
    string,
    (fed: StoreStage, before: StoreStage['repository']) => Promise<void>,
  ][] = [
    [
      'rolled back',
      'ROLLBACK',
      'STORE_ROLLED_BACK',
      async (fed, before) => void Object.assign(fed, { repository: before }),
    ],
    [
      'frozen',
      'EXPIRED',
      'STORE_FROZEN',
      async (fed) => {
        fed.now -= 30 * HOUR;
        await fed.news();
        fed.now += 30 * HOUR;
      },
    ],
    [
      'mixed',
      'MIX_AND_MATCH',
      'STORE_MIXED',
      async (fed, before) => {
        await fed.publish(minted.store, ['330000']);
        const snapshot = [...before.keys()].filter((name) => name.endsWith('.snapshot.json')).at(-1)!;
        const newest = [...fed.repository.keys()].filter((name) => name.endsWith('.snapshot.json')).at(-1)!;
        fed.put(newest, before.get(snapshot));
      },
    ],
    [
      'altered',
      'SIGNATURE_INVALID',
      'STORE_ALTERED',
      async (fed) => {
        await fed.news();
        const text = new TextDecoder().decode(fed.repository.get('metadata/timestamp.json')!);
        fed.put('metadata/timestamp.json', new TextEncoder().encode(text.replace(/"version":(\d+)/, '"version":9$1')));
      },
    ],
    [
      'signed by a stranger',
      'SIGNATURE_FOREIGN',
      'STORE_SIGNED_BY_OTHERS',
      async (fed) => {
        await fed.news({ snapshot: [fed.key()], timestamp: [fed.key()] });
      },
    ],
  ];

  it.each(attacks)(
    'that is offered a store %s keeps the last good one, and says %s',
    async (_, trouble, code, attack) => {
      const { fed, server: mirror, ready, verify } = await following();
      const before = fed.repository;
      await fed.publish(minted.store, ['310000']);
      mirror.files = fed.repository;
      const asked = mirror.asked.length;
      await until(() => (mirror.asked.slice(asked).some((name) => name.endsWith('.310000.json')) ? true : undefined));
      await until(async () => ((await ready()).store.troubles.length === 0 ? true : undefined));
      await attack(fed, before);
      mirror.files = fed.repository;
      const told = await until(async () => {
        const { troubles } = (await ready()).store;
        return troubles.length > 0 ? troubles.map((each) => each.code) : undefined;
      });
      expect(told).toEqual([trouble]);
      const verdict = await verify();
      expect([verdict.outcome, codes(verdict)]).toEqual(['accept', [code]]);
    },
  );

  it('puts a region with a faulty file in quarantine, and takes it out again', async () => {
    const { fed, server: mirror, ready, verify } = await following();
    const files = new Map(minted.store).set('regions/330000/formats/broken.json', new TextEncoder().encode('{}'));
    await fed.publish(files, ['330000']);
    mirror.files = fed.repository;
    await until(async () => ((await ready()).store.quarantined.includes('330000') ? true : undefined));
    expect((await verify()).outcome).toBe('accept');
    await fed.publish(minted.store, ['330000']);
    mirror.files = fed.repository;
    await until(async () => ((await ready()).store.quarantined.length === 0 ? true : undefined));
  });
});

describe('the root that is pinned', () => {
  it('must be there, and is never taken from who offers the store', async () => {
    const fed = await storeStage(minted.store, Date.now());
    server = await serveFiles(fed.repository);
    const cwd = place.folder;
    const { exit, err } = await tongren(['trust', 'status', '--store', server.url], { cwd });
    expect([exit, err]).toEqual([
      64,
      expect.stringMatching(/trust\.root\.json: the pinned root .*ENOENT.*\n.*TONGREN_ROOT/),
    ]);
    const stranger = await storeStage(minted.store, Date.now());
    const root = place.write('stranger.json', stranger.repository.get('metadata/1.root.json')!);
    const other = await tongren(['trust', 'status', '--store', server.url], { cwd, env: { TONGREN_ROOT: root } });
    expect([other.exit, other.err]).toEqual([64, expect.stringMatching(/nothing of the signed store can be used/)]);
    expect(other.err).toContain('信任库没有可用的内容');
  });

  it('goes with the store that it is written for: a signed store is not written into', async () => {
    const { exit, err } = await tongren(
      [
        'trust',
        'import',
        'jwks',
        place.write('keys.json', '{"keys":[]}'),
        '--region',
        '310000',
        '--store',
        'https://a.example',
        '--apply',
      ],
      { cwd: place.folder },
    );
    expect([exit, err]).toEqual([64, expect.stringMatching(/a signed store is not written into/)]);
  });
});
