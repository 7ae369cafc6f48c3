import type { Transaction } from 'kysely';
import { encodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { LogHead } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { Backend } from './backend.ts';
import type { LogHeadRow, Tables } from './tables.ts';

// What the log of receipts (receipt-log.ts) is made of: entries of rows, and heads of entries.

/** Entries of a stretch at most, and what is looked at together: a thousand of the longest take two megabytes. */
export const TOGETHER = 1_000;

export interface Entered {
  readonly receipt_id: string;
  /** 0 for the receipt itself; else which disposition. */
  readonly number: number;
}

export type Reads = Pick<Backend['db'] | Transaction<Tables>, 'selectFrom'>;

/** A driver may give large whole numbers as texts. */
export const numbersOf = (row: LogHeadRow): LogHeadRow => ({
  ...row,
  number: Number(row.number),
  at: timeIn(Number(row.at)),
  entries: Number(row.entries),
});

/** 0 for what is no time of an id: whoever writes it into the database does not keep others from reading on. */
export const timeIn = (ms: number): number => (Number.isInteger(ms) && ms >= 0 && ms < 2 ** 48 ? ms : 0);

/** What is entered of a receipt's row behind its time, in this order: what is searched by as well. */
const OF_RECEIPT = [
  'case_code',
  'checkpoint',
  'officer',
  'business_code',
  'outcome',
  'issuing_region',
  'document_type',
  'format',
  'receipt',
] as const;

/** What was recorded, to the letter as it stands in the tables, by name. */
export async function textsOf(db: Reads, entries: readonly Entered[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  // A second row of the same name, where a table lets it in, makes another text.
  const set = (name: string, row: readonly unknown[]): void => {
    texts.set(name, (texts.get(name) ?? '') + JSON.stringify(row));
  };
  const made = idsOf(entries.filter(({ number }) => number === 0));
  if (made.length > 0) {
    const query = db.selectFrom('receipts').select(['id', 'at', ...OF_RECEIPT]);
    for (const row of await query.where('id', 'in', made).execute())
      set(nameOf({ receipt_id: row.id, number: 0 }), [Number(row.at), ...OF_RECEIPT.map((each) => row[each])]);
  }
  const done = idsOf(entries.filter(({ number }) => number !== 0));
  if (done.length > 0) {
    const query = db.selectFrom('dispositions').selectAll();
    for (const row of await query.where('receipt_id', 'in', done).where('number', '!=', 0).execute())
      set(nameOf(row), [Number(row.at), row.disposition]);
  }
  return texts;
}

/** Names of those that have an entry. */
export async function entered(db: Reads, those: readonly Entered[]): Promise<Set<string>> {
  const query = db.selectFrom('log_entries').select(['receipt_id', 'number']);
  return new Set((await query.where('receipt_id', 'in', idsOf(those)).execute()).map(nameOf));
}

const idsOf = (those: readonly Entered[]): string[] => [...new Set(those.map(({ receipt_id }) => receipt_id))];

export const nameOf = ({ receipt_id, number }: Entered): string => `${receipt_id} ${number}`;

const sm3 = (octets: Uint8Array): string => encodeHex(nodePlatform.digest('SM3', octets));

/** SM3(id ‖ LF ‖ number ‖ LF ‖ text), UTF-8; the text is the row as a JSON array. */
export const entryDigest = ({ receipt_id, number }: Entered, text: string): string =>
  sm3(encodeUtf8(`${receipt_id}\n${number}\n${text}`));

/**
 * SM3 over a line for each entry of a stretch, id ‖ SP ‖ number ‖ SP ‖ digest ‖ LF, sorted as texts. What is gone is known by its id alone,
 * so that is bound here as well.
 */
export const digestOfEntries = (entries: readonly (Entered & { readonly digest: string })[]): string =>
  sm3(
    encodeUtf8(
      entries
        .map((entry) => `${nameOf(entry)} ${entry.digest}\n`)
        .sort()
        .join(''),
    ),
  );

/** SM3 over what the head says, line by line, and the head before it. */
export function headOf(of: Omit<LogHeadRow, 'head'>): LogHeadRow {
  const { number, at, entries, digest, before } = of;
  return { ...of, head: sm3(encodeUtf8(`${number}\n${instantOf(at)}\n${entries}\n${digest}\n${before}`)) };
}

export const toldOf = ({ at, ...head }: LogHeadRow): LogHead => ({ ...head, at: instantOf(at) });
