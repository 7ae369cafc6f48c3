import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJws, writeJws } from '../../src/codec/jws.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { keyFromJwk } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { federation, ownKey, samples, shortOf, testBed, testDocument, verdictOf } from '../support/federation.ts';

const b64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
const jws = (
  header: object | string,
  payload: string | Uint8Array = '{}',
  signature: string | Uint8Array = 'xx',
): string => `${b64(typeof header === 'string' ? header : JSON.stringify(header))}.${b64(payload)}.${b64(signature)}`;
const open = (text: string, zip?: string) => openJws(text, CODE_LIMITS, zip);
const refusal = (run: () => unknown): string => {
  try {
    run();
    return 'opened';
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return `${error.code} ${error.part}: ${error.message}`;
  }
};

describe('the example of RFC 7515 appendix A.3 (ES256)', () => {
  const text =
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
  const key = keyFromJwk({
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  });

  it('opens and verifies', () => {
    const { proof, payload } = open(text);
    expect(new TextDecoder().decode(payload)).toBe(
      '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}',
    );
    expect([proof.algorithm, proof.keyIds]).toEqual(['jose:ES256', []]);
    expect(nodePlatform.prepare('ES256', key)!(proof.signed, proof.signature)).toBe(true);
  });
});

it('the example of RFC 7515 appendix A.5 is unsecured: it says so, and has no signature', () => {
  const { proof } = open(
    'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.',
  );
  expect([proof.algorithm, proof.signature.length]).toEqual(['jose:none', 0]);
});

describe('what is no JWS', () => {
  it.each<[string, string, string]>([
    ['nothing', '', 'MALFORMED jws: not three segments'],
    ['two segments', 'eyJhbGciOiJub25lIn0.e30', 'MALFORMED jws: not three segments'],
    ['four segments', 'eyJhbGciOiJub25lIn0.e30.AA.AA', 'MALFORMED jws: not three segments'],
    ['five segments, an encrypted one', 'a.b.c.d.e', 'MALFORMED jws: not three segments'],
    ['no header', '.e30.AA', 'MALFORMED jws: not three segments'],
    ['a header that is no JSON', jws('alg'), 'MALFORMED json'],
    ['a header that is a list', jws('[]'), 'MALFORMED jws: the header is no object'],
    ['a header with one member twice', jws('{"alg":"ES256","alg":"none"}'), 'MALFORMED json: the same name twice'],
    ['a header without an algorithm', jws({}), 'MALFORMED jws: the header names no algorithm'],
    ['a number for an algorithm', jws({ alg: 1 }), 'MALFORMED jws: the header names no algorithm'],
    ['a list of algorithms', jws({ alg: ['none', 'ES256'] }), 'MALFORMED jws: the header names no algorithm'],
    ['a number for a key id', jws({ alg: 'ES256', kid: 1 }), 'MALFORMED jws: kid is no text'],
    ['padding', `${jws({ alg: 'ES256' })}==`, 'MALFORMED base64url'],
    ['white space', `${jws({ alg: 'ES256' })} `, 'MALFORMED base64url'],
    ['bits that nobody reads', 'eyJhbGciOiJFUzI1NiJ9.e31.AB', 'MALFORMED base64url'],
    ['a header nested without end', jws(`{"alg":${'['.repeat(1000)}`), 'LIMIT_EXCEEDED json: nested too deeply'],
    ['a megabyte', jws({ alg: 'ES256' }, 'x'.repeat(1_000_000)), 'LIMIT_EXCEEDED jws: longer than'],
    ['a lone surrogate', 'eyJhbGciOiJFUzI1NiJ9.\ud800.AA', 'MALFORMED utf8'],
  ])('%s', (_name, text, wanted) => {
    expect(refusal(() => open(text)).slice(0, wanted.length)).toBe(wanted);
  });

  it('any text opens or is Broken, never anything else', () => {
    const piece = fc.oneof(
      fc.base64String().map((text) => text.replaceAll(/[+/=]/g, '')),
      fc.string(),
      fc.json().map(b64),
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => void refusal(() => open(pieces.join('.')))));
  });
});

describe('demands', () => {
  it.each<[string, object, string | undefined]>([
    ['crit', { alg: 'ES256', crit: ['exp'] }, 'crit'],
    ['an empty crit', { alg: 'ES256', crit: [] }, 'crit'],
    ['b64: false under crit (RFC 7797)', { alg: 'ES256', crit: ['b64'], b64: false }, 'crit'],
    ['b64: false without crit', { alg: 'ES256', b64: false }, 'b64'],
    ['b64: true: still another rule than ours', { alg: 'ES256', b64: true }, 'b64'],
    ['nothing', { alg: 'ES256', jku: 'https://evil.example/', x5u: 'https://evil.example/', jwk: {} }, undefined],
  ])('%s', (_name, header, wanted) => {
    expect(open(jws(header)).proof.demands).toBe(wanted);
  });
});

describe('compression', () => {
  const { signer } = ownKey('ES256', { keyId: 'k' });
  const bomb = writeJws(new Uint8Array(10_000_000), { zip: 'DEF' }, signer);

  it('only where the declaration and the header both say so', () => {
    const text = writeJws(Buffer.from('{"a":1}'), { zip: 'DEF' }, signer);
    expect(Buffer.from(open(text, 'DEF').payload).toString()).toBe('{"a":1}');
    expect(Buffer.from(open(text).payload).toString()).not.toBe('{"a":1}');
    expect(Buffer.from(open(jws({ alg: 'ES256' }, '{"a":1}'), 'DEF').payload).toString()).toBe('{"a":1}');
  });

  it('within the limit', () => {
    expect(refusal(() => open(bomb, 'DEF'))).toMatch(/^LIMIT_EXCEEDED /);
  });
});

describe('writing', () => {
  const { signer } = ownKey('ES256', { keyId: 'k' });

  it('says who signed and how, whatever a declaration wants it to say', () => {
    const { proof, header } = open(writeJws(Buffer.from('{}'), { typ: 'x', alg: 'none', kid: 'other' }, signer));
    expect(header).toEqual({ alg: 'ES256', kid: 'k', typ: 'x' });
    expect([proof.algorithm, proof.keyIds]).toEqual(['jose:ES256', ['k']]);
  });
});

describe('in a format', () => {
  const key = ownKey();
  const format = {
    recognise: { jws: { typ: 'test+jws' } },
    transport: [],
    envelope: { type: 'jws', algorithms: ['ES256' as const], header: { typ: 'test+jws' } },
    payload: 'json',
  };
  const bed = testBed({ format }, key);
  const good = bed.sign(testDocument());
  const [, payload] = good.split('.') as [string, string];
  const said = (header: object, body = payload): string => {
    const head = b64(JSON.stringify({ typ: 'test+jws', kid: key.entry.keyId, ...header }));
    const signature = key.signer.sign(Buffer.from(`${head}.${body}`));
    return shortOf(verdictOf(`${head}.${body}.${b64(signature)}`, { standpoint: bed.standpoint }));
  };

  it('is accepted', () => {
    expect(shortOf(verdictOf(good, { standpoint: bed.standpoint }))).toBe('accept');
    expect(said({ alg: 'ES256' })).toBe('accept');
  });

  it.each<[string, object, string]>([
    ['none', { alg: 'none' }, 'refuse ALGORITHM_NOT_ALLOWED'],
    ['None, NONE: a name is a name', { alg: 'None' }, 'refuse ALGORITHM_NOT_ALLOWED'],
    ['HS256: the public key as a secret (RFC 8725 §2.1)', { alg: 'HS256' }, 'refuse ALGORITHM_NOT_ALLOWED'],
    ['another that the table has, but the format does not', { alg: 'ES384' }, 'refuse ALGORITHM_NOT_ALLOWED'],
    ['SM2SM3 under an ES256 key', { alg: 'SM2SM3' }, 'refuse ALGORITHM_NOT_ALLOWED'],
    ['a COSE number', { alg: '-7' }, 'refuse ALGORITHM_NOT_ALLOWED'],
    ['a name every object has', { alg: '__proto__' }, 'refuse ALGORITHM_NOT_ALLOWED'],
    ['crit', { alg: 'ES256', crit: ['x'] }, 'refuse HEADER_NOT_ALLOWED'],
    ['b64: false', { alg: 'ES256', b64: false }, 'refuse HEADER_NOT_ALLOWED'],
    ['a key of its own', { alg: 'ES256', kid: 'none', jwk: key.entry.jwk }, 'undetermined UNKNOWN_ISSUER'],
    ['another typ', { alg: 'ES256', typ: 'other+jws' }, 'undetermined NOT_RECOGNISED'],
  ])('with alg or header %s', (_name, header, wanted) => {
    expect(said(header)).toBe(wanted);
  });

  it('tells of an algorithm only its name, never other text from the document', () => {
    const head = b64(JSON.stringify({ typ: 'test+jws', kid: key.entry.keyId, alg: 'PLANTED 张三 310101196107190011' }));
    expect(JSON.stringify(verdictOf(`${head}.${payload}.AA`, { standpoint: bed.standpoint }))).not.toMatch(
      /PLANTED|310101/,
    );
  });
});

describe('the federation’s own JWS formats', () => {
  const own = federation.formats.filter(({ declaration }) => declaration.recognise.jws?.['typ'] !== undefined);

  it.each(own.map((format) => [format.id, format] as const))(
    '%s: another algorithm is named as what is wrong, not taken for another kind of code',
    (id) => {
      const { wire } = samples.find((sample) => sample.format === id && sample.expect.outcome === 'accept')!;
      const [head, body] = (wire as string).split('.') as [string, string];
      const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object;
      for (const alg of ['none', 'ES256', 'ES256K', 'HS256'])
        expect([alg, shortOf(verdictOf(`${b64(JSON.stringify({ ...header, alg }))}.${body}.AA`))]).toEqual([
          alg,
          'refuse ALGORITHM_NOT_ALLOWED',
        ]);
    },
  );

  it('there are some', () => {
    expect(own.length).toBeGreaterThan(0);
  });
});
