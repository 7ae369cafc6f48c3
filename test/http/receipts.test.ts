import { beforeAll, describe, expect, it, test } from 'vitest';
import type { Records } from '../../src/http/gateway.ts';
import { StoreError } from '../../src/store/error.ts';
import { useGateway } from './harness.ts';

const RECORDED = { Prefer: 'recorded' };

describe('GET /v1/receipts/{id} and what was then done', () => {
  const gateway = useGateway();
  let id = '';
  beforeAll(async () => {
    const { json } = await gateway.call('POST', '/v1/verify', { body: { text: 'x', record: { officer: 'A1' } } });
    id = json.receipt.id;
  });
  const dispose = (body: object | string, receipt = id) =>
    gateway.call('POST', `/v1/receipts/${receipt}/disposition`, {
      type: 'application/json',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('adds what was done; what was said before stays, the same again changes nothing', async () => {
    const first = await dispose({ action: 'turn-back' });
    expect(first.status).toBe(200);
    expect(first.json.dispositions).toEqual([{ action: 'turn-back', at: expect.any(String) }]);
    await dispose({ action: 'turn-back' });
    const second = await dispose({
      action: 'let-pass-by-hand',
      reason: '证件原件已人工核对',
      officer: 'B2',
      at: '2026-01-01T00:00:00Z',
    });
    expect(second.json.dispositions.map(({ action }: { action: string }) => action)).toEqual([
      'turn-back',
      'let-pass-by-hand',
    ]);
    expect(second.json.dispositions[1]).toMatchObject({
      reason: '证件原件已人工核对',
      officer: 'B2',
      at: '2026-01-01T00:00:00Z',
    });
    expect((await gateway.call('GET', `/v1/receipts/${id}`)).json).toEqual(second.json);
  });

  test.each<[string, object | string, string, string | undefined]>([
    ['nothing is said', {}, 'invalid-ask', ''],
    ['it is no JSON', '{', 'invalid-json', undefined],
    ['it is no object', '"turn-back"', 'invalid-ask', undefined],
    ['it is a list', '[]', 'invalid-ask', ''],
    ['the action is none', { action: 'arrest' }, 'invalid-ask', '/action'],
    ['passing by hand has no reason', { action: 'let-pass-by-hand' }, 'invalid-ask', ''],
    [
      'the reason holds a number of a person',
      { action: 'hand-over', reason: '号码 13800000000' },
      'invalid-ask',
      '/reason',
    ],
    ['the officer is a name', { action: 'hand-over', officer: '张三' }, 'invalid-ask', '/officer'],
    ['there is more', { action: 'hand-over', name: 'x' }, 'invalid-ask', '/name'],
    ['the day is none', { action: 'hand-over', at: '2026-02-30T00:00:00Z' }, 'invalid-ask', '/at'],
    ['it is too long', `{"action":"${'x'.repeat(9000)}"}`, 'too-large', undefined],
  ])('is refused where %s', async (_, body, problem, at) => {
    const { json, text } = await dispose(body);
    expect([json.type, json.at]).toEqual([`urn:tongren:problem:${problem}`, at]);
    expect(text).not.toMatch(/13800000000|张三|arrest/);
  });

  it('404 for a receipt that there is not, and for what is no id', async () => {
    for (const none of ['01HX0000000123456789ABCDEF', 'x', '..', '%00', `${id}%20`, id.toLowerCase()]) {
      const answer = await gateway.call('GET', `/v1/receipts/${none}`);
      // Two dots are another path.
      const code = none === '..' ? 'not-found' : 'no-such-record';
      expect([answer.status, answer.json.type], none).toEqual([404, `urn:tongren:problem:${code}`]);
    }
    expect((await dispose({ action: 'turn-back' }, '01HX0000000123456789ABCDEF')).status).toBe(404);
    expect((await gateway.call('GET', `/v1/receipts/${id}?all=1`)).status).toBe(400);
  });

  it('409 when a receipt has as many as it can take', async () => {
    for (let i = 0; i < 60; i++) {
      const { status, json } = await dispose({ action: i % 2 === 0 ? 'turn-back' : 'hand-over' });
      if (status === 200) continue;
      expect([status, json.type]).toEqual([409, 'urn:tongren:problem:too-many-dispositions']);
      return;
    }
    expect.unreachable('there is no end to it');
  });
});

describe('when receipts cannot be kept', () => {
  const gateway = useGateway();
  const failing = async (records: () => Promise<Records>, run: () => Promise<void>) => {
    const whole = gateway.records;
    gateway.records = records;
    await run().finally(() => {
      gateway.records = whole;
    });
  };
  const verdicts = async () => (await gateway.call('GET', '/metrics')).text.match(/^tongren_verdicts_total.*$/gm) ?? [];

  it('503: there is never a verdict that should have been recorded and was not', async () => {
    const before = await verdicts();
    const broken = { ...(await gateway.gateway.records()) };
    const recorder = { ...broken.recorder, record: () => Promise.reject(new StoreError('unavailable')) };
    for (const records of [
      () => Promise.reject(new StoreError('unavailable')),
      async () => ({ ...broken, recorder }),
    ]) {
      await failing(records, async () => {
        const { status, json, text, headers } = await gateway.call('POST', '/v1/verify', {
          body: { text: gateway.wire('vaccination') },
          headers: RECORDED,
        });
        expect([status, json.type]).toEqual([503, 'urn:tongren:problem:store-unavailable']);
        expect(headers.get('retry-after')).toBe('5');
        expect(text).not.toMatch(/accept|outcome|vaccination/);
        expect(headers.has('tongren-receipt')).toBe(false);
      });
    }
    expect(await verdicts()).toEqual(before);
  });

  it('says in the log what failed, and not what the database said of it', async () => {
    const cause = new Error('cannot insert 张三 into postgres://user:secret@host');
    await failing(
      () => Promise.reject(new StoreError('refused', cause)),
      async () => {
        await gateway.call('POST', '/v1/verify', { body: { text: 'x' }, headers: RECORDED });
      },
    );
    const entry = gateway.log.map((line) => JSON.parse(line)).find(({ code }) => code === 'refused');
    expect(entry).toMatchObject({ level: 50, error: 'Error' });
    expect(gateway.log.join('')).not.toMatch(/张三|secret/);
  });

  it('what we did not expect there is our fault, and no verdict either', async () => {
    await failing(
      () => Promise.reject(new TypeError('张三')),
      async () => {
        const { status, json, text } = await gateway.call('POST', '/v1/verify', {
          body: { text: 'x' },
          headers: RECORDED,
        });
        expect([status, json.type]).toEqual([500, 'urn:tongren:problem:internal']);
        expect(text).not.toContain('张三');
      },
    );
  });

  it('others are verified all the same', async () => {
    await failing(
      () => Promise.reject(new StoreError('unavailable')),
      async () => {
        expect((await gateway.verify({ text: gateway.wire('vaccination') })).outcome).toBe('accept');
      },
    );
  });
});
