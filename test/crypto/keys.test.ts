import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { bitString, context, integer, nullValue, oid, sequence } from '../../src/codec/der-writer.ts';
import { encodeHex } from '../../src/codec/hex.ts';
import type { AlgorithmName } from '../../src/crypto/algorithms.ts';
import { BASES, CURVES, onCurve } from '../../src/crypto/curves.ts';
import {
  keyFits,
  keyFromJwk,
  keyFromSpki,
  keyThumbprint,
  keyToJwk,
  type PublicKey,
  spkiFromKey,
} from '../../src/crypto/keys.ts';
import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { pointsOn } from '../../src/crypto/points.ts';
import { Broken } from '../../src/document/broken.ts';

type Pair = { publicKey: ReturnType<typeof generateKeyPairSync>['publicKey'] };
const spkiOf = ({ publicKey }: Pair): Uint8Array => new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
const jwkOf = ({ publicKey }: Pair): Record<string, unknown> => ({ ...publicKey.export({ format: 'jwk' }) });

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const sm2 = generateKeyPairSync('ec', { namedCurve: 'SM2' });
const ed25519 = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const kinds = { p256, p384, p521, ed25519, rsa };

const EC = '1.2.840.10045.2.1';
const P256 = '1.2.840.10045.3.1.7';
const RSA = '1.2.840.113549.1.1.1';
const RSA_PSS = '1.2.840.113549.1.1.10';
const point = spkiOf(p256).subarray(26);
const ec = (curve: Uint8Array, octets: Uint8Array): Uint8Array => sequence(sequence(oid(EC), curve), bitString(octets));
const code = (broken: () => unknown): string => {
  try {
    broken();
  } catch (error) {
    if (error instanceof Broken) return error.code;
    throw error;
  }
  return 'nothing';
};

describe('SubjectPublicKeyInfo', () => {
  it.each(Object.entries({ ...kinds, sm2 }))('of Node’s %s goes in and comes out the same', (_, pair) => {
    const key = keyFromSpki(spkiOf(pair));
    expect(encodeHex(spkiFromKey(key))).toBe(encodeHex(spkiOf(pair)));
  });

  it.each(Object.entries(kinds))('and JWK of Node’s %s are one key', (_, pair) => {
    const key = keyFromSpki(spkiOf(pair));
    expect(keyFromJwk(jwkOf(pair))).toEqual(key);
    expect(keyToJwk(key)).toEqual(jwkOf(pair));
    expect(keyFromJwk(keyToJwk(key))).toEqual(key);
  });

  it('with the SM2 curve', () => {
    const key = keyFromSpki(spkiOf(sm2));
    expect(key.kind).toBe('SM2');
    expect(keyToJwk(key)).toMatchObject({ kty: 'EC', crv: 'SM2' });
    expect(keyFromJwk(keyToJwk(key))).toEqual(key);
  });

  it.each(['P-256', 'P-384', 'P-521', 'SM2'] as const)(
    'with a compressed point on %s gives both coordinates',
    (kind) => {
      const { oid: curve } = CURVES[kind];
      const Point = pointsOn(kind);
      for (let k = 1n; k < 9n; k++) {
        const { x, y } = Point.BASE.multiply(k).toAffine();
        const full = ec(oid(curve), Point.fromAffine({ x, y }).toBytes(false));
        const short = ec(oid(curve), Point.fromAffine({ x, y }).toBytes(true));
        expect(keyFromSpki(short)).toEqual(keyFromSpki(full));
      }
    },
  );

  it('does not keep the certificate that it came in alive', () => {
    const key = keyFromSpki(new Uint8Array([...spkiOf(p256)]));
    expect(key.kind === 'P-256' && key.x.buffer.byteLength).toBe(32);
  });

  it.each([
    ['an explicit curve (CVE-2020-0601)', ec(sequence(integer(1)), point)],
    ['a curve that is not in use', ec(oid('1.3.36.3.3.2.8.1.1.7'), point)],
    ['no curve', sequence(sequence(oid(EC)), bitString(point))],
    ['something after the curve', sequence(sequence(oid(EC), oid(P256), nullValue()), bitString(point))],
    ['the point at infinity', ec(oid(P256), Uint8Array.of(0))],
    ['a hybrid point', ec(oid(P256), Uint8Array.of(6 | (point[64]! & 1), ...point.subarray(1)))],
    ['a short point', ec(oid(P256), point.subarray(0, 64))],
    ['a point without its first octet', ec(oid(P256), point.subarray(1))],
    ['the point of another curve', ec(oid('1.3.132.0.34'), point)],
    ['a compressed x that is on no point', ec(oid(P256), Uint8Array.of(2, ...new Uint8Array(31), 1))],
    ['a compressed x above p', ec(oid(P256), Uint8Array.of(2, ...new Uint8Array(32).fill(0xff)))],
    ['an algorithm that is not in use', sequence(sequence(oid('1.2.840.10040.4.1')), bitString(point))],
    ['half an octet', sequence(sequence(oid(EC), oid(P256)), bitString(Uint8Array.of(...point.subarray(0, 64), 0), 4))],
    ['a third element', sequence(sequence(oid(EC), oid(P256)), bitString(point), nullValue())],
    ['bytes behind', Uint8Array.of(...spkiOf(p256), 0)],
    ['an Ed25519 key of 31 octets', sequence(sequence(oid('1.3.101.112')), bitString(new Uint8Array(31)))],
    ['Ed25519 with parameters', sequence(sequence(oid('1.3.101.112'), nullValue()), bitString(new Uint8Array(32)))],
    [
      'RSA with other parameters',
      sequence(sequence(oid(RSA), integer(1)), bitString(sequence(integer(5), integer(3)))),
    ],
    ['RSA without an exponent', sequence(sequence(oid(RSA), nullValue()), bitString(sequence(integer(5))))],
    [
      'RSA with a negative modulus',
      sequence(sequence(oid(RSA), nullValue()), bitString(sequence(integer(-5), integer(3)))),
    ],
    ['RSA with a zero modulus', sequence(sequence(oid(RSA), nullValue()), bitString(sequence(integer(0), integer(3))))],
    [
      'RSA with more than two numbers',
      sequence(sequence(oid(RSA)), bitString(sequence(integer(5), integer(3), integer(3)))),
    ],
    ['nothing', new Uint8Array()],
  ])('with %s is refused', (_, der) => {
    expect(code(() => keyFromSpki(der))).toBe('MALFORMED');
  });

  it('with an RSA modulus of 16384 bits is over the limit', () => {
    const numbers = sequence(integer(new Uint8Array(2048).fill(0xff)), integer(3));
    expect(code(() => keyFromSpki(sequence(sequence(oid(RSA), nullValue()), bitString(numbers))))).toBe(
      'LIMIT_EXCEEDED',
    );
  });
});

describe('id-RSASSA-PSS', () => {
  const key = keyFromSpki(spkiOf(rsa)) as PublicKey & { kind: 'RSA' };
  const sha = (arc: number): Uint8Array => sequence(oid(`2.16.840.1.101.3.4.2.${arc}`), nullValue());
  const mgf1 = (hash: Uint8Array): Uint8Array => sequence(oid('1.2.840.113549.1.1.8'), hash);
  const pss = (...parameters: Uint8Array[]): Uint8Array =>
    sequence(sequence(oid(RSA_PSS), ...parameters), bitString(sequence(integer(key.n), integer(key.e))));
  const fields = (hash: number, mask: number, salt: number): Uint8Array =>
    sequence(context(0, sha(hash)), context(1, mgf1(sha(mask))), context(2, integer(salt)));

  it.each([
    ['with ours', pss(fields(1, 1, 32))],
    ['with a shorter least salt', pss(fields(1, 1, 20))],
    ['with a default least salt', pss(sequence(context(0, sha(1)), context(1, mgf1(sha(1)))))],
  ])('%s is a key for PS256 only', (_, der) => {
    const read = keyFromSpki(der);
    expect(read).toEqual({ ...key, only: ['PS256'] });
    expect(keyFits('PS256', read)).toBe(true);
    expect(keyFits('RS256', read)).toBe(false);
    for (const platform of [nodePlatform, browserPlatform]) {
      expect(platform.prepare('RS256', read)).toBeUndefined();
      expect(platform.prepare('PS256', read)).toBeDefined();
    }
    expect(keyFromSpki(spkiFromKey(read))).toEqual(read);
  });

  it.each([
    ['PS384', 2],
    ['PS512', 3],
  ] as const)('for %s is for that one only, and is written so', (name, hash) => {
    const read = keyFromSpki(pss(fields(hash, hash, 16 * (hash + 1))));
    expect(read).toEqual({ ...key, only: [name] });
    expect(keyFits('PS256', read)).toBe(false);
    expect(keyFromSpki(spkiFromKey(read))).toEqual(read);
    expect(keyFromJwk(keyToJwk(read))).toEqual(read);
  });

  it('without parameters is a key for PSS with any digest, and for nothing else', () => {
    const read = keyFromSpki(pss());
    expect(['PS256', 'PS384', 'PS512'].every((name) => keyFits(name as AlgorithmName, read))).toBe(true);
    expect(['RS256', 'RS384', 'RS512'].some((name) => keyFits(name as AlgorithmName, read))).toBe(false);
    expect(keyFromSpki(spkiFromKey(read))).toEqual(read);
    // A JWK names one algorithm: never more than the key is for.
    expect(keyFromJwk(keyToJwk(read))).toEqual({ ...key, only: ['PS256'] });
  });

  it.each([
    ['another mask', pss(fields(1, 3, 32))],
    ['a longer salt', pss(fields(1, 1, 33))],
    ['a longer salt with SHA-512', pss(fields(3, 3, 65))],
    ['SHA-224', pss(fields(4, 4, 28))],
    ['the default SHA-1', pss(sequence())],
    ['SHA-1 as mask', pss(sequence(context(0, sha(1)), context(2, integer(32))))],
    ['a trailer field', pss(sequence(context(0, sha(1)), context(1, mgf1(sha(1))), context(3, integer(2))))],
    ['NULL', pss(nullValue())],
    ['two sets of parameters', pss(fields(1, 1, 32), fields(1, 1, 32))],
  ])('restricted to %s is refused', (_, der) => {
    expect(code(() => keyFromSpki(der))).toBe('MALFORMED');
  });
});

describe('JSON Web Key', () => {
  const jwk = jwkOf(p256);
  const rsaJwk = jwkOf(rsa);
  const zero = encodeBase64url(new Uint8Array(32));

  it.each([[{ use: 'sig' }], [{ key_ops: ['verify'] }], [{ alg: 'ES256' }], [{ kid: 'k', x5c: [], 'x5t#S256': '' }]])(
    'with %j is read',
    (members) => {
      expect(keyFromJwk({ ...jwk, ...members })).toEqual(keyFromJwk(jwk));
    },
  );

  it('takes the names EdDSA and Ed25519', () => {
    const key = keyFromJwk(jwkOf(ed25519));
    expect(keyFromJwk({ ...jwkOf(ed25519), alg: 'EdDSA' })).toEqual(key);
    expect(keyFromJwk({ ...jwkOf(ed25519), alg: 'Ed25519' })).toEqual(key);
  });

  it.each(['RS256', 'PS256', 'RS512', 'PS384'] as const)('of RSA with alg %s is for that one only', (alg) => {
    const key = keyFromJwk({ ...rsaJwk, alg });
    expect(keyFits(alg, key)).toBe(true);
    expect(keyFits(alg === 'RS256' ? 'PS256' : 'RS256', key)).toBe(false);
    expect(keyToJwk(key)).toEqual({ ...rsaJwk, alg });
  });

  it.each([
    ['a private part', { ...jwk, d: zero }],
    ['a private part that is empty', { ...jwk, d: '' }],
    ['a prime', { ...rsaJwk, p: zero }],
    ['a symmetric key', { kty: 'oct', k: zero }],
    ['a symmetric key beside the public one', { ...jwk, k: zero }],
    ['use enc', { ...jwk, use: 'enc' }],
    ['key_ops without verify', { ...jwk, key_ops: ['sign'] }],
    ['key_ops that are no list', { ...jwk, key_ops: 'verify' }],
    ['an alg of another curve', { ...jwk, alg: 'ES384' }],
    ['an unknown alg', { ...jwk, alg: 'ES256K' }],
    ['alg none', { ...jwk, alg: 'none' }],
    ['an alg that is no text', { ...jwk, alg: 7 }],
    ['the wrong kty', { ...jwk, kty: 'RSA' }],
    ['a kty of the prototype', { ...jwk, kty: 'toString' }],
    ['no kty', { ...jwk, kty: undefined }],
    ['another curve', { ...jwk, crv: 'P-384' }],
    ['a curve that is not in use', { ...jwk, crv: 'secp256k1' }],
    ['X25519', { ...jwkOf(ed25519), crv: 'X25519' }],
    ['no y', { ...jwk, y: undefined }],
    ['a short x', { ...jwk, x: encodeBase64url(new Uint8Array(31)) }],
    ['a long x', { ...jwk, x: encodeBase64url(new Uint8Array(33)) }],
    ['padded base64', { ...jwk, x: `${jwk['x']}=` }],
    ['a number for x', { ...jwk, x: 5 }],
    [
      'a modulus with a leading zero',
      { ...rsaJwk, n: `AA${encodeBase64url(new Uint8Array(256).fill(1)).slice(0, -2)}` },
    ],
    ['an empty modulus', { ...rsaJwk, n: '' }],
    ['an empty exponent', { ...rsaJwk, e: '' }],
    ['an exponent with a leading zero', { ...rsaJwk, e: 'AAEAAQ' }],
    ['nothing', null],
    ['a list', [jwk]],
    ['a text', 'EC'],
  ])('with %s is refused', (_, value) => {
    expect(code(() => keyFromJwk(value))).toBe('MALFORMED');
  });

  it('with numbers that are far too long is over the limit', () => {
    expect(code(() => keyFromJwk({ ...rsaJwk, n: 'A'.repeat(5000) }))).toBe('LIMIT_EXCEEDED');
    expect(code(() => keyFromJwk({ ...rsaJwk, n: encodeBase64url(new Uint8Array(1025).fill(1)) }))).toBe(
      'LIMIT_EXCEEDED',
    );
    expect(code(() => keyFromJwk({ ...rsaJwk, e: encodeBase64url(new Uint8Array(6).fill(1)) }))).toBe('LIMIT_EXCEEDED');
  });
});

describe('thumbprint', () => {
  // RFC 7638 §3.1.
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn' +
    'jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q' +
    'MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awap' +
    'JzKnqDKgw';
  it.each([
    [
      'RFC 7638 §3.1',
      { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' },
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    ],
    [
      'RFC 8037 §A.3',
      { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    ],
  ])('%s', (_, jwk, thumbprint) => {
    for (const platform of [nodePlatform, browserPlatform]) {
      expect(keyThumbprint(platform, keyFromJwk(jwk))).toBe(thumbprint);
    }
  });

  it('is of crv, kty, x and y for an elliptic curve', () => {
    const { crv, kty, x, y } = jwkOf(p256);
    const text = `{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`;
    const digest = nodePlatform.digest('SHA-256', new TextEncoder().encode(text));
    expect(keyThumbprint(nodePlatform, keyFromSpki(spkiOf(p256)))).toBe(encodeBase64url(digest));
  });
});

describe('curves', () => {
  it('have the numbers that the library has', () => {
    for (const { kind, p, n, b } of Object.values(CURVES)) {
      const { p: field, n: order, b: constant, a, Gx: x, Gy: y } = pointsOn(kind).CURVE();
      expect([p, n, b, p - 3n], kind).toEqual([field, order, constant, a]);
      if (kind === 'P-256' || kind === 'SM2') expect(BASES[kind], kind).toEqual({ x, y });
    }
  });

  it('know their own points only', () => {
    for (const curve of Object.values(CURVES)) {
      const { x, y } = pointsOn(curve.kind).BASE.toAffine();
      expect(onCurve(curve, x, y)).toBe(true);
      expect(onCurve(curve, x, curve.p - y)).toBe(true);
      expect(onCurve(curve, x, y + 1n)).toBe(false);
      expect(onCurve(curve, x, y - curve.p)).toBe(false);
      expect(onCurve(curve, x + curve.p, y)).toBe(false);
      expect(onCurve(curve, x, -y)).toBe(false);
    }
  });
});
