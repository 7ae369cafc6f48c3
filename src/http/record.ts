import type { IncomingMessage } from 'node:http';
import { finding } from '../document/findings.ts';
import type { Receipt, RecordAsk, Verdict } from '../document/generated/types.ts';
import { endOf } from '../document/time.ts';
import { decide } from '../judge/outcome.ts';
import type { RecordContext } from '../record/receipt.ts';
import type { ReplayMemory } from '../store/replay.ts';
import { CLOCK_TOLERANCE_MS } from '../trust/authenticate.ts';
import { type Asked, faultOfRecord, sentenceOf } from './ask.ts';
import { mayUse } from './door.ts';
import type { Gateway } from './gateway.ts';
import type { Caller } from './keys.ts';
import { Problem } from './problems.ts';
import type { Judged } from './verifier.ts';

/** What a request's head says about recording. */
export interface RecordWish {
  /** `Prefer: recorded` (RFC 7240). */
  readonly preferred: boolean;
  /** Who asks; what an Ask says of itself goes before it. */
  readonly who: RecordAsk;
}

/** A verdict of which there is a receipt. */
export interface Recorded {
  readonly verdict: Verdict;
  readonly receipt: Receipt;
}

/** Who asks, in a request's head: one row each. */
const WHO = {
  officer: 'Tongren-Officer',
  businessCode: 'Tongren-Business-Code',
  checkpoint: 'Tongren-Checkpoint',
} as const satisfies Record<keyof RecordAsk, string>;

/** Errors: Problem `invalid-header`; nothing is echoed, for it may be a name. */
export function wishOf({ headers }: IncomingMessage): RecordWish {
  const who: RecordAsk = {};
  for (const [member, name] of Object.entries(WHO)) {
    const value = headers[name.toLowerCase()];
    if (value !== undefined) who[member as keyof RecordAsk] = String(value);
  }
  const error = faultOfRecord(who);
  if (error !== undefined) {
    const at = WHO[error.instancePath.slice('/record/'.length) as keyof RecordAsk];
    throw new Problem('invalid-header', sentenceOf(error, 'receipt.schema.json'), { at });
  }
  return { preferred: prefersRecorded(headers['prefer']), who };
}

/**
 * RFC 7240 §2: preferences are a list, their names are compared without case, an empty value is none, and what is not known
 * is passed over. In: all fields of a request, as Node joins them.
 */
function prefersRecorded(field: string | string[] | undefined): boolean {
  if (field === undefined) return false;
  const bare = String(field).replace(/"[^"]*"/g, (quoted) => (quoted === '""' ? '' : '?'));
  return bare.split(',').some((each) => /^\s*recorded\s*(=\s*)?(;|$)/i.test(each));
}

/**
 * Who is to stand in the receipt, or undefined if none is asked for: by the request's head, or by the Ask itself. Errors:
 * Problem `forbidden-scope`.
 */
export function whoAsks({ preferred, who }: RecordWish, asked: Asked, caller: Caller): RecordAsk | undefined {
  if (!preferred && asked.record === undefined) return undefined;
  mayUse(caller, 'record');
  return { ...who, ...asked.record };
}

/**
 * Records a verdict before it is given. Errors: StoreError, and then the verdict must not be given: what is to leave a trace
 * may not be done without.
 */
export async function record(gateway: Gateway, judged: Judged, who: RecordContext, caller: Caller): Promise<Recorded> {
  const { recorder, replay } = await gateway.records();
  const verdict = await unlessReplayed(replay, judged, who, caller, gateway.clock());
  return { verdict, receipt: await recorder.record(verdict, judged.input, who) };
}

/** A one-time document that does not say how long it lives is remembered for a day. */
const UNSTATED_LIFE_MS = 86_400_000;
const MOST_ID = 200;

/**
 * A one-time document that was accepted at one place is refused at the next: a picture of somebody's code travels faster than
 * he does. Only what is accepted is remembered, so that nobody's code is used up by a place that does not take it.
 */
async function unlessReplayed(
  replay: ReplayMemory,
  { verdict, evidence, converted }: Judged,
  { checkpoint }: RecordContext,
  caller: Caller,
  at: number,
): Promise<Verdict> {
  const onceId = converted?.document.presentation?.onceId;
  const region = evidence?.key?.region;
  const taken = verdict.outcome === 'accept' || verdict.outcome === 'conditional';
  // A stated time is no showing.
  if (!taken || !onceId || region === undefined || verdict.clock.source === 'stated') return verdict;
  const until = converted?.document.validity?.until;
  const seen = await replay.remember({
    region,
    onceId: onceId.slice(0, MOST_ID),
    // As long as it may still be accepted, with what clocks may differ.
    expiresAt: until === undefined ? at + UNSTATED_LIFE_MS : endOf(until) + CLOCK_TOLERANCE_MS,
    // Whoever names no checkpoint is one place by itself.
    checkpoint: checkpoint ?? `caller/${caller.id}`,
    device: caller.id,
    at,
  });
  if (seen !== 'seen') return verdict;
  const { next: _before, ...rest } = verdict;
  const findings = [...verdict.findings, finding('REPLAYED')];
  const { next, reasons, ...decided } = decide(findings);
  return { ...rest, ...decided, ...(next === undefined ? {} : { next }), reasons: [...reasons], findings };
}
