import { isObject } from '../codec/value.ts';
import type { Consent } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { instantOf } from '../document/time.ts';
import { federationOfRoot } from '../trust/tuf/federation-profile.ts';
import { tufKeyEntry, tufKeyId } from '../trust/tuf/keys.ts';
import { keyholdersOf } from '../trust/tuf/profile.ts';
import { type RekeyEntry, rekeyStatement } from '../trust/tuf/rekey.ts';
import { isSignedBy } from '../trust/tuf/signatures.ts';
import type { Context } from './operations.ts';
import type { NamedSigner } from './operators.ts';
import { type Delegated, delegatorOf, type RoleFile } from './published.ts';
import { Refused } from './refused.ts';
import { consentTo, type Holders } from './tuf-write.ts';

/** What the old keys of a region, or the others, have to say before its keys may be replaced: see trust/tuf/rekey.ts. */
export interface Rekeying {
  readonly consent: Consent | undefined;
}

type Entries = Readonly<Record<string, RekeyEntry>>;

/** The entries of a delegating role: they stay, for those who have not seen the change yet. */
export function rekeysOf(file: RoleFile | undefined): Entries {
  const own = file?.signed['x-tongren'];
  const rekey = isObject(own) ? own['rekey'] : undefined;
  return isObject(rekey) ? (rekey as unknown as Entries) : {};
}

export function idsOf({ keys, threshold }: Holders, { platform }: Pick<Context, 'platform'>) {
  return { keyids: keys.map((key) => tufKeyId(tufKeyEntry(key), platform)).sort(), threshold };
}

type Ids = { readonly keyids: readonly string[]; readonly threshold: number };
const same = (one: Ids, other: Ids): boolean =>
  one.threshold === other.threshold && [...one.keyids].sort().join() === [...other.keyids].sort().join();

/** When a change that is announced now counts as announced: later than all that was signed before it. */
export function announcedAt(before: RoleFile | undefined, now: number): string {
  const issued = now - (now % 1000);
  return instantOf((before?.issued ?? 0) >= issued ? issued + 1000 : issued);
}

/**
 * The entry without which nobody would accept other keys for a region. None if they stay the same, or if the one that
 * stands there will do. Errors: Refused if the keys may not be replaced yet.
 */
export function rekeyEntry(
  role: string,
  before: Delegated,
  holders: Holders,
  { consent }: Rekeying,
  context: Context,
): Entries {
  const { published, now, platform } = context;
  const to = idsOf(holders, context);
  const from = { keyids: before.delegation.keyIds, threshold: before.delegation.threshold };
  if (same(from, to)) return {};
  const file = published.roles.get(delegatorOf(published, role));
  const standing = rekeysOf(file)[role];
  const due = Date.parse(standing?.announced ?? '') + waitingOf(published);
  const announced = standing?.keyids !== undefined && standing.threshold !== undefined && same(standing as Ids, to);
  if (consent === undefined) {
    if (!announced)
      throw new Refused(
        say(
          `${role} 换钥既无旧钥同意，也未公示`,
          `the keys of ${role} are replaced without the old ones’ consent or an announcement`,
        ),
        say(
          '有旧钥：federation consent；无旧钥：federation rotate --announce，公示期满再办',
          'with the old keys: federation consent; without: federation rotate --announce, and wait',
        ),
      );
    if (!(due <= now - (now % 1000)))
      throw new Refused(say(`公示期到 ${instantOf(due)} 才满`, `the waiting time is over at ${instantOf(due)}`));
    return {};
  }
  checkSettled(role, before, context);
  const signatures = new Map(consent.consent.map(({ keyid, sig }) => [keyid, sig]));
  const keyholders = keyholdersOf(before.delegation, before.keys);
  const statement = rekeyStatement(
    role,
    keyholders,
    { keyIds: to.keyids, threshold: to.threshold },
    federationOfRoot(published.root!)!,
  );
  const by = { role, of: before.delegation, keys: before.keys };
  if (!isSignedBy({ signatures, signedBytes: statement }, by, platform))
    throw new Refused(
      say('这份同意书不是旧钥对这些新钥的同意', 'the consent is not that of the old keys to these new ones'),
    );
  const entry = { announced: announcedAt(file, now), ...to, consent: consent.consent };
  return { [role]: entry };
}

/**
 * One entry can only vouch for one change: whoever was away for a short time would be kept out by a second one so soon.
 *
 * @throws Refused
 */
export function checkSettled(role: string, { delegation }: Delegated, { published, now }: Context): void {
  const file = published.roles.get(delegatorOf(published, role));
  const { announced = '', keyids, threshold } = rekeysOf(file)[role] ?? {};
  const due = Date.parse(announced) + waitingOf(published);
  const current = { keyids: delegation.keyIds, threshold: delegation.threshold };
  if (keyids === undefined || threshold === undefined || !same({ keyids, threshold }, current) || due <= now) return;
  throw new Refused(
    say(
      `${role} 刚换过密钥，${instantOf(due)} 起方可再换`,
      `the keys of ${role} were replaced a short time ago; again from ${instantOf(due)}`,
    ),
    say('密钥被盗请用 federation suspend', 'stolen keys: federation suspend'),
  );
}

const waitingOf = ({ root }: Context['published']): number => (federationOfRoot(root!)?.waitingHours ?? 0) * 3_600_000;

/** What keyholders at hand agree to: other keys for their region. Joined to what others agreed to before. */
export async function consentOf(
  role: string,
  before: Delegated,
  holders: Holders,
  signers: readonly NamedSigner[],
  earlier: Consent | undefined,
  context: Context,
): Promise<Consent> {
  const to = idsOf(holders, context);
  if (earlier !== undefined && (earlier.region !== role || !same(earlier, to)))
    throw new Refused(say('先前的同意书针对的是别的内容', 'the earlier consent is to something else'));
  const own = signers.filter(({ keyId }) => before.delegation.keyIds.includes(keyId));
  if (own.length === 0)
    throw new Refused(say(`手头密钥都不是 ${role} 的`, `none of the keys at hand is one of ${role}`));
  const keyholders = keyholdersOf(before.delegation, before.keys);
  const of = federationOfRoot(context.published.root!)!;
  const statement = rekeyStatement(role, keyholders, { keyIds: to.keyids, threshold: to.threshold }, of);
  const given = await consentTo(statement, own, context.platform);
  const others = (earlier?.consent ?? []).filter(({ keyid }) => given.every((each) => each.keyid !== keyid));
  return { region: role, ...to, consent: [...others, ...given].map(({ keyid, sig }) => ({ keyid, sig })) };
}
