import fs, { appendFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { addToJournal, journalOf, readJournal } from '../../src/federation/journal.node.ts';
import { withLock } from '../../src/federation/lock.node.ts';
import { Refused } from '../../src/federation/refused.ts';
import { temporary } from '../support/cli.ts';

const { folder, remove } = temporary();
afterAll(remove);

const entry = (operation: string) => ({ at: '2026-11-23T04:00:00Z', by: 'G-1', operation, applied: true, detail: [] });
const kept = async (name: string): Promise<string> => {
  const at = join(folder, name);
  for (const operation of ['one', 'two', 'three']) await addToJournal(at, entry(operation));
  return at;
};

describe('the journal', () => {
  it('keeps what was done, in order', async () => {
    const { entries, broken } = await readJournal(await kept('good'));
    expect(entries.map(({ operation }) => operation)).toEqual(['one', 'two', 'three']);
    expect(broken).toEqual([]);
  });

  it('shows a line that was changed, and one that was taken out', async () => {
    const at = await kept('changed');
    const text = await readFile(journalOf(at), 'utf8');
    await writeFile(journalOf(at), text.replace('"one"', '"none"'));
    expect((await readJournal(at)).broken).toEqual([2]);
    await writeFile(
      journalOf(at),
      text
        .split('\n')
        .filter((line) => !line.includes('"two"'))
        .join('\n'),
    );
    expect((await readJournal(at)).broken).toEqual([2]);
  });

  it('goes on behind a line that was cut off, and shows it', async () => {
    const at = await kept('cut');
    await appendFile(journalOf(at), '{"at":"2026-11-');
    await addToJournal(at, entry('four'));
    const { entries, broken } = await readJournal(at);
    expect(entries.map(({ operation }) => operation)).toEqual(['one', 'two', 'three', 'four']);
    expect(broken).toEqual([4]);
  });
});

describe('the lock', () => {
  it('lets one in at a time, and forgets a process that is gone', async () => {
    const at = join(folder, 'locked');
    await withLock(at, async () => {
      const refused = await withLock(at, async () => {}, 100).catch((error: unknown) => error);
      expect(refused).toMatchObject({ message: `somebody else is writing here (process ${process.pid})` });
      expect(refused).toMatchObject({ hint: { en: expect.stringContaining(`remove the lock ${join(at, 'lock')}`) } });
    });
    await writeFile(join(at, 'lock'), '4194304999');
    expect(await withLock(at, async () => 'in')).toBe('in');
  });

  it('lets one in at a time, too, where several find that a process is gone', async () => {
    const at = join(folder, 'found-by-several');
    await mkdir(at);
    await writeFile(join(at, 'lock'), '4194304999');
    // All have looked, and all but the first are late to remove what they saw.
    const { rm } = fs;
    let removals = 0;
    fs.rm = async (...args) => {
      if (args[0] === join(at, 'lock') && removals++ > 0) await setTimeout(150);
      return rm(...args);
    };
    syncBuiltinESMExports();
    let inside = 0;
    const most = await Promise.all(
      [1, 2, 3].map(() =>
        withLock(at, async () => {
          const together = ++inside;
          await setTimeout(250);
          inside--;
          return together;
        }),
      ),
    ).finally(() => {
      fs.rm = rm;
      syncBuiltinESMExports();
    });
    expect(most).toEqual([1, 1, 1]);
    expect(await readdir(at)).toEqual([]);
  });

  it('is removed where whoever was to remove it is gone as well', async () => {
    const at = join(folder, 'gone-twice');
    await mkdir(at);
    for (const name of ['lock', 'lock.abandoned']) await writeFile(join(at, name), '4194304999');
    expect(await withLock(at, async () => 'in')).toBe('in');
    expect(await readdir(at)).toEqual([]);
  });

  it('stays where it is when another cannot open files any more', async () => {
    const at = join(folder, 'no-more-files');
    const { open, readFile, writeFile } = fs;
    const none = async (): Promise<never> => {
      throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    };
    await withLock(at, async () => {
      Object.assign(fs, { open: none, readFile: none, writeFile: none });
      syncBuiltinESMExports();
      const refused = await withLock(at, async () => {}, 100).catch((error: unknown) => error);
      Object.assign(fs, { open, readFile, writeFile });
      syncBuiltinESMExports();
      expect(refused).toMatchObject({ code: 'EMFILE' });
      expect(await readdir(at)).toEqual(['lock']);
    });
  });

  it('is taken over where its writer was killed before it was filled', async () => {
    const at = join(folder, 'empty');
    await mkdir(at);
    await writeFile(join(at, 'lock'), '');
    expect(await withLock(at, async () => 'in', 100)).toBe('in');
  });

  it('is not taken from whoever has just made it, and fills it in a moment', async () => {
    const at = join(folder, 'just-made');
    await mkdir(at);
    await writeFile(join(at, 'lock'), '');
    // Others that have waited remove it and make it anew, again and again.
    const anew = setInterval(() => utimes(join(at, 'lock'), new Date(), new Date()).catch(() => {}), 10);
    const late = await withLock(at, async () => 'in', 300).catch((error: unknown) => error);
    clearInterval(anew);
    expect(late).toBeInstanceOf(Refused);
    expect(await readdir(at)).toEqual(['lock']);
  });
});
