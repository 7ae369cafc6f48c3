import { randomBytes } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nodePlatform } from '../crypto/platform.node.ts';
import { validateChallengeAsk } from '../document/generated/validators.js';
import { type Federation, loadFederation } from '../region/federation.ts';
import { DECLARATIONS, partsOf, readFolder } from '../region/folder.node.ts';
import { readSnapshot, writeSnapshot } from '../region/snapshot.node.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { readMemory, writeMemory } from '../region/state.node.ts';
import { StoreError } from '../store/error.ts';
import { openStore, type Store } from '../store/store.ts';
import { type Io, UsageError } from './io.ts';
import { notUsed } from './render.ts';

/**
 * Loads the store a command works on, with what was seen of it before, and hints at what in it could not be used. What is
 * seen now is remembered.
 */
export async function loadStore(folder: string, io: Io): Promise<Federation> {
  const files = await readFolder(folder);
  const memory = await readMemory(folder);
  const { regions: verified, refused } = await readSnapshot(folder);
  if (refused !== undefined) io.hint(`the snapshot of verified issuers is not used: ${refused}`);
  const now = io.clock();
  const federation = loadFederation(files, nodePlatform, { memory, verified, now, readPart: partsOf(folder) });
  await keeping(io, async () => {
    if (JSON.stringify(memory) !== JSON.stringify(federation.memory)) await writeMemory(folder, federation.memory);
    const known = [...federation.verified].every(([region, each]) => verified.get(region) === each);
    if (!known || verified.size !== federation.verified.size) await writeSnapshot(folder, federation.verified);
  });
  for (const part of federation.rejected.slice(0, 10)) io.hint(notUsed(part));
  if (federation.rejected.length > 10)
    io.hint(`not used: ${federation.rejected.length - 10} more; see "tongren trust status"`);
  return federation;
}

/** An account that may only read can verify all the same; it is slower to start, and finds out less. */
async function keeping(io: Io, run: () => Promise<void>): Promise<void> {
  await run().catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error;
    io.hint(`what was seen of this store cannot be kept (${error.code})`);
  });
}

/** The standpoint of a verifying region, for a purpose that the catalogue has. */
export function standpointFor(federation: Federation, region: string, purpose: string, io: Io): Standpoint {
  const standpoint = federation.standpoint(region, io.clock);
  if (standpoint === undefined) {
    throw new UsageError(`no region ${region} in this store`, `it has: ${[...federation.regions.keys()].join(', ')}`);
  }
  if (!standpoint.purposes.has(purpose)) {
    throw new UsageError(
      `no purpose "${purpose}" in the catalogue`,
      `it has: ${[...standpoint.purposes.keys()].join(', ')}`,
    );
  }
  return standpoint;
}

/** A checkpoint's code. Errors: UsageError; the value is not repeated, for it may be a name. */
export function checkpointOf(code: string): string {
  if (validateChallengeAsk({ checkpoint: code })) return code;
  throw new UsageError('--checkpoint is no code of a checkpoint', 'letters, digits and . _ : / -, as in G2-01');
}

/** As the database knows whoever asks from here. */
export const COMMAND_LINE = 'command-line';

export const randomOctets = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Opens the database for a piece of work, and closes it. Errors: UsageError if it cannot be had. */
export async function withDatabase<T>(address: string, run: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(address, { random: randomOctets }).catch((error: unknown) => {
    if (error instanceof StoreError) throw new UsageError(`TONGREN_DATABASE: ${error.message}`);
    throw error;
  });
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

/** A store that does not exist yet begins with the declarations that come with the project, without any issuer. */
export async function addToStore(
  store: string,
  region: string,
  added: ReadonlyMap<string, Uint8Array | string>,
): Promise<void> {
  const files = new Map(added);
  if ((await stat(join(store, 'federation.json')).catch(() => undefined)) === undefined) {
    for (const [name, bytes] of await readFolder(DECLARATIONS))
      if (!name.endsWith('.recipe.json')) files.set(name, bytes);
  }
  if (
    !files.has(`regions/${region}/region.json`) &&
    (await stat(join(store, 'regions', region, 'region.json')).catch(() => undefined)) === undefined
  ) {
    throw new UsageError(`the store has no region ${region}`, 'add its region.json first (docs/add-a-region.md)');
  }
  for (const [name, content] of files) {
    const path = join(store, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, content);
    await rename(`${path}.new`, path);
  }
}
