import { fileURLToPath } from 'node:url';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { ENVELOPES } from '../../src/codec/envelopes.ts';
import { writeJson } from '../../src/codec/json.ts';
import type { EnvelopeSigner } from '../../src/codec/proof.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import type { Value } from '../../src/codec/value.ts';
import type { EnvelopeAlgorithmName } from '../../src/crypto/algorithms.ts';
import { keyThumbprint, keyToJwk } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { finding } from '../../src/document/findings.ts';
import type { FormatDeclaration, IssuerEntry, SharedDocument, Verdict } from '../../src/document/generated/types.ts';
import { validateVerdict } from '../../src/document/generated/validators.js';
import { instantOf } from '../../src/document/time.ts';
import { selfIssued } from '../../src/federation/authority.node.ts';
import { type MintedSample, mint } from '../../src/federation/mint.node.ts';
import { presentedSample } from '../../src/federation/samples.node.ts';
import { makeSeal } from '../../src/federation/seals.ts';
import { certificateKeyId, type MintedKey, mintKey, signerOf } from '../../src/federation/signer.node.ts';
import type { Format } from '../../src/format/compile.ts';
import type { Presented } from '../../src/format/open.ts';
import { type Specimen, specimenOf } from '../../src/format/recognise.ts';
import { type Journey, journey } from '../../src/journey.ts';
import type { Showing } from '../../src/judge/presented.ts';
import { type Federation, loadFederation } from '../../src/region/federation.ts';
import { readFolder } from '../../src/region/folder.node.ts';
import type { Standpoint } from '../../src/region/standpoint.ts';
import { withFindings } from '../../src/region/verdict.ts';
import { NOW } from './federation-now.ts';

/**
 * The reference federation, minted once per test file, as of a fixed clock; and what tests need to sign documents of
 * their own and to bring packs of their own.
 */
export { NOW };
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const declarations = await readFolder(`${ROOT}trust-store`);
export const { store, samples, groups } = await mint(declarations, NOW);
export const federation = loadFederation(store, nodePlatform);

export type Store = Map<string, Uint8Array>;
/** A region that recognises everything for every purpose, so that only the document is judged. */
export const JUDGE = 'x-judge';

const bytesOf = (content: unknown): Uint8Array =>
  content instanceof Uint8Array
    ? content
    : encodeUtf8(typeof content === 'string' ? content : writeJson(content as Value));

/** A store with files added, replaced (text, bytes, or an object as JSON) or removed (undefined). */
export function storeWith(
  changes: Readonly<Record<string, unknown>>,
  base: ReadonlyMap<string, Uint8Array> = store,
): Store {
  const files = new Map(base);
  for (const [file, content] of Object.entries(changes)) {
    if (content === undefined) files.delete(file);
    else files.set(file, bytesOf(content));
  }
  return files;
}

export const federationOf = (files: ReadonlyMap<string, Uint8Array>): Federation => loadFederation(files, nodePlatform);
export const federationWith = (changes: Readonly<Record<string, unknown>>): Federation =>
  federationOf(storeWith(changes));

/** A file of the store as an object that may be changed. */
export const fileOf = <T = Record<string, never>>(file: string, files: ReadonlyMap<string, Uint8Array> = store): T =>
  JSON.parse(new TextDecoder().decode(files.get(file)!)) as T;

export function standpointOf(region = '310000', from: Federation = federation, now = NOW): Standpoint {
  const found = from.standpoint(region, () => now);
  if (found === undefined) throw new Error(`no region ${region}`);
  return found;
}

export function sampleNamed(name: string): MintedSample {
  const found = samples.find((sample) => sample.name === name);
  if (found === undefined) throw new Error(`no sample ${name}`);
  return found;
}

/** What was written, as it is handed in: a text, a file, or a file with the signature file beside it. */
export type Wire = string | Uint8Array | Pick<MintedSample, 'wire' | 'beside'>;

export const presentedOf = (wire: Wire): Presented =>
  presentedSample(typeof wire === 'string' || wire instanceof Uint8Array ? { wire } : wire);

export const specimenFor = (wire: Wire): Specimen => specimenOf(presentedOf(wire) as Parameters<typeof specimenOf>[0]);

export interface Asked extends Showing {
  readonly standpoint?: Standpoint;
  readonly purpose?: string;
  readonly at?: number | undefined;
}

/** One journey. Whatever went in, the verdict must fit its schema. */
export function walk(presented: Presented | Wire, asked: Asked = {}): Journey {
  const { standpoint = standpointOf(), purpose = 'checkpoint', at, ...showing } = asked;
  const isWire = typeof presented === 'string' || presented instanceof Uint8Array || 'wire' in presented;
  const input = isWire ? presentedOf(presented) : presented;
  const walked = journey(input, standpoint, { purpose, ...showing, ...(at === undefined ? {} : { at }) });
  // As it leaves: over HTTP and on the command line it is JSON.
  const sent = JSON.parse(JSON.stringify(walked.verdict));
  if (!validateVerdict(sent)) throw new Error(`verdict breaks its schema: ${JSON.stringify(validateVerdict.errors)}`);
  return walked;
}

export const verdictOf = (presented: Presented | Wire, asked?: Asked): Verdict => walk(presented, asked).verdict;

/** The same where a memory was asked: it knows of no other place, or of the checkpoint that a sample was shown at before. */
const remembered = (verdict: Verdict, before?: string): Verdict =>
  withFindings(
    verdict,
    verdict.findings.map((each) =>
      each.code === 'REPLAY_UNCHECKED' ? finding(before === undefined ? 'REPLAY_CHECKED' : 'REPLAYED') : each,
    ),
  );

/** A sample as it is meant to be shown. */
export function sampleVerdict(sample: MintedSample, from?: Federation): Verdict {
  const { shown } = sample;
  const { for: region, purpose } = sample.expect;
  const { before, ...showing } = shown;
  const asked = { standpoint: standpointOf(region, from), ...(purpose === undefined ? {} : { purpose }), ...showing };
  return remembered(verdictOf(sample, asked), before);
}

export const codesOf = (verdict: Verdict): string[] => verdict.findings.map(({ code }) => code);

/** Outcome and reasons in one line, as tables of expectations write them. */
export const shortOf = ({ outcome, reasons }: Verdict): string => [outcome, ...reasons].join(' ');

/** A key of the tests' own, its signer, and its entry in a list of issuers. */
export interface OwnKey {
  readonly key: MintedKey;
  readonly signer: EnvelopeSigner;
  readonly entry: IssuerEntry;
}

export function ownKey(algorithm: EnvelopeAlgorithmName = 'ES256', extra: Partial<IssuerEntry> = {}): OwnKey {
  const key = mintKey(algorithm);
  const keyId = extra.keyId ?? keyThumbprint(nodePlatform, key.publicKey);
  return { key, signer: signerOf(key, keyId), entry: { keyId, jwk: { ...keyToJwk(key.publicKey) }, ...extra } };
}

/** The same with a certificate, which the list names, and with a seal of its own: for formats that carry these. */
function certifiedKey(algorithm: EnvelopeAlgorithmName = 'SM2-SM3'): OwnKey {
  const key = mintKey(algorithm);
  const certificate = selfIssued('Test', key);
  const times = { validFrom: NOW - 400 * DAY, validUntil: NOW + 400 * DAY };
  const holder = { certificate, sign: key.sign };
  const office = { number: '1', name: '测试', picture: 'office', users: [certificate], ...times } as const;
  const seal = key.algorithm.key === 'SM2' ? { seal: makeSeal(office, holder) } : {};
  const keyId = certificateKeyId(certificate);
  return {
    key,
    signer: { ...signerOf(key, keyId, certificate), stamp: { signedAt: NOW - DAY, ...seal } },
    entry: { keyId, certificate: encodeBase64(certificate) },
  };
}

/** A list of issuers, as old as `issued`. */
export const issuersOf = (entries: readonly IssuerEntry[], issued = NOW): object => ({
  issued: instantOf(issued),
  issuers: entries,
});

/** The judge's files: it recognises every region of these, for every type and purpose. */
export function judgeFiles(regions: Iterable<string>): Record<string, unknown> {
  const { catalogue } = federation;
  return {
    [`regions/${JUDGE}/region.json`]: { region: JUDGE, name: { zh: '测试', en: 'Test judge' }, issues: [] },
    [`regions/${JUDGE}/agreements.json`]: {
      agreements: [...regions].map((issuingRegion) => ({
        issuingRegion,
        documentTypes: catalogue.documentTypes.map(({ code }) => code),
        purposes: catalogue.purposes.map(({ code }) => code),
        basis: { title: { zh: '测试', en: 'Test' } },
      })),
    },
  };
}

/** The id under which a format's documents name their key, where the format itself writes it. */
function fixedKeyId(format: Format): Partial<IssuerEntry> {
  if (format.declaration.envelope.keyFrom === undefined) return {};
  const good = samples.find((sample) => sample.format === format.id && sample.expect.outcome === 'accept')!;
  const [keyId] = format.open(specimenFor(good)).proof.keyIds;
  return { keyId: keyId! };
}

const carriesCertificates = ({ declaration: { envelope } }: Format): boolean =>
  ENVELOPES[envelope.type]!.file !== undefined || envelope.json?.certificate !== undefined;

/** For formats that say when they were signed. */
const signedNow = (own: OwnKey): OwnKey => ({ ...own, signer: { ...own.signer, stamp: { signedAt: NOW } } });

/** Each format of the federation with a key of the tests' own, in a store whose judge recognises all. */
export function withOwnKeys(): { federation: Federation; keys: ReadonlyMap<string, OwnKey> } {
  const keys = new Map(
    federation.formats.map((format) => [
      format.id,
      carriesCertificates(format)
        ? certifiedKey(format.declaration.envelope.algorithms[0])
        : signedNow(ownKey(format.declaration.envelope.algorithms[0], fixedKeyId(format))),
    ]),
  );
  const lists: Record<string, unknown> = judgeFiles(federation.regions.keys());
  for (const region of new Set(federation.formats.map((format) => format.region))) {
    const own = federation.formats.filter((format) => format.region === region);
    lists[`regions/${region}/issuers/test.json`] = issuersOf(own.map((format) => keys.get(format.id)!.entry));
  }
  return { federation: federationWith(lists), keys };
}

export const TEST_REGION = 'x-test';

/** A small declaration that works: base45, COSE, CBOR, ES256. */
export const testFormat = (change: Partial<FormatDeclaration> = {}): FormatDeclaration => ({
  format: 'test-pass/1',
  title: { zh: '测试通行证', en: 'Test pass' },
  recognise: { prefix: 'XT1:' },
  transport: ['base45'],
  envelope: { type: 'cose-sign1', algorithms: ['ES256'] },
  payload: 'cbor',
  documentType: 'vehicle-pass',
  map: [
    { to: '/docId', from: '/id' },
    { to: '/issuer/unit', from: '/unit', optional: true },
    { to: '/validity/issuedAt', from: '/iat', as: 'epoch-seconds', optional: true },
    { to: '/validity/until', from: '/exp', as: 'epoch-seconds' },
    { to: '/vehicle/plateNo', from: '/plate', optional: true },
    { to: '/holder/name', from: '/name', optional: true },
  ],
  absent: ['/status', '/route', '/crew', '/goods', '/commitments', '/faceFields', '/usage', '/presentation'],
  ...change,
});

export interface TestPack {
  readonly region?: string;
  readonly format?: Partial<FormatDeclaration>;
  readonly issuers?: readonly IssuerEntry[];
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** More files, by path in the store. */
  readonly files?: Readonly<Record<string, unknown>>;
}

/** The files of a guest's pack with one format, and of a judge that recognises it. */
export function packFiles({
  region = TEST_REGION,
  format,
  issuers = [],
  manifest,
  files,
}: TestPack = {}): Record<string, unknown> {
  const base = `regions/${region}/`;
  return {
    ...judgeFiles([region, ...federation.regions.keys()]),
    [`${base}region.json`]: {
      region,
      name: { zh: '测试地区', en: 'Test region' },
      issues: ['vehicle-pass', 'freight-pass'],
      ...manifest,
    },
    [`${base}formats/test.json`]: testFormat(format),
    [`${base}issuers/test.json`]: issuersOf(issuers),
    ...files,
  };
}

export const testDocument = (change: Partial<SharedDocument> = {}, region = TEST_REGION): SharedDocument => ({
  docType: { code: 'vehicle-pass', family: 'pass' },
  docId: 'TEST-0001',
  issuer: { region },
  holder: { name: '测试' },
  validity: { issuedAt: instantOf(NOW - DAY), until: instantOf(NOW + 30 * DAY) },
  vehicle: { plateNo: '沪A12345' },
  ...change,
});

export function formatOf(from: Federation, id: string): Format {
  const found = from.formats.find((format) => format.id === id);
  if (found === undefined) throw new Error(`no format ${id}; rejected: ${JSON.stringify(from.rejected)}`);
  return found;
}

/** The judge's standpoint on a test pack, and a signer for its documents. */
export function testBed(pack: TestPack = {}, key: OwnKey = ownKey()) {
  const own = federationWith(packFiles({ issuers: [key.entry], ...pack }));
  const format = formatOf(own, pack.format?.format ?? 'test-pass/1');
  return {
    federation: own,
    format,
    key,
    standpoint: standpointOf(JUDGE, own),
    sign: (document: SharedDocument = testDocument(), signer: EnvelopeSigner = key.signer): string =>
      format.write(document, signer).wire as string,
  };
}
