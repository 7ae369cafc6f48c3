import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../src/codec/base64url.ts';
import { proofOfSigner, readSignedData } from '../../src/codec/cms.ts';
import { namedSignature } from '../../src/codec/cms-algorithms.ts';
import { type SignedDataOptions, writeSignedData } from '../../src/codec/cms-writer.ts';
import { derOf, inside, rawOf, read } from '../../src/codec/der.ts';
import { context, element, integer, nullValue, octetString, oid, sequence, setOf } from '../../src/codec/der-writer.ts';
import type { Proof } from '../../src/codec/proof.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import { PACKAGE_LIMITS, readZip } from '../../src/codec/zip.ts';
import { algorithmOfOid } from '../../src/crypto/algorithms.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { publicKeyOf, readCertificate } from '../../src/trust/certificate.ts';
import { broken, malformed } from '../support/broken.ts';
import { authority, digest, NOW, type Party, party } from '../support/sealed.ts';

const LIMITS = { input: 1 << 20 };
const CONTENT = new TextEncoder().encode('content of the vector');
const OTHER = new TextEncoder().encode('other content');

/** Whether the signature is good by a certificate: the one that came with it, unless another is given. */
function good({ algorithm, signed, signature, certificates }: Proof, certificate = certificates?.[0]): boolean {
  const { name } = algorithmOfOid(algorithm.slice(4))!;
  return nodePlatform.prepare(name, publicKeyOf(readCertificate(certificate!)))!(signed, signature);
}

// Written by OpenSSL 3.0 (`openssl cms -sign`), about CONTENT.
const ATTACHED = decodeBase64(
  'MIIDIAYJKoZIhvcNAQcCoIIDETCCAw0CAQExDTALBglghkgBZQMEAgEwJAYJKoZIhvcNAQcBoBcEFWNvbnRlbnQgb2YgdGhlIHZlY3Rv' +
    'cqCCAbIwggGuMIIBVaADAgECAhQLr8Guw/sIpBGApyPpKfzIoxqcuzAKBggqhkjOPQQDAjAtMQswCQYDVQQGEwJDTjENMAsGA1UECgwE' +
    'VGVzdDEPMA0GA1UEAwwGVmVjdG9yMB4XDTI2MTEyMzEwMDk0OVoXDTM2MTEyMDEwMDk0OVowLTELMAkGA1UEBhMCQ04xDTALBgNVBAoM' +
    'BFRlc3QxDzANBgNVBAMMBlZlY3RvcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHbsdVtOww605nIW+xRgVK6zxrjj2gD8GN2jZj8S' +
    'ML26cEr+7UBjdc+UlqLkMQ9CRfBX0qHq9xv0CIJ5LEDO9VCjUzBRMB0GA1UdDgQWBBRtmJWUfBId6WxZKCJKvzhyQPDM9jAfBgNVHSME' +
    'GDAWgBRtmJWUfBId6WxZKCJKvzhyQPDM9jAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIHZunog4xcphpWTlkXGPYh+m' +
    '/BIEl19jN6e6Hck2UiX6AiAM+mMhj1cJgfTl7ZHV6daWZOMO054IaTHeCVT6MeGP0zGCARswggEXAgEBMEUwLTELMAkGA1UEBhMCQ04x' +
    'DTALBgNVBAoMBFRlc3QxDzANBgNVBAMMBlZlY3RvcgIUC6/BrsP7CKQRgKcj6Sn8yKManLswCwYJYIZIAWUDBAIBoGkwGAYJKoZIhvcN' +
    'AQkDMQsGCSqGSIb3DQEHATAcBgkqhkiG9w0BCQUxDxcNMjYxMTIzMTAwOTQ5WjAvBgkqhkiG9w0BCQQxIgQghL6ZB/S/S2jIQFk0X9t9' +
    'ttIVDNHq7wNgeUhUDZckTewwCgYIKoZIzj0EAwIERzBFAiAX8U+6dOi6YFogVV24vCgj/3ox8P/8eyiJYSOC8jAhpAIhANai/aPLwvaT' +
    'PPNAsiKnLy/mFp5OSRnwGcrqvI7z1c48',
);
const DETACHED_BY_KEY = decodeBase64(
  'MIICaAYJKoZIhvcNAQcCoIICWTCCAlUCAQMxDTALBglghkgBZQMEAgEwCwYJKoZIhvcNAQcBoIIBsjCCAa4wggFVoAMCAQICFAuvwa7D' +
    '+wikEYCnI+kp/MijGpy7MAoGCCqGSM49BAMCMC0xCzAJBgNVBAYTAkNOMQ0wCwYDVQQKDARUZXN0MQ8wDQYDVQQDDAZWZWN0b3IwHhcN' +
    'MjYxMTIzMTAwOTQ5WhcNMzYxMTIwMTAwOTQ5WjAtMQswCQYDVQQGEwJDTjENMAsGA1UECgwEVGVzdDEPMA0GA1UEAwwGVmVjdG9yMFkw' +
    'EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdux1W07DDrTmchb7FGBUrrPGuOPaAPwY3aNmPxIwvbpwSv7tQGN1z5SWouQxD0JF8FfSoer3' +
    'G/QIgnksQM71UKNTMFEwHQYDVR0OBBYEFG2YlZR8Eh3pbFkoIkq/OHJA8Mz2MB8GA1UdIwQYMBaAFG2YlZR8Eh3pbFkoIkq/OHJA8Mz2' +
    'MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgdm6eiDjFymGlZOWRcY9iH6b8EgSXX2M3p7odyTZSJfoCIAz6YyGPVwmB' +
    '9OXtkdXp1pZk4w7TnghpMd4JVPox4Y/TMX4wfAIBA4AUbZiVlHwSHelsWSgiSr84ckDwzPYwCwYJYIZIAWUDBAIBMAoGCCqGSM49BAMC' +
    'BEgwRgIhAPHZUhazdQt7ap503RZvGjTkliFw+s/OqTYbRsncyQSxAiEAnzJfh/yNJVT9U+KpPd3KuCdK0ZNAI11moIOz6ExI174=',
);
const RSA_WITHOUT_CERTIFICATE = decodeBase64(
  'MIIB7gYJKoZIhvcNAQcCoIIB3zCCAdsCAQExDTALBglghkgBZQMEAgEwCwYJKoZIhvcNAQcBMYIBuDCCAbQCAQEwJDAMMQowCAYDVQQD' +
    'DAFSAhQQXfO20mCIU0TRj5SuFygyhdqJQDALBglghkgBZQMEAgGgaTAYBgkqhkiG9w0BCQMxCwYJKoZIhvcNAQcBMBwGCSqGSIb3DQEJ' +
    'BTEPFw0yNjExMjMxMDA5NDlaMC8GCSqGSIb3DQEJBDEiBCCEvpkH9L9LaMhAWTRf23220hUM0ervA2B5SFQNlyRN7DANBgkqhkiG9w0B' +
    'AQEFAASCAQAHE8pOuQDBIUg+1ofutp4Rb6Pd+sA5XGrXdXtQNKbsb9eZythkA7foXMgMtE2RsTF6VuURD6Z+0d7Yy7VFzqqNo3CnIPF3' +
    'wN1BkytHeqIDqr4/JwbiMi+umJyOmzeZ1hLyPdXsgl1FL+J+4FPgEb5jMG4VmbsWUHep6znHcI42aD9zXNqYHwuvp8YBnBCRSaJQiw39' +
    'oK1cNHsfHscRvsYoOFug6FCmsYI4hZ9NdmSgnQq89kgLjaeCdESXViiHPiJaefBNJvBoMvvd1BnZXb/68s6ed+mlZE/QUBz/8JWuEs0C' +
    '7cJZPbuxHCvt4kLW2X2yOEAhUNlUO88UmcG2M0dv',
);

describe('signed data by another implementation', () => {
  it('attached, with attributes, the signer by issuer and serial number', () => {
    const { content, certificates, signers } = readSignedData(ATTACHED, LIMITS);
    expect(content).toEqual(CONTENT);
    expect(certificates).toHaveLength(1);
    expect(signers).toHaveLength(1);
    const [signer] = signers;
    expect(signer!.attributes?.signingTime).toBe(Date.parse('2026-11-23T10:09:49Z'));
    const { proof, contentMatches } = proofOfSigner(signer!, content!, digest);
    expect(proof.algorithm).toBe('oid:1.2.840.10045.4.3.2');
    expect(proof.certificates).toEqual(certificates);
    expect(contentMatches).toBe(true);
    expect(good(proof)).toBe(true);
  });

  it('attached, about other content', () => {
    const { proof, contentMatches } = proofOfSigner(readSignedData(ATTACHED, LIMITS).signers[0]!, OTHER, digest);
    expect(contentMatches).toBe(false);
    expect(good(proof)).toBe(true);
  });

  it('detached, without attributes, the signer by key identifier', () => {
    const { content, signers } = readSignedData(DETACHED_BY_KEY, LIMITS);
    expect(content).toBeUndefined();
    expect(signers[0]!.attributes).toBeUndefined();
    expect(good(proofOfSigner(signers[0]!, CONTENT, digest).proof)).toBe(true);
    expect(good(proofOfSigner(signers[0]!, OTHER, digest).proof)).toBe(false);
  });

  it('of an RSA key, without its certificate', () => {
    const { signers } = readSignedData(RSA_WITHOUT_CERTIFICATE, LIMITS);
    const { proof, contentMatches } = proofOfSigner(signers[0]!, CONTENT, digest);
    expect(signers[0]!.certificate).toBeUndefined();
    expect(proof.certificates).toBeUndefined();
    expect(proof.algorithm).toBe('oid:1.2.840.113549.1.1.11');
    expect(proof.signature).toHaveLength(256);
    expect(contentMatches).toBe(true);
  });

  it('every one that is cut short is refused', () => {
    for (let length = 0; length < ATTACHED.length; length++) {
      expect(() => readSignedData(ATTACHED.subarray(0, length), LIMITS), String(length)).toThrow(malformed);
    }
  });
});

const OFD = '../shared/data/ofd/ofdrw';

describe.skipIf(!existsSync(OFD))('GB/T 35275 in the wild', () => {
  const filesOf = (path: string) => readZip(new Uint8Array(readFileSync(`${OFD}/${path}`)), PACKAGE_LIMITS);

  it.each([0, 1])('detached with attributes that are in no order: signature %i of a page signed twice', (i) => {
    const files = filesOf('ofdrw-converter/testImageOverridePage.ofd');
    const { signers } = readSignedData(files.get(`Doc_0/Signs/Sign_${i}/SignedValue.dat`)!, LIMITS);
    const { proof, contentMatches } = proofOfSigner(
      signers[0]!,
      files.get(`Doc_0/Signs/Sign_${i}/Signature.xml`)!,
      digest,
    );
    expect(proof.algorithm).toBe('oid:1.2.156.10197.1.501');
    expect(contentMatches).toBe(true);
    expect(good(proof)).toBe(true);
  });

  it('attached: the SM3 of a list of files', () => {
    const files = filesOf('ofdrw-crypto/hello-integrity.ofd');
    const { content, signers } = readSignedData(files.get('signedvalue.dat')!, LIMITS);
    expect(content).toEqual(digest('SM3', files.get('OFDEntries.xml')!));
    expect(good(proofOfSigner(signers[0]!, content!, digest).proof)).toBe(true);
  });
});

describe('writing', () => {
  const ca = authority();
  const [first, second] = [party('First', ca), party('Second', ca)];
  const write = (change: Partial<SignedDataOptions> = {}) =>
    writeSignedData({ profile: 'gm', content: CONTENT, detached: false, signers: [first], digest, ...change });

  it.each(['gm', 'cms'] as const)('is read back, by the identifiers of %s', (profile) => {
    const { content, signers, certificates } = readSignedData(write({ profile }), LIMITS);
    expect(content).toEqual(CONTENT);
    expect(certificates).toEqual([first.certificate]);
    expect(signers[0]!.certificate).toEqual(first.certificate);
    expect(good(proofOfSigner(signers[0]!, CONTENT, digest).proof)).toBe(true);
  });

  it('leaves the content out, and signs attributes', () => {
    const { content, signers } = readSignedData(
      write({ detached: true, signers: [{ ...first, signingTime: NOW }] }),
      LIMITS,
    );
    expect(content).toBeUndefined();
    expect(signers[0]!.attributes).toMatchObject({
      signingTime: NOW,
      digest: 'SM3',
      messageDigest: digest('SM3', CONTENT),
    });
    expect(good(proofOfSigner(signers[0]!, CONTENT, digest).proof)).toBe(true);
    expect(proofOfSigner(signers[0]!, OTHER, digest).contentMatches).toBe(false);
  });

  it('signs for several, each with his own certificate', () => {
    const { signers } = readSignedData(write({ signers: [first, second] }), LIMITS);
    const proofs = signers.map((signer) => proofOfSigner(signer, CONTENT, digest).proof);
    expect(proofs.map((proof) => good(proof))).toEqual([true, true]);
    expect(new Set(signers.map(({ certificate }) => Buffer.from(certificate!).toString('hex'))).size).toBe(2);
    expect(good(proofs[0]!, proofs[1]!.certificates![0])).toBe(false);
  });
});

describe('signed data that are refused', () => {
  const signer = party('Signer', undefined);
  const other = party('Signer', undefined);
  const sm3 = sequence(oid('1.2.156.10197.1.401'), nullValue());
  const sm2 = sequence(oid('1.2.156.10197.1.301.1'), nullValue());
  const DATA = '1.2.156.10197.6.1.4.2.1';

  /** SignedData part by part. */
  function signedData(change: {
    type?: string;
    contentType?: string;
    certificates?: Uint8Array[];
    signers?: Uint8Array[];
    after?: Uint8Array[];
  }): Uint8Array {
    const { type = '1.2.156.10197.6.1.4.2.2', contentType = DATA, certificates = [signer.certificate] } = change;
    const data = sequence(
      integer(1),
      setOf(sm3),
      sequence(oid(contentType), context(0, octetString(CONTENT))),
      context(0, ...certificates),
      setOf(...(change.signers ?? [info(signer)])),
      ...(change.after ?? []),
    );
    return sequence(oid(type), context(0, data));
  }

  function info(
    who: Party,
    change: { digest?: Uint8Array; algorithm?: Uint8Array; attributes?: Uint8Array[]; value?: Uint8Array } = {},
  ) {
    const tbs = inside(read(inside(derOf(who.certificate))));
    read(tbs);
    const serial = rawOf(read(tbs));
    read(tbs);
    const issuer = rawOf(read(tbs));
    return sequence(
      integer(1),
      sequence(issuer, serial),
      change.digest ?? sm3,
      ...(change.attributes ? [element(0xa0, ...change.attributes)] : []),
      change.algorithm ?? sm2,
      octetString(change.value ?? derFromRaw(who.sign(CONTENT))),
    );
  }

  const contentType = sequence(oid('1.2.840.113549.1.9.3'), setOf(oid(DATA)));
  const messageDigest = sequence(oid('1.2.840.113549.1.9.4'), setOf(octetString(digest('SM3', CONTENT))));
  const attribute = (...attributes: Uint8Array[]) => signedData({ signers: [info(signer, { attributes })] });
  const readIt = (der: Uint8Array) => readSignedData(der, LIMITS);

  it('the sound one is read', () => {
    expect(readIt(signedData({})).signers).toHaveLength(1);
    expect(readIt(attribute(contentType, messageDigest)).signers[0]!.attributes).toBeDefined();
  });

  it.each<[string, () => Uint8Array, string?]>([
    ['enveloped instead of signed data', () => signedData({ type: '1.2.156.10197.6.1.4.2.3' })],
    ['nobody who signed', () => signedData({ signers: [] })],
    ['something after the signers', () => signedData({ after: [integer(1)] })],
    ['attributes without a digest', () => attribute(contentType)],
    ['attributes without a type', () => attribute(messageDigest)],
    ['two digests', () => attribute(contentType, messageDigest, messageDigest)],
    [
      'a digest of two values',
      () =>
        attribute(
          contentType,
          sequence(oid('1.2.840.113549.1.9.4'), setOf(octetString(CONTENT), octetString(digest('SM3', CONTENT)))),
        ),
    ],
    [
      'a digest that is no octet string',
      () => attribute(contentType, sequence(oid('1.2.840.113549.1.9.4'), setOf(integer(1)))),
    ],
    [
      'attributes about another type',
      () => attribute(sequence(oid('1.2.840.113549.1.9.3'), setOf(oid('1.2.3'))), messageDigest),
    ],
    ['another type than data without attributes', () => signedData({ contentType: '1.2.3' })],
    [
      'a digest that is not in use',
      () => signedData({ signers: [info(signer, { digest: sequence(oid('1.3.14.3.2.26')) })] }),
    ],
    [
      'parameters of the algorithm',
      () => signedData({ signers: [info(signer, { algorithm: sequence(oid('1.2.156.10197.1.301.1'), integer(1)) })] }),
    ],
    ['a signature that is no pair', () => signedData({ signers: [info(signer, { value: signer.sign(CONTENT) })] })],
    ['a certificate of another kind', () => signedData({ certificates: [context(1, integer(1))] })],
    [
      'more certificates than are looked through',
      () => signedData({ certificates: Array(33).fill(signer.certificate) }),
      'LIMIT_EXCEEDED',
    ],
    [
      'more signers than are looked at',
      () => signedData({ signers: Array.from({ length: 17 }, () => info(signer)) }),
      'LIMIT_EXCEEDED',
    ],
  ])('%s', (_, der, code) => {
    const bytes = der();
    expect(() => readIt(bytes)).toThrow(broken(code));
  });

  it('two certificates of one name and number, of which readers could take either', () => {
    const serial = Uint8Array.of(7);
    const [one, two] = [party('Twin', undefined, { serial }), party('Twin', undefined, { serial })];
    expect(() =>
      readIt(signedData({ certificates: [one.certificate, two.certificate], signers: [info(one)] })),
    ).toThrow(malformed);
    expect(
      readIt(signedData({ certificates: [one.certificate, one.certificate], signers: [info(one)] })).signers,
    ).toHaveLength(1);
  });

  it('more than it may be long', () => {
    expect(() => readSignedData(ATTACHED, { input: 100 })).toThrow(broken('LIMIT_EXCEEDED'));
  });

  it('a signer whose certificate is another has none', () => {
    expect(readIt(signedData({ certificates: [other.certificate] })).signers[0]!.certificate).toBeUndefined();
  });
});

describe('names of algorithms', () => {
  const pair = derFromRaw(new Uint8Array(64).fill(1));

  it.each(['1.2.156.10197.1.501', '1.2.156.10197.1.301.1', '1.2.156.10197.1.301'])('%s with SM3 is SM2', (id) => {
    expect(namedSignature(id, 'SM3', pair)).toEqual({
      algorithm: 'oid:1.2.156.10197.1.501',
      signature: new Uint8Array(64).fill(1),
    });
  });

  it.each<[string, 'SHA-256' | 'SM3' | 'SHA-384']>([
    ['1.2.156.10197.1.501', 'SHA-256'],
    ['1.2.840.10045.4.3.2', 'SM3'],
    ['1.2.840.10045.4.3.2', 'SHA-384'],
    ['1.2.840.113549.1.1.1', 'SM3'],
  ])('%s with %s keeps a name that no format allows', (id, name) => {
    expect(algorithmOfOid(namedSignature(id, name, pair).algorithm.slice(4))).toBeUndefined();
  });

  it('numbers that are too long, negative or not minimal are refused', () => {
    const pairOf = (...octets: number[][]) => sequence(...octets.map((each) => element(2, Uint8Array.from(each))));
    const sm2 = (der: Uint8Array) => namedSignature('1.2.156.10197.1.501', 'SM3', der).signature;
    expect(sm2(pairOf([1], [2])).subarray(31, 33)).toEqual(Uint8Array.of(1, 0));
    for (const der of [
      pairOf([...Array<number>(33).fill(1)], [1]),
      pairOf([0x80], [1]),
      pairOf([0, 1], [1]),
      pairOf([1], [2], [3]),
      pairOf([1]),
    ]) {
      expect(() => sm2(der)).toThrow(malformed);
    }
  });
});
