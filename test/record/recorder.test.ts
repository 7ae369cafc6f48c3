import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validateReceipt } from '../../src/document/generated/validators.js';
import { tidy } from '../../src/record/housekeeping.ts';
import { type Recorder, recorder } from '../../src/record/recorder.ts';
import { caseCode } from '../../src/store/ids.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { allDatabases, START_MS } from '../store/databases.ts';
import { NOON, random, verdict } from './verdicts.ts';

const DAY = 86_400_000;

describe.each(allDatabases())('recorder on $name', (databases) => {
  let store: Store;
  let now = NOON;
  let desk: Recorder;
  beforeAll(async () => {
    await databases.start();
    store = await openStore(await databases.fresh(), { random });
    desk = recorder(store, { clock: () => now, random });
  }, START_MS);
  afterAll(async () => {
    await store?.close();
    await databases.stop();
  }, START_MS);

  test('what it answers is in the database', async () => {
    const context = { checkpoint: 'G2-01', officer: 'A17', businessCode: '31-7.2' };
    const receipt = await desk.record(verdict(), 'document', context);
    expect(receipt).toMatchObject(context);
    expect(validateReceipt(receipt)).toBe(true);
    expect(await desk.findReceipt(receipt.id)).toEqual(receipt);
    expect(await desk.findByCaseCode(caseCode(receipt.id))).toEqual([receipt]);
  });

  test('one document on one day at one checkpoint has one digest; elsewhere and tomorrow others', async () => {
    const digestOf = async (input: string | Uint8Array, checkpoint?: string): Promise<string> =>
      (await desk.record(verdict(), input, { checkpoint })).documentDigest.value;
    const today = await digestOf('document', 'east');
    expect(await digestOf('document', 'east')).toBe(today);
    expect(await digestOf(new TextEncoder().encode('document'), 'east')).toBe(today);
    const others = [
      await digestOf('document ', 'east'),
      await digestOf('document', 'west'),
      await digestOf('document'),
    ];
    now += DAY;
    others.push(await digestOf('document', 'east'));
    now -= DAY;
    expect(new Set([today, ...others]).size).toBe(5);
  });

  test('an objection is matched with its document, until the window is over', async () => {
    const receipt = await desk.record(verdict(), 'document', { checkpoint: 'G2-01' });
    expect(await desk.compare(receipt.id, 'document')).toBe('same');
    expect(await desk.compare(receipt.id, 'another')).toBe('different');
    const endOfDay = Date.parse('2024-05-02T00:00:00+08:00');
    await tidy(store, endOfDay + 30 * DAY - 1);
    expect(await desk.compare(receipt.id, 'document')).toBe('same');
    await tidy(store, endOfDay + 30 * DAY);
    expect(await desk.compare(receipt.id, 'document')).toBe('key-destroyed');
    expect(await desk.compare(`${'0'.repeat(26)}`, 'document')).toBeUndefined();
    expect(await desk.findReceipt(receipt.id)).toEqual(receipt);
  });

  test('a key is not used on after its day, nor after it was destroyed under a clock that goes back', async () => {
    const before = await desk.record(verdict(), 'document', { checkpoint: 'clock' });
    now += DAY;
    const next = await desk.record(verdict(), 'document', { checkpoint: 'clock' });
    expect(next.documentDigest.keyId).not.toBe(before.documentDigest.keyId);
    await tidy(store, NOON + 40 * DAY);
    now = NOON;
    const back = await desk.record(verdict(), 'document', { checkpoint: 'clock' });
    expect(back.documentDigest.keyId).not.toBe(before.documentDigest.keyId);
    expect(await desk.compare(before.id, 'document')).toBe('key-destroyed');
    expect(await desk.compare(back.id, 'document')).toBe('same');
  });

  test.each([
    [{ officer: '张伟' }, '/officer'],
    [{ officer: 'A1\u0000' }, '/officer'],
    [{ checkpoint: "x'); delete from receipts; --" }, '/checkpoint'],
    [{ checkpoint: 'x'.repeat(1_000_000) }, '/checkpoint'],
    [{ businessCode: '310101199001011234' }, '/businessCode'],
    [{ businessCode: 7 as unknown as string }, '/businessCode'],
  ])('does not record %#, and does not repeat it', async (context, at) => {
    const error = await desk.record(verdict(), 'document', context).then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ name: 'RecordError', at });
    expect(error.message).not.toContain(String(Object.values(context)[0]));
    const kept = await store.receipts.list({ limit: 500 });
    expect(kept.filter((one) => one.checkpoint?.startsWith('x'))).toEqual([]);
  });

  describe('dispositions', () => {
    test('all four, with the time; the last one holds', async () => {
      const { id } = await desk.record(verdict(), 'document');
      await desk.addDisposition(id, { action: 'turn-back' });
      await desk.addDisposition(id, { action: 'hand-over', officer: 'A18', at: '2024-05-01T04:00:30Z' });
      await desk.addDisposition(id, { action: 'let-pass' });
      const receipt = await desk.addDisposition(id, { action: 'let-pass-by-hand', reason: '救护车，人工核对后放行' });
      expect(receipt!.dispositions).toEqual([
        { action: 'turn-back', at: '2024-05-01T04:00:00Z' },
        { action: 'hand-over', officer: 'A18', at: '2024-05-01T04:00:30Z' },
        { action: 'let-pass', at: '2024-05-01T04:00:00Z' },
        { action: 'let-pass-by-hand', reason: '救护车，人工核对后放行', at: '2024-05-01T04:00:00Z' },
      ]);
      expect(validateReceipt(receipt)).toBe(true);
    });

    test('reported again by a caller that got no answer is one, at the time of the first report', async () => {
      const { id } = await desk.record(verdict(), 'document');
      await desk.addDisposition(id, { action: 'hand-over', officer: 'A18' });
      now += 5_000;
      const receipt = await desk.addDisposition(id, { action: 'hand-over', officer: 'A18' });
      now = NOON;
      expect(receipt!.dispositions).toEqual([{ action: 'hand-over', officer: 'A18', at: '2024-05-01T04:00:00Z' }]);
    });

    test('of a receipt that is not there', async () => {
      expect(await desk.addDisposition(`${'0'.repeat(26)}`, { action: 'let-pass' })).toBeUndefined();
      expect(await desk.addDisposition("' or 1=1 --", { action: 'let-pass' })).toBeUndefined();
    });

    test.each([
      [{ action: 'let-pass-by-hand' }, 'no reason given'],
      [{ action: 'let-pass-by-hand', reason: '急' }, 'no reason worth the name'],
      [{ action: 'arrest' }, 'no action'],
      [{ action: 'turn-back', reason: '持证人电话13912345678' }, 'a telephone number'],
      [{ action: 'turn-back', reason: '电话 139-1234-5678' }, 'a telephone number in groups'],
      [{ action: 'turn-back', reason: '证号３１０１０１１９９００１０１１２３４' }, 'full-width digits'],
      [{ action: 'turn-back', reason: '证号310101199001011234' }, 'a citizen number'],
      [{ action: 'turn-back', reason: 'a\u0000b' }, 'a control character'],
      [{ action: 'turn-back', reason: 'two\nlines' }, 'a line end'],
      [{ action: 'turn-back', reason: 'abc\u202ecba' }, 'a turned reading direction'],
      [{ action: 'turn-back', reason: 'x'.repeat(301) }, 'too long'],
      [{ action: 'turn-back', officer: '张伟' }, 'a name'],
      [{ action: 'turn-back', at: 'yesterday' }, 'no time'],
      [{ action: 'turn-back', at: '2024-13-41T99:00:00Z' }, 'no such day'],
    ])('does not take %j: %s', async (disposition, _because) => {
      const { id } = await desk.record(verdict(), 'document');
      const report = desk.addDisposition(id, disposition as Parameters<Recorder['addDisposition']>[1]);
      await expect(report).rejects.toMatchObject({ name: 'RecordError' });
      expect(await desk.findReceipt(id)).not.toHaveProperty('dispositions');
    });

    test.each([
      "'; drop table dispositions; --",
      '2024-05-01 08:30 已人工核对',
      '2026/11/27, 120 km',
      '😀 ok',
      'C:\\new',
    ])('takes the reason %j', async (reason) => {
      const { id } = await desk.record(verdict(), 'document');
      const receipt = await desk.addDisposition(id, { action: 'let-pass-by-hand', reason });
      expect(receipt!.dispositions![0]!.reason).toBe(reason);
    });
  });

  test('a thousand at once', async () => {
    const receipts = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => desk.record(verdict(), `document ${i}`, { checkpoint: 'thousand' })),
    );
    const ids = new Set(receipts.map(({ id }) => id));
    expect(ids.size).toBe(1_000);
    const first = await store.receipts.list({ checkpoint: 'thousand', limit: 500 });
    const second = await store.receipts.list({ checkpoint: 'thousand', limit: 500, after: first.at(-1)!.id });
    expect([...first, ...second].every(({ id }) => ids.delete(id))).toBe(true);
    expect(ids.size).toBe(0);
  });
});
