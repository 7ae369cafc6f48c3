import type { Receipt } from '../document/generated/types.ts';
import { validateDisposition } from '../document/generated/validators.js';
import { exists, instantOf } from '../document/time.ts';
import { type DispositionInput, RecordError } from '../record/recorder.ts';
import { ID } from '../store/ids.ts';
import { readJson, unfitting } from './ask.ts';
import { readBody } from './body.ts';
import { answerJson, type Desk, type Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { JSON_MEDIA, mediaTypeOf, queryOf } from './guard.ts';
import type { Caller } from './keys.ts';
import { Problem } from './problems.ts';

/** A reason has 300 characters. */
const MOST_BYTES = 8 * 1024;

/** GET /v1/receipts/{id}: a receipt, with what was done since. */
export async function readReceipt(gateway: Gateway, exchange: Exchange, id: string): Promise<void> {
  queryOf(exchange.req, []);
  answerJson(exchange, await receiptFor(gateway, exchange.caller, id));
}

/** POST /v1/receipts/{id}/disposition: what was then done. The same once more changes nothing. */
export async function dispose(desk: Desk, gateway: Gateway, exchange: Exchange, id: string): Promise<void> {
  const { req, caller } = exchange;
  mediaTypeOf(req, JSON_MEDIA);
  queryOf(req, []);
  const disposition = readDisposition(await readBody(desk, exchange, MOST_BYTES), gateway.clock());
  await receiptFor(gateway, caller, id);
  const { recorder } = await gateway.records();
  const receipt = await recorder.addDisposition(id, disposition);
  if (receipt === undefined) throw none();
  answerJson(exchange, receipt);
}

/** A hundred receipts of the largest kind. */
const MOST_HANDED_IN = 1024 * 1024;
const MOST_AT_ONCE = 100;
const HANDED_IN_JSON = { depth: 8, items: 100_000 };

/** POST /v1/receipts: receipts of verdicts that a device gave by itself. What does not fit is named and holds up nothing else. */
export async function takeReceipts(desk: Desk, gateway: Gateway, exchange: Exchange): Promise<void> {
  const { req, caller } = exchange;
  mediaTypeOf(req, JSON_MEDIA);
  queryOf(req, []);
  const receipts = handedIn(readJson(await readBody(desk, exchange, MOST_HANDED_IN), HANDED_IN_JSON));
  const { recorder } = await gateway.records();
  const { federation, environment } = gateway.federation().manifest;
  const answer: { taken: string[]; refused: { id: string; at: string; detail: string }[] } = { taken: [], refused: [] };
  for (const receipt of receipts) {
    const { id, region, purpose } = receipt;
    try {
      if (caller.regions?.has(region) === false || caller.purposes?.has(purpose) === false)
        throw new RecordError('/region', 'not for this key');
      if (receipt.federation !== federation) throw new RecordError('/federation', 'another federation');
      if (receipt.environment !== environment) throw new RecordError('/environment', 'another environment');
      await recorder.take(receipt, caller.id);
      answer.taken.push(id);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      answer.refused.push({ id, at: error.at, detail: error.message });
    }
  }
  answerJson(exchange, answer);
}

/** Only how many there are is looked at here: each is judged by itself. Errors: Problem `invalid-ask`. */
function handedIn(value: unknown): readonly Receipt[] {
  const { receipts } = (value ?? {}) as { receipts?: unknown };
  if (!Array.isArray(receipts) || receipts.length === 0 || receipts.length > MOST_AT_ONCE)
    throw new Problem('invalid-ask', `1 to ${MOST_AT_ONCE} receipts are expected`, { at: '/receipts' });
  const named = receipts.findIndex((each) => typeof each?.id !== 'string' || !ID.test(each.id));
  if (named >= 0) throw new Problem('invalid-ask', 'a receipt without an id', { at: `/receipts/${named}/id` });
  return receipts as Receipt[];
}

/** GET /v1/receipt-log/head: for whoever keeps it. Of what was recorded it says nothing but how much there is. */
export async function readLogHead(gateway: Gateway, exchange: Exchange): Promise<void> {
  queryOf(exchange.req, []);
  const { receiptLog } = await gateway.records();
  const head = await receiptLog.head();
  if (head === undefined) throw new Problem('nothing-yet', 'no receipt has been entered yet');
  answerJson(exchange, head);
}

/** A receipt of a region or purpose that the caller may not ask for is none to it: its id may have been guessed or passed on. */
async function receiptFor(gateway: Gateway, caller: Caller, id: string): Promise<Receipt> {
  const { recorder } = await gateway.records();
  const receipt = await recorder.findReceipt(id);
  if (receipt === undefined || !mayRead(caller, receipt)) throw none();
  return receipt;
}

/** Whether the receipt is of a region and purpose that the caller may ask for. */
export const mayRead = ({ regions, purposes }: Caller, { region, purpose }: Receipt): boolean =>
  regions?.has(region) !== false && purposes?.has(purpose) !== false;

const none = (): Problem => new Problem('no-such-record', 'there is no such receipt');

function readDisposition(bytes: Uint8Array, now: number): DispositionInput {
  const value = readJson(bytes);
  if (typeof value !== 'object' || value === null) throw new Problem('invalid-ask', 'an object is expected');
  const disposition = { at: instantOf(now), ...value };
  if (!validateDisposition(disposition)) {
    const [error] = validateDisposition.errors ?? [];
    throw unfitting('invalid-ask', error, 'disposition.schema.json');
  }
  if (!exists(disposition.at)) throw new Problem('invalid-ask', 'not a moment of the calendar', { at: '/at' });
  return disposition as unknown as DispositionInput;
}
