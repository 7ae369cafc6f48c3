/**
 * A gateway's process, for tests that need several, or kill one. In: address, task, how many, how many at once, name.
 * Out: a line for each answer, written when it is there.
 */
import { writeSync } from 'node:fs';
import { recorder } from '../../src/record/recorder.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { NOON, random, verdict } from './verdicts.ts';

type Task = (store: Store, name: string) => (turn: number) => Promise<string>;

const TASKS: Readonly<Record<string, Task>> = {
  record: (store, name) => {
    const { record } = recorder(store, { clock: Date.now, random });
    return async (turn) => (await record(verdict(), `document ${turn} of ${name}`, { checkpoint: name })).id;
  },
  /** Every process shows the same ids, each at its own checkpoint. */
  replay: (store, name) => async (turn) => {
    const shown = { region: '320000', expiresAt: NOON + 60_000, checkpoint: name, device: 'lane-1', at: NOON };
    return `${turn} ${await store.replay.remember({ ...shown, onceId: `once ${turn}` })}`;
  },
  /** Records until it fails, says how, and shows that the process lives and reads on. */
  fill: (store, name) => {
    const { record, findReceipt } = recorder(store, { clock: Date.now, random });
    let last = '';
    return async (turn) => {
      try {
        last = (await record(verdict(), `document ${turn}`, { checkpoint: name })).id;
        return last;
      } catch (error) {
        const before = last;
        const found = await findReceipt(before);
        return `failed ${(error as { code?: string }).code} ${found?.id === before ? 'reads on' : 'is lost'}`;
      }
    };
  },
};

const [url = '', task = '', count = '', atOnce = '', name = ''] = process.argv.slice(2);
const store = await openStore(url, { random });
const act = TASKS[task]!(store, name);
let turn = 0;
await Promise.all(
  Array.from({ length: Number(atOnce) }, async () => {
    while (turn < Number(count)) writeSync(1, `${await act(turn++)}\n`);
  }),
);
await store.close();
