import { afterEach, describe, expect, it, test } from 'vitest';
import { encodeBase64, encodeBase64url } from '../../src/codec/base64url.ts';
import { openJws } from '../../src/codec/jws.ts';
import { writeQr } from '../../src/codec/picture.node.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { algorithmOfJose } from '../../src/crypto/algorithms.ts';
import { keyFromJwk } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { signedAs } from '../support/signed.ts';
import { useGateway } from './harness.ts';

const gateway = useGateway();
const FREIGHT = '340000/freight';

const convert = (ask: object) => gateway.call('POST', '/v1/convert', { body: { audience: '310000', ...ask } });
const problemOf = async (ask: object) => {
  const { status, json } = await convert(ask);
  return [status, json.type?.replace('urn:tongren:problem:', '')];
};

/** What a JWS says, if a key of this gateway signed it. Whoever gets one has to do just this. */
async function signedBy(
  jws: string,
): Promise<{ header: Record<string, unknown>; body: Record<string, never> } | undefined> {
  const { json } = await gateway.call('GET', '/v1/conversion-keys');
  const { proof, payload, header } = openJws(jws, { input: 100_000, inflated: 0, depth: 4, items: 20 });
  const jwk = json.keys.find((key: { kid: string }) => key.kid === proof.keyIds[0]);
  const algorithm = algorithmOfJose(proof.algorithm.replace('jose:', ''));
  if (jwk === undefined || algorithm === undefined || jwk.alg !== header['alg']) return undefined;
  const verify = nodePlatform.prepare(algorithm.name, keyFromJwk(jwk))!;
  return verify(proof.signed, proof.signature) ? { header, body: JSON.parse(decodeUtf8(payload)) } : undefined;
}

describe('POST /v1/convert', () => {
  it('says an accepted document in the shared words, signed, for its audience, for ten minutes at most', async () => {
    const { status, json, headers } = await convert({
      text: gateway.wire(FREIGHT),
      to: 'document',
      audience: 'a-hospital',
    });
    expect(status).toBe(200);
    expect([headers.get('cache-control'), headers.get('content-language')]).toEqual(['no-store', 'zh-CN, en']);
    expect([json.verdict.outcome, json.verdict.purpose]).toEqual(['accept', 'exchange']);
    const { document, proof, sources, jws } = json.conversion;
    expect(document.docType.code).toBe('freight-pass');
    expect(sources['/vehicle/plateNo']).toMatch(/^\//);
    const digest = encodeBase64url(nodePlatform.digest('SM3', encodeUtf8(gateway.wire(FREIGHT))));
    expect(proof).toMatchObject({
      notOriginal: true,
      audience: 'a-hospital',
      original: { digest, issuingRegion: '340000', outcome: 'accept', revocationId: expect.stringMatching(/^.{16,}$/) },
    });
    const life = Date.parse(proof.expiresAt) - Date.parse(proof.issuedAt);
    expect(life).toBeGreaterThan(0);
    expect(life).toBeLessThanOrEqual(600_000);
    const signed = await signedBy(jws);
    expect(signed?.header['typ']).toBe('tongren-conversion+jws');
    expect(signed?.body).toEqual({ conversion: proof, document });
  });

  it('is signed by nobody if a sign of it was changed', async () => {
    const { json } = await convert({ text: gateway.wire(FREIGHT), to: 'document' });
    const [head, body, signature] = json.conversion.jws.split('.');
    const other = Buffer.from(decodeUtf8(Buffer.from(body, 'base64url')).replace('"310000"', '"320000"')).toString(
      'base64url',
    );
    expect(other).not.toBe(body);
    expect(await signedBy([head, other, signature].join('.'))).toBeUndefined();
    expect(await signedBy(json.conversion.jws)).toBeDefined();
  });

  it('writes another region’s format, which is no original: handed in as one, nobody known has signed it', async () => {
    const { json } = await convert({ text: gateway.wire(FREIGHT), to: '340000/ah-pass/1' });
    const { wire, jws, lost } = json.conversion;
    expect(wire).toMatch(/^AH1:/);
    expect(lost).toEqual({ original: expect.any(Array), target: expect.any(Array) });
    expect((await signedBy(jws))?.body).toMatchObject({ wire, conversion: { notOriginal: true } });
    const verdict = await gateway.verify({ text: wire, for: '310000', purpose: 'exchange' });
    expect([verdict.outcome, verdict.reasons]).toEqual(['undetermined', ['UNKNOWN_ISSUER']]);
    // Nor can it be washed by converting it once more.
    const again = await convert({ text: wire, to: 'document' });
    expect([again.status, again.json.verdict.reasons, again.json.conversion]).toEqual([
      200,
      ['UNKNOWN_ISSUER'],
      undefined,
    ]);
  });

  test.each([
    '340000/freight-altered',
    '340000/freight-expired',
    '340000/freight-revoked',
    '340000/freight-from-nobody',
  ])('%s gets its verdict and no conversion', async (name) => {
    const { status, json } = await convert({ text: gateway.wire(name), to: 'document' });
    expect(status).toBe(200);
    expect(json.verdict.outcome).toMatch(/refuse|undetermined/);
    expect(Object.keys(json)).toEqual(['verdict']);
  });

  it('takes files and pictures', async () => {
    for (const bytes of [encodeUtf8(gateway.wire(FREIGHT)), await writeQr(gateway.wire(FREIGHT))]) {
      const { json } = await convert({ bytes: encodeBase64(bytes), to: 'document' });
      expect(json.conversion?.document.docType.code).toBe('freight-pass');
    }
  });

  it('counts its verdicts and says them in the log', async () => {
    const { headers } = await convert({ text: gateway.wire('340000/freight-expired'), to: 'document' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const entry = gateway.log.map((line) => JSON.parse(line)).find(({ id }) => id === headers.get('x-request-id'));
    expect(entry).toMatchObject({ route: '/v1/convert', status: 200, outcome: 'refuse', reasons: ['EXPIRED'] });
    const { text } = await gateway.call('GET', '/metrics');
    expect(text).toMatch(/tongren_verdicts_total\{outcome="refuse",format="ah-pass\/1",issuer="340000"\} [1-9]/);
  });
});

describe('what cannot be converted', () => {
  it('names the targets that there are if it asks for another', async () => {
    const { status, json } = await convert({ text: gateway.wire(FREIGHT), to: '990000/nothing/1' });
    expect([status, json.type, json.at]).toEqual([400, 'urn:tongren:problem:unknown-target', '/to']);
    expect(json.allowed).toEqual([
      'document',
      ...gateway.federation.formats.map((format) => `${format.region}/${format.id}`),
    ]);
  });

  it('422 where the target has no words for it, and where the purpose shows too little to pass it on', async () => {
    const { status, json } = await convert({ text: gateway.wire(FREIGHT), to: 'x-eu-dcc/eu-dcc/1' });
    expect([status, json.type]).toEqual([422, 'urn:tongren:problem:target-cannot-say']);
    expect(json.at).toBe('/docType/code');
    expect(await problemOf({ text: gateway.wire(FREIGHT), to: 'document', purpose: 'checkpoint' })).toEqual([
      422,
      'not-convertible',
    ]);
  });

  test.each([
    ['no target', { text: 'x' }, [400, 'invalid-ask']],
    ['a target that is none', { text: 'x', to: '../etc' }, [400, 'invalid-ask']],
    ['no audience', { text: 'x', to: 'document', audience: '' }, [400, 'invalid-ask']],
    ['nothing to convert', { to: 'document' }, [400, 'invalid-ask']],
    ['two things', { text: 'x', bytes: 'AAAA', to: 'document' }, [400, 'invalid-ask']],
    ['a mere reference', { reference: { plate: 'REF-001' }, to: 'document' }, [400, 'invalid-ask']],
    ['bytes that are none', { bytes: '?', to: 'document' }, [400, 'invalid-ask']],
    ['another member', { text: 'x', to: 'document', record: {} }, [400, 'invalid-ask']],
    ['no moment', { text: 'x', to: 'document', at: '2026-02-30T00:00:00Z' }, [400, 'invalid-ask']],
    ['an unknown region', { text: 'x', to: 'document', for: '999999' }, [400, 'unknown-region']],
    ['an unknown purpose', { text: 'x', to: 'document', purpose: 'credit' }, [400, 'unknown-purpose']],
    ['a text that is too long', { text: 'x'.repeat(1_000_001), to: 'document' }, [413, 'too-large']],
  ])('%s', async (_, ask, said) => {
    expect(await problemOf(ask)).toEqual(said);
  });

  it('takes JSON only, and no query', async () => {
    const text = await gateway.call('POST', '/v1/convert', { type: 'text/plain', body: 'x' });
    expect([text.status, text.json.allowed]).toEqual([415, ['application/json']]);
    expect((await gateway.call('POST', '/v1/convert?to=document', { body: { text: 'x' } })).status).toBe(400);
  });

  describe('at a stated time', () => {
    const reference = () => gateway.federation;
    let before: ReturnType<typeof reference>;
    afterEach(() => {
      gateway.federation = before;
    });

    it('is refused in production: what has expired would be signed anew', async () => {
      before = gateway.federation;
      const ask = { text: gateway.wire('340000/freight-expired'), to: 'document', at: '2024-01-01T00:00:00Z' };
      expect((await convert(ask)).status).toBe(200);
      const manifest = JSON.parse(decodeUtf8(gateway.files.get('federation.json')!));
      const files = new Map(gateway.files);
      files.set('federation.json', encodeUtf8(JSON.stringify({ ...manifest, environment: 'production' })));
      gateway.federation = loadFederation(files, nodePlatform, { signed: signedAs('production') });
      expect(await problemOf(ask)).toEqual([400, 'stated-clock']);
    });
  });
});

describe('GET /v1/conversion-keys', () => {
  it('gives public keys only, under the names by which conversions refer to them', async () => {
    const { json, headers } = await gateway.call('GET', '/v1/conversion-keys');
    expect(headers.get('content-type')).toBe('application/jwk-set+json');
    expect(json.keys.map((key: { alg: string }) => key.alg)).toEqual(['ES256', 'SM2SM3']);
    // It refuses what holds a private part, and what does not fit its algorithm.
    for (const key of json.keys) expect(keyFromJwk(key).kind).toBe(key.crv);
    const issuer = await gateway.gateway.conversionIssuer();
    expect(json.keys.map((key: { kid: string }) => key.kid)).toEqual([...issuer.values()].map(({ keyId }) => keyId));
  });

  it('gives none that any list of issuers holds', async () => {
    const { json } = await gateway.call('GET', '/v1/conversion-keys');
    const lists = [...gateway.files]
      .filter(([file]) => file.includes('/issuers/'))
      .map(([, bytes]) => decodeUtf8(bytes));
    for (const { x } of json.keys) expect(lists.some((list) => list.includes(x))).toBe(false);
  });
});
