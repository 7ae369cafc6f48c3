import { verify } from 'node:crypto';
import { forgetfulPlatform } from '../src/crypto/platform.node.ts';
import { journeys } from '../src/journeys.ts';
import { createThreads, shareOf } from '../src/threads/pool.node.ts';
import { R, type Row } from './bench.ts';
import { benchDocuments } from './documents.ts';
import { quantile, spreadOf } from './measure.ts';

const PURPOSE = 'checkpoint';
const TOGETHER = 64;
const THREADS = 1;
/** A batch is all documents so many times over. */
const TIMES_OVER = 8;
/** The other thread, which compiles for itself, gets half of the documents. */
const WARM = 45;
const ROUNDS = 15;

/** Batches that another thread helps with, by the clock on the wall: where others use the second core, it says nothing. */
export async function benchCores(): Promise<{ source: string; rows: Row[] }> {
  const { source, documents, store } = await benchDocuments();
  const threads = createThreads({
    count: THREADS,
    store,
    remembers: false,
    failed: (error) => {
      throw error;
    },
  });
  const { standpoint, at } = documents[0]!;
  const question = { purpose: PURPOSE, at };
  const all = Array.from({ length: TIMES_OVER }, () => documents).flat();
  const asked = all.map(({ text }) => ({ presented: { text }, question, region: standpoint.region }));
  const groups = groupsOf(asked, () => TOGETHER);
  const shares = groupsOf(asked, (left) => shareOf(left, THREADS));
  const ways: Readonly<Record<string, () => void | Promise<void>>> = {
    [R]: () => {
      for (const { signed, key, der } of all) verify('sha256', signed, key, der);
    },
    'DCC, 64 at a time on one core': () => {
      for (const group of groups) journeys(group, standpoint, forgetfulPlatform);
    },
    'DCC, up to 64 at a time on two cores': async () => {
      const elsewhere: Promise<unknown>[] = [];
      for (const group of shares) {
        const told = threads.walk(group, at);
        if (told === undefined) journeys(group, standpoint, forgetfulPlatform);
        // Dropped when it is told, as by whoever passes it on.
        else elsewhere.push(told.then(() => {}));
        // What the other thread tells is heard.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(elsewhere);
    },
  };
  const taken = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < WARM + ROUNDS; round++)
    for (const [name, run] of Object.entries(ways)) {
      const micros = await wall(run);
      if (round >= WARM) taken.get(name)!.push(micros / all.length);
    }
  await threads.close();
  const raw = taken.get(R)!;
  const rows = [...taken].map(([name, times]): Row => {
    const ratios = times.map((time, round) => raw[round]! / time);
    return { name, ratio: quantile(ratios, 0.5), micros: quantile(times, 0.5), spread: spreadOf(ratios) };
  });
  return { source: `${source}; batches of ${all.length}`, rows };
}

function groupsOf<T>(all: readonly T[], size: (left: number) => number): T[][] {
  const groups: T[][] = [];
  for (let from = 0; from < all.length; from += groups.at(-1)!.length)
    groups.push(all.slice(from, from + size(all.length - from)));
  return groups;
}

async function wall(run: () => void | Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) * 1000;
}
