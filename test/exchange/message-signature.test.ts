import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { isDigestOf } from '../../src/exchange/content-digest.ts';
import {
  headersOf,
  type MessageSigner,
  type Outgoing,
  SignatureRefused,
  signRequest,
  signResponse,
  verifyRequest,
  verifyResponse,
} from '../../src/exchange/message-signature.ts';
import { type RequestMessage, signatureBase } from '../../src/exchange/signature-base.ts';
import { type InnerList, readDictionary } from '../../src/exchange/structured-field.ts';
import { newSystemKeys, publicPartsOf, systemKeysOf } from '../../src/federation/system-keys.node.ts';
import { type Systems, systemsOf } from '../../src/region/systems.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const ALGORITHMS = ['EdDSA', 'ES256', 'SM2-SM3'] as const;
const signers = new Map<string, MessageSigner>();
let systems: Systems;

beforeAll(() => {
  const rows = ALGORITHMS.map((algorithm, i) => {
    const keys = newSystemKeys({ name: `330000/s-${i}`, algorithm });
    signers.set(algorithm, systemKeysOf(keys).signer);
    return {
      id: `s-${i}`,
      name: { zh: '系统', en: 'system' },
      may: ['verify' as const],
      perMinute: 1,
      ...publicPartsOf(keys).entry,
    };
  });
  const source = { region: '330000', file: 'f', list: { systems: rows }, expires: Number.POSITIVE_INFINITY };
  ({ systems } = systemsOf([source], nodePlatform));
});

const tools = (now = NOW) => ({
  digester: nodePlatform,
  now,
  random: (length: number) => new Uint8Array(randomBytes(length)),
});
const BODY = new TextEncoder().encode('{"text":"x"}');
const POST: Outgoing = {
  method: 'POST',
  url: 'https://gateway.example/v1/verify?for=310000',
  headers: { 'Content-Type': 'application/json', 'Tongren-Officer': 'A17' },
  body: BODY,
};
/** As the gateway gets it. */
function arrived({ method, url, headers = {} }: Outgoing, signed: Record<string, string>): RequestMessage {
  const { host, pathname, search } = new URL(url);
  return { method, scheme: 'https', host, target: pathname + search, headers: headersOf({ ...headers, ...signed }) };
}
const check = (message: RequestMessage, now = NOW, hasBody = true) => verifyRequest(message, hasBody, systems.key, now);
const signed = async (outgoing: Outgoing = POST, now = NOW, signer = signers.get('EdDSA')!) =>
  arrived(outgoing, await signRequest(outgoing, signer, tools(now)));
/** The same with one header changed, or gone. */
const changed = (
  message: RequestMessage,
  name: string,
  change: (value: string) => string | undefined,
): RequestMessage => ({
  ...message,
  headers: (wanted) => {
    const values = message.headers(wanted);
    if (wanted !== name) return values;
    const value = change(values?.[0] ?? '');
    return value === undefined ? undefined : [value];
  },
});
test('a label says nothing: any will do, if both fields have it', async () => {
  const message = await signed();
  const named = (name: 'signature' | 'signature-input', of: RequestMessage) =>
    changed(of, name, (value) => value.replace('tongren=', 'sig1='));
  expect(check(named('signature', named('signature-input', message))).key.system.name).toBe('330000/s-0');
});

const why = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof SignatureRefused) return error.message;
    throw error;
  }
  return 'taken';
};

describe('a signed request', () => {
  test.each(ALGORITHMS)('by %s says who sent it and what the body must be', async (algorithm) => {
    const { key, keyId, digest, expires, nonce } = check(await signed(POST, NOW, signers.get(algorithm)!));
    expect(key.system).toMatchObject({ region: '330000' });
    expect(keyId).toBe(signers.get(algorithm)!.keyId);
    expect(expires).toBe(NOW + 60_000);
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(isDigestOf(digest!, BODY, nodePlatform)).toBe(true);
    expect(isDigestOf(digest!, BODY.with(0, 0), nodePlatform)).toBe(false);
  });

  it('without a body needs no digest', async () => {
    const get: Outgoing = { method: 'GET', url: 'https://gateway.example/v1/receipts/x' };
    expect(check(await signed(get), NOW, false).digest).toBeUndefined();
  });

  it('with a body of unknown type is not signed', async () => {
    await expect(signRequest({ ...POST, headers: {} }, signers.get('EdDSA')!, tools())).rejects.toThrow('Content-Type');
  });

  test.each<[string, Partial<RequestMessage>]>([
    ['method', { method: 'PUT' }],
    ['host: what was signed for one gateway is nothing at another', { host: 'other.example' }],
    ['port', { host: 'gateway.example:8443' }],
    ['path', { target: '/v1/convert?for=310000' }],
    ['query', { target: '/v1/verify?for=320000' }],
    ['query that is gone', { target: '/v1/verify' }],
  ])('with another %s is refused', async (_, change) => {
    expect(why(() => check({ ...message, ...change }))).toBe(
      'the signature is not by a key that counts here, or not over what arrived',
    );
  });
  let message: RequestMessage;
  beforeAll(async () => {
    message = await signed();
  });

  const NOT_OURS = 'the signature is not by a key that counts here, or not over what arrived';
  test.each<[string, string, (value: string) => string | undefined, string]>([
    ['another officer', 'tongren-officer', () => 'B1', NOT_OURS],
    ['another type', 'content-type', () => 'text/plain', NOT_OURS],
    ['another digest', 'content-digest', (v) => v.replace(/:./, ':A'), NOT_OURS],
    ['no digest', 'content-digest', () => undefined, 'a covered header is missing'],
    [
      'a digest that is not covered',
      'signature-input',
      (v) => v.replace(' "content-digest"', ''),
      'the signature does not cover content-digest',
    ],
    [
      'a query that is not covered',
      'signature-input',
      (v) => v.replace(' "@query"', ''),
      'the signature does not cover @query',
    ],
    [
      'an authority that is not covered',
      'signature-input',
      (v) => v.replace(' "@authority"', ''),
      'the signature does not cover @authority',
    ],
    [
      'an officer who is not covered',
      'signature-input',
      (v) => v.replace(' "tongren-officer"', ''),
      'the signature does not cover tongren-officer',
    ],
    ['a header put in on the way', 'prefer', () => 'recorded', 'the signature does not cover prefer'],
    [
      'an idempotency key put in on the way',
      'idempotency-key',
      () => 'x',
      'the signature does not cover idempotency-key',
    ],
    [
      'a component covered twice',
      'signature-input',
      (v) => v.replace('"@method"', '"@method" "@method"'),
      'a component is covered twice',
    ],
    [
      'the same name with a parameter',
      'signature-input',
      (v) => v.replace('"@method"', '"@method" "@method";req'),
      'a component is to come from a request that is not known',
    ],
    ['two signatures', 'signature-input', (v) => `${v}, other=()`, 'exactly one signature is taken'],
    [
      'two signatures of one name',
      'signature-input',
      (v) => `${v}, ${v}`,
      'not in the form in which RFC 9651 §4.1 writes it',
    ],
    ['two values for one signature', 'signature', (v) => `${v}, x=:AAAA:`, 'exactly one signature is taken'],
    ['another label', 'signature', (v) => v.replace('tongren=', 'other='), 'exactly one signature is taken'],
    [
      'a parameter twice',
      'signature-input',
      (v) => `${v};tag="tongren"`,
      'not in the form in which RFC 9651 §4.1 writes it',
    ],
    [
      'an unknown parameter',
      'signature-input',
      (v) => `${v};x=1`,
      'the parameters of the signature are not those that are expected',
    ],
    [
      'no nonce',
      'signature-input',
      (v) => v.replace(/;nonce="[^"]*"/, ''),
      'the parameters of the signature are not those that are expected',
    ],
    [
      'a short nonce',
      'signature-input',
      (v) => v.replace(/nonce="[^"]*"/, 'nonce="abc"'),
      'the nonce has not the form of 128 random bits or more',
    ],
    [
      'no end',
      'signature-input',
      (v) => v.replace(/;expires=\d+/, ''),
      'the parameters of the signature are not those that are expected',
    ],
    [
      'an end in words',
      'signature-input',
      (v) => v.replace(/expires=\d+/, 'expires="never"'),
      'a parameter of the signature is of another type',
    ],
    [
      'too late an end',
      'signature-input',
      (v) => v.replace(/expires=\d+/, `expires=${NOW / 1000 + 61}`),
      'a signature is good for at most 60 seconds',
    ],
    [
      'an end before its beginning',
      'signature-input',
      (v) => v.replace(/expires=\d+/, 'expires=1'),
      'a signature is good for at most 60 seconds',
    ],
    [
      'an end put off',
      'signature-input',
      (v) => v.replace(/created=(\d+);expires=\d+/, `created=${NOW / 1000 + 5};expires=${NOW / 1000 + 65}`),
      NOT_OURS,
    ],
    [
      'another tag',
      'signature-input',
      (v) => v.replace('tag="tongren"', 'tag="web-bot-auth"'),
      'the signature was made for something else',
    ],
    ['another algorithm', 'signature-input', (v) => v.replace('alg="ed25519"', 'alg="ecdsa-p256-sha256"'), NOT_OURS],
    ['hmac', 'signature-input', (v) => v.replace('alg="ed25519"', 'alg="hmac-sha256"'), NOT_OURS],
    ['a key of another region', 'signature-input', (v) => v.replace('keyid="330000', 'keyid="310000'), NOT_OURS],
    ['the key of a neighbour', 'signature-input', (v) => v.replace('/s-0#', '/s-1#'), NOT_OURS],
    ['a signature that is none', 'signature', () => 'tongren=:AAAA:', NOT_OURS],
    ['an empty one', 'signature', () => 'tongren=::', NOT_OURS],
    ['a text for a signature', 'signature', () => 'tongren="x"', 'Signature-Input or Signature is none'],
    ['no list of components', 'signature-input', () => 'tongren=1', 'Signature-Input or Signature is none'],
    ['no Signature', 'signature', () => undefined, 'exactly one signature is taken'],
    ['no structure', 'signature-input', () => '!', 'it is none (RFC 9651)'],
    [
      'another spelling',
      'signature-input',
      (v) => v.replace('("@method" ', '( "@method" '),
      'not in the form in which RFC 9651 §4.1 writes it',
    ],
    [
      'a nonce without end',
      'signature-input',
      (v) => v.replace(/nonce="[^"]*"/, `nonce="${'A'.repeat(9000)}"`),
      'longer than any that is in use',
    ],
  ])('with %s is refused', (_, name, change, sentence) => {
    const altered = changed(message, name, change);
    expect(why(() => check(altered))).toBe(sentence);
  });

  it('in which a covered header stands twice is refused', () => {
    const twice = {
      ...message,
      headers: (name: string) => (name === 'tongren-officer' ? ['A17', 'B1'] : message.headers(name)),
    };
    expect(why(() => check(twice))).toBe('a covered header stands twice');
    const input = {
      ...message,
      headers: (name: string) => (name === 'signature-input' ? ['a=()', 'b=()'] : message.headers(name)),
    };
    expect(why(() => check(input))).toBe('exactly one signature is taken');
  });

  test.each<[number, string]>([
    [-10_001, 'the signature was made in the future'],
    [-10_000, 'taken'],
    [0, 'taken'],
    [59_999, 'taken'],
    [60_000, 'the signature has expired'],
    [3_600_000, 'the signature has expired'],
  ])('looked at %i ms after it was made', (after, sentence) => {
    expect(why(() => check(message, NOW + after))).toBe(sentence);
  });

  it('may cover its whole target instead of path and query', async () => {
    const input = message.headers('signature-input')![0]!.replace('"@path" "@query"', '"@target-uri"');
    const covering = changed(message, 'signature-input', () => input);
    const list = [...readDictionary(input).values()][0] as InnerList;
    const signature = await signers.get('EdDSA')!.sign(signatureBase(list, covering));
    const resigned = changed(covering, 'signature', () => `tongren=:${Buffer.from(signature).toString('base64')}:`);
    expect(why(() => check(resigned))).toBe('taken');
    expect(why(() => check({ ...resigned, target: '/v1/verify' }))).toBe(NOT_OURS);
    expect(why(() => check({ ...resigned, scheme: 'http' }))).toBe(NOT_OURS);
  });
});

describe('a signed answer', () => {
  const answer = { status: 200, contentType: 'application/json', body: BODY };
  const REQUEST_SIGNATURE = 'tongren=:AAAA:';
  const received = (headers: Record<string, string>, status = 200) => ({
    status,
    headers: headersOf({ 'Content-Type': 'application/json', ...headers }),
  });

  test.each(ALGORITHMS)('by %s is good for the request it answers, and for no other', async (algorithm) => {
    const signer = signers.get(algorithm)!;
    const headers = await signResponse(answer, REQUEST_SIGNATURE, signer, tools());
    const { keyId, digest } = verifyResponse(received(headers), REQUEST_SIGNATURE, systems.key, NOW);
    expect(keyId).toBe(signer.keyId);
    expect(isDigestOf(digest, BODY, nodePlatform)).toBe(true);
    expect(why(() => verifyResponse(received(headers), 'tongren=:AAAB:', systems.key, NOW))).not.toBe('taken');
    expect(why(() => verifyResponse(received(headers, 500), REQUEST_SIGNATURE, systems.key, NOW))).not.toBe('taken');
    expect(why(() => verifyResponse(received(headers), REQUEST_SIGNATURE, systems.key, NOW + 60_000))).toBe(
      'the signature has expired',
    );
  });

  it('that is not bound to a request is refused', async () => {
    const headers = await signResponse(answer, REQUEST_SIGNATURE, signers.get('EdDSA')!, tools());
    const loose = { ...headers, 'Signature-Input': headers['Signature-Input']!.replace(' "signature";req', '') };
    expect(why(() => verifyResponse(received(loose), REQUEST_SIGNATURE, systems.key, NOW))).toBe(
      'the signature does not cover signature;req',
    );
  });

  it('is no request, and a request is no answer', async () => {
    const headers = await signResponse(answer, REQUEST_SIGNATURE, signers.get('EdDSA')!, tools());
    expect(why(() => check(arrived(POST, headers)))).not.toBe('taken');
    const request = await signRequest(POST, signers.get('EdDSA')!, tools());
    expect(why(() => verifyResponse(received(request), REQUEST_SIGNATURE, systems.key, NOW))).not.toBe('taken');
  });
});
