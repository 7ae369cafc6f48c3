import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tidy } from '../../src/record/housekeeping.ts';
import { newId } from '../../src/store/ids.ts';
import type { KeptHead } from '../../src/store/receipt-log-check.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { NOON, random, receipt } from '../record/verdicts.ts';
import { allDatabases, past, START_MS } from './databases.ts';

const DAY = 86_400_000;

describe.each(allDatabases())('the log of receipts on $name', (databases) => {
  let url: string;
  let store: Store;
  beforeAll(databases.start, START_MS);
  afterAll(databases.stop, START_MS);
  const fresh = async () => {
    url = await databases.fresh();
    store = await openStore(url, { random });
    return store;
  };
  const sql = (text: string) => past(databases, url, text);
  /** As somebody who has the database in hand: its own refusals are gone with their triggers. */
  const unguarded = async (text: string): Promise<void> => {
    for (const table of ['receipts', 'dispositions', 'log_entries', 'log_heads'])
      for (const verb of ['update', 'delete'])
        await sql(`drop trigger if exists ${table}_no_${verb}${databases.name === 'postgres' ? ` on ${table}` : ''}`);
    await sql(text);
  };
  const record = async (at = NOON) => {
    const one = receipt(at);
    await store.receipts.append(one);
    await store.receipts.dispose(one.id, { action: 'turn-back', at: new Date(at).toISOString() });
    return one;
  };
  const codes = async (kept?: readonly KeptHead[]) =>
    (await store.receiptLog.check(kept)).faults.map(({ code }) => code);
  /** A copy of some receipt under an id of its own, past the log. */
  const slipIn = async (id: string, at = NOON): Promise<void> => {
    const rest =
      'case_code, checkpoint, officer, business_code, outcome, issuing_region, document_type, format, receipt';
    await sql(`insert into receipts (id, at, ${rest}) select '${id}', ${at}, ${rest} from receipts limit 1`);
    await sql('delete from log_waiting');
  };
  const using = (run: () => Promise<void>) => async () => {
    await fresh();
    try {
      await run();
    } finally {
      await store.close();
    }
  };

  it(
    'has a head for each stretch, made of its entries and the head before',
    using(async () => {
      expect([await store.receiptLog.extend(NOON), await store.receiptLog.head()]).toEqual([undefined, undefined]);
      for (let i = 0; i < 3; i++) await record(NOON + i);
      const first = await store.receiptLog.extend(NOON + 60_000, 4);
      const second = await store.receiptLog.extend(NOON + 60_000, 4);
      expect(first).toMatchObject({ number: 1, at: '2024-05-01T04:01:00Z', entries: 4, before: '' });
      expect(second).toMatchObject({ number: 2, entries: 2, before: first!.head });
      expect(await store.receiptLog.extend(NOON + 60_000)).toBeUndefined();
      expect(await store.receiptLog.head()).toEqual(second);
      const late = await record(NOON - 10 * DAY);
      expect(await store.receiptLog.check()).toEqual({
        head: second,
        compared: 6,
        removed: 0,
        removedBefore: 0,
        waiting: 2,
        late: [],
        faults: [],
      });
      // A clock that was put back does not put the log back.
      expect(await store.receiptLog.extend(NOON - DAY)).toMatchObject({ number: 3, at: second!.at, entries: 2 });
      expect(await store.receipts.find(late.id)).toHaveProperty('dispositions');
      expect(await codes([first!, second!])).toEqual([]);
    }),
  );

  it(
    'is extended by many processes at once, each entry once',
    using(async () => {
      const others = await Promise.all([1, 2, 3].map(() => openStore(url, { random })));
      try {
        await Promise.all(Array.from({ length: 300 }, (_, i) => store.receipts.append(receipt(NOON + i))));
        const made = await Promise.all(
          [store, ...others, store, ...others].map((each) => each.receiptLog.extend(NOON, 50)),
        );
        expect(made.map((head) => head?.number ?? 0).sort((a, b) => a - b)).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
        expect(await store.receiptLog.check()).toMatchObject({ compared: 300, waiting: 0, faults: [] });
      } finally {
        await Promise.all(others.map((each) => each.close()));
      }
    }),
  );

  it(
    'is not changed by whom it stands in the way of',
    using(async () => {
      await record();
      await store.receiptLog.extend(NOON);
      for (const table of ['log_heads', 'log_entries'])
        for (const text of [`update ${table} set digest = ''`, `delete from ${table}`])
          await expect(sql(text)).rejects.toThrow('append only');
    }),
  );

  it.each<[string, (id: string) => string, string[]]>([
    [
      'a receipt was changed',
      (id) => `update receipts set receipt = replace(receipt, 'accept', 'refuse') where id = '${id}'`,
      ['receipt-altered'],
    ],
    [
      'what was done was changed',
      (id) => `update dispositions set disposition = '{}' where receipt_id = '${id}'`,
      ['receipt-altered'],
    ],
    ['what was done was removed', (id) => `delete from dispositions where receipt_id = '${id}'`, ['receipt-gone']],
    [
      'what it is searched by was changed',
      (id) => `update receipts set checkpoint = 'Z9' where id = '${id}'`,
      ['receipt-altered'],
    ],
    [
      'what was done got another time',
      (id) => `update dispositions set at = at + 1 where receipt_id = '${id}'`,
      ['receipt-altered'],
    ],
    [
      'an entry was changed as well',
      (id) => `update log_entries set digest = '${'0'.repeat(64)}' where receipt_id = '${id}'`,
      ['entries-altered', 'receipt-altered', 'receipt-altered'],
    ],
    [
      'an entry was removed as well',
      (id) => `delete from log_entries where number = 0 and receipt_id = '${id}'`,
      ['entries-altered', 'receipt-not-entered'],
    ],
    [
      'a stretch was removed',
      () => 'delete from log_entries where head = 1',
      ['entries-altered', 'receipt-not-entered'],
    ],
    [
      'a head was changed',
      () => 'update log_heads set digest = before, at = at + 1000 where number = 2',
      ['head-altered', 'entries-altered'],
    ],
    [
      'the first head was removed',
      () => 'delete from log_heads where number = 1',
      ['head-altered', 'receipt-not-entered'],
    ],
    // What is no time and no digest is a fault like others, and nothing that a check stumbles over.
    [
      'a head got a time that is none',
      () => 'update log_heads set at = 9000000000000000 where number = 3',
      ['head-altered'],
    ],
    [
      'an entry got a digest that is none',
      (id) => `update log_entries set digest = 'zz' where receipt_id = '${id}' and number = 0`,
      ['entries-altered', 'receipt-altered'],
    ],
    [
      'an entry got an id that is none',
      (id) => `update log_entries set receipt_id = 'zz' where receipt_id = '${id}' and number = 0`,
      ['entries-altered', 'receipt-gone', 'receipt-not-entered'],
    ],
  ])('tells that %s', (_name, change, wanted) =>
    using(async () => {
      const one = await record();
      await store.receiptLog.extend(NOON);
      await record(NOON + 1);
      await store.receiptLog.extend(NOON);
      await record(NOON + 2);
      await store.receiptLog.extend(NOON);
      expect(await codes()).toEqual([]);
      await unguarded(change(one.id));
      expect(await codes()).toEqual(wanted);
    })(),
  );

  it(
    'tells that one was slipped in, or taken from those that wait',
    using(async () => {
      await record();
      await store.receiptLog.extend(NOON);
      const one = await record(NOON + 1);
      await sql('delete from log_waiting');
      expect(await store.receiptLog.check()).toMatchObject({
        waiting: 0,
        faults: [{ code: 'receipt-not-entered', receipt: one.id }],
      });
    }),
  );

  it(
    'tells what was slipped in, whatever was written beside it',
    using(async () => {
      const one = await record();
      await store.receiptLog.extend(NOON);
      const [early, apart] = [newId(NOON, random), newId(NOON, random)];
      // From before the line, by its row; with an entry of no stretch; what was done, with the number of the receipt's own entry.
      await slipIn(early, -1);
      await slipIn(apart);
      await sql(`insert into log_entries (receipt_id, number, digest, head) values ('${apart}', 0, '', 0)`);
      await sql(
        `insert into dispositions (receipt_id, number, at, disposition) values ('${one.id}', 0, ${NOON}, '{}')`,
      );
      await sql('delete from log_waiting');
      const { faults } = await store.receiptLog.check();
      expect(new Set(faults)).toEqual(
        new Set([early, apart, one.id].map((receipt) => ({ code: 'receipt-not-entered', receipt }))),
      );
    }),
  );

  it(
    'tells that a receipt was removed and its entry given the id of one whose time is over',
    using(async () => {
      await record();
      const kept = (await store.receiptLog.extend(NOON))!;
      await unguarded(`update log_entries set receipt_id = '${newId(1, random)}'`);
      await sql('delete from dispositions');
      await sql('delete from receipts');
      await sql('update kept_since set since = 2');
      expect(await codes([kept])).toEqual(['entries-altered']);
    }),
  );

  it(
    'tells that the line before which receipts may go is where no gateway puts it',
    using(async () => {
      await record();
      await store.receiptLog.extend(NOON);
      await sql(`update kept_since set since = ${NOON + DAY}`);
      for (const table of ['dispositions', 'receipts', 'log_entries']) await sql(`delete from ${table}`);
      expect((await store.receiptLog.check([], NOON + DAY)).faults).toEqual([]);
      expect((await store.receiptLog.check([], NOON)).faults).toEqual([{ code: 'line-moved' }]);
    }),
  );

  it(
    'is not held up by what waits though it is entered, and reads a stretch that was stuffed',
    using(async () => {
      const one = await record();
      await store.receiptLog.extend(NOON);
      await sql(`insert into log_waiting (receipt_id, number) values ('${one.id}', 0)`);
      await record(NOON + 1);
      expect(await store.receiptLog.extend(NOON)).toMatchObject({ number: 2, entries: 2 });
      expect(await store.receiptLog.check()).toMatchObject({ compared: 4, waiting: 0, faults: [] });
      // More than a statement takes parameters.
      const many = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 70000)';
      await sql(`insert into log_entries ${many} select 'x' || i, 0, '', 1 from n`);
      expect((await codes())[0]).toBe('entries-altered');
    }),
  );

  it(
    'fits while what is over is removed',
    using(async () => {
      for (let i = 0; i < 40; i++) {
        await record(NOON + i);
        await store.receiptLog.extend(NOON);
      }
      const removing = (async () => {
        for (let i = 0; i < 40; i++) {
          await store.retention.remove(NOON + i + 1);
          await store.retention.removeEntries(NOON + i + 1);
        }
      })();
      for (let i = 0; i < 5; i++) expect(await codes()).toEqual([]);
      await removing;
      expect(await store.receiptLog.check()).toMatchObject({ compared: 0, removed: 80, faults: [] });
    }),
  );

  it(
    'keeps entries as long as their receipts, also where those are many, or of a gateway whose clock is ahead',
    using(async () => {
      const late = await record(NOON + 3 * 3_600_000);
      await store.receiptLog.extend(NOON);
      await record(NOON + DAY);
      await store.receiptLog.extend(NOON + DAY);
      await store.retention.remove(NOON + 2 * 3_600_000);
      expect(await store.retention.removeEntries(NOON + 2 * 3_600_000)).toBe(0);
      expect(await codes()).toEqual([]);
      // One at a time: the second one's entries stay until it goes.
      await store.retention.remove(NOON + 2 * DAY, 1);
      expect(await store.receipts.find(late.id)).toBeUndefined();
      expect(await store.retention.removeEntries(NOON + 2 * DAY)).toBe(2);
      expect(await store.receiptLog.check()).toMatchObject({ compared: 2, removed: 2, faults: [] });
    }),
  );

  it(
    'names what was entered long after its time, and not what waited long or was handed in late',
    using(async () => {
      // In one go, as after an upgrade or an outage: the oldest first, whatever came when.
      for (const days of [0, -100, -300, -200]) await record(NOON + days * DAY);
      for (let stretch = 0; stretch < 3; stretch++) await store.receiptLog.extend(NOON, 3);
      await record(NOON - 14 * DAY);
      await store.receiptLog.extend(NOON);
      expect(await store.receiptLog.check()).toMatchObject({ compared: 10, late: [], faults: [] });
      const slippedIn = await record(NOON - 50 * DAY);
      await store.receiptLog.extend(NOON + DAY);
      expect(await store.receiptLog.check()).toMatchObject({ compared: 12, late: [slippedIn.id], faults: [] });
    }),
  );

  it(
    'written anew as a whole is told by whoever kept a head',
    using(async () => {
      const one = await record();
      const kept = (await store.receiptLog.extend(NOON))!;
      await unguarded(`delete from dispositions where receipt_id = '${one.id}'`);
      await unguarded(`delete from receipts where id = '${one.id}'`);
      await sql('delete from log_entries');
      await sql('delete from log_heads');
      await record();
      const anew = (await store.receiptLog.extend(NOON))!;
      expect([await codes(), await codes([anew])]).toEqual([[], []]);
      expect(await codes([kept])).toEqual(['other-head']);
      // Whoever collects log lines has both.
      expect(await codes([kept, anew])).toEqual(['other-head']);
      // One that the log has not got yet, for it was cut off.
      expect(await codes([{ number: 7, head: kept.head }])).toEqual(['other-head']);
    }),
  );

  it(
    'lets go of what was kept long enough, and its heads stay',
    using(async () => {
      await record();
      // Recorded late, and in a younger stretch.
      const first = await store.receiptLog.extend(NOON);
      await record(NOON - DAY);
      await record(NOON + 100 * DAY);
      await store.receiptLog.extend(NOON + 100 * DAY);
      // Removed before it was entered.
      await record(NOON + 1);
      expect(await tidy(store, NOON + 200 * DAY, { keepDays: 120 })).toMatchObject({ removed: 3 });
      expect(await store.receiptLog.extend(NOON + 200 * DAY)).toBeUndefined();
      const removedBefore = NOON + 80 * DAY;
      expect(await store.receiptLog.check([first!])).toMatchObject({
        compared: 2,
        removed: 4,
        removedBefore,
        waiting: 0,
        faults: [],
      });
      expect(await sql('select head from log_entries')).toHaveLength(4);
    }),
  );

  it(
    'takes up what was recorded before there was a log',
    using(async () => {
      await record();
      await store.close();
      for (const table of ['receipts', 'dispositions'])
        await sql(`drop trigger ${table}_logged${databases.name === 'postgres' ? ` on ${table}` : ''}`);
      if (databases.name === 'postgres')
        for (const made of [
          'receipts_logged',
          'dispositions_logged',
          'log_entries_append_only',
          'log_heads_append_only',
        ])
          await sql(`drop function ${made}() cascade`);
      for (const table of ['log_waiting', 'log_entries', 'log_heads']) await sql(`drop table ${table}`);
      await sql("delete from kysely_migration where name = '0007-receipt-log'");
      store = await openStore(url, { random });
      expect(await store.receiptLog.extend(NOON)).toMatchObject({ number: 1, entries: 2 });
      expect(await codes()).toEqual([]);
    }),
  );
});
