import { hash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sameBytes } from '../codec/bytes.ts';
import { writeJson } from '../codec/json.ts';
import type { Value } from '../codec/value.ts';
import type { Platform } from '../crypto/platform.ts';
import type { KeptIndex } from '../document/generated/types.ts';
import { validateKeptIndex } from '../document/generated/validators.js';
import { answerFrom } from '../trust/tuf/asking.ts';
import { FEDERATION } from '../trust/tuf/federation-profile.ts';
import { readMetadata } from '../trust/tuf/metadata.ts';
import type { Keyholders } from '../trust/tuf/profile.ts';
import { newestRoot, openRoot } from '../trust/tuf/root.ts';
import type { TufState } from '../trust/tuf/state.ts';
import { TufRefusal, unlessRefused } from '../trust/tuf/troubles.ts';
import { PackError, readJson } from './pack.ts';
import { type GoodVersion, type KeptStore, rootFile } from './signed.ts';
import { stateFolderOf } from './state.node.ts';

/**
 * What a gateway keeps of a signed store, in its state folder: one index, and every content once under its SHA-256. A
 * process that is killed leaves the old index or the new one, and all that either names. Nothing is believed when it is
 * read again: the caller verifies it from the pinned root down.
 */
const INDEX = 'store.json';
const PARTS = 'parts';
/** Another process may just be writing an index that names them. */
const UNUSED_MS = 3_600_000;

/** What was kept, and whether all of it lies there: then nothing of it need be written. */
export interface FoundStore extends KeptStore {
  readonly whole: boolean;
}

/**
 * Reads what was kept of a store; undefined if nothing was. A content that is damaged counts as not there, and is fetched
 * again.
 *
 * @param pinned the root that this gateway begins with: what is kept must lead on from it
 * @throws PackError if what is kept does not, or cannot be read: begun anew, versions that were seen would be forgotten
 */
export async function readKept(store: string, pinned: Uint8Array, platform: Platform): Promise<FoundStore | undefined> {
  const folder = stateFolderOf(store);
  const bytes = await readFile(join(folder, INDEX)).catch(ifThere);
  if (bytes === undefined) return undefined;
  const index = readJson<KeptIndex>(join(folder, INDEX), new Uint8Array(bytes), validateKeptIndex);
  let whole = true;
  const part = (digest: string): Uint8Array | undefined => {
    const found = readPart(folder, digest);
    whole &&= found !== undefined;
    return found;
  };
  const parts = (named: Readonly<Record<string, string>>): Map<string, Uint8Array> =>
    new Map(
      Object.entries(named).flatMap(([name, digest]) => {
        const found = part(digest);
        return found === undefined ? [] : [[name, found] as const];
      }),
    );
  const roots = index.roots.map(part);
  const good = Object.entries(index.good).map(([unit, version]) => {
    const file = version === null ? undefined : part(version.file);
    const found: GoodVersion | undefined = file && { file, files: parts(version!.files) };
    return [unit, found] as const;
  });
  const chain = leadingOnFrom(pinned, roots, store, platform);
  return {
    roots: chain,
    state: {
      root: chain.at(-1)!,
      timestamp: index.timestamp === undefined ? undefined : part(index.timestamp),
      snapshot: index.snapshot === undefined ? undefined : part(index.snapshot),
      roles: parts(index.roles),
      files: parts(index.files),
      keyholders: new Map(Object.entries(index.keyholders as Readonly<Record<string, Keyholders>>)),
    },
    good: new Map(good),
    whole: whole && chain.length === roots.length,
  };
}

/** Whether the chain of root files still holds, link by link. */
function leadingOnFrom(
  pinned: Uint8Array,
  roots: readonly (Uint8Array | undefined)[],
  store: string,
  platform: Platform,
): readonly Uint8Array[] {
  const file = join(stateFolderOf(store), INDEX);
  const kept = roots.filter((root) => root !== undefined);
  if (kept.length < roots.length) throw damaged(file, 'a root file that was kept is damaged');
  const context = { platform, profile: FEDERATION, now: Number.MAX_SAFE_INTEGER };
  // An installation that was renewed may bring a newer root than was seen yet.
  const whole = kept.some((root) => sameBytes(root, pinned)) ? kept : [...kept, pinned];
  try {
    const files = new Map(whole.map((root) => [rootFile(root), root]));
    const newest = answerFrom(newestRoot(openRoot(whole[0]!, context), context, []), files);
    if (sameBytes(newest.bytes, whole.at(-1)!)) return whole;
  } catch (error) {
    if (!(error instanceof TufRefusal)) throw error;
  }
  try {
    openRoot(pinned, context);
  } catch (error) {
    // Removing what was kept would help nothing, and forget which versions were seen.
    if (error instanceof TufRefusal) throw unusableRoot(store, error);
    throw error;
  }
  throw damaged(file, 'what was kept of this store and the root that is pinned do not follow from each other');
}

/** For a pinned root that is none. */
export const unusableRoot = (store: string, { code, message }: TufRefusal): PackError =>
  new PackError(
    store,
    '',
    `the root that is pinned cannot be used: ${code} (${message}); get it again by a way you trust, and name it in TONGREN_ROOT`,
    `固定的根文件不能用（${code}）；请经可信途径重新取得，并写入 TONGREN_ROOT`,
  );

const damaged = (file: string, reason: string): PackError =>
  new PackError(
    file,
    '',
    `${reason}; remove the folder to begin anew with the pinned root`,
    '留存的内容已损坏，或与固定的根接不上；请先查对 TONGREN_ROOT，确认无误后移走所在文件夹，即从固定的根重新开始',
  );

/** A hundred small files, read before anything else can go on: one by one that costs a tenth of what promises do. */
function readPart(folder: string, digest: string): Uint8Array | undefined {
  try {
    const bytes = new Uint8Array(readFileSync(`${folder}/${PARTS}/${digest}`));
    return digestOf(bytes) === digest ? bytes : undefined;
  } catch (error) {
    return ifThere(error as NodeJS.ErrnoException);
  }
}

/**
 * Whether another process (a command beside the server) has kept something newer meanwhile: written over, what it has seen
 * would be forgotten. More roots are newer; among as many, the later timestamp.
 */
function isBehind(folder: string, bytes: Uint8Array, { roots, state }: KeptStore): boolean {
  const index = unlessFaulty(() => readJson<KeptIndex>(INDEX, new Uint8Array(bytes), validateKeptIndex));
  if (index === undefined) return false;
  if (index.roots.length !== roots.length) return index.roots.length > roots.length;
  const held = index.timestamp === undefined ? undefined : readPart(folder, index.timestamp);
  return versionOf(held) > versionOf(state.timestamp);
}

const versionOf = (timestamp: Uint8Array | undefined): number =>
  (timestamp && unlessRefused(() => readMetadata(timestamp, 'timestamp').version)) ?? 0;

function unlessFaulty<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof PackError) return undefined;
    throw error;
  }
}

/** Writes what is to be kept: contents first, then the index in one step, then what nobody names is removed. */
export async function writeKept(store: string, kept: KeptStore, now: number): Promise<void> {
  const folder = stateFolderOf(store);
  const named = new Map<string, Uint8Array>();
  const index = indexOf(kept, (bytes) => {
    const digest = digestOf(bytes);
    named.set(digest, bytes);
    return digest;
  });
  const text = Buffer.from(`${writeJson(index as unknown as Value)}\n`);
  const held = await readFile(join(folder, INDEX)).catch(ifThere);
  const changed = held === undefined || !sameBytes(held, text);
  if (held !== undefined && changed && isBehind(folder, held, kept)) return;
  await mkdir(join(folder, PARTS), { recursive: true, mode: 0o700 });
  const there = new Set(await readdir(join(folder, PARTS)));
  // One that was damaged is written over: what another process has put there meanwhile is the same.
  const fresh = [...named].filter(([digest]) => !there.has(digest) || readPart(folder, digest) === undefined);
  for (let i = 0; i < fresh.length; i += AT_ONCE)
    await Promise.all(
      fresh.slice(i, i + AT_ONCE).map(([digest, bytes]) => writeWhole(join(folder, PARTS), digest, bytes)),
    );
  if (fresh.length > 0) await syncFolder(join(folder, PARTS));
  // Made durable it waits for the disk; what lies there already need not.
  if (changed) {
    await writeWhole(folder, INDEX, text);
    await syncFolder(folder);
  }
  for (const digest of there) if (!named.has(digest)) await removeUnused(join(folder, PARTS, digest), now);
}

function indexOf({ state, roots, good }: KeptStore, name: (bytes: Uint8Array) => string): KeptIndex {
  const names = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
    Object.fromEntries([...files].map(([path, bytes]) => [path, name(bytes)]));
  const { timestamp, snapshot, roles, files, keyholders }: TufState = state;
  return {
    roots: roots.map(name) as KeptIndex['roots'],
    ...(timestamp === undefined ? {} : { timestamp: name(timestamp) }),
    ...(snapshot === undefined ? {} : { snapshot: name(snapshot) }),
    roles: names(roles),
    files: names(files),
    keyholders: Object.fromEntries(keyholders) as unknown as KeptIndex['keyholders'],
    good: Object.fromEntries(
      [...good].map(([unit, version]) => [
        unit,
        version === undefined ? null : { file: name(version.file), files: names(version.files) },
      ]),
    ),
  };
}

const digests = new WeakMap<Uint8Array, string>();
function digestOf(bytes: Uint8Array): string {
  let digest = digests.get(bytes);
  if (digest === undefined) {
    digest = hash('sha256', bytes);
    digests.set(bytes, digest);
  }
  return digest;
}

/** Files that are written side by side: each waits for the disk. */
const AT_ONCE = 32;

/** A file beside, made durable, then moved into place. The move is durable once the folder is (`syncFolder`). */
async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const fresh = join(folder, `.${name}.${randomBytes(6).toString('hex')}`);
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, join(folder, name));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  // Windows has no such thing for folders.
  await handle?.sync().catch(() => {});
  await handle?.close();
}

async function removeUnused(path: string, now: number): Promise<void> {
  const info = await stat(path).catch(ifThere);
  if (info !== undefined && now - info.mtimeMs > UNUSED_MS) await rm(path, { force: true });
}

function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
