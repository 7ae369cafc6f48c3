import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { type Federation, loadFederation } from '../../src/region/federation.ts';
import { readSnapshot, writeSnapshot } from '../../src/region/snapshot.node.ts';
import { packInputs, type VerifiedRegions } from '../../src/region/verified.ts';
import {
  fileOf,
  NOW,
  ownKey,
  samples,
  shortOf,
  standpointOf,
  store,
  storeWith,
  verdictOf,
} from '../support/federation.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongren-snapshot-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const place = join(folder, 'store');
const file = join(folder, 'store.state/issuers.snapshot');
const keyFile = join(folder, 'store.state/snapshot.key');

const load = (verified?: VerifiedRegions, files = store): Federation =>
  loadFederation(files, nodePlatform, verified === undefined ? {} : { verified });
const first = load();
const reused = (federation: Federation, kept: VerifiedRegions): string[] =>
  [...federation.verified].filter(([region, each]) => kept.get(region) === each).map(([region]) => region);

beforeEach(() => writeSnapshot(place, { regions: first.verified, signatures: ['a name'] }));

describe('a snapshot of the verified issuers', () => {
  it('gives every document of the reference federation the verdict that it gets without', async () => {
    const { regions, signatures, refused } = await readSnapshot(place);
    expect(refused).toBeUndefined();
    expect(signatures).toEqual(['a name']);
    const fast = load(regions);
    expect(reused(fast, regions)).toEqual([...first.regions.keys()]);
    expect([fast.trust.size, fast.rejected, fast.memory]).toEqual([first.trust.size, first.rejected, first.memory]);
    for (const { wire, expect: wanted } of samples) {
      const asked = (from: Federation) => ({
        standpoint: standpointOf(wanted.for ?? '310000', from),
        purpose: wanted.purpose ?? 'checkpoint',
      });
      expect(verdictOf(wire, asked(fast))).toEqual(verdictOf(wire, asked(first)));
    }
  });

  it('is kept where only this account reads it', () => {
    expect([file, keyFile].map((path) => statSync(path).mode & 0o077)).toEqual([0, 0]);
  });

  it('is of no use for files that changed, and for those of a region alone', async () => {
    const { regions } = await readSnapshot(place);
    const issuers = 'regions/330000/issuers/reference.json';
    const list = fileOf<{ issuers: object[] }>(issuers);
    const changes: [Record<string, unknown>, string][] = [
      [{ [issuers]: { ...list, issuers: list.issuers.slice(1) } }, '330000'],
      [{ 'regions/330000/issuers/more.json': { issued: '2026-11-23T04:00:00Z', issuers: [ownKey().entry] } }, '330000'],
      [{ 'regions/330000/region.json': { ...fileOf<object>('regions/330000/region.json'), issues: [] } }, '330000'],
      [{ [issuers]: undefined }, '330000'],
    ];
    for (const [change, region] of changes) {
      const changed = storeWith(change);
      const federation = load(regions, changed);
      expect(reused(federation, regions)).toEqual([...first.regions.keys()].filter((id) => id !== region));
      expect(federation.verified.get(region)).toEqual(load(undefined, changed).verified.get(region));
    }
  });

  describe('knows which packs were in order', () => {
    const formatFile = [...store.keys()].find((name) => /^regions\/330000\/formats\/[^.]+\.json$/.test(name))!;
    const format = fileOf<{ format: string }>(formatFile);
    const catalogue = fileOf<{ documentTypes: { code: string }[] }>('catalogue.json');
    const allotments = fileOf<{ allotments: { region: string; jwsTypes?: string[] }[] }>('allotments.json');
    const issuance = 'regions/330000/issuance/impossible.json';
    const faults: Record<string, Record<string, unknown>> = {
      'a format maps to a field that there is not': {
        [formatFile]: { ...format, map: [{ to: '/nowhere', from: '/a' }] },
      },
      'a format has a word that no table knows': { [formatFile]: { ...format, payload: 'unheard' } },
      'a date does not exist': { [issuance]: { issued: '2026-02-30T00:00:00Z', logged: [] } },
      'the catalogue loses a type of document': {
        'catalogue.json': {
          ...catalogue,
          documentTypes: catalogue.documentTypes.filter(({ code }) => code !== 'vaccination-statement'),
        },
      },
      'the federation allots to another what was the region’s': {
        'allotments.json': {
          ...allotments,
          allotments: allotments.allotments.map((row) =>
            row.region === '310000' ? { ...row, jwsTypes: ['zlz+jws'] } : { ...row, jwsTypes: [] },
          ),
        },
      },
    };

    it.each(Object.entries(faults))('and finds the fault where %s', async (_, change) => {
      const { regions } = await readSnapshot(place);
      const changed = storeWith(change);
      const anew = load(undefined, changed);
      expect(anew.rejected.length).toBeGreaterThan(first.rejected.length);
      const again = load(regions, changed);
      expect(again.rejected).toEqual(anew.rejected);
      // A pack at fault is looked at again every time.
      expect(load(again.verified, changed).rejected).toEqual(anew.rejected);
    });

    it('and takes no name of a file for two others', async () => {
      const [one, other] = ['regions/330000/notes.txt', 'regions/330000/systems.json'];
      const bytes = { [one]: 'x', [other]: 'null' };
      const lined = `${one} ${encodeBase64url(nodePlatform.digest('SHA-256', encodeUtf8('x')))}\n${other}`;
      const before = storeWith({ [other]: undefined, [lined]: 'null' });
      const after = storeWith({ [other]: undefined, ...bytes });
      const anew = load(undefined, after);
      expect(anew.rejected.map(({ file: at }) => at)).toContain(other);
      expect(load(load(undefined, before).verified, after).rejected).toEqual(anew.rejected);
      expect(() => load(undefined, storeWith({ 'regions/330000/\ud800': 'x' }))).not.toThrow();
    });

    it('and goes by that: what was in order under these very digests is not looked at again', async () => {
      const { regions } = await readSnapshot(place);
      const changed = storeWith(Object.values(faults)[0]!);
      const sound = packInputs('330000', changed, nodePlatform);
      const vouched = new Map(regions).set('330000', { ...regions.get('330000')!, sound });
      expect(load(vouched, changed).rejected).toEqual(first.rejected);
    });
  });

  it('keeps what was rejected, with its reason', async () => {
    const bad = storeWith({
      'regions/330000/issuers/bad.json': '{',
      'regions/330000/issuers/worse.json': { issued: '2026-11-23T04:00:00Z', issuers: [{ keyId: 'x', jwk: {} }] },
    });
    const before = load(undefined, bad);
    await writeSnapshot(place, { regions: before.verified, signatures: [] });
    const { regions } = await readSnapshot(place);
    const again = load(regions, bad);
    expect(reused(again, regions)).toContain('330000');
    expect(again.rejected).toEqual(before.rejected);
    expect(again.rejected.map((each) => each.file)).toEqual(
      expect.arrayContaining(['regions/330000/issuers/bad.json', 'regions/330000/issuers/worse.json']),
    );
  });
});

describe('a snapshot is not used', () => {
  const bytes = (): Buffer => readFileSync(file);

  it.each<[string, () => void, string]>([
    [
      'with one bit altered',
      () =>
        writeFileSync(
          file,
          bytes().map((byte, i, all) => (i === all.length >> 1 ? byte ^ 1 : byte)),
        ),
      'it was altered',
    ],
    [
      'with its MAC altered',
      () =>
        writeFileSync(
          file,
          bytes().map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
        ),
      'it was altered',
    ],
    ['cut short', () => writeFileSync(file, bytes().subarray(0, -1)), 'it was altered'],
    ['cut within its MAC', () => writeFileSync(file, bytes().subarray(0, 9)), 'it was altered'],
    ['empty', () => writeFileSync(file, ''), 'it was altered'],
    ['with more behind it', () => writeFileSync(file, Buffer.concat([bytes(), Buffer.from(' ')])), 'it was altered'],
    ['under another key', () => writeFileSync(keyFile, Buffer.alloc(32, 7)), 'it was altered'],
    ['without its key', () => rmSync(keyFile), 'its key is not there'],
    ['under a key cut short', () => writeFileSync(keyFile, Buffer.alloc(3)), 'its key is not there'],
  ])('%s', async (_name, change, reason) => {
    change();
    expect(await readSnapshot(place)).toEqual({ regions: new Map(), signatures: [], refused: reason });
  });

  it('if there is none, which is no trouble', async () => {
    expect(await readSnapshot(join(folder, 'none'))).toEqual({
      regions: new Map(),
      signatures: [],
      refused: undefined,
    });
    expect(existsSync(join(folder, 'none.state'))).toBe(false);
  });
});

it('whoever could write the snapshot of another store, under his own key, is not believed', async () => {
  // His own store, his own key for the region, his own snapshot, laid over ours: the MAC key stays ours.
  const his = join(folder, 'his');
  const thief = ownKey('SM2-SM3', { keyId: 'zj-pass-2026' });
  const files = storeWith({
    'regions/330000/issuers/reference.json': { issued: '2026-11-23T04:00:00Z', issuers: [thief.entry] },
  });
  await writeSnapshot(his, { regions: load(undefined, files).verified, signatures: ['his own name'] });
  writeFileSync(file, readFileSync(join(folder, 'his.state/issuers.snapshot')));
  const { regions, refused } = await readSnapshot(place);
  expect(refused).toBe('it was altered');
  const pass = samples.find(({ name }) => name === 'pass')!;
  expect(shortOf(verdictOf(pass.wire, { standpoint: standpointOf('310000', load(regions), NOW) }))).toMatch(/^accept/);
});
