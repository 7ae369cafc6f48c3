import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../src/codec/base64url.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { IssuerRecipeRow } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintAuthority } from '../../src/federation/authority.node.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { readCertificate, signatureCheck } from '../../src/trust/certificate.ts';
import { buildChains } from '../../src/trust/chain.ts';
import { validatePath } from '../../src/trust/path.ts';
import { DAY, NOW } from '../support/federation.ts';
import { REGION, regionOf } from '../trust/authorities.ts';

describe('authorities of our own making', () => {
  const recipe = (change: Partial<IssuerRecipeRow>): IssuerRecipeRow => ({
    name: 'a',
    title: { zh: '甲', en: 'A' },
    algorithm: 'SM2-SM3',
    container: 'authority',
    crl: { issued: instantOf(NOW - DAY), next: instantOf(NOW + DAY) },
    validFrom: instantOf(NOW - DAY),
    validUntil: instantOf(NOW + 10 * DAY),
    ...change,
  });

  it.each(['SM2-SM3', 'ES256', 'ES384', 'EdDSA'] as const)('%s: good, and revoked', (algorithm) => {
    const made = mintAuthority(recipe({ algorithm, unit: 'UT' }));
    const key = mintKey(algorithm);
    const good = made.issue(recipe({ container: 'embedded' }), key);
    const bad = made.issue(recipe({ container: 'embedded', revokedSince: instantOf(NOW - DAY) }), key);
    const { embedded, rejected } = buildChains([regionOf([made.entry], [made.crl()!])], nodePlatform);
    expect(rejected).toEqual([]);
    expect(embedded(REGION, [good]).key!.standing!(NOW)).toEqual([]);
    expect(embedded(REGION, [bad]).key!.standing!(NOW).map(({ code }) => code)).toEqual(['CERTIFICATE_REVOKED']);
    expect(embedded(REGION, [good]).verifier(algorithm)!(Uint8Array.of(1), key.sign(Uint8Array.of(1)))).toBe(true);
    // They keep to all that RFC 5280 §4 asks of those who issue.
    const anchor = readCertificate(decodeBase64(made.entry.certificate!));
    const conforming = { at: NOW, anchorBinds: true, conforming: true };
    expect(
      validatePath([readCertificate(good)], anchor, conforming, signatureCheck(nodePlatform)).fault,
    ).toBeUndefined();
  });

  it.each(['SM2-SM3', 'ES256', 'ES384', 'EdDSA'] as const)('%s: as @peculiar/x509 and Node read them', (algorithm) => {
    const made = mintAuthority(recipe({ algorithm }));
    const authority = new Uint8Array(Buffer.from(made.entry.certificate!, 'base64'));
    const signer = made.issue(
      recipe({ revokedSince: instantOf(NOW - DAY), documentCodes: ['NV'] }),
      mintKey(algorithm),
    );
    const [ca, own] = [authority, signer].map((der) => new x509.X509Certificate(Buffer.from(der))) as [
      x509.X509Certificate,
      x509.X509Certificate,
    ];
    expect(own.issuer).toBe(ca.subject);
    expect([own.notBefore, own.notAfter].map(Number)).toEqual([NOW - DAY, NOW + 10 * DAY]);
    const constraints = ca.getExtension(x509.BasicConstraintsExtension);
    expect([constraints?.ca, constraints?.pathLength, constraints?.critical]).toEqual([true, 0, true]);
    expect(ca.getExtension(x509.KeyUsagesExtension)?.usages).toBe(
      x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
    );
    expect(own.getExtension(x509.KeyUsagesExtension)?.usages).toBe(x509.KeyUsageFlags.digitalSignature);
    expect(own.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(
      ca.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    );
    const list = new x509.X509Crl(Buffer.from(made.crl()!));
    expect([list.issuer, list.entries.map(({ serialNumber }) => serialNumber)]).toEqual([
      ca.subject,
      [own.serialNumber],
    ]);
    const [nodeCa, nodeOwn] = [authority, signer].map((der) => new X509Certificate(der)) as [
      X509Certificate,
      X509Certificate,
    ];
    expect(nodeOwn.checkIssued(nodeCa)).toBe(true);
    // Node takes SM2 signatures for others.
    if (algorithm !== 'SM2-SM3') expect(nodeOwn.verify(nodeCa.publicKey)).toBe(true);
  });
});
