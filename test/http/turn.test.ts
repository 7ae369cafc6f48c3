import { describe, expect, it } from 'vitest';
import { abreast, createTurns } from '../../src/http/turn.ts';
import type { Gathering } from '../../src/journeys.ts';
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
  const itself = (turn: Gathering): Gathering => turn;
  /** Which turn each of them got, from 0. */
  const numbered = (turns: readonly Gathering[]): number[] => turns.map((each) => [...new Set(turns)].indexOf(each));

  it('takes 64 at most, and whoever comes behind them gets the next one', async () => {
    const turns = createTurns();
    const got = await Promise.all(Array.from({ length: 130 }, () => turns.take(itself)));
    expect(numbered(got)).toEqual(Array.from({ length: 130 }, (_, i) => Math.floor(i / 64)));
  });

  it('is over when the event loop has gone round', async () => {
    const turns = createTurns();
    const first = await Promise.all([turns.take(itself), turns.take(itself)]);
    const later = await Promise.all([turns.take(itself), turns.take(itself)]);
    expect(numbered([...first, ...later])).toEqual([0, 0, 1, 1]);
  });

  it('takes nobody any more when it has been long, but always its first', async () => {
    let time = 0;
    const turns = createTurns(() => time);
    const taking = (ms: number): Promise<Gathering> =>
      turns.take((turn) => {
        time += ms;
        return turn;
      });
    expect(numbered(await Promise.all([3, 3, 3, 3, 3].map(taking)))).toEqual([0, 0, 1, 1, 2]);
    expect(numbered(await Promise.all([60, 60, 60].map(taking)))).toEqual([0, 1, 2]);
  });

  it('is none the worse for one that fails', async () => {
    const turns = createTurns();
    const failing = turns.take(() => {
      throw new Error('not this one');
    });
    const [failed, taken] = await Promise.allSettled([failing, turns.take(itself)]);
    expect([failed.status, taken.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('lets all of them come as far, before one goes on', async () => {
    const turns = createTurns();
    const steps: string[] = [];
    const walk = async (name: string): Promise<void> => {
      await turns.take(() => void steps.push(`${name} opens`));
      steps.push(`${name} judges`);
      await abreast();
      steps.push(`${name} answers`);
    };
    await Promise.all(['a', 'b', 'c'].map(walk));
    expect(steps).toEqual(
      ['opens', 'judges', 'answers'].flatMap((step) => ['a', 'b', 'c'].map((who) => `${who} ${step}`)),
    );
  });
});
