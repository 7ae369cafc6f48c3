import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { mirror } from '../../src/exchange/mirror.node.ts';
import type { Files } from '../../src/region/pack.ts';
import { readSnapshot } from '../../src/region/snapshot.node.ts';
import { folderSource } from '../../src/region/source.node.ts';
import { openFolder, openSigned, type TrustStore } from '../../src/region/store.node.ts';
import { HOUR, NOW, samples, shortOf, standpointOf, store, storeWith, verdictOf } from '../support/federation.ts';
import { type StaticServer, type StoreStage, serveFiles, storeStage } from '../support/signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongren-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const servers: StaticServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

let places = 0;
/** A staged store on one mirror, and a gateway's view of it. */
async function opened(files: Files = store) {
  const fed = await storeStage(files, NOW);
  const server = await serveFiles(fed.repository);
  servers.push(server);
  const place = { store: join(folder, String(++places)), pinned: fed.repository.get('metadata/1.root.json')! };
  const hints: string[] = [];
  const open = (sources = [mirror(server.url)]): Promise<TrustStore> =>
    openSigned({ ...place, sources }, { clock: () => fed.now, hint: (line) => hints.push(line) });
  return { fed, server, place, open, store: await open(), hints };
}

const zhejiang = samples.find(({ region, name }) => region === '330000' && name === 'pass')!;
const passed = (from: TrustStore, fed: StoreStage): string =>
  shortOf(verdictOf(zhejiang, { standpoint: standpointOf('310000', from.federation, fed.now) }));

/** The mirror tells what the stage has now. */
const tell = (server: StaticServer, fed: StoreStage): void => {
  server.files = fed.repository;
};

describe('timestamping authorities that the federation lists for all', () => {
  const stamped = samples.find(({ name }) => name === 'licence-stamped-before-theft')!;
  const own = [...store.keys()].find((file) => file.startsWith('regions/330000/timestampers/'))!;
  const said = (from: TrustStore, fed: StoreStage): string =>
    shortOf(verdictOf(stamped, { standpoint: standpointOf('310000', from.federation, fed.now) }));

  it('are read from a signed store', async () => {
    const listed = await opened(storeWith({ [own]: undefined, 'timestampers/all.json': store.get(own) }));
    expect(said(listed.store, listed.fed)).toBe('accept');
    expect(listed.store.news.troubles).toEqual([]);
    const without = await opened(storeWith({ [own]: undefined }));
    expect(said(without.store, without.fed)).toBe('undetermined KEY_COMPROMISED');
  });
});

describe('signatures that came out good', () => {
  const names = async ({ place }: Awaited<ReturnType<typeof opened>>): Promise<readonly string[]> =>
    (await readSnapshot(place.store)).signatures;

  it('are kept for the next start, which needs the same ones', async () => {
    const stage = await opened();
    const known = await names(stage);
    // Those of the root, timestamp, snapshot, the federation's role and each region, and their keys.
    expect(known.length).toBeGreaterThan(2 * stage.store.signed!.view.roles.size);
    for (const _ of ['whoever only reads asks for fewer', 'and then for the same']) {
      expect(passed(await stage.open([]), stage.fed)).toBe('accept');
      expect(known).toEqual(expect.arrayContaining([...(await names(stage))]));
    }
  });

  it('are not forgotten when something is new, those of earlier roots neither, and written only when some are', async () => {
    const stage = await opened();
    for (const _ of ['two roots', 'more than were pinned']) await stage.fed.root();
    await stage.fed.news();
    tell(stage.server, stage.fed);
    const again = await stage.open();
    stage.fed.now += 60_000;
    await stage.fed.remove('330000');
    tell(stage.server, stage.fed);
    const before = await names(stage);
    expect(await again.refresh()).toBe(true);
    const known = await names(stage);
    expect(known).not.toEqual(before);
    await stage.open([]);
    expect(await names(stage)).toEqual(known);
  });

  it('vouch for no other file, and for no other signature', async () => {
    const stage = await opened();
    const state = `${stage.place.store}.state`;
    const index = JSON.parse(readFileSync(join(state, 'store.json'), 'utf8'));
    const role = Object.keys(index.roles).find((name) => name.includes('330000'))!;
    const file = readFileSync(join(state, 'parts', index.roles[role]), 'utf8');
    const [, signature] = /"sig":"([0-9a-f]+)"/.exec(file)!;
    const changes = [
      file.replace(/"issued":"(....)/, '"issued":"2001'),
      file.replace(
        signature!,
        signature!.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ),
    ];
    for (const changed of changes) {
      expect(changed).not.toBe(file);
      const digest = createHash('sha256').update(changed).digest('hex');
      writeFileSync(join(state, 'parts', digest), changed);
      writeFileSync(join(state, 'store.json'), JSON.stringify({ ...index, roles: { ...index.roles, [role]: digest } }));
      const again = await stage.open([]);
      expect(again.signed!.view.troubles).toMatchObject([{ role, code: 'SIGNATURE_INVALID' }]);
      expect(passed(again, stage.fed)).not.toBe('accept');
    }
    writeFileSync(join(state, 'store.json'), JSON.stringify(index));
    expect(passed(await stage.open([]), stage.fed)).toBe('accept');
  });
});

describe('a signed store that is followed', () => {
  it('is asked for two files where nothing is new, and stays the very same', async () => {
    const { fed, server, store: own } = await opened();
    const before = own.federation;
    server.asked.length = 0;
    fed.now += 60_000;
    expect(await own.refresh()).toBe(false);
    expect(server.asked).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
    expect(own.federation).toBe(before);
    expect(own.news).toMatchObject({ goodAt: fed.now, troubles: [], sources: [{ said: 'same' }] });
  });

  it('takes what is new as a whole; whoever has the old view keeps it, and keys of the others stay as they were', async () => {
    const { fed, server, store: own } = await opened();
    const before = own.federation;
    await fed.remove('330000');
    tell(server, fed);
    expect(passed(own, fed)).toBe('accept');
    expect(await own.refresh()).toBe(true);
    expect(own.federation).not.toBe(before);
    expect(passed(own, fed)).toMatch(/^undetermined/);
    expect(before.regions.has('330000')).toBe(true);
    for (const region of ['310000', '320000'])
      expect(own.federation.verified.get(region)).toBe(before.verified.get(region));
  });

  it('goes by what is kept where nobody answers, says so, and asks again', async () => {
    const { fed, server, open, hints } = await opened();
    const { url } = server;
    await server.close();
    const again = await open();
    expect([passed(again, fed), again.news.sources]).toEqual(['accept', [{ source: `${url}/`, said: 'unreachable' }]]);
    expect(hints.join()).toMatch(/no answer \(unreachable\); going by what is kept/);
    expect(await again.refresh()).toBe(false);
    expect(again.news.goodAt).toBeUndefined();
  });

  it('remembers over a restart what it has seen: an older store is refused', async () => {
    const { fed, server, open } = await opened();
    const old = fed.repository;
    fed.now += 60_000;
    await fed.remove('330000');
    tell(server, fed);
    await open();
    server.files = old;
    const again = await open();
    expect(again.news.troubles.map(({ code }) => code)).toEqual(['ROLLBACK']);
    expect(again.federation.regions.has('330000')).toBe(false);
  });

  it.each<[string, (answer: (status: number, body?: Uint8Array) => void) => void]>([
    ['answered with an error', (answer) => answer(500)],
    ['longer than its signed length', (answer) => answer(200, new Uint8Array(1_000_000))],
  ])('takes the news of the others where one region’s file is %s', async (_, reply) => {
    const { fed, server, store: own } = await opened();
    const issuers = 'regions/320000/issuers/reference.json';
    const list = JSON.parse(new TextDecoder().decode(store.get(issuers)!)) as object;
    fed.now += 60_000;
    await fed.publish(storeWith({ [issuers]: { ...list, issued: '2026-11-23T04:00:30Z' } }), ['320000']);
    await fed.remove('330000');
    tell(server, fed);
    server.instead = (name, answer) => {
      const hit = /^targets\/regions\/320000\/issuers\//.test(name);
      if (hit) reply(answer);
      return hit;
    };
    await own.refresh();
    expect(own.federation.regions.has('330000')).toBe(false);
    expect(own.news.troubles.map(({ role, code }) => `${role} ${code}`)).toEqual(['320000 FILE_MISSING']);
    expect(own.federation.regions.has('320000')).toBe(true);
  });

  it('cannot be begun where nothing answers and nothing is kept', async () => {
    const { fed } = await opened();
    const place = { store: join(folder, 'nothing'), pinned: fed.repository.get('metadata/1.root.json')! };
    const options = { clock: () => fed.now, hint: () => {} };
    const closed = mirror('http://127.0.0.1:1');
    await expect(openSigned({ ...place, sources: [closed] }, options)).rejects.toThrow(/unreachable/);
    await expect(openSigned({ ...place, sources: [] }, options)).rejects.toThrow(/nothing is kept/);
    fed.now += 1000 * HOUR;
    const late = folderOf(fed);
    await expect(openSigned({ ...place, sources: [folderSource(late)] }, options)).rejects.toThrow(/EXPIRED/);
    const root = { ...place, pinned: new Uint8Array([1, 2]) };
    await expect(openSigned({ ...root, sources: [] }, options)).rejects.toThrow(/root that is pinned/);
  });
});

describe('several mirrors', () => {
  it.each<[string, (server: StaticServer, before: StoreStage['repository']) => void]>([
    ['does not answer', (server) => void server.close()],
    ['withholds what is new', (server, before) => void Object.assign(server, { files: before })],
    [
      'sends what was altered',
      (server) => {
        server.instead = (name, answer) => {
          if (!name.endsWith('timestamp.json')) return false;
          answer(200, new TextEncoder().encode('{}'));
          return true;
        };
      },
    ],
  ])('one of which %s: the next one’s news is taken, and it is no trouble', async (_, spoil) => {
    const { fed, server, open } = await opened();
    const other = await serveFiles(fed.repository);
    servers.push(other);
    const own = await open([mirror(server.url), mirror(other.url)]);
    const before = fed.repository;
    fed.now += 60_000;
    await fed.remove('330000');
    for (const each of [server, other]) tell(each, fed);
    spoil(server, before);
    expect(await own.refresh()).toBe(true);
    expect([own.federation.regions.has('330000'), own.news.troubles]).toEqual([false, []]);
    expect(own.news.sources).toHaveLength(2);
  });

  it('of which one lags behind: what was seen stays, and nobody is alarmed', async () => {
    const { fed, server, open } = await opened();
    const other = await serveFiles(fed.repository);
    servers.push(other);
    fed.now += 60_000;
    await fed.publish(store, ['330000']);
    tell(server, fed);
    const own = await open([mirror(server.url), mirror(other.url)]);
    expect(await own.refresh()).toBe(false);
    expect(own.news).toMatchObject({ troubles: [], sources: [{ said: 'same' }, { said: 'refused' }] });
  });
});

/** The staged store as files in a folder. */
function folderOf(fed: StoreStage): string {
  const target = join(folder, `published-${++places}`);
  for (const [name, bytes] of fed.repository) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), bytes);
  }
  return target;
}

describe('a folder as source', () => {
  it('gives the same store, and no file from outside itself', async () => {
    const { fed } = await opened();
    const published = folderOf(fed);
    const source = folderSource(published);
    const place = { store: join(folder, 'from-folder'), pinned: fed.repository.get('metadata/1.root.json')! };
    const own = await openSigned({ ...place, sources: [source] }, { clock: () => fed.now, hint: () => {} });
    expect([passed(own, fed), own.news.troubles]).toEqual(['accept', []]);
    writeFileSync(join(folder, 'secret'), 'secret');
    expect(await source.fetch({ name: '../secret', limit: 100 })).toBeUndefined();
    expect(await source.fetch({ name: 'metadata', limit: 100 })).toBeUndefined();
    expect((await source.fetch({ name: 'metadata/1.root.json', limit: 10 }))!.length).toBe(11);
  });
});

describe('a plain folder', () => {
  const write = (name: string, files: Files): string => {
    const target = join(folder, name);
    rmSync(target, { recursive: true, force: true });
    for (const [file, bytes] of files) {
      mkdirSync(dirname(join(target, file)), { recursive: true });
      writeFileSync(join(target, file), bytes);
    }
    return target;
  };

  it('is read again when told to; a faulty file keeps what was last good, a broken store changes nothing', async () => {
    const fed = { now: NOW } as StoreStage;
    const own = await openFolder(write('plain', store), { clock: () => NOW, hint: () => {} });
    expect([passed(own, fed), own.news.signed, own.signed]).toEqual(['accept', false, undefined]);
    write('plain', storeWith({ 'regions/330000/issuers/reference.json': '{' }));
    await own.refresh();
    expect([passed(own, fed), [...own.federation.faulty]]).toEqual(['accept', ['330000']]);
    rmSync(join(folder, 'plain'), { recursive: true });
    await expect(own.refresh()).rejects.toThrow(/there is no store here/);
    expect(passed(own, fed)).toBe('accept');
    write(
      'plain',
      storeWith({ 'regions/330000/region.json': undefined, 'regions/330000/issuers/reference.json': undefined }),
    );
    await own.refresh();
    write('plain', storeWith({ 'regions/330000/issuers/reference.json': undefined }));
    await own.refresh();
    expect(passed(own, fed)).toMatch(/UNKNOWN_ISSUER/);
  });
});
