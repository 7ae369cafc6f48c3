import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { encodeHex } from '../../src/codec/hex.ts';
import type { Proof } from '../../src/codec/proof.ts';
import { algorithmNamed } from '../../src/crypto/algorithms.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { IssuerEntry, IssuerList, RegionManifest } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { authenticate, type Evidence } from '../../src/trust/authenticate.ts';
import { readListed } from '../../src/trust/listed.ts';
import { buildTrustView, type RegionTrust, type TrustView } from '../../src/trust/view.ts';
import { DAY, NOW } from '../support/federation.ts';

/** Authorities, signers and lists of revoked certificates, written by another library than the one that reads them. */

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
x509.cryptoProvider.set(webcrypto as never);

export interface Party {
  readonly name: string;
  readonly keys: CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
  readonly der: Uint8Array;
}

export interface Wishes {
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly usage?: number;
  readonly purposes?: string[];
  readonly from?: number;
  readonly until?: number;
  /** Without the identifier of the issuer's key. */
  readonly anonymous?: boolean;
  readonly more?: x509.Extension[];
  readonly keys?: CryptoKeyPair;
  readonly curve?: string;
}

const keyPair = (namedCurve = 'P-256'): Promise<CryptoKeyPair> =>
  webcrypto.subtle.generateKey({ ...EC, namedCurve }, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;

let serial = 1;

async function make(name: string, wishes: Wishes, issuer: Party | undefined): Promise<Party> {
  const { ca = issuer === undefined, pathLength, usage, purposes, more = [] } = wishes;
  const keys = wishes.keys ?? (await keyPair(wishes.curve));
  const issuerKeys = issuer?.keys ?? keys;
  const usual = ca ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign : x509.KeyUsageFlags.digitalSignature;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (serial++).toString(16).padStart(4, '0'),
    subject: `CN=${name}`,
    issuer: issuer?.certificate.subject ?? `CN=${name}`,
    notBefore: new Date(wishes.from ?? NOW - 100 * DAY),
    notAfter: new Date(wishes.until ?? NOW + 100 * DAY),
    signingAlgorithm: EC,
    publicKey: keys.publicKey,
    signingKey: issuerKeys.privateKey,
    extensions: [
      ...(ca ? [new x509.BasicConstraintsExtension(true, pathLength, true)] : []),
      new x509.KeyUsagesExtension(usage ?? usual, true),
      ...(purposes === undefined ? [] : [new x509.ExtendedKeyUsageExtension(purposes, true)]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(wishes.anonymous ? [] : [await x509.AuthorityKeyIdentifierExtension.create(issuerKeys.publicKey)]),
      ...more,
    ],
  });
  return { name, keys, certificate, der: new Uint8Array(certificate.rawData) };
}

export const authority = (name: string, wishes: Wishes = {}): Promise<Party> => make(name, wishes, undefined);
export const issued = (by: Party, name: string, wishes: Wishes = {}): Promise<Party> => make(name, wishes, by);

export interface ListWishes {
  readonly revoked?: readonly {
    readonly party: Party;
    readonly since?: number;
    readonly reason?: x509.X509CrlReason;
  }[];
  readonly from?: number;
  readonly until?: number;
  readonly more?: x509.Extension[];
  /** Whose key signs it, if not the authority's. */
  readonly forger?: Party;
}

/** A list of revoked certificates: made a day ago, due in ten days, if nothing else is wished. */
export async function listOf(by: Party, wishes: ListWishes = {}): Promise<Uint8Array> {
  const signer = wishes.forger ?? by;
  const crl = await x509.X509CrlGenerator.create({
    issuer: by.certificate.subject,
    thisUpdate: new Date(wishes.from ?? NOW - DAY),
    nextUpdate: new Date(wishes.until ?? NOW + 10 * DAY),
    signingAlgorithm: EC,
    signingKey: signer.keys.privateKey,
    entries: (wishes.revoked ?? []).map(({ party, since = NOW - 2 * DAY, reason }) => ({
      serialNumber: party.certificate.serialNumber,
      revocationDate: new Date(since),
      ...(reason === undefined ? {} : { reason }),
    })),
    extensions: [await x509.AuthorityKeyIdentifierExtension.create(signer.keys.publicKey), ...(wishes.more ?? [])],
  });
  return new Uint8Array(crl.rawData);
}

export const REGION = 'x-guest';
export const TYPE = 'vehicle-pass';

export const manifestOf = (change: Partial<RegionManifest> = {}): RegionManifest => ({
  region: REGION,
  name: { zh: '来宾', en: 'Guest' },
  issues: [TYPE, 'freight-pass'],
  ...change,
});

export const anchorOf = (party: Party, change: Partial<IssuerEntry> = {}): IssuerEntry => ({
  keyId: party.name,
  certificate: encodeBase64(party.der),
  unit: 'UT',
  ...change,
});

/** A region's share of a view, with its lists of issuers as they stand in a pack. */
export interface Region extends Omit<RegionTrust, 'lists'> {
  readonly lists: readonly { readonly file: string; readonly list: IssuerList }[];
}

/** A region that trusts these anchors and has these lists. */
export function regionOf(
  anchors: readonly IssuerEntry[],
  crls: readonly Uint8Array[],
  change: Partial<Region> = {},
): Region {
  const { region } = change.manifest ?? manifestOf();
  return {
    manifest: manifestOf(),
    lists: [],
    anchors: [{ file: `regions/${region}/anchors/a.json`, list: { issued: instantOf(NOW), issuers: [...anchors] } }],
    crls: crls.map((der, i) => ({ file: `regions/${region}/crls/${i}.crl`, der })),
    revocations: { lists: [], unreadable: false },
    chain: [region],
    ...change,
  };
}

export const viewOf = (...regions: Region[]): TrustView =>
  buildTrustView(
    regions.map((each) => ({
      ...each,
      lists: each.lists.map(({ file, list }) => readListed(file, list, each.manifest, nodePlatform)),
    })),
    nodePlatform,
  );

const signed = new TextEncoder().encode('a document');

/** A document that this party signs, with its certificate and these others. */
export async function proofOf(party: Party, ...others: Party[]): Promise<Proof> {
  const signature = await webcrypto.subtle.sign(EC, party.keys.privateKey, signed);
  return {
    algorithm: 'jose:ES256',
    signed,
    signature: new Uint8Array(signature),
    keyIds: [],
    certificates: [party, ...others].map(({ der }) => der),
  };
}

export interface Asked {
  readonly now?: number;
  readonly claims?: { readonly documentType?: string; readonly unit?: string; readonly issuedAt?: string };
  readonly region?: string;
}

export const judged = (proof: Proof, view: TrustView, asked: Asked = {}): Evidence =>
  authenticate(
    {
      proof,
      algorithm: algorithmNamed('ES256'),
      region: asked.region ?? REGION,
      claims: asked.claims ?? { documentType: TYPE },
      now: asked.now ?? NOW,
    },
    view,
  );

/** Codes of what was found, without what only says that all is well. */
export const codesOf = ({ findings }: Evidence): string[] =>
  findings.filter(({ result }) => result === 'fail' || result === 'unknown').map(({ code }) => code);

export const detailOf = ({ findings }: Evidence): string | undefined =>
  findings.find(({ detail }) => detail !== undefined)?.detail;

/** @param value the DER inside extnValue */
export const extension = (id: string, critical: boolean, value: Uint8Array): x509.Extension =>
  new x509.Extension(id, critical, value as Uint8Array<ArrayBuffer>);

export const idOf = ({ der }: Party): string => encodeHex(nodePlatform.digest('SHA-256', der).subarray(0, 8));
export { x509 };
