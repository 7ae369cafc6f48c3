import { decodeBase64, decodeBase64url, encodeBase64url } from '../codec/base64url.ts';
import { ALGORITHMS, type AlgorithmName } from '../crypto/algorithms.ts';
import { keyFromJwk, type PublicKey } from '../crypto/keys.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type { Environment, IssuerEntry, IssuerList, Localized, RegionManifest } from '../document/generated/types.ts';
import { publicKeyOf, readCertificate } from './certificate.ts';
import { type Rejected, statusOf, type TrustedKey, verifiersOf } from './key.ts';
import { signerFault } from './use.ts';

/**
 * What a list of issuers comes to once every certificate is read and every key checked. Plain data, so that it can be kept
 * and need not be worked out again while the list is the same.
 */
export interface ListedKeys {
  readonly file: string;
  /** Epoch ms. */
  readonly issued: number;
  readonly keys: readonly ListedKey[];
  readonly rejected: readonly Rejected[];
}

export interface ListedKey {
  readonly keyId: string;
  readonly name?: Localized | undefined;
  readonly unit?: string | undefined;
  readonly documentTypes: readonly string[];
  /** Epoch ms; absent where nothing bounds it. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly environment?: Environment | undefined;
  readonly status?: TrustedKey['status'];
  readonly key: KeptKey;
}

/** A public key with its numbers in base64url. */
export interface KeptKey {
  readonly kind: PublicKey['kind'];
  readonly numbers: readonly string[];
  readonly only?: readonly AlgorithmName[] | undefined;
}

/** Reads a list's certificates and keys. What cannot be used is rejected with its reason; the rest goes on. */
export function readListed(file: string, list: IssuerList, manifest: RegionManifest, platform: Platform): ListedKeys {
  const rejected: Rejected[] = [];
  const keys = list.issuers.flatMap((entry, index) => {
    try {
      return [readEntry(entry, list, manifest, platform)];
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      rejected.push({ file, at: `/issuers/${index}`, reason: `${error.part}: ${error.message}` });
      return [];
    }
  });
  return { file, issued: Date.parse(list.issued), keys, rejected };
}

function readEntry(entry: IssuerEntry, list: IssuerList, manifest: RegionManifest, platform: Platform): ListedKey {
  // Unheard it would be a demand of the region that nobody keeps.
  if (entry.policies !== undefined)
    throw new Broken('policies', 'certificate policies are asked of what an anchor issued');
  const { key, from, until, purposes } =
    entry.certificate === undefined ? ofJwk(entry) : ofCertificate(entry, manifest);
  // What the region issues, what the list says of this key and what its certificate is for: all of them bind.
  const scopes = [manifest.issues, entry.documentTypes, purposes].filter((scope) => scope !== undefined);
  // A point off its curve or a modulus too short: found here it is listed, found later every document would be refused.
  const verifier = verifiersOf(key, platform);
  if (!ALGORITHMS.some(({ name }) => verifier(name) !== undefined))
    throw new Broken('key', 'no algorithm can be used with it: a point off the curve, or a size that is not allowed');
  const { validFrom, validUntil, name, unit, keyId } = entry;
  const begins = [from, validFrom === undefined ? undefined : Date.parse(validFrom)].filter((at) => at !== undefined);
  const ends = [until, validUntil === undefined ? undefined : Date.parse(validUntil)].filter((at) => at !== undefined);
  return {
    keyId,
    name,
    unit,
    documentTypes: scopes.reduce((all, scope) => all.filter((type) => scope.includes(type))),
    from: begins.length === 0 ? undefined : Math.max(...begins),
    until: ends.length === 0 ? undefined : Math.min(...ends),
    environment: list.environment,
    ...(entry.status === undefined ? {} : { status: statusOf(entry) }),
    key: keptOf(key),
  };
}

/** A kept key as the view has it. Its numbers are read, and the key prepared, when it is first needed. */
export function trustedKeyOf(kept: ListedKey, manifest: RegionManifest, platform: Platform): TrustedKey {
  let verifier: TrustedKey['verifier'] | undefined;
  return {
    region: manifest.region,
    name: kept.name ?? manifest.name,
    keyId: kept.keyId,
    unit: kept.unit,
    documentTypes: new Set(kept.documentTypes),
    validFrom: kept.from ?? -Infinity,
    validUntil: kept.until ?? Infinity,
    environment: kept.environment,
    status: kept.status ?? [],
    verifier: (algorithm) => {
      verifier ??= verifierOf(kept, platform);
      return verifier(algorithm);
    },
  };
}

/** By platform and kept key: where a store changes, the keys of all whose files did not are ready as they were. */
const prepared = new WeakMap<Platform, WeakMap<ListedKey, TrustedKey['verifier']>>();

function verifierOf(kept: ListedKey, platform: Platform): TrustedKey['verifier'] {
  let ready = prepared.get(platform);
  if (ready === undefined) {
    ready = new WeakMap();
    prepared.set(platform, ready);
  }
  let verifier = ready.get(kept);
  if (verifier === undefined) {
    verifier = verifiersOf(keyOf(kept.key), platform);
    ready.set(kept, verifier);
  }
  return verifier;
}

function keptOf(key: PublicKey): KeptKey {
  const { kind } = key;
  if (key.kind === 'RSA')
    return { kind, numbers: [key.n, key.e].map((bytes) => encodeBase64url(bytes)), only: key.only };
  return { kind, numbers: (key.kind === 'Ed25519' ? [key.x] : [key.x, key.y]).map((bytes) => encodeBase64url(bytes)) };
}

export function keyOf({ kind, numbers, only }: KeptKey): PublicKey {
  const [one, other] = numbers.map((text) => decodeBase64url(text)) as [Uint8Array, Uint8Array];
  if (kind === 'RSA') return { kind, n: one, e: other, ...(only === undefined ? {} : { only }) };
  return kind === 'Ed25519' ? { kind, x: one } : { kind, x: one, y: other };
}

interface KeyMaterial {
  readonly key: PublicKey;
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly purposes: readonly string[] | undefined;
}

function ofJwk(entry: IssuerEntry): KeyMaterial {
  return { key: keyFromJwk(entry.jwk), from: undefined, until: undefined, purposes: undefined };
}

function ofCertificate(entry: IssuerEntry, manifest: RegionManifest): KeyMaterial {
  const certificate = readCertificate(decodeBase64(entry.certificate!));
  const fault = signerFault(certificate);
  if (fault !== undefined) throw new Broken('certificate', fault);
  const mine = (manifest.keyPurposes ?? []).filter((purpose) => certificate.extendedKeyUsage?.includes(purpose.oid));
  return {
    key: publicKeyOf(certificate),
    from: certificate.notBefore,
    until: certificate.notAfter,
    purposes: mine.length === 0 ? undefined : mine.flatMap((purpose) => purpose.documentTypes),
  };
}
