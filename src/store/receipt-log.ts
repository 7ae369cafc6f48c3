import type { LogHead } from '../document/generated/types.ts';
import type { Backend } from './backend.ts';
import type { Attempt } from './error.ts';
import { type KeptHead, type LogChecked, logCheckOf } from './receipt-log-check.ts';
import {
  digestOfEntries,
  entered,
  entryDigest,
  headOf,
  nameOf,
  numbersOf,
  type Reads,
  TOGETHER,
  textsOf,
  toldOf,
} from './receipt-log-entries.ts';
import type { LogHeadRow } from './tables.ts';

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
  /**
   * Compares everything with everything, also while receipts are recorded, entered and removed. In: heads that somebody kept elsewhere;
   * the latest time before which a gateway may have removed anything, epoch ms. Long for a long log; memory stays small.
   */
  check(kept?: readonly KeptHead[], latestLine?: number): Promise<LogChecked>;
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
          .limit(Math.min(most, TOGETHER))
          .execute();
        if (waiting.length === 0) return undefined;
        const texts = await textsOf(tx, waiting);
        // What was removed before it was entered needs no entry; what is entered already may not hold up the rest.
        const there = await entered(tx, waiting);
        const found = waiting.filter((each) => texts.has(nameOf(each)) && !there.has(nameOf(each)));
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

  return {
    extend,
    check: logCheckOf(backend, attempt),
    head: () => attempt(() => lastHead(db)).then((row) => row && toldOf(row)),
  };
}

async function lastHead(db: Reads): Promise<LogHeadRow | undefined> {
  const row = await db.selectFrom('log_heads').selectAll().orderBy('number', 'desc').limit(1).executeTakeFirst();
  return row && numbersOf(row);
}
