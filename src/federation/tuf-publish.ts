import type { Platform } from '../crypto/platform.ts';
import { federationOfRoot } from '../trust/tuf/federation-profile.ts';
import { readMetadata } from '../trust/tuf/metadata.ts';
import { metadataName, targetName } from '../trust/tuf/paths.ts';
import type { FederationName } from '../trust/tuf/profile.ts';
import { roleFor } from '../trust/tuf/regions.ts';
import type { RekeyEntry } from '../trust/tuf/rekey.ts';
import {
  type Head,
  type Holders,
  signedFile,
  snapshotSigned,
  type TufSigner,
  targetsSigned,
  timestampSigned,
} from './tuf-write.ts';

/** A signed store as it is served: `metadata/…` and `targets/…` → content. Old versions stay, so that clients can follow. */
export type Repository = ReadonlyMap<string, Uint8Array>;

/** When something is signed, and how long it is good (ms). */
export interface Times {
  readonly now: number;
  readonly lifetime: number;
}

const seconds = (ms: number): number => ms - (ms % 1000);
/** A file's head: times in whole seconds, as metadata writes them. */
export const headOf = (version: number, { now, lifetime }: Times, of: FederationName | undefined): Head => {
  const issued = seconds(now);
  return { version, issued, expires: issued + seconds(lifetime), of };
};

/** Whose it is, by its newest root. */
function nameOf(repository: Repository): FederationName | undefined {
  const root = newest(repository, 'root');
  return root && federationOfRoot(readMetadata(root.bytes, 'root'));
}

/** The newest version of a role that a repository holds; undefined if it holds none. */
export function newest(repository: Repository, role: string): { version: number; bytes: Uint8Array } | undefined {
  const name = metadataName(role).slice('metadata/'.length);
  let found: { version: number; bytes: Uint8Array } | undefined;
  for (const [file, bytes] of repository) {
    const [, digits] = /^metadata\/(\d{1,15})\./.exec(file) ?? [];
    if (digits === undefined || file !== `metadata/${digits}.${name}`) continue;
    if (found === undefined || Number(digits) > found.version) found = { version: Number(digits), bytes };
  }
  return found;
}

/** The roles, `targets` among them, whose metadata a repository holds. */
export function rolesOf(repository: Repository): string[] {
  const roles = new Set<string>();
  for (const file of repository.keys()) {
    const [, name] = /^metadata\/\d{1,15}\.(.+)\.json$/.exec(file) ?? [];
    if (name !== undefined && name !== 'root' && name !== 'snapshot') roles.add(decodeURIComponent(name));
  }
  return [...roles].sort();
}

/**
 * Divides an unsigned store (packs in folders) among the roles that sign it.
 *
 * @throws RangeError for a file that no role may list
 */
export function filesByRole(store: ReadonlyMap<string, Uint8Array>): Map<string, Map<string, Uint8Array>> {
  const roles = new Map<string, Map<string, Uint8Array>>();
  for (const [path, bytes] of store) {
    const role = roleFor(path);
    if (role === undefined) throw new RangeError(`${path}: no role may list this file`);
    const files = roles.get(role);
    if (files === undefined) roles.set(role, new Map([[path, bytes]]));
    else files.set(path, bytes);
  }
  return roles;
}

/** What a role lists and hands on. */
export interface RoleContent {
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly delegations?: ReadonlyMap<string, Holders>;
  readonly rekey?: Readonly<Record<string, RekeyEntry>>;
}

/** Adds the next version of `targets` or a delegated role, signed by `signers`, and the files that it lists. */
export async function publishRole(
  repository: Repository,
  role: string,
  { files = new Map(), delegations = new Map(), rekey = {} }: RoleContent,
  signers: readonly TufSigner[],
  times: Times,
  platform: Platform,
): Promise<Repository> {
  const head = headOf((newest(repository, role)?.version ?? 0) + 1, times, nameOf(repository));
  const signed = targetsSigned(head, files, delegations, platform, rekey);
  return placeRole(repository, role, await signedFile(signed, signers, platform), files);
}

/** Adds a role's file that was signed elsewhere, perhaps by several people in turn, and the files that it lists. */
export function placeRole(
  repository: Repository,
  role: string,
  file: Uint8Array,
  contents: ReadonlyMap<string, Uint8Array>,
): Repository {
  const { version, body } = readMetadata(file, 'targets', role);
  const after = new Map(repository).set(metadataName(role, version), file);
  for (const [path, target] of body.targets) {
    const bytes = contents.get(path);
    if (bytes !== undefined) after.set(targetName(path, target, true), bytes);
  }
  return after;
}

/** Adds a root file. */
export function placeRoot(repository: Repository, file: Uint8Array): Repository {
  return new Map(repository).set(metadataName('root', readMetadata(file, 'root').version), file);
}

/**
 * Says what is newest: the next snapshot, of the newest file of every role, and the next timestamp. Roles that are gone
 * stay listed, because a snapshot that forgets a name lets it be rolled back; who removes them is `targets`.
 *
 * @param of whose it is, where the repository has no root yet
 */
export async function publishNews(
  repository: Repository,
  signers: { readonly snapshot: readonly TufSigner[]; readonly timestamp: readonly TufSigner[] },
  times: { readonly snapshot: Times; readonly timestamp: Times },
  platform: Platform,
  of: FederationName | undefined = nameOf(repository),
): Promise<Repository> {
  const roles = new Map(rolesOf(repository).map((role) => [role, newest(repository, role)!]));
  const version = (newest(repository, 'snapshot')?.version ?? 0) + 1;
  const snapshot = await signedFile(
    snapshotSigned(headOf(version, times.snapshot, of), roles, platform),
    signers.snapshot,
    platform,
  );
  const last = repository.get(metadataName('timestamp'));
  const number = (last === undefined ? 0 : readMetadata(last, 'timestamp').version) + 1;
  const timestamp = await signedFile(
    timestampSigned(headOf(number, times.timestamp, of), { version, bytes: snapshot }, platform),
    signers.timestamp,
    platform,
  );
  return new Map(repository).set(metadataName('snapshot', version), snapshot).set(metadataName('timestamp'), timestamp);
}
