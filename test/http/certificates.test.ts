import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { connect } from 'node:tls';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { decodeBase64 } from '../../src/codec/base64url.ts';
import { pemFromDer } from '../../src/codec/pem.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { SystemKeysFile, SystemList } from '../../src/document/generated/types.ts';
import { newSystemKeys } from '../../src/federation/system-keys.node.ts';
import { type Running, serve } from '../../src/http/serve.node.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';
import { problemIn, rawCall } from './raw.ts';
import { codeOf, send, signedCall, signerOf } from './signed.ts';

const LIST = 'regions/330000/systems.json';
const key = keyRow({ id: 'lane' });
const BODY = JSON.stringify({ text: 'x', purpose: 'counter' });

describe('behind a proxy that ends TLS (RFC 9440)', () => {
  const gateway = useGateway({}, { proxies: ['127.0.0.0/8'] });
  let certificate = '';
  beforeAll(() => {
    gateway.keyring = keyringOf(key.row);
    certificate = gateway.systems.find(({ system }) => system === '330000/kiosk-1')!.certificate!;
  });
  const ask = (headers: Record<string, string>, body: object = { text: 'x', purpose: 'counter' }) =>
    gateway.call('POST', '/v1/verify', { body, headers });

  it('the certificate that it names is the caller', async () => {
    gateway.log.length = 0;
    const { status } = await ask({ 'Client-Cert': `:${certificate}:` });
    expect(status).toBe(200);
    // It is logged when the answer is out, which its reader may have before.
    await expect.poll(() => gateway.log.map((line) => JSON.parse(line))).toMatchObject([{ caller: '330000/kiosk-1' }]);
    expect(codeOf(await ask({ 'Client-Cert': `:${certificate}:` }, { text: 'x' }))).toEqual([403, 'forbidden-ask']);
  });

  it('one that no region lists is nobody’s, though it be as good', async () => {
    const other = newSystemKeys({ name: '330000/kiosk-1', algorithm: 'ES256', certificate: true }).certificate!;
    expect(codeOf(await ask({ 'Client-Cert': `:${other}:` }))).toEqual([401, 'unauthorized']);
    expect(codeOf(await ask({}))).toEqual([401, 'unauthorized']);
  });

  test.each<[string, (der: string) => string]>([
    ['no byte sequence', (der) => der],
    ['a string', (der) => `"${der}"`],
    ['a parameter', (der) => `:${der}:;x`],
    ['two', (der) => `:${der}:, :${der}:`],
    ['nothing', () => ''],
    ['PEM', (der) => encodeURIComponent(pemFromDer(decodeBase64(der), 'CERTIFICATE'))],
  ])('%s in Client-Cert is refused', async (_, write) => {
    expect(codeOf(await ask({ 'Client-Cert': write(certificate) }))).toEqual([400, 'forbidden-header']);
  });

  it('two headers of this name are refused: one is not the proxy’s', async () => {
    const head = `POST /v1/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nClient-Cert: :${certificate}:\r\nclient-cert: :AAAA:\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
    expect(problemIn(await rawCall(gateway.port, head))).toEqual([400, 'forbidden-header']);
  });

  it('it goes with no API key, and with a signature only by the same system', async () => {
    const headers = { 'Client-Cert': `:${certificate}:` };
    expect(codeOf(await ask({ ...headers, ...key.headers }))).toEqual([400, 'invalid-header']);
    const sent = { body: { text: 'x', purpose: 'counter' } };
    for (const [name, status] of [
      ['330000/kiosk-1', 200],
      ['330000/gateway', 400],
    ] as const) {
      const ready = await signedCall(gateway, signerOf(gateway, name), sent);
      const answer = await send(gateway, ready, { headers: { ...ready.headers, ...headers } });
      expect(answer.status, answer.text).toBe(status);
    }
  });

  it('has an end, and one that was taken out of the list is none', async () => {
    const { clock, federation } = gateway;
    gateway.clock = () => Date.parse(new X509Certificate(decodeBase64(certificate)).validTo) + 1000;
    expect(codeOf(await ask({ 'Client-Cert': `:${certificate}:` }))).toEqual([401, 'unauthorized']);
    gateway.clock = clock;
    const list: SystemList = JSON.parse(Buffer.from(gateway.files.get(LIST)!).toString());
    delete list.systems[1]!.certificates;
    const files = new Map(gateway.files).set(LIST, new Uint8Array(Buffer.from(JSON.stringify(list))));
    gateway.federation = loadFederation(files, nodePlatform);
    expect(codeOf(await ask({ 'Client-Cert': `:${certificate}:` }))).toEqual([401, 'unauthorized']);
    gateway.federation = federation;
  });
});

describe.each([false, true])('over mutual TLS, before Express: %s', (fast) => {
  const gateway = useGateway();
  let tls: Running;
  let server: SystemKeysFile;
  let kiosk: SystemKeysFile;
  const pemOf = (keys: SystemKeysFile): string => pemFromDer(decodeBase64(keys.certificate!), 'CERTIFICATE');

  beforeAll(async () => {
    gateway.keyring = keyringOf(key.row);
    server = newSystemKeys({ name: '310000/gateway', algorithm: 'ES256', certificate: true });
    kiosk = gateway.systems.find(({ system }) => system === '330000/kiosk-1')!;
    const own = { key: Buffer.from(server.signing), cert: Buffer.from(pemOf(server)) };
    tls = await serve(gateway.gateway, { host: '127.0.0.1', port: 0, tls: own, fast });
    return () => tls.close();
  }, 60_000);

  const ask = (own?: SystemKeysFile, headers: Record<string, string> = {}): Promise<[number, string]> =>
    new Promise((resolve, reject) => {
      const sending = request(
        `${tls.url}/v1/verify`,
        {
          method: 'POST',
          // The test's own server: its certificate is self-signed, and what is asked here is the caller's.
          rejectUnauthorized: false,
          agent: false,
          headers: { 'Content-Type': 'application/json', 'Content-Length': BODY.length, ...headers },
          ...(own === undefined ? {} : { key: own.signing, cert: pemOf(own) }),
        },
        (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => resolve([answer.statusCode!, String(JSON.parse(text).type ?? 'verdict')]));
        },
      );
      sending.on('error', reject);
      sending.end(BODY);
    });
  const problem = (code: string) => `urn:tongren:problem:${code}`;

  it('whoever shows a listed certificate is let in as its system', async () => {
    gateway.log.length = 0;
    expect(tls.url).toMatch(/^https:/);
    expect(await ask(kiosk)).toEqual([200, 'verdict']);
    // It is logged when the answer is out, which its reader may have before.
    await expect.poll(() => gateway.log.map((line) => JSON.parse(line))).toMatchObject([{ caller: '330000/kiosk-1' }]);
  });

  it('another one, of the same name and as good, is nobody’s; none is none', async () => {
    const other = newSystemKeys({ name: '330000/kiosk-1', algorithm: 'ES256', certificate: true });
    expect(await ask(other)).toEqual([401, problem('unauthorized')]);
    expect(await ask()).toEqual([401, problem('unauthorized')]);
    expect(await ask(undefined, key.headers)).toEqual([200, 'verdict']);
    expect(await ask(kiosk, key.headers)).toEqual([400, problem('invalid-header')]);
  });

  it('a listed certificate without its key gets nowhere', async () => {
    const other = newSystemKeys({ name: '330000/kiosk-1', algorithm: 'ES256', certificate: true });
    await expect(ask({ ...other, certificate: kiosk.certificate! })).rejects.toThrow();
  });

  it('a certificate in a header is still none', async () => {
    const headers = { 'Client-Cert': `:${kiosk.certificate}:` };
    expect(await ask(undefined, headers)).toEqual([400, problem('forbidden-header')]);
    expect(await ask(kiosk, headers)).toEqual([400, problem('forbidden-header')]);
  });

  it('an old version of TLS is not spoken', async () => {
    const { port } = new URL(tls.url);
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      const socket = connect({
        port: Number(port),
        host: '127.0.0.1',
        rejectUnauthorized: false,
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      socket.on('error', resolve).on('secureConnect', () => resolve(undefined));
    });
    expect(error?.code).toMatch(/PROTOCOL|ECONNRESET|ALERT/);
  });

  it('what is no TLS at all changes nothing for the others', async () => {
    await rawCall(Number(new URL(tls.url).port), 'GET / HTTP/1.1\r\n\r\n');
    expect(await ask(kiosk)).toEqual([200, 'verdict']);
  });
});
