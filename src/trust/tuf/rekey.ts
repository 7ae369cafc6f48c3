import { olpcJson } from '../../codec/olpc-json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { isObject, type Value, type ValueObject } from '../../codec/value.ts';
import type { Platform } from '../../crypto/platform.ts';
import { sameHolders } from './keyholders.ts';
import type { Delegation, Metadata, TargetsBody } from './metadata.ts';
import type { Change, FederationName, Keyholders } from './profile.ts';
import { isSignedBy } from './signatures.ts';
import { TufRefusal } from './troubles.ts';

/**
 * Replacing the keys of a region. Whoever controls `targets` for a moment must not be able to take over a region at
 * once, so one of two things must stand in the delegating metadata, as `x-tongren.rekey.<region>`:
 *
 * - `consent`: signatures of the old keys, with their threshold, over `rekeyStatement`. Then it acts at once.
 * - `announced`, `keyids`, `threshold`: the announcement, signed like all of it by the delegating role's threshold. It stands
 *   there beside the old keys first; the keys may change when the federation's waiting time is over. Who saw the metadata
 *   in between must have seen the announcement; who did not relies on the threshold that signs the date.
 *
 * Removal needs none of this. A region that comes back with other keys than it left with is held to the same.
 */
export interface RekeyEntry {
  readonly announced?: string;
  readonly keyids?: readonly string[];
  readonly threshold?: number;
  readonly consent?: readonly { readonly keyid: string; readonly sig: string }[];
}

/** The bytes that old keyholders sign to agree: whose region, its old keys and new ones. Key ids are digests of keys. */
export function rekeyStatement(
  region: string,
  from: Keyholders,
  to: Pick<Delegation, 'keyIds' | 'threshold'>,
  { federation, environment }: FederationName,
): Uint8Array {
  const holders = ({ keyIds, threshold }: Pick<Delegation, 'keyIds' | 'threshold'>): ValueObject => ({
    keyids: [...keyIds].sort(),
    threshold,
  });
  const statement = { _type: 'x-tongren-rekey', federation, environment, region, from: holders(from), to: holders(to) };
  return encodeUtf8(olpcJson(statement));
}

/** Checks delegations whose keys are others than before (`rekeyed`). @throws TufRefusal REKEY_UNFOUNDED */
export function checkRekeying(
  change: Change,
  delegations: readonly Delegation[],
  waitingMs: number,
  of: FederationName,
  platform: Platform,
): void {
  for (const delegation of delegations) {
    const before = change.keyholders.get(delegation.name)!;
    const entry = entryOf(change.after, delegation.name);
    if (entry !== undefined && consents(delegation, before, entry, of, platform)) continue;
    const why = whyNotAnnounced(change, delegation, entry, waitingMs);
    if (why !== undefined) throw new TufRefusal('REKEY_UNFOUNDED', change.role, `${delegation.name}: ${why}`);
  }
}

function entryOf({ signed }: Metadata<TargetsBody>, region: string): ValueObject | undefined {
  const own = signed['x-tongren'];
  const rekey = isObject(own) ? own['rekey'] : undefined;
  const entry = isObject(rekey) ? rekey[region] : undefined;
  return isObject(entry) ? entry : undefined;
}

function consents(
  to: Delegation,
  from: Keyholders,
  { consent }: ValueObject,
  of: FederationName,
  platform: Platform,
): boolean {
  if (!Array.isArray(consent) || consent.length > 64) return false;
  const signatures = new Map<string, string>();
  for (const item of consent as readonly Value[]) {
    if (!isObject(item)) return false;
    const { keyid, sig } = item;
    if (typeof keyid !== 'string' || typeof sig !== 'string') return false;
    signatures.set(keyid, sig);
  }
  return isSignedBy(
    { signatures, signedBytes: rekeyStatement(to.name, from, to, of) },
    { role: to.name, of: from, keys: new Map(Object.entries(from.keys)) },
    platform,
  );
}

function whyNotAnnounced(
  { before, after }: Change,
  to: Delegation,
  entry: ValueObject | undefined,
  waitingMs: number,
): string | undefined {
  if (entry === undefined) return 'neither the old keys’ consent nor an announcement';
  if (!announces(entry, to)) return 'what was announced is something else';
  const announced = Date.parse(String(entry['announced']));
  // `issued` is signed and lies in the past: a clock that runs ahead shortens nothing.
  if (!(announced + waitingMs <= (after.issued ?? Number.NEGATIVE_INFINITY))) return 'the waiting time is not over';
  if (before === undefined || (before.issued ?? 0) < announced) return undefined;
  const then = entryOf(before, to.name);
  const shown = then !== undefined && announces(then, to) && then['announced'] === entry['announced'];
  return shown ? undefined : 'it was not announced when it says it was';
}

function announces({ keyids, threshold }: ValueObject, to: Delegation): boolean {
  return (
    Array.isArray(keyids) &&
    keyids.every((id) => typeof id === 'string') &&
    typeof threshold === 'number' &&
    sameHolders({ keyIds: keyids as string[], threshold }, to)
  );
}
