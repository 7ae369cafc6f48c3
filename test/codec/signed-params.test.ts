import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENVELOPES } from '../../src/codec/envelopes.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import type { EnvelopeOptions, EnvelopeSigner } from '../../src/codec/proof.ts';
import { openSignedParams, writeSignedParams } from '../../src/codec/signed-params.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { Broken } from '../../src/document/broken.ts';

const options: EnvelopeOptions = {
  params: { signature: '/sign', encoding: 'hex' },
  bare: { form: 'raw', bytes: 64 },
};
const sign = '01'.repeat(64);
const open = (value: unknown) =>
  openSignedParams(typeof value === 'string' ? value : JSON.stringify(value), CODE_LIMITS, options);
const signedText = (value: unknown): string => decodeUtf8(open(value).proof.signed);
const payload = (value: unknown): unknown => JSON.parse(decodeUtf8(open(value).payload));
const signer = { cose: 0, jose: '', keyId: 'k', sign: () => new Uint8Array(64).fill(1) } satisfies EnvelopeSigner;

describe('what is signed', () => {
  it('is every member but the signature, by name, with the way to members of members', () => {
    const answer = { sign, flag: '200', data: { url: 'https://s34.example/?a=1', code: 'X', id: '' }, appId: 'a' };
    expect(signedText(answer)).toBe('appId=a&data.code=X&data.url=https://s34.example/?a=1&flag=200');
  });

  it.each<[string, unknown]>([
    ['order and spaces', `{ "b" : "2",\n"sign":"${sign}", "a":"1" }`],
    ['empty members', { a: '1', b: '2', c: '', d: null, e: {}, sign }],
    ['types', { a: 1, b: 2, sign }],
  ])('does not depend on %s, and neither does what is read', (_name, value) => {
    expect([signedText(value), payload(value)]).toEqual(['a=1&b=2', { a: '1', b: '2' }]);
  });

  it('the signature may be one of DER', () => {
    const der: EnvelopeOptions = { ...options, bare: { form: 'der', bytes: 64 } };
    const text = writeSignedParams(encodeUtf8('{"a":"1"}'), der, signer);
    expect(openSignedParams(text, CODE_LIMITS, der).proof.signature).toEqual(new Uint8Array(64).fill(1));
    expect(() => openSignedParams(text, CODE_LIMITS, options)).toThrow(Broken);
  });
});

describe('two different objects never have one signed text', () => {
  it.each<[string, unknown, string]>([
    ['a value that brings another member along', { a: '1&b=2', sign }, 'a value with &'],
    ['the same deeper', { data: { a: '1&data.b=2' }, sign }, 'a value with &'],
    ['a name with the sign between names', { 'data.code': 'X', sign }, 'keep apart'],
    ['a name with an equals sign', { 'a=1&b': '2', sign }, 'keep apart'],
    ['a list', { a: ['1', '2'], sign }, 'neither text nor whole number'],
    ['a number that is written in several ways', { a: 1.5, sign }, 'neither text nor whole number'],
    ['a number beyond what is exact', `{"a":12345678901234567890,"sign":"${sign}"}`, 'integer beyond'],
    ['a name twice', `{"a":"1","a":"2","sign":"${sign}"}`, 'the same name twice'],
    ['a name twice, escaped', `{"a":"1","\\u0061":"2","sign":"${sign}"}`, 'the same name twice'],
    ['a name that reaches what all objects share', `{"__proto__":{"a":"1"},"sign":"${sign}"}`, 'keep apart'],
    ['the signature twice', `{"a":"1","sign":"${sign}","sign":"${sign}"}`, 'the same name twice'],
    ['no signature', { a: '1' }, 'no text at /sign'],
    ['a signature that is an object', { a: '1', sign: { r: sign } }, 'no text at /sign'],
    ['a signature of another length', { a: '1', sign: '01' }, 'not a signature of 64 bytes'],
    ['no object', '[1]', 'not an object'],
    ['members below members without end', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, ''],
  ])('%s is refused', (_name, value, message) => {
    expect(() => open(value)).toThrow(Broken);
    expect(() => open(value)).toThrow(message);
  });

  const leaf = fc.oneof(fc.string({ maxLength: 6 }), fc.integer(), fc.boolean(), fc.constant(null));
  const { object } = fc.letrec<{ object: unknown; member: unknown }>((tie) => ({
    object: fc.dictionary(fc.constantFrom('a', 'b', 'a_b', 'ab', 'B'), tie('member'), { maxKeys: 4 }),
    member: fc.oneof({ depthSize: 'small' }, leaf, tie('object')),
  }));

  it('whatever they are made of: of one signed text is one payload', () => {
    const seen = new Map<string, string>();
    let read = 0;
    fc.assert(
      fc.property(object, (value) => {
        let opened: ReturnType<typeof open>;
        try {
          opened = open({ ...(value as object), sign });
        } catch (error) {
          if (error instanceof Broken) return;
          throw error;
        }
        read += 1;
        const said = decodeUtf8(opened.payload);
        const text = decodeUtf8(opened.proof.signed);
        // The payload is what the signed text says, and nothing else.
        const again = open(writeSignedParams(opened.payload, options, signer));
        expect([decodeUtf8(again.proof.signed), JSON.parse(decodeUtf8(again.payload))]).toEqual([
          text,
          JSON.parse(said),
        ]);
        const canonical = JSON.stringify(Object.entries(JSON.parse(said) as object).sort());
        expect(seen.get(text) ?? canonical).toBe(canonical);
        seen.set(text, canonical);
      }),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(1000);
  });
});

describe('a declaration', () => {
  it.each<[string, EnvelopeOptions, string]>([
    ['without places', { bare: { form: 'raw', bytes: 64 } }, '/envelope/params'],
    ['without a form', { params: { signature: '/sign', encoding: 'hex' } }, '/envelope/bare'],
    ['of an encoding that is none', { ...options, params: { signature: '/sign', encoding: 'rot13' } }, 'no "rot13"'],
    [
      'with a signature inside a member',
      { ...options, params: { signature: '/a/sign', encoding: 'hex' } },
      'a member of',
    ],
  ])('%s is refused', (_name, own, message) => {
    expect(() => ENVELOPES['signed-params']!.check!(own)).toThrow(message);
  });
});
