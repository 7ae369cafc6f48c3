import type { Worker } from 'node:worker_threads';
import { coreChoice } from '../crypto/core/use.ts';
import { MOST_TOGETHER } from '../journeys.ts';
import type { TrustStore } from '../region/store.node.ts';
import type { FromThread, ThreadAsked, ThreadData, ThreadTold, ToThread } from './message.ts';

/**
 * Other threads of this process that walk documents, so that batches and many files use all cores. They are made when they are
 * first wanted, and make their federation of the same plain data as the main thread. What is going on with one never holds up a
 * document: whatever no thread can take now, or has failed at, is walked by whoever asked.
 */
export interface Threads {
  /**
   * Has documents walked by a thread. In: documents, at most a few hundred; epoch ms. Out: undefined where no thread can take
   * them now; else for each what it was told, undefined where the caller has to walk it. Never rejects.
   */
  walk(asked: readonly ThreadAsked[], now: number): Promise<readonly (ThreadTold | undefined)[]> | undefined;
  close(): Promise<void>;
}

export interface ThreadOptions {
  /** 0 for none. */
  readonly count: number;
  readonly store: Pick<TrustStore, 'federation' | 'source'>;
  /** False to check every signature anew, as benches do; true if absent. */
  readonly remembers?: false;
  /** Told of a thread that came to its end by a fault. */
  failed(error: unknown): void;
}

/** While one piece of work is under way, the next lies ready: a thread need not wait for the main one. */
const MOST_WAITING = 2;
/** Those that fail again and again are not made again until there is another federation. */
const MOST_FAILURES = 5;
const HEAP_MB = 1024;

/** Fewer side by side cost too much each. */
const LEAST_SHARE = 16;
/** Of what is left, so many for each thread. */
const SHARES = 3;

/**
 * How many documents to look at together where so many are left: fewer towards the end, or all others would wait for whoever has
 * the last of them. In: how many other threads there are.
 */
export const shareOf = (left: number, threads: number): number =>
  threads === 0
    ? MOST_TOGETHER
    : Math.min(MOST_TOGETHER, Math.max(LEAST_SHARE, Math.ceil(left / (SHARES * (threads + 1)))));

interface Thread {
  readonly worker: Worker;
  /** The number of the federation that it was given, and of that which it has made. */
  given: number;
  ready: number;
  readonly waiting: Map<number, { settle(told: readonly (ThreadTold | undefined)[]): void; readonly size: number }>;
}

export function createThreads({ count, store, failed, remembers }: ThreadOptions): Threads {
  const threads = new Set<Thread>();
  let failures = 0;
  let asks = 0;
  let closed = false;
  let federation: TrustStore['federation'] | undefined;
  let number = 0;

  const make = (): void => {
    // Asked for only now: most commands end without any, and a start waits for every module.
    const threading = process.getBuiltinModule('node:worker_threads');
    const worker = new threading.Worker(new URL('./thread.node.ts', import.meta.url), {
      workerData: { remembers: remembers !== false, core: coreChoice().use } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const thread: Thread = { worker, given: 0, ready: 0, waiting: new Map() };
    const ended = (error?: unknown): void => {
      if (!threads.delete(thread)) return;
      for (const { settle, size } of thread.waiting.values()) settle(Array.from({ length: size }, () => undefined));
      thread.waiting.clear();
      if (closed) return;
      failures += 1;
      failed(error);
    };
    worker.on('message', (message: FromThread) => {
      if ('ready' in message) {
        thread.ready = message.ready;
        return;
      }
      if ('differed' in message) {
        coreChoice().differed(message.differed);
        return;
      }
      const waiting = thread.waiting.get(message.ask);
      thread.waiting.delete(message.ask);
      waiting?.settle(message.told);
    });
    worker.on('error', ended);
    worker.on('exit', () => ended());
    // A command ends when its own work is done.
    worker.unref();
    threads.add(thread);
  };

  /** To one after the other: to write down a large store for a thread takes the main one half a second. */
  const give = (): void => {
    if ([...threads].some(({ given, ready }) => given === number && ready !== number)) return;
    const next = [...threads].find(({ given }) => given !== number);
    if (next === undefined) return;
    next.worker.postMessage({ federation: number, source: store.source } satisfies ToThread);
    next.given = number;
  };

  const prepare = (): void => {
    if (store.federation !== federation) {
      federation = store.federation;
      number += 1;
      failures = 0;
    }
    try {
      while (threads.size < count && failures < MOST_FAILURES) make();
      if (failures < MOST_FAILURES) give();
    } catch (error) {
      // The system gives no further thread, or has no room for what it is to be given.
      failures += 1;
      failed(error);
    }
  };

  /** One that has made the federation in force, and has the least to do. */
  const free = (): Thread | undefined => {
    prepare();
    let least: Thread | undefined;
    for (const thread of threads) {
      if (thread.ready !== number || thread.waiting.size >= MOST_WAITING) continue;
      if (least === undefined || thread.waiting.size < least.waiting.size) least = thread;
    }
    return least;
  };

  return {
    walk(asked, now) {
      if (closed) return undefined;
      const thread = free();
      if (thread === undefined) return undefined;
      asks += 1;
      const ask = asks;
      return new Promise((settle) => {
        thread.waiting.set(ask, { settle, size: asked.length });
        thread.worker.ref();
        thread.worker.postMessage({ ask, now, asked } satisfies ToThread);
      }).finally(() => {
        if (thread.waiting.size === 0) thread.worker.unref();
      }) as Promise<readonly (ThreadTold | undefined)[]>;
    },
    async close() {
      closed = true;
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}
