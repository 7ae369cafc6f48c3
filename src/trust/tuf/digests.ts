import { encodeHex } from '../../codec/hex.ts';
import type { Digester, DigestName } from '../../crypto/algorithms.ts';
import type { FileMeta } from './metadata.ts';

/** Digests by the names that metadata uses. `sm3` is the federation's own. */
export const HASHES: ReadonlyMap<string, DigestName> = new Map([
  ['sha256', 'SHA-256'],
  ['sha384', 'SHA-384'],
  ['sha512', 'SHA-512'],
  ['sm3', 'SM3'],
]);

/** What is the matter with a file beside what was said of it: nothing, its length, its digest, or no digest to go by. */
export type Match = 'same' | 'other-length' | 'other-digest' | 'no-digest';

/**
 * Compares a file with its entry. Every digest whose algorithm is known must match, and those in `needed` must be there.
 * Bounded by length before anything is hashed.
 */
export function compare(
  bytes: Uint8Array,
  { length, hashes }: FileMeta,
  digester: Digester,
  needed: readonly string[] = [],
): Match {
  if (length !== undefined && bytes.length !== length) return 'other-length';
  if (needed.some((name) => !hashes.has(name))) return 'no-digest';
  for (const [name, digest] of hashes) {
    const algorithm = HASHES.get(name);
    if (algorithm !== undefined && encodeHex(digester.digest(algorithm, bytes)) !== digest.toLowerCase())
      return 'other-digest';
  }
  return 'same';
}

/** Whether an entry has a digest that can be checked here. */
export const hasKnownDigest = ({ hashes }: FileMeta): boolean => [...hashes.keys()].some((name) => HASHES.has(name));
