import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { isDigestOf } from '../../src/exchange/content-digest.ts';
import { headersOf, SignatureRefused, verifyResponse } from '../../src/exchange/message-signature.ts';
import { type Answer, keyRow, keyringOf, useGateway } from './harness.ts';
import { codeOf, type Ready, send, signedCall, signerOf } from './signed.ts';

describe('the answer to a signed request', () => {
  const gateway = useGateway();
  const key = keyRow({ scopes: ['verify'] });
  const ask = async (sent = {}): Promise<{ ready: Ready; answer: Answer }> => {
    gateway.keyring = keyringOf(key.row);
    const ready = await signedCall(gateway, signerOf(gateway, '330000/gateway'), sent);
    return { ready, answer: await send(gateway, ready) };
  };
  const checked = ({ ready, answer }: { ready: Ready; answer: Answer }, change: { status?: number } = {}) =>
    verifyResponse(
      { status: change.status ?? answer.status, headers: headersOf(Object.fromEntries(answer.headers)) },
      ready.headers['Signature']!,
      gateway.federation.systems.key,
      Date.now(),
    );

  it('is signed by the gateway, for this request and this body', async () => {
    const asked = await ask({ body: { text: gateway.wire('vaccination') } });
    expect([asked.answer.status, asked.answer.json.outcome]).toEqual([200, 'accept']);
    const { key: by, digest } = checked(asked);
    expect(by.system.name).toBe('310000/gateway');
    const body = new TextEncoder().encode(asked.answer.text);
    expect(isDigestOf(digest, body, nodePlatform)).toBe(true);
    expect(
      isDigestOf(digest, new TextEncoder().encode(asked.answer.text.replace('accept', 'refuse')), nodePlatform),
    ).toBe(false);
    const other = await ask({ body: { text: gateway.wire('vaccination') } });
    expect(() => checked({ ready: other.ready, answer: asked.answer })).toThrow(SignatureRefused);
    expect(() => checked(asked, { status: 201 })).toThrow(SignatureRefused);
  });

  it('is signed where it is a problem as well', async () => {
    const asked = await ask({ body: '{' });
    expect(codeOf(asked.answer)).toEqual([400, 'invalid-json']);
    expect(checked(asked).key.system.name).toBe('310000/gateway');
  });

  it('is not signed for whoever signed nothing, nor where it has no end when it begins', async () => {
    gateway.keyring = keyringOf(key.row);
    const plain = await gateway.call('POST', '/v1/verify', { body: { text: 'x' }, headers: key.headers });
    const batch = await ask({ path: '/v1/verify/batch', type: 'application/x-ndjson', body: '{"text":"x"}' });
    for (const answer of [plain, batch.answer])
      expect([answer.status, answer.headers.get('signature')]).toEqual([200, null]);
  });

  it('is not signed by a key that nobody could check it by', async () => {
    const { systemKeys } = gateway.gateway;
    const own = await systemKeys!();
    const unlisted = { ...own, signer: { ...own.signer, keyId: own.signer.keyId.replace(/.{4}$/, 'AAAA') } };
    Object.assign(gateway.gateway, { systemKeys: async () => unlisted });
    const { answer } = await ask();
    Object.assign(gateway.gateway, { systemKeys });
    expect([answer.status, answer.headers.get('signature')]).toEqual([200, null]);
  });

  it('is not given unsigned where the device that holds the key fails: the caller is told nothing', async () => {
    const { systemKeys } = gateway.gateway;
    const own = await systemKeys!();
    const broken = { ...own, signer: { ...own.signer, sign: () => Promise.reject(new Error('no device')) } };
    Object.assign(gateway.gateway, { systemKeys: async () => broken });
    await expect(ask()).rejects.toThrow();
    Object.assign(gateway.gateway, { systemKeys });
    expect((await ask()).answer.status).toBe(200);
  });
});
