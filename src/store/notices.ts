import type { ConsentUse, Notice } from '../document/generated/types.ts';
import type { Backend } from './backend.ts';
import { type Attempt, unlessThere } from './error.ts';
import type { OutboxRow } from './tables.ts';

/** What is to be told to other regions, and what they told. Errors of all: StoreError. */
export interface Notices {
  put(notices: readonly Notice[]): Promise<void>;
  /** Those that are due, at most `limit` for each region, and nobody else delivers until `leasedUntil`. */
  due(now: number, leasedUntil: number, limit: number): Promise<Waiting[]>;
  delivered(id: string): Promise<void>;
  failed(id: string, nextAt: number): Promise<void>;
  /** How many wait, and since when the oldest has (epoch ms). */
  waiting(): Promise<{ readonly count: number }>;
  /** Keeps a use of a consent of this region's holders. Out: false if this sender told it before. */
  keepUse(told: ToldUse, arrived: number): Promise<boolean>;
  /** The uses of a consent and who told them, the newest first, a thousand at most. */
  usesOf(consent: string, region: string): Promise<ConsentUse[]>;
}

export interface ToldUse {
  readonly sender: string;
  /** Of the notice. */
  readonly id: string;
  readonly region: string;
  readonly use: ConsentUse;
}

export interface Waiting {
  readonly notice: Notice;
  readonly attempts: number;
}

export const outboxRow = (notice: Notice): OutboxRow => ({
  id: notice.id,
  region: notice.to,
  next_at: 0,
  attempts: 0,
  notice: JSON.stringify(notice),
});

/** Of each that tells: nobody hides what others told behind his own. */
const MOST_USES = 200;

export function noticesOf({ db }: Backend, attempt: Attempt): Notices {
  return {
    put: (notices) =>
      attempt(async () => {
        if (notices.length > 0) await db.insertInto('outbox').values(notices.map(outboxRow)).execute();
      }),

    due: (now, leasedUntil, limit) =>
      attempt(async () => {
        const due = db.selectFrom('outbox').where('next_at', '<=', now);
        // The same number of each region: one that never answers takes no other's place.
        const regions = await due.select('region').distinct().execute();
        const rows = await Promise.all(
          regions.map(({ region }) =>
            due.selectAll().where('region', '=', region).orderBy('next_at').orderBy('id').limit(limit).execute(),
          ),
        );
        const got: Waiting[] = [];
        for (const { id, next_at, attempts, notice } of rows.flat()) {
          const { numUpdatedRows } = await db
            .updateTable('outbox')
            .set({ next_at: leasedUntil, attempts: attempts + 1 })
            .where('id', '=', id)
            .where('next_at', '=', next_at)
            .executeTakeFirst();
          if (numUpdatedRows > 0n) got.push({ notice: JSON.parse(notice) as Notice, attempts: attempts + 1 });
        }
        return got;
      }),

    delivered: (id) =>
      attempt(async () => {
        await db.deleteFrom('outbox').where('id', '=', id).execute();
      }),

    failed: (id, nextAt) =>
      attempt(async () => {
        await db.updateTable('outbox').set({ next_at: nextAt }).where('id', '=', id).execute();
      }),

    waiting: () =>
      attempt(async () => {
        const row = await db
          .selectFrom('outbox')
          .select(({ fn }) => fn.countAll().as('count'))
          .executeTakeFirstOrThrow();
        return { count: Number(row.count) };
      }),

    keepUse: ({ sender, id, region, use }, arrived) => {
      const row = { sender, id, region, consent: use.consent ?? '', arrived, consent_use: JSON.stringify(use) };
      return unlessThere(() => attempt(() => db.insertInto('traces').values(row).execute()));
    },

    usesOf: (consent, region) =>
      attempt(async () => {
        const found = db.selectFrom('traces').where('region', '=', region).where('consent', '=', consent);
        const rows: { sender: string; consent_use: string; arrived: number }[] = [];
        for (const { sender } of await found.select('sender').distinct().execute()) {
          const its = found.select(['sender', 'consent_use', 'arrived']).where('sender', '=', sender);
          rows.push(...(await its.orderBy('arrived', 'desc').limit(MOST_USES).execute()));
        }
        rows.sort((one, other) => other.arrived - one.arrived);
        return rows.map((row) => ({ ...(JSON.parse(row.consent_use) as ConsentUse), toldBy: row.sender }));
      }),
  };
}
