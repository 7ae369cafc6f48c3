import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64, encodeBase64url } from '../../src/codec/base64url.ts';
import { ENVELOPES } from '../../src/codec/envelopes.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import type { EnvelopeOptions, EnvelopeSigner } from '../../src/codec/proof.ts';
import { openSignedJson, writeSignedJson } from '../../src/codec/signed-json.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { Broken } from '../../src/document/broken.ts';

const json = {
  signed: '/data',
  signature: '/sig/sigvl',
  algorithm: '/sig/alg',
  certificate: '/sig/cer',
  canonical: 'jcs',
  encoding: 'base64url',
};
const options: EnvelopeOptions = { json };
const open = (value: unknown, own = options) =>
  openSignedJson(typeof value === 'string' ? value : JSON.stringify(value), CODE_LIMITS, own);
const sig = { alg: 'ES256', cer: 'AQID', sigvl: 'BAUG' };

describe('what is signed', () => {
  // RFC 8785, appendix B gives numbers, §3.2.2 and §3.2.3 this object and this order.
  it('is the canonical form of RFC 8785, however it is written', () => {
    const text = String.raw`{"sig": {"sigvl": "BAUG", "cer": "AQID", "alg": "ES256"}, "data": {
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }}`;
    const { proof, payload } = open(text);
    const canonical = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    expect(decodeUtf8(proof.signed)).toBe(canonical);
    expect(payload).toEqual(proof.signed);
  });

  it('is only the member that the declaration names', () => {
    const one = open({ data: { a: 1 }, sig, more: 'x' }).proof.signed;
    expect(one).toEqual(open({ data: { a: 1 }, sig }).proof.signed);
    expect(one).not.toEqual(open({ data: { a: 2 }, sig }).proof.signed);
  });
});

describe('who signed', () => {
  it('is read from the places that the declaration names', () => {
    const { proof } = open({ data: {}, sig });
    expect(proof).toMatchObject({
      algorithm: 'jose:ES256',
      signature: Uint8Array.of(4, 5, 6),
      certificates: [Uint8Array.of(1, 2, 3)],
      keyIds: [],
    });
    const keyed = { json: { ...json, certificate: undefined, keyId: '/sig/kid' } } as unknown as EnvelopeOptions;
    const byId = open({ data: {}, sig: { ...sig, kid: 'k1' } }, keyed).proof;
    expect(byId.keyIds).toEqual(['k1']);
    expect(byId.certificates).toBeUndefined();
  });

  it('may come as a list of certificates, the signer’s first', () => {
    const { certificates } = open({ data: {}, sig: { ...sig, cer: ['AQID', 'BAUG'] } }).proof;
    expect(certificates).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)]);
  });

  it.each([
    ['AQIDBA', 'without padding'],
    ['AQIDBA==', 'with padding, as some seals have it'],
  ])('%s: base64url %s', (cer) => {
    expect(open({ data: {}, sig: { ...sig, cer } }).proof.certificates).toEqual([Uint8Array.of(1, 2, 3, 4)]);
  });

  it('is in standard base64 where the declaration says so', () => {
    const own = { json: { ...json, encoding: 'base64' } };
    expect(open({ data: {}, sig: { ...sig, sigvl: '+/8=' } }, own).proof.signature).toEqual(Uint8Array.of(0xfb, 0xff));
    expect(() => open({ data: {}, sig: { ...sig, sigvl: '-_8' } }, own)).toThrow(Broken);
  });
});

describe('refuses', () => {
  it.each([
    ['{"sig":{"alg":"ES256","cer":"AQID","sigvl":"BAUG"}}', 'nothing is signed'],
    ['{"data":{},"sig":{"cer":"AQID","sigvl":"BAUG"}}', 'no algorithm'],
    ['{"data":{},"sig":{"alg":5,"cer":"AQID","sigvl":"BAUG"}}', 'an algorithm that is no text'],
    ['{"data":{},"sig":{"alg":"ES256","cer":"AQID"}}', 'no signature'],
    ['{"data":{},"sig":{"alg":"ES256","sigvl":"BAUG"}}', 'no certificate'],
    ['{"data":{},"sig":{"alg":"ES256","cer":[],"sigvl":"BAUG"}}', 'no certificate in the list'],
    ['{"data":{},"sig":{"alg":"ES256","cer":["AQID",1],"sigvl":"BAUG"}}', 'a certificate that is no text'],
    ['{"data":{},"sig":{"alg":"ES256","cer":"AQID","sigvl":"BAV"}}', 'bits left over in the signature'],
    ['{"data":{},"sig":{"alg":"ES256","cer":"AQID","sigvl":"BB=="}}', 'a signature with bits left over and padding'],
    ['{"data":{},"sig":{"alg":"ES256","cer":"AQID=","sigvl":"BAUG"}}', 'padding that does not belong there'],
    ['{"data":{},"sig":{"alg":"ES256","cer":"AQ\\nID","sigvl":"BAUG"}}', 'a line end in the certificate'],
    ['{"data":{"a":1,"a":2},"sig":{"alg":"ES256","cer":"AQID","sigvl":"BAUG"}}', 'a name twice: which one is signed?'],
    ['{"data":{"a":9007199254740993},"sig":{"alg":"ES256","cer":"AQID","sigvl":"BAUG"}}', 'a number that would change'],
    ['{"data":{},"sig":{"alg":"ES256","cer":"AQID","sigvl":"BAUG"}}{}', 'something after the end'],
    ['[]', 'a list'],
  ])('%s: %s', (text) => {
    expect(() => open(text)).toThrow(Broken);
  });

  it('more certificates than any chain has, and longer texts than the format allows', () => {
    const many = { data: {}, sig: { ...sig, cer: Array(5).fill('AQID') } };
    expect(() => open(many)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
    expect(() => openSignedJson('{}'.padEnd(100), { ...CODE_LIMITS, input: 50 }, options)).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
    );
  });
});

describe('a declaration', () => {
  const check = ENVELOPES['signed-json']!.check!;
  it.each([
    [undefined, '/envelope/json'],
    [{ ...json, canonical: 'sorted' }, '/envelope/json/canonical: no "sorted"'],
    [{ ...json, encoding: 'base91' }, '/envelope/json/encoding: no "base91"'],
    [{ ...json, encoding: 'constructor' }, '/envelope/json/encoding: no "constructor"'],
    [{ ...json, signature: '/data/sig' }, '/envelope/json/signature: stands inside the signed member'],
    [{ ...json, certificate: '/data' }, '/envelope/json/certificate: stands inside the signed member'],
  ])('%j is refused', (places, reason) => {
    expect(() => check({ json: places } as EnvelopeOptions)).toThrow(reason);
  });

  it('that is right is taken', () => expect(() => check(options)).not.toThrow());
});

describe('writing', () => {
  const signer: EnvelopeSigner = {
    cose: -7,
    jose: 'ES256',
    keyId: 'k1',
    certificates: [Uint8Array.of(1, 2, 3)],
    sign: (data) => Uint8Array.of(data.length, data[1]!),
  };

  it('gives what is read back the same', () => {
    const payload = encodeUtf8('{"b":[1,"é"],"a":{"c":null}}');
    const text = writeSignedJson(payload, options, signer);
    const { proof } = openSignedJson(text, CODE_LIMITS, options);
    expect(decodeUtf8(proof.signed)).toBe('{"a":{"c":null},"b":[1,"é"]}');
    expect(proof.signature).toEqual(signer.sign(proof.signed));
    expect(proof.certificates).toEqual(signer.certificates);
  });

  it('writes bytes as the declaration says', () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xfe);
    const text = (encoding: string): string =>
      writeSignedJson(encodeUtf8('{}'), { json: { ...json, encoding } }, { ...signer, certificates: [bytes] });
    expect(text('base64')).toContain(encodeBase64(bytes));
    expect(text('base64url')).toContain(encodeBase64url(bytes));
    expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
  });

  it('does not leave the certificate out', () => {
    expect(() => writeSignedJson(encodeUtf8('{}'), options, { ...signer, certificates: [] })).toThrow(Broken);
  });
});
