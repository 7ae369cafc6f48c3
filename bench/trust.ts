import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeBase64, encodeBase64url } from '../src/codec/base64url.ts';
import { pairSigner, writeCertificate } from '../src/codec/certificate-writer.ts';
import { readIdSet } from '../src/codec/id-set.ts';
import { writeIdSet } from '../src/codec/id-set-writer.ts';
import { spkiFromKey } from '../src/crypto/keys.ts';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { certificateKeyId, mintKey } from '../src/federation/signer.node.ts';
import { loadFederation } from '../src/region/federation.ts';
import { DECLARATIONS, readFolder } from '../src/region/folder.node.ts';
import { stateFolderOf } from '../src/region/state.node.ts';
import { R, type Row } from './bench.ts';
import { type Contender, measure, mustHold, processorMs, quantile, rowOf, type Times } from './measure.ts';

const REGIONS = 100;
const PER_REGION = 100;
const REVOKED = 10_000_000;
const ADDED = 10_000;

type Files = Map<string, Uint8Array>;

/** One signature check (R) of the machine that the targets are meant for, at rest, µs. A busier one gets as much more time. */
const R_MICROS = 60;

const R_CHECKS = 1000;

/** R, by which to tell how much slower this machine is just then. */
function rawChecks(): Contender {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const data = Buffer.from('a document');
  const signature = sign('sha256', data, privateKey);
  const run = (): void => {
    for (let i = 0; i < R_CHECKS; i++) mustHold(verify('sha256', data, publicKey, signature));
  };
  return { name: R, size: R_CHECKS, run };
}

/** What may take `ms` on the machine that is meant may take so many µs here, round by round. */
const allowed = (ms: number, raw: Times): number[] => raw.map((micros) => (ms * 1000 * micros) / R_MICROS);

/** Ten thousand issuers and ten million revoked documents: how soon a gateway is ready, and what they cost it. */
export async function benchTrust(full: boolean): Promise<{ source: string; rows: Row[] }> {
  const declared = [...(await readFolder(DECLARATIONS))].filter(([name]) => !name.endsWith('.recipe.json'));
  const large: Files = new Map([...declared, ...issuerFiles(REGIONS, PER_REGION)]);
  const small: Files = new Map([...declared, ...tenOf(large)]);
  const ready = await issuers(small, large);
  const rows = [...ready.rows, ...(await revocations()), ...(full ? memoryOfMany() : [])];
  return {
    source: `R takes ${quantile(ready.raw, 0.5).toFixed(0)} µs now; ${REGIONS * PER_REGION} issuers of ${REGIONS} regions, ${REVOKED / 1e6} million revoked documents`,
    rows,
  };
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const regionOf = (index: number): string => `x-bench-${index}`;
/** Of the first region. */
const keyIds: string[] = [];

/** Every third certificate is for SM2, the others for P-256. */
function issuerFiles(regions: number, each: number): [string, Uint8Array][] {
  const issued = new Date().toISOString();
  const maker = mintKey('ES256');
  const name = { country: 'CN', organization: 'Bench', commonName: 'Issuer' };
  return Array.from({ length: regions }, (_, index) => index).flatMap((index) => {
    const region = regionOf(index);
    const issuers = Array.from({ length: each }, (_, i) => {
      const certificate = writeCertificate(
        {
          serial: index * each + i + 1,
          issuer: name,
          subject: name,
          notBefore: Date.parse('2026-01-01T00:00:00Z'),
          notAfter: Date.parse('2046-01-01T00:00:00Z'),
          spki: spkiOf(i),
          keyUsage: 1,
        },
        pairSigner('1.2.840.10045.4.3.2', maker.sign),
      );
      return { keyId: certificateKeyId(certificate), certificate: encodeBase64(certificate) };
    });
    if (index === 0) keyIds.push(...issuers.map(({ keyId }) => keyId));
    const base = `regions/${region}`;
    const manifest = { region, name: { zh: region, en: region }, issues: ['vehicle-pass'] };
    return [
      [`${base}/region.json`, json(manifest)],
      [`${base}/issuers/list.json`, json({ issued, issuers })],
    ] as [string, Uint8Array][];
  });
}

/** The first region with every tenth of its issuers: a Map finds what was put in first slowest. */
function tenOf(files: Files): [string, Uint8Array][] {
  const base = `regions/${regionOf(0)}`;
  const list = JSON.parse(new TextDecoder().decode(files.get(`${base}/issuers/list.json`))) as { issuers: unknown[] };
  return [
    [`${base}/region.json`, files.get(`${base}/region.json`)!],
    [`${base}/issuers/list.json`, json({ ...list, issuers: list.issuers.filter((_, i) => i % 10 === 0) })],
  ];
}

function spkiOf(index: number): Uint8Array {
  if (index % 3 === 0) return spkiFromKey(mintKey('SM2-SM3').publicKey);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
}

const READY = fileURLToPath(new URL('./ready.ts', import.meta.url));

const STARTS = 7;

/** In processes of their own, as after a start; processor time, because the machine is shared. */
async function issuers(small: Files, large: Files): Promise<{ raw: Times; rows: Row[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'tongren-bench-'));
  try {
    for (const [store, files] of Object.entries({ small, large }))
      for (const [name, bytes] of files) {
        mkdirSync(dirname(join(folder, store, name)), { recursive: true });
        writeFileSync(join(folder, store, name), bytes);
      }
    // A checkpoint sees few issuers: the same ten in both stores.
    const asked = [regionOf(0), ...keyIds.filter((_, i) => i % 10 === 0)];
    const run = (store: string): [number, number, number] => {
      const said = execFileSync(process.execPath, [READY, join(folder, store), ...asked], { encoding: 'utf8' });
      return JSON.parse(said) as [number, number, number];
    };
    const raw = rawChecks();
    const times = {
      raw: [] as number[],
      fully: [] as number[],
      kept: [] as number[],
      whole: [] as number[],
      few: [] as number[],
      many: [] as number[],
    };
    run('small');
    for (let start = 0; start < STARTS; start++) {
      times.raw.push((await measure([raw], { rounds: 1, roundMs: 0 })).get(R)![0]!);
      // Without what the start before has kept.
      rmSync(stateFolderOf(join(folder, 'large')), { recursive: true, force: true });
      times.fully.push(run('large')[0] * 1000);
      const [kept, whole, look] = run('large');
      times.kept.push(kept * 1000);
      times.whole.push(whole * 1000);
      times.many.push(look / 1000);
      times.few.push(run('small')[2] / 1000);
    }
    const start = `${ms(times.kept)}; with the start of Node and its modules ${ms(times.whole)}`;
    const looks = `${ns(times.many)}, and ${ns(times.few)}`;
    return {
      raw: times.raw,
      rows: [
        rowOf('ready from the snapshot, against 0.6 s', times.kept, allowed(600, times.raw), start),
        rowOf(
          'ready from the snapshot, against full validation',
          times.kept,
          times.fully,
          `full validation ${ms(times.fully)}`,
        ),
        rowOf('a key of 10 among 10,000, against 10 alone', times.many, times.few, looks),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function revocations(): Promise<Row[]> {
  const { set } = writeIdSet(idsFrom(0, REVOKED), undefined);
  const packed = readIdSet(set);
  const others = [...idsFrom(REVOKED, 200_000)];
  const plain = new Set(idsFrom(0, 1_000_000));
  const size = others.length;
  let found = 0;
  // Counted, or an engine leaves out what nobody asks about.
  const each = (look: (id: string) => boolean) => () => {
    for (const id of others) found += Number(look(id));
  };
  const times = await measure(
    [
      rawChecks(),
      { name: 'one by one', size, run: each((id) => packed.mayHold(id)) },
      { name: 'at once', size, run: () => packed.sift(others) },
      {
        name: 'again and again',
        size: 100 * 500,
        run: () => {
          for (let round = 0; round < 100; round++)
            for (let i = 0; i < 500; i++) found += Number(packed.mayHold(others[i]!));
        },
      },
      { name: 'plain', size, run: each((id) => plain.has(id)) },
      { name: 'update', size: 1, run: updateOf(set) },
    ],
    { rounds: 15 },
  );
  const [one, together, plainly, updated] = ['one by one', 'at once', 'plain', 'update'].map(
    (name) => times.get(name)!,
  ) as [Times, Times, Times, Times];
  mustHold(found < size / 10, 'ids are found that nobody put in');
  const wrong = others.filter((id) => packed.mayHold(id)).length / size;
  const megabytes = packed.size / 1e6;
  return [
    once(
      'memory of 10 million, against 25 MB',
      25 / megabytes,
      `${megabytes.toFixed(1)} MB; wrong about 1 in ${Math.round(1 / wrong)}`,
    ),
    rowOf('lookups of many ids at once, against 5 million a second', together, 0.2, `${millions(together)} a second`),
    rowOf(
      'lookups one by one, against 5 million a second',
      one,
      0.2,
      `${millions(one)} a second; of 500 ids again and again ${millions(times.get('again and again')!)}`,
    ),
    rowOf('lookups one by one, against a JavaScript Set of 1 million', one, plainly, 'ten times as many ids'),
    rowOf(
      'update of 10,000 ids, against 1 s',
      updated,
      allowed(1000, times.get(R)!),
      `${ms(updated)}, the set read again`,
    ),
  ];
}

/** Once, under a flag: it takes minutes, and some gigabytes while it packs. */
function memoryOfMany(): Row[] {
  const count = 10 * REVOKED;
  const began = processorMs();
  const size = readIdSet(writeIdSet(idsFrom(0, count), undefined).set).size / 1e6;
  const seconds = (processorMs() - began) / 1000;
  return [
    once(
      'memory of 100 million, against 250 MB',
      250 / size,
      `${size.toFixed(0)} MB, packed in ${seconds.toFixed(0)} s`,
    ),
  ];
}

/** A delta comes in: the store is loaded anew, the packed set with it. */
function updateOf(set: Uint8Array): () => void {
  const files: Files = new Map();
  const region = 'x-bench-0';
  const issued = new Date().toISOString();
  for (const name of ['federation.json', 'catalogue.json']) files.set(name, store.get(name)!);
  const base = `regions/${region}`;
  files.set(`${base}/region.json`, json({ region, name: { zh: region, en: region }, issues: [] }));
  const digest = encodeBase64url(nodePlatform.digest('SHA-256', set));
  const cursor = { series: 'all', sequence: 1 };
  files.set(`${base}/revocations/all.set.json`, json({ issued, cursor, count: REVOKED, digest }));
  files.set(`${base}/revocations/all.ids`, set);
  const revoked = [...idsFrom(2 * REVOKED, ADDED)].map((id) => ({ id, since: issued }));
  files.set(
    `${base}/revocations/all-2.json`,
    json({ issued, cursor: { series: 'all', sequence: 2, base: 1 }, revoked }),
  );
  return () => void loadFederation(files, nodePlatform).trust.register(region);
}

const store = await readFolder(DECLARATIONS);

/** Ids of 16 bytes, base64url, all different, and spread like random ones. */
function* idsFrom(start: number, count: number): Generator<string> {
  const bytes = Buffer.alloc(16);
  for (let n = start; n < start + count; n++) {
    let state = n;
    for (let at = 0; at < 16; at += 4) {
      state = Math.imul(state ^ (state >>> 16), 0x21f0aaad) + at + 1;
      state = Math.imul(state ^ (state >>> 15), 0x735a2d97);
      bytes.writeInt32LE(state ^ (state >>> 15), at);
    }
    yield bytes.toString('base64url');
  }
}

/** In: µs. */
const ms = (times: Times): string => `${(quantile(times, 0.5) / 1000).toFixed(0)} ms`;
const ns = (times: Times): string => `${(quantile(times, 0.5) * 1000).toFixed(0)} ns`;
const millions = (times: Times): string => `${(1 / quantile(times, 0.5)).toFixed(1)} million`;

/** What is counted and does not change from round to round. */
const once = (name: string, ratio: number, said: string): Row => ({ name, ratio, micros: 0, said });
