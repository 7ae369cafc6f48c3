import { type Asking, bounded } from './asking.ts';
import { type Metadata, type RootBody, readMetadata } from './metadata.ts';
import { metadataName } from './paths.ts';
import { checkSignatures } from './signatures.ts';
import { TUF_LIMITS, type TufContext, type TufState } from './state.ts';
import { type Trouble, TufRefusal, troubleOf } from './troubles.ts';
import { checkExpiry } from './walk.ts';

export type Root = Metadata<RootBody>;

/**
 * The root that a client begins with, got by a way it trusts (with the installation, or compared by hand).
 *
 * @throws TufRefusal if it is no root, is not signed by its own keys, or not one of this profile
 */
export function beginWith(root: Uint8Array, context: Pick<TufContext, 'platform' | 'profile'>): TufState {
  openRoot(root, context);
  return {
    root,
    timestamp: undefined,
    snapshot: undefined,
    roles: new Map(),
    files: new Map(),
    keyholders: new Map(),
  };
}

/** A root file that is trusted because of where it comes from. @throws TufRefusal if it cannot be used */
export function openRoot(bytes: Uint8Array, { platform, profile }: Pick<TufContext, 'platform' | 'profile'>): Root {
  const root = readMetadata(bytes, 'root');
  const { keys, roles } = root.body;
  checkSignatures(root, { role: 'root', of: roles.root, keys, kinds: profile.kinds(root, 'root') }, platform);
  profile.checkRoot(root, undefined, platform);
  return root;
}

/** §5.3: root N is followed by N+1 alone, which both must have signed. A refused one ends the update. */
export function* newestRoot(trusted: Root, context: TufContext, troubles: Trouble[]): Asking<Root> {
  const { platform, profile, limits = TUF_LIMITS } = context;
  let root = trusted;
  try {
    for (let taken = 0; ; taken++) {
      const bytes = yield { name: metadataName('root', root.version + 1), limit: limits.root };
      // A root's expiry counts only once it is the newest (§5.3.10): on the way there it need not be valid any more.
      if (bytes === undefined) break;
      if (taken === limits.roots) throw new TufRefusal('TOO_MANY_ROOTS', 'root', `more than ${limits.roots}`);
      bounded('root', bytes, limits.root);
      const next = readMetadata(bytes, 'root');
      for (const { body } of [root, next]) {
        const by = { role: 'root', of: body.roles.root, keys: body.keys, kinds: profile.kinds(root, 'root') };
        checkSignatures(next, by, platform);
      }
      if (next.version !== root.version + 1)
        throw new TufRefusal('ROOT_VERSION_SKIPPED', 'root', `${next.version} after ${root.version}`);
      profile.checkFile('root', next, context.now, root);
      profile.checkRoot(next, root, platform);
      root = next;
    }
    checkExpiry('root', root, context.now);
  } catch (error) {
    troubles.push(troubleOf(error));
  }
  return root;
}
