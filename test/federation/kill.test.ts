import { spawn } from 'node:child_process';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/federation/journal.node.ts';
import { newest, type Repository, rolesOf } from '../../src/federation/tuf-publish.ts';
import { type DeskStage, founded, QUORUM } from '../support/desk.ts';

const CHILD = fileURLToPath(new URL('writer.child.ts', import.meta.url));

let desk: DeskStage;
afterEach(() => desk.remove());

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
}

/** Killed before the n-th rename, or after some milliseconds. */
function child(stop: number, args: readonly string[], keys: readonly string[], after?: number): Promise<Ended> {
  const at = [
    'federation',
    ...args,
    '--dir',
    desk.dir,
    '--by',
    'test',
    ...keys.flatMap((key) => ['--key', desk.secret(key)]),
  ];
  const process_ = spawn(process.execPath, [CHILD, String(stop), String(desk.now), ...at]);
  if (after !== undefined) setTimeout(() => process_.kill('SIGKILL'), after);
  let err = '';
  process_.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve) => process_.on('close', (code, signal) => resolve({ code, signal, err })));
}

const stateOf = (repository: Repository): Record<string, number> =>
  Object.fromEntries(
    ['root', 'snapshot', ...rolesOf(repository)].map((role) => [role, newest(repository, role)?.version ?? 0]),
  );

/** Roles and versions of what gateways find, but for the root: with everything else in place, the old one does as well. */
const withoutRoot = ({ root: _, ...state }: Record<string, number>): Record<string, number> => state;

const COMMANDS: readonly (readonly [string, () => readonly string[], readonly string[]])[] = [
  ['admit', () => ['admit', '310000', '--holder', desk.key('310000'), '--apply'], ['310000', ...QUORUM]],
  ['renew', () => ['renew', '--apply'], ['news']],
  ['suspend', () => ['suspend', '340000', '--apply'], QUORUM],
  [
    'rotate all keys of the root',
    () => [
      'rotate',
      'root',
      'targets',
      '--to',
      ...['anhui', 'jiangsu', 'henan'].map((name) => desk.key(name)),
      '--threshold',
      '2',
      '--apply',
    ],
    [...QUORUM, 'henan'],
  ],
  [
    'rotate online keys',
    () => ['rotate', 'snapshot', 'timestamp', '--to', desk.key('news-2'), '--apply'],
    [...QUORUM, 'news-2'],
  ],
];

describe('several at once', () => {
  it('take turns: what one has not seen, it does not write over', async () => {
    desk = await founded();
    const ended = await Promise.all([1, 2, 3].map(() => child(0, ['renew', 'targets', '--apply'], QUORUM)));
    const done = ended.filter(({ code }) => code === 0).length;
    expect(done).toBeGreaterThan(0);
    for (const { code, err } of ended)
      expect([code, code === 0 || err.includes('changed in the meantime')]).toEqual([code, true]);
    expect(await desk.troubles()).toEqual([]);
    expect((await desk.published()).roles.get('targets')!.version).toBe(1 + done);
    const { entries, broken } = await readJournal(desk.dir);
    expect([entries.length, broken]).toEqual([1 + done, []]);
  }, 60_000);
});

describe('killed at any write, there is the old store or the new one', () => {
  it.each(COMMANDS)(
    '%s',
    async (_, args, keys) => {
      desk = await founded();
      await desk.run(['admit', '340000', '--holder', desk.key('340000'), '--apply'], '340000', ...QUORUM);
      const before = await desk.repository();
      const kept = join(desk.folder, 'kept');
      await cp(desk.dir, kept, { recursive: true });
      let killed = 0;
      for (let stop = 1; ; stop++) {
        await rm(desk.dir, { recursive: true, force: true });
        await cp(kept, desk.dir, { recursive: true });
        const { signal, code, err } = await child(stop, args(), keys);
        const left = await desk.repository();
        // Neither who begins now nor who was up to date has anything to object.
        expect([stop, await desk.troubles(before)]).toEqual([stop, []]);
        if (signal === null) {
          expect([code, err]).toEqual([0, '']);
          expect(stateOf(left)).not.toEqual(stateOf(before));
          break;
        }
        killed++;
        // The same command does it now, or finds it done: nothing has to be cleaned up by hand.
        const old = JSON.stringify(stateOf(left)) === JSON.stringify(stateOf(before));
        const again = await desk.run(args(), ...keys);
        expect([stop, old ? again.exit : 'done or once more']).toEqual([stop, old ? 0 : 'done or once more']);
        expect(await desk.troubles(before)).toEqual([]);
        const whole = withoutRoot(stateOf(await desk.repository()));
        expect(Object.keys(whole)).toEqual(expect.arrayContaining(Object.keys(withoutRoot(stateOf(before)))));
      }
      expect(killed).toBeGreaterThan(1);
    },
    120_000,
  );

  it.each([
    ['root and targets', ['anhui', 'jiangsu', 'henan'], ['news'], 2],
    ['snapshot and timestamp', ['news-2'], ['news', 'news-2'], 1],
  ] as const)(
    'a proposal of other keys for %s: the same command finishes it',
    async (which, to, online, version) => {
      desk = await founded();
      const roles = which.split(' and ');
      const rotate = ['rotate', ...roles, '--to', ...to.map((name) => desk.key(name)), '--threshold', '1', '--apply'];
      await desk.run(rotate, 'anhui');
      const file = join(desk.dir, `proposals/0001-rotate-${roles.join('-')}.json`);
      expect((await desk.run(['sign', file, '--apply'], 'jiangsu', 'shanghai', ...to)).exit).toBe(0);
      // As at a desk that had no part in it yet.
      await rm(join(desk.dir, 'names.json'));
      const before = await desk.repository();
      const kept = join(desk.folder, 'kept');
      await cp(desk.dir, kept, { recursive: true });
      for (let stop = 1, killed = true; killed; stop++) {
        await rm(desk.dir, { recursive: true, force: true });
        await cp(kept, desk.dir, { recursive: true });
        const place = ['place', file, '--apply'];
        const { signal } = await child(stop, place, online);
        killed = signal !== null;
        expect([stop, await desk.troubles(before)]).toEqual([stop, []]);
        if (killed) expect([stop, await desk.run(place, ...online)]).toMatchObject([stop, { exit: 0, err: '' }]);
        expect([stop, stateOf(await desk.repository())]).toMatchObject([stop, { root: 2, targets: version }]);
        expect([stop, await desk.troubles(before)]).toEqual([stop, []]);
        const left = await readdir(desk.dir, { recursive: true });
        expect(left.filter((name) => /(^|\/)lock$|^proposals.*\.json$/.test(name))).toEqual([]);
        expect(left).toContain('names.json');
      }
    },
    120_000,
  );

  it('and at any moment', async () => {
    desk = await founded();
    for (let round = 0; round < 6; round++) {
      const before = await desk.repository();
      await child(0, ['renew', 'targets', '--apply'], QUORUM, 300 + Math.floor(Math.random() * 700));
      expect(await desk.troubles(before)).toEqual([]);
    }
    expect((await desk.run(['renew', 'targets', '--apply'], ...QUORUM)).exit).toBe(0);
    expect((await readJournal(desk.dir)).entries.length).toBeGreaterThan(0);
  }, 60_000);
});
