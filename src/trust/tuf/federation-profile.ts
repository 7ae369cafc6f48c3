import { olpcJson } from '../../codec/olpc-json.ts';
import { isObject, type Value, type ValueObject } from '../../codec/value.ts';
import type { Digester, KeyKind } from '../../crypto/algorithms.ts';
import { rekeyed } from './keyholders.ts';
import { tufKeyId } from './keys.ts';
import type { Keys, Metadata, RoleKeys } from './metadata.ts';
import type { FederationName, Profile } from './profile.ts';
import { FEDERATION_ROLE, mayList, whyNotDelegated } from './regions.ts';
import { checkRekeying } from './rekey.ts';
import type { KindGroups } from './signatures.ts';
import { TufRefusal } from './troubles.ts';

/** The member of signed metadata that holds what is the federation's own. */
export const OWN = 'x-tongren';

/** What the root says of its federation. */
export interface FederationRoot extends FederationName {
  /** Role (`regions` for every delegated one) → groups of kinds of keys, each of which must meet its threshold. */
  readonly kinds: Readonly<Record<string, KindGroups>>;
  /** Hours between the announcement that a region's keys are replaced without the old ones, and the replacement. */
  readonly waitingHours: number;
}

const HOUR = 3_600_000;
/** Clocks may differ by a minute, as everywhere. */
const SKEW = 60_000;
const ENVIRONMENTS: readonly unknown[] = ['production', 'rehearsal', 'reference'];
const KINDS: readonly unknown[] = ['P-256', 'P-384', 'Ed25519', 'RSA', 'SM2'];

/**
 * Hours for which a file may be valid at most. Whoever serves the files can withhold news as long as the region's own
 * file is valid, and no longer; so that is bounded for every region, whatever it signs.
 */
const LIFETIMES: ReadonlyMap<string, number> = new Map([
  ['root', 400 * 24],
  ['targets', 400 * 24],
  [FEDERATION_ROLE, 400 * 24],
  ['snapshot', 72],
  ['timestamp', 72],
]);
const LIFETIME_OF_REGION = 72;

/** What a root says of its federation; undefined if it does not, or not in full. */
export function federationOfRoot({ signed }: Pick<Metadata, 'signed'>): FederationRoot | undefined {
  const own = signed[OWN];
  if (!isObject(own)) return undefined;
  const { federation, environment, waitingHours, kinds = {} } = own;
  if (typeof federation !== 'string' || !/^[a-z][a-z0-9-]{2,60}$/.test(federation)) return undefined;
  if (typeof environment !== 'string' || !ENVIRONMENTS.includes(environment)) return undefined;
  if (typeof waitingHours !== 'number' || !Number.isSafeInteger(waitingHours) || waitingHours < 0) return undefined;
  if (!isObject(kinds) || !Object.values(kinds).every(areGroups)) return undefined;
  return { federation, environment, waitingHours, kinds: kinds as FederationRoot['kinds'] };
}

const areGroups = (value: Value): value is readonly (readonly KeyKind[])[] =>
  Array.isArray(value) &&
  value.every((group) => Array.isArray(group) && group.length > 0 && group.every((kind) => KINDS.includes(kind)));

const ONLINE = ['snapshot', 'timestamp'] as const;
const OFFLINE = ['root', 'targets'] as const;

/** The rules of our federation (ARCHITECTURE, "Signed store"). */
export const FEDERATION: Profile = {
  hashes: ['sha256', 'sm3'],
  // Once a second for ten years; beyond it a thief could use up the numbers.
  leap: 400_000_000,
  remembers: true,
  kinds(root, role) {
    const kinds = federationOfRoot(root)?.kinds ?? {};
    return (Object.hasOwn(kinds, role) ? kinds[role] : LIFETIMES.has(role) ? undefined : kinds['regions']) ?? [];
  },
  checkFile(role, { issued, expires, signed }, now, root) {
    checkName(role, signed, root);
    if (issued === undefined) throw new TufRefusal('ISSUED_MISSING', role, 'no member "issued"');
    if (issued > now + SKEW) throw new TufRefusal('ISSUED_IN_FUTURE', role, new Date(issued).toISOString());
    const hours = LIFETIMES.get(role) ?? LIFETIME_OF_REGION;
    if (expires - issued > hours * HOUR) throw new TufRefusal('LIFETIME_TOO_LONG', role, `more than ${hours} hours`);
  },
  checkRoot(root, before, digester) {
    const own = federationOfRoot(root);
    if (own === undefined) throw new TufRefusal('FEDERATION_UNNAMED', 'root', `no member "${OWN}", or a faulty one`);
    const earlier = before && federationOfRoot(before);
    // A rehearsal's root signed by the same people must not turn a production store into a rehearsal.
    if (earlier && (earlier.federation !== own.federation || earlier.environment !== own.environment))
      throw new TufRefusal('FEDERATION_CHANGED', 'root', `${own.federation}, ${own.environment}`);
    checkKeyIds('root', root.body.keys, digester);
    const { roles, keys } = root.body;
    if (!root.body.consistentSnapshot) violated('root', 'consistent_snapshot is not set');
    // An online key lies on a server: in an offline role it would be a vote that a thief can cast.
    const online = new Set(ONLINE.flatMap((name) => publicKeysOf(roles[name], keys)));
    const shared = OFFLINE.some((name) => publicKeysOf(roles[name], keys).some((key) => online.has(key)));
    if (shared) violated('root', 'a key of snapshot or timestamp is also one of root or targets');
  },
  checkDelegations(role, { body }, digester) {
    if (role === 'targets' && body.targets.size > 0) violated(role, 'lists files itself');
    checkKeyIds(role, body.delegatedKeys, digester);
    const why = whyNotDelegated(role, body.delegations);
    if (why !== undefined) throw new TufRefusal('DELEGATION_OUT_OF_BOUNDS', role, why);
  },
  checkChange(change, platform) {
    const delegations = rekeyed(change);
    if (delegations.length === 0) return;
    const waitingMs = (federationOfRoot(change.root)?.waitingHours ?? 0) * HOUR;
    checkRekeying(change, delegations, waitingMs, nameOf(change.root), platform);
  },
  mayList,
};

const nameOf = (root: Pick<Metadata, 'signed'>): FederationName => {
  const { federation = '', environment = '' } = federationOfRoot(root) ?? {};
  return { federation, environment };
};

/** One key may be held in two federations: what was signed for a rehearsal must not count elsewhere. */
function checkName(role: string, signed: ValueObject, root: Pick<Metadata, 'signed'>): void {
  const own = signed[OWN];
  if (!isObject(own)) return;
  for (const [member, name] of Object.entries(nameOf(root)))
    if (own[member] !== undefined && own[member] !== name)
      throw new TufRefusal('FEDERATION_CHANGED', role, `it is of ${String(own[member])}`);
}

function violated(role: string, detail: string): never {
  throw new TufRefusal('PROFILE_VIOLATED', role, detail);
}

const publicKeysOf = (role: RoleKeys, keys: Keys): string[] =>
  role.keyIds.flatMap((id) => {
    const keyval: Value | undefined = keys.get(id)?.['keyval'];
    return isObject(keyval) ? [olpcJson(keyval)] : [];
  });

/** An id that is not the key's digest could stand for two keys, of which two readers see one each. */
function checkKeyIds(role: string, keys: Keys, digester: Digester): void {
  for (const [id, entry] of keys) {
    if (id !== tufKeyId(entry as ValueObject, digester)) violated(role, 'a key id is not the digest of its key');
  }
}
