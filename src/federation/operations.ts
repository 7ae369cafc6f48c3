import type { Platform } from '../crypto/platform.ts';
import { say } from '../document/say.ts';
import { type FederationRoot, federationOfRoot } from '../trust/tuf/federation-profile.ts';
import { readMetadata, type TopRole } from '../trust/tuf/metadata.ts';
import { FEDERATION_ROLE, GUESTS_ROLE, isBelow, patternsOf } from '../trust/tuf/regions.ts';
import type { RekeyEntry } from '../trust/tuf/rekey.ts';
import type { Draft } from './proposal.ts';
import {
  contentsOf,
  type Delegated,
  delegationsOf,
  delegatorOf,
  holdersOf,
  lastDelegated,
  type Published,
  type RoleFile,
} from './published.ts';
import { Refused } from './refused.ts';
import { announcedAt, checkSettled, idsOf, type Rekeying, rekeyEntry, rekeysOf } from './rekeying.ts';
import { headOf, newest } from './tuf-publish.ts';
import { type Head, type Holders, rootSigned, targetsSigned } from './tuf-write.ts';

/**
 * What operators do to a store, one function each: what stands and what is wanted → a draft. Nothing is signed or written.
 * Errors: Refused, with what is in the way in words.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long what is signed today is good. The profile allows no more for regions and online roles (72 h), and 400 days else. */
const LIFETIMES: ReadonlyMap<string, number> = new Map([
  ['root', 365 * DAY],
  ['targets', 365 * DAY],
  [FEDERATION_ROLE, 365 * DAY],
  ['snapshot', 72 * HOUR],
  ['timestamp', 24 * HOUR],
]);
export const lifetimeOf = (role: string): number => LIFETIMES.get(role) ?? 72 * HOUR;

export interface Context {
  readonly published: Published;
  /** Epoch ms. */
  readonly now: number;
  readonly platform: Platform;
}

function nextHead(role: string, { published, now }: Context, own?: FederationRoot): Head {
  const version = (newest(published.repository, role)?.version ?? 0) + 1;
  const of = own ?? (published.root && federationOfRoot(published.root));
  return headOf(version, { now, lifetime: lifetimeOf(role) }, of);
}

type File = Draft['files'][number];

/** What is to be different in a role's next version; the rest stays. */
interface Changes {
  readonly files?: ReadonlyMap<string, Uint8Array>;
  delegations?(now: Map<string, Holders>): void;
  readonly rekey?: Readonly<Record<string, RekeyEntry>>;
  /** Of which federation it is, before there is a root that says so. */
  readonly own?: FederationRoot;
}

function nextRole(role: string, changes: Changes, context: Context): File {
  const { published, platform } = context;
  const before = published.roles.get(role);
  const delegations = delegationsOf(before);
  changes.delegations?.(delegations);
  const files = changes.files ?? contentsOf(published, before);
  const rekey = { ...rekeysOf(before), ...changes.rekey };
  return { role, signed: targetsSigned(nextHead(role, context, changes.own), files, delegations, platform, rekey) };
}

export type TopHolders = Readonly<Record<TopRole, Holders>>;

export interface Founding {
  readonly own: FederationRoot;
  readonly top: TopHolders;
  readonly desk: Holders;
  readonly guests: Holders | undefined;
  /** What belongs to all: manifest and catalogue. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function found({ own, top, desk, guests, files }: Founding, context: Context): Draft {
  if (context.published.root !== undefined)
    throw new Refused(say('这里已有联盟', 'there is a federation here already'));
  const delegations = (now: Map<string, Holders>): void => {
    now.set(FEDERATION_ROLE, desk);
    if (guests !== undefined) now.set(GUESTS_ROLE, guests);
  };
  return {
    operation: `found ${own.federation}`,
    files: [
      { role: 'root', signed: rootSigned(nextHead('root', context), top, own, context.platform) },
      nextRole('targets', { delegations, own }, context),
      nextRole(FEDERATION_ROLE, { files, own }, context),
      ...(guests === undefined ? [] : [nextRole(GUESTS_ROLE, { own }, context)]),
    ],
    contents: files,
  };
}

/**
 * A region joins, or comes back. Its first file is part of it and signed with its own key: that proves that it has the key,
 * and a member without a file would be a trouble at every gateway.
 *
 * @param files its pack, if it is to be there at once
 */
export function admit(
  role: string,
  holders: Holders,
  files: ReadonlyMap<string, Uint8Array> | undefined,
  rekeying: Rekeying,
  context: Context,
): Draft {
  const { published } = context;
  founded(published);
  known(role);
  if (published.delegated.has(role))
    throw new Refused(
      say(`${role} 已是成员`, `${role} is a member already`),
      say('换钥请用 federation rotate', 'other keys: federation rotate'),
    );
  const by = delegatorOf(published, role);
  const below = [...published.delegated].find(([name, each]) => each.by === by && isBelow(name, role));
  if (below !== undefined)
    throw new Refused(
      say(
        `${below[0]} 现由 ${by} 授权，此后应由 ${role} 授权`,
        `${below[0]} stands under ${by}, and would stand under ${role}`,
      ),
      say(`请先暂停 ${below[0]}，再由 ${role} 接纳`, `suspend ${below[0]}; then ${role} admits it`),
    );
  const before = lastDelegated(published, role);
  const rekey = before === undefined ? {} : rekeyEntry(role, before, holders, rekeying, context);
  const change = { delegations: (now: Map<string, Holders>) => void now.set(role, holders), rekey };
  // Who comes back brings what it had, but for those who stood under it: it admits them again.
  const earlier = lastFile(published, role);
  const own = files ?? contentsOf(published, earlier);
  const signed = targetsSigned(nextHead(role, context), own, new Map(), context.platform, rekeysOf(earlier));
  return { operation: `admit ${role}`, files: [nextRole(by, change, context), { role, signed }], contents: own };
}

/** Removes a member at once, with all that stands under it: for a time (suspend) or for good (retire). */
export function remove(operation: 'suspend' | 'retire', role: string, context: Context): Draft {
  const { by } = memberOf(context.published, role);
  // Without the catalogue nobody could judge anything.
  if (role === FEDERATION_ROLE)
    throw new Refused(
      say(
        `${role} 属于全体：可换钥，不能退出`,
        `${role} belongs to all: its keys can be replaced, but it cannot leave`,
      ),
    );
  const change = { delegations: (now: Map<string, Holders>) => void now.delete(role) };
  return { operation: `${operation} ${role}`, files: [nextRole(by, change, context)], contents: new Map() };
}

/** A region's next version, with these files. */
export function publish(role: string, files: ReadonlyMap<string, Uint8Array>, context: Context): Draft {
  memberOf(context.published, role);
  return { operation: `publish ${role}`, files: [nextRole(role, { files }, context)], contents: files };
}

/** The same content once more, for another lifetime. */
export function renew(role: string, context: Context): Draft {
  const { published, platform } = context;
  founded(published);
  if (role === 'root') {
    const { own, top } = rootOf(published);
    const signed = rootSigned(nextHead('root', context), top, own, platform);
    return { operation: 'renew root', files: [{ role, signed }], contents: new Map() };
  }
  if (role !== 'targets') memberOf(published, role);
  return { operation: `renew ${role}`, files: [nextRole(role, {}, context)], contents: new Map() };
}

/**
 * Other keys for roles of the root. The next `targets` is part of it where its keys change, so that both the old root and
 * the new one vouch for what is published.
 */
export function rotateTop(roles: readonly TopRole[], holders: Holders, context: Context): Draft {
  const { published, platform } = context;
  founded(published);
  const { own, top } = rootOf(published);
  const after = { ...top, ...Object.fromEntries(roles.map((role) => [role, holders])) };
  const root = { role: 'root', signed: rootSigned(nextHead('root', context), after, own, platform) };
  return {
    operation: `rotate ${roles.join(' ')}`,
    files: roles.includes('targets') ? [root, nextRole('targets', {}, context)] : [root],
    contents: new Map(),
  };
}

/** Other keys for a region: with the old ones' consent, or after an announcement has waited. */
export function rotate(role: string, holders: Holders, rekeying: Rekeying, context: Context): Draft {
  const { published } = context;
  const before = memberOf(published, role);
  const rekey = rekeyEntry(role, before, holders, rekeying, context);
  const change = { delegations: (now: Map<string, Holders>) => void now.set(role, holders), rekey };
  return {
    operation: `rotate ${role}`,
    files: [nextRole(before.by, change, context), nextRole(role, {}, context)],
    contents: new Map(),
  };
}

/** Announces that a region's keys will be replaced without the old ones: of a member, or of one that was removed. */
export function announce(role: string, holders: Holders, context: Context): Draft {
  const { published, now } = context;
  founded(published);
  known(role);
  const before = lastDelegated(published, role);
  if (before === undefined)
    throw new Refused(say(`${role} 从未是成员，无可公示`, `${role} was never a member: there is nothing to announce`));
  checkSettled(role, before, context);
  const by = delegatorOf(published, role);
  const entry = { announced: announcedAt(published.roles.get(by), now), ...idsOf(holders, context) };
  return {
    operation: `announce ${role}`,
    files: [nextRole(by, { rekey: { [role]: entry } }, context)],
    contents: new Map(),
  };
}

function founded({ root }: Published): void {
  if (root === undefined) throw new Refused(say('这里没有联盟', 'there is no federation here'), FOUND_IT);
}

/** What to do where there is none. */
export const FOUND_IT = say(
  '管理目录用 --dir 指明；要新建联盟，用 federation found',
  'name the folder with --dir; federation found begins a federation',
);

function known(role: string): void {
  if (patternsOf(role) === undefined)
    throw new Refused(
      say(`${role} 不是联盟可有的地区`, `${role} is no region that a federation can have`),
      say('六位数字（GB/T 2260）；外来格式方共用一个角色', 'six digits (GB/T 2260); guests have one role together'),
    );
}

function memberOf(published: Published, role: string): Delegated {
  founded(published);
  const member = published.delegated.get(role);
  if (member === undefined)
    throw new Refused(
      say(`${role} 不是成员`, `${role} is no member`),
      say(
        `成员有：${[...published.delegated.keys()].join('、')}`,
        `members: ${[...published.delegated.keys()].join(', ')}`,
      ),
    );
  return member;
}

function rootOf({ root }: Published): { own: FederationRoot; top: TopHolders } {
  const { roles, keys } = root!.body;
  const of = (role: TopRole): Holders => holdersOf(roles[role], keys);
  return {
    own: federationOfRoot(root!)!,
    top: { root: of('root'), targets: of('targets'), snapshot: of('snapshot'), timestamp: of('timestamp') },
  };
}

/** The newest file of a role, whoever delegates to it now. */
function lastFile({ repository }: Published, role: string): RoleFile | undefined {
  const bytes = newest(repository, role)?.bytes;
  return bytes && readMetadata(bytes, 'targets', role);
}
