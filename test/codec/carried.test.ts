import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { deflate } from '../../src/codec/deflate.ts';
import { openJws, writeJws } from '../../src/codec/jws.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import type { EnvelopeSigner } from '../../src/codec/proof.ts';
import { TRANSPORTS_WITH } from '../../src/codec/transports.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { Broken } from '../../src/document/broken.ts';

const part = (value: unknown): string => encodeBase64url(encodeUtf8(JSON.stringify(value)));
const payload = encodeUtf8(`{"a":"${'b'.repeat(500)}"}`);
const jws = (header: object, body: Uint8Array): string => `${part(header)}.${encodeBase64url(body)}.AAAA`;
const zipped = { alg: 'ES256', zip: 'DEF' };

describe('a JWS whose payload is deflated', () => {
  it('is inflated where the declaration and its header both say so', () => {
    const sealed = openJws(jws(zipped, deflate(payload, 'raw')), CODE_LIMITS, 'DEF');
    expect(sealed.payload).toEqual(payload);
    // What is signed is the text as it stands: the signature covers the compressed form.
    expect(decodeUtf8(sealed.proof.signed)).toBe(jws(zipped, deflate(payload, 'raw')).slice(0, -5));
  });

  it('is not inflated where the declaration does not say so: a header is no reason to unpack anything', () => {
    const body = deflate(payload, 'raw');
    expect(openJws(jws(zipped, body), CODE_LIMITS).payload).toEqual(body);
    expect(openJws(jws(zipped, body), CODE_LIMITS, 'GZIP').payload).toEqual(body);
  });

  it('is not inflated where its header does not say so', () => {
    expect(openJws(jws({ alg: 'ES256' }, payload), CODE_LIMITS, 'DEF').payload).toEqual(payload);
  });

  it.each([
    ['zlib’s header and checksum around it', deflate(payload, 'zlib')],
    ['bytes after it', Uint8Array.from([...deflate(payload, 'raw'), 0])],
    ['its end missing', deflate(payload, 'raw').slice(0, -3)],
    ['nothing', new Uint8Array(0)],
  ])('is refused with %s', (_, body) => {
    expect(() => openJws(jws(zipped, body), CODE_LIMITS, 'DEF')).toThrow(Broken);
  });

  it('is refused if it grows beyond the limit', () => {
    const bomb = deflate(new Uint8Array(100_000), 'raw');
    expect(bomb.length).toBeLessThan(1000);
    const limits = { ...CODE_LIMITS, inflated: 50_000 };
    expect(() => openJws(jws(zipped, bomb), limits, 'DEF')).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
    );
  });

  it('is written so', () => {
    const signer: EnvelopeSigner = { cose: -7, jose: 'ES256', keyId: 'k', sign: () => Uint8Array.of(1) };
    const text = writeJws(payload, { zip: 'DEF' }, signer);
    expect(text.length).toBeLessThan(300);
    expect(openJws(text, CODE_LIMITS, 'DEF')).toMatchObject({
      payload,
      header: { zip: 'DEF', alg: 'ES256', kid: 'k' },
    });
  });
});

describe('member: a document inside a JSON file', () => {
  const step = TRANSPORTS_WITH['member']!('/verifiableCredential');
  const decode = (text: string, limits = CODE_LIMITS) => step.decode(text, limits);

  it.each([
    ['{"verifiableCredential":"eyJ"}', 'a text'],
    ['{"verifiableCredential":["eyJ"],"more":1}', 'a list of one'],
  ])('%s: %s', (text) => expect(decode(text)).toBe('eyJ'));

  it('reads bytes as UTF-8', () =>
    expect(step.decode(encodeUtf8('{"verifiableCredential":"é"}'), CODE_LIMITS)).toBe('é'));

  it('two are two documents, and which one is meant is not guessed', () => {
    expect(() => decode('{"verifiableCredential":["eyJ","eyK"]}')).toThrow(
      expect.objectContaining({ code: 'SEVERAL_CODES' }),
    );
  });

  it.each([
    '{}',
    '{"verifiableCredential":[]}',
    '{"verifiableCredential":7}',
    '{"verifiableCredential":[["eyJ"]]}',
    'x',
  ])('%s is refused', (text) => expect(() => decode(text)).toThrow(Broken));

  it('bounds the file', () => {
    expect(() => decode(`{"verifiableCredential":"${'x'.repeat(100)}"}`, { ...CODE_LIMITS, input: 50 })).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
    );
  });

  it('is not written', () => expect(() => step.encode('eyJ')).toThrow(Broken));
});
