import { sameBytes } from '../codec/bytes.ts';
import type { Platform } from '../crypto/platform.ts';
import type { Proposal } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { FEDERATION, federationOfRoot } from '../trust/tuf/federation-profile.ts';
import { metadataName } from '../trust/tuf/paths.ts';
import { refreshFrom } from '../trust/tuf/refresh.ts';
import { beginWith } from '../trust/tuf/root.ts';
import type { TufContext } from '../trust/tuf/state.ts';
import { TROUBLES, type Trouble, troubleOf } from '../trust/tuf/troubles.ts';
import { lifetimeOf } from './operations.ts';
import type { NamedSigner } from './operators.ts';
import { filesOf, needsOf } from './proposal.ts';
import type { Published, RootFile } from './published.ts';
import { Refused } from './refused.ts';
import { newest, placeRole, placeRoot, publishNews, type Repository } from './tuf-publish.ts';

export interface Placing {
  readonly published: Published;
  /** Keys at hand; those of snapshot and timestamp are needed. */
  readonly signers: readonly NamedSigner[];
  readonly now: number;
  readonly platform: Platform;
  /**
   * The online keys that are replaced cannot sign any more. Between the new timestamp and the new root, two writes, gateways
   * then refuse the news; they go on with what they have.
   */
  readonly oldKeysLost?: boolean;
}

/**
 * The repository with a proposal that everybody has signed, and with news of it. Without a proposal: with fresh news only.
 * What it gives has been looked at with the eyes of a gateway that begins and of one that is up to date; nothing that either
 * would refuse leaves here.
 *
 * @param contents target files that the proposal lists and the repository lacks
 * @throws Refused
 */
export async function place(
  proposal: Proposal | undefined,
  contents: ReadonlyMap<string, Uint8Array>,
  placing: Placing,
): Promise<Repository> {
  const { published } = placing;
  const { root, roles } = proposal === undefined ? { root: undefined, roles: new Map() } : filesOf(proposal);
  if (proposal !== undefined) checkReady(proposal, placing);
  let next = published.repository;
  for (const [role, file] of roles) next = placeRole(next, role, file.bytes, contents);
  const between = await withNews(next, root, placing);
  const after = root === undefined ? between : placeRoot(between, root.bytes);
  // The root is written last: whoever reads before that has all the rest.
  if (root !== undefined && published.root !== undefined && placing.oldKeysLost !== true) {
    checkOldKeys(published.root, placing);
    checkAccepted(between, placing);
  }
  checkAccepted(after, placing);
  return after;
}

/** What was published since a proposal was begun goes before it. @throws Refused */
export function checkNotOvertaken(proposal: Proposal, published: Published): void {
  for (const { role, version, last } of openOf(proposal, published))
    if (version <= last) throw otherVersion(role, version, last);
}

/** Whether all files of a proposal are in the store, octet for octet. */
export function isPlaced(proposal: Proposal, { repository }: Published): boolean {
  return versionsOf(proposal).every(({ role, version, bytes }) => {
    const there = repository.get(metadataName(role, version));
    return there !== undefined && sameBytes(there, bytes);
  });
}

function versionsOf(proposal: Proposal): { role: string; version: number; bytes: Uint8Array }[] {
  const { root, roles } = filesOf(proposal);
  return proposal.files.map(({ role }) => {
    const { version, bytes } = role === 'root' ? root! : roles.get(role)!;
    return { role, version, bytes };
  });
}

/**
 * What is still to be written, and which version is published. Whoever was killed between the timestamp and the new root has
 * written all the rest, which is nobody else's and has overtaken nothing.
 */
function openOf(proposal: Proposal, { repository }: Published): { role: string; version: number; last: number }[] {
  return versionsOf(proposal).flatMap(({ role, version, bytes }) => {
    const there = newest(repository, role);
    return there !== undefined && sameBytes(there.bytes, bytes) ? [] : [{ role, version, last: there?.version ?? 0 }];
  });
}

const otherVersion = (role: string, version: number, last: number): Refused =>
  new Refused(
    say(
      `${role}：提案是第 ${version} 版，而已发布第 ${last} 版`,
      `${role}: the proposal is version ${version}, and ${last} is published`,
    ),
    version <= last
      ? say('提案已过时，请重新制作', 'it was overtaken: make it again')
      : say(
          '此处的库落后，请先从发布处完整复制',
          'the repository here is behind: copy it whole from where it is served',
        ),
  );

function checkReady(proposal: Proposal, { published, platform }: Placing): void {
  for (const { role, version, last } of openOf(proposal, published))
    if (version !== last + 1) throw otherVersion(role, version, last);
  const needs = needsOf(proposal, published, platform);
  for (const { role } of proposal.files)
    if (!needs.some((need) => need.role === role))
      throw new Refused(say(`没有谁授权 ${role}`, `nobody delegates to ${role}`));
  const open = needs.find(({ met }) => !met);
  if (open === undefined) return;
  const { role, signed, threshold, missing } = open;
  const names = missing.map((id) => proposal.names[id] ?? id.slice(0, 12));
  const enough = signed.length >= threshold;
  throw new Refused(
    say(
      `${role}：需 ${threshold} 个签名，已有 ${signed.length} 个；尚缺其中之一 ${names.join('、')}${enough ? '，或另一类密钥' : ''}`,
      `${role}: ${signed.length} of ${threshold} have signed; missing are some of ${names.join(', ')}${enough ? ', or keys of another kind' : ''}`,
    ),
    say('请用 federation sign 签名', 'federation sign'),
  );
}

/** Until the new root is written, gateways go by the old one. */
function checkOldKeys({ body }: RootFile, { signers }: Placing): void {
  const role = (['snapshot', 'timestamp'] as const).find((each) =>
    signers.every(({ keyId }) => !body.roles[each].keyIds.includes(keyId)),
  );
  if (role === undefined) return;
  throw new Refused(
    say(
      `手头没有 ${role} 的旧密钥，网关会暂时拒绝`,
      `no old key of ${role} is at hand, so gateways would refuse for a moment`,
    ),
    say(
      '用 --key 指定旧密钥；若已丢失，加 --old-keys-lost',
      '--key names the old one; if it is lost, add --old-keys-lost',
    ),
  );
}

/** Signed with every online key at hand that the old root or the new one names. */
async function withNews(next: Repository, root: RootFile | undefined, placing: Placing): Promise<Repository> {
  const { published, signers, now, platform } = placing;
  const roots = [published.root, root].filter((each) => each !== undefined);
  const of = (role: 'snapshot' | 'timestamp'): NamedSigner[] => {
    const ids = new Set(roots.flatMap(({ body }) => body.roles[role].keyIds));
    const found = signers.filter(({ keyId }) => ids.has(keyId));
    if (found.length === 0)
      throw new Refused(
        say(`手头没有 ${role} 的密钥`, `no key of ${role} is at hand`),
        say(
          '用 --key 指定文件，或放入密钥文件夹；若已丢失：federation key 新建，再 federation rotate snapshot timestamp --old-keys-lost',
          '--key FILE, or put it into the keys folder; if it is lost: federation key, then federation rotate snapshot timestamp --old-keys-lost',
        ),
      );
    return found;
  };
  const times = (role: string) => ({ now, lifetime: lifetimeOf(role) });
  return publishNews(
    next,
    { snapshot: of('snapshot'), timestamp: of('timestamp') },
    { snapshot: times('snapshot'), timestamp: times('timestamp') },
    platform,
    federationOfRoot((root ?? published.root)!),
  );
}

/** What gateways would say to a repository: one that begins at the first root, and one that has seen `earlier`. */
export function troublesOf(repository: Repository, now: number, platform: Platform, earlier?: Repository): Trouble[] {
  const first = repository.get(metadataName('root', 1));
  if (first === undefined) return [];
  const context: TufContext = { platform, profile: FEDERATION, now };
  try {
    const begun = beginWith(first, context);
    const fresh = refreshFrom(begun, repository, context).troubles;
    if (earlier === undefined) return [...fresh];
    return [...fresh, ...refreshFrom(refreshFrom(begun, earlier, context).state, repository, context).troubles];
  } catch (error) {
    return [troubleOf(error)];
  }
}

/**
 * Troubles that are there already (a member that has let its file expire) do not keep the others from going on; nor do
 * those that only now come to light, of files that are the same as before.
 */
function checkAccepted(after: Repository, { published: { repository: before }, now, platform }: Placing): void {
  const known = new Set(troublesOf(before, now, platform).map(({ role, code }) => `${role} ${code}`));
  const fresh = troublesOf(after, now, platform, before.size === 0 ? undefined : before).find(
    ({ role, code }) =>
      !known.has(`${role} ${code}`) &&
      !(code === 'EXPIRED' && newest(before, role)?.version === newest(after, role)?.version),
  );
  if (fresh === undefined) return;
  throw new Refused(
    say(
      `网关会拒绝：${fresh.role} ${fresh.code}（${fresh.detail}）`,
      `gateways would refuse it: ${fresh.role} ${fresh.code} (${fresh.detail})`,
    ),
    TROUBLES[fresh.code],
  );
}
