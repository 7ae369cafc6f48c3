import { encodeHex } from '../../codec/hex.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Digester } from '../../crypto/algorithms.ts';
import type { Delegation, TargetMeta } from './metadata.ts';

/**
 * Whether a path fits a pattern (TUF 1.0 §4.5, PATHPATTERN): `*` is any run of characters and `?` one, neither crosses
 * `/`, everything else is itself. Brackets and braces, which some shells read, are ordinary characters here: a pattern
 * then reaches less than its author thought, never more. Linear in the path for each `*`, so no pattern is slow.
 */
export function matchesPattern(path: string, pattern: string): boolean {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  return parts.length === wanted.length && parts.every((part, i) => matchesPart(part, wanted[i]!));
}

function matchesPart(part: string, pattern: string): boolean {
  let at = 0;
  let inside = 0;
  let star = -1;
  let resume = 0;
  while (at < part.length) {
    const sign = pattern[inside];
    if (sign === '*') {
      star = inside++;
      resume = at;
    } else if (sign === '?' || sign === part[at]) {
      inside++;
      at++;
    } else if (star >= 0) {
      // The last star takes one more; earlier ones need not be tried again.
      inside = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[inside] === '*') inside++;
  return inside === pattern.length;
}

/** Whether a delegation covers a target path, by its patterns or by the SHA-256 of the path (path_hash_prefixes). */
export function covers({ paths, pathHashPrefixes }: Delegation, path: string, digester: Digester): boolean {
  if (pathHashPrefixes === undefined) return paths.some((pattern) => matchesPattern(path, pattern));
  const digest = encodeHex(digester.digest('SHA-256', encodeUtf8(path)));
  return pathHashPrefixes.some((prefix) => digest.startsWith(prefix));
}

/**
 * The file name of a role's metadata. A role's name may hold anything (`../root` has been tried): it is escaped, so that
 * the file stays in its folder.
 */
export const metadataName = (role: string, version?: number): string =>
  `metadata/${version === undefined ? '' : `${version}.`}${encodeURIComponent(role)}.json`;

/** The file name of a target; with consistent snapshots its digest stands before its last part (TUF 1.0 §6.2). */
export function targetName(path: string, { hashes }: TargetMeta, consistent: boolean): string {
  const digest = hashes.get('sha256') ?? [...hashes.values()][0];
  if (!consistent || digest === undefined) return `targets/${path}`;
  const slash = path.lastIndexOf('/') + 1;
  return `targets/${path.slice(0, slash)}${encodeURIComponent(digest)}.${path.slice(slash)}`;
}
