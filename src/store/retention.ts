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
}

export function retentionOf({ db }: Backend, attempt: Attempt): Retention {
  return {
    remove: (before, limit = 1_000) =>
      attempt(() =>
        db.transaction().execute(async (tx) => {
          await tx.updateTable('kept_since').set({ since: before }).where('since', '<', before).execute();
          // An id begins with its time.
          const receipts = tx.selectFrom('receipts').select('id').where('id', '<', firstIdAt(before));
          const ids = (await receipts.orderBy('id').limit(limit).execute()).map(({ id }) => id);
          if (ids.length > 0) {
            await tx.deleteFrom('dispositions').where('receipt_id', 'in', ids).execute();
            await tx.deleteFrom('receipts').where('id', 'in', ids).execute();
          }
          const told = tx.selectFrom('traces').select(['sender', 'id']).where('arrived', '<', before);
          const traces = await told.orderBy('arrived').limit(limit).execute();
          for (const [sender, rows] of Map.groupBy(traces, (row) => row.sender)) {
            const its = tx.deleteFrom('traces').where('sender', '=', sender);
            await its
              .where(
                'id',
                'in',
                rows.map(({ id }) => id),
              )
              .execute();
          }
          // By our own clock: another region's objection has the id that it gave it.
          const old = tx.selectFrom('objections').select('id').where('due_at', '<', before);
          const objections = (await old.orderBy('due_at').limit(limit).execute()).map(({ id }) => id);
          if (objections.length > 0) await tx.deleteFrom('objections').where('id', 'in', objections).execute();
          return ids.length + traces.length + objections.length;
        }),
      ),
  };
}
