import { type CertificateFields, sm2Signer, writeCertificate } from '../../src/codec/certificate-writer.ts';
import { encodeMetadata } from '../../src/codec/ofd-metadata.ts';
import { sealStamp, stampOfd, writeOfd } from '../../src/codec/ofd-writer.ts';
import { type SealFields, writeSeal } from '../../src/codec/seal-writer.ts';
import { spkiFromKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';

/** Certificates and seals for tests, made anew each time, so that none expires and no private key is kept. */
export const digest = nodePlatform.digest;

export const NOW = Date.parse('2026-03-01T04:00:00Z');
export const YEAR = 365 * 86_400_000;

/** Someone with a certificate, who can sign. */
export interface Party {
  readonly name: string;
  readonly certificate: Uint8Array;
  readonly spki: Uint8Array;
  sign(data: Uint8Array): Uint8Array;
}

const nameOf = (commonName: string) => ({ country: 'CN', organization: 'Test', commonName });

const USAGE = { signing: 0b11, authority: 0b1100000 } as const;

/** An authority that signs its own certificate. */
export function authority(name = 'Test CA', change: Partial<CertificateFields> = {}): Party {
  return party(name, undefined, { ca: true, keyUsage: USAGE.authority, ...change });
}

/** Someone whose certificate is made by `issuer`, or by himself. */
export function party(name: string, issuer: Party | undefined, change: Partial<CertificateFields> = {}): Party {
  const secret = sm2PrivateKey();
  const spki = spkiFromKey(sm2PublicKey(secret));
  const sign = (data: Uint8Array) => sm2Sign(secret, data);
  const fields: CertificateFields = {
    serial: crypto.getRandomValues(new Uint8Array(8)),
    issuer: nameOf(issuer?.name ?? name),
    subject: nameOf(name),
    notBefore: NOW - YEAR,
    notAfter: NOW + YEAR,
    spki,
    keyUsage: USAGE.signing,
    subjectKeyIdentifier: keyIdentifier(spki),
    authorityKeyIdentifier: keyIdentifier(issuer?.spki ?? spki),
    ...change,
  };
  return { name, certificate: writeCertificate(fields, sm2Signer(issuer?.sign ?? sign)), spki, sign };
}

const keyIdentifier = (spki: Uint8Array): Uint8Array => digest('SHA-256', spki).subarray(0, 20);

/** A seal that these may use. */
export function sealOf(maker: Party, signers: readonly Party[], change: Partial<SealFields> = {}): Uint8Array {
  return writeSeal(
    {
      id: '31000000000001',
      vendor: 'TEST',
      name: '测试专用章',
      type: 1,
      createdAt: NOW - YEAR,
      validFrom: NOW - YEAR,
      validUntil: NOW + YEAR,
      signers: signers.map(({ certificate }) => ({ certificate })),
      picture: { type: 'png', data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47), width: 40, height: 40 },
      ...change,
    },
    maker,
  );
}

/** A sealed licence and all that it took: files by name, as `writeZip` packs them. */
export function licence(stamps = 1): {
  readonly files: Map<string, Uint8Array>;
  readonly ca: Party;
  readonly maker: Party;
  readonly signer: Party;
  readonly seal: Uint8Array;
} {
  const ca = authority();
  const maker = party('Seal maker', ca);
  const signer = party('Signer', ca);
  const seal = sealOf(maker, [signer]);
  let files = writeOfd(encodeMetadata(METADATA, 'ofd'));
  for (let i = 0; i < stamps; i++) files = stampOfd(files, sealStamp(seal, signer, NOW + i * 1000, digest), digest);
  return { files, ca, maker, signer, seal };
}

export const METADATA = {
  DocID: '0123456789abcdef0123456789abcdef',
  CreationDate: '2026-03-01',
  CustomDatas: { ZZMC: '道路运输证', ZZBH: '310114000001', CZZT: '测试运输有限公司', ZZYXQJZRQ: '2027-02-28' },
};

/** The files with some of them changed; undefined takes one away. */
export function changed(
  files: ReadonlyMap<string, Uint8Array>,
  changes: Readonly<Record<string, Uint8Array | string | undefined>>,
): Map<string, Uint8Array> {
  const copy = new Map(files);
  for (const [name, content] of Object.entries(changes)) {
    if (content === undefined) copy.delete(name);
    else copy.set(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }
  return copy;
}

/** A file as text, some of it replaced: what is replaced must be there. */
export function replaced(
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
  from: string | RegExp,
  to: string,
): string {
  const text = new TextDecoder().decode(files.get(name)!);
  const result = text.replace(from, to);
  if (result === text) throw new Error(`nothing to replace in ${name}`);
  return result;
}
