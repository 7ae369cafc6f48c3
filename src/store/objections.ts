import { sql } from 'kysely';
import type { Notice, Objection } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { Backend } from './backend.ts';
import { type Attempt, unlessThere } from './error.ts';
import { outboxRow } from './notices.ts';
import type { ObjectionRow } from './tables.ts';

/** How many objections there were about a region's documents, at which region, and what became of them. */
export interface ObjectionCount {
  readonly issuingRegion: string;
  readonly verifyingRegion: string;
  readonly state: Objection['state'];
  readonly count: number;
}

export type Decision = 'upheld' | 'rejected' | 'corrected';

/** Objections that were filed here, or that reached this region. Errors of all: StoreError. */
export interface Objections {
  /** Files it, and tells the issuing region, in one step. Out: false if it is there already. */
  file(objection: Objection, notices: readonly Notice[]): Promise<boolean>;
  find(id: string, now: number): Promise<Objection | undefined>;
  /** Not answered yet, on the same receipt and ground, of the region that gave the verdict: others may name our receipts too. */
  open(
    receipt: string,
    ground: Objection['ground'],
    verifyingRegion: string,
    now: number,
  ): Promise<Objection | undefined>;
  /** Those about some regions' documents that wait for an answer, the oldest first. Each verifying region has its share of them. */
  waitingFor(issuingRegions: readonly string[], now: number, limit: number): Promise<Objection[]>;
  delivered(id: string): Promise<void>;
  /** Out: false if there is none, or it was answered before: the first answer holds. */
  answer(id: string, decision: Decision, at: number, notices: readonly Notice[]): Promise<boolean>;
  statistics(now: number): Promise<ObjectionCount[]>;
}

const ANSWERED: readonly string[] = ['upheld', 'rejected', 'corrected'];

export function objectionsOf({ db }: Backend, attempt: Attempt): Objections {
  const all = () => db.selectFrom('objections').selectAll();
  return {
    file: (objection, notices) =>
      unlessThere(() =>
        attempt(() =>
          db.transaction().execute(async (tx) => {
            await tx.insertInto('objections').values(rowOf(objection)).execute();
            for (const notice of notices) await tx.insertInto('outbox').values(outboxRow(notice)).execute();
          }),
        ),
      ),

    find: async (id, now) => {
      const row = await attempt(() => all().where('id', '=', id).executeTakeFirst());
      return row && objectionOf(row, now);
    },

    async open(receipt, ground, region, now) {
      const waiting = all().where('receipt', '=', receipt).where('answered_at', 'is', null);
      const rows = await attempt(() => waiting.where('verifying_region', '=', region).execute());
      return rows.map((row) => objectionOf(row, now)).find((each) => each.ground === ground);
    },

    async waitingFor(issuingRegions, now, limit) {
      const query = all().where('issuing_region', 'in', issuingRegions).where('answered_at', 'is', null);
      const by = query.clearSelect().select('verifying_region').distinct();
      const regions = (await attempt(() => by.execute())).map((row) => row.verifying_region);
      const each = Math.max(1, Math.floor(limit / regions.length));
      const rows: ObjectionRow[] = [];
      for (const region of regions) {
        const its = query.where('verifying_region', '=', region).orderBy('due_at').orderBy('id').limit(each);
        rows.push(...(await attempt(() => its.execute())));
      }
      const due = rows.sort((one, other) => one.due_at - other.due_at || (one.id < other.id ? -1 : 1));
      return due.slice(0, limit).map((row) => objectionOf(row, now));
    },

    delivered: (id) =>
      attempt(async () => {
        const filed = db.updateTable('objections').set({ state: 'delivered' }).where('id', '=', id);
        await filed.where('state', '=', 'filed').execute();
      }),

    answer: (id, decision, at, notices) =>
      attempt(() =>
        db.transaction().execute(async (tx) => {
          const { numUpdatedRows } = await tx
            .updateTable('objections')
            .set({ state: decision, answered_at: at })
            .where('id', '=', id)
            .where('answered_at', 'is', null)
            .executeTakeFirst();
          if (numUpdatedRows === 0n) return false;
          for (const notice of notices) await tx.insertInto('outbox').values(outboxRow(notice)).execute();
          return true;
        }),
      ),

    async statistics(now) {
      const query = db
        .selectFrom('objections')
        .select(['issuing_region', 'verifying_region', 'state'])
        .select(({ fn }) => fn.countAll().as('count'))
        .select(sql<number>`sum(case when due_at < ${now} then 1 else 0 end)`.as('late'))
        .groupBy(['issuing_region', 'verifying_region', 'state'])
        .orderBy('issuing_region')
        .orderBy('verifying_region')
        .orderBy('state');
      const rows = await attempt(() => query.execute());
      const counts = new Map<string, ObjectionCount>();
      const add = (row: Omit<ObjectionCount, 'count'>, count: number): void => {
        if (count === 0) return;
        const key = `${row.issuingRegion} ${row.verifyingRegion} ${row.state}`;
        counts.set(key, { ...row, count: (counts.get(key)?.count ?? 0) + count });
      };
      for (const { issuing_region: issuingRegion, verifying_region: verifyingRegion, state, count, late } of rows) {
        const pair = { issuingRegion, verifyingRegion };
        const overdue = ANSWERED.includes(state) ? 0 : Number(late);
        add({ ...pair, state: state as Objection['state'] }, Number(count) - overdue);
        add({ ...pair, state: 'overdue' }, overdue);
      }
      return [...counts.values()];
    },
  };
}

const rowOf = (objection: Objection): ObjectionRow => ({
  id: objection.id,
  at: Date.parse(objection.at),
  due_at: Date.parse(objection.due),
  answered_at: null,
  verifying_region: objection.verifyingRegion,
  issuing_region: objection.issuingRegion,
  receipt: objection.receipt,
  state: objection.state,
  objection: JSON.stringify(objection),
});

/** As it stands now: whether an answer is overdue is not written down, it is so. */
function objectionOf(row: ObjectionRow, now: number): Objection {
  const filed = JSON.parse(row.objection) as Objection;
  if (ANSWERED.includes(row.state))
    return { ...filed, state: row.state as Decision, answeredAt: instantOf(row.answered_at!) };
  return { ...filed, state: Number(row.due_at) < now ? 'overdue' : (row.state as Objection['state']) };
}
