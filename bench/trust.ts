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
import type { Row } from './bench.ts';

const REGIONS = 100;
const PER_REGION = 100;
const REVOKED = 10_000_000;
const ADDED = 10_000;

type Files = Map<string, Uint8Array>;

/** One signature check (R) of the machine that the targets are meant for, at rest, µs. A busier one gets as much more time. */
const R_MICROS = 60;

/** How many times slower this machine is now: R in processor time, over R_MICROS. */
function slowness(): number {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const data = Buffer.from('a document');
  const signature = sign('sha256', data, privateKey);
  const spent = processorTime(() => {
    for (let i = 0; i < 5000; i++) verify('sha256', data, publicKey, signature);
  });
  return spent / 5 / R_MICROS;
}

/** Ten thousand issuers and ten million revoked documents: how soon a gateway is ready, and what they cost it. */
export async function benchTrust(full: boolean): Promise<{ source: string; rows: Row[] }> {
  const declared = [...(await readFolder(DECLARATIONS))].filter(([name]) => !name.endsWith('.recipe.json'));
  const large: Files = new Map([...declared, ...issuerFiles(REGIONS, PER_REGION)]);
  const small: Files = new Map([...declared, ...tenOf(large)]);
  const rows = [...issuers(small, large), ...revocations(), ...(full ? memoryOfMany() : [])];
  return {
    source: `R takes ${(slowness() * R_MICROS).toFixed(0)} µs now; ${REGIONS * PER_REGION} issuers of ${REGIONS} regions, ${REVOKED / 1e6} million revoked documents`,
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

/** In processes of their own, as after a start; processor time, because the machine is shared. */
function issuers(small: Files, large: Files): Row[] {
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
    const [fully] = run('large');
    const runs = [1, 2, 3].map(() => ({ few: run('small'), many: run('large') }));
    const least = (of: 'few' | 'many', place: 0 | 1 | 2): number => Math.min(...runs.map((each) => each[of][place]));
    const kept = least('many', 0);
    const [ten, tenOfMany] = [least('few', 2), least('many', 2)];
    const start = `${ms(kept)}; with the start of Node and its modules ${ms(least('many', 1))}`;
    return [
      row('ready from the snapshot, against 0.6 s', (600 * slowness()) / kept, kept * 1000, start),
      row(
        'ready from the snapshot, against full validation',
        fully / kept,
        fully * 1000,
        `full validation ${ms(fully)}`,
      ),
      row(
        'a key of 10 among 10,000, against 10 alone',
        ten / tenOfMany,
        tenOfMany / 1000,
        `${tenOfMany.toFixed(0)} ns, and ${ten.toFixed(0)} ns`,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function revocations(): Row[] {
  const { set } = writeIdSet(idsFrom(0, REVOKED), undefined);
  const packed = readIdSet(set);
  const others = [...idsFrom(REVOKED, 200_000)];
  const spent = processorTime(() => {
    for (let round = 0; round < 10; round++) for (const id of others) packed.mayHold(id);
  });
  const sifted = processorTime(() => {
    for (let round = 0; round < 10; round++) packed.sift(others);
  });
  const warm = processorTime(() => {
    for (let round = 0; round < 4000; round++) for (let i = 0; i < 500; i++) packed.mayHold(others[i]!);
  });
  const slow = slowness();
  const perSecond = (10 * others.length * 1000) / spent;
  const together = (10 * others.length * 1000) / sifted;
  const wrong = others.filter((id) => packed.mayHold(id)).length / others.length;
  const plain = new Set(idsFrom(0, 1_000_000));
  const plainSpent = processorTime(() => {
    for (let round = 0; round < 10; round++) for (const id of others) plain.has(id);
  });
  const megabytes = packed.size / 1e6;
  const updated = updateTime(set);
  return [
    row(
      'memory of 10 million, against 25 MB',
      25 / megabytes,
      0,
      `${megabytes.toFixed(1)} MB; wrong about 1 in ${Math.round(1 / wrong)}`,
    ),
    row(
      'lookups of many ids at once, against 5 million a second',
      together / 5e6,
      1e6 / together,
      `${(together / 1e6).toFixed(1)} million a second`,
    ),
    row(
      'lookups one by one, against 5 million a second',
      perSecond / 5e6,
      1e6 / perSecond,
      `${(perSecond / 1e6).toFixed(1)} million a second; of 500 ids again and again ${(2000 / warm).toFixed(1)} million`,
    ),
    row(
      'lookups one by one, against a JavaScript Set of 1 million',
      plainSpent / spent,
      1e6 / perSecond,
      'ten times as many ids',
    ),
    row(
      'update of 10,000 ids, against 1 s',
      (1000 * slow) / updated,
      updated * 1000,
      `${ms(updated)}, the set read again`,
    ),
  ];
}

/** Once, under a flag: it takes minutes, and some gigabytes while it packs. */
function memoryOfMany(): Row[] {
  const count = 10 * REVOKED;
  let size = 0;
  const spent = processorTime(() => {
    size = readIdSet(writeIdSet(idsFrom(0, count), undefined).set).size / 1e6;
  });
  return [
    row(
      'memory of 100 million, against 250 MB',
      250 / size,
      0,
      `${size.toFixed(0)} MB, packed in ${(spent / 1000).toFixed(0)} s`,
    ),
  ];
}

/** A delta comes in: the store is loaded anew, the packed set with it. */
function updateTime(set: Uint8Array): number {
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
  return Math.min(
    ...[1, 2, 3].map(() => processorTime(() => void loadFederation(files, nodePlatform).trust.register(region))),
  );
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

/** Milliseconds of this process's processor time. */
function processorTime(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const ms = (time: number): string => `${time.toFixed(0)} ms`;
const row = (name: string, ratio: number, micros: number, said: string): Row => ({
  name,
  ratio,
  micros,
  spread: 0,
  said,
});
