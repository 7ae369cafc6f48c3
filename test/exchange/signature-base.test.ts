import { describe, expect, it, test } from 'vitest';
import { decodeBase64 } from '../../src/codec/base64url.ts';
import { keyFromSpki } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { isDigestOf, readContentDigest } from '../../src/exchange/content-digest.ts';
import { type RequestMessage, type ResponseMessage, signatureBase } from '../../src/exchange/signature-base.ts';
import { bytesOf, type InnerList, type Item, readDictionary } from '../../src/exchange/structured-field.ts';

// From the text of RFC 9421: §2 and appendix B.

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const inputOf = (field: string): InnerList => [...readDictionary(field).values()][0] as InnerList;
const signatureOf = (field: string): Uint8Array => bytesOf(([...readDictionary(field).values()][0] as Item)[0])!;
const headersOf =
  (headers: Readonly<Record<string, string | string[]>>) =>
  (name: string): string[] | undefined =>
    headers[name] === undefined ? undefined : [headers[name]].flat();

/** Appendix B.2, test-request. */
const REQUEST: RequestMessage = {
  method: 'POST',
  scheme: 'https',
  host: 'example.com',
  target: '/foo?param=Value&Pet=dog',
  headers: headersOf({
    host: 'example.com',
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    'content-length': '18',
  }),
};
const REQUEST_BODY = '{"hello": "world"}';
/** Appendix B.2, test-response. */
const RESPONSE: ResponseMessage = {
  status: 200,
  headers: headersOf({
    date: 'Tue, 20 Apr 2021 02:07:56 GMT',
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
    'content-length': '23',
  }),
};
const RESPONSE_BODY = '{"message": "good dog"}';
/** Appendix B.1.3 and B.1.4, public halves. */
const KEYS = {
  'test-key-ecc-p256':
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==',
  'test-key-ed25519': 'MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=',
};
const check = (name: keyof typeof KEYS, data: Uint8Array, signature: Uint8Array): boolean =>
  nodePlatform.prepare(name === 'test-key-ed25519' ? 'EdDSA' : 'ES256', keyFromSpki(decodeBase64(KEYS[name])))!(
    data,
    signature,
  );

describe('appendix B.2', () => {
  it('B.2.4: an answer, by ECDSA', () => {
    const base = signatureBase(
      inputOf(
        'sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
      ),
      RESPONSE,
    );
    expect(new TextDecoder().decode(base)).toBe(`"@status": 200
"content-type": application/json
"content-digest": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:
"content-length": 23
"@signature-params": ("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"`);
    const signature = signatureOf(
      'sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:',
    );
    expect(check('test-key-ecc-p256', base, signature)).toBe(true);
    expect(check('test-key-ecc-p256', base.with(5, 0x54), signature)).toBe(false);
  });

  it('B.2.6: a request, by Ed25519', () => {
    const base = signatureBase(
      inputOf(
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      ),
      REQUEST,
    );
    expect(new TextDecoder().decode(base)).toBe(`"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`);
    const signature = signatureOf(
      'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
    );
    expect(check('test-key-ed25519', base, signature)).toBe(true);
  });

  test.each([
    ['request', REQUEST, REQUEST_BODY],
    ['response', RESPONSE, RESPONSE_BODY],
  ])('the Content-Digest of the %s is that of its body', (_, message, body) => {
    const digest = readContentDigest(message.headers('content-digest')![0]!);
    expect(isDigestOf(digest, bytes(body), nodePlatform)).toBe(true);
    expect(isDigestOf(digest, bytes(`${body} `), nodePlatform)).toBe(false);
  });
});

describe('components (§2)', () => {
  const lineOf = (name: string, change: Partial<RequestMessage>): string =>
    new TextDecoder()
      .decode(signatureBase([[[name, new Map()]], new Map()], { ...REQUEST, ...change }))
      .split('\n')[0]!;

  test.each<[string, Partial<RequestMessage>, string]>([
    ['@authority', { host: 'www.Example.com:443' }, '"@authority": www.example.com'],
    ['@authority', { host: 'www.example.com:80', scheme: 'http' }, '"@authority": www.example.com'],
    ['@authority', { host: 'www.example.com:80' }, '"@authority": www.example.com:80'],
    [
      '@target-uri',
      { host: 'www.example.com', target: '/path?param=value' },
      '"@target-uri": https://www.example.com/path?param=value',
    ],
    ['@path', { target: '/path?param=value' }, '"@path": /path'],
    ['@query', { target: '/path?param=value&foo=bar&baz=bat%2Dman' }, '"@query": ?param=value&foo=bar&baz=bat%2Dman'],
    ['@query', { target: '/path?queryString' }, '"@query": ?queryString'],
    ['@query', { target: '/path' }, '"@query": ?'],
    ['x-empty', { headers: headersOf({ 'x-empty': '' }) }, '"x-empty": '],
    [
      'x-ows',
      { headers: headersOf({ 'x-ows': '  Leading and trailing whitespace. ' }) },
      '"x-ows": Leading and trailing whitespace.',
    ],
    [
      'cache-control',
      { headers: headersOf({ 'cache-control': ['max-age=60', '   must-revalidate'] }) },
      '"cache-control": max-age=60, must-revalidate',
    ],
  ])('%s of %j', (name, change, line) => expect(lineOf(name, change)).toBe(line));

  const plain = (name: string): Item => [name, new Map()];
  test.each<[string, Item[], RequestMessage | ResponseMessage, string]>([
    ['a component twice', [plain('date'), plain('date')], REQUEST, 'a component is covered twice'],
    ['a header that is not there', [plain('x-none')], REQUEST, 'a covered header is missing'],
    ['what the RFC does not know', [plain('@constructor')], REQUEST, 'a component is not known'],
    ['an object’s own names', [plain('@toString')], REQUEST, 'a component is not known'],
    ['the status of a request', [plain('@status')], REQUEST, 'a component is not known'],
    ['the method of an answer', [plain('@method')], RESPONSE, 'a component is not known'],
    [
      'a request that is not known',
      [['@method', new Map([['req', true]])]],
      RESPONSE,
      'a component is to come from a request that is not known',
    ],
    [
      'req in a request',
      [['@method', new Map([['req', true]])]],
      REQUEST,
      'a component is to come from a request that is not known',
    ],
    [
      'a parameter that is not in use',
      [['date', new Map([['sf', true]])]],
      REQUEST,
      'a component has a parameter that is not in use',
    ],
    ['a number for a name', [[1, new Map()]], REQUEST, 'a component is named by a string'],
    [
      'a value with a line break',
      [plain('x')],
      { ...REQUEST, headers: headersOf({ x: 'a\n"@method": GET' }) },
      'a covered value has signs that cannot be signed',
    ],
    [
      'a value that is not ASCII',
      [plain('x')],
      { ...REQUEST, headers: headersOf({ x: 'é' }) },
      'a covered value has signs that cannot be signed',
    ],
  ])('%s is refused', (_, components, message, why) => {
    expect(() => signatureBase([components, new Map()], message)).toThrow(why);
  });

  it('an answer covers what it answers', () => {
    const base = signatureBase([[plain('@status'), ['@method', new Map([['req', true]])]], new Map()], {
      ...RESPONSE,
      request: REQUEST,
    });
    expect(new TextDecoder().decode(base)).toBe(
      '"@status": 200\n"@method";req: POST\n"@signature-params": ("@status" "@method";req)',
    );
  });
});

describe('Content-Digest (RFC 9530)', () => {
  // RFC 9530 appendix B.1 and D: the same body by both active algorithms.
  const body = bytes('{"hello": "world"}\n');
  it('both of two have to be right', () => {
    const sha256 = 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:';
    expect(isDigestOf(readContentDigest(sha256), body, nodePlatform)).toBe(true);
    const other = `sha-512=:${Buffer.alloc(64).toString('base64')}:`;
    expect(isDigestOf(readContentDigest(`${sha256}, ${other}`), body, nodePlatform)).toBe(false);
  });

  test.each([
    ['', 'no digest'],
    ['sha-256', 'no value'],
    ['sha-256=:AAAA:', 'too short'],
    ['sha-256="x"', 'a text'],
    ['sha-256=(:AAAA:)', 'a list'],
    ['md5=:1B2M2Y8AsgTpgAmY7PhCfg==:', 'a broken algorithm'],
    ['unixsum=30637', 'a number'],
    ['sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:;x', 'a parameter'],
    ['sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:,sha-256=:AAAA:', 'the same twice'],
    ['sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDh=:', 'another spelling of its last bits'],
  ])('%s is none: %s', (field) => {
    expect(() => readContentDigest(field)).toThrow(/.+/);
  });
});
