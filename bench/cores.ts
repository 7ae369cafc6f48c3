import { verify } from 'node:crypto';
import { forgetfulPlatform } from '../src/crypto/platform.node.ts';
import { journeys, MOST_TOGETHER } from '../src/journeys.ts';
import { createThreads, shareOf } from '../src/threads/pool.node.ts';
import { R, type Row } from './bench.ts';
import { benchDocuments } from './documents.ts';
import { against, type Contender, measure, mustHold, rowsOf, turn, wallMs } from './measure.ts';

const PURPOSE = 'checkpoint';
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
  const groups = groupsOf(asked, () => MOST_TOGETHER);
  const shares = groupsOf(asked, (left) => shareOf(left, THREADS));
  const contenders: readonly Omit<Contender, 'size'>[] = [
    {
      name: R,
      run: () => all.forEach(({ signed, key, der }) => void mustHold(verify('sha256', signed, key, der))),
    },
    {
      name: ONE,
      run: () => groups.forEach((group) => void journeys(group, standpoint, forgetfulPlatform)),
    },
    {
      name: TWO,
      run: async () => {
        const elsewhere: Promise<unknown>[] = [];
        for (const group of shares) {
          const told = threads.walk(group, at);
          if (told === undefined) journeys(group, standpoint, forgetfulPlatform);
          // Dropped when it is told, as by whoever passes it on.
          else elsewhere.push(told.then((all) => mustHold(all.every(Boolean), 'a thread left a document')));
          // What the other thread tells is heard.
          await turn();
        }
        await Promise.all(elsewhere);
      },
    },
  ];
  const times = await measure(
    contenders.map((contender) => ({ ...contender, size: all.length })),
    { rounds: ROUNDS, roundMs: 0, warm: WARM, clock: wallMs },
  );
  await threads.close();
  return {
    source: `${source}; ${all.length} at a time`,
    rows: [...rowsOf(times), against('two cores, against one', times.get(TWO)!, times.get(ONE)!)],
  };
}

const ONE = 'DCC, 64 at a time on one core';
const TWO = 'DCC, up to 64 at a time on two cores';

function groupsOf<T>(all: readonly T[], size: (left: number) => number): T[][] {
  const groups: T[][] = [];
  for (let from = 0; from < all.length; from += groups.at(-1)!.length)
    groups.push(all.slice(from, from + size(all.length - from)));
  return groups;
}
