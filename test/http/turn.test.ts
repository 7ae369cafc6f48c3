import { describe, expect, it } from 'vitest';
import { createTurns } from '../../src/http/turn.ts';
import { useGateway } from './harness.ts';

const gateway = useGateway();

describe('requests that arrive together', () => {
  it('each get their own answer: that which they get alone', async () => {
    const texts = gateway.samples.flatMap(({ wire, shown }) =>
      typeof wire === 'string' && shown.challenge === undefined && shown.before === undefined ? [wire] : [],
    );
    const changed = texts
      .slice(0, 20)
      .map((text) => `${text.slice(0, -9)}${text.at(-9) === 'A' ? 'B' : 'A'}${text.slice(-8)}`);
    const asked: readonly object[] = [
      ...texts.map((text) => ({ text })),
      ...changed.map((text) => ({ text })),
      ...texts.slice(0, 5).map((text) => ({ text, for: '999999' })),
      ...texts.slice(0, 5).map((text) => ({ text, for: '330000', purpose: 'counter' })),
      { text: 'nothing that is known' },
      { text: 1 },
    ];
    const ask = async (body: object): Promise<unknown> => {
      const { status, json } = await gateway.call('POST', '/v1/verify', { body });
      // What is of the moment differs.
      return { status, ...json, clock: undefined, instance: undefined };
    };
    const alone: unknown[] = [];
    for (const body of asked) alone.push(await ask(body));
    // More than are checked side by side, in two orders.
    const orders = [asked, asked.toReversed()];
    for (const order of orders) {
      const together = await Promise.all(order.map(ask));
      expect(together).toEqual(order === asked ? alone : alone.toReversed());
    }
    const outcomes = new Set(alone.map((each) => (each as { outcome?: string }).outcome));
    expect(outcomes.size).toBeGreaterThan(3);
    expect(asked.length).toBeGreaterThan(64);
  });
});

describe('a turn', () => {
  it('takes 64 at most, whoever comes behind them goes alone, and it is over when the event loop has gone round', async () => {
    const turns = createTurns();
    const joined = Array.from({ length: 130 }, () => turns.join());
    expect(new Set(joined.slice(0, 64))).toEqual(new Set([joined[0]]));
    expect(joined.slice(64).every((turn) => turn === undefined)).toBe(true);
    await joined[0]!.over;
    const next = turns.join();
    expect(next).toBeDefined();
    expect(next).not.toBe(joined[0]);
  });

  it('takes nobody any more who arrives when it has been long', async () => {
    let time = 0;
    const turns = createTurns(() => time);
    const first = turns.join();
    time = 4;
    expect(turns.join()).toBe(first);
    time = 5;
    expect([turns.join(), turns.join()]).toEqual([undefined, undefined]);
    await first!.over;
    expect(turns.join()).toBeDefined();
  });
});
