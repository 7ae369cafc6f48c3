import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { decodeBase64 } from '../src/codec/base64url.ts';
import { derFromRaw } from '../src/codec/signature.ts';
import { NEUTRAL, neutralStore } from '../src/conformance/neutral.node.ts';
import { forgetfulPlatform } from '../src/crypto/platform.node.ts';
import type { Platform } from '../src/crypto/platform.ts';
import type { Verdict } from '../src/document/generated/types.ts';
import { instantOf } from '../src/document/time.ts';
import { filesOfList, type ListRecipe } from '../src/federation/lists.node.ts';
import { mint } from '../src/federation/mint.node.ts';
import { certificateKeyId } from '../src/federation/signer.node.ts';
import type { Presented } from '../src/format/open.ts';
import { journey } from '../src/journey.ts';
import { type Federation, loadFederation } from '../src/region/federation.ts';
import { readFolder } from '../src/region/folder.node.ts';
import type { Files } from '../src/region/pack.ts';
import type { Standpoint } from '../src/region/standpoint.ts';
import type { TrustStore } from '../src/region/store.node.ts';
import { readCertificate } from '../src/trust/certificate.ts';
import { mustHold } from './measure.ts';
import { type SealedFile, sealedFile } from './sealed-file.ts';

/** A document to measure with: its code, where it is judged from, and its bare signature for comparison. */
export interface BenchDocument {
  readonly text: string;
  readonly standpoint: Standpoint;
  readonly at: number;
  readonly signed: Uint8Array;
  readonly der: Uint8Array;
  readonly key: KeyObject;
  readonly verdict: Verdict;
}

export interface BenchDocuments {
  readonly source: string;
  readonly documents: readonly BenchDocument[];
  readonly store: Pick<TrustStore, 'federation' | 'source'>;
}

const ROOT = new URL('../', import.meta.url).pathname;
const REAL = new URL('../../shared/data/dcc/dgc-testdata', import.meta.url).pathname;

/** Documents before they were judged, with the store to judge them by. */
interface Found {
  readonly kind: string;
  readonly texts: readonly string[];
  readonly certificates: ReadonlyMap<string, Uint8Array>;
  readonly store: Files;
  /** The region that judges, and when: epoch ms. */
  readonly region: string;
  readonly at: number;
}

/**
 * ES256 documents whose verdict has the document in the shared words: real EU DCC test documents where they are at hand, else minted
 * ones. Each is looked up in a list of revoked ones.
 */
export async function benchDocuments(platform: Platform = forgetfulPlatform): Promise<BenchDocuments> {
  const files = await readFolder(`${ROOT}trust-store`);
  const { kind, texts, certificates, store, region, at } = existsSync(REAL) ? realOnes(files) : await mintedOnes(files);
  const withRevoked = new Map([...store, ...filesOfList(revokedOf('x-eu-dcc', at))]);
  const federation = loadFederation(withRevoked, platform);
  const standpoint = federation.standpoint(region, () => at)!;
  const all = texts.flatMap((text) => benchDocument(text, standpoint, at, certificates) ?? []);
  const documents = all.filter(({ verdict }) => verdict.document !== undefined);
  const told = documents.map(({ verdict }) => verdict);
  mustHold(
    told.every(({ findings }) => findings.some(({ code }) => code === 'NOT_REVOKED')),
    'a document was not looked up',
  );
  const outcomes = OUTCOMES.map((name) => `${told.filter(({ outcome }) => outcome === name).length} ${name}`);
  return {
    source:
      `${documents.length} of ${all.length} ${kind} DCC documents, those whose verdict has a shared document (${outcomes.join(', ')}), ` +
      `of ${new Set(documents.map(({ key }) => key)).size} keys, each looked up among ${REVOKED} revoked ones`,
    documents,
    store: storeOf(federation, withRevoked, at),
  };
}

function realOnes(files: Files): Found {
  const cases = readdirSync(REAL, { recursive: true, encoding: 'utf8' })
    .filter((file) => /raw\/[^/]+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(`${REAL}/${file}`, 'utf8')))
    .filter((each) => each.PREFIX?.startsWith('HC1:') && each.TESTCTX?.CERTIFICATE);
  const issuers = [...new Set<string>(cases.map((each) => each.TESTCTX.CERTIFICATE.replace(/\s/g, '')))].map(
    (certificate) => ({
      keyId: certificateKeyId(decodeBase64(certificate)),
      certificate,
    }),
  );
  const at = Date.parse('2021-06-15T12:00:00Z');
  return {
    kind: 'real EU',
    texts: cases.map(({ PREFIX }) => PREFIX),
    certificates: certificatesOf(issuers),
    store: neutralStore(files, 'x-eu-dcc', issuers, at),
    region: NEUTRAL,
    at,
  };
}

async function mintedOnes(files: Files): Promise<Found> {
  const at = Date.now();
  const { store, samples } = await mint(files, at);
  const list = JSON.parse(new TextDecoder().decode(store.get('regions/x-eu-dcc/issuers/reference.json')!));
  return {
    kind: 'minted',
    texts: samples.flatMap(({ wire, region }) => (region === 'x-eu-dcc' && typeof wire === 'string' ? [wire] : [])),
    certificates: certificatesOf(list.issuers),
    store,
    region: '310000',
    at,
  };
}

const certificatesOf = (issuers: readonly { keyId: string; certificate: string }[]): Map<string, Uint8Array> =>
  new Map(issuers.map(({ keyId, certificate }) => [keyId, decodeBase64(certificate)]));

const OUTCOMES = ['accept', 'conditional', 'refuse', 'undetermined'] as const satisfies Verdict['outcome'][];
const REVOKED = 5000;

/** None of the documents is in it, as of nearly all that are shown. */
const revokedOf = (region: string, at: number): ListRecipe => ({
  recipe: `regions/${region}/revocations/bench.set.recipe.json`,
  region,
  content: { issued: instantOf(at), others: REVOKED },
});

/** As other threads are given it. */
const storeOf = (federation: Federation, files: Files, now: number): BenchDocuments['store'] => ({
  federation,
  source: { folder: ROOT, files, good: new Map(), memory: undefined, verified: federation.verified, now },
});

/**
 * What the reference federation's regions issue, accepted there: passes in SM2 with one signature, and a sealed file of the size that
 * is said.
 */
export async function referenceDocuments(): Promise<{ standpoint: Standpoint; sm2: Presented[]; ofd: SealedFile }> {
  const now = Date.now();
  const { store, samples, signer } = await mint(await readFolder(`${ROOT}trust-store`), now);
  const standpoint = loadFederation(store, forgetfulPlatform).standpoint('310000', () => now + 1000)!;
  const sm2 = samples.flatMap(({ wire, beside }) => {
    if (typeof wire !== 'string' || beside !== undefined) return [];
    const { opened, verdict } = journey({ text: wire }, standpoint, { purpose: 'checkpoint' });
    const pass = verdict.document?.docType.family === 'pass' && opened?.attestations === undefined;
    return pass && opened?.algorithm?.name === 'SM2-SM3' && verdict.outcome === 'accept' ? [{ text: wire }] : [];
  });
  return { standpoint, sm2, ofd: sealedFile(samples, signer, now) };
}

const keys = new Map<string, KeyObject>();

function benchDocument(
  text: string,
  standpoint: Standpoint,
  at: number,
  certificates: ReadonlyMap<string, Uint8Array>,
): BenchDocument | undefined {
  const { opened, evidence, verdict } = journey({ text }, standpoint, { purpose: 'checkpoint', at });
  const keyId = opened?.proof.keyIds[0];
  const certificate = keyId === undefined ? undefined : certificates.get(keyId);
  if (evidence?.key === undefined || opened?.algorithm?.name !== 'ES256' || certificate === undefined) return undefined;
  let key = keys.get(keyId!);
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.from(readCertificate(certificate).spki), format: 'der', type: 'spki' });
    keys.set(keyId!, key);
  }
  const { signed, signature } = opened.proof;
  return { text, standpoint, at, signed, der: derFromRaw(signature), key, verdict };
}
