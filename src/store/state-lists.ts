import type { Backend } from './backend.ts';
import { type Attempt, unlessThere } from './error.ts';
import type { StateListRow } from './tables.ts';

/** The newest list of states of each region and scheme. Errors of all: StoreError. */
export interface StateLists {
  /** Out: false if one of this sequence or a later one is there already; nothing is changed then. */
  keep(list: StateListRow): Promise<boolean>;
  /** Of the newest, all but its text. */
  newest(region: string, scheme: string): Promise<Omit<StateListRow, 'list'> | undefined>;
  /** The text of exactly this one. */
  text(region: string, scheme: string, sequence: number): Promise<string | undefined>;
  /** Removes those whose time is over. What stays is their number, so that no older one comes back. */
  forget(now: number): Promise<void>;
}

export function stateListsOf({ db }: Backend, attempt: Attempt): StateLists {
  const replace = ({ region, scheme, ...row }: StateListRow): Promise<boolean> =>
    attempt(async () => {
      const { numUpdatedRows } = await db
        .updateTable('state_lists')
        .set(row)
        .where('region', '=', region)
        .where('scheme', '=', scheme)
        .where('sequence', '<', row.sequence)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    });
  const insert = (row: StateListRow): Promise<boolean> =>
    unlessThere(() => attempt(() => db.insertInto('state_lists').values(row).execute()));
  return {
    // Where another process inserted the first one meanwhile, it may be older than this.
    keep: async (row) => (await replace(row)) || (await insert(row)) || replace(row),

    newest: (region, scheme) =>
      attempt(() =>
        db
          .selectFrom('state_lists')
          .select(['region', 'scheme', 'sequence', 'issued', 'until'])
          .where('region', '=', region)
          .where('scheme', '=', scheme)
          .executeTakeFirst(),
      ),

    text: (region, scheme, sequence) =>
      attempt(async () => {
        const row = await db
          .selectFrom('state_lists')
          .select('list')
          .where('region', '=', region)
          .where('scheme', '=', scheme)
          .where('sequence', '=', sequence)
          .executeTakeFirst();
        return row?.list;
      }),

    forget: (now) =>
      attempt(async () => {
        await db
          .updateTable('state_lists')
          .set({ list: '' })
          .where('until', '<=', now)
          .where('list', '!=', '')
          .execute();
      }),
  };
}
