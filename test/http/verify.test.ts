import { describe, expect, it, test } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { writeQr } from '../../src/codec/picture.node.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { signedAs } from '../support/signed.ts';
import { useGateway } from './harness.ts';

const gateway = useGateway();

describe('POST /v1/verify', () => {
  it('gives every sample of the reference federation its verdict', async () => {
    expect(gateway.samples.length).toBeGreaterThan(5);
    for (const { wire, beside, shown, expect: wanted, name } of gateway.samples) {
      // What answers a challenge, or was shown elsewhere before, needs those first: challenges.test.ts, replay.test.ts.
      if (shown.challenge !== undefined || shown.before !== undefined) continue;
      const content =
        typeof wire === 'string'
          ? { text: wire }
          : { bytes: encodeBase64(wire), ...(beside === undefined ? {} : { beside: encodeBase64(beside) }) };
      const verdict = await gateway.verify({
        ...content,
        ...(wanted.for ? { for: wanted.for } : {}),
        ...(wanted.purpose ? { purpose: wanted.purpose } : {}),
        ...(shown.medium === undefined ? {} : { medium: shown.medium }),
      });
      expect(verdict.outcome, name).toBe(wanted.outcome);
      expect(verdict.reasons, name).toEqual(expect.arrayContaining([...(wanted.reasons ?? [])]));
    }
  });

  it('is never cached, and speaks both languages', async () => {
    const { headers } = await gateway.call('POST', '/v1/verify', { body: { text: gateway.wire('vaccination') } });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-language')).toBe('zh-CN, en');
    expect(headers.get('content-type')).toBe('application/json');
  });

  test.each(['text/plain', 'text/plain; charset=utf-8', 'TEXT/PLAIN;charset="UTF-8"'])(
    'takes scanned text as %s',
    async (type) => {
      const { status, json } = await gateway.call('POST', '/v1/verify', {
        type,
        body: `${gateway.wire('vaccination')}\r\n`,
      });
      expect([status, json.outcome]).toEqual([200, 'accept']);
    },
  );

  it('takes the region, purpose and time of a raw body from the query', async () => {
    const query = '?for=x-eu-dcc&purpose=counter&at=2020-01-01T00:00:00Z';
    const { json } = await gateway.call('POST', `/v1/verify${query}`, {
      type: 'text/plain',
      body: gateway.wire('vaccination'),
    });
    expect(json).toMatchObject({
      region: 'x-eu-dcc',
      purpose: 'counter',
      clock: { at: '2020-01-01T00:00:00Z', source: 'stated' },
    });
    expect(json.outcome).not.toBe('accept');
  });

  test.each(['image/png', 'application/octet-stream', 'image/jpeg'])(
    'reads the code of a picture sent as %s',
    async (type) => {
      const picture = await writeQr(gateway.wire('vaccination'));
      const { json } = await gateway.call('POST', '/v1/verify', { type, body: picture });
      expect(json.outcome).toBe('accept');
    },
  );

  it('reads a picture inside JSON', async () => {
    const verdict = await gateway.verify({ bytes: encodeBase64(await writeQr(gateway.wire('expired'))) });
    expect(verdict.reasons).toContain('EXPIRED');
  });

  it('says of a mere reference that the issuing region would have to be asked, and that it may ask nobody', async () => {
    const verdict = await gateway.verify({ reference: { passNumber: 'REF-0001' } });
    expect([verdict.outcome, verdict.reasons]).toEqual(['undetermined', ['NOBODY_TO_ASK', 'REFERENCE_UNRESOLVED']]);
  });
});

describe('a broken document is a verdict, not a problem', () => {
  const cases: readonly [string, string, string | Uint8Array, string][] = [
    ['an empty text', 'text/plain', '', 'NOT_RECOGNISED'],
    ['an empty file', 'application/octet-stream', new Uint8Array(0), 'NOT_RECOGNISED'],
    ['a text that is not UTF-8', 'text/plain', new Uint8Array([0x48, 0x43, 0x31, 0x3a, 0xff, 0xfe]), 'NOT_RECOGNISED'],
    ['a text with a zero in it', 'text/plain', 'HC1:\u0000', 'MALFORMED'],
    ['a picture that is none', 'image/png', encodeUtf8('not a picture'), 'NOT_RECOGNISED'],
    [
      'a picture cut short',
      'image/png',
      new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
      'PICTURE_WITHOUT_CODE',
    ],
    ['a known code with nothing in it', 'text/plain', 'HC1:', 'MALFORMED'],
    ['a known code of garbage', 'text/plain', `HC1:${'%'.repeat(500)}`, 'MALFORMED'],
    ['a known code that is far too long', 'text/plain', `HC1:${'0'.repeat(900_000)}`, 'LIMIT_EXCEEDED'],
  ];
  test.each(cases)('%s', async (_, type, body, code) => {
    const { status, json } = await gateway.call('POST', '/v1/verify', { type, body });
    expect(status).toBe(200);
    expect(json.findings.map((finding: { code: string }) => finding.code)).toContain(code);
    expect(json.outcome).not.toBe('accept');
  });
});

describe('what stands in a request', () => {
  it('names the regions that there are if it asks for another', async () => {
    const { status, json } = await gateway.call('POST', '/v1/verify', { body: { text: 'x', for: '999999' } });
    expect(status).toBe(400);
    expect(json).toMatchObject({ type: 'urn:tongren:problem:unknown-region', at: 'for' });
    expect(json.allowed).toEqual([...gateway.federation.regions.keys()]);
    expect(json.detail).toContain('999999');
  });

  it('names the purposes that there are if it asks for another', async () => {
    const { status, json } = await gateway.call('POST', '/v1/verify?purpose=credit-scoring', {
      type: 'text/plain',
      body: 'x',
    });
    expect(status).toBe(400);
    expect(json).toMatchObject({ type: 'urn:tongren:problem:unknown-purpose', at: 'purpose' });
    expect(json.allowed).toContain('checkpoint');
    expect(json.detail).toContain('credit-scoring');
  });

  it('may state its own time here, which the verdict says', async () => {
    const verdict = await gateway.verify({ text: gateway.wire('vaccination'), at: '2031-01-01T00:00:00Z' });
    expect(verdict.clock).toEqual({ at: '2031-01-01T00:00:00Z', source: 'stated' });
    expect(verdict.outcome).not.toBe('accept');
  });

  it('may not state its own time in production: an expired document would come back to life', async () => {
    const reference = gateway.federation;
    const manifest = JSON.parse(new TextDecoder().decode(gateway.files.get('federation.json')));
    const production = encodeUtf8(JSON.stringify({ ...manifest, environment: 'production' }));
    gateway.federation = loadFederation(new Map([...gateway.files, ['federation.json', production]]), nodePlatform, {
      signed: signedAs('production'),
    });
    try {
      const at = '2026-01-01T00:00:00Z';
      const asked = await gateway.call('POST', '/v1/verify', { body: { text: gateway.wire('vaccination'), at } });
      expect([asked.status, asked.json.type]).toEqual([400, 'urn:tongren:problem:stated-clock']);
      const queried = await gateway.call('POST', `/v1/verify?at=${at}`, {
        type: 'text/plain',
        body: gateway.wire('vaccination'),
      });
      expect([queried.status, queried.json.type]).toEqual([400, 'urn:tongren:problem:stated-clock']);
      // And the federation was swapped under a running server: a reference document is not good in production.
      expect(await gateway.verify({ text: gateway.wire('vaccination') })).toMatchObject({
        environment: 'production',
        outcome: 'refuse',
        reasons: ['ENVIRONMENT_MISMATCH'],
      });
    } finally {
      gateway.federation = reference;
    }
    expect((await gateway.verify({ text: gateway.wire('vaccination') })).environment).toBe('reference');
  });

  it('is judged by the gateway’s clock otherwise', async () => {
    gateway.clock = () => Date.parse('2031-01-01T00:00:00Z');
    try {
      const verdict = await gateway.verify({ text: gateway.wire('vaccination') });
      expect(verdict.clock).toMatchObject({ at: '2031-01-01T00:00:00Z', source: 'system' });
      expect(verdict.outcome).toBe('undetermined');
    } finally {
      gateway.clock = Date.now;
    }
  });
});
