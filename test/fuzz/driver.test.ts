import { afterEach, describe, expect, it, vi } from 'vitest';
import { Broken } from '../../src/document/broken.ts';
import { fuzz, generator, main, mutate, type Target } from './driver.ts';

const seeds = [Uint8Array.of(1, 2, 3), Uint8Array.of(9)];
const target = (run: Target['run']): Target => ({ name: 'planted', seeds, run });

describe('fuzz', () => {
  it('finds an error that is not Broken, with its input', async () => {
    const planted = target((bytes) => {
      if (bytes.length > 4) throw new TypeError('five bytes');
      if (bytes.length === 1) throw new Broken('test', 'one byte');
    });
    const { found, executions } = await fuzz(planted, 1, (done) => done < 10_000);
    expect(found?.why).toContain('five bytes');
    expect(found?.input.length).toBeGreaterThan(4);
    expect(executions).toBeGreaterThanOrEqual(seeds.length);
    expect(() => planted.run(found!.input)).toThrow(TypeError);
  });

  it('finds nothing where only Broken is thrown, and counts what was accepted', async () => {
    const picky = target((bytes) => {
      if (bytes[0] !== 9) throw new Broken('test', 'not a nine');
    });
    const { found, executions, accepted } = await fuzz(picky, 1, (done) => done < 500);
    expect(found).toBeUndefined();
    expect(executions).toBe(500);
    expect(accepted).toBeGreaterThan(1);
    expect(accepted).toBeLessThan(500);
  });

  it('finds a case that keeps the processor busy, and none that only waited for it', async () => {
    let now = 0;
    let worked = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    vi.spyOn(process, 'cpuUsage').mockImplementation((before) => ({ user: worked - (before?.user ?? 0), system: 0 }));
    const slow = (work: number) =>
      target((bytes) => {
        now += bytes[0] === 9 ? 300 : 1;
        worked += bytes[0] === 9 ? work : 1;
      });
    expect((await fuzz(slow(300_000), 1, (done) => done < 10)).found?.why).toBe('takes 300 ms');
    expect((await fuzz(slow(2_000), 1, (done) => done < 10)).found).toBeUndefined();
    vi.restoreAllMocks();
  });

  it('finds memory that is kept', async () => {
    const kept: unknown[] = [];
    const leak = target(() => {
      if (kept.length < 300) kept.push(new Uint8Array(1 << 20));
    });
    expect((await fuzz(leak, 1, (done) => done < 5000)).found?.why).toContain('heap');
  });

  it('gives the same cases for the same seed', async () => {
    const cases = async (seed: number) => {
      const seen: string[] = [];
      await fuzz(
        target((bytes) => void seen.push(Buffer.from(bytes).toString('hex'))),
        seed,
        (done) => done < 300,
      );
      return seen;
    };
    expect(await cases(7)).toEqual(await cases(7));
    expect(await cases(7)).not.toEqual(await cases(8));
    expect(new Set(await cases(7)).size).toBeGreaterThan(200);
  });
});

it('mutates nothing into something, and never beyond 4096 bytes', () => {
  const random = generator(3);
  const pool = [new Uint8Array(0), new Uint8Array(4096)];
  const lengths = Array.from({ length: 2000 }, () => mutate(pool, 2, random).length);
  expect(Math.max(...lengths)).toBe(4096);
  expect(lengths.some((length) => length > 0 && length < 100)).toBe(true);
});

describe('main', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  const silent = () =>
    [vi.spyOn(console, 'log').mockReturnValue(), vi.spyOn(console, 'error').mockReturnValue()] as const;

  it('exits with 1 and the case in hexadecimal', async () => {
    const [log, error] = silent();
    const bad = target((bytes) => {
      if (bytes[0] === 9) throw new TypeError('a nine');
    });
    await main([bad], ['--seconds', '1', '--seed', '5']);
    expect(process.exitCode).toBe(1);
    expect(log).toHaveBeenCalledWith('seed 5');
    expect(error.mock.calls[0]![0]).toMatch(/^planted on 09\nTypeError: a nine/);
  });

  it('runs the named target only', async () => {
    const [log] = silent();
    await main([target(() => {}), { ...target(() => {}), name: 'other' }], ['--seconds', '0.05', '--target', 'other']);
    expect(process.exitCode).toBeUndefined();
    expect(log.mock.calls.map(([line]) => String(line).split(':')[0])).toEqual([
      expect.stringMatching(/^seed/),
      'other',
    ]);
  });

  it('exits with 64 for a target that does not exist', async () => {
    silent();
    await main([target(() => {})], ['--target', 'nothing']);
    expect(process.exitCode).toBe(64);
  });
});
