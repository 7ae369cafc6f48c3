import { decodeBase64, encodeBase64, encodeBase64url } from '../codec/base64url.ts';
import { parseJson } from '../codec/json.ts';
import { derFromPem } from '../codec/pem.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { isObject, type Value } from '../codec/value.ts';
import { keyFromJwk, keyFromSpki, keyThumbprint, keyToJwk } from '../crypto/keys.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type { IssuerEntry, Localized } from '../document/generated/types.ts';
import { validateIssuers } from '../document/generated/validators.js';
import { say } from '../document/say.ts';
import { type Certificate, certificateId, publicKeyOf, readCertificate, signatureCheck } from '../trust/certificate.ts';
import { anchorFault } from '../trust/chain.ts';
import { madeBy, readCrl } from '../trust/crl.ts';
import { type Imported, type ImportInput, orLeft } from './imported.ts';
import { readVciDirectory } from './vci-directory.node.ts';

export type { Imported } from './imported.ts';

interface Importer {
  readonly about: Localized;
  readonly signed: boolean;
  /** The pack's folder that the entries belong in, if they are not issuers. */
  readonly folder?: 'anchors';
  /** Errors: Broken, if the list as a whole cannot be trusted or read. */
  read(input: ImportInput): Imported;
}

const LIST_LIMITS = { input: 256 * 1024 * 1024, inflated: 0, depth: 16, items: 5_000_000 };

/** Foreign lists that can become a region's issuers, one row each. */
export const IMPORTERS: Readonly<Record<string, Importer>> = {
  'dcc-dsc-list': {
    about: say(
      '欧盟验证程序所下载的 DSC 名单：首行为 ECDSA 签名（base64），其后为 JSON；须用 --key',
      'a DSC list as the EU verifier apps fetch it: a base64 ECDSA signature line, then JSON (needs --key)',
    ),
    signed: true,
    read: readDscList,
  },
  certificates: {
    about: say('证书（PEM 或 DER），文件或文件夹', 'certificates (PEM or DER), a file or a folder'),
    signed: false,
    read: readCertificates,
  },
  anchors: {
    about: say(
      '证书机构（CA），其签发方证书随证照附带；连同其证书吊销列表：PEM 或 DER',
      'authorities (CA) whose signers come with their documents, and their lists of revoked certificates: PEM or DER',
    ),
    signed: false,
    folder: 'anchors',
    read: readAnchors,
  },
  'vci-directory': {
    about: say(
      'VCI 目录的快照（*.json）及其签名（*.sig）所在的文件夹；须用 --key',
      "a folder with the VCI directory's snapshot (*.json) and its signature (*.sig) (needs --key)",
    ),
    signed: true,
    read: readVciDirectory,
  },
  jwks: {
    about: say('JSON Web 密钥集（RFC 7517），文件或文件夹', 'JSON Web Key Sets (RFC 7517), a file or a folder'),
    signed: false,
    read: readKeySets,
  },
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
    const { kid, rawData, country, certificateType } = (row ?? {}) as Record<string, Value>;
    gather(imported, `key ${String(kid).slice(0, 60)}`, () => {
      if (certificateType !== 'DSC') throw new Broken('entry', 'not a document signer');
      if (typeof kid !== 'string' || typeof rawData !== 'string' || typeof country !== 'string')
        throw new Broken('entry', 'kid, rawData and country are not all there');
      const certificate = readCertificate(decodeBase64(rawData));
      const keyId = encodeBase64url(decodeBase64(kid));
      if (keyId !== certificateId(certificate.raw, platform))
        throw new Broken('entry', 'its key id is not that of the certificate');
      publicKeyOf(certificate);
      return { keyId, certificate: rawData, unit: country };
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
      for (const [i, der] of ders.entries())
        gather(imported, ders.length === 1 ? name : `${name} certificate ${i}`, () =>
          entryOfCertificate(der, platform),
        );
      return [];
    });
  }
  return imported;
}

function entryOfCertificate(der: Uint8Array, platform: Platform): IssuerEntry {
  const certificate = readCertificate(der);
  publicKeyOf(certificate);
  const country = certificate.subject.attributes['C'];
  return {
    keyId: certificateId(certificate.raw, platform),
    certificate: encodeBase64(der),
    ...(country === undefined ? {} : { unit: country }),
  };
}

/** Certificates of authorities, and lists that at least one of them has signed. */
function readAnchors({ files, platform }: ImportInput): Imported {
  const imported: Imported = { issuers: [], left: [] };
  const authorities: Certificate[] = [];
  const lists: { name: string; der: Uint8Array }[] = [];
  for (const [name, bytes] of files) {
    gatherAll(imported, name, () => {
      const pem = bytes[0] === 0x30 ? undefined : decodeUtf8(bytes);
      const crls = pem === undefined ? (name.endsWith('.crl') ? [bytes] : []) : derFromPem(pem, 'X509 CRL');
      lists.push(...crls.map((der) => ({ name, der })));
      const ders = pem === undefined ? (crls.length === 0 ? [bytes] : []) : derFromPem(pem, 'CERTIFICATE');
      if (ders.length + crls.length === 0) throw new Broken('file', 'holds no certificate and no list');
      return ders.map((der) => {
        const certificate = readCertificate(der);
        const fault = anchorFault(certificate);
        if (fault !== undefined) throw new Broken('certificate', fault);
        authorities.push(certificate);
        const { C, CN, O } = certificate.subject.attributes;
        const title = CN ?? O ?? C;
        return {
          keyId: certificateId(certificate.raw, platform),
          certificate: encodeBase64(der),
          // Doc 9303-12 asks for capitals; some authorities write small letters.
          ...(C === undefined ? {} : { unit: C.toUpperCase() }),
          ...(title === undefined ? {} : { name: { zh: title.slice(0, 200), en: title.slice(0, 200) } }),
        };
      });
    });
  }
  const crls: Uint8Array[] = [];
  const signed = signatureCheck(platform);
  for (const { name, der } of lists) {
    gatherAll(imported, name, () => {
      const crl = readCrl(der);
      if (!authorities.some((authority) => madeBy(crl, authority, signed)))
        throw new Broken('crl', 'none of these authorities made it');
      crls.push(der);
      return [];
    });
  }
  return { ...imported, crls };
}

function readKeySets({ files, platform }: ImportInput): Imported {
  const imported: Imported = { issuers: [], left: [] };
  for (const [name, bytes] of files) {
    gatherAll(imported, name, () => {
      // A set often holds keys for other uses (encryption): they are left out one by one, not with all the others.
      for (const [i, jwk] of listAt(parseJson(decodeUtf8(bytes), LIST_LIMITS), 'keys').entries())
        gather(imported, `${name} key ${i}`, () => entryOfJwk(jwk, platform));
      return [];
    });
  }
  return imported;
}

function entryOfJwk(jwk: Value, platform: Platform): IssuerEntry {
  const key = keyFromJwk(jwk);
  const { kid } = jwk as { kid?: Value };
  return { keyId: typeof kid === 'string' ? kid : keyThumbprint(platform, key), jwk: { ...keyToJwk(key) } };
}

const gather = (imported: Imported, what: string, make: () => IssuerEntry): void =>
  gatherAll(imported, what, () => [make()]);

function gatherAll({ issuers, left }: Imported, what: string, make: () => IssuerEntry[]): void {
  orLeft(left, what, () => {
    const entries = make();
    for (const entry of entries) {
      // What does not fit a list of issuers would make the store refuse the whole list later.
      if (!validateIssuers({ issued: '1970-01-01T00:00:00Z', issuers: [entry] }))
        throw new Broken('entry', validateIssuers.errors?.[0]?.message ?? 'fits no list of issuers');
    }
    issuers.push(...entries);
  });
}

function only(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const [bytes, ...more] = [...files.values()];
  if (bytes === undefined || more.length > 0) throw new Broken('list', 'expected one file');
  return bytes;
}

function listAt(value: Value, member: string): readonly Value[] {
  const list = isObject(value) ? value[member] : undefined;
  if (!Array.isArray(list)) throw new Broken('list', `no list "${member}"`);
  return list as readonly Value[];
}
