import { decodeBase64 } from '../codec/base64url.ts';
import { jwkThumbprint, keyThumbprint, type PublicKey } from '../crypto/keys.ts';
import type { Platform } from '../crypto/platform.ts';
import { unlessBroken } from '../document/broken.ts';
import type { EncryptionKey, Environment, RegionManifest } from '../document/generated/types.ts';
import { type Certificate, publicKeyOf, readCertificate } from '../trust/certificate.ts';
import { stateOf as saidOf } from '../trust/held.ts';
import { statusOf, type TrustedKey } from '../trust/key.ts';
import { keyOf, readListed } from '../trust/listed.ts';
import { attempt, type Files, readPack, regionIds } from './pack.ts';
import { keysOfSystems } from './systems.ts';

/** A key or certificate of a pack, for those who look after it. Times are epoch ms; absent where nothing bounds it. */
export interface Listed {
  readonly region: string;
  readonly file: string;
  readonly keyId: string;
  /** `system`: what the region's systems call with, and what bodies to it are encrypted to. */
  readonly what: 'signer' | 'authority' | 'between' | 'timestamper' | 'system';
  readonly kind: PublicKey['kind'] | EncryptionKey['crv'];
  /** Bits of an RSA modulus; of a curve's coordinates else. */
  readonly bits: number;
  /** RFC 7638: the same for one key, wherever it stands. */
  readonly thumbprint: string;
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly environment: Environment | undefined;
  readonly state: KeyState;
  readonly certificate: Certificate | undefined;
}

export type KeyState = NonNullable<TrustedKey['status']>[number]['state'] | 'expired' | 'not yet valid';

type Entry = Omit<Listed, 'region' | 'file' | 'bits' | 'thumbprint' | 'state' | 'kind'> & {
  readonly key: PublicKey;
  readonly status: TrustedKey['status'];
};

/** Whether documents stand on it. */
export const forDocuments = ({ what }: Listed): boolean => what !== 'timestamper' && what !== 'system';

/** Every key of a store, by region. What cannot be read is passed over: loading the store tells of that. */
export function inventory(files: Files, now: number, platform: Platform): Listed[] {
  return regionIds(files).flatMap((region) => {
    const pack = attempt(
      () => readPack(region, files, () => {}),
      () => {},
    );
    if (pack === undefined) return [];
    const add = (file: string, { key, status, ...entry }: Entry): Listed => ({
      region,
      file,
      ...entry,
      kind: key.kind,
      bits: bitsOf(key),
      thumbprint: keyThumbprint(platform, key),
      state: stateOf({ ...entry, status }, now),
    });
    return [
      ...pack
        .issuers(() => {})
        .flatMap(({ file, list }) => signersOf(file, list, pack.manifest, platform).map((each) => add(file, each))),
      ...[...pack.anchors.map(as('authority')), ...pack.timestampers.map(as('timestamper'))].flatMap(
        ({ file, list, what }) =>
          list.issuers.flatMap((entry) => {
            const der = entry.certificate === undefined ? undefined : decodeBase64(entry.certificate);
            const found = certified(der, what, list.environment);
            return found === undefined ? [] : [add(file, { ...found, keyId: entry.keyId, status: statusOf(entry) })];
          }),
      ),
      ...pack.certificates.flatMap(({ file, der }) => {
        const found = certified(der, 'between', undefined);
        return found === undefined ? [] : [add(file, found)];
      }),
      ...(pack.systems === undefined ? [] : [pack.systems]).flatMap(({ file, list }) => [
        ...keysOfSystems(list, platform).map((each) =>
          add(file, { ...each, what: 'system', environment: undefined, status: [] }),
        ),
        ...(list.encryption ?? []).map((key) => ({ region, file, ...encryptionKey(key, platform) })),
      ]),
    ];
  });
}

const as =
  <What extends Entry['what']>(what: What) =>
  <T>(list: T): T & { readonly what: What } => ({ ...list, what });

/** It signs nothing, and a list says no dates of it. */
const encryptionKey = (
  { kid, kty, crv, x, y }: EncryptionKey,
  platform: Platform,
): Omit<Listed, 'region' | 'file'> => ({
  ...{ what: 'system', keyId: kid, kind: crv, bits: 256, thumbprint: jwkThumbprint(platform, { kty, crv, x, y }) },
  ...{ from: undefined, until: undefined, environment: undefined, state: 'active', certificate: undefined },
});

function signersOf(
  file: string,
  list: Parameters<typeof readListed>[1],
  manifest: RegionManifest,
  platform: Platform,
): Entry[] {
  const certificates = new Map(list.issuers.map((entry) => [entry.keyId, entry.certificate]));
  return readListed(file, list, manifest, platform).keys.map(
    ({ keyId, key, from, until, environment, status = [] }) => {
      const certificate = certificates.get(keyId);
      return {
        what: 'signer',
        keyId,
        key: keyOf(key),
        from,
        until,
        environment,
        status,
        certificate:
          certificate === undefined ? undefined : unlessBroken(() => readCertificate(decodeBase64(certificate))),
      };
    },
  );
}

function certified(
  der: Uint8Array | undefined,
  what: 'authority' | 'between' | 'timestamper',
  environment: Environment | undefined,
): Entry | undefined {
  return unlessBroken(() => {
    if (der === undefined) return undefined;
    const certificate = readCertificate(der);
    return {
      what,
      keyId: certificate.serial,
      key: publicKeyOf(certificate),
      from: certificate.notBefore,
      until: certificate.notAfter,
      environment,
      status: [],
      certificate,
    };
  });
}

/** What the list says of it now; and what its dates say where the list says nothing against it. */
function stateOf({ status, from, until }: Pick<Entry, 'status' | 'from' | 'until'>, now: number): KeyState {
  const { state: said } = saidOf(status, now);
  if (said !== 'active' && said !== 'retiring') return said;
  if (until !== undefined && until < now) return 'expired';
  return from !== undefined && now < from ? 'not yet valid' : said;
}

function bitsOf(key: PublicKey): number {
  if (key.kind !== 'RSA') return key.x.length * 8;
  return key.n.length * 8 - Math.clz32(key.n[0]!) + 24;
}
