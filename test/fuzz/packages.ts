import { proofOfSigner, readSignedData } from '../../src/codec/cms.ts';
import { SM2_WITH_SM3 } from '../../src/codec/cms-algorithms.ts';
import { openCms, writeCms } from '../../src/codec/cms-envelope.ts';
import { writeSignedData } from '../../src/codec/cms-writer.ts';
import { openSealedOfd } from '../../src/codec/ofd.ts';
import { decodeMetadata, encodeMetadata } from '../../src/codec/ofd-metadata.ts';
import { cmsStamp, stampOfd } from '../../src/codec/ofd-writer.ts';
import type { EnvelopeOptions } from '../../src/codec/proof.ts';
import { readSeal, readSealSignature } from '../../src/codec/seal.ts';
import { openSealedJson, writeSealedJson } from '../../src/codec/seal-json.ts';
import { momentOf } from '../../src/codec/seal-time.ts';
import { writeSealSignature } from '../../src/codec/seal-writer.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import { openSignedParams, writeSignedParams } from '../../src/codec/signed-params.ts';
import { readTimestamp } from '../../src/codec/timestamp.ts';
import { type TimestampFields, writeTimestamp } from '../../src/codec/timestamp-writer.ts';
import { decodeUtf8 } from '../../src/codec/utf8.ts';
import { parseXml, type XmlElement } from '../../src/codec/xml.ts';
import { writeXml, type XmlOut } from '../../src/codec/xml-writer.ts';
import { foldName, readZip } from '../../src/codec/zip.ts';
import { writeZip } from '../../src/codec/zip-writer.ts';
import { Broken } from '../../src/document/broken.ts';
import { specimenOf } from '../../src/format/recognise.ts';
import { compileReference } from '../../src/format/reference.ts';
import { compileUnfold } from '../../src/format/unfold.ts';
import { inherited } from '../codec/inherited.ts';
import { descriptor, rawZip } from '../support/raw-zip.ts';
import { digest, licence, METADATA, NOW, party, sealOf } from '../support/sealed.ts';
import { main, must, type Target } from './driver.ts';

// Run with: npx node test/fuzz/packages.ts --seconds 60 [--target NAME] [--seed N]

const LIMITS = { input: 1 << 16, inflated: 1 << 18, depth: 16, items: 2000 };

const within = (whole: Uint8Array, part: Uint8Array) => Buffer.from(whole).includes(Buffer.from(part));
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const utf8 = (text: string) => new TextEncoder().encode(text);

const { files, signer, seal } = licence();
const signed = stampOfd(files, cmsStamp(signer, NOW, digest), digest);
const names = [...signed.keys()];
const xmlSeeds = [...signed].filter(([name]) => name.endsWith('.xml')).map(([, content]) => content);
const content = utf8('content');
const tokenOver = (data: Uint8Array, change: Partial<TimestampFields> = {}) =>
  writeTimestamp(
    { policy: '1.2.3', data, serial: 1, time: NOW, ...change },
    {
      certificate: signer.certificate,
      algorithm: SM2_WITH_SM3,
      digest: 'SM3',
      sign: (all) => derFromRaw(signer.sign(all)),
    },
    digest,
  );
const shortSeal = sealOf(party('M', undefined), [], {
  signers: [{ digest: digest('SM3', content), algorithm: 'SM3' }],
});

const stamping = {
  cose: 0,
  jose: '',
  keyId: '',
  certificates: [signer.certificate],
  stamp: { signedAt: NOW, seal: shortSeal },
  sign: signer.sign,
};
const PARAMS: EnvelopeOptions = {
  params: { signature: '/sign', encoding: 'base64' },
  bare: { form: 'raw', bytes: 64 },
};
const reference = compileReference(
  {
    format: 'x/1',
    title: { zh: '甲', en: 'X' },
    prefix: 'https://s.example/?',
    refers: { kind: 'token', parameter: 'token' },
    parameters: [
      { name: 'token', signs: 'hex', least: 64, most: 64 },
      { name: 'uuid', begins: 'P', signs: 'digits', least: 1, most: 8 },
    ],
  },
  'x-x',
);
const SEALED_JSON = utf8('{"license_code":"1","list":[1,{"a":null}]}');

/** Packed without the time that deflating takes. */
const stored = (contents: ReadonlyMap<string, Uint8Array>) =>
  rawZip([...contents].map(([name, content]) => ({ name, content })));

/** As it would be written: prefixes by namespace. */
function outOf({ name, namespace, attributes, children }: XmlElement): XmlOut {
  const spaces = [...new Set([namespace, ...attributes.map((each) => each.namespace)])].filter((space) => space !== '');
  const prefix = (space: string) => (space === '' ? '' : space === XML ? 'xml:' : `p${spaces.indexOf(space)}:`);
  return {
    name: `${prefix(namespace)}${name}`,
    attributes: {
      ...Object.fromEntries(
        spaces.filter((space) => space !== XML).map((space) => [prefix(space).replace(/(.*):/, 'xmlns:$1'), space]),
      ),
      ...(namespace === '' ? { xmlns: '' } : {}),
      ...Object.fromEntries(attributes.map((each) => [`${prefix(each.namespace)}${each.name}`, each.value])),
    },
    children: children.map((child) => (typeof child === 'string' ? child : outOf(child))),
  };
}

const XML = 'http://www.w3.org/XML/1998/namespace';
const plain = (element: XmlElement): string =>
  JSON.stringify(element, (key, value) => (key === 'scope' || key === 'qualified' ? undefined : value));

export const targets: readonly Target[] = [
  {
    name: 'zip',
    seeds: [
      writeZip([
        ['a.xml', content],
        ['Doc_0/b.xml', utf8('<a/>'.repeat(30))],
      ]),
      rawZip([
        { name: 'a/' },
        { name: 'a/b', content: 'x', method: 8 },
        {
          name: 'c',
          content,
          method: 8,
          flags: 8,
          local: { crc: 0, packed: 0, size: 0 },
          after: descriptor(content, 9),
        },
      ]),
      rawZip([{ name: 'a', content: 'x' }], { comment: content }),
    ],
    run(bytes) {
      const entries = readZip(bytes, LIMITS);
      must('no two names are one', () => new Set([...entries.keys()].map(foldName)).size === entries.size);
      must('no name leads elsewhere', () =>
        [...entries.keys()].every((name) => !/\\|^\/|(^|\/)\.{0,2}(\/|$)/.test(name)),
      );
      must('it is written and read back', () => {
        const again = readZip(writeZip(entries), LIMITS);
        return [...entries].every(([name, data]) => same(again.get(name)!, data));
      });
    },
  },
  {
    name: 'xml',
    seeds: [
      ...xmlSeeds,
      utf8('<?xml version="1.0"?><a b="&lt;&#x4e2d;" xmlns:o="u"><!-- c --><o:d o:e=\'f\'/><![CDATA[g]]>&amp;</a>'),
      utf8('<证照 xmlns="urn:x"><?p i?><b xmlns="">\r\n</b></证照>'),
    ],
    run(bytes) {
      const root = parseXml(bytes, LIMITS);
      must(
        'it is written and read back',
        () => plain(parseXml(writeXml(outOf(root)), { ...LIMITS, input: 1 << 20 })) === plain(root),
      );
    },
  },
  {
    name: 'metadata',
    seeds: [encodeMetadata(METADATA, 'ofd'), encodeMetadata(METADATA, 'xmi'), files.get('OFD.xml')!],
    run(bytes) {
      const value = decodeMetadata(bytes, LIMITS);
      must('it is a plain object', () => inherited(value).length === 0);
    },
  },
  {
    name: 'cms',
    seeds: (['gm', 'cms'] as const).flatMap((profile) =>
      [true, false].map((detached) =>
        writeSignedData({
          profile,
          content,
          detached,
          signers: [detached ? { ...signer, timestamp: tokenOver } : { ...signer, signingTime: NOW }],
          digest,
        }),
      ),
    ),
    run(bytes) {
      const data = readSignedData(bytes, LIMITS);
      must('each signer has signed something', () =>
        data.signers.every((each) => proofOfSigner(each, content, digest).proof.signed.length > 0),
      );
      must('a named certificate came along', () =>
        data.signers.every(
          (each) => each.certificate === undefined || data.certificates.some((der) => same(der, each.certificate!)),
        ),
      );
    },
  },
  {
    name: 'timestamp',
    seeds: [{}, { accuracy: 2 }, { imprint: 'SHA-512' as const }].map((change) => tokenOver(content, change)),
    run(bytes) {
      const { time, accuracy, imprint, content: info, signer: by } = readTimestamp(bytes);
      must('it names a time', () => Number.isFinite(time) && accuracy >= 0);
      must('the digest is whole', () => imprint.value.length >= 32);
      must('what is signed is within it', () => within(bytes, info));
      must('it has signed something', () => proofOfSigner(by, info, digest).proof.signed.length > 0);
    },
  },
  {
    name: 'seal',
    seeds: [seal, shortSeal],
    run(bytes) {
      const read = readSeal(bytes, LIMITS);
      must('what its maker signed is in it', () => read.version < 4 || within(bytes, read.maker.signed));
      must('it is whole', () => same(read.der, bytes));
    },
  },
  {
    name: 'seal-signature',
    seeds: [seal, shortSeal].map((each) =>
      writeSealSignature({ seal: each, signedAt: NOW, dataHash: digest('SM3', content), property: '/a' }, signer),
    ),
    run(bytes) {
      const { seal: inner, proof, dataHash } = readSealSignature(bytes, LIMITS);
      must('the signature covers the seal and the digest', () => {
        return within(proof.signed, inner.der) && within(proof.signed, dataHash);
      });
    },
  },
  {
    name: 'cms-envelope',
    seeds: [writeCms(content, {}, stamping, { digest }) as Uint8Array],
    run(bytes) {
      const { payload, attestations } = openCms(bytes, LIMITS, {}, { digest });
      must('somebody has signed the content', () => attestations!.length > 0 && within(bytes, payload));
    },
  },
  {
    name: 'sealed-json',
    seeds: [utf8(writeSealedJson(SEALED_JSON, {}, stamping, { digest }))],
    run(bytes) {
      const { payload, attestations } = openSealedJson(bytes, { ...LIMITS, depth: 32 }, {}, { digest });
      const { contentMatches } = attestations![0]!;
      must('only this content is sealed', () => !contentMatches || same(payload, SEALED_JSON));
    },
  },
  {
    name: 'signed-params',
    seeds: [
      utf8(
        writeSignedParams(
          utf8('{"flag":"200","data":{"code":"1.2","url":"https://x/?a=1"},"appId":"a"}'),
          PARAMS,
          stamping,
        ),
      ),
    ],
    run(bytes) {
      const { proof, payload } = openSignedParams(bytes, { ...LIMITS, depth: 8 }, PARAMS);
      must('the payload is what the signed text says', () => {
        const again = openSignedParams(writeSignedParams(payload, PARAMS, stamping), { ...LIMITS, depth: 8 }, PARAMS);
        return same(again.proof.signed, proof.signed) && same(again.payload, payload);
      });
    },
  },
  {
    name: 'unfold',
    seeds: [`[{"name":"a","value":"b"}]`, `{'a':'b','c':"O'N"}`, String.raw`{'a':'\'"\\'}`].map(utf8),
    run(bytes) {
      const payload = { a: decodeUtf8(bytes) };
      const unfold = compileUnfold(['/a']);
      unfold.read(payload, { ...LIMITS, depth: 8 }, () => {});
      const read = JSON.stringify(payload);
      must('it is folded and unfolded again', () => {
        unfold.write(payload);
        unfold.read(payload, { ...LIMITS, depth: 16, input: 1 << 20 }, () => {});
        return JSON.stringify(payload) === read;
      });
    },
  },
  {
    name: 'reference',
    seeds: [utf8(`https://s.example/?token=${'0123456789abcdef'.repeat(4)}&uuid=P12`), utf8('https://s.example/?')],
    run(bytes) {
      const text = Buffer.from(bytes).toString('latin1');
      if (reference.recognise(specimenOf({ text })) === undefined) throw new Broken('link', 'not mine');
      const found = reference.refers(specimenOf({ text }));
      must('it is a token', () => /^[0-9a-fA-F]{64}$/.test(found.token ?? ''));
    },
  },
  {
    name: 'seal-time',
    seeds: ['20201010151120', '2020-04-22 16:22:44.5+08:00', '200422021807Z', '2020/07/23'].map(utf8),
    run(bytes) {
      const moment = momentOf(Buffer.from(bytes).toString('latin1'));
      must('it is a moment', () => moment === undefined || !Number.isNaN(new Date(moment).getTime()));
    },
  },
  {
    name: 'ofd',
    // Parts of a package, changed and packed anew: mutations of a whole package seldom get past its checksums.
    seeds: names.flatMap((name, i) => (name.endsWith('.xml') ? [Uint8Array.of(i, ...signed.get(name)!)] : [])),
    run(bytes) {
      const name = names[(bytes[0] ?? 0) % names.length]!;
      const changed = new Map(signed).set(name, bytes.subarray(1));
      const { attestations, unsigned } = openSealedOfd(stored(changed), LIMITS, digest);
      const untouched = same(bytes.subarray(1), signed.get(name)!);
      const clean =
        unsigned!.length === 0 &&
        attestations!.length === 2 &&
        attestations!.every((each) => each.contentMatches && each.altered.length === 0);
      must('what was changed is told', () => untouched || !clean || LISTS.has(name) || VALUES.test(name));
    },
  },
];

/** The last one to sign covers neither the list nor his own value: their signatures are checked elsewhere. */
const LISTS: ReadonlySet<string> = new Set(['Doc_0/Signs/Signatures.xml']);
const VALUES = /Sign_1\/SignedValue\.dat$/;

if (import.meta.main) await main(targets);
