import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
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
  await mkdir(folder, { recursive: true });
  return withLockFile(join(folder, 'lock'), run, patience);
}

/** The same for a folder in which a lock would be taken for content: the file lies elsewhere. */
export async function withLockFile<T>(file: string, run: () => Promise<T>, patience = PATIENCE_MS): Promise<T> {
  let emptyUntilNow = true;
  for (let waited = 0; !(await taken(file)); waited += PAUSE_MS) {
    const owner = await ownerOf(file);
    if (owner !== '') emptyUntilNow = false;
    if (waited >= patience) {
      if (!emptyUntilNow) throw heldBy(file, owner);
      // Whoever is about to fill it does so at once: the writer of this one was killed just there.
      await removeIf(async () => (await ownerOf(file)) === '' && (await ageOf(file)) >= patience, file);
      waited = 0;
      emptyUntilNow = false;
    } else await setTimeout(PAUSE_MS);
  }
  try {
    return await run();
  } finally {
    await rm(file, { force: true });
  }
}

const heldBy = (file: string, owner: string): Refused =>
  new Refused(
    say(`别人正在写入（进程 ${owner}）`, `somebody else is writing here (process ${owner})`),
    say(
      `请稍后重新运行；若并无 tongren 命令在运行，请删除锁文件 ${file} 再运行`,
      `run it again later; if no command of tongren is running, remove the lock ${file} first`,
    ),
  );

const ownerOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

async function taken(file: string): Promise<boolean> {
  const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (handle === undefined) {
    const gone = async (): Promise<boolean> => isGone(await ownerOf(file));
    if (await gone()) await removeIf(gone, file);
    return false;
  }
  try {
    await handle.writeFile(String(process.pid));
    return true;
  } catch (error) {
    // A full disk makes the file and cannot fill it: it would keep everybody out.
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Removes a lock that nobody holds. Of several who find it, the second would remove what somebody has taken since. So they
 * take turns, under a lock of its own, and look again: while it is held, nobody but its holder removes what lies there.
 */
const removeIf = (abandoned: () => Promise<boolean>, file: string): Promise<void> =>
  withLockFile(`${file}.abandoned`, async () => {
    if (await abandoned()) await rm(file, { force: true });
  });

/** Milliseconds since it was made; less than any if it is not there. One that was just made is empty for a moment. */
const ageOf = async (file: string): Promise<number> => {
  const made = await stat(file).catch(() => undefined);
  return made === undefined ? Number.NEGATIVE_INFINITY : Date.now() - made.mtimeMs;
};

const isGone = (owner: string): boolean => owner !== '' && !isRunning(Number(owner));

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
