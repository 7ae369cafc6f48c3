import type { ValueObject } from '../../codec/value.ts';
import type { Platform } from '../../crypto/platform.ts';
import type { Keys, Metadata, RoleKeys, RootBody, TargetsBody } from './metadata.ts';
import type { KindGroups } from './signatures.ts';

/** Whose a store is, as its root says. */
export interface FederationName {
  readonly federation: string;
  readonly environment: string;
}

/** Who held a role when it was last delegated: kept when a role is removed, so that it cannot come back with other keys. */
export interface Keyholders {
  readonly keyIds: readonly string[];
  readonly threshold: number;
  /** Key entries by id. */
  readonly keys: Readonly<Record<string, ValueObject>>;
}

/** A delegating role's new metadata, what was trusted of it before, and the clock (epoch ms). */
export interface Change {
  readonly role: string;
  readonly root: Metadata<RootBody>;
  readonly before: Metadata<TargetsBody> | undefined;
  readonly after: Metadata<TargetsBody>;
  readonly keyholders: ReadonlyMap<string, Keyholders>;
  readonly now: number;
}

/**
 * What a federation asks for beyond the specification. Every check throws `TufRefusal`. `GENERIC` asks for nothing, so
 * that repositories of others can be judged.
 */
export interface Profile {
  /** Digests that every target file must have, by their names in metadata. */
  readonly hashes: readonly string[];
  /** How far a version number may leap at once. */
  readonly leap: number;
  /** Whether the versions of roles are remembered even when the online keys are replaced. */
  readonly remembers: boolean;
  /** Kinds of keys that must meet a role's threshold. */
  kinds(root: Metadata<RootBody>, role: string): KindGroups;
  /** Any file that is new: whose it is, when it was issued, and for how long. */
  checkFile(role: string, file: Metadata, now: number, root: Metadata<RootBody>): void;
  /** A root by itself, and after the one before it. */
  checkRoot(root: Metadata<RootBody>, before: Metadata<RootBody> | undefined, platform: Platform): void;
  /** What a delegating role may hand on. */
  checkDelegations(role: string, targets: Metadata<TargetsBody>, platform: Platform): void;
  /** Whether keys of delegated roles may be replaced as they are. */
  checkChange(change: Change, platform: Platform): void;
  /** Whether a role may list this path itself, as far as its name says. */
  mayList(role: string, path: string): boolean;
}

const nothing = (): void => {};

export const GENERIC: Profile = {
  hashes: [],
  leap: Number.POSITIVE_INFINITY,
  remembers: false,
  kinds: () => [],
  checkFile: nothing,
  checkRoot: nothing,
  checkDelegations: nothing,
  checkChange: nothing,
  mayList: () => true,
};

/** Those whom a delegation names. */
export function keyholdersOf({ keyIds, threshold }: RoleKeys, keys: Keys): Keyholders {
  const held = keyIds.flatMap((id) => {
    const entry = keys.get(id);
    return entry === undefined ? [] : [[id, entry] as const];
  });
  return { keyIds: [...keyIds].sort(), threshold, keys: Object.fromEntries(held) };
}
