import { beforeAll, describe, expect, it, test } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { writeQr } from '../../src/codec/picture.node.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { allowed } from '../../src/http/log.ts';
import { linesOf, useGateway } from './harness.ts';
import { formsOf, IDENTITIES } from './planted.ts';
import { rawCall } from './raw.ts';

/** What else the log may hold, beside the fields of its own list. */
const OWN_KEYS = ['level', 'time', 'msg'];

describe('the log of a gateway', () => {
  const gateway = useGateway();
  const planted: string[] = Object.values(IDENTITIES);
  let asked = 0;

  const call = async (...request: Parameters<typeof gateway.call>) => {
    asked += 1;
    return gateway.call(...request);
  };
  const raw = async (...parts: string[]) => {
    asked += 1;
    return rawCall(gateway.port, ...parts);
  };

  beforeAll(() => {
    for (const { wire } of gateway.samples) planted.push(typeof wire === 'string' ? wire : encodeBase64(wire));
    // What a sample says about its holder: it is read, shown and judged, and still not logged.
    planted.push('Muster, Eva', 'URN:UVCI:01:AT:0000REFERENCE0000EXAMPLE0000#1');
    planted.push(...Object.values(bearer()));
  });

  /** What a code that only refers to a document is worth to whoever holds it. */
  const bearer = (): { token: string; uuid: string } => {
    const { searchParams } = new URL(gateway.wire('320000/token'));
    return { token: searchParams.get('token')!, uuid: searchParams.get('uuid')! };
  };

  it('no answer and no receipt repeats a bearer’s token', async () => {
    const text = gateway.wire('320000/token');
    const { token, uuid } = bearer();
    const reference = { region: '320000', token };
    for (const [path, body] of [
      ['/v1/verify', { text, record: { officer: 'A1' } }],
      ['/v1/verify', { bytes: encodeBase64(await writeQr(text)) }],
      ['/v1/verify', { reference }],
      ['/v1/verify/batch', `${JSON.stringify({ text })}\n${JSON.stringify({ reference })}\n`],
      ['/v1/verify/group', { members: [{ text }, { reference }] }],
      ['/v1/convert', { text, to: 'document', audience: 'a' }],
      ['/v1/verify', { text: `${text}&token=${token}` }],
    ] as const) {
      const type = path.endsWith('batch') ? 'application/x-ndjson' : 'application/json';
      const { status, text: said, headers } = await call('POST', path, { body, type });
      expect([path, status]).toEqual([path, 200]);
      for (const secret of [token, uuid])
        for (const form of formsOf(secret))
          expect((said + JSON.stringify([...headers])).includes(form), path).toBe(false);
    }
  });

  it('holds no document that was verified, in whatever way it came', async () => {
    for (const { wire } of gateway.samples) {
      const text = typeof wire === 'string' ? wire : encodeBase64(wire);
      await call('POST', '/v1/verify', { body: { text } });
      await call('POST', '/v1/verify?purpose=counter', { type: 'text/plain', body: text });
      await call('POST', '/v1/verify', { type: 'application/octet-stream', body: encodeUtf8(text) });
      await call('POST', '/v1/verify', { body: { bytes: encodeBase64(encodeUtf8(text)) } });
      await call('POST', '/v1/verify', { body: { text, record: { officer: 'A1' } } });
      const converted = await call('POST', '/v1/convert', { body: { text, to: 'document', audience: IDENTITIES.id } });
      if (converted.json.conversion !== undefined) planted.push(converted.json.conversion.jws);
    }
    const counter = await call('POST', '/v1/verify', {
      body: { text: gateway.wire('vaccination'), purpose: 'counter' },
    });
    // The check would prove nothing if the gateway did not know the name.
    expect(counter.text).toContain('Muster, Eva');
    await call('POST', '/v1/verify', { type: 'image/png', body: await writeQr(gateway.wire('vaccination')) });
    for (const [kind, value] of [
      ['passNumber', IDENTITIES.passNumber],
      ['plate', IDENTITIES.plate],
      ['token', IDENTITIES.id],
    ]) {
      await call('POST', '/v1/verify', { body: { reference: { [kind!]: value } } });
    }
    const lines = gateway.samples.map(({ wire }) => JSON.stringify({ text: wire, purpose: 'exchange' }));
    await call('POST', '/v1/verify/batch', { type: 'application/x-ndjson', body: lines.join('\n') });
  });

  test.each(Object.entries(IDENTITIES))('holds no %s from a request that goes wrong', async (_, value) => {
    const json = JSON.stringify(value);
    const broken = [
      `{"text":${value}`,
      value,
      `{"${value}":"x"}`,
      `{"text":"x","for":${json}}`,
      `{"text":"x","purpose":${json}}`,
      `{"text":"x","at":${json}}`,
    ];
    for (const body of [
      ...broken,
      `{"bytes":${json}}`,
      `{"reference":{"plate":${json},"${value}":1}}`,
      `{"text":"a","text":${json}}`,
    ]) {
      await call('POST', '/v1/verify', { type: 'application/json', body });
      await call('POST', '/v1/verify/batch', { type: 'application/x-ndjson', body: `${body}\n${body}` });
    }
    for (const body of [
      `{"text":"x","record":{"officer":${json}}}`,
      `{"text":"x","record":{"${value}":"x"}}`,
      `{"text":"x","to":${json},"audience":${json}}`,
      `{"action":${json},"reason":${json},"officer":${json},"${value}":1}`,
    ]) {
      for (const path of ['/v1/verify', '/v1/convert', '/v1/receipts/01HX0000000123456789ABCDEF/disposition'])
        await call('POST', path, { type: 'application/json', body });
    }
    const quoted = encodeURIComponent(value);
    for (const query of [`for=${quoted}`, `purpose=${quoted}`, `at=${quoted}`, `${quoted}=x`, quoted]) {
      await call('POST', `/v1/verify?${query}`, { type: 'text/plain', body: value });
      await call('GET', `/healthz?${query}`);
    }
    for (const path of [
      `/${quoted}`,
      `/schemas/${quoted}`,
      `/v1/verify/${quoted}`,
      `/v1/receipts/${quoted}`,
      `/v1/receipts/${quoted}/disposition`,
      `/docs/${quoted}`,
      `/schemas/${quoted}%ff`,
    ]) {
      await call('GET', path);
      await call('DELETE', path);
    }
    for (const name of [
      'X-Request-Id',
      'User-Agent',
      'Referer',
      'Cookie',
      'Authorization',
      'Accept-Language',
      'X-Forwarded-For',
      'Content-Disposition',
      'Prefer',
      'Tongren-Officer',
      'Tongren-Checkpoint',
      `X-${quoted}`,
    ]) {
      await raw(
        `GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${name.replaceAll('%', '')}: filename="${value}.png"\r\n\r\n`,
      );
    }
    for (const header of [
      'Content-Type',
      'Content-Encoding',
      'Transfer-Encoding',
      'Expect',
      'Prefer',
      'Tongren-Officer',
    ]) {
      const length = header === 'Transfer-Encoding' ? '' : `Content-Length: 2\r\n`;
      await raw(
        `POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${length}${header}: ${value}\r\n\r\n{}`,
      );
    }
    await raw(`GET / HTTP/1.1\r\nHost: ${value}\r\nConnection: close\r\n\r\n`);
    await raw(`${value} is not HTTP\r\n\r\n`);
    await raw(`GET /${value} HTTP/1.1\r\nHost: localhost\r\n${'x'.repeat(20_000)}: ${value}\r\n\r\n`);
  });

  it('holds nothing from what goes wrong on our side', async () => {
    const federation = gateway.federation;
    gateway.federation = new Proxy(federation, {
      get() {
        throw Object.assign(
          new Error(`no ${planted.join(' ')}\n    at ${IDENTITIES.name} (/a/${IDENTITIES.upperCase}.ts:1:1)`),
          {
            cause: planted,
            document: { holder: IDENTITIES },
          },
        );
      },
    });
    await call('POST', '/v1/verify', { body: { text: gateway.wire('vaccination') } });
    await call('GET', '/readyz');
    gateway.federation = federation;
    expect(gateway.log.some((line) => line.includes('incident'))).toBe(true);
  });

  it('was written, and holds none of it in any form', async () => {
    // The last entries are written when their connections close.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(gateway.log.length).toBeGreaterThan(asked * 0.99);
    const log = gateway.log.join('');
    for (const secret of planted)
      for (const form of formsOf(secret))
        expect(log.includes(form), `${secret.slice(0, 20)} as ${form.slice(0, 20)}`).toBe(false);
  });

  it('has no other fields than those of its list', () => {
    const requests = new Set<string>();
    for (const entry of gateway.log.flatMap((line) => linesOf(line))) {
      expect(Object.keys(allowed(entry)).filter((name) => name !== 'refused')).toEqual(
        Object.keys(entry).filter((name) => !OWN_KEYS.includes(name)),
      );
      if (entry.msg === 'request') requests.add(`${entry.route} ${entry.status}`);
    }
    expect([...requests].sort()).toEqual([
      '/healthz 200',
      '/readyz 200',
      '/readyz 500',
      '/schemas/{name} 404',
      '/v1/convert 200',
      '/v1/convert 400',
      '/v1/receipts/{id} 404',
      '/v1/receipts/{id}/disposition 400',
      '/v1/verify 200',
      '/v1/verify 400',
      '/v1/verify 415',
      '/v1/verify 500',
      '/v1/verify/batch 200',
      '/v1/verify/group 200',
      '/{unmatched} 404',
      '/{unmatched} 405',
      '/{unmatched} 421',
    ]);
  });

  it('says what happened', async () => {
    const { headers } = await gateway.call('POST', '/v1/verify', { body: { text: gateway.wire('expired') } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const entry = gateway.log.map((line) => JSON.parse(line)).find(({ id }) => id === headers.get('x-request-id'));
    expect(entry).toMatchObject({
      method: 'POST',
      route: '/v1/verify',
      status: 200,
      outcome: 'refuse',
      reasons: ['EXPIRED'],
      ms: expect.any(Number),
    });
    expect(entry.bytesIn).toBeGreaterThan(400);
    expect(entry.bytesOut).toBeGreaterThan(400);
  });
});
