import { beforeAll, describe, expect, it } from 'vitest';
import { instantOf } from '../../src/document/time.ts';
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

  it('is refused where it is shown again elsewhere, and the receipt says so', async () => {
    const first = await show('330000/code-green', 'east');
    expect(first.verdict.outcome).toBe('accept');
    const again = await show('330000/code-green', 'east');
    expect(again.verdict).toMatchObject({ outcome: 'accept', reasons: [] });
    const { verdict, receipt } = await show('330000/code-green', 'west');
    expect([verdict.outcome, verdict.reasons]).toEqual(['refuse', ['REPLAYED']]);
    expect(verdict.sentence.zh).toContain('出示');
    expect(verdict.next.zh).toContain('刷新');
    expect(verdict.findings.at(-1)).toMatchObject({ code: 'REPLAYED', stage: 'judge', result: 'fail' });
    expect([receipt.outcome, receipt.reasons]).toEqual(['refuse', ['REPLAYED']]);
    expect(receipt.findings).toContain('REPLAYED');
    // The place that saw it first is not troubled by what somebody else does with a copy.
    expect((await show('330000/code-green', 'east')).verdict.outcome).toBe('accept');
  });

  it('whoever names no checkpoint is one place', async () => {
    expect((await show('310000/code-green', undefined)).verdict.outcome).toBe('accept');
    expect((await show('310000/code-green', undefined)).verdict.outcome).toBe('accept');
    const elsewhere = await show('310000/code-green', undefined, {}, counter);
    expect(elsewhere.verdict.reasons).toEqual(['REPLAYED']);
  });

  it('is remembered for its issuer and as long as it lives, and only where it was accepted, now, for the record', async () => {
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
    const text = gateway.wire('330000/code-green');
    await gateway.call('POST', '/v1/verify', { body: { text }, headers: lanes.headers });
    await show('330000/code-green', 'east', { at: instantOf(gateway.clock()) });
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
    // It lives for fifty seconds more, and clocks may differ by a minute.
    expect(remembered[0]!.expiresAt - gateway.clock()).toBeGreaterThan(60_000);
    expect(remembered[0]!.expiresAt - gateway.clock()).toBeLessThanOrEqual(110_000);
    gateway.records = whole;
  });

  it('is remembered for as long as it might be accepted', async () => {
    const end = Date.parse((await show('330000/code-green', 'east')).verdict.document.validity.until);
    gateway.clock = () => end + 50_000;
    expect((await show('330000/code-green', 'west')).verdict.reasons).toEqual(['REPLAYED']);
    gateway.clock = () => end + 61_000;
    expect((await show('330000/code-green', 'west')).verdict.reasons).toContain('EXPIRED');
    gateway.clock = () => gateway.mintedAt;
  });
});
