import { type Asking, answerFrom } from './asking.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import { newSnapshot, newTimestamp, type Snapshot, type Timestamp } from './online.ts';
import { newDelegated, newTargets, type Update } from './roles.ts';
import { newestRoot, openRoot, type Root } from './root.ts';
import { isSignedBy } from './signatures.ts';
import type { TufContext, TufState } from './state.ts';
import { type Trouble, troubleOf, unlessRefused } from './troubles.ts';
import { type TufView, viewOf } from './view.ts';
import { keyholdersAfter, walk } from './walk.ts';

export interface Refreshed {
  /** To be kept instead of the earlier one. Everything in it was verified. */
  readonly state: TufState;
  readonly view: TufView;
  /** Empty: all is as it should be. Otherwise what was refused, and the last good state of that stays in force. */
  readonly troubles: readonly Trouble[];
}

/**
 * One update: the detailed client workflow (TUF 1.0 §5). Root files are kept as soon as each is verified (§5.3.8), so
 * that keys which it withdraws stay withdrawn whatever comes behind. Timestamp, snapshot and `targets` are taken together
 * or not at all; then each delegated role with all its files, or not at all.
 *
 * @throws TufRefusal only if the earlier state's own root cannot be used
 */
export function* refresh(previous: TufState, context: TufContext): Asking<Refreshed> {
  const troubles: Trouble[] = [];
  const root = yield* newestRoot(openRoot(previous.root, context), context, troubles);
  const kept = keptUnder(root, previous, context);
  let { state } = kept;
  if (troubles.length === 0) {
    try {
      state = yield* newState(root, kept, context, troubles);
    } catch (error) {
      troubles.push(troubleOf(error));
    }
  }
  return { state, view: viewOf(state, context), troubles };
}

/** An update from files in memory: a folder that was read, a bundle. */
export const refreshFrom = (
  previous: TufState,
  files: ReadonlyMap<string, Uint8Array>,
  context: TufContext,
): Refreshed => answerFrom(refresh(previous, context), files);

/** What of the earlier state the root still vouches for, and what is remembered of it. */
interface Kept {
  readonly state: TufState;
  readonly timestamp: Timestamp | undefined;
  readonly snapshot: Snapshot | undefined;
  /** Whether earlier versions of `targets` and delegated roles are held against new ones. */
  readonly remembers: boolean;
}

/**
 * Recovery from a fast-forward attack (§5.3.11): once the keys of timestamp or snapshot are replaced, versions that were
 * signed with the old ones are forgotten. "Replaced" is that the old file would not be accepted any more: a key that is
 * only added must not let anyone go back. A file that was damaged where it was kept is as good as none.
 */
function keptUnder(root: Root, previous: TufState, { platform, profile }: TufContext): Kept {
  const { keys, roles } = root.body;
  const vouched = <B>(role: 'timestamp' | 'snapshot', file: Metadata<B> | undefined): Metadata<B> | undefined =>
    file && isSignedBy(file, { role, of: roles[role], keys, kinds: profile.kinds(root, role) }, platform)
      ? file
      : undefined;
  const timestamp = vouched(
    'timestamp',
    unlessRefused(() => previous.timestamp && readMetadata(previous.timestamp, 'timestamp')),
  );
  const snapshot = vouched(
    'snapshot',
    unlessRefused(() => previous.snapshot && readMetadata(previous.snapshot, 'snapshot')),
  );
  const gone = (before: Uint8Array | undefined, now: unknown): boolean => before !== undefined && now === undefined;
  if (gone(previous.timestamp, timestamp) || gone(previous.snapshot, snapshot)) {
    return {
      state: { ...previous, root: root.bytes, timestamp: undefined, snapshot: undefined },
      timestamp: undefined,
      snapshot: undefined,
      remembers: profile.remembers,
    };
  }
  return { state: { ...previous, root: root.bytes }, timestamp, snapshot, remembers: true };
}

function* newState(root: Root, kept: Kept, context: TufContext, troubles: Trouble[]): Asking<TufState> {
  const timestamp = yield* newTimestamp(root, kept.timestamp, context);
  const snapshot = yield* newSnapshot(root, timestamp, kept.snapshot, context);
  const { state: previous, remembers } = kept;
  const update: Update = { root, snapshot, previous, remembers, files: new Map(), troubles };
  const top = yield* newTargets(update, context);
  const tree = yield* walk(top, newDelegated(update, context), context, troubles);
  return {
    root: root.bytes,
    timestamp: timestamp.bytes,
    snapshot: snapshot.bytes,
    roles: new Map([...tree].map(([name, { file }]) => [name, file.bytes])),
    files: update.files,
    keyholders: keyholdersAfter(tree, previous.keyholders),
  };
}
