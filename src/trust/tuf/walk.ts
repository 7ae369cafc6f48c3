import type { Delegation, Keys, Metadata, TargetMeta, TargetsBody } from './metadata.ts';
import { covers } from './paths.ts';
import { type Keyholders, keyholdersOf } from './profile.ts';
import { checkSignatures } from './signatures.ts';
import { TUF_LIMITS, type TufContext } from './state.ts';
import { type Trouble, TufRefusal, troubleOf } from './troubles.ts';

export type TargetsFile = Metadata<TargetsBody>;

/** One delegation and whether its role could be read and verified under it. */
interface Edge {
  readonly delegation: Delegation;
  readonly good: boolean;
}

/** A role that is in force. */
export interface HeldRole {
  readonly name: string;
  readonly file: TargetsFile;
  /** What it lists and may list. */
  readonly targets: ReadonlyMap<string, TargetMeta>;
  /** Earliest expiry of its own file and of every file above it: from then on nobody vouches for what it lists. */
  readonly expires: number;
  readonly edges: Edge[];
}

export type Tree = ReadonlyMap<string, HeldRole>;

/** Delegations behind each other. */
const DEEPEST = 32;

/** How one delegated role is got: generators, so that it may ask for files. Throws TufRefusal if it cannot be had. */
export type Load<W> = (
  delegation: Delegation,
  under: { readonly keys: Keys; readonly reaches: (path: string) => boolean },
) => Generator<W, TargetsFile, Uint8Array | undefined>;

/**
 * Reads every delegated role that can be reached from `targets`, in pre-order (TUF 1.0 §5.6.7). A role that cannot be had
 * is a trouble of its own, and nobody else's: one member with a broken file must not stop the news of all.
 */
export function* walk<W>(
  top: TargetsFile,
  load: Load<W>,
  context: TufContext,
  troubles: Trouble[],
): Generator<W, Tree, Uint8Array | undefined> {
  const { platform, profile, limits = TUF_LIMITS } = context;
  const tree = new Map<string, HeldRole>();
  let followed = 0;
  let below = 0;

  function hold(name: string, file: TargetsFile, expires: number): HeldRole {
    const targets = new Map([...file.body.targets].filter(([path]) => profile.mayList(name, path)));
    for (const path of file.body.targets.keys()) {
      if (!targets.has(path)) troubles.push({ code: 'PATH_OUTSIDE_DELEGATION', role: name, detail: path });
    }
    const role = { name, file, targets, expires: Math.min(expires, file.expires), edges: [] };
    tree.set(name, role);
    return role;
  }

  function* visit(
    role: HeldRole,
    reaches: (path: string) => boolean,
    depth: number,
  ): Generator<W, void, Uint8Array | undefined> {
    const { delegations, delegatedKeys: keys } = role.file.body;
    for (const delegation of delegations) {
      const { name, paths, pathHashPrefixes } = delegation;
      // A role that can list nothing needs not be there.
      if (paths.length === 0 && pathHashPrefixes === undefined) continue;
      below = depth === 1 ? 0 : below + 1;
      if (below > limits.below || depth > DEEPEST || ++followed > limits.roles) {
        troubles.push({ code: 'TOO_MANY_ROLES', role: role.name, detail: `${name} is not followed` });
        // What was not looked at is unknown, which ends a search there.
        role.edges.push({ delegation, good: false });
        continue;
      }
      const within = (path: string): boolean => reaches(path) && covers(delegation, path, platform);
      const known = tree.get(name);
      try {
        if (known !== undefined) {
          // Reached a second time, by another delegation: its keys must vouch for it as well. A circle ends here too.
          checkSignatures(known.file, { role: name, of: delegation, keys }, platform);
          role.edges.push({ delegation, good: true });
          continue;
        }
        const file = yield* load(delegation, { keys, reaches: within });
        role.edges.push({ delegation, good: true });
        yield* visit(hold(name, file, role.expires), within, depth + 1);
      } catch (error) {
        troubles.push(troubleOf(error));
        role.edges.push({ delegation, good: false });
      }
    }
  }

  yield* visit(hold('targets', top, Number.POSITIVE_INFINITY), () => true, 1);
  return tree;
}

/** A target that is in force, and the role that lists it. */
export interface Found {
  readonly role: HeldRole;
  readonly target: TargetMeta;
}

/**
 * The target at a path: pre-order depth-first search, a terminating delegation that covers the path ends it (TUF 1.0
 * §5.6.7). Undefined also where a role on the way is not to be had: what it says of the path is then unknown, and a
 * role behind it must not answer in its place.
 */
export function findTarget(tree: Tree, path: string, { platform }: Pick<TufContext, 'platform'>): Found | undefined {
  const visited = new Set<string>();
  let stack: { readonly name: string; readonly good: boolean }[] = [{ name: 'targets', good: true }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (visited.has(next.name)) continue;
    const role = next.good ? tree.get(next.name) : undefined;
    if (role === undefined) return undefined;
    visited.add(next.name);
    const target = role.targets.get(path);
    if (target !== undefined) return { role, target };
    const below: { readonly name: string; readonly good: boolean }[] = [];
    for (const { delegation, good } of role.edges) {
      if (!covers(delegation, path, platform)) continue;
      below.push({ name: delegation.name, good });
      if (delegation.terminating) {
        stack = [];
        break;
      }
    }
    stack.push(...below.reverse());
  }
  return undefined;
}

/** Who holds each delegated role now, and who held those that are gone. */
export function keyholdersAfter(tree: Tree, before: ReadonlyMap<string, Keyholders>): Map<string, Keyholders> {
  const holders = new Map(before);
  for (const { file } of tree.values()) {
    for (const each of file.body.delegations) holders.set(each.name, keyholdersOf(each, file.body.delegatedKeys));
  }
  return holders;
}

/** @throws TufRefusal EXPIRED at the very instant of the expiry and later */
export function checkExpiry(role: string, { expires }: Pick<Metadata, 'expires'>, now: number): void {
  if (now >= expires) throw new TufRefusal('EXPIRED', role, new Date(expires).toISOString());
}
