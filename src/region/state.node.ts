import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeJson } from '../codec/json.ts';
import type { Value } from '../codec/value.ts';
import type { Memory } from '../document/generated/types.ts';
import { validateMemory } from '../document/generated/validators.js';
import { readJson } from './pack.ts';

/**
 * What a gateway keeps beside its store, in a folder of its own that only its account can read: what it has seen before.
 * Removing the folder forgets it, which is right after a store was begun anew or a clock was wrong in the future.
 */
export const stateFolderOf = (store: string): string => `${store.replace(/[/\\]+$/, '')}.state`;

/** Where the root that a signed store begins with lies, unless the configuration says otherwise. */
export const pinBeside = (store: string): string => `${store.replace(/[/\\]+$/, '')}.root.json`;

const MEMORY = 'memory.json';

/** What was remembered; undefined if nothing was yet. Errors: PackError for a file that cannot be read as one. */
export async function readMemory(store: string): Promise<Memory | undefined> {
  const bytes = await readState(store, MEMORY);
  return bytes && readJson<Memory>(join(stateFolderOf(store), MEMORY), bytes, validateMemory);
}

export const writeMemory = (store: string, memory: Memory): Promise<void> =>
  writeState(store, MEMORY, `${writeJson(memory as unknown as Value)}\n`);

/** Forgets everything. */
export const forget = (store: string): Promise<void> => rm(stateFolderOf(store), { recursive: true, force: true });

/** A file of the folder; undefined if it is not there. */
export async function readState(store: string, name: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(join(stateFolderOf(store), name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file so that nobody ever reads half of it, and nobody else at all. */
export async function writeState(store: string, name: string, content: Uint8Array | string): Promise<void> {
  const path = join(stateFolderOf(store), name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Two processes that write at the same time each have a file of their own.
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, content, { mode: 0o600 });
  await rename(fresh, path);
}

const SERVED = /^served-by-([0-9]{1,10})$/;

/** Notes that this process serves the store. Out: takes the note away. An account that may only read serves all the same. */
export async function markServed(store: string): Promise<() => Promise<void>> {
  const name = `served-by-${process.pid}`;
  try {
    await writeState(store, name, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return async () => {};
  }
  return () => rm(join(stateFolderOf(store), name), { force: true });
}

/**
 * Another process that serves the store; undefined if none does. What one left that was killed is cleared away; one with this
 * process's own number was killed as well (in a container all have the same).
 */
export async function servedBy(store: string): Promise<number | undefined> {
  const folder = stateFolderOf(store);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const pid = Number(SERVED.exec(name)?.[1]);
    if (Number.isNaN(pid)) continue;
    if (pid !== process.pid && isRunning(pid)) return pid;
    await rm(join(folder, name), { force: true });
  }
  return undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It may be another account's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
