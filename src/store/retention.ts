import type { Backend } from './backend.ts';
import type { Attempt } from './error.ts';
import { firstIdAt } from './ids.ts';

/** What may never be changed, and is removed when the operator's time for it is over. Errors: StoreError. */
export interface Retention {
  /**
   * Removes receipts with what was done after them, uses that were told, and objections, of before a time (epoch ms). The database
   * refuses to remove what is newer than the latest time that was ever given. At most `limit` of each, 1,000 if absent. Out: how many.
   */
  remove(before: number, limit?: number): Promise<number>;
  /**
   * Removes log entries of what was removed of before a time (receipt-log.ts), of a few stretches: never those of a receipt that is
   * still there, whatever clock its id is by. Out: how many.
   */
  removeEntries(before: number): Promise<number>;
}

/** A stretch has a thousand entries at most. */
const STRETCHES = 10;

export function retentionOf({ db }: Backend, attempt: Attempt): Retention {
  return {
    remove: (before, limit = 1_000) =>
      attempt(() =>
        db.transaction().execute(async (tx) => {
          await tx.updateTable('kept_since').set({ since: before }).where('since', '<', before).execute();
          // Of two processes that remove at once, each tells what went by its own hand.
          let removed = 0n;
          // An id begins with its time.
          const receipts = tx.selectFrom('receipts').select('id').where('id', '<', firstIdAt(before));
          const ids = (await receipts.orderBy('id').limit(limit).execute()).map(({ id }) => id);
          if (ids.length > 0) {
            await tx.deleteFrom('log_waiting').where('receipt_id', 'in', ids).execute();
            await tx.deleteFrom('dispositions').where('receipt_id', 'in', ids).execute();
            removed += (await tx.deleteFrom('receipts').where('id', 'in', ids).executeTakeFirst()).numDeletedRows;
          }
          const told = tx.selectFrom('traces').select(['sender', 'id']).where('arrived', '<', before);
          const traces = await told.orderBy('arrived').limit(limit).execute();
          for (const [sender, rows] of Map.groupBy(traces, (row) => row.sender)) {
            const its = tx.deleteFrom('traces').where('sender', '=', sender);
            const found = rows.map(({ id }) => id);
            removed += (await its.where('id', 'in', found).executeTakeFirst()).numDeletedRows;
          }
          // By our own clock: another region's objection has the id that it gave it.
          const old = tx.selectFrom('objections').select('id').where('due_at', '<', before);
          const objections = (await old.orderBy('due_at').limit(limit).execute()).map(({ id }) => id);
          if (objections.length > 0) {
            const its = tx.deleteFrom('objections').where('id', 'in', objections);
            removed += (await its.executeTakeFirst()).numDeletedRows;
          }
          return Number(removed);
        }),
      ),
    removeEntries: (before) =>
      attempt(() =>
        db.transaction().execute(async (tx) => {
          const { first } = await tx
            .selectFrom('log_entries')
            .select(({ fn }) => fn.min('head').as('first'))
            .executeTakeFirstOrThrow();
          if (first === null) return 0;
          const from = Number(first);
          const { oldest } = await tx
            .selectFrom('receipts')
            .select(({ fn }) => fn.min('id').as('oldest'))
            .executeTakeFirstOrThrow();
          const line = firstIdAt(before);
          const kept = oldest !== null && oldest < line ? oldest : line;
          const over = await tx
            .selectFrom('log_heads')
            .select('number')
            .where('number', '>=', from)
            .where('number', '<', from + STRETCHES)
            .where('at', '<', before)
            .where(({ not, exists, selectFrom }) =>
              not(
                exists(
                  selectFrom('log_entries')
                    .select('head')
                    .whereRef('head', '=', 'log_heads.number')
                    .where('receipt_id', '>=', kept),
                ),
              ),
            )
            .execute();
          if (over.length === 0) return 0;
          const heads = over.map(({ number }) => number);
          const its = tx.deleteFrom('log_entries').where('head', 'in', heads);
          return Number((await its.executeTakeFirst()).numDeletedRows);
        }),
      ),
  };
}
