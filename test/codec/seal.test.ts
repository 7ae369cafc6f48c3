import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sm2Signer, writeCertificate } from '../../src/codec/certificate-writer.ts';
import { derOf, inside, rawOf, read } from '../../src/codec/der.ts';
import {
  bitString,
  boolean,
  context,
  element,
  generalizedTime,
  ia5String,
  integer,
  octetString,
  oid,
  sequence,
  time,
  utf8String,
} from '../../src/codec/der-writer.ts';
import { openOfd } from '../../src/codec/ofd.ts';
import { encodeMetadata } from '../../src/codec/ofd-metadata.ts';
import { stampOfd, writeOfd } from '../../src/codec/ofd-writer.ts';
import type { Proof } from '../../src/codec/proof.ts';
import { listsSigner, readSeal, readSealSignature } from '../../src/codec/seal.ts';
import { momentOf } from '../../src/codec/seal-time.ts';
import { writeSealSignature } from '../../src/codec/seal-writer.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import { PACKAGE_LIMITS } from '../../src/codec/zip.ts';
import { writeZip } from '../../src/codec/zip-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { publicKeyOf, readCertificate, signatureOf } from '../../src/trust/certificate.ts';
import { broken, malformed } from '../support/broken.ts';
import { authority, digest, METADATA, NOW, party, sealOf, YEAR } from '../support/sealed.ts';

const LIMITS = { input: 4 << 20 };
const SM2 = '1.2.156.10197.1.501';
const good = ({ algorithm, signed, signature, certificates }: Proof): boolean =>
  algorithm === `oid:${SM2}` &&
  nodePlatform.prepare('SM2-SM3', publicKeyOf(readCertificate(certificates![0]!)))!(signed, signature);

const ca = authority();
const maker = party('Maker', ca);
const signer = party('Signer', ca);
const stranger = party('Stranger', ca);
const hash = digest('SM3', new TextEncoder().encode('<Signature/>'));
const property = '/Doc_0/Signs/Sign_0/Signature.xml';
const stamp = (seal: Uint8Array) => writeSealSignature({ seal, signedAt: NOW, dataHash: hash, property }, signer);

const GM = '../shared/data/ofd/ofdrw/ofdrw-gm';

describe.skipIf(!existsSync(GM))('seals made by others', () => {
  const fileOf = (name: string) => new Uint8Array(readFileSync(`${GM}/${name}`));

  it('a seal of GM/T 0031-2014, whose maker signs his certificate too', () => {
    const seal = readSeal(fileOf('UserV1.esl'), LIMITS);
    expect(seal).toMatchObject({ version: 1, type: 1, vendor: 'OFDR&WTest', id: '40C8CDD24DEF43388B86E62CCE1D6832' });
    expect(new Date(seal.validUntil).toISOString()).toBe('2022-04-22T02:18:07.000Z');
    expect(seal.picture).toMatchObject({ type: 'PNG', width: 40, height: 40 });
    expect(good(seal.maker)).toBe(true);
  });

  it('a seal of GB/T 38540-2020, whose maker signs the information only', () => {
    const seal = readSeal(fileOf('UserV4.esl'), LIMITS);
    expect(seal).toMatchObject({ version: 4, type: 3, signers: [expect.anything()] });
    expect(good(seal.maker)).toBe(true);
  });

  it('a signature of GB/T 38540-2020, with the seal inside', () => {
    const { seal, signedAt, dataHash, property: where, proof } = readSealSignature(fileOf('SignedValueV4.dat'), LIMITS);
    expect(seal.der).toEqual(fileOf('UserV4.esl'));
    expect(new Date(signedAt!).toISOString()).toBe('2020-10-12T11:14:03.000Z');
    expect(where).toBe(property);
    expect(dataHash).toHaveLength(32);
    expect(listsSigner(seal, proof.certificates![0]!, digest)).toBe(true);
    expect(good(proof)).toBe(true);
    expect(good(seal.maker)).toBe(true);
  });

  it('every bit of the seal, but for the lengths around it, is under one signature or the other', () => {
    const whole = fileOf('UserV4.esl');
    const info = rawOf(read(inside(derOf(whole))));
    // A few places in each part: header, number, name, list of signers, times, picture.
    for (const at of [4, 15, 40, 70, 200, 640, 670, 700, 16_000, info.length - 1]) {
      const changed = whole.slice();
      changed[4 + at]! ^= 0x01;
      let verdict: boolean;
      try {
        verdict = good(readSeal(changed, LIMITS).maker);
      } catch (error) {
        expect(error).toBeInstanceOf(Broken);
        verdict = false;
      }
      expect(verdict, `byte ${at}`).toBe(false);
    }
  });
});

describe('seals of our own making', () => {
  it('are read back whole', () => {
    const seal = readSeal(sealOf(maker, [signer]), LIMITS);
    expect(seal).toMatchObject({
      version: 4,
      id: '31000000000001',
      vendor: 'TEST',
      name: '测试专用章',
      type: 1,
      createdAt: NOW - YEAR,
      validFrom: NOW - YEAR,
      validUntil: NOW + YEAR,
      signers: [{ certificate: signer.certificate }],
      picture: { type: 'png', width: 40, height: 40, data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47) },
    });
    expect(seal.maker.certificates).toEqual([maker.certificate]);
    expect(good(seal.maker)).toBe(true);
  });

  it('and so are signatures with them', () => {
    const seal = sealOf(maker, [signer]);
    const read = readSealSignature(stamp(seal), LIMITS);
    expect(read).toMatchObject({ signedAt: NOW, dataHash: hash, property });
    expect(read.seal.der).toEqual(seal);
    expect(read.proof.certificates).toEqual([signer.certificate]);
    expect(good(read.proof)).toBe(true);
  });

  it('a signer is listed by his certificate, or by its digest', () => {
    const byCertificate = readSeal(sealOf(maker, [signer]), LIMITS);
    const digests = [{ digest: digest('SM3', signer.certificate), algorithm: 'SM3' as const }];
    const byDigest = readSeal(sealOf(maker, [], { signers: digests }), LIMITS);
    for (const seal of [byCertificate, byDigest]) {
      expect(listsSigner(seal, signer.certificate, digest)).toBe(true);
      expect(listsSigner(seal, stranger.certificate, digest)).toBe(false);
    }
    expect(listsSigner(readSeal(sealOf(maker, []), LIMITS), signer.certificate, digest)).toBe(false);
  });

  it('their certificates are what X.509 readers expect', () => {
    const certificate = readCertificate(signer.certificate);
    expect(certificate.subject.attributes['CN']).toBe('Signer');
    expect(certificate.issuer.raw).toEqual(readCertificate(ca.certificate).subject.raw);
    expect(certificate.authorityKeyIdentifier?.keyIdentifier).toEqual(
      readCertificate(ca.certificate).subjectKeyIdentifier,
    );
    expect(readCertificate(ca.certificate)).toMatchObject({ keyUsage: 0x60, basicConstraints: { ca: true } });
    const { algorithm, signature } = signatureOf(certificate)!;
    expect(
      nodePlatform.prepare(algorithm, publicKeyOf(readCertificate(ca.certificate)))!(certificate.tbs, signature),
    ).toBe(true);
    expect(() =>
      readCertificate(writeCertificate({ ...fieldsOf(signer.spki), keyUsage: 1 << 8 }, sm2Signer(signer.sign))),
    ).not.toThrow();
  });
});

const fieldsOf = (spki: Uint8Array) => ({
  serial: 1,
  issuer: { country: 'CN', organization: 'O', commonName: 'C' },
  subject: { country: 'CN', organization: 'O', commonName: 'C' },
  notBefore: NOW,
  notAfter: NOW + YEAR,
  spki,
});

/** The parts of a seal and its signature, any of which a test can replace. */
interface SealParts {
  readonly id?: string;
  readonly version?: number;
  readonly listType?: Uint8Array[];
  readonly list?: Uint8Array;
  readonly times?: Uint8Array[];
  readonly picture?: Uint8Array;
  readonly extensions?: Uint8Array[];
  readonly after?: Uint8Array[];
}

const infoOf = (parts: SealParts = {}): Uint8Array =>
  sequence(
    sequence(ia5String(parts.id ?? 'ES'), integer(parts.version ?? 4), ia5String('TEST')),
    ia5String('1'),
    sequence(
      integer(1),
      utf8String('章'),
      ...(parts.listType ?? [integer(1)]),
      parts.list ?? sequence(octetString(signer.certificate)),
      ...(parts.times ?? [generalizedTime(NOW), generalizedTime(NOW), generalizedTime(NOW + YEAR)]),
    ),
    parts.picture ?? sequence(ia5String('png'), octetString(Uint8Array.of(1)), integer(40), integer(40)),
    ...(parts.extensions ?? []),
  );

const vouched = (data: Uint8Array): Uint8Array[] => [
  octetString(maker.certificate),
  oid(SM2),
  bitString(derFromRaw(maker.sign(data))),
];

function sealWith(parts: SealParts = {}): Uint8Array {
  const info = infoOf(parts);
  return sequence(info, ...vouched(info), ...(parts.after ?? []));
}

const V1 = { version: 1, listType: [], times: [time(NOW), time(NOW), time(NOW + YEAR)] };

function sealV1(parts: SealParts = {}): Uint8Array {
  const info = infoOf({ ...V1, ...parts });
  const signed = sequence(info, octetString(maker.certificate), oid(SM2));
  return sequence(info, sequence(...vouched(signed)));
}

function stampV1(timeInfo: Uint8Array, dataHash: Uint8Array = bitString(hash), seal = sealV1()): Uint8Array {
  const tbs = sequence(
    integer(1),
    seal,
    timeInfo,
    dataHash,
    ia5String(property),
    octetString(signer.certificate),
    oid(SM2),
  );
  return sequence(tbs, bitString(derFromRaw(signer.sign(tbs))));
}

function stampWith(fields: Uint8Array[], after: Uint8Array[] = []): Uint8Array {
  const tbs = sequence(...fields);
  return sequence(tbs, octetString(signer.certificate), oid(SM2), bitString(derFromRaw(signer.sign(tbs))), ...after);
}

const toSign = (seal = sealWith(), dataHash = bitString(hash)): Uint8Array[] => [
  integer(4),
  seal,
  generalizedTime(NOW),
  dataHash,
  ia5String(property),
];

describe('the other versions, part by part', () => {
  it('V1: the maker signs information, certificate and algorithm', () => {
    const seal = readSeal(sealV1(), LIMITS);
    expect(seal.version).toBe(1);
    expect(good(seal.maker)).toBe(true);
    const info = infoOf(V1);
    const likeV4 = sequence(info, sequence(...vouched(info)));
    expect(good(readSeal(likeV4, LIMITS).maker)).toBe(false);
  });

  it('V4: the maker signs information only', () => {
    const info = infoOf();
    const likeV1 = sequence(info, ...vouched(sequence(info, octetString(maker.certificate), oid(SM2))));
    expect(good(readSeal(sealWith(), LIMITS).maker)).toBe(true);
    expect(good(readSeal(likeV1, LIMITS).maker)).toBe(false);
  });

  it.each<[string, Uint8Array, number | undefined]>([
    ['a UTCTime', bitString(time(NOW)), NOW],
    ['a text in Chinese time', bitString(new TextEncoder().encode('2026-03-01 12:00:00')), NOW],
    ['an octet string, as some write', octetString(new TextEncoder().encode('20260301040000Z')), NOW],
    ['a timestamp, which nobody reads yet', bitString(sequence(integer(1))), undefined],
    ['something else', bitString(new TextEncoder().encode('yesterday')), undefined],
  ])('V1: the time is %s', (_, timeInfo, expected) => {
    const { proof, seal, signedAt } = readSealSignature(stampV1(timeInfo), LIMITS);
    expect(signedAt).toBe(expected);
    expect(good(proof)).toBe(true);
    expect(good(seal.maker)).toBe(true);
  });

  it('V1: the digest may stand in an octet string', () => {
    expect(readSealSignature(stampV1(bitString(time(NOW)), octetString(hash)), LIMITS).dataHash).toEqual(hash);
  });

  it('version 5: timestamps over seal and signature are passed over', () => {
    const timestamp = context(0, bitString(Uint8Array.of(1)));
    const seal = sealWith({ version: 5, after: [timestamp] });
    const read = readSealSignature(stampWith(toSign(seal), [timestamp]), LIMITS);
    expect(read.seal.version).toBe(5);
    expect(good(read.proof)).toBe(true);
    expect(good(read.seal.maker)).toBe(true);
  });

  it.each<[string, Uint8Array, (hash: Uint8Array, seal: Uint8Array) => Uint8Array]>([
    ['V1', sealV1(), (digested, seal) => stampV1(bitString(time(NOW)), bitString(digested), seal)],
    ['version 5', sealWith({ version: 5 }), (digested, seal) => stampWith(toSign(seal, bitString(digested)))],
  ])('%s: in an OFD, every part is covered and the seal lists its signer', (_name, seal, sign) => {
    const stamp = {
      type: 'Seal',
      signedAt: NOW,
      seal,
      sign: (xml: Uint8Array) => sign(digest('SM3', xml), seal),
    } as const;
    const files = stampOfd(writeOfd(encodeMetadata(METADATA, 'ofd')), stamp, digest);
    const { signatures, uncovered } = openOfd(writeZip(files), PACKAGE_LIMITS, digest);
    const [{ attestations }] = signatures as [(typeof signatures)[number]];
    expect([uncovered, attestations.length]).toEqual([[], 1]);
    expect(attestations[0]).toMatchObject({
      contentMatches: true,
      altered: [],
      signedAt: NOW,
      seal: { copyMatches: true, listsSigner: true },
    });
    expect([good(attestations[0]!.proof), good(attestations[0]!.seal!.maker)]).toEqual([true, true]);
  });

  it('times with fractions and zones are read', () => {
    const times = ['20260301040000.5Z', '20260301120000+0800', '20270301040000Z'].map((text) =>
      element(0x18, new TextEncoder().encode(text)),
    );
    expect(readSeal(sealWith({ times }), LIMITS)).toMatchObject({ createdAt: NOW + 500, validFrom: NOW });
  });

  const extension = (critical?: boolean) =>
    sequence(oid('1.2.3.4'), ...(critical === undefined ? [] : [boolean(critical)]), octetString(Uint8Array.of(1)));

  it('extensions are passed over unless they are critical', () => {
    expect(
      readSeal(sealWith({ extensions: [sequence(extension(), extension(false))] }), LIMITS).maker.demands,
    ).toBeUndefined();
    expect(readSeal(sealWith({ extensions: [sequence(extension(true))] }), LIMITS).maker.demands).toContain('1.2.3.4');
    const tagged = (...items: Uint8Array[]) =>
      readSealSignature(stampWith([...toSign(), context(0, ...items)]), LIMITS).proof;
    expect(tagged(sequence(extension())).demands).toBeUndefined();
    expect(tagged(sequence(extension(true))).demands).toContain('1.2.3.4');
    expect(tagged(extension(true)).demands).toContain('1.2.3.4');
  });
});

describe('what is refused', () => {
  it.each<[string, () => Uint8Array, string?]>([
    ['another header', () => sealWith({ id: 'SE' })],
    ['a version that is not known', () => sealWith({ version: 6 })],
    ['version 1 in the structure of 4', () => sealWith({ version: 1 })],
    ['version 4 in the structure of 1', () => sealV1({ version: 4 })],
    ['a list of signers of another type', () => sealWith({ listType: [integer(3)] })],
    [
      'digests where certificates are said to be',
      () => sealWith({ list: sequence(sequence(ia5String('SM3'), octetString(hash))) }),
    ],
    [
      'a time that does not exist',
      () => sealWith({ times: Array(3).fill(element(0x18, new TextEncoder().encode('20260231000000Z'))) }),
    ],
    [
      'a time without a zone',
      () => sealWith({ times: Array(3).fill(element(0x18, new TextEncoder().encode('20260301040000'))) }),
    ],
    ['something after the seal', () => sealWith({ after: [integer(1)] })],
    [
      'a name that is no text',
      () => sealWith({ picture: sequence(integer(1), octetString(hash), integer(1), integer(1)) }),
    ],
    [
      'a negative width',
      () => sealWith({ picture: sequence(ia5String('png'), octetString(hash), integer(-1), integer(1)) }),
    ],
    [
      'a picture of three megabytes',
      () =>
        sealWith({ picture: sequence(ia5String('ofd'), octetString(new Uint8Array(3 << 20)), integer(1), integer(1)) }),
      'LIMIT_EXCEEDED',
    ],
    [
      '300 signers',
      () => sealWith({ list: sequence(...Array<Uint8Array>(300).fill(octetString(hash))) }),
      'LIMIT_EXCEEDED',
    ],
    [
      'a hundred extensions',
      () =>
        sealWith({ extensions: [sequence(...Array<Uint8Array>(100).fill(sequence(oid('1.2.3'), octetString(hash))))] }),
      'LIMIT_EXCEEDED',
    ],
    [
      'a signature that is no pair',
      () => {
        const info = infoOf();
        return sequence(info, octetString(maker.certificate), oid(SM2), bitString(maker.sign(info)));
      },
    ],
  ])('seal: %s', (_, make, code) => {
    const der = make();
    expect(() => readSeal(der, LIMITS)).toThrow(broken(code));
  });

  it.each<[string, () => Uint8Array, string?]>([
    ['a seal of version 1', () => stampWith(toSign(sealV1()))],
    ['in version 1 a seal of version 4', () => stampV1(bitString(time(NOW)), bitString(hash), sealWith())],
    ['a digest of 20 octets', () => stampWith(toSign(undefined, bitString(new Uint8Array(20))))],
    ['a digest in the wrong type', () => stampWith(toSign(undefined, octetString(hash)).with(3, ia5String('x')))],
    ['something after it', () => stampWith(toSign(), [integer(1)])],
    ['something after what is signed', () => stampWith([...toSign(), integer(1)])],
    ['a seal alone', () => sealWith()],
    ['signed data of CMS', () => sequence(oid('1.2.156.10197.6.1.4.2.2'), context(0, sequence()))],
    ['nothing', () => new Uint8Array(0)],
  ])('signature: %s', (_, make, code) => {
    const der = make();
    expect(() => readSealSignature(der, LIMITS)).toThrow(broken(code));
  });

  it('every signature that is cut short', () => {
    const der = stamp(sealOf(maker, [signer]));
    for (let length = 0; length < der.length; length++) {
      expect(() => readSealSignature(der.subarray(0, length), LIMITS), String(length)).toThrow(malformed);
    }
  });

  it('more than it may be long', () => {
    expect(() => readSealSignature(stamp(sealOf(maker, [signer])), { input: 100 })).toThrow(broken('LIMIT_EXCEEDED'));
  });
});

describe('times as signature files write them', () => {
  it.each<[string, string | undefined]>([
    ['20201010151120', '2020-10-10T07:11:20.000Z'],
    ['20200817111329Z', '2020-08-17T11:13:29.000Z'],
    ['20200723130907.763Z', '2020-07-23T13:09:07.763Z'],
    ['2020-04-22 16:22:44', '2020-04-22T08:22:44.000Z'],
    [' 2020-07-23T21:06:25 ', '2020-07-23T13:06:25.000Z'],
    ['2020-07-23T21:06:25+08:00', '2020-07-23T13:06:25.000Z'],
    ['2020-07-23T05:06:25-0800', '2020-07-23T13:06:25.000Z'],
    ['2020/07/23 21:06', '2020-07-23T13:06:00.000Z'],
    ['2020-04-22', '2020-04-21T16:00:00.000Z'],
    ['200422021807Z', '2020-04-22T02:18:07.000Z'],
    ['990422021807Z', '1999-04-22T02:18:07.000Z'],
    ['2020-04-31', undefined],
    ['2020-02-30 00:00:00', undefined],
    ['2020-04-22 24:00:00', undefined],
    ['2020-04-22 12:60:00', undefined],
    ['2020-0422', undefined],
    ['22.04.2020', undefined],
    ['', undefined],
    ['2020-04-22 16:22:44'.padEnd(10_000), undefined],
  ])('%j', (text, expected) => {
    const moment = momentOf(text);
    expect(moment === undefined ? undefined : new Date(moment).toISOString()).toBe(expected);
  });
});
