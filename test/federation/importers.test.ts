import { createSign, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { validateIssuers } from '../../src/document/generated/validators.js';
import { IMPORTERS, type Imported } from '../../src/federation/importers.ts';
import { mintIssuer } from '../../src/federation/signer.node.ts';
import { ownKey } from '../support/federation.ts';

const pem = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${encodeBase64(der)}\n-----END ${label}-----\n`;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (kind: string, files: Record<string, Uint8Array | string>, key?: string): Imported =>
  IMPORTERS[kind]!.read({
    files: new Map(
      Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? utf8(content) : content]),
    ),
    key,
    platform: nodePlatform,
  });
const fits = ({ issuers }: Imported): boolean => validateIssuers({ issued: '2026-01-01T00:00:00Z', issuers });

const minted = await mintIssuer({
  name: 'a',
  title: { zh: '甲', en: 'A' },
  algorithm: 'ES256',
  container: 'certificate',
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2027-01-01T00:00:00Z',
});
const certificate = minted.entry.certificate!;
const der = new Uint8Array(Buffer.from(certificate, 'base64'));
const kid = Buffer.from(minted.entry.keyId, 'base64url').toString('base64');

describe('dcc-dsc-list', () => {
  const owner = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = owner.publicKey.export({ format: 'pem', type: 'spki' }) as string;
  const signed = (body: string): string =>
    `${createSign('sha256').update(body).sign({ key: owner.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64')}\n${body}`;
  const row = { certificateType: 'DSC', country: 'AT', kid, rawData: certificate };
  const list = (...certificates: unknown[]): string => signed(JSON.stringify({ certificates }));

  it('gives each signer with its country', () => {
    const imported = read('dcc-dsc-list', { list: list(row) }, key);
    expect(imported.issuers).toEqual([{ keyId: minted.entry.keyId, certificate, unit: 'AT' }]);
    expect([imported.left, fits(imported)]).toEqual([[], true]);
  });

  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'pem',
    type: 'spki',
  }) as string;
  const larger = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({
    format: 'pem',
    type: 'spki',
  }) as string;
  it.each<[string, Record<string, string>, string | undefined, string]>([
    ['signed by another key', { list: list(row) }, other, 'its signature does not match'],
    ['altered by one byte', { list: list(row).replace('"AT"', '"DE"') }, key, 'its signature does not match'],
    ['signed, and then given more', { list: `${list(row)} ` }, key, 'its signature does not match'],
    ['without a key to check it by', { list: list(row) }, undefined, 'name the public key (PEM)'],
    ['with a key of another kind', { list: list(row) }, larger, 'not a P-256 key'],
    ['with something that is no key', { list: list(row) }, 'hello', 'name the public key (PEM)'],
    ['without a signature line', { list: '{"certificates":[]}' }, key, 'no signature line'],
    ['whose signature is no base64', { list: '***\n{}' }, key, 'base64'],
    ['that has no certificates', { list: signed('{}') }, key, 'no list "certificates"'],
    ['that is a list', { list: signed('[]') }, key, 'no list "certificates"'],
    ['that is no JSON', { list: signed('{') }, key, 'ends too early'],
    ['of two files', { a: list(row), b: list(row) }, key, 'expected one file'],
    ['of nothing', {}, key, 'expected one file'],
  ])('a list %s is refused as a whole', (_name, files, pemKey, message) => {
    const failure = (() => {
      try {
        return read('dcc-dsc-list', files, pemKey);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(Broken);
    expect(`${(failure as Broken).part}: ${(failure as Broken).message}`).toContain(message);
  });

  it.each<[string, unknown, string]>([
    ['that is null', null, 'not a document signer'],
    ['that is a number', 5, 'not a document signer'],
    ['of another kind', { ...row, certificateType: 'CSCA' }, 'not a document signer'],
    ['without a certificate', { ...row, rawData: undefined }, 'not all there'],
    ['without a key id', { ...row, kid: undefined }, 'not all there'],
    ['without a country', { ...row, country: undefined }, 'not all there'],
    ['with a number for a country', { ...row, country: 43 }, 'not all there'],
    ['with a country of a thousand signs', { ...row, country: 'A'.repeat(1000) }, 'must NOT have more than'],
    ['whose key id is another’s', { ...row, kid: 'AAAAAAAAAAA=' }, 'its key id is not that of the certificate'],
    ['whose certificate is rubbish', { ...row, rawData: 'AAAA' }, 'der'],
  ])('an entry %s is left out by name, and the others stay', (_name, entry, why) => {
    const imported = read('dcc-dsc-list', { list: list(entry, row) }, key);
    expect([imported.issuers.length, imported.left.length, fits(imported)]).toEqual([1, 1, true]);
    expect(imported.left[0]!.why).toContain(why);
  });
});

describe('certificates', () => {
  it('in DER, in PEM, several in one file and many in a folder', () => {
    for (const files of [{ a: der }, { a: pem(der) }])
      expect(read('certificates', files).issuers.map(({ keyId }) => keyId)).toEqual([minted.entry.keyId]);
    expect(read('certificates', { a: pem(der) + pem(der), b: der }).issuers).toHaveLength(3);
  });

  it('one that cannot be read is left out alone, by its place', () => {
    const imported = read('certificates', {
      bundle: pem(der) + pem(Uint8Array.of(0x30, 0)) + pem(der),
      'notes.txt': 'hello',
      noise: Uint8Array.of(0xff, 0xfe),
    });
    expect([imported.issuers.length, imported.left.map(({ what }) => what), fits(imported)]).toEqual([
      2,
      ['bundle certificate 1', 'notes.txt', 'noise'],
      true,
    ]);
  });
});

describe('jwks', () => {
  const jwk = ownKey().entry.jwk as Record<string, string>;
  const set = (...keys: unknown[]): string => JSON.stringify({ keys });

  it('under their kid, or their thumbprint', () => {
    const imported = read('jwks', { set: set({ ...jwk, kid: 'one' }, jwk) });
    expect(imported.issuers.map(({ keyId }) => keyId)).toEqual(['one', ownKeyId(jwk)]);
    expect([imported.left, fits(imported)]).toEqual([[], true]);
  });

  it.each<[string, unknown, string]>([
    ['for encryption', { ...jwk, use: 'enc' }, 'not for signatures'],
    ['that is private', { ...jwk, d: 'AAAA' }, 'private or secret'],
    ['that is secret', { kty: 'oct', k: 'AAAA' }, 'private or secret'],
    ['that is no key', 'hello', 'not an object'],
    ['whose id would fit no list', { ...jwk, kid: 'k'.repeat(300) }, 'must NOT have more than 200'],
  ])('a key %s is left out alone, and the others of its set stay', (_name, key, why) => {
    const imported = read('jwks', { set: set(key, jwk) });
    expect([imported.issuers.length, imported.left.map(({ what }) => what), fits(imported)]).toEqual([
      1,
      ['set key 0'],
      true,
    ]);
    expect(imported.left[0]!.why).toContain(why);
  });

  it('take no more than the key into the list: what else stood there is not ours to repeat', () => {
    const [entry] = read('jwks', {
      set: set({ ...jwk, x5c: ['A'.repeat(30_000)], name: '张三', __proto__: 1 }),
    }).issuers;
    expect(entry!.jwk).toEqual(jwk);
  });
});

const ownKeyId = (jwk: Record<string, string>): string =>
  read('jwks', { a: JSON.stringify({ keys: [jwk] }) }).issuers[0]!.keyId;
