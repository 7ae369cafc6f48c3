import { tidy } from '../record/housekeeping.ts';
import { recorder } from '../record/recorder.ts';
import type { Random } from '../store/ids.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Records } from './gateway.ts';
import type { Log } from './log.ts';

/** Of a thousand receipts each, in a minute. */
const MOST_STRETCHES = 60;

/** The database behind the receipts. */
export interface Archive {
  /** Opens it when it is first asked for, and again if that failed. Errors: StoreError. */
  records(): Promise<Records>;
  /** The database itself. Errors: StoreError. */
  store(): Promise<Store>;
  /**
   * Enters what was recorded into its log (store/receipt-log.ts); to be called every minute. Each new head is logged: whoever
   * collects the lines keeps heads where the database's owner cannot reach them. Errors: StoreError.
   */
  enter(): Promise<void>;
  /** Forgets what is over (record/housekeeping.ts); to be called at the start and every hour. Errors: StoreError. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export interface ArchiveOptions {
  /** Epoch ms. */
  readonly clock: () => number;
  readonly random: Random;
  readonly log: Log;
  /** How long records are kept, asked each time; for ever if absent, or undefined is given. */
  readonly keepDays?: (() => number | undefined) | undefined;
}

/** In: a SQLite file or postgres:// address. Nothing is opened yet. */
export function archiveAt(address: string, { clock, random, log, keepDays }: ArchiveOptions): Archive {
  let opening: Promise<{ store: Store; records: Records }> | undefined;
  const open = () => {
    opening ??= openStore(address, { random })
      .then((store) => ({
        store,
        records: {
          recorder: recorder(store, { clock, random }),
          receiptLog: store.receiptLog,
          replay: store.replay,
          challenges: store.challenges,
        },
      }))
      .catch((error) => {
        // A database that was away at the start is asked again with the next verdict.
        opening = undefined;
        throw error;
      });
    return opening;
  };
  return {
    records: async () => (await open()).records,
    store: async () => (await open()).store,
    async enter() {
      const { receiptLog } = (await open()).store;
      for (let stretch = 0; stretch < MOST_STRETCHES; stretch++) {
        const made = await receiptLog.extend(clock());
        if (made === undefined) return;
        log.write('receipts-entered', { number: made.number, entries: made.entries, head: made.head });
      }
    },
    async tidy() {
      const { forgottenIds, destroyedKeys, removed } = await tidy((await open()).store, clock(), {
        keepDays: keepDays?.(),
      });
      if (forgottenIds + destroyedKeys + removed > 0) log.write('tidied', { forgottenIds, destroyedKeys, removed });
    },
    async close() {
      const opened = await opening?.catch(() => undefined);
      await opened?.store.close();
    },
  };
}
