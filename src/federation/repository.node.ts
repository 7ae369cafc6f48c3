import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { sameBytes } from '../codec/bytes.ts';
import { Broken } from '../document/broken.ts';
import type { Localized } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { readMetadata } from '../trust/tuf/metadata.ts';
import { metadataName } from '../trust/tuf/paths.ts';
import { unlessRefused } from '../trust/tuf/troubles.ts';
import { Refused } from './refused.ts';
import { newest, type Repository } from './tuf-publish.ts';

/**
 * A published store as a folder: `metadata/…` and `targets/…`, as any static server can hand it out.
 *
 * Whoever reads it, or looks at it after the writer was killed, finds the old store or the new one. Names of new files
 * are new (they hold a version or a digest), and nothing points to them until `timestamp.json` is replaced by one
 * rename. A new root comes after that, because every client looks for it at once: what is published together with it is
 * signed so that the old root vouches for it as well (proposal.ts).
 */
const MAX_BYTES = 2 * 1024 * 1024 * 1024;
const TIMESTAMP = metadataName('timestamp');
const ROOT = /^metadata\/(\d{1,15})\.root\.json$/;

/**
 * Reads what is in force. Files that a killed writer left, and that nothing points to, are not part of it.
 *
 * @throws Refused for a folder that lost its timestamp: taken for an empty one, another federation could be founded over it
 */
export async function readRepository(folder: string): Promise<Repository> {
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  for (const part of ['metadata', 'targets']) {
    for (const file of await filesIn(join(folder, part))) {
      const content = await readFile(file);
      bytes += content.length;
      if (bytes > MAX_BYTES)
        throw new Broken('repository', `${folder}: more than ${MAX_BYTES} bytes`, 'LIMIT_EXCEEDED');
      files.set(relative(folder, file).split(sep).join('/'), new Uint8Array(content));
    }
  }
  return inForce(files, folder);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(UNFINISHED))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Without a timestamp there is no store yet; with one, no role is newer than the snapshot that it points to says. */
function inForce(files: ReadonlyMap<string, Uint8Array>, folder: string): Repository {
  const bytes = files.get(TIMESTAMP);
  if (bytes === undefined) {
    // Whoever was killed while founding left first versions alone.
    if ([...files.keys()].some((file) => /^metadata\/(?!1\.)\d{1,15}\./.test(file)))
      throw lost(say(`${folder}：缺少 ${TIMESTAMP}`, `${folder}: ${TIMESTAMP} is missing`));
    return new Map();
  }
  const timestamp = unlessRefused(() => readMetadata(bytes, 'timestamp'));
  if (timestamp === undefined) throw lost(say(`${folder}：${TIMESTAMP} 已损坏`, `${folder}: ${TIMESTAMP} is damaged`));
  const { version } = timestamp.body.snapshot;
  const named = files.get(metadataName('snapshot', version));
  const snapshot = named && unlessRefused(() => readMetadata(named, 'snapshot'));
  if (snapshot === undefined) return files;
  const most = (name: string): number =>
    name === 'snapshot.json' ? version : (snapshot.body.meta.get(decodeURIComponent(name))?.version ?? 0);
  return new Map(
    [...files].filter(([file]) => {
      const [, digits, name] = /^metadata\/(\d{1,15})\.(.+)$/.exec(file) ?? [];
      return name === undefined || name === 'root.json' || Number(digits) <= most(name);
    }),
  );
}

const lost = (what: Localized): Refused =>
  new Refused(
    what,
    say(
      '请从镜像或备份完整复制；不要在此另建联盟',
      'copy it whole from a mirror or a backup; do not found another federation here',
    ),
  );

const UNFINISHED = '.unfinished';

/** Writes what of `after` is not in the folder. Nothing is ever removed: clients that are behind follow old versions. */
export async function writeRepository(folder: string, before: Repository, after: Repository): Promise<string[]> {
  const fresh = [...after].filter(([file, bytes]) => {
    const old = before.get(file);
    return old === undefined || !sameBytes(old, bytes);
  });
  const founding = newest(before, 'root') === undefined;
  const order = ([file]: readonly [string, Uint8Array]): number =>
    file.startsWith('targets/') ? 0 : file === TIMESTAMP ? 3 : !ROOT.test(file) ? 2 : founding ? 1 : 4;
  fresh.sort((one, other) => order(one) - order(other) || (one[0] < other[0] ? -1 : 1));
  await sweep(folder);
  for (const [file, bytes] of fresh) await writeWhole(join(folder, file), bytes);
  return fresh.map(([file]) => file);
}

/** What a killed writer had begun. */
async function sweep(folder: string): Promise<void> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of all)
    if (entry.isFile() && entry.name.endsWith(UNFINISHED)) await rm(join(entry.parentPath, entry.name));
}

/** The whole file under its name, or not at all; on the disk when this returns. */
export async function writeWhole(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const unfinished = `${path}.${randomBytes(6).toString('hex')}${UNFINISHED}`;
  const handle = await open(unfinished, 'wx', mode);
  try {
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    // On a full disk it would take the room that is to be made; and it may be half of a private key.
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** A rename is on the disk when its folder is. Some systems cannot open folders: there this is left to them. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'EISDIR') throw error;
  } finally {
    await handle?.close();
  }
}
