import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { sm3 } from '../../src/crypto/sm3.ts';
import { instantOf } from '../../src/document/time.ts';
import { journey } from '../../src/journey.ts';
import { receiptOf } from '../../src/record/receipt.ts';
import { newId } from '../../src/store/ids.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';

describe('POST /v1/receipts: what a device judged by itself', () => {
  const gateway = useGateway();
  const lane = keyRow({ id: 'lane-7', scopes: ['record'] });
  const other = keyRow({ id: 'lane-8', scopes: ['record'], regions: ['330000'] });
  const looker = keyRow({ id: 'looker', scopes: ['verify'] });
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

  /** As a device makes it. */
  const made = (text: string, at = gateway.clock(), more: object = {}) => {
    const verdict = journey({ text }, gateway.federation.standpoint('310000', () => at)!, {
      purpose: 'checkpoint',
    }).verdict;
    const value = encodeBase64url(sm3(encodeUtf8(text)));
    const digest = { algorithm: 'SM3', keyId: '0'.repeat(16), value } as const;
    return { ...receiptOf(verdict, { id: newId(at, random), checkpoint: 'G2-01', digest }), ...more };
  };
  const hand = async (receipts: readonly object[], key = lane) => {
    gateway.keyring = keyringOf(lane.row, other.row, looker.row);
    return gateway.call('POST', '/v1/receipts', { body: { receipts }, headers: key.headers });
  };

  it('is kept once, however often it comes, and names the device', async () => {
    const text = gateway.wire('330000/pass');
    const one = made(text, undefined, {
      dispositions: [{ action: 'let-pass', at: instantOf(Date.now()) }],
    });
    const { id } = one;
    expect((await hand([one])).json).toEqual({ taken: [id], refused: [] });
    expect((await hand([one])).json).toEqual({ taken: [id], refused: [] });
    const { json } = await gateway.call('GET', `/v1/receipts/${id}`, { headers: lane.headers });
    expect(json).toMatchObject({ id, device: 'lane-7', outcome: 'accept', checkpoint: 'G2-01' });
    expect(json.dispositions).toHaveLength(1);
    // Under the gateway's key: an objection with the document in hand finds it, the plain digest does not lead to it.
    expect(json.documentDigest.value).not.toBe(one.documentDigest.value);
    const { recorder } = await gateway.records();
    expect(await recorder.compare(id, text)).toBe('same');
    expect(await recorder.compare(id, `${text} `)).toBe('different');
  });

  it.each(['车主 3101.0119 9001 0112 34', '电话 138-0013-8000', '电话138 . 0013 . 8000'])(
    'and what was done is kept, though its reason may not be: %s',
    async (reason) => {
      const at = instantOf(Date.now());
      const one = made('x', undefined, { dispositions: [{ action: 'let-pass-by-hand', reason, at }] });
      for (let time = 0; time < 2; time++) expect((await hand([one])).json).toEqual({ taken: [one.id], refused: [] });
      const { json } = await gateway.call('GET', `/v1/receipts/${one.id}`, { headers: lane.headers });
      expect(json.dispositions).toEqual([
        { action: 'let-pass-by-hand', reason: '原因不符合规定，未保留 the reason was not fit to be kept', at },
      ]);
    },
  );

  it('what does not fit is named and holds up nothing else', async () => {
    const [good, forged, future, past, shifted] = [
      made('x'),
      made('x', undefined, { officer: '张三' }),
      made('x', gateway.clock() + 3_600_000),
      made('x', gateway.clock() - 15 * 86_400_000),
      made('x', undefined, { at: '2026-01-01T00:00:00Z' }),
    ];
    const foreign = made('x', undefined, { federation: 'another' });
    const real = made('x', undefined, { environment: 'production' });
    const { json } = await hand([forged, future, past, shifted, foreign, real, good]);
    expect(json.taken).toEqual([good.id]);
    expect(json.refused.map(({ id, at }: { id: string; at: string }) => [id, at])).toEqual([
      [forged.id, '/officer'],
      [future.id, '/at'],
      [past.id, '/at'],
      [shifted.id, '/at'],
      [foreign.id, '/federation'],
      [real.id, '/environment'],
    ]);
  });

  it('what was done is kept once, however often and in however many parts it comes', async () => {
    const done = (action: string, second: string) => ({ action, at: `2026-07-01T08:00:${second}Z` });
    const [first, second] = [done('turn-back', '01'), done('let-pass', '02')];
    const one = made('x', undefined, { dispositions: [first, second] });
    await hand([{ ...one, dispositions: [first] }]);
    for (let time = 0; time < 3; time++) await hand([one]);
    const { json } = await gateway.call('GET', `/v1/receipts/${one.id}`, { headers: lane.headers });
    expect(json.dispositions).toEqual([first, second]);
    const undated = made('y', undefined, { dispositions: [done('let-pass', '61')] });
    expect((await hand([undated, one])).json).toMatchObject({
      taken: [one.id],
      refused: [{ id: undated.id, at: '/dispositions/0/at' }],
    });
  });

  it('adds nothing to a receipt of another region or device, whatever it says of itself', async () => {
    const one = made('x');
    await hand([one]);
    const passed = { dispositions: [{ action: 'let-pass', at: '2026-07-01T08:00:00Z' }] };
    const { json: answer } = await hand([{ ...one, ...passed, region: '330000' }], other);
    expect(answer).toMatchObject({ taken: [], refused: [{ id: one.id, at: '/id' }] });
    const { json } = await gateway.call('GET', `/v1/receipts/${one.id}`, { headers: lane.headers });
    expect(json.dispositions).toBeUndefined();
  });

  it('does not replace a receipt that is there, nor speak for a region or a device that is not its own', async () => {
    const one = made('x');
    await hand([one]);
    await hand([{ ...one, outcome: 'accept' }]);
    const { json } = await gateway.call('GET', `/v1/receipts/${one.id}`, { headers: lane.headers });
    expect(json.outcome).toBe('undetermined');
    const foreign = made('y');
    expect((await hand([foreign], other)).json.refused).toMatchObject([{ id: foreign.id, at: '/region' }]);
    // Whoever it says it is, it is the one whose key was used; and no digest comes that looks like one under our key.
    await hand([{ ...foreign, device: 'lane-8' }]);
    const kept = await gateway.call('GET', `/v1/receipts/${foreign.id}`, { headers: lane.headers });
    expect(kept.json.device).toBe('lane-7');
    const keyed = { ...made('z'), documentDigest: { ...one.documentDigest, algorithm: 'HMAC-SM3' } };
    expect((await hand([keyed])).json.refused).toMatchObject([{ id: keyed.id, at: '/documentDigest/algorithm' }]);
    expect((await hand([])).status).toBe(400);
    expect((await hand([{ ...one, id: 7 }])).json.at).toBe('/receipts/0/id');
    expect((await hand([foreign], looker)).status).toBe(403);
    expect((await hand(Array.from({ length: 101 }, () => one))).status).toBe(400);
  });
});
