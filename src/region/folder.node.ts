import { closeSync, openSync, readSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PackError, type ReadFilePart } from './pack.ts';

/** The declarations that come with the project: regions and their formats, without keys. */
export const DECLARATIONS = fileURLToPath(new URL('../../trust-store/', import.meta.url));

const MAX_FILES = 100_000;
const MAX_BYTES = 1024 * 1024 * 1024;

/** What is read in parts, when it is needed: the files that confirm packed sets are larger than all the rest. */
const LEFT_ON_DISK = '.confirm';

/** Reads parts of the files of a store that were left where they are. */
export const partsOf =
  (folder: string): ReadFilePart =>
  (file, offset, length) => {
    if (!file.endsWith(LEFT_ON_DISK)) return undefined;
    let handle: number | undefined;
    try {
      handle = openSync(join(folder, file), 'r');
      const bytes = new Uint8Array(length);
      return readSync(handle, bytes, 0, length, offset) === length ? bytes : undefined;
    } catch {
      // Whatever the reason: what it would have confirmed stays unconfirmed.
      return undefined;
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
  };

/** There is no folder of this name. */
export class NoFolder extends PackError {}

/** Reads a store folder into memory. In: its path. Out: files by path relative to it, `/` between parts. Links are not followed. */
export async function readFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory())
    throw new NoFolder(folder, '', 'there is no store here; "npm start" mints the reference federation into var/store');
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith(LEFT_ON_DISK)) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    bytes += content.length;
    if (files.size >= MAX_FILES || bytes > MAX_BYTES)
      throw new PackError(folder, '', 'the store holds too many files, or too large ones');
    files.set(relative(folder, path).split(sep).join('/'), content);
  }
  return files;
}
