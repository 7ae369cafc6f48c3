import type { Transaction } from 'kysely';
import { joinBytes } from '../codec/bytes.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { LogHead } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { Backend } from './backend.ts';
import type { Attempt } from './error.ts';
import { timeOf } from './ids.ts';
import type { LogHeadRow, Tables } from './tables.ts';

/** What does not fit in the log. `head`: the number of the stretch; `receipt`: its id. */
export interface LogFault {
  readonly code: LogFaultCode;
  readonly head?: number;
  readonly receipt?: string;
}

/**
 * `head-altered`: a head is not made of what it says, or of the one before it. `entries-altered`: the entries of a stretch are not
 * those of its head. `receipt-altered`, `receipt-gone`: a receipt, or what was done after it, is not what was entered; it was
 * removed before its time. `receipt-not-entered`: it does not stand in the log, nor wait for it. `other-head`: a head that somebody
 * kept is not the log's.
 */
export type LogFaultCode =
  | 'head-altered'
  | 'entries-altered'
  | 'receipt-altered'
  | 'receipt-gone'
  | 'receipt-not-entered'
  | 'other-head';

export interface LogChecked {
  readonly head: LogHead | undefined;
  /** How many receipts and dispositions were compared with what was entered. */
  readonly compared: number;
  /** How many of those entered are gone because their time was over, and before when that is, epoch ms; 0 for none. */
  readonly removed: number;
  readonly removedBefore: number;
  /** How many have been recorded and are not entered yet. */
  readonly waiting: number;
  /** The first of them; empty if all is as it was. */
  readonly faults: readonly LogFault[];
}

/**
 * The log of receipts and of what was done after them: whoever kept a head can tell later whether anything before it was changed,
 * removed or slipped in, also by whoever has the whole database in hand. Each stretch of it has a head, which is a digest (SM3) of
 * its entries and of the head before. It holds ids and digests, and nothing of what they are about. Errors of all: StoreError.
 */
export interface ReceiptLog {
  /** Enters what waits, at most `most` at a time (1,000 if absent), as a new stretch. In: epoch ms. Out: its head; undefined if nothing waits. */
  extend(now: number, most?: number): Promise<LogHead | undefined>;
  /** The newest; undefined where nothing was entered yet. */
  head(): Promise<LogHead | undefined>;
  /** Compares everything with everything. In: heads by number that somebody kept elsewhere. Long for a long log; memory stays small. */
  check(kept?: ReadonlyMap<number, string>): Promise<LogChecked>;
}

/** Receipts that are looked at together: a thousand of the longest take two megabytes. */
const TOGETHER = 1_000;
const HEADS_TOGETHER = 200;
const MOST_FAULTS = 20;

interface Entered {
  readonly receipt_id: string;
  /** 0 for the receipt itself; else which disposition. */
  readonly number: number;
}

export function receiptLogOf(backend: Backend, attempt: Attempt): ReceiptLog {
  const { db } = backend;

  const extend: ReceiptLog['extend'] = (now, most = TOGETHER) =>
    attempt(() =>
      db.transaction().execute(async (tx) => {
        // One process at a time: each head is made of the one before.
        await backend.lock(tx);
        const waiting = await tx
          .selectFrom('log_waiting')
          .selectAll()
          .orderBy('receipt_id')
          .orderBy('number')
          .limit(most)
          .execute();
        if (waiting.length === 0) return undefined;
        const texts = await textsOf(tx, waiting);
        // What was removed before it was entered needs no entry.
        const found = waiting.filter((each) => texts.has(nameOf(each)));
        // Few have more than one or two dispositions.
        for (const [number, rows] of Map.groupBy(waiting, (row) => row.number)) {
          const those = rows.map(({ receipt_id }) => receipt_id);
          const its = tx.deleteFrom('log_waiting').where('number', '=', number);
          await its.where('receipt_id', 'in', those).execute();
        }
        if (found.length === 0) return undefined;
        const entries = found.map((each) => ({ ...each, digest: entryDigest(each, texts.get(nameOf(each))!) }));
        const last = await lastHead(tx);
        const head = headOf({
          number: (last?.number ?? 0) + 1,
          at: Math.max(now, last?.at ?? 0),
          entries: entries.length,
          digest: digestOfEntries(entries),
          before: last?.head ?? '',
        });
        await tx.insertInto('log_heads').values(head).execute();
        await tx
          .insertInto('log_entries')
          .values(entries.map(({ receipt_id, number, digest }) => ({ receipt_id, number, digest, head: head.number })))
          .execute();
        return toldOf(head);
      }),
    );

  const check: ReceiptLog['check'] = async (kept = new Map()) => {
    const faults: LogFault[] = [];
    const fault = (code: LogFaultCode, about: Omit<LogFault, 'code'>): void => {
      if (faults.length < MOST_FAULTS) faults.push({ code, ...about });
    };
    const { since } = await attempt(() => db.selectFrom('kept_since').select('since').executeTakeFirstOrThrow());
    const removedBefore = Number(since);
    const unseen = new Map(kept);
    let compared = 0;
    let removed = 0;
    let before: LogHeadRow | undefined;
    for (;;) {
      const heads = await attempt(() =>
        db
          .selectFrom('log_heads')
          .selectAll()
          .where('number', '>', before?.number ?? 0)
          .orderBy('number')
          .limit(HEADS_TOGETHER)
          .execute(),
      );
      if (heads.length === 0) break;
      for (const row of heads) {
        const head = numbersOf(row);
        const { number, at, entries, digest } = head;
        const made = headOf({ number, at, entries, digest, before: before?.head ?? '' });
        if (number !== (before?.number ?? 0) + 1 || made.before !== head.before || made.head !== head.head)
          fault('head-altered', { head: number });
        if ((unseen.get(number) ?? head.head) !== head.head) fault('other-head', { head: number });
        unseen.delete(number);
        before = head;
        const its = await attempt(() => entriesOf(number));
        // Entries go when the time of their receipts is over (retention.ts); their heads stay.
        if (its.length === 0 && at < removedBefore) {
          removed += entries;
          continue;
        }
        if (its.length !== entries || digestOfEntries(its) !== digest) fault('entries-altered', { head: number });
        const texts = await attempt(() => textsOf(db, its));
        for (const entry of its) {
          const text = texts.get(nameOf(entry));
          compared += text === undefined ? 0 : 1;
          if (text !== undefined && entryDigest(entry, text) === entry.digest) continue;
          const isOver = text === undefined && timeOf(entry.receipt_id) < removedBefore;
          if (isOver) removed += 1;
          else
            fault(text === undefined ? 'receipt-gone' : 'receipt-altered', { receipt: entry.receipt_id, head: number });
        }
      }
    }
    for (const number of unseen.keys()) fault('other-head', { head: number });
    for (const receipt of await attempt(() => notEntered(removedBefore))) fault('receipt-not-entered', { receipt });
    const { count } = await attempt(() =>
      db
        .selectFrom('log_waiting')
        .select(({ fn }) => fn.countAll().as('count'))
        .executeTakeFirstOrThrow(),
    );
    const head = before && toldOf(before);
    return { head, compared, removed, removedBefore, waiting: Number(count), faults };
  };

  const entriesOf = (head: number) =>
    db
      .selectFrom('log_entries')
      .selectAll()
      .where('head', '=', head)
      .orderBy('receipt_id')
      .orderBy('number')
      .execute()
      .then((rows) => rows.map((row) => ({ ...row, number: Number(row.number) })));

  /** Receipts and dispositions that are neither entered nor waiting; the first few. */
  async function notEntered(from: number): Promise<Set<string>> {
    const receipts = db
      .selectFrom('receipts as one')
      .select('one.id as id')
      .where('one.at', '>=', from)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('log_entries as entry')
              .select('entry.head')
              .whereRef('entry.receipt_id', '=', 'one.id')
              .where('entry.number', '=', 0),
          ),
        ),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('log_waiting as waiting')
              .select('waiting.number')
              .whereRef('waiting.receipt_id', '=', 'one.id')
              .where('waiting.number', '=', 0),
          ),
        ),
      );
    const dispositions = db
      .selectFrom('dispositions as one')
      .innerJoin('receipts as its', 'its.id', 'one.receipt_id')
      .select('one.receipt_id as id')
      .where('its.at', '>=', from)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('log_entries as entry')
              .select('entry.head')
              .whereRef('entry.receipt_id', '=', 'one.receipt_id')
              .whereRef('entry.number', '=', 'one.number'),
          ),
        ),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('log_waiting as waiting')
              .select('waiting.number')
              .whereRef('waiting.receipt_id', '=', 'one.receipt_id')
              .whereRef('waiting.number', '=', 'one.number'),
          ),
        ),
      );
    const rows = [
      ...(await receipts.limit(MOST_FAULTS).execute()),
      ...(await dispositions.limit(MOST_FAULTS).execute()),
    ];
    return new Set(rows.map(({ id }) => id));
  }

  return {
    extend,
    check,
    head: () => attempt(() => lastHead(db)).then((row) => row && toldOf(row)),
  };
}

type Reads = Pick<Backend['db'] | Transaction<Tables>, 'selectFrom'>;

async function lastHead(db: Reads): Promise<LogHeadRow | undefined> {
  const row = await db.selectFrom('log_heads').selectAll().orderBy('number', 'desc').limit(1).executeTakeFirst();
  return row && numbersOf(row);
}

/** A driver may give large whole numbers as texts. */
const numbersOf = (row: LogHeadRow): LogHeadRow => ({
  ...row,
  number: Number(row.number),
  at: Number(row.at),
  entries: Number(row.entries),
});

/** What was recorded, to the letter as it stands in the tables, by name. */
async function textsOf(db: Reads, entries: readonly Entered[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const ids = (those: readonly Entered[]): string[] => [...new Set(those.map(({ receipt_id }) => receipt_id))];
  const made = ids(entries.filter(({ number }) => Number(number) === 0));
  if (made.length > 0) {
    const rows = await db.selectFrom('receipts').select(['id', 'receipt']).where('id', 'in', made).execute();
    for (const { id, receipt } of rows) texts.set(nameOf({ receipt_id: id, number: 0 }), receipt);
  }
  const done = ids(entries.filter(({ number }) => Number(number) !== 0));
  if (done.length > 0) {
    const rows = await db.selectFrom('dispositions').selectAll().where('receipt_id', 'in', done).execute();
    for (const row of rows) texts.set(nameOf(row), row.disposition);
  }
  return texts;
}

const nameOf = ({ receipt_id, number }: Entered): string => `${receipt_id} ${number}`;

const sm3 = (octets: Uint8Array): string => encodeHex(nodePlatform.digest('SM3', octets));

/** SM3(id ‖ LF ‖ number ‖ LF ‖ text), UTF-8. */
const entryDigest = ({ receipt_id, number }: Entered, text: string): string =>
  sm3(encodeUtf8(`${receipt_id}\n${number}\n${text}`));

/** SM3 over the digests of a stretch, one behind the other, by id and number. */
const digestOfEntries = (entries: readonly { readonly digest: string }[]): string =>
  sm3(joinBytes(entries.map(({ digest }) => decodeHex(digest))));

/** SM3 over what the head says, line by line, and the head before it. */
function headOf(of: Omit<LogHeadRow, 'head'>): LogHeadRow {
  const { number, at, entries, digest, before } = of;
  return { ...of, head: sm3(encodeUtf8(`${number}\n${instantOf(at)}\n${entries}\n${digest}\n${before}`)) };
}

const toldOf = ({ at, ...head }: LogHeadRow): LogHead => ({ ...head, at: instantOf(at) });
