import type { PublicKey } from '../crypto/keys.ts';
import { say } from '../document/say.ts';
import { tufPublicKey } from '../trust/tuf/keys.ts';
import {
  type Delegation,
  type Keys,
  type Metadata,
  type RoleKeys,
  type RootBody,
  readMetadata,
  type TargetsBody,
} from '../trust/tuf/metadata.ts';
import { targetName } from '../trust/tuf/paths.ts';
import { nearestAbove } from '../trust/tuf/regions.ts';
import { Refused } from './refused.ts';
import { newest, type Repository } from './tuf-publish.ts';
import type { Holders } from './tuf-write.ts';

export type RootFile = Metadata<RootBody>;
export type RoleFile = Metadata<TargetsBody>;

/** A delegated role: who hands on to it, and under which keys. */
export interface Delegated {
  readonly by: string;
  readonly delegation: Delegation;
  readonly keys: Keys;
}

/**
 * A repository as its operators see it: what is newest, and who holds what. Nothing is verified here; that is done before
 * anything is written, by the verifier that everybody uses.
 */
export interface Published {
  readonly repository: Repository;
  readonly root: RootFile | undefined;
  /** `targets` and every role that can be reached from it and has a file. */
  readonly roles: ReadonlyMap<string, RoleFile>;
  readonly delegated: ReadonlyMap<string, Delegated>;
}

/** @throws TufRefusal for metadata that cannot be read */
export function openPublished(repository: Repository): Published {
  const roles = new Map<string, RoleFile>();
  const delegated = new Map<string, Delegated>();
  const visit = (role: string): void => {
    const bytes = newest(repository, role)?.bytes;
    if (bytes === undefined || roles.has(role)) return;
    const file = readMetadata(bytes, 'targets', role);
    roles.set(role, file);
    for (const delegation of file.body.delegations) {
      delegated.set(delegation.name, { by: role, delegation, keys: file.body.delegatedKeys });
      visit(delegation.name);
    }
  };
  visit('targets');
  const root = newest(repository, 'root')?.bytes;
  return { repository, root: root && readMetadata(root, 'root'), roles, delegated };
}

/** Who delegates to a role; where nobody does, who would have to: the nearest member above it by GB/T 2260, else `targets`. */
export const delegatorOf = ({ delegated }: Published, role: string): string =>
  delegated.get(role)?.by ?? nearestAbove(role, delegated.keys()) ?? 'targets';

/** How a role was delegated when it last was, in whatever version; undefined if it never was. */
export function lastDelegated({ repository, delegated }: Published, role: string): Delegated | undefined {
  const now = delegated.get(role);
  if (now !== undefined) return now;
  let last: { readonly issued: number; readonly found: Delegated } | undefined;
  for (const [file, bytes] of repository) {
    const [, by] = /^metadata\/\d+\.([^/]+)\.json$/.exec(file) ?? [];
    if (by === undefined || ['root', 'snapshot'].includes(by)) continue;
    const { body, issued = 0 } = readMetadata(bytes, 'targets', by);
    const delegation = body.delegations.find(({ name }) => name === role);
    if (delegation === undefined || (last !== undefined && last.issued > issued)) continue;
    last = { issued, found: { by, delegation, keys: body.delegatedKeys } };
  }
  return last?.found;
}

/** A role's target files, by their paths. @throws Refused for a copy of the repository that lacks one */
export function contentsOf({ repository }: Published, file: RoleFile | undefined): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  for (const [path, target] of file?.body.targets ?? []) {
    const bytes = repository.get(targetName(path, target, true));
    if (bytes === undefined)
      throw new Refused(
        say(`库中缺少 ${path} 的内容`, `the repository lacks the content of ${path}`),
        say('请从发布处完整复制', 'copy it whole from where it is served'),
      );
    contents.set(path, bytes);
  }
  return contents;
}

/** All target files in force: the store as gateways read it. */
export function storeOf(published: Published): Map<string, Uint8Array> {
  return new Map([...published.roles.values()].flatMap((file) => [...contentsOf(published, file)]));
}

/** The holders of a role as the writer takes them. @throws Refused for keys of an unknown kind: they would be lost */
export function holdersOf({ keyIds, threshold }: RoleKeys, keys: Keys): Holders {
  const publicKeys = keyIds.map((id): PublicKey => {
    const entry = keys.get(id);
    const key = entry && tufPublicKey(entry);
    if (key === undefined)
      throw new Refused(
        say(
          `密钥 ${id} 的类型这里不认识，会被丢失`,
          `key ${id} is of a kind that is not known here, and would be lost`,
        ),
      );
    return key;
  });
  return { keys: publicKeys, threshold };
}

export const delegationsOf = (file: RoleFile | undefined): Map<string, Holders> =>
  new Map((file?.body.delegations ?? []).map((each) => [each.name, holdersOf(each, file!.body.delegatedKeys)]));
