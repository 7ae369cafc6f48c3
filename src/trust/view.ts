import { decodeBase64 } from '../codec/base64url.ts';
import { type Algorithm, type AlgorithmName, algorithmNamed } from '../crypto/algorithms.ts';
import { keyFromJwk, type PublicKey } from '../crypto/keys.ts';
import type { Platform, Verifier } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type {
  IssuerEntry,
  IssuerList,
  KeyStatus,
  Localized,
  RegionManifest,
  RevocationList,
} from '../document/generated/types.ts';
import { KEY_USAGE, publicKeyOf, readCertificate } from './certificate.ts';

/** A key that may sign a region's documents, ready to check with. */
export interface TrustedKey {
  readonly region: string;
  readonly name: Localized;
  readonly keyId: string;
  readonly unit: string | undefined;
  /** Types it may sign. */
  readonly documentTypes: ReadonlySet<string>;
  /** Epoch ms. Signatures are good from / until here; ±Infinity where nothing bounds them. */
  readonly validFrom: number;
  readonly validUntil: number;
  readonly status: readonly { readonly state: KeyStatus['state']; readonly since: number }[];
  /** Prepared on first use. Undefined if the algorithm does not go with the key. */
  verifier(algorithm: AlgorithmName): Verifier | undefined;
}

/** One part of the view and when it was made: a stale part stops only what rests on it. */
export interface TrustPart {
  readonly part: string;
  readonly region: string;
  readonly issued: number;
}

/** Something in a pack that cannot be trusted, and why. Listed, never silently dropped. */
export interface Rejected {
  readonly file: string;
  readonly at: string;
  readonly reason: string;
}

/** Who may sign what, and when. Immutable: a change makes a new one. */
export interface TrustView {
  /** Keys with this id of the region and its sub-issuers; at most MAX_CANDIDATES, so that one id cannot buy much work. */
  candidates(region: string, keyId: string): readonly TrustedKey[];
  /** For documents that name no key: all keys, if the region has no more than MAX_CANDIDATES. */
  unnamed(region: string): readonly TrustedKey[];
  /**
   * Whether the region has revoked a document: `since` in epoch ms if it has, undefined if not, and `unpublished` if it
   * publishes no revocations. An id acts only in its issuer's own region.
   */
  revokedSince(region: string, ids: readonly string[]): number | undefined | 'unpublished';
  /** The parts that a region's documents rest on. */
  parts(region: string): readonly TrustPart[];
  /** Units that are one and the same: unit → the name of its group. */
  sameUnit(region: string, one: string, other: string): boolean;
  readonly size: number;
  readonly rejected: readonly Rejected[];
}

export const MAX_CANDIDATES = 4;

/** A region's share of the view, as its pack gives it. */
export interface RegionTrust {
  readonly manifest: RegionManifest;
  readonly lists: readonly { readonly file: string; readonly list: IssuerList }[];
  readonly revocations: readonly { readonly file: string; readonly list: RevocationList }[];
  /** The region itself and the regions it stands under, nearest first. */
  readonly chain: readonly string[];
}

/** Builds the view. What cannot be used is rejected with its reason; the rest goes on. */
export function buildTrustView(regions: readonly RegionTrust[], platform: Platform): TrustView {
  const keys = new Map<string, Map<string, TrustedKey[]>>();
  const parts = new Map<string, TrustPart[]>();
  const units = new Map<string, Map<string, number>>();
  const rejected: Rejected[] = [];
  let size = 0;

  const revoked = new Map<string, Map<string, number>>();

  for (const { manifest, lists, revocations, chain } of regions) {
    units.set(
      manifest.region,
      new Map((manifest.units ?? []).flatMap((group, i) => group.map((unit) => [unit, i] as const))),
    );
    for (const { file, list } of revocations) {
      push(parts, manifest.region, { part: file, region: manifest.region, issued: Date.parse(list.issued) });
      const ids = mapOf(revoked, manifest.region, () => new Map<string, number>());
      for (const { id, since } of list.revoked) ids.set(id, Math.min(ids.get(id) ?? Infinity, Date.parse(since)));
    }
    for (const { file, list } of lists) {
      const part = { part: file, region: manifest.region, issued: Date.parse(list.issued) };
      push(parts, manifest.region, part);
      list.issuers.forEach((entry, index) => {
        try {
          const key = trustedKey(entry, manifest, platform);
          for (const region of chain)
            push(
              mapOf(keys, region, () => new Map()),
              key.keyId,
              key,
            );
          size += 1;
        } catch (error) {
          if (!(error instanceof Broken)) throw error;
          rejected.push({ file, at: `/issuers/${index}`, reason: `${error.part}: ${error.message}` });
        }
      });
    }
  }

  const none: readonly TrustedKey[] = [];
  return {
    candidates: (region, keyId) => {
      const found = keys.get(region)?.get(keyId) ?? none;
      return found.length <= MAX_CANDIDATES ? found : found.slice(0, MAX_CANDIDATES);
    },
    unnamed: (region) => {
      const all = [...(keys.get(region)?.values() ?? [])].flat();
      return all.length <= MAX_CANDIDATES ? all : none;
    },
    revokedSince: (region, ids) => {
      const list = revoked.get(region);
      if (list === undefined) return 'unpublished';
      const found = ids.map((id) => list.get(id)).filter((since) => since !== undefined);
      return found.length === 0 ? undefined : Math.min(...found);
    },
    parts: (region) => parts.get(region) ?? [],
    sameUnit: (region, one, other) => {
      const groups = units.get(region);
      return one === other || (groups?.get(one) !== undefined && groups.get(one) === groups.get(other));
    },
    size,
    rejected,
  };
}

function trustedKey(entry: IssuerEntry, manifest: RegionManifest, platform: Platform): TrustedKey {
  const { key, from, until, purposes } =
    entry.certificate === undefined ? ofJwk(entry) : ofCertificate(entry, manifest);
  // What the region issues, what the list says of this key and what its certificate is for: all of them bind.
  const scopes = [manifest.issues, entry.documentTypes, purposes].filter((scope) => scope !== undefined);
  const types = scopes.reduce((all, scope) => all.filter((type) => scope.includes(type)));
  const prepared = new Map<AlgorithmName, Verifier | undefined>();
  return {
    region: manifest.region,
    name: entry.name ?? manifest.name,
    keyId: entry.keyId,
    unit: entry.unit,
    documentTypes: new Set(types),
    validFrom: Math.max(from, entry.validFrom === undefined ? -Infinity : Date.parse(entry.validFrom)),
    validUntil: Math.min(until, entry.validUntil === undefined ? Infinity : Date.parse(entry.validUntil)),
    status: (entry.status ?? []).map(({ state, since }) => ({ state, since: Date.parse(since) })),
    verifier(algorithm) {
      if (!prepared.has(algorithm)) prepared.set(algorithm, prepare(algorithmNamed(algorithm), key, platform));
      return prepared.get(algorithm);
    },
  };
}

function prepare(row: Algorithm | undefined, key: PublicKey, platform: Platform): Verifier | undefined {
  return row === undefined || row.key !== key.kind ? undefined : platform.prepare(row.name, key);
}

interface KeyMaterial {
  readonly key: PublicKey;
  readonly from: number;
  readonly until: number;
  readonly purposes: readonly string[] | undefined;
}

function ofJwk(entry: IssuerEntry): KeyMaterial {
  return { key: keyFromJwk(entry.jwk), from: -Infinity, until: Infinity, purposes: undefined };
}

/** Extensions that may be critical: key identifiers, usages, constraints, alternative names, policies (any is accepted). */
const UNDERSTOOD: ReadonlySet<string> = new Set(
  ['14', '15', '17', '19', '32', '35', '37'].map((arc) => `2.5.29.${arc}`),
);

/** RFC 5280 §4.2.1.3: where key usage is given, it must allow signing; §4.2: an unknown critical extension forbids use. */
function ofCertificate(entry: IssuerEntry, manifest: RegionManifest): KeyMaterial {
  const certificate = readCertificate(decodeBase64(entry.certificate!));
  const signing = KEY_USAGE.digitalSignature | KEY_USAGE.contentCommitment;
  if (certificate.keyUsage !== undefined && (certificate.keyUsage & signing) === 0) {
    throw new Broken('certificate', 'its key usage does not allow signing documents');
  }
  for (const [oid, extension] of certificate.extensions) {
    if (extension.critical && !UNDERSTOOD.has(oid))
      throw new Broken('certificate', `critical extension ${oid} is not understood`);
  }
  const mine = (manifest.keyPurposes ?? []).filter((purpose) => certificate.extendedKeyUsage?.includes(purpose.oid));
  return {
    key: publicKeyOf(certificate),
    from: certificate.notBefore,
    until: certificate.notAfter,
    purposes: mine.length === 0 ? undefined : mine.flatMap((purpose) => purpose.documentTypes),
  };
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
