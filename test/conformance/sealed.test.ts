import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sm2Signer, writeCertificate } from '../../src/codec/certificate-writer.ts';
import { decodeHex } from '../../src/codec/hex.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { ofd } from '../../src/conformance/ofd.node.ts';
import { sm2 } from '../../src/conformance/sm2.node.ts';
import type { CaseResult, Suite } from '../../src/conformance/suite.ts';
import { CURVES } from '../../src/crypto/curves.ts';
import { spkiFromKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { pointsOn } from '../../src/crypto/points.ts';
import { sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import { sm3 } from '../../src/crypto/sm3.ts';
import { publicKeyOf, readCertificate, signatureOf } from '../../src/trust/certificate.ts';
import { NOW, YEAR } from '../support/sealed.ts';

const DATA = '../shared/data';

async function run(suite: Suite, dir: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  await suite.run(dir, (result) => results.push(result));
  return results;
}

const those = (results: readonly CaseResult[], result: CaseResult['result']): CaseResult[] =>
  results.filter((each) => each.result === result);

describe.skipIf(!existsSync(`${DATA}/ofd`))('OFD files of other software', () => {
  it('agree with all their labels', async () => {
    const results = await run(ofd, `${DATA}/ofd`);
    expect(those(results, 'differ')).toEqual([]);
    expect(those(results, 'agree').length).toBeGreaterThanOrEqual(10);
  });

  it('without a label are opened, and seals alone are good', async () => {
    const results = those(await run(ofd, `${DATA}/ofd`), 'not-applicable');
    const seals = results.filter(({ name }) => /\.(esl|dat)$/.test(name));
    expect(seals.length).toBeGreaterThan(0);
    for (const { because } of seals) expect(because).toMatch(/its maker: good$/);
  });
});

describe.skipIf(!existsSync(`${DATA}/sm2`))('SM2 certificates and vectors of other software', () => {
  it('agree with all their labels', async () => {
    const results = await run(sm2, `${DATA}/sm2`);
    expect(those(results, 'differ')).toEqual([]);
    expect(those(results, 'agree').length).toBeGreaterThanOrEqual(28);
  });
});

describe('SM2 certificates signed by mistaken software', () => {
  // The private key of GM/T 0003.5 Annex A: nobody's.
  const secret = decodeHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
  const name = { country: 'CN', organization: 'Test', commonName: 'Test' };
  const fields = {
    serial: 1,
    issuer: name,
    subject: name,
    notBefore: NOW,
    notAfter: NOW + YEAR,
    spki: spkiFromKey(sm2PublicKey(secret)),
    keyUsage: 1,
  };
  const accepted = (sign: (data: Uint8Array) => Uint8Array): boolean => {
    const certificate = readCertificate(writeCertificate(fields, sm2Signer(sign)));
    const { algorithm, signature } = signatureOf(certificate)!;
    return nodePlatform.prepare(algorithm, publicKeyOf(certificate))!(certificate.tbs, signature);
  };

  it('as it should be: accepted', () => {
    expect(accepted((data) => sm2Sign(secret, data))).toBe(true);
  });

  it('with an empty user id, as OpenSSL signs unless told otherwise: rejected', () => {
    expect(accepted((data) => sm2Sign(secret, data, { userId: '' }))).toBe(false);
  });

  it('with the user id of TLS: rejected', () => {
    expect(accepted((data) => sm2Sign(secret, data, { userId: 'TLSv1.3+GM+Cipher+Suite' }))).toBe(false);
  });

  it('without Z_A, over the digest of the certificate alone: rejected', () => {
    expect(accepted((data) => signDigest(secret, sm3(data)))).toBe(false);
    // The arithmetic of this test is the right one: over Z_A and the certificate its signature is accepted.
    expect(accepted((data) => signDigest(secret, sm3(identity(), data)))).toBe(true);
  });

  /** GB/T 32918.2 §6.1 from e on, with a fixed k. */
  function signDigest(key: Uint8Array, digest: Uint8Array): Uint8Array {
    const { n } = CURVES.SM2;
    const Point = pointsOn('SM2');
    const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
    const d = numberOf(key);
    const k = 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n;
    const r = (numberOf(digest) + Point.BASE.multiply(k).toAffine().x) % n;
    const s = Point.Fn.mul(Point.Fn.inv(d + 1n), Point.Fn.create(k - r * d));
    return decodeHex([r, s].map((value) => value.toString(16).padStart(64, '0')).join(''));
  }

  /** Z_A for the default user id (GB/T 32918.2 §5.5). */
  function identity(): Uint8Array {
    const { a, b, Gx, Gy } = pointsOn('SM2').CURVE();
    const { x, y } = sm2PublicKey(secret);
    const numbers = [a, b, Gx, Gy].map((value) => decodeHex(value.toString(16).padStart(64, '0')));
    return sm3(Uint8Array.of(0, 128), encodeUtf8('1234567812345678'), ...numbers, x, y);
  }
});
