import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RegionManifest } from '../../document/generated/types.ts';
import { type Validate, validateRegion } from '../../document/generated/validators.js';
import { say } from '../../document/say.ts';
import { exists, instantOf } from '../../document/time.ts';
import { withLockFile } from '../../federation/lock.node.ts';
import { packFiles } from '../../federation/pack-files.node.ts';
import { openPublished, type Published, storeOf } from '../../federation/published.ts';
import { Refused } from '../../federation/refused.ts';
import { readRepository } from '../../federation/repository.node.ts';
import { DECLARATIONS, readFolder } from '../../region/folder.node.ts';
import { PackError, readJson } from '../../region/pack.ts';
import { type Io, UsageError } from '../io.ts';
import { NOT_WRITTEN, next, tell } from '../tell.ts';
import { badMoment, noSuchFolder } from '../usage.ts';

/** A pack on its way into a store: its region, and its files as the store would hold them. */
export interface PackAtHand {
  readonly id: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Errors: UsageError for no folder, Refused for one without `region.json`, PackError for one in which that is not good. */
export async function packAt(folder: string): Promise<PackAtHand> {
  const file = 'region.json';
  // Not in the words of a missing store: that one begins is no help to who mistyped the folder of a pack.
  if (!existsSync(folder)) throw noSuchFolder(folder);
  const files = await readFolder(folder);
  if (!files.has(file))
    throw new Refused(
      say(`${folder}：不是地区包，没有 ${file}`, `${folder}: no pack, for it has no ${file}`),
      say('region new 可新建', 'region new makes one'),
    );
  const { region } = readJson<RegionManifest>(join(folder, file), files.get(file), validateRegion);
  return { id: region, files: await packFiles(folder, region) };
}

/** The store of the other members: a published one, or a plain folder; else the declarations that come with the project. */
export async function othersAt(folder: string | undefined): Promise<ReadonlyMap<string, Uint8Array>> {
  if (folder === undefined) return readFolder(DECLARATIONS);
  const published = repositoryIn(folder);
  return published === undefined ? readFolder(folder) : storeOf(openPublished(await readRepository(published)));
}

const repositoryIn = (folder: string): string | undefined =>
  [folder, join(folder, 'repository')].find((each) => existsSync(join(each, 'metadata/timestamp.json')));

/** A published store with all its versions. Errors: UsageError for a folder that is none. */
export async function publishedIn(folder: string): Promise<Published> {
  if (!existsSync(folder)) throw noSuchFolder(folder);
  const repository = repositoryIn(folder);
  if (repository === undefined)
    throw new UsageError(say(`${folder}：不是已发布的信任库`, `${folder}: no published store`));
  return openPublished(await readRepository(repository));
}

/** Two who change a pack at once would each count from what they have read, and one change would be lost. */
export const changing = <T>(dir: string, { apply }: { readonly apply?: boolean }, run: () => Promise<T>): Promise<T> =>
  apply === true && existsSync(dir) ? withLockFile(`${resolve(dir)}.lock`, run) : run();

/** The command that comes next, with what only the operator knows between angle brackets. */
export const nextIsPublish = (id: string, dir: string, more = ''): string =>
  next(`npx tongren federation publish ${id} ${dir} ${more}--dir <desk> --key <key> --apply`);

/** What a command says in the end that changed a pack, or would. */
export function hintPublish(apply: boolean | undefined, id: string, dir: string, io: Io): void {
  if (apply) io.hint(nextIsPublish(id, dir));
  else tell(io.hint, NOT_WRITTEN);
}

/** Now, to the second, and since when something is said to hold: `--since`, or now. Errors: UsageError. */
export function momentsOf(stated: string | undefined, io: Io): { readonly now: string; readonly since: string } {
  const now = instantOf(io.clock() - (io.clock() % 1000));
  const since = stated ?? now;
  if (!exists(since) || !since.endsWith('Z')) throw badMoment('--since');
  return { now, since };
}

/** Errors: PackError for what a file of the pack is to hold and may not. */
export function mustFit(file: string, content: unknown, validate: Validate): void {
  if (validate(content)) return;
  const { instancePath = '', message = 'does not fit' } = validate.errors?.[0] ?? {};
  throw new PackError(file, instancePath, message);
}
