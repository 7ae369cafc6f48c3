import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { writeSignedData } from '../../src/codec/cms-writer.ts';
import { openOfd, openSealedOfd } from '../../src/codec/ofd.ts';
import { decodeMetadata, encodeMetadata } from '../../src/codec/ofd-metadata.ts';
import { cmsStamp, type OfdStamp, sealStamp, stampOfd, writeOfd } from '../../src/codec/ofd-writer.ts';
import type { Proof } from '../../src/codec/proof.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import type { Value } from '../../src/codec/value.ts';
import { PACKAGE_LIMITS } from '../../src/codec/zip.ts';
import { writeZip } from '../../src/codec/zip-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { publicKeyOf, readCertificate } from '../../src/trust/certificate.ts';
import { broken, malformed } from '../support/broken.ts';
import { rawZip } from '../support/raw-zip.ts';
import { changed, digest, licence, METADATA, NOW, party, replaced, sealOf } from '../support/sealed.ts';

const openBytes = (bytes: Uint8Array) => openOfd(bytes, PACKAGE_LIMITS, digest);
const open = (files: ReadonlyMap<string, Uint8Array>) => openBytes(writeZip(files));
const good = ({ signed, signature, certificates }: Proof, certificate = certificates![0]!): boolean =>
  nodePlatform.prepare('SM2-SM3', publicKeyOf(readCertificate(certificate)))!(signed, signature);

const SIGNATURES = 'Doc_0/Signs/Signatures.xml';
const SIGNATURE = 'Doc_0/Signs/Sign_0/Signature.xml';
const PAGE = 'Doc_0/Pages/Page_0/Content.xml';

const OFD = '../shared/data/ofd/ofdrw';

describe.skipIf(!existsSync(OFD))('OFD files of other software', () => {
  const openFile = (path: string) => openBytes(new Uint8Array(readFileSync(`${OFD}/${path}`)));

  it.each([
    'ofdrw-sign/v4signed.ofd',
    'ofdrw-sign/allprotected.ofd',
    'ofdrw-sign/DigitalSign.ofd',
    'ofdrw-converter/1.ofd',
    'ofdrw-converter/h.ofd',
    'ofdrw-converter/testImageOverridePage.ofd',
    'ofdrw-reader/SESV4SignDoc.ofd',
  ])('%s: every file is covered', (path) => {
    const { signatures, uncovered } = openFile(path);
    expect(uncovered).toEqual([]);
    expect(signatures.flatMap(({ attestations }) => attestations.flatMap(({ altered }) => altered))).toEqual([]);
  });

  it('one signature leaves OFD.xml out, and with it the metadata', () => {
    expect(openFile('ofdrw-converter/999.ofd').uncovered).toEqual(['OFD.xml']);
  });

  it('a second seal changes the list that the first one covers, and no more', () => {
    const { signatures } = openFile('ofdrw-converter/h.ofd');
    const [first, second] = signatures;
    expect(first!.references.filter(({ state }) => state !== 'ok')).toEqual([
      { file: SIGNATURES, state: 'superseded' },
    ]);
    expect(second!.references.every(({ state }) => state === 'ok')).toBe(true);
    expect(signatures.flatMap(({ attestations }) => attestations.map(({ proof }) => good(proof)))).toEqual([
      true,
      true,
    ]);
  });

  it('a bare signature is over Signature.xml, by a key that is not named', () => {
    const [signature] = openFile('ofdrw-sign/DigitalSign.ofd').signatures;
    const { proof } = signature!.attestations[0]!;
    expect(signature).toMatchObject({ kind: 'raw', seal: undefined });
    expect(proof.certificates).toBeUndefined();
    const [seal] = openFile('ofdrw-sign/allprotected.ofd').signatures;
    const [signer] = seal!.seal!.signers as { certificate: Uint8Array }[];
    expect(good(proof, signer!.certificate)).toBe(true);
  });

  it('times, as each of them writes them', () => {
    const stated = (path: string) =>
      openFile(path).signatures.map(({ statedTime }) => new Date(statedTime!).toISOString());
    expect(stated('ofdrw-sign/v4signed.ofd')).toEqual(['2020-10-10T07:11:20.000Z']);
    expect(stated('ofdrw-converter/1.ofd')).toEqual(['2020-07-23T13:09:07.763Z']);
    expect(stated('ofdrw-sign/DigitalSign.ofd')).toEqual(['2020-04-22T08:22:44.000Z']);
  });

  it('metadata of an invoice', () => {
    const { files } = openFile('ofdrw-sign/v4signed.ofd');
    const metadata = decodeMetadata(files.contents.get('OFD.xml')!, PACKAGE_LIMITS);
    expect(metadata).toMatchObject({
      CreationDate: '2020-10-10',
      CustomDatas: { 价税合计: '318.00', 发票号码: '99999951' },
    });
  });
});

describe('a licence of our own making', () => {
  it('is covered whole, and good', () => {
    const { files, seal } = licence();
    const { signatures, uncovered } = open(files);
    expect(uncovered).toEqual([]);
    expect(signatures).toHaveLength(1);
    const [signature] = signatures;
    expect(signature).toMatchObject({ file: SIGNATURE, kind: 'seal', dataHashMatches: true, statedTime: NOW });
    expect(signature!.seal!.der).toEqual(seal);
    const [attestation] = signature!.attestations;
    expect(attestation).toMatchObject({
      at: SIGNATURE,
      contentMatches: true,
      altered: [],
      signedAt: NOW,
      seal: { listsSigner: true, copyMatches: true },
    });
    expect(good(attestation!.proof)).toBe(true);
    expect(good(attestation!.seal!.maker)).toBe(true);
  });

  it('opens as an envelope whose payload is OFD.xml', () => {
    const { files } = licence(2);
    const sealed = openSealedOfd(writeZip(files), PACKAGE_LIMITS, digest);
    expect(sealed.attestations).toHaveLength(2);
    expect(sealed.proof).toBe(sealed.attestations![0]!.proof);
    expect(sealed.unsigned).toEqual([]);
    expect(decodeMetadata(sealed.payload, PACKAGE_LIMITS)).toEqual(METADATA);
  });

  it('without a signature is all unsigned', () => {
    const files = writeOfd(encodeMetadata(METADATA, 'ofd'));
    const sealed = openSealedOfd(writeZip(files), PACKAGE_LIMITS, digest);
    expect(sealed.attestations).toEqual([]);
    expect(sealed.proof.algorithm).toBe('none');
    expect(sealed.unsigned).toEqual(['OFD.xml', 'Doc_0/Document.xml', PAGE, 'Doc_0/PublicRes.xml']);
  });

  it('each further signature covers the ones before it', () => {
    const { files, signer, seal } = licence(2);
    const third = stampOfd(files, cmsStamp(signer, NOW + 9000, digest), digest);
    const { signatures, uncovered } = open(third);
    expect(uncovered).toEqual([]);
    expect(signatures.map(({ kind }) => kind)).toEqual(['seal', 'seal', 'cms']);
    expect(signatures.map(({ statedTime }) => statedTime! - NOW)).toEqual([0, 1000, 9000]);
    expect(signatures[2]!.references.map(({ file }) => file)).toContain(SIGNATURE);
    expect(signatures.every(({ references }) => references.every(({ state }) => state === 'ok'))).toBe(true);
    expect(good(signatures[2]!.attestations[0]!.proof)).toBe(true);
    expect(signatures[1]!.seal!.der).toEqual(seal);
  });

  it('goes on to a second page where the metadata need one', () => {
    const entries = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`KZ_${i}`, String(i)]));
    const files = writeOfd(encodeMetadata({ CustomDatas: entries }, 'ofd'));
    expect([...files.keys()].filter((name) => name.includes('/Pages/'))).toHaveLength(3);
  });
});

describe('what was changed after sealing', () => {
  const { files } = licence();
  const stateOf = (altered: ReadonlyMap<string, Uint8Array>) => {
    const { signatures, uncovered } = open(altered);
    return {
      altered: signatures.flatMap(({ attestations }) => attestations.flatMap((each) => each.altered)),
      uncovered,
    };
  };

  it('a page is named', () => {
    const page = replaced(files, PAGE, '测试运输', '别的运输');
    expect(stateOf(changed(files, { [PAGE]: page }))).toEqual({ altered: [PAGE], uncovered: [PAGE] });
  });

  it('every altered part is named', () => {
    const change = Object.fromEntries(
      ['OFD.xml', 'Doc_0/Document.xml', PAGE].map((name) => [name, replaced(files, name, /$/, ' ')]),
    );
    expect(stateOf(changed(files, change)).altered.sort()).toEqual(Object.keys(change).sort());
  });

  it('a part that is gone is named, also if it is a page that everybody is shown', () => {
    expect(stateOf(changed(files, { 'Doc_0/PublicRes.xml': undefined })).altered).toEqual(['Doc_0/PublicRes.xml']);
    expect(stateOf(changed(files, { [PAGE]: undefined }))).toEqual({ altered: [PAGE], uncovered: [PAGE] });
  });

  it('a part that was added is named, whether anything refers to it or not', () => {
    expect(stateOf(changed(files, { 'Doc_0/Annots/Annotations.xml': '<x/>' })).uncovered).toEqual([
      'Doc_0/Annots/Annotations.xml',
    ]);
  });

  it('a template that is named and not there is named', () => {
    const document = replaced(
      files,
      'Doc_0/Document.xml',
      '</ofd:CommonData>',
      '<ofd:TemplatePage ID="9" BaseLoc="T.xml"/></ofd:CommonData>',
    );
    expect(stateOf(changed(files, { 'Doc_0/Document.xml': document })).uncovered).toContain('Doc_0/T.xml');
  });

  it('the description of the signature is under the signature', () => {
    const xml = replaced(files, SIGNATURE, 'ProviderName="tongren"', 'ProviderName="another"');
    const [signature] = open(changed(files, { [SIGNATURE]: xml })).signatures;
    expect(signature!.dataHashMatches).toBe(false);
    expect(signature!.attestations[0]!.contentMatches).toBe(false);
    // The value itself is as good as before: it says nothing about this description.
    expect(good(signature!.attestations[0]!.proof)).toBe(true);
  });

  it('the copy of the seal beside the signature must be the seal', () => {
    const file = 'Doc_0/Signs/Sign_0/Seal.esl';
    const another = sealOf(party('Other', undefined), []);
    for (const content of [another, undefined]) {
      const [signature] = open(changed(files, { [file]: content })).signatures;
      expect(signature!.attestations[0]!.seal!.copyMatches).toBe(false);
    }
  });
});

describe('the list of signatures', () => {
  const { files, signer, seal } = licence();
  /** A stamp that covers the list as well, as some software does, so that no signature can be added or taken away. */
  const stampWithList = (from: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> => {
    const listed = stampOfd(from, sealStamp(seal, signer, NOW, digest), digest);
    const folder = [...listed.keys()]
      .findLast((name) => name.endsWith('/Signature.xml'))!
      .replace('/Signature.xml', '');
    const reference = `<ofd:Reference FileRef="/${SIGNATURES}"><ofd:CheckValue>${encodeBase64(digest('SM3', listed.get(SIGNATURES)!))}</ofd:CheckValue></ofd:Reference></ofd:References>`;
    const xml = new TextEncoder().encode(replaced(listed, `${folder}/Signature.xml`, '</ofd:References>', reference));
    const value = sealStamp(seal, signer, NOW, digest).sign(xml, `/${folder}/Signature.xml`);
    return changed(listed, { [`${folder}/Signature.xml`]: xml, [`${folder}/SignedValue.dat`]: value });
  };

  it('covered by the last signature, must be the one that was covered', () => {
    const locked = stampWithList(files);
    const states = (from: ReadonlyMap<string, Uint8Array>) =>
      open(from).signatures.map(({ references }) => references.filter(({ state }) => state !== 'ok'));
    expect(states(locked)).toEqual([[], []]);
    const again = stampOfd(locked, sealStamp(seal, signer, NOW, digest), digest);
    expect(states(again)).toEqual([[], [{ file: SIGNATURES, state: 'superseded' }], []]);
    // The third signature is taken away again, but the list is not the one that the second one covers.
    const stripped = replaced(again, SIGNATURES, /<ofd:Signature ID="3"[^>]*>/, '');
    expect(states(changed(again, { [SIGNATURES]: stripped }))).toEqual([[], [{ file: SIGNATURES, state: 'altered' }]]);
  });

  it('leaves a signature out: its files are nobody’s', () => {
    const twice = stampOfd(files, sealStamp(seal, signer, NOW, digest), digest);
    const stripped = changed(twice, { [SIGNATURES]: replaced(twice, SIGNATURES, /<ofd:Signature ID="2"[^>]*>/, '') });
    expect(open(stripped).uncovered).toEqual([
      'Doc_0/Signs/Sign_1/Seal.esl',
      'Doc_0/Signs/Sign_1/Signature.xml',
      'Doc_0/Signs/Sign_1/SignedValue.dat',
    ]);
  });

  it('names a signature twice', () => {
    const twice = replaced(files, SIGNATURES, /(<ofd:Signature ID="1"[^>]*>)/, '$1$1');
    expect(() => open(changed(files, { [SIGNATURES]: twice }))).toThrow(broken('MALFORMED', SIGNATURES));
  });

  it('names signatures by more signers together than are looked at', () => {
    const crowd = Array.from({ length: 16 }, () => signer);
    const stamp: OfdStamp = {
      type: 'Sign',
      signedAt: NOW,
      sign: (content) => writeSignedData({ profile: 'gm', content, detached: true, signers: crowd, digest }),
    };
    let crowded: Map<string, Uint8Array> = new Map(files);
    for (let i = 0; i < 3; i++) crowded = stampOfd(crowded, stamp, digest);
    expect(open(crowded).signatures.flatMap(({ attestations }) => attestations)).toHaveLength(49);
    expect(() => open(stampOfd(crowded, stamp, digest))).toThrow(broken('LIMIT_EXCEEDED', 'ofd'));
  });

  it('names descriptions with more text together than is read', () => {
    const text = replaced(files, SIGNATURE, '</ofd:Signature>', `${' '.repeat(5 << 20)}</ofd:Signature>`);
    const long = rawZip([...changed(files, { [SIGNATURE]: text })].map(([name, content]) => ({ name, content })));
    expect(() => openBytes(long)).toThrow(broken('LIMIT_EXCEEDED', SIGNATURE));
  });

  it('names more signatures than are looked at', () => {
    const many = replaced(files, SIGNATURES, /(<ofd:Signature ID="1"[^>]*>)/, '$1'.repeat(40));
    expect(() => open(changed(files, { [SIGNATURES]: many }))).toThrow(broken('LIMIT_EXCEEDED', SIGNATURES));
  });
});

describe('how files are found', () => {
  const { files, signer, seal } = licence(0);
  /** The licence with other spellings in one file, then sealed. */
  const sealed = (changes: Record<string, string | Uint8Array>): ReadonlyMap<string, Uint8Array> =>
    stampOfd(changed(files, changes), sealStamp(seal, signer, NOW, digest), digest);
  const soundly = (from: ReadonlyMap<string, Uint8Array>): boolean => {
    const { signatures, uncovered } = open(from);
    return signatures.length === 1 && uncovered.length === 0;
  };

  it.each([
    ['from the root', '/Doc_0/Document.xml'],
    ['beside', './Doc_0/Document.xml'],
    ['by a detour', 'Doc_0/../Doc_0/Document.xml'],
    ['in another case', 'doc_0/document.XML'],
    ['with white space around', ' Doc_0/Document.xml\n'],
  ])('%s', (_, location) => {
    expect(soundly(sealed({ 'OFD.xml': replaced(files, 'OFD.xml', 'Doc_0/Document.xml', location) }))).toBe(true);
  });

  it('beside the file that names it, or from the root where there is none', () => {
    const beside = replaced(files, 'Doc_0/Document.xml', 'Pages/Page_0', '/Doc_0/Pages/Page_0');
    expect(soundly(sealed({ 'Doc_0/Document.xml': beside }))).toBe(true);
    const fromRoot = replaced(files, 'Doc_0/Document.xml', 'Pages/Page_0', 'Doc_0/Pages/Page_0');
    expect(soundly(sealed({ 'Doc_0/Document.xml': fromRoot }))).toBe(true);
  });

  it.each([
    ['outside the package', '../../Document.xml', 'MALFORMED'],
    ['not there', 'Doc_1/Document.xml', 'MALFORMED'],
    ['too long', 'a/'.repeat(200), 'LIMIT_EXCEEDED'],
  ])('%s: refused', (_, location, code) => {
    const root = changed(files, { 'OFD.xml': replaced(files, 'OFD.xml', 'Doc_0/Document.xml', location) });
    expect(() => open(root)).toThrow(broken(code));
  });

  it.each<[string, (files: ReadonlyMap<string, Uint8Array>) => Record<string, string | undefined>]>([
    ['no OFD.xml', () => ({ 'OFD.xml': undefined })],
    ['another root', (from) => ({ 'OFD.xml': replaced(from, 'OFD.xml', /ofd:OFD/g, 'ofd:ODF') })],
    ['another namespace', (from) => ({ 'OFD.xml': replaced(from, 'OFD.xml', 'ofdspec.org/2016', 'example.org') })],
    ['no document', (from) => ({ 'OFD.xml': replaced(from, 'OFD.xml', /<ofd:DocBody>.*<\/ofd:DocBody>/s, '') })],
    [
      'two roots of one document',
      (from) => ({ 'OFD.xml': replaced(from, 'OFD.xml', /(<ofd:DocRoot>.*<\/ofd:DocRoot>)/, '$1$1') }),
    ],
    [
      'a page without a file',
      (from) => ({ 'Doc_0/Document.xml': replaced(from, 'Doc_0/Document.xml', /BaseLoc="Pages[^"]*"/, '') }),
    ],
    [
      '17 documents',
      (from) => ({ 'OFD.xml': replaced(from, 'OFD.xml', /(<ofd:DocBody>.*<\/ofd:DocBody>)/s, '$1'.repeat(17)) }),
    ],
  ])('%s: refused', (_, change) => {
    expect(() => open(changed(files, change(files)))).toThrow(Broken);
  });
});

describe('how a signature describes itself', () => {
  const { files: unsigned, signer, maker, seal } = licence(0);
  const stamped = (stamp: OfdStamp) => stampOfd(unsigned, stamp, digest);
  /** Signature.xml changed, and signed as it then is. */
  function signedAs(
    change: (xml: string) => string,
    stamp = sealStamp(seal, signer, NOW, digest),
  ): Map<string, Uint8Array> {
    const files = stamped(stamp);
    const xml = new TextEncoder().encode(change(new TextDecoder().decode(files.get(SIGNATURE)!)));
    return changed(files, { [SIGNATURE]: xml, 'Doc_0/Signs/Sign_0/SignedValue.dat': stamp.sign(xml, `/${SIGNATURE}`) });
  }
  const soundly = (files: ReadonlyMap<string, Uint8Array>): boolean => {
    const { signatures, uncovered } = open(files);
    return (
      uncovered.length === 0 && signatures[0]!.attestations.every((each) => each.contentMatches && good(each.proof))
    );
  };

  it.each(['1.2.156.10197.1.401', 'SM3', 'sm3', '1.2.156.10197.1.401.2', ' SM3 '])('digests by the name %j', (name) => {
    expect(soundly(signedAs((xml) => xml.replace('"1.2.156.10197.1.401"', `"${name}"`)))).toBe(true);
  });

  it.each(['MD5', 'SHA1', '', 'SM4'])('digests by the name %j are not taken', (name) => {
    const files = signedAs((xml) => xml.replace('"1.2.156.10197.1.401"', `"${name}"`));
    expect(() => open(files)).toThrow(broken('ALGORITHM_NOT_ALLOWED', SIGNATURE));
  });

  it('nor is the standard’s own default, which is MD5', () => {
    const files = signedAs((xml) => xml.replace('CheckMethod="1.2.156.10197.1.401"', ''));
    expect(() => open(files)).toThrow(broken('ALGORITHM_NOT_ALLOWED'));
  });

  it('digests by SHA-256 are', () => {
    const files = signedAs((xml) =>
      xml
        .replace('"1.2.156.10197.1.401"', '"SHA256"')
        .replace(/FileRef="\/([^"]+)"><ofd:CheckValue>[^<]+/g, (_, name: string) => {
          const value = encodeBase64(digest('SHA-256', name.endsWith('.esl') ? seal : unsigned.get(name)!));
          return `FileRef="/${name}"><ofd:CheckValue>${value}`;
        }),
    );
    expect(soundly(files)).toBe(true);
  });

  it('references without a leading slash, and digests in several lines', () => {
    expect(soundly(signedAs((xml) => xml.replaceAll('FileRef="/', 'FileRef="')))).toBe(true);
    expect(soundly(signedAs((xml) => xml.replace(/<ofd:CheckValue>(.{20})/g, '<ofd:CheckValue>\n $1\r\n')))).toBe(true);
  });

  it('a reference that leads elsewhere covers nothing', () => {
    const { uncovered, signatures } = open(
      signedAs((xml) => xml.replace(`FileRef="/${PAGE}"`, 'FileRef="/Doc_0/Elsewhere.xml"')),
    );
    expect(uncovered).toEqual([PAGE]);
    expect(signatures[0]!.attestations[0]!.altered).toEqual(['Doc_0/Elsewhere.xml']);
  });

  it('a shorter list, signed so: what it leaves out is unsigned', () => {
    const files = signedAs((xml) =>
      xml.replace(new RegExp(`<ofd:Reference FileRef="/${PAGE}">.*?</ofd:Reference>`), ''),
    );
    expect(open(files)).toMatchObject({ uncovered: [PAGE] });
  });

  it('the copy of the seal need not be listed, if it is the seal', () => {
    const copy = 'Doc_0/Signs/Sign_0/Seal.esl';
    const files = signedAs((xml) =>
      xml.replace(new RegExp(`<ofd:Reference FileRef="/${copy}">.*?</ofd:Reference>`), ''),
    );
    expect(soundly(files)).toBe(true);
    expect(open(changed(files, { [copy]: sealOf(maker, []) })).uncovered).toEqual([copy]);
  });

  it.each<[string, RegExp | string, string]>([
    ['two lists', /(<ofd:References.*<\/ofd:References>)/s, '$1$1'],
    ['no list', /<ofd:References.*<\/ofd:References>/s, ''],
    ['two values', /(<ofd:SignedValue>.*<\/ofd:SignedValue>)/, '$1$1'],
    ['a value that is not there', 'Sign_0/SignedValue.dat', 'Sign_9/SignedValue.dat'],
    ['a reference to no file', `FileRef="/${PAGE}"`, ''],
    ['a digest that is no base64', /<ofd:CheckValue>./, '<ofd:CheckValue>!'],
    ['a value that is a page', 'Doc_0/Signs/Sign_0/SignedValue.dat', PAGE],
  ])('%s: refused', (_, from, to) => {
    expect(() => open(signedAs((xml) => xml.replace(from, to)))).toThrow(Broken);
  });

  it('of a type that its value is not: refused', () => {
    const files = stamped(sealStamp(seal, signer, NOW, digest));
    const asSign = changed(files, { [SIGNATURES]: replaced(files, SIGNATURES, 'Type="Seal"', 'Type="Sign"') });
    expect(() => open(asSign)).toThrow(broken('MALFORMED', SIGNATURE));
    const plain = stamped(cmsStamp(signer, NOW, digest));
    const asSeal = changed(plain, { [SIGNATURES]: replaced(plain, SIGNATURES, 'Type="Sign"', '') });
    expect(() => open(asSeal)).toThrow(broken('MALFORMED', SIGNATURE));
  });

  it('a value of CMS that holds the digest of the description, or the description itself', () => {
    const attached = (content: (xml: Uint8Array) => Uint8Array): OfdStamp => ({
      type: 'Sign',
      signedAt: NOW,
      sign: (xml) =>
        writeSignedData({ profile: 'gm', content: content(xml), detached: false, signers: [signer], digest }),
    });
    expect(soundly(stamped(attached((xml) => digest('SM3', xml))))).toBe(true);
    expect(soundly(stamped(attached((xml) => xml)))).toBe(true);
    expect(soundly(stamped(attached(() => new Uint8Array(32))))).toBe(false);
  });

  it('a value of CMS by two signers gives two', () => {
    const other = party('Other', undefined);
    const stamp: OfdStamp = {
      type: 'Sign',
      signedAt: NOW,
      sign: (content) => writeSignedData({ profile: 'gm', content, detached: true, signers: [signer, other], digest }),
    };
    expect(open(stamped(stamp)).signatures[0]!.attestations.map(({ proof }) => good(proof))).toEqual([true, true]);
  });

  it('a bare value, over the description', () => {
    const stamp: OfdStamp = { type: 'Sign', signedAt: NOW, sign: (xml) => derFromRaw(signer.sign(xml)) };
    const [signature] = open(stamped(stamp)).signatures;
    expect(signature).toMatchObject({ kind: 'raw', dataHashMatches: undefined });
    expect(good(signature!.attestations[0]!.proof, signer.certificate)).toBe(true);
  });

  it('a seal that does not list its signer says so', () => {
    const other = sealOf(maker, [maker]);
    const [signature] = open(stamped(sealStamp(other, signer, NOW, digest))).signatures;
    expect(signature!.attestations[0]!.seal!.listsSigner).toBe(false);
  });
});

describe('several documents in one package', () => {
  it('each with a list of its own; all parts count', () => {
    const { files, signer, seal } = licence(0);
    const second = new Map(
      [...files].flatMap(([name, content]) => (name === 'OFD.xml' ? [] : [[name.replace('Doc_0', 'Doc_1'), content]])),
    );
    const body = /<ofd:DocBody>.*<\/ofd:DocBody>/s.exec(new TextDecoder().decode(files.get('OFD.xml')!))![0];
    const root = replaced(files, 'OFD.xml', '</ofd:DocBody>', `</ofd:DocBody>${body.replaceAll('Doc_0', 'Doc_1')}`);
    const both = changed(new Map([...files, ...second]), { 'OFD.xml': root });
    const { signatures, uncovered } = open(stampOfd(both, sealStamp(seal, signer, NOW, digest), digest));
    expect(signatures).toHaveLength(1);
    expect(uncovered).toEqual([]);
    const only = stampOfd(changed(files, { 'OFD.xml': root }), sealStamp(seal, signer, NOW, digest), digest);
    expect(open(new Map([...only, ...second])).uncovered).toContain('Doc_1/Pages/Page_0/Content.xml');
  });
});

describe('metadata', () => {
  const decode = (text: string) => decodeMetadata(new TextEncoder().encode(text), PACKAGE_LIMITS);

  it('misspelt, as one system writes them', () => {
    const text =
      '<XMI xmi.version="1.0" createtime="2026-03-01" xmlns:ofd="org.omg.ofd"><ofd:CuslomDatas><ofd:CuslomData name="ZZBS">1.2</ofd:CuslomData><ofd:CuslomData name="KZ_CPH">沪A12345</ofd:CuslomData></ofd:CuslomDatas></XMI>';
    expect(decode(text)).toEqual({
      'xmi.version': '1.0',
      createtime: '2026-03-01',
      CustomDatas: { ZZBS: '1.2', KZ_CPH: '沪A12345' },
    });
  });

  it.each(['ofd', 'xmi'] as const)('are written and read back: %s', (form) => {
    const value: Value = { CustomDatas: { ZZMC: '证 & <照>', 'a/b': '', __proto__x: 'y' }, createtime: '2026' };
    expect(decodeMetadata(encodeMetadata(value, form), PACKAGE_LIMITS)).toMatchObject(value);
  });

  it('names that are properties of every object are only names', () => {
    const text =
      '<x><CustomDatas><CustomData Name="__proto__">1</CustomData><CustomData Name="toString">2</CustomData></CustomDatas></x>';
    const { CustomDatas } = decode(text) as { CustomDatas: Record<string, string> };
    expect(Object.keys(CustomDatas)).toEqual(['__proto__', 'toString']);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it.each([
    [
      'an entry twice',
      '<x><CustomDatas><CustomData Name="a">1</CustomData><CustomData Name="a">2</CustomData></CustomDatas></x>',
    ],
    [
      'an entry twice, spelt in both ways',
      '<x><CustomDatas><CustomData Name="a">1</CustomData><CuslomData name="a">2</CuslomData></CustomDatas></x>',
    ],
    ['the list twice', '<x><CustomDatas/><CuslomDatas/></x>'],
    ['an entry without a name', '<x><CustomDatas><CustomData>1</CustomData></CustomDatas></x>'],
    ['an entry with elements inside', '<x><CustomDatas><CustomData Name="a"><b/></CustomData></CustomDatas></x>'],
    ['an attribute and an element of one name', '<x a="1"><a>2</a></x>'],
    ['an OFD.xml without information', '<OFD><DocBody/></OFD>'],
    // One reader takes the first, another the last, a third only those of the standard's namespace.
    ['two documents in a file', '<OFD><DocBody><DocInfo/></DocBody><DocBody><DocInfo/></DocBody></OFD>'],
    ['two informations about one', '<OFD><DocBody><DocInfo/><DocInfo/></DocBody></OFD>'],
    [
      'an information of another namespace before its own',
      '<OFD><DocBody><e:DocInfo xmlns:e="urn:e"><CustomDatas/></e:DocInfo><DocInfo/></DocBody></OFD>',
    ],
    [
      'an entry twice, in other letters',
      '<x><CustomDatas><CustomData Name="ZZBS">1</CustomData><CustomData Name="zzbs">2</CustomData></CustomDatas></x>',
    ],
    ['an entry in full-width letters', '<x><CustomDatas><CustomData Name="ＺＺＢＳ">1</CustomData></CustomDatas></x>'],
    [
      'an entry with a space behind its name',
      '<x><CustomDatas><CustomData Name="ZZBS ">1</CustomData></CustomDatas></x>',
    ],
    ['an entry with two names', '<x><CustomDatas><CustomData Name="a" name="b">1</CustomData></CustomDatas></x>'],
    ['something else among the entries', '<x><CustomDatas><customData Name="a">1</customData></CustomDatas></x>'],
    ['an entry inside something else', '<x><CustomDatas><g><CustomData Name="a">1</CustomData></g></CustomDatas></x>'],
  ])('%s: refused', (_, text) => {
    expect(() => decode(text)).toThrow(malformed);
  });

  it.each<[string, Value]>([
    ['a number', { CustomDatas: { a: 1 } }],
    ['a list', { CustomDatas: [] }],
    ['no object', 'text'],
    ['a name that XML cannot carry', { 'a b': 'c' }],
  ])('%s is not written', (_, value) => {
    expect(() => encodeMetadata(value, 'ofd')).toThrow(broken('FIELD_INVALID'));
  });
});
