import type { Receipt } from '../document/generated/types.ts';
import { validateDisposition } from '../document/generated/validators.js';
import { exists, instantOf } from '../document/time.ts';
import type { DispositionInput } from '../record/recorder.ts';
import { readJson, sentenceOf } from './ask.ts';
import { readBody } from './body.ts';
import { answerJson, type Desk, type Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { mediaTypeOf, queryOf } from './guard.ts';
import type { Caller } from './keys.ts';
import { Problem } from './problems.ts';

export const DISPOSITION_MEDIA = ['application/json'];
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
  mediaTypeOf(req, DISPOSITION_MEDIA);
  queryOf(req, []);
  const disposition = readDisposition(await readBody(desk, exchange, MOST_BYTES), gateway.clock());
  await receiptFor(gateway, caller, id);
  const { recorder } = await gateway.records();
  const receipt = await recorder.addDisposition(id, disposition);
  if (receipt === undefined) throw none();
  answerJson(exchange, receipt);
}

/** A receipt of a region or purpose that the caller may not ask for is none to it: its id may have been guessed or passed on. */
async function receiptFor(gateway: Gateway, { regions, purposes }: Caller, id: string): Promise<Receipt> {
  const { recorder } = await gateway.records();
  const receipt = await recorder.findReceipt(id);
  if (receipt === undefined) throw none();
  if (regions?.has(receipt.region) === false || purposes?.has(receipt.purpose) === false) throw none();
  return receipt;
}

const none = (): Problem => new Problem('not-found', 'there is no such receipt');

function readDisposition(bytes: Uint8Array, now: number): DispositionInput {
  const value = readJson(bytes);
  if (typeof value !== 'object' || value === null) throw new Problem('invalid-ask', 'an object is expected');
  const disposition = { at: instantOf(now), ...value };
  if (!validateDisposition(disposition)) {
    const [error] = validateDisposition.errors ?? [];
    throw new Problem('invalid-ask', sentenceOf(error, 'disposition.schema.json'), { at: error?.instancePath ?? '' });
  }
  if (!exists(disposition.at)) throw new Problem('invalid-ask', 'not a moment of the calendar', { at: '/at' });
  return disposition as unknown as DispositionInput;
}
