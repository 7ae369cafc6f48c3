import { sql } from 'kysely';
import type { LogHead } from '../document/generated/types.ts';
import type { Backend } from './backend.ts';
import type { Attempt } from './error.ts';
import { firstIdAt, ID, timeOf } from './ids.ts';
import {
  digestOfEntries,
  entryDigest,
  headOf,
  nameOf,
  numbersOf,
  TOGETHER,
  textsOf,
  timeIn,
  toldOf,
} from './receipt-log-entries.ts';
import type { LogHeadRow } from './tables.ts';

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
 * kept is not the log's. `line-moved`: the line before which what was recorded may be removed is where no gateway puts it.
 */
export type LogFaultCode =
  | 'head-altered'
  | 'entries-altered'
  | 'receipt-altered'
  | 'receipt-gone'
  | 'receipt-not-entered'
  | 'other-head'
  | 'line-moved';

export interface LogChecked {
  readonly head: LogHead | undefined;
  /** How many receipts and dispositions were compared with what was entered. */
  readonly compared: number;
  /** How many of those entered are gone because their time was over, and before when that is, epoch ms; 0 for none. */
  readonly removed: number;
  readonly removedBefore: number;
  /** How many have been recorded and are not entered yet. */
  readonly waiting: number;
  /**
   * Ids of receipts that are more than fifteen days older than one that was entered in an earlier stretch; the first few. Nothing is
   * recorded so late: they were slipped in, or some gateway's clock was wrong.
   */
  readonly late: readonly string[];
  /** The first of them; empty if all is as it was. */
  readonly faults: readonly LogFault[];
}

/** Two of one number are compared both: one of them is from before the log was written anew. */
export type KeptHead = Pick<LogHead, 'number' | 'head'>;

type TellFault = (code: LogFaultCode, about?: Omit<LogFault, 'code'>) => void;

const HEADS_TOGETHER = 200;
const MOST_FAULTS = 20;
/** Devices hand in what is fourteen days old (record/recorder.ts), and clocks differ. */
const LATE_MS = 15 * 86_400_000;

/** Where it stands, and what lets nothing but StoreErrors out. */
interface Log extends Pick<Backend, 'db'> {
  readonly attempt: Attempt;
}

/** `check` of receipt-log.ts. */
export function logCheckOf({ db }: Backend, attempt: Attempt) {
  const log = { db, attempt };
  const check = async (kept: readonly KeptHead[] = [], latestLine = Number.POSITIVE_INFINITY): Promise<LogChecked> => {
    const faults: LogFault[] = [];
    const fault: TellFault = (code, about = {}) => {
      if (faults.length < MOST_FAULTS) faults.push({ code, ...about });
    };
    const unseen = Map.groupBy(kept, ({ number }) => number);
    let compared = 0;
    let removed = 0;
    const late: string[] = [];
    let newest = '';
    let last: LogHeadRow | undefined;
    for await (const head of headsOf(log)) {
      const { number } = head;
      const made = headOf({ ...head, before: last?.head ?? '' });
      if (number !== (last?.number ?? 0) + 1 || made.before !== head.before || made.head !== head.head)
        fault('head-altered', { head: number });
      if (unseen.get(number)?.some((one) => one.head !== head.head)) fault('other-head', { head: number });
      unseen.delete(number);
      const stretch = await compareStretch(head, fault);
      compared += stretch.compared;
      removed += stretch.removed;
      const bound = lateBefore(newest);
      late.push(...stretch.receipts.filter((id) => id < bound).slice(0, MOST_FAULTS - late.length));
      for (const id of stretch.receipts) if (id > newest && ID.test(id)) newest = id;
      last = head;
    }
    for (const number of unseen.keys()) fault('other-head', { head: number });
    for (const receipt of await notEntered(log)) fault('receipt-not-entered', { receipt });
    const removedBefore = await lineOf(log);
    if (removedBefore > latestLine) fault('line-moved');
    const { count } = await attempt(() =>
      db
        .selectFrom('log_waiting')
        .select(({ fn }) => fn.countAll().as('count'))
        .executeTakeFirstOrThrow(),
    );
    return { head: last && toldOf(last), compared, removed, removedBefore, waiting: Number(count), late, faults };
  };

  /** Compares a stretch's entries with its head, and what was recorded with the entries. Out: how many are there, and are gone; ids of receipts. */
  async function compareStretch({ number, at, entries, digest }: LogHeadRow, fault: TellFault) {
    const its = await attempt(() => entriesOf(log, number));
    const texts = await attempt(() => textsOf(db, its));
    // Read after what it is compared with: what is removed meanwhile is removed under a line that was there before.
    const removedBefore = await lineOf(log);
    // Entries go when the time of their receipts is over (retention.ts); their heads stay.
    if (its.length === 0 && at < removedBefore) return { compared: 0, removed: entries, receipts: [] };
    if (its.length !== entries || digestOfEntries(its) !== digest) fault('entries-altered', { head: number });
    const gone = its.filter((entry) => !texts.has(nameOf(entry)));
    const early = gone.filter((entry) => entry.receipt_id >= firstIdAt(removedBefore));
    for (const { receipt_id } of early) fault('receipt-gone', { receipt: receipt_id, head: number });
    for (const entry of its) {
      const text = texts.get(nameOf(entry));
      if (text !== undefined && entryDigest(entry, text) !== entry.digest)
        fault('receipt-altered', { receipt: entry.receipt_id, head: number });
    }
    const receipts = its.filter((entry) => entry.number === 0).map(({ receipt_id }) => receipt_id);
    return { compared: its.length - gone.length, removed: gone.length - early.length, receipts };
  }

  return check;
}

/** All of them, also under numbers that none should have. */
async function* headsOf({ db, attempt }: Log): AsyncGenerator<LogHeadRow> {
  for (let after: number | undefined; ; ) {
    const all = db.selectFrom('log_heads').selectAll().orderBy('number').limit(HEADS_TOGETHER);
    const next = after === undefined ? all : all.where('number', '>', after);
    const rows = (await attempt(() => next.execute())).map(numbersOf);
    yield* rows;
    if (rows.length < HEADS_TOGETHER) return;
    after = rows.at(-1)!.number;
  }
}

/** Before when what was recorded may be removed, epoch ms; 0 for nothing. It only moves forward. */
const lineOf = ({ db, attempt }: Log): Promise<number> =>
  attempt(() => db.selectFrom('kept_since').select('since').executeTakeFirstOrThrow()).then(({ since }) =>
    timeIn(Number(since)),
  );

/** One more than a stretch can have is enough to see that they are not its own. */
const entriesOf = ({ db }: Log, head: number) =>
  db
    .selectFrom('log_entries')
    .selectAll()
    .where('head', '=', head)
    .limit(TOGETHER + 1)
    .execute();

/**
 * Ids of what is neither entered nor waiting; the first few. Range by range, as no statement may take long. What was entered and
 * is still there has its entry: that goes after it.
 */
async function notEntered({ db, attempt }: Log): Promise<Set<string>> {
  const found = new Set<string>();
  for (let from = ''; found.size < MOST_FAULTS; ) {
    // Distinct, as a table that was made anew may have one id without end.
    const ids = db.selectFrom('receipts').select('id').distinct().where('id', '>=', from).orderBy('id');
    const next = (await attempt(() => ids.offset(TOGETHER).limit(1).execute()))[0];
    const rows = await attempt(() => notEnteredOf(db, from, next?.id).execute());
    for (const { receipt_id } of rows) found.add(receipt_id);
    if (next === undefined) break;
    from = next.id;
  }
  return found;
}

/** In: an id, and the one at which to end, if at any. */
const notEnteredOf = (db: Backend['db'], from: string, end: string | undefined) => {
  const receipts = db.selectFrom('receipts').select(['id as receipt_id', sql<number | null>`0`.as('number')]);
  // What was done is no receipt, whatever its number says.
  const number = sql<number | null>`nullif(number, 0)`.as('number');
  const recorded = receipts.unionAll(db.selectFrom('dispositions').select(['receipt_id', number]));
  return db
    .selectFrom(recorded.as('one'))
    .select('one.receipt_id')
    .where('one.receipt_id', '>=', from)
    .$if(end !== undefined, (those) => those.where('one.receipt_id', '<', end!))
    .where(({ and, not, exists, selectFrom }) => {
      // An entry counts where its head is one: else nobody compares it.
      const entered = selectFrom('log_entries as entry')
        .innerJoin('log_heads', 'log_heads.number', 'entry.head')
        .select('entry.head')
        .whereRef('entry.receipt_id', '=', 'one.receipt_id')
        .whereRef('entry.number', '=', 'one.number');
      const waiting = selectFrom('log_waiting as waiting')
        .select('waiting.number')
        .whereRef('waiting.receipt_id', '=', 'one.receipt_id')
        .whereRef('waiting.number', '=', 'one.number');
      return and([not(exists(entered)), not(exists(waiting))]);
    })
    .limit(MOST_FAULTS);
};

/** The least id that does not come late after a receipt was entered. In: its id; empty for none. */
const lateBefore = (newest: string): string => (newest === '' ? '' : firstIdAt(Math.max(0, timeOf(newest) - LATE_MS)));
