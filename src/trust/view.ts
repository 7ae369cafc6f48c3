import type { Proof } from '../codec/proof.ts';
import type { Platform } from '../crypto/platform.ts';
import type { Environment, IssuanceLog, IssuerList } from '../document/generated/types.ts';
import { certificateId } from './certificate.ts';
import { type AnchorSource, buildChains, type Chains, type ChainWork, type Embedded } from './chain.ts';
import type { HeldKey } from './held.ts';
import type { Rejected, TrustedKey } from './key.ts';
import { type ListedKeys, trustedKeyOf } from './listed.ts';
import {
  buildRegister,
  type Register,
  type RevocationQuery,
  type RevocationSource,
  type Standing,
} from './revocations.ts';
import { readTimestampers, seenByTimestamper, type Timestamper } from './timestamps.ts';
import { highestOf, inTurn } from './turns.ts';

export type { Rejected, TrustedKey } from './key.ts';

/** One part of the view and when it was made: a stale part stops only what rests on it. */
export interface TrustPart {
  readonly part: string;
  readonly region: string;
  /** Epoch ms. Of a signed store, when it was last vouched for. */
  readonly issued: number;
  /** Epoch ms: from then on nobody vouches for it. Undefined in a store without signatures. */
  readonly expires?: number | undefined;
}

/** When a file was last vouched for, and until when; epoch ms. */
export interface FileTimes {
  readonly issued: number;
  readonly expires: number;
}

/** Who may sign what, and when. Immutable: a change makes a new one. */
export interface TrustView {
  /**
   * Keys with this id of the region and its sub-issuers; at most MAX_CANDIDATES, so that one id cannot buy much work.
   * Where more have it (one key that serves hundreds of hospitals), those of the unit that the document names go first.
   */
  candidates(region: string, keyId: string, unit?: string): readonly TrustedKey[];
  /** Whether more keys have this id than are tried: then that none of them fits proves nothing. */
  crowded(region: string, keyId: string, unit?: string): boolean;
  /** Listed keys of this very certificate: the pack names it, and no chain is asked for. */
  pinned(region: string, certificate: Uint8Array): readonly TrustedKey[];
  /** A certificate that came with a document, judged by the region's anchors. */
  embedded(region: string, certificates: readonly Uint8Array[], work?: ChainWork): Embedded;
  /** For documents that name no key: all keys, if the region has no more than MAX_CANDIDATES. */
  unnamed(region: string): readonly TrustedKey[];
  /** What the region says of a document. An id acts only in its issuer's own region. */
  revocation(region: string, query: RevocationQuery): Standing;
  /** What the region publishes of revoked documents, for those who look after it; undefined if it is no region here. */
  register(region: string): Register | undefined;
  /**
   * When one of the timestamping authorities of the region or the federation saw this signature; epoch ms. Those whose lists
   * were made for another environment are not asked.
   */
  stampedAt(
    region: string,
    proof: Pick<Proof, 'timestamps' | 'stamped'>,
    environment: Environment | undefined,
  ): number | undefined;
  /** When the region logged what was signed (its SHA-256, base64url) as issued; epoch ms. */
  loggedAt(region: string, digest: string): number | undefined;
  readonly digest: Platform['digest'];
  /** Of regions that list one key, the one under which the others stand; undefined if there is none. */
  owner(regions: readonly string[]): string | undefined;
  /** The parts that a region's documents rest on. */
  parts(region: string): readonly TrustPart[];
  /** Units that are one and the same: unit → the name of its group. */
  sameUnit(region: string, one: string, other: string): boolean;
  readonly size: number;
  readonly regions: readonly string[];
  /** The keys and authorities of the region's own lists, for those who look after it; of `COMMON`, what belongs to all. */
  held(region: string): readonly HeldKey[];
  readonly rejected: readonly Rejected[];
}

/** Where the federation's own timestamping authorities are held: no region is called so. */
export const COMMON = 'federation';
export const MAX_CANDIDATES = 4;
const UNPUBLISHED: Standing = { state: 'unpublished' };

/** A region's share of the view, as its pack gives it. */
export interface RegionTrust extends AnchorSource {
  /** What its lists of issuers came to (listed.ts). */
  readonly lists: readonly ListedKeys[];
  readonly revocations: RevocationSource;
  /** Timestamping authorities, and what the region says it has issued. */
  readonly timestampers?: readonly { readonly file: string; readonly list: IssuerList }[];
  readonly issuance?: readonly { readonly file: string; readonly list: IssuanceLog }[];
}

/** Builds the view. What cannot be used is rejected with its reason; the rest goes on. */
export function buildTrustView(
  regions: readonly RegionTrust[],
  platform: Platform,
  /** Timestamping authorities of the federation. */
  timestampers: NonNullable<RegionTrust['timestampers']> = [],
  /** What the signatures of a store say of its files; they go before what lists say of themselves. */
  timesOf: (file: string) => FileTimes | undefined = () => undefined,
): TrustView {
  const keys = new Map<string, Map<string, TrustedKey[]>>();
  const parts = new Map<string, TrustPart[]>();
  const units = new Map<string, Map<string, number>>();
  const rejected: Rejected[] = [];
  const own = new Map<string, TrustedKey[]>();
  let size = 0;
  const addPart = (region: string, part: TrustPart): void => push(parts, region, { ...part, ...timesOf(part.part) });

  const registers = new Map<string, Register>();
  const logged = new Map<string, ReadonlyMap<string, number>>();
  for (const { manifest, lists, anchors = [], revocations, issuance = [], chain } of regions) {
    for (const { file, list } of anchors)
      addPart(manifest.region, { part: file, region: manifest.region, issued: Date.parse(list.issued) });
    units.set(
      manifest.region,
      new Map((manifest.units ?? []).flatMap((group, i) => group.map((unit) => [unit, i] as const))),
    );
    logged.set(manifest.region, logOf(issuance));
    const register = buildRegister(manifest.region, revocations, platform);
    registers.set(manifest.region, register);
    for (const part of register.parts) addPart(manifest.region, part);
    for (const each of register.rejected) rejected.push(each);
    for (const { file, issued, keys: found, rejected: unusable } of lists) {
      addPart(manifest.region, { part: file, region: manifest.region, issued });
      for (const each of unusable) rejected.push(each);
      for (const kept of found) {
        const key = trustedKeyOf(kept, manifest, platform);
        push(own, manifest.region, key);
        for (const region of chain)
          push(
            mapOf(keys, region, () => new Map()),
            key.keyId,
            key,
          );
      }
      size += found.length;
    }
  }

  // Read when a document first brings certificates or timestamps, or somebody asks what was rejected: most documents bring none.
  let made: Authorities | undefined;
  const authorities = (): Authorities => {
    made ??= readAuthorities(regions, timestampers, platform);
    return made;
  };
  const none: readonly TrustedKey[] = [];
  const above = new Map(regions.map(({ manifest, chain }) => [manifest.region, chain]));
  const sameUnit = (region: string, one: string, other: string): boolean => {
    const groups = units.get(region);
    return one === other || (groups?.get(one) !== undefined && groups.get(one) === groups.get(other));
  };
  // Documents come in runs of one region, and with hundreds of regions its map costs as much to find as the key in it.
  let latest: { readonly region: string; readonly keys: ReadonlyMap<string, readonly TrustedKey[]> | undefined } = {
    region: '',
    keys: undefined,
  };
  const named = (region: string, keyId: string, unit: string | undefined): readonly TrustedKey[] => {
    if (latest.region !== region) latest = { region, keys: keys.get(region) };
    const found = latest.keys?.get(keyId) ?? none;
    if (found.length <= MAX_CANDIDATES) return found;
    const fit =
      unit === undefined ? none : found.filter((key) => key.unit === undefined || sameUnit(key.region, key.unit, unit));
    return inTurn(fit.length === 0 ? found : fit, ({ region: of }) => of);
  };
  return {
    candidates: (region, keyId, unit) => {
      const found = named(region, keyId, unit);
      return found.length <= MAX_CANDIDATES ? found : found.slice(0, MAX_CANDIDATES);
    },
    crowded: (region, keyId, unit) => named(region, keyId, unit).length > MAX_CANDIDATES,
    pinned: (region, certificate) =>
      named(region, certificateId(certificate, platform), undefined).slice(0, MAX_CANDIDATES),
    embedded: (region, certificates, work) => authorities().chains.embedded(region, certificates, work),
    unnamed: (region) => {
      const all = [...(keys.get(region)?.values() ?? [])].flat();
      return all.length <= MAX_CANDIDATES ? all : none;
    },
    revocation: (region, query) => registers.get(region)?.standing(query) ?? UNPUBLISHED,
    register: (region) => registers.get(region),
    stampedAt: (region, { timestamps = [], stamped }, environment) => {
      if (stamped === undefined || timestamps.length === 0) return undefined;
      const { stampers, common } = authorities();
      const those = [...(above.get(region) ?? [])].flatMap((each) => stampers.get(each) ?? []);
      const asked = [...those, ...common].filter(
        ({ environment: own }) => own === undefined || environment === undefined || own === environment,
      );
      return seenByTimestamper(timestamps, stamped, asked, platform);
    },
    loggedAt: (region, digest) => logged.get(region)?.get(digest),
    digest: platform.digest,
    owner: (among) => highestOf(among, (region) => above.get(region) ?? []),
    parts: (region) => parts.get(region) ?? [],
    sameUnit,
    size,
    held: (region) => [
      ...(own.get(region) ?? []).map(
        ({ keyId, unit, status, validUntil }): HeldKey => ({
          region,
          kind: 'signer',
          keyId,
          unit,
          status,
          until: Number.isFinite(validUntil) ? validUntil : undefined,
        }),
      ),
      ...authorities().chains.held.filter((each) => each.region === region),
      ...(region === COMMON ? authorities().common : (authorities().stampers.get(region) ?? [])).map(
        ({ keyId, status, validUntil: until }): HeldKey => ({
          ...{ region, kind: 'timestamper', keyId, unit: undefined, status, until },
        }),
      ),
    ],
    regions: regions.map(({ manifest }) => manifest.region),
    get rejected() {
      return [...authorities().rejected, ...rejected];
    },
  };
}

/** What is needed only for documents that bring certificates or timestamps along. */
interface Authorities {
  readonly chains: Chains;
  /** Timestamping authorities of the federation, and of each region. */
  readonly common: readonly Timestamper[];
  readonly stampers: ReadonlyMap<string, readonly Timestamper[]>;
  readonly rejected: readonly Rejected[];
}

function readAuthorities(
  regions: readonly RegionTrust[],
  timestampers: NonNullable<RegionTrust['timestampers']>,
  platform: Platform,
): Authorities {
  const rejected: Rejected[] = [];
  const common = readTimestampers(timestampers, platform, rejected);
  const chains = buildChains(regions, platform);
  for (const each of chains.rejected) rejected.push(each);
  const stampers = new Map(
    regions.map(({ manifest, timestampers: own = [] }) => [manifest.region, readTimestampers(own, platform, rejected)]),
  );
  return { chains, common, stampers, rejected };
}

/** What was logged, with the earliest time. */
function logOf(logs: NonNullable<RegionTrust['issuance']>): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { list } of logs)
    for (const { digest, at } of list.logged)
      times.set(digest, Math.min(times.get(digest) ?? Infinity, Date.parse(at)));
  return times;
}

function push<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

function mapOf<Key, Inner>(map: Map<Key, Inner>, key: Key, make: () => Inner): Inner {
  let inner = map.get(key);
  if (inner === undefined) {
    inner = make();
    map.set(key, inner);
  }
  return inner;
}
