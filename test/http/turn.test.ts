import { describe, expect, it } from 'vitest';
import { createTurns, type Steps, type Turns } from '../../src/http/turn.ts';
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
  const nothing = (): void => {};
  const STEPS: Steps = { read: nothing, open: nothing, judge: nothing, write: nothing, give: nothing };
  /** Asks for turns all at once. Out: which turn each of them got, from 0. */
  async function numbered(turns: Turns, asked: readonly Partial<Steps>[]): Promise<number[]> {
    const got: Gathering[] = [];
    const run = (steps: Partial<Steps>, i: number): Promise<void> =>
      turns.run({
        ...STEPS,
        ...steps,
        open(together) {
          got[i] = together;
          steps.open?.(together);
        },
      });
    await Promise.all(asked.map(run));
    return got.map((each) => [...new Set(got)].indexOf(each));
  }

  it('takes 64 at most, and whoever comes behind them gets the next one', async () => {
    const asked = Array.from({ length: 130 }, () => ({}));
    expect(await numbered(createTurns(), asked)).toEqual(asked.map((_, i) => Math.floor(i / 64)));
  });

  it('is over when the event loop has gone round', async () => {
    const turns = createTurns();
    const got: Gathering[] = [];
    const open = (together: Gathering): void => void got.push(together);
    await Promise.all([turns.run({ ...STEPS, open }), turns.run({ ...STEPS, open })]);
    await Promise.all([turns.run({ ...STEPS, open }), turns.run({ ...STEPS, open })]);
    expect(got.map((each) => [...new Set(got)].indexOf(each))).toEqual([0, 0, 1, 1]);
  });

  it.each(['read', 'open'] as const)(
    'takes nobody any more when it has been long to %s, but always its first',
    async (step) => {
      let time = 0;
      const turns = createTurns(() => time);
      const taking = (ms: number): Partial<Steps> => ({
        [step]: () => {
          time += ms;
        },
      });
      expect(await numbered(turns, [3, 3, 3, 3, 3].map(taking))).toEqual([0, 0, 1, 1, 2]);
      expect(await numbered(turns, [60, 60, 60].map(taking))).toEqual([0, 1, 2]);
    },
  );

  it('reads nobody twice who had to wait between reading and opening', async () => {
    let time = 0;
    const turns = createTurns(() => time);
    const read: string[] = [];
    const asking = (name: string): Promise<void> =>
      turns.run({
        ...STEPS,
        read: () => void read.push(name),
        open: () => {
          time += 60;
        },
      });
    await Promise.all(['a', 'b', 'c'].map(asking));
    expect(read).toEqual(['a', 'b', 'c']);
  });

  it.each(['read', 'open', 'judge', 'write', 'give'] as const)(
    'is none the worse for one that fails to %s',
    async (step) => {
      const turns = createTurns();
      const failing: Steps = {
        ...STEPS,
        [step]: () => {
          throw new Error('not this one');
        },
      };
      const [failed, taken] = await Promise.allSettled([turns.run(failing), turns.run(STEPS)]);
      expect([failed.status, taken.status]).toEqual(['rejected', 'fulfilled']);
    },
  );

  it('lets all of them come as far, before one goes on; who waits for somebody goes on alone', async () => {
    const turns = createTurns();
    const taken: string[] = [];
    const walk = (name: string, judging?: Promise<void>): Promise<void> => {
      const say = (step: string) => (): void => void taken.push(`${name} ${step}`);
      const judge = (): void | Promise<void> => {
        say('judge')();
        return judging;
      };
      return turns.run({ read: say('read'), open: say('open'), judge, write: say('write'), give: say('give') });
    };
    const answered = Promise.withResolvers<void>();
    const refused = Promise.withResolvers<void>();
    const rejected = expect(walk('refused', refused.promise)).rejects.toThrow('not this one');
    const late = walk('late', answered.promise);
    await Promise.all(['a', 'b'].map((name) => walk(name)));
    const by = (names: readonly string[], steps: readonly string[]): string[] =>
      steps.flatMap((step) => names.map((name) => `${name} ${step}`));
    const first = [
      ...by(['refused', 'late', 'a', 'b'], ['read', 'open', 'judge']),
      ...by(['a', 'b'], ['write', 'give']),
    ];
    expect(taken).toEqual(first);
    refused.reject(new Error('not this one'));
    answered.resolve();
    await rejected;
    await late;
    expect(taken).toEqual([...first, 'late write', 'late give']);
  });
});
