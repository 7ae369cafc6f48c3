import { afterAll, expect, it } from 'vitest';
import { sealerAt } from '../../src/exchange/sealed-text.node.ts';
import { createLog } from '../../src/http/log.ts';
import { archiveAt } from '../../src/http/records.node.ts';
import { NOON, random, receipt } from '../record/verdicts.ts';
import { temporary } from '../support/cli.ts';

const DAY = 86_400_000;
const { folder, remove } = temporary();
afterAll(remove);

it('records are removed when their time is over, and not while nobody can say what time it is', async () => {
  let now = NOON + 3650 * DAY;
  let keepDays: number | undefined;
  const log = createLog('silent', { write: () => {} });
  const archive = archiveAt(`${folder}/kept.sqlite`, { clock: () => now, random, log, keepDays: () => keepDays });
  const store = await archive.store();
  const one = receipt(NOON);
  await store.receipts.append(one);
  // A clock that is ten years ahead: by it no list is in force, and nothing is given.
  await archive.tidy();
  expect(await store.receipts.find(one.id)).toBeDefined();
  [now, keepDays] = [NOON + 119 * DAY, 120];
  await archive.tidy();
  expect(await store.receipts.find(one.id)).toBeDefined();
  now = NOON + 121 * DAY;
  await archive.tidy();
  expect(await store.receipts.find(one.id)).toBeUndefined();
  await archive.close();
});

it('gateways that start at once on one secret seal under the same one', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => sealerAt(`${folder}/secret/exchange.key`)));
  const [first, ...others] = all;
  for (const other of others) expect(other.open(first!.seal('text', 'name'), 'name')).toBe('text');
});

it('receipts are entered into their log, which is told in a line that says nothing of them', async () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const archive = archiveAt(`${folder}/entered.sqlite`, { clock: () => NOON, random, log });
  await archive.enter();
  expect(lines).toEqual([]);
  const { receipts, receiptLog } = await archive.store();
  await Promise.all(Array.from({ length: 1_500 }, () => receipts.append(receipt())));
  await archive.enter();
  const head = await receiptLog.head();
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { number: 1, entries: 1000 },
    { number: 2, entries: 500, head: head!.head },
  ]);
  for (const line of lines) expect(JSON.parse(line)).not.toHaveProperty('refused');
  await archive.close();
});
