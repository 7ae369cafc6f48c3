import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { validateLogHead } from '../../src/document/generated/validators.js';
import { openStore } from '../../src/store/store.ts';
import { NOON, random, receipt } from '../record/verdicts.ts';
import { inside, temporary } from '../support/cli.ts';

const { folder, remove } = temporary();
afterAll(remove);
const database = join(folder, 'receipts.sqlite');
const receipts = (...args: string[]) => inside(['receipts', ...args], { env: { TONGREN_DATABASE: database } });

/** One receipt more, in a stretch of its own. */
async function enter(at = NOON): Promise<void> {
  const store = await openStore(database, { random });
  await store.receipts.append(receipt(at));
  await store.receiptLog.extend(NOON);
  await store.close();
}

describe('tongren receipts', () => {
  it.each(['head', 'check'])('%s makes no database where none is, and says so', async (command) => {
    const { exit, out, err } = await receipts(command);
    expect([exit, out, existsSync(database)]).toEqual([64, '', false]);
    expect(err).toContain('没有这个数据库文件');
    expect(err).toContain('there is no such database file');
  });

  it('tells a file that is no database in both languages', async () => {
    const file = join(folder, 'noise.sqlite');
    writeFileSync(file, 'x'.repeat(10_000));
    const { exit, err } = await inside(['receipts', 'check'], { env: { TONGREN_DATABASE: file } });
    expect(exit).toBe(64);
    expect(err).toContain('数据库文件已损坏，或不是数据库');
    expect(err).toContain('damaged or no database');
  });

  it('says that there is no head yet', async () => {
    await (await openStore(database, { random })).close();
    const { exit, out, err } = await receipts('head');
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('还没有内容');
    // Perhaps it is another database than the gateway's.
    const checked = await receipts('check');
    expect([checked.exit, checked.out.includes('all fits')]).toEqual([2, false]);
    expect(checked.out).toContain('0 stretches; 0 receipts');
    expect(checked.err).toContain('还没有内容');
  });

  it('shows the newest head as check takes it, in both forms', async () => {
    await enter();
    await enter();
    const { exit, out, err } = await receipts('head');
    expect([exit, out.trim()]).toEqual([0, expect.stringMatching(/^2:[0-9a-f]{64}$/)]);
    expect(err).toContain('2024-05-01 12:00:00');
    const head = JSON.parse((await receipts('head', '--json')).out);
    expect([validateLogHead(head), `${head.number}:${head.head}`]).toEqual([true, out.trim()]);
    const checked = await receipts('check', '--head', out.trim());
    expect(checked.exit).toBe(0);
    expect(checked.out).toContain('留存的日志头也相符');
    expect((await receipts('check')).err).toContain('请用 --head');
  });

  it('tells what does not fit, and ends with 1', async () => {
    const wrong = `2:${'0'.repeat(64)}`;
    const { exit, out } = await receipts('check', '--head', wrong);
    expect(exit).toBe(1);
    expect(out).toContain('不符：与所留存的日志头不符（#2）');
    expect(out).toContain('does not fit: this is not the head that was kept (#2)');
    const told = await receipts('check', '--json', '--head', wrong);
    expect([told.exit, JSON.parse(told.out).faults]).toEqual([1, [{ code: 'other-head', head: 2 }]]);
  });

  it('compares every head that was kept, also two of one number', async () => {
    const right = (await receipts('head')).out.trim();
    for (const heads of [
      [right, `2:${'0'.repeat(64)}`],
      [`2:${'0'.repeat(64)}`, right],
    ])
      expect((await receipts('check', ...heads.flatMap((head) => ['--head', head]))).exit).toBe(1);
  });

  it('names what was entered long after its time', async () => {
    await enter(NOON - 16 * 86_400_000);
    const { exit, out } = await receipts('check');
    expect([exit, out]).toEqual([0, expect.stringMatching(/slipped in, or a clock was wrong: [0-9A-Z]{26}\n/)]);
  });

  it('tells that the line before which receipts may be removed was moved', async () => {
    const moved = (ms: number) => {
      const file = new DatabaseSync(database);
      file.exec(`update kept_since set since = ${ms}`);
      file.close();
    };
    const now = Date.now();
    moved(now - 119.5 * 86_400_000);
    expect((await receipts('check')).exit).toBe(0);
    moved(now - 118 * 86_400_000);
    const { exit, out } = await receipts('check');
    expect([exit, out]).toEqual([1, expect.stringContaining('is less than 120 days ago')]);
    moved(0);
  });

  it.each(['', '2', `x:${'0'.repeat(64)}`, `2:${'0'.repeat(63)}`])('refuses %j as a head', async (text) => {
    const { exit, err } = await receipts('check', '--head', text);
    expect([exit, err.includes('receipts head')]).toEqual([64, true]);
  });
});
