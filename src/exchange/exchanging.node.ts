import type { ConversionIssuer } from '../convert.ts';
import type { Platform } from '../crypto/platform.ts';
import { answering } from '../region/answering.ts';
import type { Federation } from '../region/federation.ts';
import type { Standpoint } from '../region/standpoint.ts';
import type { Random } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import { createExchanges, type ExchangeNews, type Exchanges } from './exchanges.ts';
import { createInbox, createOutbox, type Inbox, type OutboxOptions } from './notices.ts';
import type { RegionClient } from './region-client.node.ts';
import type { Resolver } from './resolve.ts';
import type { Sealer } from './sealed-text.node.ts';
import { createStates, type States } from './states.ts';

export interface ExchangingOptions {
  readonly store: Store;
  /** The region whose gateway this is. */
  readonly region: string;
  readonly federation: () => Federation;
  readonly client: RegionClient;
  readonly resolver: Resolver;
  readonly sealer: Sealer;
  readonly seal: OutboxOptions['seal'];
  readonly issuer: () => Promise<ConversionIssuer>;
  readonly platform: Platform;
  readonly clock: () => number;
  readonly random: Random;
  readonly told: (said: ExchangeNews) => void;
  readonly undelivered: OutboxOptions['failed'];
  readonly failed: (error: unknown) => void;
}

/** Exchanges, and what has to be done for them again and again. */
export interface Exchanging {
  readonly exchanges: Exchanges;
  readonly inbox: Inbox;
  readonly store: Store;
  readonly random: Random;
  readonly resolver: Resolver;
  readonly states: States;
  /** One round: what waits is delivered, what lies idle goes on, what is over is forgotten. What fails is told. */
  round(): Promise<void>;
  /** Ends the rounds; resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const ROUND_MS = 1_000;
const FORGET_MS = 60_000;
const ROWS_MS = 30 * 86_400_000;

/** Puts exchanges, inbox and outbox together, and begins their rounds. */
export function startExchanging(options: ExchangingOptions): Exchanging {
  const { store, region, federation, clock, random, failed } = options;
  const standpoints = new WeakMap<Federation, Map<string, Standpoint | undefined>>();
  const standpoint = (of: string): Standpoint | undefined => {
    const now = federation();
    const made = standpoints.get(now) ?? new Map<string, Standpoint | undefined>();
    standpoints.set(now, made);
    if (!made.has(of) && now.regions.has(of)) made.set(of, now.standpoint(of, clock));
    return made.get(of);
  };
  const exchanges = createExchanges({ ...options, standpoint });
  const states = createStates({ ...options, standpoint });
  const answersFor = (issuing: string): string => answering(federation(), region)(issuing);
  const inbox = createInbox({
    store,
    region,
    federation: () => federation().manifest.federation,
    answersFor,
    clock,
    takeList: states.take,
  });
  const outbox = createOutbox({ ...options, inbox, failed: options.undelivered, random: Math.random });

  let forgotten = Number.NEGATIVE_INFINITY;
  /** Each by itself: trouble of one is none of the others'. */
  const tasks: readonly (() => Promise<unknown>)[] = [
    () => exchanges.resume(),
    () => outbox.deliver(),
    async () => {
      if (clock() - forgotten < FORGET_MS) return;
      await store.exchanges.forget(clock(), clock() - ROWS_MS);
      await store.stateLists.forget(clock());
      // What was delivered is gone from the outbox as well.
      await store.cutLog();
      forgotten = clock();
    },
  ];
  const round = async (): Promise<void> => {
    const ended = await Promise.allSettled(tasks.map((task) => task()));
    for (const each of ended) if (each.status === 'rejected') failed(each.reason);
  };
  let turning: Promise<void> | undefined;
  const turn = (): void => {
    turning ??= round().finally(() => {
      turning = undefined;
    });
  };
  const timer = setInterval(turn, ROUND_MS).unref();
  return {
    exchanges,
    inbox,
    store,
    random,
    resolver: options.resolver,
    states,
    round,
    async stop() {
      clearInterval(timer);
      await turning;
      await exchanges.idle();
    },
  };
}
