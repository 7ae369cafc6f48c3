import { encodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Digester } from '../crypto/algorithms.ts';
import type { TargetMeta } from '../trust/tuf/metadata.ts';

/**
 * One hash for all that a role lists, the same before it is signed and after: SM3 over lines of path and SHA-256, in the
 * order of the paths. It is what two people read to each other when one has looked at a pack and the other signs it.
 */
export function contentsHash(targets: ReadonlyMap<string, TargetMeta>, digester: Digester): string {
  return hashOf(
    [...targets].map(([path, { hashes }]) => [path, hashes.get('sha256') ?? '']),
    digester,
  );
}

/** The same of files that nobody has listed yet. */
export const packHash = (files: ReadonlyMap<string, Uint8Array>, digester: Digester): string =>
  hashOf(
    [...files].map(([path, bytes]) => [path, encodeHex(digester.digest('SHA-256', bytes))]),
    digester,
  );

function hashOf(rows: readonly (readonly [string, string])[], digester: Digester): string {
  const lines = rows.map(([path, digest]) => `${path} ${digest}\n`).sort();
  return encodeHex(digester.digest('SM3', encodeUtf8(lines.join(''))));
}
