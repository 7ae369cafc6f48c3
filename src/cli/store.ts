import { randomBytes } from 'node:crypto';
import { nodePlatform } from '../crypto/platform.node.ts';
import { type Federation, loadFederation } from '../region/federation.ts';
import { readFolder } from '../region/folder.node.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { StoreError } from '../store/error.ts';
import { openStore, type Store } from '../store/store.ts';
import { type Io, UsageError } from './io.ts';
import { notUsed } from './render.ts';

/** Loads the store a command works on, and hints at what in it could not be used. */
export async function loadStore(folder: string, io: Io): Promise<Federation> {
  const federation = loadFederation(await readFolder(folder), nodePlatform);
  for (const part of federation.rejected.slice(0, 10)) io.hint(notUsed(part));
  if (federation.rejected.length > 10)
    io.hint(`not used: ${federation.rejected.length - 10} more; see "tongren trust status"`);
  return federation;
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
