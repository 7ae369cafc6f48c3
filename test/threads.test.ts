import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { octetsOf, textOf } from '../src/document/octets.node.ts';
import { type MintedSample, mint } from '../src/federation/mint.node.ts';
import { journey } from '../src/journey.ts';
import { oneTimeOf } from '../src/record/settle.ts';
import { DECLARATIONS, readFolder } from '../src/region/folder.node.ts';
import { openFolder, type TrustStore } from '../src/region/store.node.ts';
import type { ThreadAsked, ThreadTold } from '../src/threads/message.ts';
import { createThreads, shareOf, type Threads } from '../src/threads/pool.node.ts';

const REGION = '310000';
const now = Date.now();
let folder: string;
let samples: readonly MintedSample[];
let store: TrustStore;
let threads: Threads;
const failures: unknown[] = [];

beforeAll(async () => {
  const minted = await mint(await readFolder(DECLARATIONS), now);
  samples = minted.samples;
  folder = mkdtempSync(join(tmpdir(), 'tongren-threads-'));
  for (const [name, content] of minted.store) {
    const path = join(folder, 'store', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  store = await openFolder(join(folder, 'store'), { clock: () => now, hint: () => {} });
  threads = createThreads({ count: 1, store, failed: (error) => failures.push(error) });
}, 60_000);
afterAll(async () => {
  await threads?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As soon as a thread is ready. */
async function walk(asked: readonly ThreadAsked[]): Promise<readonly (ThreadTold | undefined)[]> {
  for (;;) {
    const told = threads.walk(asked, now);
    if (told !== undefined) return told;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const question = { purpose: 'checkpoint' };
const askedOf = (wire: string | Uint8Array, region = REGION): ThreadAsked => ({
  presented: typeof wire === 'string' ? { text: wire } : { bytes: wire },
  region,
  question,
});

it('every document gets the verdict that it gets here, and what only others can tell is left to the main thread', async () => {
  const standpoint = store.federation.standpoint(REGION, () => now)!;
  const asked = samples.map(({ wire }) => askedOf(wire));
  const told = await walk(asked);
  let [left, shown] = [0, 0];
  for (const [i, { presented }] of asked.entries()) {
    const walked = journey(presented, standpoint, question);
    const needsOthers =
      walked.reference !== undefined ||
      walked.verdict.findings.some(({ code }) => code === 'CERTIFICATE_STATUS_UNKNOWN');
    if (needsOthers) {
      left += 1;
      expect(told[i]).toBeUndefined();
      continue;
    }
    const { outcome, format, issuer } = walked.verdict;
    expect(told[i]).toEqual({
      json: octetsOf(JSON.stringify(walked.verdict)),
      outcome,
      format: format?.id,
      issuer: issuer?.region,
      shown: oneTimeOf(walked),
    });
    if (oneTimeOf(walked) !== undefined) shown += 1;
  }
  expect(told.length).toBe(samples.length);
  expect(left).toBeGreaterThan(0);
  expect(shown).toBeGreaterThan(0);
}, 60_000);

it('a thread that fails leaves its documents to the caller, is told, and another takes its place', async () => {
  const [first] = samples;
  expect(await walk([askedOf(first!.wire, '999999'), askedOf(first!.wire)])).toEqual([undefined, undefined]);
  expect(failures).toHaveLength(1);
  expect(await walk([askedOf(first!.wire)])).toEqual([expect.objectContaining({ json: expect.any(String) })]);
}, 60_000);

it('a store that changes is taken before anything else is walked', async () => {
  const { wire } = samples.find(({ name, region }) => region === '330000' && name === 'pass')!;
  const [before] = await walk([askedOf(wire)]);
  expect(before!.outcome).toBe('accept');
  rmSync(join(folder, 'store/regions/330000/issuers'), { recursive: true });
  await store.refresh();
  // No thread has it yet.
  expect(threads.walk([askedOf(wire)], now)).toBeUndefined();
  const [after] = await walk([askedOf(wire)]);
  const here = journey({ text: wire as string }, store.federation.standpoint(REGION, () => now)!, question);
  expect(textOf(after!.json)).toBe(JSON.stringify(here.verdict));
  expect(after!.outcome).not.toBe('accept');
}, 60_000);

it('the next thread is given the federation when the one before has made it', async () => {
  let given = 0;
  const counted = {
    federation: store.federation,
    get source() {
      given += 1;
      return store.source;
    },
  };
  const two = createThreads({ count: 2, store: counted, failed: (error) => failures.push(error) });
  try {
    expect(two.walk([], now)).toBeUndefined();
    expect(two.walk([], now)).toBeUndefined();
    expect(given).toBe(1);
    while (two.walk([], now) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given).toBe(2);
  } finally {
    await two.close();
  }
}, 60_000);

it('what cannot be given to a thread is no trouble of whoever asks, and the next federation is tried again', async () => {
  const told: unknown[] = [];
  const held: { federation: TrustStore['federation']; source: TrustStore['source'] } = {
    federation: store.federation,
    source: { ...store.source, now: (() => now) as never },
  };
  const one = createThreads({ count: 1, store: held, failed: (error) => told.push(error) });
  try {
    for (let i = 0; i < 20; i++) expect(one.walk([], now)).toBeUndefined();
    expect(told).toHaveLength(5);
    Object.assign(held, { federation: { ...store.federation }, source: store.source });
    while (one.walk([], now) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toHaveLength(5);
  } finally {
    await one.close();
  }
}, 60_000);

it('shares grow smaller towards the end, within bounds', () => {
  const shares = [shareOf(9999, 0), shareOf(9999, 1), shareOf(120, 1), shareOf(120, 3), shareOf(1, 1), shareOf(1, 0)];
  expect(shares).toEqual([64, 64, 20, 16, 16, 64]);
});
