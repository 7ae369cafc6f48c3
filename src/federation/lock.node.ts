import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { say } from '../document/say.ts';
import { Refused } from './refused.ts';

/** How long somebody else may take. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/**
 * Runs while nobody else writes in this folder. Others are waited for; a lock whose process is gone does not count. Errors:
 * Refused if it takes too long.
 */
export async function withLock<T>(folder: string, run: () => Promise<T>, patience = PATIENCE_MS): Promise<T> {
  const file = join(folder, 'lock');
  await mkdir(folder, { recursive: true });
  for (let waited = 0; !(await taken(file)); waited += PAUSE_MS) {
    if (waited >= patience)
      throw new Refused(
        say('别人正在写入', 'somebody else is writing here'),
        say(`锁文件 ${file}`, `the lock is ${file}`),
      );
    await setTimeout(PAUSE_MS);
  }
  try {
    return await run();
  } finally {
    await rm(file, { force: true });
  }
}

async function taken(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = await readFile(file, 'utf8').catch(() => '');
    // Empty: its writer is about to fill it. One that was killed just there has to be taken away by hand.
    if (owner !== '' && !isRunning(Number(owner))) await rm(file, { force: true });
    return false;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
