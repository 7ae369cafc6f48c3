import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { writeSignedData } from '../../src/codec/cms-writer.ts';
import { openOfd } from '../../src/codec/ofd.ts';
import { encodeMetadata } from '../../src/codec/ofd-metadata.ts';
import { cmsStamp, sealStamp, stampOfd, writeOfd } from '../../src/codec/ofd-writer.ts';
import type { EnvelopeSigner } from '../../src/codec/proof.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import { PACKAGE_LIMITS } from '../../src/codec/zip.ts';
import { writeZip } from '../../src/codec/zip-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { FormatDeclaration, IssuerEntry, SharedDocument } from '../../src/document/generated/types.ts';
import type { Presented } from '../../src/format/open.ts';
import { certificateId } from '../../src/trust/certificate.ts';
import {
  codesOf,
  federationWith,
  formatOf,
  JUDGE,
  NOW,
  packFiles,
  shortOf,
  standpointOf,
  TEST_REGION,
  testDocument,
  walk,
} from '../support/federation.ts';
import {
  authority,
  changed,
  digest,
  METADATA,
  type Party,
  party,
  replaced,
  NOW as SEALED,
  sealOf,
  YEAR,
} from '../support/sealed.ts';

const TYPE = 'road-transport-certificate';
/** What the makers of seals sign. */
const SEAL = 'electronic-seal';
const ABSENT = [
  '/status',
  '/vehicle',
  '/route',
  '/crew',
  '/goods',
  '/commitments',
  '/faceFields',
  '/usage',
  '/presentation',
];
const MAP = {
  documentType: TYPE,
  map: [
    { to: '/docId', from: '/CustomDatas/ZZBH' },
    { to: '/holder/name', from: '/CustomDatas/CZZT' },
    { to: '/validity/until', from: '/CustomDatas/ZZYXQJZRQ', as: 'day' },
    { to: '/validity/issuedAt', from: '/CreationDate', as: 'day', optional: true },
  ],
  absent: ABSENT,
  ignore: [{ from: '/DocID' }, { from: '/CustomDatas/ZZMC' }],
} satisfies Partial<FormatDeclaration>;

const envelope = (type: string): FormatDeclaration['envelope'] => ({ type, algorithms: ['SM2-SM3'] });
const OFD: Partial<FormatDeclaration> = {
  format: 'test-ofd/1',
  recognise: { zip: ['OFD.xml'], metadata: { ZZBH: '3101' } },
  transport: [],
  envelope: envelope('ofd'),
  payload: 'ofd-metadata',
  ...MAP,
};
const CMS: Partial<FormatDeclaration> = {
  ...OFD,
  format: 'test-cms/1',
  recognise: { metadata: { ZZBH: '3101' } },
  envelope: envelope('cms'),
  payload: 'xmi-metadata',
};
const JSON_: Partial<FormatDeclaration> = {
  format: 'test-sealed/1',
  recognise: { json: ['/license_code', '/seal'] },
  transport: [],
  envelope: envelope('sealed-json'),
  payload: 'json',
  documentType: TYPE,
  map: [
    { to: '/docId', from: '/license_code' },
    { to: '/holder/name', from: '/holder_name' },
    { to: '/validity/until', from: '/valid_until', as: 'day' },
  ],
  absent: ABSENT,
};

const ca = authority();
const maker = party('Seal maker', ca);
const signer = party('Signer', ca);
const seal = sealOf(maker, [signer]);

const listed = (who: Party, documentTypes: string[], extra: Partial<IssuerEntry> = {}): IssuerEntry => ({
  keyId: certificateId(who.certificate, nodePlatform),
  certificate: encodeBase64(who.certificate),
  documentTypes,
  ...extra,
});
const LIST: readonly IssuerEntry[] = [listed(signer, [TYPE]), listed(maker, [SEAL])];

function bedOf(format: Partial<FormatDeclaration>, issuers: readonly IssuerEntry[] = LIST) {
  const federation = federationWith(packFiles({ format, issuers, manifest: { issues: [TYPE, SEAL] } }));
  expect(federation.rejected).toEqual([]);
  return { format: formatOf(federation, format.format!), standpoint: standpointOf(JUDGE, federation) };
}

const beds = new Map([OFD, CMS, JSON_].map((format) => [format, bedOf(format)]));
const walkAs = (
  format: Partial<FormatDeclaration>,
  presented: Presented | Uint8Array,
  issuers?: readonly IssuerEntry[],
) => walk(presented, { standpoint: (issuers === undefined ? beds.get(format)! : bedOf(format, issuers)).standpoint });

const unsigned = writeOfd(encodeMetadata(METADATA, 'ofd'));
const stamped = (files = unsigned, own = seal, by = signer, at = SEALED) =>
  stampOfd(files, sealStamp(own, by, at, digest), digest);
const files = stamped();
const SIGNATURE = 'Doc_0/Signs/Sign_0/Signature.xml';
const PAGE = 'Doc_0/Pages/Page_0/Content.xml';

/** A sealed licence, what was done to it, and the verdict. */
const ROWS: readonly {
  readonly name: string;
  readonly files: () => ReadonlyMap<string, Uint8Array>;
  readonly issuers?: readonly IssuerEntry[];
  readonly gives: string;
  /** The key of one of its signers is in no list. */
  readonly strange?: boolean;
  /** Parts that the findings name. */
  readonly at?: readonly string[];
}[] = [
  { name: 'a sealed licence is accepted', files: () => files, gives: 'accept' },
  { name: 'so is one with two seals', files: () => stamped(files), gives: 'accept' },
  {
    name: 'and one with a seal and a signature without one',
    files: () => stampOfd(files, cmsStamp(signer, SEALED, digest), digest),
    gives: 'accept',
  },
  {
    name: 'an altered page is refused, and named',
    files: () => changed(files, { [PAGE]: replaced(files, PAGE, '测试运输', '别的运输') }),
    gives: 'refuse TAMPERED_CONTENT',
    at: [PAGE],
  },
  {
    name: 'a page that is gone is refused, and named',
    files: () => changed(files, { [PAGE]: undefined }),
    gives: 'refuse TAMPERED_CONTENT',
    at: [PAGE],
  },
  {
    name: 'an altered description is refused',
    files: () => changed(files, { [SIGNATURE]: replaced(files, SIGNATURE, 'tongren', 'another') }),
    gives: 'refuse TAMPERED_CONTENT',
    at: [SIGNATURE],
  },
  {
    name: 'an added file is refused, and named',
    files: () => changed(files, { 'Doc_0/Annots/Annotations.xml': '<x/>' }),
    gives: 'refuse UNSIGNED_PART',
    at: ['Doc_0/Annots/Annotations.xml'],
  },
  {
    name: 'but not by a name that may be a person’s',
    files: () => changed(files, { 'Doc_0/Attachs/张伟_110105199003077777.xml': '<x/>' }),
    gives: 'refuse UNSIGNED_PART',
    at: ['Doc_0/Attachs/…'],
  },
  {
    name: 'nor is a signature named by such a name',
    files: () => renamed(files, 'Sign_0/', '张伟_110105199003077777/'),
    gives: 'refuse TAMPERED_CONTENT',
    at: ['Doc_0/Signs/…/Signature.xml'],
  },
  {
    name: 'a seal that does not list its user is refused',
    files: () => stamped(unsigned, sealOf(maker, [maker])),
    gives: 'refuse CERT_NOT_IN_SEAL',
    at: [SIGNATURE],
  },
  {
    name: 'a seal out of date when it was used is refused',
    files: () => stamped(unsigned, sealOf(maker, [signer], { validUntil: SEALED - 1000 })),
    gives: 'refuse SIGNED_AFTER_EXPIRY',
  },
  {
    name: 'so is one used before its time',
    files: () => stamped(unsigned, sealOf(maker, [signer], { validFrom: SEALED + 86_400_000 })),
    gives: 'refuse SIGNED_AFTER_EXPIRY',
  },
  {
    name: 'another copy of the seal beside the signature is refused',
    files: () => changed(files, { 'Doc_0/Signs/Sign_0/Seal.esl': sealOf(maker, []) }),
    gives: 'refuse SEAL_INVALID TAMPERED_CONTENT',
  },
  {
    name: 'a signer whom nobody knows cannot be told',
    files: () => {
      const stranger = party('Stranger', authority('Another'));
      return stamped(unsigned, sealOf(maker, [stranger]), stranger);
    },
    gives: 'undetermined UNKNOWN_ISSUER',
    strange: true,
    at: [SIGNATURE],
  },
  {
    name: 'nor can a seal whose maker nobody knows',
    files: () => stamped(unsigned, sealOf(party('Stranger', authority('Another')), [signer])),
    gives: 'undetermined UNKNOWN_ISSUER',
    at: [SIGNATURE],
  },
  {
    name: 'nor a good seal beside one that nobody knows',
    files: () => {
      const stranger = party('Stranger', authority('Another'));
      return stamped(files, sealOf(stranger, [stranger]), stranger);
    },
    gives: 'undetermined UNKNOWN_ISSUER',
    strange: true,
  },
  {
    name: 'altered content is refused whoever sealed it',
    files: () => {
      const stranger = party('Stranger', authority('Another'));
      const strange = stamped(unsigned, sealOf(stranger, [stranger]), stranger);
      return changed(strange, { [PAGE]: replaced(strange, PAGE, '测试', '别的') });
    },
    gives: 'refuse TAMPERED_CONTENT',
  },
  { name: 'a document without any signature cannot be told', files: () => unsigned, gives: 'undetermined NOT_SIGNED' },
  {
    name: 'a signer who may not sign this type is refused',
    files: () => files,
    issuers: [listed(signer, []), listed(maker, [SEAL])],
    gives: 'refuse KEY_USAGE_MISMATCH',
  },
  {
    name: 'a signer who made the seal himself, and may make none, is refused',
    files: () => stamped(unsigned, sealOf(signer, [signer])),
    gives: 'refuse KEY_USAGE_MISMATCH',
    at: [SIGNATURE],
  },
  {
    name: 'a licence whose signer was withdrawn is refused',
    files: () => files,
    issuers: [
      listed(signer, [TYPE], { status: [{ state: 'removed', since: '2026-04-01T00:00:00Z' }] }),
      listed(maker, [SEAL]),
    ],
    gives: 'refuse KEY_REMOVED',
  },
  {
    name: 'a licence whose seal’s maker was withdrawn is refused',
    files: () => files,
    issuers: [
      listed(signer, [TYPE]),
      listed(maker, [SEAL], { status: [{ state: 'removed', since: '2026-04-01T00:00:00Z' }] }),
    ],
    gives: 'refuse KEY_REMOVED',
    at: [SIGNATURE],
  },
];

describe('a licence as an OFD with electronic seals', () => {
  it.each(ROWS)('$name', ({ files: make, issuers, gives, strange = false, at = [] }) => {
    const { verdict } = walkAs(OFD, writeZip(make()), issuers);
    expect(shortOf(verdict)).toBe(gives);
    expect(verdict.authentic).toBe(!/TAMPERED|UNSIGNED|NOT_SIGNED/.test(gives) && !strange);
    const named = verdict.findings.filter(({ code }) => gives.includes(code)).map((each) => each.at);
    for (const part of at) expect(named).toContain(part);
    expect(JSON.stringify(verdict.findings)).not.toContain('张伟');
  });

  it('says what is good, once for the document and once for each seal', () => {
    const { verdict } = walkAs(OFD, writeZip(stamped(files)));
    const good = codesOf(verdict).filter((code) => /SEAL|SIGNATURE|CONTENT|REVO/.test(code));
    expect(good.sort()).toEqual(
      [
        'CONTENT_INTACT',
        'REVOCATION_NOT_PUBLISHED',
        'SEAL_VALID',
        'SEAL_VALID',
        'SIGNATURE_VALID',
        'SIGNATURE_VALID',
      ].sort(),
    );
    expect(verdict.document).toBeDefined();
    expect(verdict.issuer?.keyId).toBe(LIST[0]!.keyId);
  });

  it('outlives the certificate that sealed it, but is not sealed after its end', () => {
    const old = party('Old', ca, { notBefore: SEALED - 3 * YEAR, notAfter: SEALED - YEAR });
    const issuers = [listed(old, [TYPE]), listed(maker, [SEAL])];
    const oldSeal = sealOf(maker, [old], { validFrom: SEALED - 3 * YEAR });
    const during = stamped(unsigned, oldSeal, old, SEALED - 2 * YEAR);
    const after = stamped(unsigned, oldSeal, old, SEALED);
    expect(shortOf(walkAs(OFD, writeZip(during), issuers).verdict)).toBe('accept');
    expect(shortOf(walkAs(OFD, writeZip(after), issuers).verdict)).toBe('refuse SIGNED_AFTER_EXPIRY');
  });

  it('outlives the certificate of the seal’s maker, who must have had one when he made it', () => {
    const old = party('Old maker', ca, { notBefore: SEALED - 3 * YEAR, notAfter: SEALED - YEAR });
    const issuers = [listed(signer, [TYPE]), listed(old, [SEAL])];
    const during = stamped(unsigned, sealOf(old, [signer], { createdAt: SEALED - 2 * YEAR }));
    const after = stamped(unsigned, sealOf(old, [signer], { createdAt: SEALED - YEAR / 2 }));
    expect(shortOf(walkAs(OFD, writeZip(during), issuers).verdict)).toBe('accept');
    const { verdict } = walkAs(OFD, writeZip(after), issuers);
    expect(shortOf(verdict)).toBe('refuse KEY_NOT_VALID_WHEN_SIGNED');
    expect(verdict.findings.find(({ code }) => code === 'KEY_NOT_VALID_WHEN_SIGNED')?.detail).toMatch(
      /^the maker of the seal/,
    );
  });

  it('with hundreds of altered parts names some and counts the rest', () => {
    const many = changed(
      unsigned,
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`Doc_0/Res/${i}.bin`, 'a'])),
    );
    const sealed = stamped(many);
    const altered = changed(
      sealed,
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`Doc_0/Res/${i}.bin`, 'b'])),
    );
    const found = walkAs(OFD, writeZip(altered)).verdict.findings.filter(({ code }) => code === 'TAMPERED_CONTENT');
    expect(found).toHaveLength(20);
    expect(found[0]!.detail).toBe('and 80 more parts');
  });

  it('signed by a bare signature, is tried with the region’s keys', () => {
    const bare = stampOfd(
      unsigned,
      { type: 'Sign', signedAt: SEALED, sign: (xml) => derFromRaw(signer.sign(xml)) },
      digest,
    );
    expect(shortOf(walkAs(OFD, writeZip(bare)).verdict)).toBe('accept');
    const other = party('Other', undefined);
    const wrong = stampOfd(
      unsigned,
      { type: 'Sign', signedAt: SEALED, sign: (xml) => derFromRaw(other.sign(xml)) },
      digest,
    );
    expect(shortOf(walkAs(OFD, writeZip(wrong)).verdict)).toBe('refuse SIGNATURE_INVALID');
  });

  it('that is damaged is refused, and one of another region is not recognised', () => {
    const bytes = writeZip(files);
    const damaged = bytes.slice();
    const at = Buffer.from(bytes).indexOf(PAGE) + PAGE.length + 4;
    damaged[at]! ^= 1;
    expect(walkAs(OFD, damaged).verdict.outcome).toBe('refuse');
    const elsewhere = writeOfd(encodeMetadata({ CustomDatas: { ZZBH: '4401' } }, 'ofd'));
    expect(shortOf(walkAs(OFD, writeZip(elsewhere)).verdict)).toBe('undetermined NOT_RECOGNISED');
    expect(shortOf(walkAs(OFD, bytes.subarray(0, 500)).verdict)).toBe('undetermined NOT_RECOGNISED');
  });
});

const REAL = '../shared/data/ofd/ofdrw';

describe.skipIf(!existsSync(REAL))('sealed files of other software, their signers and seal makers listed', () => {
  const GOOD = ['CONTENT_INTACT', 'SEAL_VALID', 'SIGNATURE_VALID'];

  it.each<[string, string[]]>([
    ['ofdrw-sign/v4signed.ofd', GOOD],
    ['ofdrw-sign/allprotected.ofd', GOOD],
    ['ofdrw-converter/1.ofd', GOOD],
    ['ofdrw-converter/h.ofd', GOOD],
    ['ofdrw-converter/testImageOverridePage.ofd', ['CONTENT_INTACT', 'SIGNATURE_VALID']],
    // It leaves OFD.xml out, and with it the metadata.
    ['ofdrw-converter/999.ofd', ['SEAL_VALID', 'SIGNATURE_VALID', 'UNSIGNED_PART']],
    // Both the seal and the certificate had expired when it was signed.
    ['ofdrw-reader/SESV4SignDoc.ofd', ['CONTENT_INTACT', 'SIGNATURE_VALID', 'SIGNED_AFTER_EXPIRY']],
    ['ofdrw-sign/helloworld.ofd', ['NOT_SIGNED']],
  ])('%s', (file, expected) => {
    const bytes = new Uint8Array(readFileSync(`${REAL}/${file}`));
    const { signatures } = openOfd(bytes, PACKAGE_LIMITS, digest);
    const certificates = signatures.flatMap(({ attestations }) =>
      attestations.flatMap(({ proof, seal: used }) => [proof.certificates![0]!, ...(used?.maker.certificates ?? [])]),
    );
    const unique = new Map(certificates.map((certificate) => [encodeBase64(certificate), certificate]));
    const issuers = [...unique.values()].map((certificate) => listed({ ...signer, certificate }, [TYPE, SEAL]));
    const anyOfd = { ...OFD, recognise: { zip: ['OFD.xml'] } };
    const { evidence } = walkAs(anyOfd, bytes, issuers);
    const codes = evidence!.findings.map(({ code }) => code).filter((code) => code !== 'REVOCATION_NOT_PUBLISHED');
    expect([...new Set(codes)].sort()).toEqual(expected);
    expect(evidence!.key !== undefined).toBe(expected.includes('CONTENT_INTACT'));
  });
});

describe('metadata with signed data beside or around them', () => {
  const content = encodeMetadata({ CustomDatas: METADATA.CustomDatas, CreationDate: '2026-03-01' }, 'xmi');
  const signing = (change: object = {}) => ({
    profile: 'gm' as const,
    content,
    detached: true,
    signers: [{ ...signer, signingTime: SEALED }],
    digest,
    ...change,
  });
  const beside = writeSignedData(signing());
  const { format } = beds.get(CMS)!;

  it.each<[string, () => Presented, string]>([
    ['beside them', () => ({ bytes: content, beside }), 'accept'],
    ['around them', () => ({ bytes: writeSignedData(signing({ detached: false })) }), 'accept'],
    ['beside them in PEM', () => ({ bytes: content, beside: pem(beside) }), 'accept'],
    [
      'without attributes',
      () => ({ bytes: content, beside: writeSignedData(signing({ signers: [signer] })) }),
      'accept',
    ],
    ['and altered', () => ({ bytes: altered(content), beside }), 'refuse TAMPERED_CONTENT'],
    [
      'without attributes, and altered',
      () => ({ bytes: altered(content), beside: writeSignedData(signing({ signers: [signer] })) }),
      'refuse SIGNATURE_INVALID',
    ],
    [
      'holding other content',
      () => ({ bytes: content, beside: writeSignedData(signing({ detached: false, content: altered(content) })) }),
      'refuse TAMPERED_CONTENT',
    ],
    [
      'by two, of whom one is unknown',
      () => ({ bytes: content, beside: writeSignedData(signing({ signers: [signer, party('X', authority('Y'))] })) }),
      'undetermined UNKNOWN_ISSUER',
    ],
    ['left out', () => ({ bytes: content }), 'refuse MALFORMED'],
  ])('%s', (_, present, gives) => {
    expect(shortOf(walkAs(CMS, present()).verdict)).toBe(gives);
  });

  it('an algorithm that the format does not allow is refused', () => {
    const strict = { ...CMS, envelope: { type: 'cms', algorithms: ['ES256'] } } as Partial<FormatDeclaration>;
    expect(shortOf(walkAs(strict, { bytes: content, beside }, LIST).verdict)).toBe('refuse ALGORITHM_NOT_ALLOWED');
  });

  it('are written as one file', () => {
    const wire = format.write(documentOf(), signerOf(signer)).wire as Uint8Array;
    expect(shortOf(walkAs(CMS, wire).verdict)).toBe('accept');
  });
});

it('what is altered is named by what signed it, where there are no files', () => {
  const content = encodeMetadata({ CustomDatas: METADATA.CustomDatas }, 'xmi');
  const signers = [{ ...signer, signingTime: SEALED }];
  const beside = writeSignedData({ profile: 'gm', content, detached: true, signers, digest });
  const sealed = beds.get(JSON_)!.format.write(documentOf(), signerOf(signer, seal)).wire as string;
  const verdicts = [
    walkAs(CMS, { bytes: altered(content), beside }).verdict,
    walkAs(JSON_, { text: sealed.replace('310114000001', '310114000002') }).verdict,
  ];
  const named = verdicts.map(({ findings }) => findings.find(({ code }) => code === 'TAMPERED_CONTENT')?.at);
  expect(named).toEqual(['signature', 'seal']);
});

describe('a licence as JSON with a seal inside', () => {
  const { format } = beds.get(JSON_)!;
  const wire = format.write(documentOf(), signerOf(signer, seal)).wire as string;
  const change = (edit: (value: Record<string, unknown>) => void): Presented => {
    const value = JSON.parse(wire) as Record<string, unknown>;
    edit(value);
    return { text: JSON.stringify(value, null, 2) };
  };

  it.each<[string, Presented, string]>([
    ['as it was written', { text: wire }, 'accept'],
    ['written otherwise', change(() => {}), 'accept'],
    ['altered', change((value) => (value['license_code'] = '310114000002')), 'refuse TAMPERED_CONTENT'],
    ['with one more member', change((value) => (value['more'] = null)), 'refuse TAMPERED_CONTENT'],
    [
      'with the seal of another',
      change((value) => (value['seal'] = sealedBy(signer, sealOf(maker, [])))),
      'refuse CERT_NOT_IN_SEAL',
    ],
    ['with something else than a seal', change((value) => (value['seal'] = 'AAAA')), 'refuse MALFORMED'],
  ])('%s', (_, presented, gives) => {
    expect(shortOf(walkAs(JSON_, presented).verdict)).toBe(gives);
  });

  function sealedBy(who: Party, own: Uint8Array): unknown {
    const text = format.write(documentOf(), signerOf(who, own)).wire as string;
    return (JSON.parse(text) as Record<string, unknown>)['seal'];
  }
});

describe('writing', () => {
  it('an OFD with a seal, and without one', () => {
    const { format } = beds.get(OFD)!;
    for (const own of [seal, undefined]) {
      const wire = format.write(documentOf(), signerOf(signer, own)).wire as Uint8Array;
      const { verdict } = walkAs(OFD, wire);
      expect(shortOf(verdict)).toBe('accept');
      expect(codesOf(verdict).includes('SEAL_VALID')).toBe(own !== undefined);
    }
  });

  it.each([OFD, CMS, JSON_])('needs a certificate: $format', (declared) => {
    const bare = { ...signerOf(signer, seal), certificates: [] };
    expect(() => beds.get(declared)!.format.write(documentOf(), bare)).toThrow(/only$/);
  });
});

function documentOf(): SharedDocument {
  const { vehicle: _, ...document } = testDocument({
    docType: { code: TYPE, family: 'licence' },
    docId: '310114000001',
    validity: { until: '2027-02-28' },
  });
  return { ...document, issuer: { region: TEST_REGION } };
}

function signerOf(who: Party, own?: Uint8Array): EnvelopeSigner {
  return {
    cose: 0,
    jose: '',
    keyId: '',
    certificates: [who.certificate],
    stamp: { signedAt: SEALED, ...(own === undefined ? {} : { seal: own }) },
    sign: who.sign,
  };
}

const altered = (bytes: Uint8Array): Uint8Array =>
  new TextEncoder().encode(new TextDecoder().decode(bytes).replace('310114', '310115'));
/** Of a part of the names of files: wherever it stands, in names and in what names them. */
const renamed = (of: ReadonlyMap<string, Uint8Array>, from: string, to: string): Map<string, Uint8Array> =>
  new Map(
    [...of].map(([name, bytes]) => [
      name.replace(from, to),
      name.endsWith('.xml') ? Buffer.from(Buffer.from(bytes).toString('utf8').replaceAll(from, to)) : bytes,
    ]),
  );
const pem = (der: Uint8Array): Uint8Array =>
  new TextEncoder().encode(`-----BEGIN PKCS7-----\n${Buffer.from(der).toString('base64')}\n-----END PKCS7-----\n`);

it('the clock of these tests lies in the validity of its certificates', () => {
  expect(Math.abs(NOW - SEALED)).toBeLessThan(YEAR);
});
