import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLimiter, quotaHeaders } from '../../src/http/quota.ts';
import { keyRow, keyringOf, linesOf, useGateway } from './harness.ts';

const at = (clock: { now: number }) => createLimiter(() => clock.now);

describe('a limiter', () => {
  it('grants a minute’s units at once, then as many as the time brings', () => {
    const clock = { now: 1000 };
    const limiter = at(clock);
    const caller = { id: 'a', perMinute: 60 };
    for (let left = 59; left >= 0; left--)
      expect(limiter.take(caller, 1)).toEqual({ granted: true, remaining: left, seconds: 1 });
    expect(limiter.take(caller, 1)).toEqual({ granted: false, remaining: 0, seconds: 1 });
    clock.now += 999;
    expect(limiter.take(caller, 1).granted).toBe(false);
    clock.now += 1;
    expect(limiter.take(caller, 1)).toEqual({ granted: true, remaining: 0, seconds: 1 });
    clock.now += 1_000_000;
    expect(limiter.take(caller, 1).remaining).toBe(59);
  });

  it('says for how long there will be no more', () => {
    const clock = { now: 0 };
    const limiter = at(clock);
    const caller = { id: 'a', perMinute: 2 };
    limiter.take(caller, 1);
    expect(limiter.take(caller, 1)).toEqual({ granted: true, remaining: 0, seconds: 30 });
    clock.now += 20_000;
    expect(limiter.take(caller, 1)).toEqual({ granted: false, remaining: 0, seconds: 10 });
    // Whoever waits as long as it was told gets in.
    clock.now += 10_000;
    expect(limiter.take(caller, 1).granted).toBe(true);
  });

  it('only looks where nothing is taken', () => {
    const limiter = at({ now: 0 });
    const caller = { id: 'a', perMinute: 1 };
    for (let i = 0; i < 3; i++) expect(limiter.take(caller, 0)).toMatchObject({ granted: true, remaining: 1 });
    limiter.take(caller, 1);
    expect(limiter.take(caller, 0).granted).toBe(false);
  });

  it('keeps callers apart', () => {
    const limiter = at({ now: 0 });
    limiter.take({ id: 'a', perMinute: 1 }, 1);
    expect(limiter.take({ id: 'a', perMinute: 1 }, 1).granted).toBe(false);
    expect(limiter.take({ id: 'b', perMinute: 1 }, 1).granted).toBe(true);
  });

  it('holds a caller to a lower limit as soon as it has one', () => {
    const limiter = at({ now: 0 });
    limiter.take({ id: 'a', perMinute: 1000 }, 1);
    expect(limiter.take({ id: 'a', perMinute: 5 }, 1).remaining).toBe(4);
  });

  it('forgets those who are gone, and never holds more than a bounded number', () => {
    const clock = { now: 0 };
    const limiter = at(clock);
    for (let i = 0; i < 5000; i++) limiter.take({ id: `a-${i}`, perMinute: 10 }, 1);
    expect(limiter.size).toBeLessThanOrEqual(1000);
    clock.now += 60_000;
    limiter.take({ id: 'b', perMinute: 10 }, 1);
    expect(limiter.size).toBe(1);
  });

  it('never grants more than a minute’s units and what the time brought', () => {
    const step = fc.record({ wait: fc.nat(5000), takes: fc.nat(20) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(step, { maxLength: 50 }), (perMinute, steps) => {
        const clock = { now: 0 };
        const limiter = at(clock);
        let granted = 0;
        for (const { wait, takes } of steps) {
          clock.now += wait;
          for (let i = 0; i < takes; i++) {
            const quota = limiter.take({ id: 'a', perMinute }, 1);
            if (quota.granted) granted += 1;
            expect(quota.remaining).toBeGreaterThanOrEqual(0);
            expect(quota.seconds).toBeGreaterThanOrEqual(1);
          }
        }
        expect(granted).toBeLessThanOrEqual(perMinute + (clock.now * perMinute) / 60_000 + 1e-6);
      }),
    );
  });

  it('tells it in the fields of the draft', () => {
    // draft-ietf-httpapi-ratelimit-headers-11 §3.2 and §4.2 have the same form: a string, then whole numbers.
    expect(quotaHeaders({ perMinute: 100 }, { granted: true, remaining: 50, seconds: 30 })).toEqual({
      'RateLimit-Policy': '"per-minute";q=100;w=60',
      RateLimit: '"per-minute";r=50;t=30',
    });
  });
});

describe('callers with keys', () => {
  const gateway = useGateway();
  const few = keyRow({ id: 'few', perMinute: 3 });
  const lines = keyRow({ id: 'lines', perMinute: 5 });
  const many = keyRow({ id: 'many' });
  const over = keyRow({ id: 'over', perMinute: 1 });
  beforeAll(() => {
    gateway.keyring = keyringOf(few.row, lines.row, many.row, over.row);
  });
  const verify = (headers: Record<string, string>) =>
    gateway.call('POST', '/v1/verify', { body: { text: 'x' }, headers });

  it('429 beyond their limit, with the time to wait; others are not held up', async () => {
    for (const left of [2, 1, 0]) {
      const { status, headers } = await verify(few.headers);
      expect([status, headers.get('ratelimit-policy')]).toEqual([200, '"per-minute";q=3;w=60']);
      expect(headers.get('ratelimit')).toMatch(new RegExp(`^"per-minute";r=${left};t=\\d+$`));
    }
    const { status, json, headers } = await verify(few.headers);
    expect([status, json.type, json.limit]).toEqual([429, 'urn:tongren:problem:too-many-requests', 3]);
    const wait = Number(headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(20);
    expect(json.retryAfterSeconds).toBe(wait);
    // The draft, §6: Retry-After does not point before the end of the window.
    expect(headers.get('ratelimit')).toBe(`"per-minute";r=0;t=${wait}`);
    expect((await verify(many.headers)).status).toBe(200);
  });

  it('each line of a batch counts, an empty one does not; where there is no more, the batch ends and says where', async () => {
    const body = '{"text":"a"}\n\n{"text":"b"}\n?\n{"text":"c"}\n{"text":"d"}\n{"text":"e"}\n{"text":"f"}\n';
    const batch = () =>
      gateway.call('POST', '/v1/verify/batch', { type: 'application/x-ndjson', body, headers: lines.headers });
    const answers = linesOf((await batch()).text);
    expect(answers.map((answer) => answer.problem?.type.split(':').pop() ?? answer.outcome)).toEqual([
      'undetermined',
      'undetermined',
      'invalid-json',
      'undetermined',
      'undetermined',
      'too-many-requests',
    ]);
    expect(answers.at(-1)).toMatchObject({ line: 7, problem: { limit: 5, retryAfterSeconds: expect.any(Number) } });
    // Nothing is left: the next one is refused before it is read.
    const next = await batch();
    expect([next.status, next.json.type]).toEqual([429, 'urn:tongren:problem:too-many-requests']);
  });

  it('what is refused for its key takes nothing from anybody', async () => {
    const wrong = { Authorization: `${over.headers.Authorization.slice(0, -2)}xx` };
    for (let i = 0; i < 3; i++) expect((await verify(wrong)).status).toBe(401);
    expect((await verify(over.headers)).status).toBe(200);
    expect((await verify(over.headers)).status).toBe(429);
  });
});

describe('callers of this machine, without keys', () => {
  const gateway = useGateway({}, { perMinute: 2 });

  it('share one limit; what is open to all does not count', async () => {
    for (let i = 0; i < 5; i++) expect((await gateway.call('GET', '/healthz')).status).toBe(200);
    expect((await gateway.call('GET', '/metrics')).status).toBe(200);
    expect((await gateway.call('POST', '/v1/verify', { body: { text: 'x' } })).status).toBe(200);
    const { status, headers } = await gateway.call('POST', '/v1/verify', { body: { text: 'x' } });
    expect([status, headers.get('ratelimit-policy')]).toEqual([429, '"per-minute";q=2;w=60']);
    expect((await gateway.call('GET', '/healthz')).headers.has('ratelimit')).toBe(false);
  });
});
