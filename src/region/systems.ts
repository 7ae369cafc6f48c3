import { decodeBase64 } from '../codec/base64url.ts';
import { encodeHex } from '../codec/hex.ts';
import { ALGORITHMS, algorithmNamed, type EnvelopeAlgorithmName, type KeyKind } from '../crypto/algorithms.ts';
import { keyFromJwk, keyFromSpki, keyThumbprint, type PublicKey } from '../crypto/keys.ts';
import type { Platform, Verifier } from '../crypto/platform.ts';
import { Broken, unlessBroken } from '../document/broken.ts';
import type { EncryptionKey, SystemEntry, SystemList, SystemScope } from '../document/generated/types.ts';
import { type Certificate, publicKeyOf, readCertificate } from '../trust/certificate.ts';
import type { HeldKey } from '../trust/held.ts';
import type { Rejected } from '../trust/key.ts';

/** A member region's own system that may call gateways: a machine, never a person. */
export interface System {
  /** `<region>/<id>`. The region is that of the pack it stands in: nobody names systems of others. */
  readonly name: string;
  readonly region: string;
  readonly may: readonly SystemScope[];
  /** All, if absent. */
  readonly purposes?: readonly string[];
  readonly perMinute: number;
}

/** A key by which a system signs its requests. */
export interface SystemKey {
  readonly system: System;
  readonly algorithm: EnvelopeAlgorithmName;
  readonly verify: Verifier;
}

/** The systems of all regions, as they are in force. */
export interface Systems {
  /** In: `<region>/<id>#<RFC 7638 thumbprint>`, and epoch ms. Undefined for a key that is none, not yet, or no longer. */
  key(keyId: string, now: number): SystemKey | undefined;
  /** Whose access certificate this is, byte for byte. In: DER, and epoch ms. Undefined as above. */
  certificate(der: Uint8Array, now: number): System | undefined;
  /** Whether a region lists a system of this name, `<region>/<id>`; also where its list is too old to let it in. */
  lists(name: string): boolean;
  /** Under which bodies to this region are encrypted, the one to use first. None where its list is too old. */
  encryption(region: string, now: number): readonly EncryptionKey[];
  /** What a region's own systems call with, for those who look after it. */
  held(region: string): readonly HeldKey[];
}

/** One region's list, and until when its signature is good (epoch ms). */
export interface SystemSource {
  readonly region: string;
  readonly file: string;
  readonly list: SystemList;
  readonly expires: number;
}

/** During [from, until). */
interface Timed<T> {
  readonly what: T;
  readonly from: number;
  readonly until: number;
}

/** Which algorithm a key of each kind signs requests with. */
const SIGNS: Readonly<Partial<Record<KeyKind, EnvelopeAlgorithmName>>> = {
  'P-256': 'ES256',
  Ed25519: 'EdDSA',
  SM2: 'SM2-SM3',
};

/**
 * Compiles the lists of all regions. A list whose signature has run out names nobody: a key that was taken out since could
 * have been kept from us. What cannot be used is rejected by its place, and the rest goes on.
 */
export function systemsOf(
  sources: readonly SystemSource[],
  platform: Platform,
): { systems: Systems; rejected: readonly Rejected[] } {
  const rejected: Rejected[] = [];
  const keys = new Map<string, Timed<SystemKey>>();
  const certificates = new Map<string, Timed<System>>();
  const encryption = new Map<string, Timed<readonly EncryptionKey[]>>();
  const names = new Set<string>();
  /** Listed more than once: nobody could tell whose call it is. */
  const doubled = new Set<string>();
  const sha256 = (der: Uint8Array): string => encodeHex(platform.digest('SHA-256', der));

  for (const { region, file, list, expires } of sources) {
    const attempt = (at: string, run: () => void): void => {
      try {
        run();
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        rejected.push({ file, at, reason: error.message });
      }
    };
    const addEntry = (entry: SystemEntry, at: string): void => {
      const system = systemOf(region, entry);
      if (names.has(system.name)) throw new Broken('system', `another system is called ${entry.id}`);
      names.add(system.name);
      for (const [i, { spki, notBefore, notAfter }] of (entry.keys ?? []).entries())
        attempt(`${at}/keys/${i}`, () => {
          const key = keyFromSpki(decodeBase64(spki));
          const what = { system, ...preparedKey(key, platform) };
          const from = notBefore === undefined ? Number.NEGATIVE_INFINITY : Date.parse(notBefore);
          const until = Math.min(expires, notAfter === undefined ? expires : Date.parse(notAfter));
          keys.set(`${system.name}#${keyThumbprint(platform, key)}`, { what, from, until });
        });
      for (const [i, text] of (entry.certificates ?? []).entries())
        attempt(`${at}/certificates/${i}`, () => {
          const der = decodeBase64(text);
          const certificate = readCertificate(der);
          checkKey(publicKeyOf(certificate), platform);
          const digest = sha256(der);
          if (certificates.has(digest)) {
            doubled.add(digest);
            throw new Broken('certificate', 'another system has this certificate: neither is known by it');
          }
          const until = Math.min(expires, certificate.notAfter + 1);
          certificates.set(digest, { what: system, from: certificate.notBefore, until });
        });
    };
    for (const [i, entry] of list.systems.entries()) attempt(`/systems/${i}`, () => addEntry(entry, `/systems/${i}`));
    const usable: EncryptionKey[] = [];
    for (const [i, key] of (list.encryption ?? []).entries())
      attempt(`/encryption/${i}`, () => {
        checkPoint(key, platform);
        usable.push(key);
      });
    encryption.set(region, { what: usable, from: Number.NEGATIVE_INFINITY, until: expires });
  }
  for (const digest of doubled) certificates.delete(digest);

  const systems: Systems = {
    key: (keyId, now) => inForce(keys.get(keyId), now),
    certificate: (der, now) => inForce(certificates.get(sha256(der)), now),
    lists: (name) => names.has(name),
    encryption: (region, now) => inForce(encryption.get(region), now) ?? [],
    held: (region) =>
      sources
        .filter((source) => source.region === region)
        .flatMap(({ list }) => keysOfSystems(list, platform))
        .map(({ keyId, until }) => ({ region, kind: 'system', keyId, unit: undefined, status: [], until })),
  };
  return { systems, rejected };
}

/** A key or access certificate as a list has it. Times are epoch ms; undefined where nothing bounds it. */
export interface ListedSystemKey {
  /** `<id>#<RFC 7638 thumbprint>`, or of a certificate `<id>, certificate <serial>`. */
  readonly keyId: string;
  readonly key: PublicKey;
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly certificate: Certificate | undefined;
}

/** All that a region's systems call with. What cannot be read is passed over: loading the store tells of that. */
export const keysOfSystems = ({ systems }: SystemList, platform: Platform): ListedSystemKey[] =>
  systems.flatMap(({ id, keys = [], certificates = [] }) => [
    ...keys.flatMap(({ spki, notBefore, notAfter }) => {
      const key = unlessBroken(() => keyFromSpki(decodeBase64(spki)));
      if (key === undefined) return [];
      const keyId = `${id}#${keyThumbprint(platform, key)}`;
      return [{ keyId, key, from: timeOf(notBefore), until: timeOf(notAfter), certificate: undefined }];
    }),
    ...certificates.flatMap((text) => {
      const read = unlessBroken(() => {
        const certificate = readCertificate(decodeBase64(text));
        return { certificate, key: publicKeyOf(certificate) };
      });
      if (read === undefined) return [];
      const { serial, notBefore, notAfter } = read.certificate;
      return [{ ...read, keyId: `${id}, certificate ${serial}`, from: notBefore, until: notAfter }];
    }),
  ]);

const timeOf = (instant: string | undefined): number | undefined =>
  instant === undefined ? undefined : Date.parse(instant);

const inForce = <T>(row: Timed<T> | undefined, now: number): T | undefined =>
  row !== undefined && row.from <= now && now < row.until ? row.what : undefined;

const systemOf = (region: string, { id, may, purposes, perMinute }: SystemEntry): System => ({
  name: `${region}/${id}`,
  region,
  may,
  ...(purposes === undefined ? {} : { purposes }),
  perMinute,
});

function preparedKey(key: PublicKey, platform: Platform): Omit<SystemKey, 'system'> {
  const name = SIGNS[key.kind];
  if (name === undefined) throw new Broken('key', `requests are not signed with ${key.kind}`);
  const verify = platform.prepare(name, key);
  if (verify === undefined) throw new Broken('key', 'the key is not usable');
  return { algorithm: algorithmNamed(name).name, verify };
}

/** A weak key would let somebody else call: what no document may be signed with is no key of a caller either. */
function checkKey(key: PublicKey, platform: Platform): void {
  const usual = ALGORITHMS.find((row) => row.key === key.kind);
  if (usual === undefined || platform.prepare(usual.name, key) === undefined)
    throw new Broken('key', 'the key is not usable');
}

/** What would be encrypted to a point off its curve could be read by whoever chose the point. */
function checkPoint({ kty, crv, x, y }: EncryptionKey, platform: Platform): void {
  if ((kty === 'EC') !== (crv === 'P-256')) throw new Broken('key', 'kty and crv contradict each other');
  if (crv === 'P-256') checkKey(keyFromJwk({ kty, crv, x, y }), platform);
  else if (y !== undefined) throw new Broken('key', 'a key of X25519 has no y');
}
