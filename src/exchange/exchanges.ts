import { canonicalJson } from '../codec/json.ts';
import type { Value } from '../codec/value.ts';
import { type ConversionIssuer, convertDocument, NotConvertible, targetNamed, writtenOf } from '../convert.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type {
  ExchangeAnswer,
  ExchangeAsk2 as ExchangeAsk,
  HolderConsent,
  Verdict,
} from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { typesOf } from '../format/cases.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { KEEP_MS, type NewExchange, type Taken } from '../store/exchanges.ts';
import { newId } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import type { ExchangeRow } from '../store/tables.ts';
import { createPermission, type PermissionOptions } from './permission.ts';
import { ASKS_NOBODY, type Resolver } from './resolve.ts';
import type { Sealer } from './sealed-text.node.ts';
import { type AskingSystem, noticesOf, type Question, useOf } from './trace.ts';

/**
 * A region's system asks for a document of another region (DB31–34/T 310018's 共享和使用). What is accepted is stored first; it is
 * then asked for, verified like any document, and given in the asker's format. Whoever is killed in between goes on where it
 * was: a use is counted once, and what others are to be told is told at least once. Question and answer are kept sealed, and
 * for minutes.
 */
export interface Exchanges {
  /**
   * In: what is asked, by whom, and the asker's own name for it. Out: how it stands after `waitMs` at most. Errors: ExchangeRefused, and
   * StoreError; nothing was asked then.
   */
  ask(ask: ExchangeAsk, asker: AskingSystem, idempotency: string, waitMs: number): Promise<ExchangeAnswer>;
  /** Undefined if this asker has none of this id. Errors: StoreError. */
  find(id: string, asker: AskingSystem): Promise<ExchangeAnswer | undefined>;
  /** Goes on with what nobody works on any more. Out: how many there were. Errors: StoreError. */
  resume(): Promise<number>;
  /** Settles when nothing of this process is under way any more. */
  idle(): Promise<void>;
}

export interface ExchangeOptions extends Omit<PermissionOptions, 'refused'> {
  readonly store: Pick<Store, 'exchanges' | 'notices'>;
  readonly standpoint: (region: string) => Standpoint | undefined;
  readonly resolver: Resolver;
  readonly sealer: Sealer;
  readonly issuer: () => Promise<ConversionIssuer>;
  readonly platform: Platform;
  /** Told what came of each: for logs and metrics. Codes only. */
  readonly told?: ((said: ExchangeNews) => void) | undefined;
  readonly failed: (error: unknown) => void;
}

export interface ExchangeNews {
  readonly id: string;
  readonly asker: string;
  readonly state: ExchangeAnswer['state'] | 'refused';
  readonly code?: string;
}

/** Whoever works on one has it for so long: longer than all questions may take. */
const LEASE_MS = 60_000;
const MOST_RESUMED = 20;

/** One does not open as the other. */
const askedName = (id: string): string => `${id} asked`;
const answerName = (id: string): string => `${id} answer`;

/** What is sealed of an answer. */
type Answered = Required<Pick<ExchangeAnswer, 'answer'>> & Pick<ExchangeAnswer, 'because'>;

export function createExchanges(options: ExchangeOptions): Exchanges {
  const { store, sealer, clock, random, region } = options;
  const { given, refuse } = createPermission({
    ...options,
    refused: (asker, code) => options.told?.({ id: '', asker: asker.id, state: 'refused', code }),
  });
  const running = new Map<string, Promise<void>>();

  const fingerprintOf = (ask: ExchangeAsk): string => sealer.fingerprint(canonicalJson(ask as unknown as Value));
  /** The caller's own name for it may be anything, a person's number too: it is kept as a mark. */
  const markOf = (idempotency: string): string => sealer.fingerprint(`idempotency ${idempotency}`);

  const take = async (
    ask: ExchangeAsk,
    asker: AskingSystem,
    idempotency: string,
    consent: HolderConsent | undefined,
  ): Promise<{ id: string; asked: string; taken: Taken }> => {
    const now = clock();
    const id = newId(now, random);
    const { consent: _jws, ...rest } = ask;
    const known = consent === undefined ? {} : { consent: { id: consent.id, region: consent.region } };
    // All that is needed to go on with it.
    const question: Question = { ask: rest, asker, ...known };
    const asked = sealer.seal(JSON.stringify(question), askedName(id));
    const row: NewExchange = {
      id,
      caller: asker.id,
      idempotency,
      at: now,
      until: now + KEEP_MS,
      leasedUntil: now + LEASE_MS,
      fingerprint: fingerprintOf(ask),
      asked,
      consent: consent && { id: consent.id, region: consent.region, uses: consent.uses },
    };
    return { id, asked, taken: await store.exchanges.take(row) };
  };

  /** Ends it, and has others told. Out: false if the consent was withdrawn meanwhile: it is then not ended. */
  const end = async (id: string, question: Question, answer: Answered, withdrawn: boolean): Promise<boolean> => {
    const { ask, asker, consent } = question;
    const number = (await store.exchanges.useOf(id)) ?? 0;
    const now = clock();
    const state = answer.answer.conversion === undefined ? 'empty' : 'done';
    const outcome = withdrawn ? 'revoked' : state === 'done' ? 'given' : 'empty';
    const use = useOf(question, { number, exchange: id, outcome }, now);
    // The holder's region, and the one whose document it is: what is asked without consent leaves its trace there.
    const concerned = new Set([consent?.region, ask.reference.region].filter((each) => each !== undefined));
    const made = { federation: options.federation(), now, random };
    const notices = noticesOf(region, concerned, { kind: 'use', use }, made);
    if (ask.notify)
      notices.push(...noticesOf(region, [asker.region], { kind: 'exchange', exchange: { id, state } }, made));
    const sealed = sealer.seal(JSON.stringify(answer), answerName(id));
    const ending = { state, answer: sealed, until: now + KEEP_MS } as const;
    const came = await store.exchanges.finish(id, ending, notices, withdrawn ? undefined : consent);
    const code = answer.because ?? answer.answer.verdict.outcome;
    if (came === 'ended') options.told?.({ id, asker: asker.id, state, code });
    return came !== 'revoked';
  };

  const carryOut = async (id: string, sealed: string, late: boolean): Promise<void> => {
    const question = JSON.parse(sealer.open(sealed, askedName(id))) as Question;
    const { ask, asker, consent } = question;
    const standpoint = options.standpoint(asker.region);
    if (standpoint === undefined) throw new Error('the asking region is no longer of the federation');
    const revoked = consent !== undefined && (await store.exchanges.isRevoked(consent.id, consent.region));
    // Withdrawn since it was accepted, or its time is over: nothing is asked any more, and that is told.
    const asking = revoked || late ? { ...options, resolver: ASKS_NOBODY } : options;
    const answer = await answerTo(ask, asker, standpoint, asking);
    // Withdrawn while it was asked for, up to the moment in which it ends.
    if (!(await end(id, question, answer, revoked)))
      await end(id, question, { answer: { verdict: shown(answer.answer.verdict) } }, true);
  };

  const start = (id: string, sealed: string, late = false): Promise<void> => {
    const before = running.get(id);
    if (before !== undefined) return before;
    // What fails by our own fault stays accepted: its lease runs out, and it is tried again until its time is over.
    const started = carryOut(id, sealed, late)
      .catch(options.failed)
      .finally(() => running.delete(id));
    running.set(id, started);
    return started;
  };

  const statement = (row: ExchangeRow): ExchangeAnswer => {
    const { id, state, at, until, answer } = row;
    const open = state !== 'forgotten' && Number(until) > clock();
    if (!open) return { id, state: 'forgotten', at: instantOf(Number(at)) };
    return {
      id,
      state: state as ExchangeAnswer['state'],
      at: instantOf(Number(at)),
      until: instantOf(Number(until)),
      ...(answer === null ? {} : (JSON.parse(sealer.open(answer, answerName(id))) as Answered)),
    };
  };
  /** One name for two questions would give the answer to the one for the other. */
  const again = (row: ExchangeRow, ask: ExchangeAsk, asker: AskingSystem): ExchangeAnswer | Promise<never> =>
    row.fingerprint === fingerprintOf(ask) ? statement(row) : refuse('idempotency', ask, asker);
  const find: Exchanges['find'] = async (id, asker) => {
    const row = await store.exchanges.find(id, asker.id);
    return row && statement(row);
  };

  return {
    async ask(ask, asker, idempotency, waitMs) {
      const standpoint = options.standpoint(asker.region);
      const target = standpoint && targetNamed(ask.to, standpoint.formats);
      if (standpoint === undefined || target === undefined) return refuse('target', ask, asker);
      // Told before a use of the consent is counted: it would have come to nothing.
      if (target !== 'document' && !typesOf(target.declaration).includes(ask.documentType))
        return refuse('target-type', ask, asker);
      if (!standpoint.purposes.has(ask.purpose)) return refuse('purpose', ask, asker);
      // What was accepted before is not asked again, though the consent be over by now.
      const before = await store.exchanges.named(markOf(idempotency), asker.id);
      if (before !== undefined) return again(before, ask, asker);
      const consent = await given(ask, asker, standpoint);
      const { id, asked, taken } = await take(ask, asker, markOf(idempotency), consent);
      if (taken.as === 'used-up' || taken.as === 'revoked') return refuse(taken.as, ask, asker, consent);
      if (taken.as === 'again') return again(taken.row, ask, asker);
      await Promise.race([start(id, asked), after(waitMs)]);
      return (await find(id, asker))!;
    },

    find,

    async resume() {
      const now = clock();
      const rows = await store.exchanges.lease(now, now + LEASE_MS, MOST_RESUMED);
      for (const { id, asked, until } of rows)
        if (asked !== null && !running.has(id)) void start(id, asked, Number(until) <= now);
      return rows.length;
    },

    idle: async () => {
      await Promise.all(running.values());
    },
  };
}

/** Where nothing is given, nothing of the document is shown either: the trace says so. What it says of its state is of it. */
const shown = ({ document: _, compare: __, status: ___, typeName: ____, ...verdict }: Verdict): Verdict => verdict;

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

/** Asks the issuing region, judges what it gives, and writes it in the asker's format: no original, and bound to the asker. */
async function answerTo(
  ask: Question['ask'],
  asker: AskingSystem,
  standpoint: Standpoint,
  { resolver, issuer, platform }: ExchangeOptions,
): Promise<Answered> {
  const { purpose, use, documentType, reference } = ask;
  const { journey: walked, presented } = await resolver.resolve(reference, standpoint, { purpose, use, documentType });
  if (presented === undefined) return { answer: { verdict: shown(walked.verdict) } };
  const target = targetNamed(ask.to, standpoint.formats)!;
  try {
    const audience = asker.id;
    const asked = { presented, target, audience, purpose };
    const { verdict, conversion } = convertDocument(asked, standpoint, await issuer(), platform, walked);
    return {
      answer: conversion === undefined ? { verdict: shown(verdict) } : { verdict, conversion: writtenOf(conversion) },
    };
  } catch (error) {
    if (!(error instanceof NotConvertible || error instanceof Broken)) throw error;
    const because = error instanceof Broken ? 'target-cannot-say' : 'not-convertible';
    return { answer: { verdict: shown(walked.verdict) }, because };
  }
}
