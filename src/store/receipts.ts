import type { Disposition, Receipt } from '../document/generated/types.ts';
import type { Backend } from './backend.ts';
import { type Attempt, StoreError, unlessThere } from './error.ts';
import { grouped } from './group.ts';
import { caseCode, firstIdAt, ID, readCaseCode, timeOf } from './ids.ts';
import type { DispositionRow, ReceiptRow } from './tables.ts';

export interface ReceiptQuery {
  /** Epoch ms, inclusive. */
  readonly from?: number;
  /** Epoch ms, exclusive. */
  readonly to?: number;
  readonly checkpoint?: string;
  /** 1 … 500; 100 if absent. */
  readonly limit?: number;
  /** The id of the last receipt of the page before. */
  readonly after?: string;
}

/** The log of receipts. Rows are added and never changed. Errors: StoreError. */
export interface Receipts {
  /** Resolves when the receipt is durable. Calls made at the same time share one commit. */
  append(receipt: Receipt): Promise<void>;
  /** The same for one that may have come before, by its id. Out: false if it was there already; it is then left as it is. */
  appendOnce(receipt: Receipt): Promise<boolean>;
  find(id: string): Promise<Receipt | undefined>;
  /** By a case code as it was typed or read out. A list, as a code is not unique for ever; the newest first, at most 20. */
  findByCaseCode(typed: string): Promise<Receipt[]>;
  /** The newest first; by id, so that paging neither repeats nor skips while new ones come in. Errors: RangeError. */
  list(query: ReceiptQuery): Promise<Receipt[]>;
  /**
   * Adds what was done. What only repeats the last one, at whatever time, adds nothing: a caller that got no answer may
   * ask again. Out: false if there is no such receipt. Errors: StoreError `too-many`.
   */
  dispose(id: string, disposition: Disposition): Promise<boolean>;
  idle(): Promise<void>;
}

/** Rows in one statement: 500 × 11 parameters is below what either database takes (SQLite 32,766, PostgreSQL 65,535). */
const GROUP = { most: 500, waiting: 20_000 };
const MOST_DISPOSITIONS = 50;

export function receiptsOf({ db }: Backend, attempt: Attempt): Receipts {
  const group = grouped<Receipt, void>(async (receipts) => {
    await attempt(() => db.insertInto('receipts').values(receipts.map(rowOf)).execute());
    return receipts.map(() => undefined);
  }, GROUP);

  async function dispositions(ids: readonly string[]): Promise<DispositionRow[]> {
    if (ids.length === 0) return [];
    const query = db.selectFrom('dispositions').selectAll().where('receipt_id', 'in', ids).orderBy('number');
    return attempt(() => query.execute());
  }

  async function whole(rows: readonly Pick<ReceiptRow, 'id' | 'receipt'>[]): Promise<Receipt[]> {
    const done = Map.groupBy(await dispositions(rows.map(({ id }) => id)), ({ receipt_id }) => receipt_id);
    return rows.map(({ id, receipt }) => {
      const made = JSON.parse(receipt) as Receipt;
      const added = done.get(id)?.map(({ disposition }) => JSON.parse(disposition) as Disposition);
      return added === undefined ? made : { ...made, dispositions: added };
    });
  }

  const select = () => db.selectFrom('receipts').select(['id', 'receipt']);

  return {
    append: (receipt) => group.add(receipt),
    appendOnce: (receipt) =>
      unlessThere(() => attempt(() => db.insertInto('receipts').values(rowOf(receipt)).execute())),
    idle: () => group.idle(),

    async find(id) {
      if (!ID.test(id)) return undefined;
      const rows = await attempt(() => select().where('id', '=', id).execute());
      return (await whole(rows))[0];
    },

    async findByCaseCode(typed) {
      const code = readCaseCode(typed);
      if (code === undefined) return [];
      const query = select().where('case_code', '=', code).orderBy('id', 'desc').limit(20);
      return whole(await attempt(() => query.execute()));
    },

    async list({ from, to, checkpoint, limit = 100, after }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw new RangeError('limit: 1 to 500');
      // An id begins with its time: one index serves the period, the order and the paging.
      let query = select().orderBy('id', 'desc').limit(limit);
      if (checkpoint !== undefined) query = query.where('checkpoint', '=', checkpoint);
      if (from !== undefined) query = query.where('id', '>=', firstIdAt(from));
      if (to !== undefined) query = query.where('id', '<', firstIdAt(to));
      if (after !== undefined) {
        timeOf(after);
        query = query.where('id', '<', after);
      }
      return whole(await attempt(() => query.execute()));
    },

    async dispose(id, disposition) {
      if (!ID.test(id)) return false;
      for (;;) {
        const rows = await attempt(() => select().where('id', '=', id).execute());
        if (rows.length === 0) return false;
        const last = (await dispositions([id])).at(-1);
        if (last !== undefined && isRepeat(JSON.parse(last.disposition), disposition)) return true;
        const number = (last?.number ?? 0) + 1;
        if (number > MOST_DISPOSITIONS) throw new StoreError('too-many');
        const row = {
          receipt_id: id,
          number,
          at: Date.parse(disposition.at),
          disposition: JSON.stringify(disposition),
        };
        // Somebody else may have taken this number meanwhile: then look again.
        if (await unlessThere(() => attempt(() => db.insertInto('dispositions').values(row).execute()))) return true;
      }
    },
  };
}

const isRepeat = (last: Disposition, next: Disposition): boolean =>
  last.action === next.action && last.reason === next.reason && last.officer === next.officer;

function rowOf(receipt: Receipt): ReceiptRow {
  const { id, checkpoint, officer, businessCode, outcome, issuingRegion, documentType, format } = receipt;
  return {
    id,
    at: timeOf(id),
    case_code: caseCode(id),
    checkpoint: checkpoint ?? null,
    officer: officer ?? null,
    business_code: businessCode ?? null,
    outcome,
    issuing_region: issuingRegion ?? null,
    document_type: documentType ?? null,
    format: format ?? null,
    receipt: JSON.stringify(receipt),
  };
}
