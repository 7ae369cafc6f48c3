import { decodeBase64, encodeBase64, encodeBase64url } from '../codec/base64url.ts';
import { parseJson } from '../codec/json.ts';
import { derFromPem } from '../codec/pem.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import type { Value, ValueObject } from '../codec/value.ts';
import { keyFromJwk, keyFromSpki, keyThumbprint } from '../crypto/keys.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type { IssuerEntry } from '../document/generated/types.ts';
import { type Certificate, fingerprint, publicKeyOf, readCertificate } from '../trust/certificate.ts';

export interface ImportInput {
  /** Files by name: one for a list, many for a folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** PEM of the public key that must have signed the list, where the list is signed. */
  readonly key: string | undefined;
  readonly platform: Platform;
}

export interface Imported {
  readonly issuers: IssuerEntry[];
  /** What was left out, and why. Never silent. */
  readonly left: { readonly what: string; readonly why: string }[];
}

interface Importer {
  readonly about: string;
  readonly signed: boolean;
  /** Errors: Broken, if the list as a whole cannot be trusted or read. */
  read(input: ImportInput): Imported;
}

const LIST_LIMITS = { input: 256 * 1024 * 1024, inflated: 0, depth: 16, items: 5_000_000 };

/** Foreign lists that can become a region's issuers, one row each. */
export const IMPORTERS: Readonly<Record<string, Importer>> = {
  'dcc-dsc-list': {
    about: 'a DSC list as the EU verifier apps fetch it: a base64 ECDSA signature line, then JSON (needs --key)',
    signed: true,
    read: readDscList,
  },
  certificates: { about: 'certificates (PEM or DER), a file or a folder', signed: false, read: readCertificates },
  jwks: { about: 'JSON Web Key Sets (RFC 7517), a file or a folder', signed: false, read: readKeySets },
};

function readDscList({ files, key, platform }: ImportInput): Imported {
  const bytes = only(files);
  const newline = bytes.indexOf(0x0a);
  if (newline < 0) throw new Broken('list', 'no signature line');
  const body = bytes.subarray(newline + 1);
  const [spki] = derFromPem(key ?? '', 'PUBLIC KEY');
  if (spki === undefined)
    throw new Broken('key', 'the list is signed: name the public key (PEM) that it must be signed with');
  const signature = decodeBase64(decodeUtf8(bytes.subarray(0, newline)).trim());
  const verify = platform.prepare('ES256', keyFromSpki(spki));
  if (verify === undefined) throw new Broken('key', 'not a P-256 key');
  if (!verify(body, signature))
    throw new Broken('list', 'its signature does not match: the list was altered, or another key signed it');

  const imported: Imported = { issuers: [], left: [] };
  for (const row of listAt(parseJson(decodeUtf8(body), LIST_LIMITS), 'certificates')) {
    const { kid, rawData, country, certificateType } = row as Record<string, string>;
    gather(imported, `key ${kid}`, () => {
      if (certificateType !== 'DSC') throw new Broken('entry', 'not a document signer');
      const certificate = readCertificate(decodeBase64(rawData!));
      const keyId = encodeBase64url(decodeBase64(kid!));
      if (keyId !== certificateKeyId(certificate, platform))
        throw new Broken('entry', 'its key id is not that of the certificate');
      publicKeyOf(certificate);
      return { keyId, certificate: rawData!, unit: country! };
    });
  }
  return imported;
}

function readCertificates({ files, platform }: ImportInput): Imported {
  const imported: Imported = { issuers: [], left: [] };
  for (const [name, bytes] of files) {
    gatherAll(imported, name, () => {
      const ders = bytes[0] === 0x30 ? [bytes] : derFromPem(decodeUtf8(bytes), 'CERTIFICATE');
      if (ders.length === 0) throw new Broken('file', 'holds no certificate');
      return ders.map((der) => {
        const certificate = readCertificate(der);
        publicKeyOf(certificate);
        const country = certificate.subject.attributes['C'];
        return {
          keyId: certificateKeyId(certificate, platform),
          certificate: encodeBase64(der),
          ...(country === undefined ? {} : { unit: country }),
        };
      });
    });
  }
  return imported;
}

function readKeySets({ files, platform }: ImportInput): Imported {
  const imported: Imported = { issuers: [], left: [] };
  for (const [name, bytes] of files) {
    gatherAll(imported, name, () =>
      listAt(parseJson(decodeUtf8(bytes), LIST_LIMITS), 'keys').map((jwk) => entryOfJwk(jwk, platform)),
    );
  }
  return imported;
}

function entryOfJwk(jwk: Value, platform: Platform): IssuerEntry {
  const key = keyFromJwk(jwk);
  const { kid } = jwk as { kid?: Value };
  return { keyId: typeof kid === 'string' ? kid : keyThumbprint(platform, key), jwk: { ...(jwk as ValueObject) } };
}

/** The first eight bytes of the certificate's SHA-256, as EU DCC documents name it. */
const certificateKeyId = (certificate: Certificate, platform: Platform): string =>
  encodeBase64url(fingerprint(certificate, platform, 'SHA-256').subarray(0, 8));

const gather = (imported: Imported, what: string, make: () => IssuerEntry): void =>
  gatherAll(imported, what, () => [make()]);

/** One entry that cannot be read is left out by name; the rest goes on. */
function gatherAll(imported: Imported, what: string, make: () => IssuerEntry[]): void {
  try {
    imported.issuers.push(...make());
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    imported.left.push({ what, why: `${error.part}: ${error.message}` });
  }
}

function only(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const [bytes, ...more] = [...files.values()];
  if (bytes === undefined || more.length > 0) throw new Broken('list', 'expected one file');
  return bytes;
}

function listAt(value: Value, member: string): readonly Value[] {
  const list =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ValueObject)[member] : undefined;
  if (!Array.isArray(list)) throw new Broken('list', `no list "${member}"`);
  return list as readonly Value[];
}
