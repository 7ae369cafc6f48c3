import { generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { keyThumbprint, keyToJwk } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { IMPORTERS } from '../../src/federation/importers.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { readShcIssuer } from '../../src/federation/vci-directory.node.ts';
import { readCrl } from '../../src/trust/crl.ts';
import { authority, issued, listOf, type Party } from '../trust/authorities.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const ISS = 'https://hospital.example/shc';

function cardKey() {
  const { publicKey } = mintKey('ES256');
  return { ...keyToJwk(publicKey), kid: keyThumbprint(nodePlatform, publicKey), use: 'sig', alg: 'ES256' };
}

describe('a directory of card issuers', () => {
  const importer = IMPORTERS['vci-directory']!;
  const pairs = { P521: 'sha512', P384: 'sha384', P256: 'sha256' };
  const made = (curve: string, body: object, digest = pairs[curve as keyof typeof pairs]) => {
    const pair = generateKeyPairSync('ec', { namedCurve: curve.replace('P', 'P-') });
    const bytes = utf8(JSON.stringify(body));
    const files = new Map<string, Uint8Array>([
      ['snapshot.json', bytes],
      ['snapshot.sig', new Uint8Array(sign(digest, bytes, pair.privateKey))],
    ]);
    return { files, key: pair.publicKey.export({ format: 'pem', type: 'spki' }).toString(), platform: nodePlatform };
  };
  const jwk = cardKey();
  const body = {
    issuerInfo: [
      {
        issuer: { iss: ISS, name: 'Hospital' },
        keys: [jwk],
        crls: [{ kid: jwk.kid, method: 'rid', ctr: 1, rids: ['abc', 'def.1636977600'] }],
      },
    ],
  };

  it.each(['P521', 'P384', 'P256'])('signed with %s is read: keys, their units, and what they revoked', (curve) => {
    const { kty, crv, x, y } = jwk as Record<string, string>;
    expect(importer.read(made(curve, body))).toEqual({
      issuers: [{ keyId: jwk.kid, jwk: { kty, crv, x, y }, unit: ISS, name: { zh: 'Hospital', en: 'Hospital' } }],
      left: [],
      revoked: [
        { id: `${jwk.kid}#abc`, since: '1970-01-01T00:00:00Z' },
        { id: `${jwk.kid}#def`, since: '1970-01-01T00:00:00Z', issuedBefore: '2021-11-15T12:00:00Z' },
      ],
    });
  });

  it('altered, or signed by another, is refused whole', () => {
    const good = made('P256', body);
    const [, signature] = [...good.files];
    const altered = new Map([['snapshot.json', utf8(JSON.stringify({ issuerInfo: [] }))], signature!]);
    expect(() => importer.read({ ...good, files: altered })).toThrow('signature does not match');
    expect(() => importer.read({ ...good, key: made('P256', body).key })).toThrow('signature does not match');
    expect(() => importer.read({ ...good, key: undefined })).toThrow(Broken);
    expect(() => importer.read({ ...good, key: 'no PEM' })).toThrow(Broken);
    expect(() => importer.read({ ...good, files: new Map() })).toThrow('found 0');
  });
});

describe('one issuer', () => {
  const read = (source: object) => readShcIssuer({ iss: ISS, keys: [cardKey()], ...source }, nodePlatform);
  const why = (source: object): string => {
    const { issuers, left } = read(source);
    expect(issuers).toEqual([]);
    return left.map((each) => each.why).join('; ');
  };

  it.each<[unknown, string]>([
    ['http://hospital.example/shc', 'anyone on the way could have answered'],
    ['https://hospital.example/shc/', 'a second spelling of the address'],
    ['hospital.example', 'no address'],
    [7, 'no text'],
    [undefined, 'nothing'],
  ])('at %s is left out: %s', (iss) => expect(why({ iss })).toContain('https URL'));

  it('keys that no card is signed with are left out', () => {
    const p384 = { ...keyToJwk(mintKey('ES384').publicKey), kid: 'k' };
    expect(why({ keys: [p384] })).toContain('not a P-256 key');
    expect(why({ keys: [{ ...cardKey(), kid: 'someone else’s' }] })).toContain('not its thumbprint');
    expect(why({ keys: [{ ...cardKey(), use: 'enc' }] })).toContain('not for signatures');
    expect(why({ keys: [{ ...cardKey(), d: 'AAAA' }] })).toContain('private');
    expect(why({ keys: 'none' })).toContain('not a list');
  });

  it('one bad key does not hide the good ones', () => {
    const { issuers, left } = read({ keys: [cardKey(), {}, cardKey()] });
    expect([issuers.length, left.length]).toEqual([2, 1]);
  });

  it.each<[unknown, string]>([
    ['abc==', 'padding'],
    ['$wrong!', 'other signs'],
    ['this-id-is-longer-than-24-', 'too long'],
    ['abc.12x', 'a time that is no number'],
    ['', 'nothing'],
    [7, 'no text'],
  ])('the id %j is left out, and those beside it act: %s', (rid) => {
    const key = cardKey();
    const { issuers, left, revoked } = read({
      keys: [key],
      crls: [{ kid: key.kid, method: 'rid', rids: ['abc', rid, 'def'] }],
    });
    expect(revoked.map(({ id }) => id)).toEqual([`${key.kid}#abc`, `${key.kid}#def`]);
    expect([issuers.length, left.length]).toEqual([1, 1]);
  });

  it('an id that comes twice is told, and acts as often', () => {
    const key = cardKey();
    const { left, revoked } = read({ keys: [key], crls: [{ kid: key.kid, method: 'rid', rids: ['abc.5', 'abc'] }] });
    expect(left.map((each) => each.why)).toEqual(['an id comes twice']);
    expect(revoked).toHaveLength(2);
  });

  it('a list that cannot be read takes its key with it: nobody can tell whether its cards were revoked', () => {
    const [one, two] = [cardKey(), cardKey()];
    const keys = [one, two];
    const ids = (crls: unknown[]): string[] => read({ keys, crls }).issuers.map(({ keyId }) => keyId);
    expect(ids([{ kid: one.kid, method: 'rid', rids: [] }])).toEqual([one.kid, two.kid]);
    expect(ids([{ kid: one.kid, method: 'hash', rids: [] }])).toEqual([two.kid]);
    expect(ids([{ kid: one.kid, method: 'rid' }])).toEqual([two.kid]);
    expect(ids([{ method: 'rid', rids: [] }])).toEqual([]);
    expect(ids([null])).toEqual([]);
  });
});

describe('anchors and their lists', () => {
  const importer = IMPORTERS['anchors']!;
  let ca: Party;
  let list: Uint8Array;
  beforeAll(async () => {
    ca = await authority('CA');
    list = await listOf(ca);
  });
  const read = (files: Record<string, Uint8Array>) =>
    importer.read({ files: new Map(Object.entries(files)), key: undefined, platform: nodePlatform });
  const pem = (der: Uint8Array, label: string) =>
    utf8(`-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`);

  it('are read from DER and from PEM', () => {
    const fromDer = read({ 'ca.cer': ca.der, 'ca.crl': list });
    const fromPem = read({ 'ca.pem': pem(ca.der, 'CERTIFICATE'), 'crl.pem': pem(list, 'X509 CRL') });
    expect(fromDer.issuers).toMatchObject([{ name: { en: 'CA' } }]);
    expect(fromDer.crls!.map((der) => readCrl(der).thisUpdate)).toHaveLength(1);
    expect(fromPem.issuers).toEqual(fromDer.issuers);
    expect(fromPem.crls!.map((der) => [...der])).toEqual(fromDer.crls!.map((der) => [...der]));
    expect([fromDer.left, fromPem.left]).toEqual([[], []]);
  });

  it('what is no authority, and a list that none of them made, is left out by name', async () => {
    const signer = await issued(ca, 'Signer');
    const other = await authority('Other');
    const { issuers, crls, left } = read({
      'ca.cer': ca.der,
      'signer.cer': signer.der,
      'other.crl': await listOf(other),
      'notes.txt': utf8('hello'),
      'bad.crl': Uint8Array.of(0x30, 0x00),
    });
    expect([issuers.length, crls!.length]).toEqual([1, 0]);
    expect(left.map(({ what }) => what).sort()).toEqual(['bad.crl', 'notes.txt', 'other.crl', 'signer.cer']);
  });
});

const DIRECTORY = '../shared/data/shc/vci-directory';
describe.skipIf(!existsSync(DIRECTORY))('the real directory (data made by others)', () => {
  it('is signed with P-521, and nearly all of it can be used', () => {
    const files = new Map(
      ['vci_snapshot.json', 'vci_snapshot.sig'].map((name) => [
        name,
        new Uint8Array(readFileSync(`${DIRECTORY}/logs/${name}`)),
      ]),
    );
    const key = readFileSync(`${DIRECTORY}/vci_snapshot.crt`, 'utf8');
    const { issuers, revoked, left } = IMPORTERS['vci-directory']!.read({ files, key, platform: nodePlatform });
    expect(issuers.length).toBe(959);
    expect(revoked!.length).toBe(1343);
    expect(left.length).toBe(2);
  });
});
