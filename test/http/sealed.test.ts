import { beforeAll, expect, it, test } from 'vitest';
import type { EncryptionKey } from '../../src/document/generated/types.ts';
import type { MessageSigner } from '../../src/exchange/message-signature.ts';
import { type OpenedBody, SEALED_MEDIA, sealBody } from '../../src/exchange/sealed-body.ts';
import { keyRow, keyringOf, linesOf, useGateway } from './harness.ts';
import { codeOf, send, signedCall, signerOf } from './signed.ts';

const gateway = useGateway();
const key = keyRow({ id: 'lane' });
let anhui: MessageSigner;
let shanghaiKey: EncryptionKey;
beforeAll(() => {
  gateway.keyring = keyringOf(key.row);
  anhui = signerOf(gateway, '340000/gateway');
  [shanghaiKey] = gateway.federation.systems.encryption('310000', Date.now()) as [EncryptionKey];
});

const json = (value: object): OpenedBody => ({
  contentType: 'application/json',
  body: new TextEncoder().encode(JSON.stringify(value)),
});
const ENDS = { from: '340000/gateway', to: '310000' };
const sealed = async (body: OpenedBody, ends = ENDS): Promise<string> =>
  Buffer.from(await sealBody(body, shanghaiKey, ends)).toString();
const asked = async (body: string, path = '/v1/verify', signer = anhui) =>
  send(gateway, await signedCall(gateway, signer, { path, type: SEALED_MEDIA, body }));

it('a sealed body is opened before its route sees it', async () => {
  const answer = await asked(await sealed(json({ text: gateway.wire('330000/pass'), purpose: 'counter' })));
  expect(answer.status, answer.text).toBe(200);
  expect(answer.json.issuer.region).toBe('330000');
  const ask = await asked(await sealed(json({ text: 'x', purpose: 'no-such' })));
  expect(codeOf(ask)).toEqual([400, 'unknown-purpose']);
});

it('the type inside is the one that counts, for batches too', async () => {
  const lines = { contentType: 'application/x-ndjson', body: new TextEncoder().encode('{"text":"x"}\n{"text":"y"}') };
  const batch = await asked(await sealed(lines), '/v1/verify/batch');
  expect(linesOf(batch.text)).toHaveLength(2);
  expect(codeOf(await asked(await sealed(lines)))).toEqual([415, 'unsupported-media-type']);
});

it('one that another sends on under its own name is refused, and nothing of it is told', async () => {
  const body = await sealed(json({ text: gateway.wire('330000/pass') }));
  const answer = await asked(body, '/v1/verify', signerOf(gateway, '320000/gateway'));
  expect(codeOf(answer)).toEqual([400, 'sealed-body']);
  const refused = gateway.log.map((line) => JSON.parse(line)).findLast(({ msg }) => /no honest caller/.test(msg));
  expect(refused).toMatchObject({ caller: '320000/gateway', problem: 'sealed-body' });
});

test.each<[string, (body: string) => string]>([
  ['for another region', () => ''],
  // Not in its last sign: some of that sign's bits mean nothing.
  ['altered', (body) => body.replace(/.(?=.{9}$)/, (sign) => (sign === 'A' ? 'B' : 'A'))],
  ['that is plain text', () => '{"text":"x"}'],
])('one %s is refused', async (what, change) => {
  const ends = what === 'for another region' ? { ...ENDS, to: '320000' } : ENDS;
  const body = await sealed(json({ text: 'x' }), ends);
  expect(codeOf(await asked(change(body) || body))).toEqual([400, 'sealed-body']);
});

it('is opened for systems of regions alone: of others nobody knows who sealed it', async () => {
  const body = await sealed(json({ text: 'x' }));
  const answer = await gateway.call('POST', '/v1/verify', { body, type: SEALED_MEDIA, headers: key.headers });
  expect(codeOf(answer)).toEqual([400, 'sealed-body']);
  const nobody = await gateway.call('POST', '/v1/verify', { body, type: SEALED_MEDIA });
  expect(codeOf(nobody)).toEqual([401, 'unauthorized']);
});

it('is no larger inside than a body of its type may be', async () => {
  const text = { contentType: 'text/plain', body: new Uint8Array(2 * 1024 * 1024).fill(0x61) };
  expect(codeOf(await asked(await sealed(text)))).toEqual([413, 'too-large']);
});
