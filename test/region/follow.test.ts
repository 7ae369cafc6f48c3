import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/region/follow.ts';
import { SETTINGS } from '../../src/settings.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const SECONDS = Number(SETTINGS.pollSeconds.fallback);

describe('what is looked after again and again', () => {
  it.each([
    [0, 15],
    [0.5, 20],
    [0.999999, 25],
  ])(
    'by default is looked at in time for a removal to act within a minute (chance %d: %d seconds)',
    async (chance, after) => {
      const look = vi.fn(async () => {});
      const following = follow(look, { seconds: SECONDS, random: () => chance, failed: () => {} });
      await vi.advanceTimersByTimeAsync(after * 1000 - 100);
      expect(look).toHaveBeenCalledTimes(0);
      await vi.advanceTimersByTimeAsync(200);
      expect(look).toHaveBeenCalledTimes(1);
      // Twice as long, and what takes its time besides, is still within the minute.
      expect(2 * after).toBeLessThan(60);
      following.stop();
    },
  );

  it('is never looked at twice at a time, goes on after a failure, and at once when told to', async () => {
    let busy = 0;
    let looks = 0;
    const failures: unknown[] = [];
    const look = async (): Promise<void> => {
      expect(++busy).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      busy -= 1;
      looks += 1;
      if (looks === 1) throw new Error('once');
    };
    const following = follow(look, { seconds: 10, random: () => 0.5, failed: (error) => failures.push(error) });
    following.now();
    following.now();
    following.now();
    await vi.advanceTimersByTimeAsync(5_000);
    expect([looks, failures.length]).toEqual([1, 1]);
    // Told while it looked: once more, and not for each time.
    await vi.advanceTimersByTimeAsync(5_000);
    expect(looks).toBe(2);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(looks).toBe(2);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(looks).toBe(3);
    following.stop();
    following.now();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(looks).toBe(3);
  });

  it('may be looked at only when told to', async () => {
    const look = vi.fn(async () => {});
    const following = follow(look, { seconds: Number.POSITIVE_INFINITY, random: Math.random, failed: () => {} });
    await vi.advanceTimersByTimeAsync(1e9);
    expect(look).not.toHaveBeenCalled();
    following.now();
    await vi.advanceTimersByTimeAsync(0);
    expect(look).toHaveBeenCalledTimes(1);
    following.stop();
  });
});
