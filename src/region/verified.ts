import { encodeBase64url } from '../codec/base64url.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Platform } from '../crypto/platform.ts';
import type { Rejected } from '../trust/key.ts';
import { type ListedKeys, readListed } from '../trust/listed.ts';
import type { Files, Pack } from './pack.ts';

/**
 * What a region's lists of issuers came to, and the digest of the files that it came from. While these are the same, the
 * certificates need not be read and the keys not be checked again. Likewise of its whole pack: where nothing was at fault, the
 * same files need not be held against their schemas again, nor what they declare be compiled before it is asked for.
 */
export interface VerifiedRegion {
  /** SHA-256 over the names and the digests of the files, base64url. */
  readonly inputs: string;
  /** The same over all that its pack is read from; absent where something was at fault. */
  readonly sound?: string | undefined;
  readonly lists: readonly ListedKeys[];
  /** Files of issuers that could not be read. */
  readonly rejected: readonly Rejected[];
}

export type VerifiedRegions = ReadonlyMap<string, VerifiedRegion>;

/** The region's issuers: as kept, if they were made from these very files, else read and checked now. */
export function verifiedRegion(
  region: string,
  pack: Pack,
  files: Files,
  platform: Platform,
  kept: VerifiedRegion | undefined,
): VerifiedRegion {
  const inputs = digestOf([`regions/${region}/region.json`, ...pack.issuerFiles], files, platform);
  if (kept?.inputs === inputs) return kept;
  const rejected: Rejected[] = [];
  const lists = pack
    .issuers((item) => rejected.push(item))
    .map(({ file, list }) => readListed(file, list, pack.manifest, platform));
  return { inputs, lists, rejected };
}

/** What the federation says that packs are read by. */
const COMMON = ['catalogue.json', 'allotments.json'];

/** A digest of all that the region's pack is read from. */
export function packInputs(region: string, files: Files, platform: Platform): string {
  const own = [...files.keys()].filter((file) => file.startsWith(`regions/${region}/`));
  return digestOf([...COMMON.filter((file) => files.has(file)), ...own.sort()], files, platform);
}

function digestOf(names: readonly string[], files: Files, platform: Platform): string {
  // Names of files that nobody reads may hold anything, line ends too: in JSON each begins and ends where it does.
  const named = names.map((name) => [name, encodeBase64url(platform.digest('SHA-256', files.get(name)!))]);
  return encodeBase64url(platform.digest('SHA-256', encodeUtf8(JSON.stringify(named))));
}
