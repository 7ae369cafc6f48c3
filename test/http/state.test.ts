import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { SECURITY_HEADERS } from '../../src/http/headers.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { serve } from '../../src/http/serve.node.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { readDoc } from '../docs/guide.ts';
import { useGateway } from './harness.ts';
import { rawCall } from './raw.ts';

const HOUR = 3_600_000;

describe('GET /healthz and /readyz', () => {
  const gateway = useGateway();
  const later = async <T>(hours: number, run: () => Promise<T>): Promise<T> => {
    gateway.clock = () => Date.now() + hours * HOUR;
    try {
      return await run();
    } finally {
      gateway.clock = Date.now;
    }
  };

  it('is ready, and tells the age of every part', async () => {
    const { status, json } = await gateway.call('GET', '/readyz');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      federation: gateway.federation.manifest.federation,
      environment: 'reference',
      rejected: 0,
    });
    expect(json.regions.map((each: { region: string }) => each.region)).toEqual([...gateway.federation.regions.keys()]);
    const guest = json.regions.find((each: { region: string }) => each.region === 'x-eu-dcc');
    expect(guest).toMatchObject({ usable: true, formats: 1 });
    expect(guest.parts[0]).toMatchObject({ state: 'fresh', region: 'x-eu-dcc' });
    expect(guest.parts[0].ageSeconds).toBeLessThan(600);
    // Its certificates come with its documents: it lists authorities and no keys.
    expect(json.regions.find((each: { region: string }) => each.region === 'x-vds-nc')).toMatchObject({ usable: true });
  });

  it('stays ready on lists that are getting old', async () => {
    const { status, json } = await later(30, () => gateway.call('GET', '/readyz'));
    expect(status).toBe(200);
    expect(
      json.regions
        .flatMap((each: { parts: { state: string }[] }) => each.parts)
        .map((part: { state: string }) => part.state),
    ).toContain('warn');
  });

  it('is not ready when every list is too old, and still lives, and still answers', async () => {
    const { status, json } = await later(100, () => gateway.call('GET', '/readyz'));
    expect([status, json.type]).toEqual([503, 'urn:tongren:problem:not-ready']);
    const states = json.readiness.regions.flatMap(
      (each: { parts: { state: string; ageSeconds: number }[] }) => each.parts,
    );
    expect(states.length).toBeGreaterThan(0);
    for (const part of states) expect(part).toMatchObject({ state: 'block' });
    expect((await later(100, () => gateway.call('GET', '/healthz'))).json).toEqual({ status: 'ok' });
    const verdict = await later(100, () => gateway.verify({ text: gateway.wire('vaccination') }));
    expect([verdict.outcome, verdict.reasons]).toEqual(['undetermined', ['TRUST_STALE']]);
  });

  it('is not ready when the clock is behind what was signed', async () => {
    expect((await later(-1, () => gateway.call('GET', '/readyz'))).status).toBe(503);
  });

  it('is not ready without keys, or without formats', async () => {
    const whole = gateway.federation;
    try {
      for (const part of [/\/(issuers|anchors)\//, /\/formats\//]) {
        gateway.federation = loadFederation(
          new Map([...gateway.files].filter(([file]) => !part.test(file))),
          nodePlatform,
        );
        const { status, json } = await gateway.call('GET', '/readyz');
        expect(status, String(part)).toBe(503);
        expect(json.readiness.regions.every((each: { usable: boolean }) => !each.usable)).toBe(true);
      }
    } finally {
      gateway.federation = whole;
    }
  });
});

describe('GET /metrics', () => {
  const gateway = useGateway();
  const metrics = async (): Promise<Map<string, number>> => {
    const { text, headers } = await gateway.call('GET', '/metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      rows.map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ') + 1))]),
    );
  };

  it('counts verdicts by outcome, format and issuing region, problems by code, and times by route', async () => {
    for (let i = 0; i < 3; i++) await gateway.verify({ text: gateway.wire('vaccination') });
    await gateway.verify({ text: gateway.wire('expired') });
    await gateway.verify({ text: gateway.wire('from-nobody') });
    await gateway.verify({ text: 'x' });
    await gateway.call('POST', '/v1/verify', { type: 'application/json', body: '{' });
    await gateway.call('POST', '/v1/verify/batch', { type: 'application/x-ndjson', body: '{"text":"x"}\n?\n' });
    const rows = await metrics();
    const verdicts = (outcome: string, format: string, issuer: string) =>
      rows.get(`tongren_verdicts_total{outcome="${outcome}",format="${format}",issuer="${issuer}"}`);
    expect(verdicts('accept', 'eu-dcc/1', 'x-eu-dcc')).toBe(3);
    expect(verdicts('refuse', 'eu-dcc/1', 'x-eu-dcc')).toBe(1);
    expect(verdicts('undetermined', 'eu-dcc/1', 'none')).toBe(1);
    expect(verdicts('undetermined', 'none', 'none')).toBe(2);
    expect(rows.get('tongren_problems_total{code="invalid-json"}')).toBe(2);
    expect(rows.get('tongren_problems_total{code="internal"}')).toBe(0);
    expect(rows.get('tongren_request_duration_seconds_count{route="/v1/verify"}')).toBe(7);
    expect(rows.get('tongren_request_duration_seconds_bucket{route="/v1/verify",le="+Inf"}')).toBe(7);
    expect(rows.get('tongren_region_usable{region="x-eu-dcc"}')).toBe(1);
    const [age] = [...rows]
      .filter(([name]) => name.startsWith('tongren_part_age_seconds{region="x-eu-dcc"'))
      .map(([, value]) => value);
    expect(age).toBeLessThan(600);
  });

  it('tells what an operator is to be woken for', async () => {
    const calm = await metrics();
    expect(calm.get('tongren_parts{state="fresh"}')).toBeGreaterThan(10);
    for (const name of [
      'tongren_parts{state="warn"}',
      'tongren_parts{state="block"}',
      'tongren_store_troubles',
      'tongren_store_quarantined',
      'tongren_store_rejected',
    ])
      expect([name, calm.get(name)]).toEqual([name, 0]);
    // A plain folder is never found in order: nobody signed it.
    expect(calm.has('tongren_store_good_age_seconds')).toBe(false);

    const own = gateway.gateway;
    const { news } = own;
    const trouble = { code: 'EXPIRED', role: 'timestamp' } as const;
    gateway.clock = () => Date.now() + 100 * HOUR;
    Object.assign(own, {
      news: () => ({
        signed: true,
        checkedAt: Date.now(),
        goodAt: Date.now(),
        troubles: [trouble, trouble],
        sources: [],
      }),
    });
    try {
      const rows = await metrics();
      expect(rows.get('tongren_parts{state="fresh"}')).toBe(0);
      expect(rows.get('tongren_parts{state="block"}')).toBeGreaterThan(10);
      expect(rows.get('tongren_store_troubles')).toBe(1);
      expect(rows.get('tongren_store_good_age_seconds')).toBe(360_000);

      // Begun by what was kept, and its sources have been silent since: an alert on the age must not be silent as well.
      const silent = { signed: true, checkedAt: Date.now(), goodAt: undefined, troubles: [], sources: [] };
      Object.assign(own, { news: () => silent });
      const { text } = await gateway.call('GET', '/metrics');
      expect(text).toContain('\ntongren_store_good_age_seconds +Inf\n');
    } finally {
      gateway.clock = Date.now;
      Object.assign(own, { news });
    }
  });

  it('has all that the guide names', async () => {
    const named = new Set((await readDoc('docs/operate.md')).match(/tongren_\w+/g));
    const given = [...(await metrics()).keys()].map((name) => name.replace(/\{.*/, ''));
    // Only of a signed store.
    named.delete('tongren_store_good_age_seconds');
    // Only where the core is judged (test/cli/core.test.ts).
    named.delete('tongren_core_differences_total');
    expect([...named].filter((name) => !given.includes(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(4);
  });

  it('has no labels but those of its own lists', async () => {
    await gateway.call('GET', '/someone-elses-path?name=MUSTEREVA');
    for (const name of (await metrics()).keys()) {
      const labels = [...name.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, label]) => label);
      for (const label of labels)
        expect(['outcome', 'format', 'issuer', 'code', 'route', 'le', 'region', 'part', 'state']).toContain(label);
      expect(name).not.toMatch(/someone|MUSTEREVA/);
    }
  });

  it('has buckets that grow, with a header for each family', () => {
    const own = createMetrics();
    for (const seconds of [0.0001, 0.002, 0.002, 0.3, 100]) own.answered('/a', seconds);
    const text = own.render([
      { name: 'g', type: 'gauge', help: 'G.', rows: [{ labels: { part: 'a"b\\c\nd' }, value: 1.5 }] },
    ]);
    const buckets = [...text.matchAll(/_bucket\{route="\/a",le="([^"]+)"\} (\d+)/g)].map(([, le, count]) => [
      le,
      Number(count),
    ]);
    expect(buckets).toEqual([
      ['0.0005', 1],
      ['0.001', 1],
      ['0.0025', 3],
      ['0.005', 3],
      ['0.01', 3],
      ['0.05', 3],
      ['0.25', 3],
      ['1', 4],
      ['5', 4],
      ['30', 4],
      ['+Inf', 5],
    ]);
    expect(text).toContain('g{part="a\\"b\\\\c\\nd"} 1.5\n');
    for (const line of text.trim().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [0-9.]+)$/);
  });
});

describe('headers of answers', () => {
  const gateway = useGateway();

  it('carries the security headers on every kind of answer', async () => {
    const answers = await Promise.all([
      gateway.call('GET', '/healthz'),
      gateway.call('GET', '/docs'),
      gateway.call('GET', '/nowhere'),
      gateway.call('OPTIONS', '/v1/verify'),
      gateway.call('POST', '/v1/verify', { type: 'application/json', body: '?' }),
      gateway.call('POST', '/v1/verify', { type: 'text/plain', body: 'x' }),
      gateway.call('POST', '/v1/verify/batch', { type: 'application/x-ndjson', body: '' }),
    ]);
    for (const { headers } of answers) {
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
      expect(headers.get('x-frame-options')).toBe('DENY');
      // RFC 6797 §7.2: not over plain HTTP.
      expect(headers.has('strict-transport-security')).toBe(false);
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.has('x-powered-by')).toBe(false);
      expect(headers.has('access-control-allow-origin')).toBe(false);
      expect(headers.has('server')).toBe(false);
    }
  });

  it('has the same ones on answers to what is no request', async () => {
    const raw = await rawCall(gateway.port, 'no HTTP\r\n\r\n');
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(raw).toContain(`\r\n${name}: ${value}\r\n`);
    expect(Object.keys(SECURITY_HEADERS).length).toBeGreaterThan(8);
  });

  it('never takes a request’s own id for its', async () => {
    const { headers } = await gateway.call('GET', '/healthz', { headers: { 'X-Request-Id': 'chosen' } });
    expect(headers.get('x-request-id')).not.toBe('chosen');
  });
});

describe('serve', () => {
  const gateway = useGateway();
  const start = (port = 0) => serve(gateway.gateway, { host: '127.0.0.1', port });

  it('closes while connections are kept alive, and lets what is under way finish', async () => {
    const running = await start();
    const port = Number(new URL(running.url).port);
    const idle = connect(port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const slow = request(`${running.url}/v1/verify`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' },
    });
    const answered = new Promise<number>((resolve, reject) =>
      slow.once('response', (res) => resolve(res.resume().statusCode!)).once('error', reject),
    );
    slow.write('HC1:');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = running.close();
    await expect(fetch(`${running.url}/healthz`)).rejects.toThrow();
    slow.end();
    expect(await answered).toBe(200);
    await closed;
    idle.destroy();
  });

  it('does not listen beyond this machine without keys of callers, whoever asks it to', async () => {
    for (const host of ['0.0.0.0', '::', 'example.invalid'])
      await expect(serve(gateway.gateway, { host, port: 0 })).rejects.toThrow(RangeError);
  });

  it('says so when the address is taken', async () => {
    const running = await start();
    const { port } = new URL(running.url);
    const again = start(Number(port));
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await running.close();
  });
});
