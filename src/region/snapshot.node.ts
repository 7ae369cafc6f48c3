import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coreChoice } from '../crypto/core/use.ts';
import { readState, writeState } from './state.node.ts';
import type { VerifiedRegion, VerifiedRegions } from './verified.ts';

/**
 * The verified issuers of a store, which packs were found in order, and which signatures of signed metadata came out good,
 * kept so that a gateway is ready at once after a start. Whoever could write this file would name the keys that are trusted:
 * it counts only under a MAC by a key that the gateway's account alone can read, for the very software that made it, and each
 * region in it only for the very files it was made from.
 */
const FILE = 'issuers.snapshot';
const KEY = 'snapshot.key';
const MAC_BYTES = 32;

export interface Snapshot {
  readonly regions: VerifiedRegions;
  /** Names that a platform which remembers gave of what came out good (crypto/remembering.ts). */
  readonly signatures: readonly string[];
  /** Why what lies there is not used; undefined if it is, or if nothing lies there. */
  readonly refused: string | undefined;
}

const nothing = (refused?: string): Snapshot => ({ regions: new Map(), signatures: [], refused });

/** Reads the snapshot of a store. One that is altered, cut short or another software's is not used, and says so. */
export async function readSnapshot(store: string): Promise<Snapshot> {
  const [file, key] = await Promise.all([readState(store, FILE), readState(store, KEY)]);
  if (file === undefined) return nothing();
  if (key === undefined || key.length !== MAC_BYTES) return nothing('its key is not there');
  const body = file.subarray(MAC_BYTES);
  // Before anything of it is looked at.
  if (file.length < MAC_BYTES || !timingSafeEqual(macOf(key, body), file.subarray(0, MAC_BYTES)))
    return nothing('it was altered');
  const { software, regions, signatures } = JSON.parse(new TextDecoder().decode(body)) as Kept;
  if (software !== checkedBy()) return nothing();
  return { regions: new Map(regions), signatures, refused: undefined };
}

interface Kept {
  readonly software: string;
  readonly regions: readonly (readonly [string, VerifiedRegion])[];
  readonly signatures: readonly string[];
}

export async function writeSnapshot(store: string, { regions, signatures }: Omit<Snapshot, 'refused'>): Promise<void> {
  let key = await readState(store, KEY);
  if (key?.length !== MAC_BYTES) {
    key = new Uint8Array(randomBytes(MAC_BYTES));
    await writeState(store, KEY, key);
  }
  const kept: Kept = { software: checkedBy(), regions: [...regions], signatures };
  const body = new TextEncoder().encode(JSON.stringify(kept));
  await writeState(store, FILE, Buffer.concat([macOf(key, body), body]));
}

const macOf = (key: Uint8Array, body: Uint8Array): Buffer => createHmac('sha256', key).update(body).digest();

/** The rooms that read packs and certificates, and check keys. */
const ROOMS = ['codec', 'crypto', 'document', 'format', 'judge', 'region', 'trust'];
let digest: string | undefined;

/**
 * A digest of the very files that do the checking, and of what they were installed with: a version number stays the same
 * while the code of a clone changes, and a repaired check must act at once. With it stands who checked: what a faulty core found
 * good counts for nothing where it is judged, or not used.
 */
function checkedBy(): string {
  digest ??= hash('sha256', [process.version, ...checkers()].join('\n'));
  return `${digest} ${coreChoice().use}`;
}

function checkers(): string[] {
  // A build puts these rooms, and the packages they call, into this one file, whose name holds a hash of them (scripts/build.ts).
  // Size and time tell one that somebody has changed by hand.
  if (!import.meta.url.endsWith('.ts')) {
    const { size, mtimeMs } = statSync(new URL(import.meta.url));
    return [import.meta.url, `${size} ${mtimeMs}`];
  }
  const source = fileURLToPath(new URL('../', import.meta.url));
  const files = ROOMS.flatMap((room) =>
    readdirSync(join(source, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  ).sort();
  return [lockDigest(), ...files.map((path) => `${path.slice(source.length)} ${hash('sha256', readFileSync(path))}`)];
}

function lockDigest(): string {
  try {
    return hash('sha256', readFileSync(new URL('../../package-lock.json', import.meta.url)));
  } catch {
    // A package that was installed has none of its own.
    return '';
  }
}
