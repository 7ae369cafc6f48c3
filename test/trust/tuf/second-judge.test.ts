import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Updater } from 'tuf-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodePlatform } from '../../../src/crypto/platform.node.ts';
import type { Repository } from '../../../src/federation/tuf-publish.ts';
import { GENERIC } from '../../../src/trust/tuf/profile.ts';
import { refreshFrom } from '../../../src/trust/tuf/refresh.ts';
import { beginWith } from '../../../src/trust/tuf/root.ts';
import { HOUR, packOf, stage, T0, text } from '../../support/tuf.ts';
import { CLOCK, type Listed, listed } from '../../support/tuf-generic.ts';
import { FromMemory } from '../../support/tuf-js.ts';

/** tuf-js judges the same repositories, by keys that it knows: both must find the same. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tuf-'));
  // Its clock cannot be passed in.
  vi.useFakeTimers({ toFake: ['Date'], now: CLOCK });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

/** What tuf-js finds at a path: the content, or undefined where it refuses or finds nothing. */
async function theirs(root: Uint8Array, files: Repository, path: string): Promise<string | undefined> {
  // A folder of its own: what it has seen before must not help it.
  const own = await mkdtemp(join(folder, 'client-'));
  await writeFile(join(own, 'root.json'), root);
  const updater = new Updater({
    metadataDir: own,
    metadataBaseUrl: 'memory:/metadata',
    targetDir: own,
    targetBaseUrl: 'memory:/targets',
    fetcher: new FromMemory(files),
  });
  try {
    await updater.refresh();
    const target = await updater.getTargetInfo(path);
    if (target === undefined) return undefined;
    const local = await updater.downloadTarget(target, join(own, 'content'));
    return await readFile(local, 'utf8');
  } catch {
    return undefined;
  }
}

function ours(root: Uint8Array, files: Repository, path: string, now = CLOCK): string | undefined {
  const context = { platform: nodePlatform, profile: GENERIC, now };
  const { view, troubles } = refreshFrom(beginWith(root, context), files, context);
  // A client that looks for one file stops at the first refusal; what it does not need it does not see.
  if (troubles.some(({ role }) => ['root', 'timestamp', 'snapshot', 'targets'].includes(role))) return undefined;
  const content = view.files.get(path)?.content;
  return content && new TextDecoder().decode(content);
}

describe('both judges', () => {
  it('find every file of a federation with Ed25519 and with ECDSA keys', async () => {
    for (const algorithm of ['EdDSA', 'ES256'] as const) {
      const fed = await stage(algorithm);
      const root = fed.repository.get('metadata/1.root.json')!;
      for (const path of ['regions/310000/region.json', 'regions/330200/formats/pass.json', 'catalogue.json']) {
        const found = ours(root, fed.repository, path);
        expect(found).toBeTypeOf('string');
        expect(await theirs(root, fed.repository, path)).toBe(found);
      }
    }
  });

  it('follow the same chain of roots', async () => {
    const fed = await stage();
    const root = fed.repository.get('metadata/1.root.json')!;
    for (let i = 0; i < 3; i++) {
      const leaving = fed.members[0]!;
      fed.members = [...fed.members.slice(1), fed.key()];
      await fed.root([leaving, ...fed.members]);
    }
    await fed.everything('after three roots');
    const path = 'regions/310000/region.json';
    expect(await theirs(root, fed.repository, path)).toBe(ours(root, fed.repository, path));
    expect(ours(root, fed.repository, path)).toContain('after three roots');
  });

  const by = (name: string, extra: Partial<Listed> = {}): Listed => ({
    name,
    paths: ['*'],
    files: { 'file.txt': `by ${name}` },
    ...extra,
  });
  const nothing = { files: {} };
  it.each<[string, readonly Listed[]]>([
    ['one', [by('a')]],
    ['two that list the same', [by('a'), by('b')]],
    ['depth first', [by('a', { ...nothing, delegated: [by('deep')] }), by('b')]],
    ['a terminating one without the file', [by('a', { ...nothing, terminating: true }), by('b')]],
    ['a terminating one for other paths', [by('a', { ...nothing, terminating: true, paths: ['x/*'] }), by('b')]],
    [
      'a terminating one inside',
      [by('a', { ...nothing, delegated: [by('t', { ...nothing, terminating: true })] }), by('b')],
    ],
    ['a circle', [by('a', { ...nothing, back: true }), by('b')]],
    ['a key that did not sign', [by('a', { otherKey: true }), by('b')]],
    ['patterns with ?', [by('a', { paths: ['fil?.txt'] })]],
    ['patterns of another depth', [by('a', { paths: ['*/*'] })]],
    ['digests of paths', [by('a', { prefixes: [...'0123456789abcdef'] })]],
    ['digests of other paths', [by('a', { prefixes: ['00000'] }), by('b')]],
    ['a name with a slash', [by('a/b')]],
  ])('give the same answer to delegations: %s', async (_, delegated) => {
    const { root, files } = await listed({}, { delegated });
    expect(await theirs(root, files, 'file.txt')).toBe(ours(root, files, 'file.txt'));
  });

  it.each([true, false])('read names with consistent snapshots (%s)', async (consistent) => {
    const { root, files } = await listed({ 'a/file.txt': 'content' }, { consistent, hashes: ['sha256', 'sha512'] });
    expect(ours(root, files, 'a/file.txt')).toBe('content');
    expect(await theirs(root, files, 'a/file.txt')).toBe('content');
  });

  it('refuse the same when any one file is changed in one place, or is not there', async () => {
    const { root, files } = await listed({}, { delegated: [by('a')] });
    const judge = async (changed: Repository): Promise<readonly [boolean, boolean]> => [
      ours(root, changed, 'file.txt') === 'by a',
      (await theirs(root, changed, 'file.txt')) === 'by a',
    ];
    expect(await judge(files)).toEqual([true, true]);
    for (const [name, bytes] of files) {
      if (name === 'metadata/1.root.json') continue;
      const without = new Map(files);
      without.delete(name);
      expect([name, ...(await judge(without))]).toEqual([name, false, false]);
      const altered = bytes.slice();
      altered[Math.floor(bytes.length / 2)]! ^= 1;
      const answers = await judge(new Map(files).set(name, altered));
      expect([name, ...answers]).toEqual([name, false, false]);
    }
  });

  it.each([
    ['timestamp', 24 * HOUR],
    ['snapshot', 72 * HOUR],
  ])('find %s expired at the same instant', async (role, lifetime) => {
    const fed = await stage();
    const root = fed.repository.get('metadata/1.root.json')!;
    const path = 'regions/310000/region.json';
    if (role === 'snapshot') {
      fed.lifetimes['310000'] = 100 * HOUR;
      await fed.region('310000');
      await fed.news();
      fed.now = T0 + lifetime - 1000;
      await fed.forge(
        'metadata/timestamp.json',
        (signed) => (signed['expires'] = new Date(T0 + 100 * HOUR).toISOString().replace('.000', '')),
        fed.online.timestamp,
      );
    }
    for (const [at, found] of [
      [T0 + lifetime - 1000, true],
      [T0 + lifetime, false],
    ] as const) {
      vi.setSystemTime(at);
      expect([role, ours(root, fed.repository, path, at) !== undefined]).toEqual([role, found]);
      expect([role, (await theirs(root, fed.repository, path)) !== undefined]).toEqual([role, found]);
    }
  });

  it('refuse the same file of a region signed by somebody else', async () => {
    const fed = await stage();
    const root = fed.repository.get('metadata/1.root.json')!;
    await fed.region('310000', { files: packOf('310000', 'forged') }, [fed.key()]);
    await fed.news();
    const path = 'regions/310000/region.json';
    expect(ours(root, fed.repository, path)).toBeUndefined();
    expect(await theirs(root, fed.repository, path)).toBeUndefined();
    fed.put('metadata/2.310000.json', text('{}'));
    expect(await theirs(root, fed.repository, path)).toBeUndefined();
  });
});
