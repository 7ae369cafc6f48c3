import { type Asking, ask } from './asking.ts';
import { compare } from './digests.ts';
import { type Metadata, type RoleMeta, readMetadata } from './metadata.ts';
import { metadataName } from './paths.ts';
import type { Root } from './root.ts';
import { checkSignatures } from './signatures.ts';
import { TUF_LIMITS, type TufContext } from './state.ts';
import { TufRefusal } from './troubles.ts';
import { checkExpiry } from './walk.ts';

/** The two roles whose keys lie on a server: they say what is newest, and can say nothing else. */
export type Timestamp = Metadata<{ readonly snapshot: RoleMeta }>;
export type Snapshot = Metadata<{ readonly meta: ReadonlyMap<string, RoleMeta> }>;

/** TUF 1.0 §5.4. */
export function* newTimestamp(root: Root, trusted: Timestamp | undefined, context: TufContext): Asking<Timestamp> {
  const { limits = TUF_LIMITS } = context;
  const bytes = yield* ask('timestamp', metadataName('timestamp'), limits.timestamp);
  const fetched = readMetadata(bytes, 'timestamp');
  checkTopRole('timestamp', fetched, root, context);
  if (trusted !== undefined) {
    notBack('timestamp', fetched.version, trusted.version);
    notBack('timestamp', fetched.body.snapshot.version, trusted.body.snapshot.version, 'snapshot.json ');
    notFar('timestamp', fetched.version, trusted.version, context);
  }
  // The same number again is nothing new; what it says must not replace what it said first.
  const timestamp = trusted?.version === fetched.version ? trusted : fetched;
  checkExpiry('timestamp', timestamp, context.now);
  context.profile.checkFile('timestamp', timestamp, context.now, root);
  return timestamp;
}

/** TUF 1.0 §5.5. */
export function* newSnapshot(
  root: Root,
  timestamp: Timestamp,
  trusted: Snapshot | undefined,
  context: TufContext,
): Asking<Snapshot> {
  const { platform, profile, limits = TUF_LIMITS } = context;
  const meta = timestamp.body.snapshot;
  const held = trusted?.version === meta.version && compare(trusted.bytes, meta, platform) === 'same';
  const version = root.body.consistentSnapshot ? meta.version : undefined;
  const limit = Math.min(meta.length ?? limits.snapshot, limits.snapshot);
  const bytes = held ? trusted.bytes : yield* ask('snapshot', metadataName('snapshot', version), limit);
  checkMeta('snapshot', bytes, meta, context);
  const snapshot = readMetadata(bytes, 'snapshot');
  checkTopRole('snapshot', snapshot, root, context);
  checkVersion('snapshot', snapshot, meta);
  for (const [name, { version: before }] of trusted?.body.meta ?? []) {
    const now = snapshot.body.meta.get(name);
    // A name that is left out would let its file be served in any older version next time.
    if (now === undefined) throw new TufRefusal('ROLLBACK', 'snapshot', `${name} is not listed any more`);
    notBack('snapshot', now.version, before, `${name} `);
    notFar('snapshot', now.version, before, context);
  }
  if (trusted !== undefined) notFar('snapshot', snapshot.version, trusted.version, context);
  checkExpiry('snapshot', snapshot, context.now);
  profile.checkFile('snapshot', snapshot, context.now, root);
  return snapshot;
}

/** Signatures of a role that the root names. */
function checkTopRole(
  role: 'timestamp' | 'snapshot' | 'targets',
  file: Metadata,
  root: Root,
  { platform, profile }: TufContext,
): void {
  const { keys, roles } = root.body;
  checkSignatures(file, { role, of: roles[role], keys, kinds: profile.kinds(root, role) }, platform);
}

/** Whether a file is the one that the file above it names, by length and digests. */
export function checkMeta(role: string, bytes: Uint8Array, meta: RoleMeta, { platform }: TufContext): void {
  const match = compare(bytes, meta, platform);
  if (match !== 'same') throw new TufRefusal('MIX_AND_MATCH', role, match.replace('-', ' '));
}

export function checkVersion(role: string, { version }: Metadata, meta: RoleMeta): void {
  if (version !== meta.version)
    throw new TufRefusal('MIX_AND_MATCH', role, `version ${version}, and ${meta.version} is listed`);
}

export function notBack(role: string, offered: number, known: number, what = ''): void {
  if (offered < known) throw new TufRefusal('ROLLBACK', role, `${what}version ${offered} after ${known}`);
}

export function notFar(role: string, offered: number, known: number, { profile }: TufContext): void {
  if (offered - known > profile.leap) throw new TufRefusal('VERSION_LEAP', role, `version ${offered} after ${known}`);
}
