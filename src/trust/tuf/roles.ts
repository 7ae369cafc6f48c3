import { type Asking, ask, type Want } from './asking.ts';
import { compare, hasKnownDigest } from './digests.ts';
import { readMetadata, type TargetMeta } from './metadata.ts';
import { checkMeta, checkVersion, notBack, notFar, type Snapshot } from './online.ts';
import { metadataName, targetName } from './paths.ts';
import type { Root } from './root.ts';
import { checkSignatures, type Signers } from './signatures.ts';
import { TUF_LIMITS, type TufContext, type TufState } from './state.ts';
import { type Trouble, TufRefusal, troubleOf, unlessRefused } from './troubles.ts';
import { checkExpiry, type Load, type TargetsFile } from './walk.ts';

/** What one update of `targets` and its delegations works with. `files` is filled. */
export interface Update {
  readonly root: Root;
  readonly snapshot: Snapshot;
  readonly previous: TufState;
  /** Whether a role's earlier version is held against it. */
  readonly remembers: boolean;
  readonly files: Map<string, Uint8Array>;
  readonly troubles: Trouble[];
}

/** The top-level `targets` (TUF 1.0 §5.6.1 to 5.6.6). Refused, nothing below it can be judged. */
export function* newTargets(update: Update, context: TufContext): Asking<TargetsFile> {
  const { keys, roles } = update.root.body;
  const by = { role: 'targets', of: roles.targets, keys, kinds: context.profile.kinds(update.root, 'targets') };
  const file = yield* newRole(by, heldRole(by, update.previous, context), update, context);
  yield* newFiles(file, 'targets', () => true, update, context);
  return file;
}

/** How delegated roles are got: the new file with all that it lists, or else what is held. */
export function newDelegated(update: Update, context: TufContext): Load<Want> {
  return function* load(delegation, { keys, reaches }) {
    const role = delegation.name;
    const by = { role, of: delegation, keys, kinds: context.profile.kinds(update.root, role) };
    const held = heldRole(by, update.previous, context);
    try {
      const file = yield* newRole(by, held, update, context);
      yield* newFiles(file, role, reaches, update, context);
      return file;
    } catch (error) {
      if (held === undefined) throw error;
      update.troubles.push(troubleOf(error));
      keepFiles(held, update, context);
      return held;
    }
  };
}

/** Delegated roles as an earlier update left them. */
export const heldDelegated = (root: Root, state: TufState, context: TufContext): Load<never> =>
  // biome-ignore lint/correctness/useYield: there is nothing to ask for
  function* load(delegation, { keys }) {
    const role = delegation.name;
    const by = { role, of: delegation, keys, kinds: context.profile.kinds(root, role) };
    return openRole(state.roles.get(role), by, context);
  };

/** The role's file in the earlier state, if it would still be accepted under these keys. */
function heldRole(by: Signers, previous: TufState, context: TufContext): TargetsFile | undefined {
  const bytes = previous.roles.get(by.role);
  return bytes && unlessRefused(() => openRole(bytes, by, context));
}

/** Reads and checks all that does not depend on time or on what was before. */
export function openRole(bytes: Uint8Array | undefined, by: Signers, { platform, profile }: TufContext): TargetsFile {
  if (bytes === undefined) throw new TufRefusal('FILE_MISSING', by.role, 'not held');
  const file = readMetadata(bytes, 'targets', by.role);
  checkSignatures(file, by, platform);
  profile.checkDelegations(by.role, file, platform);
  return file;
}

function* newRole(
  by: Signers,
  held: TargetsFile | undefined,
  update: Update,
  context: TufContext,
): Asking<TargetsFile> {
  const { role } = by;
  const { platform, profile, now, limits = TUF_LIMITS } = context;
  const meta = update.snapshot.body.meta.get(`${role}.json`);
  if (meta === undefined) throw new TufRefusal('MIX_AND_MATCH', role, 'not listed in the snapshot');
  const same = held?.version === meta.version && compare(held.bytes, meta, platform) === 'same';
  const version = update.root.body.consistentSnapshot ? meta.version : undefined;
  const limit = Math.min(meta.length ?? limits.targets, limits.targets);
  const bytes = same ? held.bytes : yield* ask(role, metadataName(role, version), limit);
  checkMeta(role, bytes, meta, context);
  const file = openRole(bytes, by, context);
  checkVersion(role, file, meta);
  if (held !== undefined && update.remembers) {
    notBack(role, file.version, held.version);
    notFar(role, file.version, held.version, context);
  }
  checkExpiry(role, file, now);
  const { root, previous } = update;
  profile.checkFile(role, file, now, root);
  // What was shown before was shown, though those who signed it hold the role no more.
  const shown = previous.roles.get(role);
  const before = held ?? (shown && unlessRefused(() => readMetadata(shown, 'targets', role)));
  profile.checkChange({ role, root, before, after: file, keyholders: previous.keyholders, now }, platform);
  return file;
}

/** The target files of a role (TUF 1.0 §5.7): all that are wanted, or the role is refused. */
function* newFiles(
  file: TargetsFile,
  role: string,
  reaches: (path: string) => boolean,
  update: Update,
  context: TufContext,
): Asking<void> {
  const { profile, wanted = () => true, limits = TUF_LIMITS } = context;
  const contents: (readonly [string, Uint8Array])[] = [];
  let total = 0;
  for (const [path, target] of file.body.targets) {
    if (!profile.mayList(role, path)) continue;
    if (!reaches(path)) {
      update.troubles.push({ code: 'PATH_OUTSIDE_DELEGATION', role, detail: path });
      continue;
    }
    if (!wanted(path)) continue;
    total += target.length;
    if (target.length > limits.file || total > limits.filesOfRole)
      throw new TufRefusal('TOO_LARGE', role, `${path}: more than is allowed for one file or one role`);
    contents.push([path, yield* content(path, target, role, update, context)]);
  }
  // A path that a role before it lists as well is that role's.
  for (const [path, bytes] of contents) if (!update.files.has(path)) update.files.set(path, bytes);
}

function* content(
  path: string,
  target: TargetMeta,
  role: string,
  update: Update,
  { platform, profile }: TufContext,
): Asking<Uint8Array> {
  if (profile.hashes.some((name) => !target.hashes.has(name)) || !hasKnownDigest(target))
    throw new TufRefusal('HASH_UNKNOWN', role, path);
  const held = update.previous.files.get(path);
  if (held !== undefined && compare(held, target, platform) === 'same') return held;
  const name = targetName(path, target, update.root.body.consistentSnapshot);
  const bytes = yield* ask(role, name, target.length);
  const match = compare(bytes, target, platform);
  if (match !== 'same') throw new TufRefusal('FILE_ALTERED', role, `${path}: ${match.replace('-', ' ')}`);
  return bytes;
}

function keepFiles({ body }: TargetsFile, { previous, files }: Update, { platform }: TufContext): void {
  for (const [path, target] of body.targets) {
    const held = previous.files.get(path);
    if (held !== undefined && !files.has(path) && compare(held, target, platform) === 'same') files.set(path, held);
  }
}
