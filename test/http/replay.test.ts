import { beforeAll, describe, expect, it } from 'vitest';
import { instantOf } from '../../src/document/time.ts';
import { StoreError } from '../../src/store/error.ts';
import type { Shown } from '../../src/store/replay.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';

describe('a code that may be shown once', () => {
  const gateway = useGateway();
  const lanes = keyRow({ id: 'lanes' });
  const counter = keyRow({ id: 'counter' });
  beforeAll(() => {
    gateway.keyring = keyringOf(lanes.row, counter.row);
    // These codes live for a minute: here it does not pass.
    gateway.clock = () => gateway.mintedAt;
  });
  const show = async (name: string, checkpoint: string | undefined, more: object = {}, key = lanes) => {
    const body = { text: gateway.wire(name), ...more, record: checkpoint === undefined ? {} : { checkpoint } };
    const { json } = await gateway.call('POST', '/v1/verify', { body, headers: key.headers });
    return json;
  };
  /** Without a receipt. */
  const glance = async (name: string, checkpoint?: string, key = lanes) => {
    const place = checkpoint === undefined ? {} : { 'Tongren-Checkpoint': checkpoint };
    const body = { text: gateway.wire(name) };
    const { json } = await gateway.call('POST', '/v1/verify', { body, headers: { ...key.headers, ...place } });
    return json;
  };

  it('is refused where it is shown again elsewhere, and the receipt says so', async () => {
    const first = await show('330000/code-green', 'east');
    expect(first.verdict.outcome).toBe('accept');
    expect(first.receipt.findings).toContain('REPLAY_CHECKED');
    const again = await show('330000/code-green', 'east');
    expect(again.verdict).toMatchObject({ outcome: 'accept', reasons: [] });
    const { verdict, receipt } = await show('330000/code-green', 'west');
    expect([verdict.outcome, verdict.reasons]).toEqual(['refuse', ['REPLAYED']]);
    expect(verdict.sentence.zh).toContain('出示');
    expect(verdict.next.zh).toContain('刷新');
    expect(verdict.findings).toContainEqual(expect.objectContaining({ code: 'REPLAYED', result: 'fail' }));
    expect([receipt.outcome, receipt.reasons]).toEqual(['refuse', ['REPLAYED']]);
    expect(receipt.findings).toContain('REPLAYED');
    // The place that saw it first is not troubled by what somebody else does with a copy.
    expect((await show('330000/code-green', 'east')).verdict.outcome).toBe('accept');
  });

  it('is asked about without a receipt as well', async () => {
    expect((await glance('330000/code-green', 'east')).outcome).toBe('accept');
    expect(await glance('330000/code-green', 'west')).toMatchObject({ outcome: 'refuse', reasons: ['REPLAYED'] });
    // The neighbour's lane at a checkpoint that regions share.
    expect((await glance('330000/code-green', 'east', counter)).outcome).toBe('accept');
  });

  it('as of its signing is no showing: nothing is remembered of it, and nothing is said of where it was shown', async () => {
    const archived = await show('330000/service', 'west', { asOf: 'signing' });
    const codes = archived.verdict.findings.map(({ code }: { code: string }) => code);
    expect(codes).toContain('REPLAY_UNCHECKED');
    expect(codes).not.toContain('REPLAY_CHECKED');
    expect((await show('330000/service', 'east')).verdict.reasons).not.toContain('REPLAYED');
  });

  it('in a batch is the same, line by line and in order', async () => {
    const line = (name: string, record?: object) => JSON.stringify({ text: gateway.wire(name), ...record });
    const { text } = await gateway.call('POST', '/v1/verify/batch', {
      body: [
        line('330000/code-green'),
        line('340000/freight'),
        line('330000/code-green', { record: { checkpoint: 'west' } }),
        line('330000/pass'),
      ].join('\n'),
      type: 'application/x-ndjson',
      headers: { ...lanes.headers, 'Tongren-Checkpoint': 'east' },
    });
    const answers = text
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each))
      .map((each) => (each.verdict ?? each).reasons.join(' '));
    expect(answers).toEqual(['', '', 'REPLAYED', '']);
  });

  it('is not converted where it was shown elsewhere before', async () => {
    const convert = async (checkpoint: string) => {
      const body = { text: gateway.wire('330000/code-green'), to: 'document', audience: '310000' };
      const headers = { ...lanes.headers, 'Tongren-Checkpoint': checkpoint };
      return (await gateway.call('POST', '/v1/convert', { body, headers })).json;
    };
    expect((await convert('east')).conversion).toBeDefined();
    const copied = await convert('west');
    expect([copied.verdict.reasons, copied.conversion]).toEqual([['REPLAYED'], undefined]);
  });

  it('whoever names no checkpoint is one place', async () => {
    expect((await show('310000/code-green', undefined)).verdict.outcome).toBe('accept');
    expect((await show('310000/code-green', undefined)).verdict.outcome).toBe('accept');
    const elsewhere = await show('310000/code-green', undefined, {}, counter);
    expect(elsewhere.verdict.reasons).toEqual(['REPLAYED']);
  });

  it('is remembered for its issuer and as long as it lives, and only where it was accepted, now', async () => {
    const remembered: Shown[] = [];
    const whole = gateway.records;
    gateway.records = async () => {
      const records = await whole();
      const remember = (shown: Shown) => {
        remembered.push(shown);
        return records.replay.remember(shown);
      };
      return { ...records, replay: { ...records.replay, remember } };
    };
    const stated = await show('330000/code-green', 'east', { at: instantOf(gateway.clock()) });
    expect(stated.verdict).toMatchObject({ outcome: 'conditional', reasons: ['REPLAY_UNCHECKED'] });
    await show('330000/code-altered', 'east');
    await show('330000/code-screenshot', 'east');
    await show('330000/code-green', 'east', { purpose: 'hotel' });
    await show('340000/freight', 'east');
    expect(remembered).toEqual([]);
    await show('330000/code-green', 'east');
    expect(remembered).toEqual([
      {
        region: '330000',
        onceId: expect.stringMatching(/^ZJ-/),
        expiresAt: expect.any(Number),
        checkpoint: 'east',
        device: 'lanes',
        at: gateway.clock(),
      },
    ]);
    // It lives for fifty seconds more, and clocks may differ.
    expect(remembered[0]!.expiresAt - gateway.clock()).toBeGreaterThan(60_000);
    expect(remembered[0]!.expiresAt - gateway.clock()).toBeLessThanOrEqual(110_000);
    gateway.records = whole;
  });

  it('is remembered for as long as it might be accepted', async () => {
    const end = Date.parse((await show('330000/code-green', 'east')).verdict.document.validity.until);
    gateway.clock = () => end + 9_000;
    expect((await show('330000/code-green', 'west')).verdict.reasons).toEqual(['REPLAYED']);
    gateway.clock = () => end + 11_000;
    expect((await show('330000/code-green', 'west')).verdict.reasons).toContain('EXPIRED');
    gateway.clock = () => gateway.mintedAt;
  });

  it('where the memory cannot be asked: the verdict says so and asks for a face check; no other document notices', async () => {
    const whole = gateway.records;
    gateway.records = () => Promise.reject(new StoreError('unavailable'));
    const verdict = await glance('330000/code-red', 'east');
    expect([verdict.outcome, verdict.reasons]).toEqual(['conditional', ['REPLAY_UNCHECKED']]);
    expect(verdict.next.zh).toContain('身份证');
    expect((await glance('330000/pass', 'east')).outcome).toBe('accept');
    expect(gateway.log.filter((line) => line.includes('the store of receipts failed'))).toHaveLength(1);
    gateway.records = whole;
  });
});
