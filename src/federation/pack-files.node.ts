import { say } from '../document/say.ts';
import { readFolder } from '../region/folder.node.ts';
import { FEDERATION_ROLE, GUESTS_ROLE, mayList } from '../trust/tuf/regions.ts';
import { Refused } from './refused.ts';

const GUEST = /^x-[a-z0-9][a-z0-9-]{0,30}$/;

/**
 * A region's pack as files of a store. In: a folder with `region.json`, or one with `regions/<id>/`. For `federation`: the
 * files that belong to all. Errors: Refused if the folder is neither; PackError if there is none.
 */
export async function packFiles(folder: string, id: string): Promise<Map<string, Uint8Array>> {
  const files = await readFolder(folder);
  if (id === FEDERATION_ROLE) return new Map([...files].filter(([path]) => mayList(FEDERATION_ROLE, path)));
  const base = `regions/${id}/`;
  const found = files.has('region.json')
    ? new Map([...files].map(([path, bytes]) => [`${base}${path}`, bytes]))
    : new Map([...files].filter(([path]) => path.startsWith(base)));
  if (!found.has(`${base}region.json`))
    throw new Refused(
      say(
        `${folder}：既不是地区包（region.json），也不是含 ${base} 的信任库`,
        `${folder}: neither a pack (region.json) nor a store with ${base}`,
      ),
      say('region new 可新建地区包', 'region new makes a pack'),
    );
  return found;
}

/** The role that signs a pack. */
export const roleOf = (id: string): string => (GUEST.test(id) ? GUESTS_ROLE : id);
