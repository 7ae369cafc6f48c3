import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CaseResult } from '../../src/conformance/suite.ts';
import { lastMoment, repositoriesAt, tuf } from '../../src/conformance/tuf.node.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { GENERIC } from '../../src/trust/tuf/profile.ts';
import { refreshFrom } from '../../src/trust/tuf/refresh.ts';
import { beginWith } from '../../src/trust/tuf/root.ts';
import { listed } from '../support/tuf-generic.ts';
import { judgedByTufJs } from '../support/tuf-js.ts';

const run = async (dir: string): Promise<CaseResult[]> => {
  const results: CaseResult[] = [];
  await tuf.run(dir, (result) => results.push(result));
  return results;
};

describe('the suite on repositories of our own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tuf-suite-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function place(base: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
    for (const [name, bytes] of files) {
      const file = join(folder, base, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
  }
  const { files, root } = await listed({ 'a/b.txt': 'content' });
  const beside = new Map<string, Uint8Array | string>([
    ['initial_root.json', root],
    ['targetpath', 'a/b.txt\n'],
    ['README.md', ''],
  ]);
  await place('static_data/good', new Map([...files, ...beside, ['faketime', '2026-12-31 23:59:59+00:00\n']]));
  await place('static_data/late', new Map([...files, ...beside, ['faketime', '2027-01-01 00:00:00+00:00\n']]));
  await place('static_data/absent', new Map([['README.md', '']]));
  const altered = new Map(files);
  for (const [name] of files) if (name.startsWith('targets/')) altered.set(name, new Uint8Array(7));
  await place('static_data/altered', new Map([...altered, ...beside]));

  it('tells each apart', async () => {
    expect((await run(folder)).map(({ name, result }) => [name.split(':')[0], result])).toEqual([
      ['static_data/altered', 'differ'],
      ['static_data/good', 'agree'],
      ['static_data/late', 'differ'],
      ['static_data/absent', 'not-applicable'],
    ]);
  });

  it('says so where there is nothing', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'tuf-empty-'));
    await expect(run(empty)).rejects.toThrow('no TUF repository');
    await rm(empty, { recursive: true });
  });
});

const data = '../shared/data/tuf';
describe.skipIf(!existsSync(data))('data of tuf-conformance and tuf-js (skipped where it is missing)', () => {
  it('agrees in every case that is there', async () => {
    const results = await run(data);
    expect(results.filter(({ result }) => result === 'differ')).toEqual([]);
    expect(results.filter(({ result }) => result === 'agree').length).toBeGreaterThanOrEqual(5);
  });

  it('is judged alike by tuf-js', async () => {
    let found = 0;
    for (const { name, files, root, now = lastMoment(files) } of await repositoriesAt(data)) {
      // One of them is metadata alone.
      const wanted = (): boolean => [...files.keys()].some((file) => file.startsWith('targets/'));
      const context = { platform: nodePlatform, profile: GENERIC, now, wanted };
      const { view, troubles } = refreshFrom(beginWith(root, context), files, context);
      const ours = [...view.files].map(([path, { content }]) => [path, new TextDecoder().decode(content)]);
      const theirs = await judgedByTufJs(root, files, [...view.files.keys()], now).catch(() => undefined);
      expect([name, troubles.length === 0]).toEqual([name, theirs !== undefined]);
      expect([name, [...(theirs ?? [])].sort()]).toEqual([name, ours.sort()]);
      found += ours.length;
    }
    expect(found).toBeGreaterThanOrEqual(4);
  });
});
