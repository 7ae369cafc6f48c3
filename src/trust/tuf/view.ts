import { compare } from './digests.ts';
import { type Metadata, readMetadata, type TargetMeta } from './metadata.ts';
import { heldDelegated, openRole } from './roles.ts';
import { openRoot, type Root } from './root.ts';
import type { TufContext, TufState } from './state.ts';
import { type Trouble, troubleOf, unlessRefused } from './troubles.ts';
import { findTarget, type Tree, walk } from './walk.ts';

/** One metadata file that is in force. Times are epoch ms. */
export interface RoleView {
  readonly name: string;
  readonly version: number;
  readonly issued: number | undefined;
  /** Its own expiry. */
  readonly expires: number;
  /** The earliest expiry of itself and all above it (not of snapshot and timestamp): from then on what it lists is stale. */
  readonly good: number;
}

/** One verified target file. */
export interface FileView {
  readonly content: Uint8Array;
  /** The role that lists it. */
  readonly role: string;
  readonly target: TargetMeta;
}

/**
 * What a state holds, verified from the root down: immutable. What has expired is still here, with its times: a
 * verdict that rests on it is "cannot tell", which the clock at the verdict decides and not the clock at loading.
 */
export interface TufView {
  readonly root: Root;
  /** root, timestamp, snapshot, targets and every delegated role that is in force. */
  readonly roles: ReadonlyMap<string, RoleView>;
  /** By target path. */
  readonly files: ReadonlyMap<string, FileView>;
  /** What of the state could not be used. */
  readonly troubles: readonly Trouble[];
  /** The entry of a target, whether its content is held or not; undefined where no role may answer for the path. */
  find(path: string): { readonly role: string; readonly target: TargetMeta } | undefined;
}

/**
 * Verifies a state and shows what is in it. Nothing is fetched, and nothing is compared with the clock.
 *
 * @throws TufRefusal if the state's root cannot be used
 */
export function viewOf(state: TufState, context: TufContext): TufView {
  const root = openRoot(state.root, context);
  const troubles: Trouble[] = [];
  const tree = treeOf(root, state, context, troubles);
  const roles = new Map<string, RoleView>();
  const add = (name: string, file: Metadata, good = file.expires): unknown =>
    roles.set(name, { name, version: file.version, issued: file.issued, expires: file.expires, good });
  add('root', root);
  for (const name of ['timestamp', 'snapshot'] as const) {
    const bytes = state[name];
    const file = bytes && unlessRefused(() => readMetadata(bytes, name));
    if (file !== undefined) add(name, file);
  }
  for (const { name, file, expires } of tree.values()) add(name, file, Math.min(expires, root.expires));
  const find = (path: string) => {
    const found = findTarget(tree, path, context);
    return found && { role: found.role.name, target: found.target };
  };
  return { root, roles, files: filesOf(tree, state, context), troubles, find };
}

function treeOf(root: Root, state: TufState, context: TufContext, troubles: Trouble[]): Tree {
  const bytes = state.roles.get('targets');
  if (bytes === undefined) return new Map();
  const { keys, roles } = root.body;
  const by = { role: 'targets', of: roles.targets, keys, kinds: context.profile.kinds(root, 'targets') };
  try {
    const walking = walk(openRole(bytes, by, context), heldDelegated(root, state, context), context, troubles);
    const step = walking.next();
    if (!step.done) throw new RangeError('nothing is asked for');
    return step.value;
  } catch (error) {
    troubles.push(troubleOf(error));
    return new Map();
  }
}

function filesOf(tree: Tree, state: TufState, context: TufContext): Map<string, FileView> {
  const files = new Map<string, FileView>();
  for (const path of state.files.keys()) {
    const found = findTarget(tree, path, context);
    const content = state.files.get(path)!;
    if (found !== undefined && compare(content, found.target, context.platform, context.profile.hashes) === 'same')
      files.set(path, { content, role: found.role.name, target: found.target });
  }
  return files;
}
