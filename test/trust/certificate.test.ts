import 'reflect-metadata';
import { generateKeyPairSync, X509Certificate as NodeCertificate, sign } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
  X509Certificate,
} from '@peculiar/x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeCertificate, type X509Signer } from '../../src/codec/certificate-writer.ts';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  integer,
  nullValue,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  time,
  utf8String,
} from '../../src/codec/der-writer.ts';
import { encodeHex } from '../../src/codec/hex.ts';
import { derFromPem } from '../../src/codec/pem.ts';
import { spkiFromKey } from '../../src/crypto/keys.ts';
import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { sm2PublicKey } from '../../src/crypto/sm2.ts';
import { Broken } from '../../src/document/broken.ts';
import {
  type Certificate,
  KEY_USAGE,
  publicKeyOf,
  readCertificate,
  signatureCheck,
  signatureOf,
} from '../../src/trust/certificate.ts';

const DATA = '../shared/data';
const LISTS = `${DATA}/dcc/trust-lists-covpass`;
const SM2 = `${DATA}/sm2`;

/** Certificates of one file, PEM or DER. */
function certificatesIn(path: string): Uint8Array[] {
  const bytes = readFileSync(path);
  return bytes.includes('-----BEGIN') ? derFromPem(bytes.toString('latin1'), 'CERTIFICATE') : [new Uint8Array(bytes)];
}

function listed(): Uint8Array[] {
  return ['covpass-sdk', 'covpass-sdk-demo'].flatMap((list) => {
    const text = readFileSync(`${LISTS}/${list}/src/main/assets/covpass-sdk/dsc-list.json`, 'utf8');
    // A signature stands in the first line.
    const { certificates } = JSON.parse(text.slice(text.indexOf('\n') + 1)) as { certificates: { rawData: string }[] };
    return certificates.map(({ rawData }) => new Uint8Array(Buffer.from(rawData, 'base64')));
  });
}

/** All values of a name, as @peculiar/x509 gives them. */
const values = (names: { toJSON(): Record<string, string[]>[] }): string[] =>
  names.toJSON().flatMap((relative) => Object.values(relative).flat());

function sameAsOthers(der: Uint8Array): void {
  const ours = readCertificate(der);
  const theirs = new X509Certificate(new Uint8Array(der));
  expect(
    Object.values(ours.subject.attributes)
      .flatMap((text) => text.split(', '))
      .sort(),
  ).toEqual(
    values(theirs.subjectName)
      .flatMap((text) => text.split(', '))
      .sort(),
  );
  expect(
    Object.values(ours.issuer.attributes)
      .flatMap((text) => text.split(', '))
      .sort(),
  ).toEqual(
    values(theirs.issuerName)
      .flatMap((text) => text.split(', '))
      .sort(),
  );
  expect(ours.notBefore).toBe(theirs.notBefore.getTime());
  expect(ours.notAfter).toBe(theirs.notAfter.getTime());
  expect(encodeHex(ours.spki)).toBe(Buffer.from(theirs.publicKey.rawData).toString('hex'));
  expect(ours.keyUsage).toBe(theirs.getExtension(KeyUsagesExtension)?.usages);
  expect(ours.extendedKeyUsage).toEqual(theirs.getExtension(ExtendedKeyUsageExtension)?.usages);
  const constraints = theirs.getExtension(BasicConstraintsExtension);
  expect(ours.basicConstraints?.ca).toBe(constraints?.ca);
  expect(ours.basicConstraints?.pathLength).toBe(constraints?.pathLength);
  expect([...ours.extensions].map(([id, { critical, value }]) => [id, critical, encodeHex(value)])).toEqual(
    theirs.extensions.map(({ type, critical, value }) => [type, critical, Buffer.from(value).toString('hex')]),
  );

  const nodes = new NodeCertificate(der);
  expect(ours.serial).toBe(nodes.serialNumber.toLowerCase().padStart(2, '0'));
  expect(ours.notBefore).toBe(nodes.validFromDate.getTime());
  expect(ours.notAfter).toBe(nodes.validToDate.getTime());
  expect(ours.extendedKeyUsage).toEqual(nodes.keyUsage);
  const hexadecimal = nodes.fingerprint256.replaceAll(':', '').toLowerCase();
  expect(encodeHex(nodePlatform.digest('SHA-256', ours.raw))).toBe(hexadecimal);
}

describe.skipIf(!existsSync(LISTS))('every certificate of the two trust lists (../shared/data/dcc)', () => {
  it('reads as @peculiar/x509 and Node read it', { timeout: 120_000 }, () => {
    const certificates = listed();
    expect(certificates.length).toBeGreaterThan(1400);
    for (const der of certificates) sameAsOthers(der);
  });

  it('has a key that both platforms can use, or neither', () => {
    for (const der of listed()) {
      const key = publicKeyOf(readCertificate(der));
      const algorithm = key.kind === 'RSA' ? 'PS256' : 'ES256';
      // The demo list has one RSA key of 1024 bits.
      const usable = key.kind !== 'RSA' || key.n.length >= 256;
      for (const platform of [nodePlatform, browserPlatform]) {
        expect(platform.prepare(algorithm, key) !== undefined).toBe(usable);
      }
    }
  });
});

describe.skipIf(!existsSync(SM2))('SM2 certificates (../shared/data/sm2)', () => {
  const files = existsSync(SM2) ? globSync(`${SM2}/**/*.{crt,cer,cert,pem}`) : [];

  it('read as @peculiar/x509 and Node read them', () => {
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) for (const der of certificatesIn(file)) sameAsOthers(der);
  });

  interface Expected {
    certificates: { certificate: string; index: number; signedBy: { issuer: string; userId: string }[] | null }[];
  }
  const { certificates: expected } = files.length
    ? (JSON.parse(readFileSync(`${SM2}/EXPECTED.json`, 'utf8')) as Expected)
    : { certificates: [] };

  it.each(expected)('$certificate $index is signed by whom the label says', ({ certificate, index, signedBy }) => {
    const at = (file: string, i: number): Certificate => readCertificate(certificatesIn(`${SM2}/${file}`)[i]!);
    const ours = at(certificate, index);
    const { algorithm, signature } = signatureOf(ours)!;
    expect(algorithm).toBe('SM2-SM3');
    const signers = expected.filter((candidate) => {
      const key = publicKeyOf(at(candidate.certificate, candidate.index));
      return nodePlatform.prepare('SM2-SM3', key)?.(ours.tbs, signature);
    });
    const issuers = new Set(signers.map((signer) => signer.certificate));
    expect([...issuers].sort()).toEqual((signedBy ?? []).map(({ issuer }) => issuer).sort());
  });
});

/** A certificate from its parts, to be changed one at a time. */
interface Parts {
  version: Uint8Array[];
  serial: Uint8Array;
  inner: Uint8Array;
  outer: Uint8Array;
  issuer: Uint8Array;
  validity: Uint8Array;
  subject: Uint8Array;
  spki: Uint8Array;
  more: Uint8Array[];
  signature: Uint8Array;
  behind: Uint8Array[];
}

const attribute = (type: string, value: Uint8Array): Uint8Array => setOf(sequence(oid(type), value));
const SM2_SM3 = sequence(oid('1.2.156.10197.1.501'));
const extension = (id: string, value: Uint8Array, ...critical: Uint8Array[]): Uint8Array =>
  sequence(oid(id), ...critical, octetString(value));
const extensions = (...list: Uint8Array[]): Uint8Array[] => [context(3, sequence(...list))];
const KEY_USAGE_OID = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';

const PARTS: Parts = {
  version: [context(0, integer(2))],
  serial: integer(0x1234),
  inner: SM2_SM3,
  outer: SM2_SM3,
  issuer: sequence(attribute('2.5.4.6', printableString('CN')), attribute('2.5.4.10', utf8String('通认联盟'))),
  validity: sequence(time(Date.UTC(2024, 0, 1)), time(Date.UTC(2051, 0, 1))),
  subject: sequence(
    attribute('2.5.4.3', utf8String('甲')),
    attribute('2.5.4.11', utf8String('one')),
    attribute('2.5.4.11', utf8String('two')),
    attribute('1.2.3', integer(5)),
  ),
  spki: spkiFromKey(sm2PublicKey(new Uint8Array(32).fill(1))),
  more: extensions(extension(KEY_USAGE_OID, bitString(Uint8Array.of(0x86), 1), boolean(true))),
  signature: bitString(sequence(integer(1), integer(2))),
  behind: [],
};

function write(change: Partial<Parts> = {}): Uint8Array {
  const { version, serial, inner, outer, issuer, validity, subject, spki, more, signature, behind } = {
    ...PARTS,
    ...change,
  };
  const tbs = sequence(...version, serial, inner, issuer, validity, subject, spki, ...more);
  return sequence(tbs, outer, signature, ...behind);
}

const reading = (change: Partial<Parts>): Certificate => readCertificate(write(change));

describe('a certificate', () => {
  it('gives its parts', () => {
    const certificate = readCertificate(write());
    expect(certificate).toMatchObject({
      version: 3,
      serial: '1234',
      issuer: { attributes: { C: 'CN', O: '通认联盟' } },
      subject: { attributes: { CN: '甲', OU: 'one, two', '1.2.3': '#020105' } },
      notBefore: Date.UTC(2024, 0, 1),
      notAfter: Date.UTC(2051, 0, 1),
      signatureAlgorithm: '1.2.156.10197.1.501',
      keyUsage: KEY_USAGE.digitalSignature | KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign,
    });
    expect(publicKeyOf(certificate)).toEqual(sm2PublicKey(new Uint8Array(32).fill(1)));
    expect(signatureOf(certificate)?.algorithm).toBe('SM2-SM3');
    expect(encodeHex(certificate.raw)).toBe(encodeHex(write()));
    expect(encodeHex(certificate.issuer.raw)).toBe(encodeHex(PARTS.issuer));
    expect(certificate.extensions.get(KEY_USAGE_OID)?.critical).toBe(true);
    expect(certificate.basicConstraints).toBeUndefined();
  });

  it.each([
    [integer(0), '00'],
    [integer(0x80), '80'],
    [integer(-1), '-01'],
    [integer(-0x1234), '-1234'],
    [integer(2n ** 159n), `80${'00'.repeat(19)}`],
  ])('has the serial number %#', (serial, text) => {
    expect(reading({ serial }).serial).toBe(text);
  });

  it('of version 1 or 2 has no extensions', () => {
    expect(reading({ version: [], more: [] }).version).toBe(1);
    expect(reading({ version: [context(0, integer(1))], more: [contextPrimitive(1, Uint8Array.of(0))] }).version).toBe(
      2,
    );
    expect(() => reading({ version: [] })).toThrow(Broken);
    expect(() => reading({ version: [context(0, integer(1))] })).toThrow(Broken);
  });

  it('reads the extensions it knows', () => {
    const more = extensions(
      extension(BASIC_CONSTRAINTS, sequence(boolean(true), integer(3)), boolean(true)),
      extension('2.5.29.14', octetString(Uint8Array.of(1, 2))),
      extension(
        '2.5.29.35',
        sequence(
          contextPrimitive(0, Uint8Array.of(3, 4)),
          context(1, PARTS.issuer),
          contextPrimitive(2, Uint8Array.of(0, 0x99)),
        ),
        boolean(false),
      ),
      extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('2.5.29.37.0'))),
      extension(KEY_USAGE_OID, bitString(Uint8Array.of(0x00, 0x80), 7)),
      extension('1.2.3.4', Uint8Array.of(0xde, 0xad)),
    );
    expect(reading({ more })).toMatchObject({
      basicConstraints: { ca: true, pathLength: 3 },
      subjectKeyIdentifier: Uint8Array.of(1, 2),
      authorityKeyIdentifier: { keyIdentifier: Uint8Array.of(3, 4), issuer: PARTS.issuer, serial: '99' },
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0'],
      keyUsage: KEY_USAGE.decipherOnly,
    });
    expect(reading({ more }).extensions.get('1.2.3.4')).toEqual({ critical: false, value: Uint8Array.of(0xde, 0xad) });
    expect(reading({ more: extensions(extension(BASIC_CONSTRAINTS, sequence())) }).basicConstraints).toEqual({
      ca: false,
    });
  });

  it.each([
    ['an outer algorithm that differs from the signed one', { outer: sequence(oid('1.2.840.10045.4.3.2')) }],
    ['an outer algorithm with other parameters', { outer: sequence(oid('1.2.156.10197.1.501'), nullValue()) }],
    [
      'two basicConstraints, of which one says CA',
      {
        more: extensions(
          extension(BASIC_CONSTRAINTS, sequence()),
          extension(BASIC_CONSTRAINTS, sequence(boolean(true))),
        ),
      },
    ],
    [
      'the same unknown extension twice',
      { more: extensions(extension('1.2.3', integer(1)), extension('1.2.3', integer(1))) },
    ],
    ['an empty list of extensions', { more: extensions() }],
    ['two lists of extensions', { more: [...PARTS.more, ...PARTS.more] }],
    ['a fourth element', { behind: [nullValue()] }],
    ['an element behind the extensions', { more: [...PARTS.more, nullValue()] }],
    ['version 1 said in full', { version: [context(0, integer(0))], more: [] }],
    ['version 4', { version: [context(0, integer(3))] }],
    ['a padded serial number', { serial: Uint8Array.of(2, 2, 0, 1) }],
    ['a serial number of another type', { serial: utf8String('1') }],
    ['one date', { validity: sequence(time(0)) }],
    ['three dates', { validity: sequence(time(0), time(0), time(0)) }],
    ['a date that is a number', { validity: sequence(integer(0), time(0)) }],
    ['a signature of half an octet', { signature: bitString(Uint8Array.of(0x10), 4) }],
    ['an empty part of a name', { subject: sequence(setOf()) }],
    ['a name that is not UTF-8', { subject: sequence(attribute('2.5.4.3', Uint8Array.of(0x0c, 1, 0xff))) }],
    [
      'an attribute of three elements',
      { subject: sequence(setOf(sequence(oid('2.5.4.3'), utf8String('a'), nullValue()))) },
    ],
    ['a BOOLEAN of 1', { more: extensions(extension(BASIC_CONSTRAINTS, sequence(Uint8Array.of(1, 1, 1)))) }],
    ['a critical flag of 1', { more: extensions(extension('1.2.3', integer(1), Uint8Array.of(1, 1, 1))) }],
    ['key usage that is a number', { more: extensions(extension(KEY_USAGE_OID, integer(1))) }],
    [
      'something behind the key usage',
      { more: extensions(extension(KEY_USAGE_OID, Uint8Array.of(3, 2, 7, 0x80, 5, 0))) },
    ],
    ['purposes without a purpose', { more: extensions(extension('2.5.29.37', sequence())) }],
    [
      'a negative path length',
      { more: extensions(extension(BASIC_CONSTRAINTS, sequence(boolean(true), integer(-1)))) },
    ],
  ] as [string, Partial<Parts>][])('with %s is refused', (_, change) => {
    expect(() => reading(change)).toThrow(Broken);
  });

  it('with bytes behind it is refused', () => {
    expect(() => readCertificate(Uint8Array.of(...write(), 0))).toThrow('bytes after the end');
  });

  const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  it.each([
    ['65 extensions', { more: extensions(...many(65, (i) => extension(`1.2.${i}`, integer(1)))) }],
    ['65 purposes', { more: extensions(extension('2.5.29.37', sequence(...many(65, (i) => oid(`1.2.${i}`))))) }],
    ['a name of 1025 parts', { subject: sequence(...many(1025, () => attribute('2.5.4.3', utf8String('a')))) }],
    ['64 KiB', { signature: bitString(new Uint8Array(65_536)) }],
    [
      'a path length of 2^31',
      { more: extensions(extension(BASIC_CONSTRAINTS, sequence(boolean(true), integer(2 ** 31)))) },
    ],
  ] as [string, Partial<Parts>][])('with %s is over the limit', (_, change) => {
    let code: unknown;
    try {
      reading(change);
    } catch (error) {
      code = error instanceof Broken && error.code;
    }
    expect(code).toBe('LIMIT_EXCEEDED');
  });

  it('with a name like the prototype’s keeps it a name', () => {
    const { attributes } = reading({ subject: sequence() }).subject;
    expect(attributes['constructor']).toBeUndefined();
  });

  it('damaged anywhere is read, or refused as Broken; nothing else', () => {
    const good = write();
    fc.assert(
      fc.property(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), (at, octet) => {
        try {
          const certificate = readCertificate(good.with(at, octet));
          signatureOf(certificate);
          publicKeyOf(certificate);
        } catch (error) {
          expect(error).toBeInstanceOf(Broken);
        }
      }),
      { numRuns: 2000 },
    );
    for (let length = 0; length < good.length; length++) {
      expect(() => readCertificate(good.subarray(0, length))).toThrow(Broken);
    }
  });
});

describe('signatureCheck', () => {
  const name = { country: 'CN', organization: 'Tests', commonName: 'Authority' };
  const certificateBy = (spki: Uint8Array, signer: X509Signer): Certificate =>
    readCertificate(
      writeCertificate(
        { serial: 1, issuer: name, subject: name, notBefore: 0, notAfter: Date.UTC(2040, 0, 1), spki, ca: true },
        signer,
      ),
    );
  const ECDSA = '1.2.840.10045.4.3';
  const RSA = '1.2.840.113549.1.1';
  const spkiOf = (key: ReturnType<typeof generateKeyPairSync>['publicKey']) =>
    new Uint8Array(key.export({ type: 'spki', format: 'der' }));

  it.each(['P-256', 'P-384', 'P-521'].flatMap((curve) => [256, 384, 512].map((bits) => [curve, bits] as const)))(
    'on %s with SHA-%d: the OID names the digest, the authority’s key the curve',
    (curve, bits) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
      const signer = (named: number): X509Signer => ({
        oid: `${ECDSA}.${named / 128}`,
        sign: (data) => new Uint8Array(sign(`sha${bits}`, data, privateKey)),
      });
      const good = certificateBy(spkiOf(publicKey), signer(bits));
      const swapped = certificateBy(spkiOf(publicKey), signer(bits === 256 ? 512 : 256));
      for (const platform of [nodePlatform, browserPlatform]) {
        expect(signatureCheck(platform)(good, good)).toBe(true);
        expect(signatureCheck(platform)(swapped, swapped)).toBe(false);
      }
    },
  );

  it.each([256, 384, 512])('of RSA with SHA-%d, PKCS#1', (bits) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const by = (arc: number): Certificate =>
      certificateBy(spkiOf(publicKey), {
        oid: `${RSA}.${arc}`,
        sign: (data) => new Uint8Array(sign(`sha${bits}`, data, privateKey)),
      });
    const [good, swapped] = [by(10 + bits / 128 - 1), by(bits === 256 ? 13 : 11)];
    for (const platform of [nodePlatform, browserPlatform]) {
      expect(signatureCheck(platform)(good, good)).toBe(true);
      expect(signatureCheck(platform)(swapped, swapped)).toBe(false);
    }
  });
});

describe('signatureOf', () => {
  const PSS = '1.2.840.113549.1.1.10';
  const sha = (arc: number): Uint8Array => sequence(oid(`2.16.840.1.101.3.4.2.${arc}`), nullValue());
  const of = (algorithm: Uint8Array, signature = PARTS.signature) =>
    signatureOf(reading({ inner: algorithm, outer: algorithm, signature }));
  const pss = (salt: number, hash = 1, mask = hash): Uint8Array =>
    sequence(
      oid(PSS),
      sequence(
        context(0, sha(hash)),
        context(1, sequence(oid('1.2.840.113549.1.1.8'), sha(mask))),
        context(2, integer(salt)),
      ),
    );

  it('names the algorithm and gives the signature raw', () => {
    expect(of(sequence(oid('1.2.840.10045.4.3.2')))).toEqual({
      algorithm: 'ES256',
      signature: new Uint8Array(64).with(31, 1).with(63, 2),
    });
    expect(of(sequence(oid('1.2.840.10045.4.3.3')))?.signature).toHaveLength(96);
    expect(of(sequence(oid('1.2.840.113549.1.1.11'), nullValue()), bitString(Uint8Array.of(9)))).toEqual({
      algorithm: 'RS256',
      signature: Uint8Array.of(9),
    });
    expect(of(pss(32))?.algorithm).toBe('PS256');
    expect(of(pss(48, 2))?.algorithm).toBe('PS384');
    expect(of(pss(64, 3))?.algorithm).toBe('PS512');
    expect(of(sequence(oid('1.3.101.112')))?.algorithm).toBe('EdDSA');
  });

  it.each([
    ['an algorithm that is not in use', sequence(oid('1.2.840.113549.1.1.5'), nullValue()), PARTS.signature],
    ['PSS with another salt', pss(20), PARTS.signature],
    ['PSS with the salt of another digest', pss(32, 3), PARTS.signature],
    ['PSS with two digests', pss(32, 1, 3), PARTS.signature],
    ['PSS without parameters', sequence(oid(PSS)), PARTS.signature],
    ['parameters nobody asked for', sequence(oid('1.2.840.10045.4.3.2'), integer(1)), PARTS.signature],
    ['an ECDSA signature in BER', SM2_SM3, bitString(Uint8Array.of(0x30, 0x81, 6, 2, 1, 1, 2, 1, 2))],
    ['an ECDSA signature that is raw', SM2_SM3, bitString(new Uint8Array(64).fill(1))],
  ])('gives nothing for %s', (_, algorithm, signature) => {
    expect(of(algorithm, signature)).toBeUndefined();
  });
});
