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
  it('takes 64 at most, and is over when the event loop has gone round', async () => {
    const turns = createTurns();
    const joined = Array.from({ length: 130 }, () => turns.join());
    expect(new Set(joined).size).toBe(3);
    expect(joined.filter((turn) => turn === joined[0])).toHaveLength(64);
    await Promise.all(joined.map(({ over }) => over));
    expect(joined).not.toContain(turns.join());
  });
});
