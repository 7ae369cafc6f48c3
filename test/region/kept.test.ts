import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeJson } from '../../src/codec/json.ts';
import type { Value } from '../../src/codec/value.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { readKept, writeKept } from '../../src/region/kept.node.ts';
import { PackError } from '../../src/region/pack.ts';
import {
  beginStore,
  type KeptStore,
  loadSigned,
  reopened,
  rootVersion,
  storeContext,
  updateFrom,
} from '../../src/region/signed.ts';
import { NOW, ROOT, store, storeWith } from '../support/federation.ts';
import { type StoreStage, storeStage } from '../support/signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongren-kept-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const context = storeContext(nodePlatform, NOW + 60_000);

let fed: StoreStage;
let pinned: Uint8Array;
let first: KeptStore;
let second: KeptStore;

const take = (before: KeptStore): KeptStore =>
  loadSigned(updateFrom(before, fed.repository, context), before, context).kept;
const place = (name: string): string => join(folder, name);
const read = (at: string, root = pinned) => readKept(at, root, nodePlatform);
/** All of it, short enough to be compared: a difference of megabytes tells nobody anything. */
function told({ state, roots, good }: KeptStore): unknown {
  const named = (files: ReadonlyMap<string, Uint8Array>) =>
    [...files].map(([name, bytes]) => `${name} ${hash('sha256', bytes)}`).sort();
  const one = (bytes: Uint8Array | undefined) => bytes && hash('sha256', bytes);
  return {
    top: [state.root, state.timestamp, state.snapshot].map(one),
    named: [named(state.roles), named(state.files)],
    keyholders: [...state.keyholders].map(([role, held]) => `${role} ${writeJson(held as unknown as Value)}`).sort(),
    roots: roots.map(one),
    good: [...good].map(([unit, version]) => [unit, one(version?.file), version && named(version.files)]),
  };
}

/** Each file of the folder of contents, by what is in it. */
const partOf = (at: string, content: Uint8Array): string =>
  readdirSync(`${at}.state/parts`)
    .map((name) => join(`${at}.state/parts`, name))
    .find((file) => readFileSync(file).equals(content))!;

beforeAll(async () => {
  fed = await storeStage(store, NOW);
  pinned = fed.repository.get('metadata/1.root.json')!;
  first = take(beginStore(pinned, nodePlatform));
  await fed.root();
  await fed.publish(storeWith({ 'regions/330000/codes/broken.json': '{' }), ['330000']);
  second = take(first);
});

describe('what is kept of a signed store', () => {
  it('comes back as it was, roots, quarantine and all', async () => {
    for (const kept of [first, second]) {
      await writeKept(place('again'), kept, NOW);
      expect(told((await read(place('again')))!)).toEqual(told(kept));
    }
    expect([second.roots.length, [...second.good.keys()]]).toEqual([2, ['330000']]);
    const { view, troubles } = reopened((await read(place('again')))!, context);
    expect([troubles, view.files.size]).toEqual([[], second.state.files.size]);
  });

  it('is read by this account alone', async () => {
    await writeKept(place('mode'), first, NOW);
    const { mode } = statSync(`${place('mode')}.state/store.json`);
    expect([mode & 0o077, statSync(`${place('mode')}.state`).mode & 0o077]).toEqual([0, 0]);
  });

  it('is nothing at the beginning', async () => {
    expect(await read(place('nowhere'))).toBeUndefined();
  });

  it('is not believed where a content was altered: it is as if it were not there', async () => {
    const at = place('altered');
    await writeKept(at, first, NOW);
    const file = 'regions/330000/issuers/reference.json';
    writeFileSync(partOf(at, first.state.files.get(file)!), '{"issued":"2026-11-23T04:00:00Z","issuers":[]}');
    const kept = (await read(at))!;
    expect(kept.state.files.has(file)).toBe(false);
    // And is fetched again, and kept.
    const again = take(kept);
    expect(again.state.files.get(file)).toEqual(first.state.files.get(file));
    await writeKept(at, again, NOW);
    expect(told((await read(at))!)).toEqual(told(again));
  });

  it('is not believed where the index points to other contents that are there', async () => {
    const at = place('exchanged');
    await writeKept(at, first, NOW);
    const index = JSON.parse(readFileSync(`${at}.state/store.json`, 'utf8'));
    const [one, other] = ['regions/330000/issuers/reference.json', 'regions/310000/issuers/reference.json'];
    index.files[one] = index.files[other];
    writeFileSync(`${at}.state/store.json`, JSON.stringify(index));
    expect(reopened((await read(at))!, context).view.files.has(one)).toBe(false);
  });

  it.each<[string, (index: { roots: string[] }) => void, () => Uint8Array]>([
    ['a root of another federation is pinned', () => {}, () => otherRoot],
    ['a root is missing in between', (index) => index.roots.shift(), () => second.roots[1]!.slice(0, -1)],
    ['a root stands twice', (index) => index.roots.push(index.roots[0]!), () => pinned],
  ])('is refused, not forgotten, where %s', async (_, change, root) => {
    const at = place('roots');
    await writeKept(at, second, NOW);
    const index = JSON.parse(readFileSync(`${at}.state/store.json`, 'utf8'));
    change(index);
    writeFileSync(`${at}.state/store.json`, JSON.stringify(index));
    await expect(read(at, root())).rejects.toThrow(PackError);
  });

  it('is not to be removed where it is the pinned root that is damaged', async () => {
    const at = place('root');
    await writeKept(at, first, NOW);
    const damaged = new TextEncoder().encode('{');
    await expect(read(at, damaged)).rejects.toThrow(/the root that is pinned cannot be used.*get it again/);
    await expect(read(at, otherRoot)).rejects.toThrow(/do not follow from each other; remove the folder/);
  });

  it('goes on from a newer pinned root that follows what was seen', async () => {
    const at = place('newer');
    await writeKept(at, first, NOW);
    const found = (await read(at, second.roots[1]!))!;
    expect(found.roots.map(rootVersion)).toEqual([1, 2]);
    expect([found.whole, (await read(at))!.whole]).toEqual([false, true]);
  });

  it('leaves nothing that nobody names, after an hour', async () => {
    const at = place('tidy');
    await writeKept(at, first, NOW);
    await writeKept(at, second, Date.now());
    const before = readdirSync(`${at}.state/parts`).length;
    await writeKept(at, second, Date.now() + 7_200_000);
    expect(readdirSync(`${at}.state/parts`).length).toBeLessThan(before);
    expect(told((await read(at))!)).toEqual(told(second));
  });

  it('is not written over by a process that has seen less', async () => {
    const at = place('behind');
    await writeKept(at, second, NOW);
    await writeKept(at, first, NOW);
    expect(told((await read(at))!)).toEqual(told(second));
  });

  it('is the old or the new state whenever the process is killed', async () => {
    const bare = { ...second, good: new Map() };
    for (const [name, kept] of [
      ['one', bare],
      ['other', second],
    ] as const) {
      await writeKept(place(name), kept, NOW);
      writeFileSync(`${place(name)}.root.json`, pinned);
    }
    const at = place('killed');
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [`${ROOT}test/region/kept.child.ts`, place('one'), place('other'), at]);
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, 5 + round * 37));
      child.kill('SIGKILL');
      await once(child, 'exit');
      if (!existsSync(`${at}.state/store.json`)) continue;
      const kept = (await read(at))!;
      expect([told(bare), told(second)]).toContainEqual(told(kept));
      expect(reopened(kept, context).troubles).toEqual([]);
    }
    expect(existsSync(`${at}.state/store.json`)).toBe(true);
  });
});

const otherRoot = (await storeStage(store, NOW)).repository.get('metadata/1.root.json')!;
