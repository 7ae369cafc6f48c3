import type { Receipt, RecordAsk, Verdict } from '../document/generated/types.ts';
import type { RecordContext } from '../record/receipt.ts';
import { type Asked, faultOfRecord, unfitting } from './ask.ts';
import { mayUse } from './door.ts';
import type { RequestHead } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import type { Caller } from './keys.ts';
import type { Asker, Judged } from './verifier.ts';

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
const WHO_HEADERS = Object.entries(WHO).map(([member, name]) => [member, name.toLowerCase()] as const);

/** Errors: Problem `invalid-header`; nothing is echoed, for it may be a name. */
export function wishOf({ headers }: RequestHead): RecordWish {
  const who: RecordAsk = {};
  let said = false;
  for (const [member, name] of WHO_HEADERS) {
    const value = headers[name];
    if (value === undefined) continue;
    who[member as keyof RecordAsk] = String(value);
    said = true;
  }
  const error = said ? faultOfRecord(who) : undefined;
  if (error !== undefined) {
    const at = WHO[error.instancePath.slice('/record/'.length) as keyof RecordAsk];
    throw unfitting('invalid-header', error, 'receipt.schema.json', at);
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
export function whoAsks({ preferred, who }: RecordWish, asked: Asked, caller: Caller): RecordContext | undefined {
  if (!preferred && asked.record === undefined) return undefined;
  mayUse(caller, 'record');
  return { ...who, ...asked.record, caller: caller.id };
}

/** Who asks, and where the document is shown: what is to be recorded says it too, and goes before the head. */
export const askerOf = ({ who }: RecordWish, caller: Caller, asked?: Asked): Asker => ({
  caller,
  checkpoint: asked?.record?.checkpoint ?? who.checkpoint,
});

/**
 * Records a verdict before it is given. Errors: StoreError, and then the verdict must not be given: what is to leave a trace
 * may not be done without.
 */
export async function record(
  gateway: Gateway,
  { verdict, input }: Pick<Judged, 'verdict' | 'input'>,
  who: RecordContext,
): Promise<Recorded> {
  const { recorder } = await gateway.records();
  return { verdict, receipt: await recorder.record(verdict, input, who) };
}
