import { sameBytes } from '../codec/bytes.ts';
import { say } from '../document/say.ts';
import { isList } from '../region/quarantine.ts';
import { readMetadata } from '../trust/tuf/metadata.ts';
import { metadataName } from '../trust/tuf/paths.ts';
import { FEDERATION_ROLE } from '../trust/tuf/regions.ts';
import { contentsOf, type Published } from './published.ts';
import { Refused } from './refused.ts';

export interface Earlier {
  /** Of the role that signs it. */
  readonly version: number;
  /** As the store would hold them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const same = (one: ReadonlyMap<string, Uint8Array>, other: ReadonlyMap<string, Uint8Array>): boolean =>
  one.size === other.size && [...one].every(([file, bytes]) => sameBytes(bytes, other.get(file) ?? new Uint8Array(0)));

/** Where the files of a pack lie in a store. */
export const baseOf = (id: string): string => (id === FEDERATION_ROLE ? '' : `regions/${id}/`);

/**
 * A pack with the declarations of an earlier version: of the one that is asked for, or of the newest in which they differ from
 * those of today. Lists stay as they are now: with those from before, what was revoked since would be good again, and so
 * would a key that was taken out.
 *
 * @throws Refused
 */
export function earlierPack(id: string, role: string, published: Published, wanted?: number): Earlier {
  const now = published.roles.get(role);
  if (now === undefined) throw new Refused(say(`信任库中没有 ${id}`, `the store has no ${id}`));
  const base = baseOf(id);
  const own = (files: ReadonlyMap<string, Uint8Array>, list: boolean) =>
    [...files].filter(([file]) => file.startsWith(base) && isList(file) === list);
  const today = contentsOf(published, now);
  const declared = new Map(own(today, false));
  for (let version = wanted ?? now.version - 1; version > 0; version--) {
    const bytes = published.repository.get(metadataName(role, version));
    const then = bytes && contentsOf(published, readMetadata(bytes, 'targets', role));
    const declarations = new Map(then && own(then, false));
    if (declarations.size > 0 && (wanted !== undefined || !same(declarations, declared)))
      return { version, files: new Map([...declarations, ...own(today, true)]) };
    if (wanted !== undefined) break;
  }
  throw new Refused(
    wanted === undefined
      ? say(`${id}：没有内容不同的较早版本`, `${id}: no earlier version has other declarations`)
      : say(`${id}：没有第 ${wanted} 版`, `${id}: there is no version ${wanted}`),
  );
}
