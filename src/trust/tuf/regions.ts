import type { Delegation } from './metadata.ts';

/**
 * Who may write where in the federation's store, by the names of roles alone. `targets` lists no file and delegates to:
 *
 * | role | may list | and hand on |
 * |---|---|---|
 * | `federation` | what lies beside `regions/`: the catalogue, the manifest, `timestampers/` | nothing |
 * | a GB/T 2260 code | `regions/<code>/` | to codes below it: 330000 to 3302xx and 330421, 330400 to 330421 |
 * | `guests` | `regions/x-<name>/` | nothing |
 *
 * Cities are siblings of their province as folders (`regions/330200/` is not in `regions/330000/`), and a delegation
 * only reaches what its own patterns cover. So a province's patterns are `regions/33????/` and a prefecture's
 * `regions/3304??/`: they say where it may hand on. Where it may write itself is narrower, its own folder, and that is
 * checked beside the patterns. One pattern for each depth, because `*` does not cross `/`.
 */
export const FEDERATION_ROLE = 'federation';
export const GUESTS_ROLE = 'guests';

/** Folders and file below `regions/<id>/`: packs have `formats/x.json`, and room for one more. */
const DEPTHS = ['*', '*/*', '*/*/*'] as const;
const CODE = /^\d{6}$/;
const GUEST_FOLDER = /^x-[a-z0-9-]{1,40}$/;

/** The digits that a code shares with everything below it. The national platform, 000000, stands above nobody. */
function stem(code: string): string {
  if (code === '000000') return code;
  return code.endsWith('0000') ? code.slice(0, 2) : code.endsWith('00') ? code.slice(0, 4) : code;
}

/** Whether one code is strictly below another by GB/T 2260. */
export const isBelow = (code: string, above: string): boolean =>
  CODE.test(code) && CODE.test(above) && code !== above && code.startsWith(stem(above));

/** Of these roles, the one that stands nearest above a code: whoever would delegate to it. Undefined if none does. */
export const nearestAbove = (code: string, roles: Iterable<string>): string | undefined =>
  [...roles].filter((other) => isBelow(code, other)).sort((one, other) => (isBelow(one, other) ? -1 : 1))[0];

const isRegion = (role: string): boolean => CODE.test(role);

/** The patterns that a role's delegation must have, all of them and no others. Undefined: no such role. */
export function patternsOf(role: string): readonly string[] | undefined {
  if (role === FEDERATION_ROLE) return ['*', 'timestampers/*'];
  const folder = role === GUESTS_ROLE ? 'x-*' : isRegion(role) ? stem(role).padEnd(6, '?') : undefined;
  return folder === undefined ? undefined : DEPTHS.map((depth) => `regions/${folder}/${depth}`);
}

/** Whether a role may list this path itself. */
export function mayList(role: string, path: string): boolean {
  if (role === FEDERATION_ROLE) return /^(timestampers\/)?[^/]+$/.test(path);
  const [regions, folder = '', ...rest] = path.split('/');
  if (regions !== 'regions' || rest.length === 0) return false;
  return role === GUESTS_ROLE ? GUEST_FOLDER.test(folder) : isRegion(role) && folder === role;
}

/** The role that may list this path; undefined if none may. */
export function roleFor(path: string): string | undefined {
  const folder = path.startsWith('regions/') ? path.split('/')[1]! : '';
  return [FEDERATION_ROLE, GUESTS_ROLE, folder].find((role) => mayList(role, path));
}

/** Why a role may not delegate so; undefined if it may. */
export function whyNotDelegated(role: string, delegations: readonly Delegation[]): string | undefined {
  for (const { name, terminating, paths, pathHashPrefixes } of delegations) {
    const patterns = patternsOf(name);
    if (patterns === undefined) return `${name}: neither a region, nor guests, nor federation`;
    if (role !== 'targets' && !isBelow(name, role)) return `${name} is not below ${role}`;
    if (!terminating) return `${name}: the delegation does not terminate`;
    if (pathHashPrefixes !== undefined || [...paths].sort().join('\n') !== [...patterns].sort().join('\n'))
      return `${name}: its paths must be ${patterns.join(', ')}`;
    // Delegated beside its province as well, a city would have two masters.
    const above = delegations.find((other) => isBelow(name, other.name));
    if (above !== undefined) return `${name} is for ${above.name} to delegate`;
  }
  return undefined;
}
