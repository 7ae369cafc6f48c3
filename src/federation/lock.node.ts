import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused } from './refused.ts';

/** Runs while nobody else writes in this folder. A lock whose process is gone does not count. Errors: Refused. */
export async function withLock<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const file = join(folder, 'lock');
  await mkdir(folder, { recursive: true });
  await take(file);
  try {
    return await run();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, again = true): Promise<void> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = Number(await readFile(file, 'utf8').catch(() => ''));
    if (!again || isRunning(owner)) throw new Refused(`somebody else is writing here (process ${owner})`, file);
    await rm(file, { force: true });
    await take(file, false);
  }
}

function isRunning(pid: number): boolean {
  // An empty file: its writer was killed between making and filling it, or is just about to.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
