import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/codec/base64url.ts';
import type { IssuerEntry, IssuerRecipeRow, RegionManifest } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintIssuer } from '../../src/federation/issuers.node.ts';
import { MAX_CANDIDATES, type TrustView } from '../../src/trust/view.ts';
import { DAY, federation, NOW, ownKey } from '../support/federation.ts';
import { type Region, viewOf } from './authorities.ts';

const manifest = (region: string, change: Partial<RegionManifest> = {}): RegionManifest => ({
  region,
  name: { zh: region, en: region },
  issues: ['vehicle-pass', 'freight-pass'],
  ...change,
});
const region = (id: string, issuers: IssuerEntry[], change: Partial<Region> = {}): Region => ({
  manifest: manifest(id),
  lists: [{ file: `regions/${id}/issuers/a.json`, list: { issued: instantOf(NOW), issuers } }],
  revocations: { lists: [], unreadable: false },
  chain: [id],
  ...change,
});
const ids = (view: TrustView, at: string, keyId: string): string[] =>
  view.candidates(at, keyId).map((key) => key.region);

const certificate = async (change: Partial<IssuerRecipeRow> = {}): Promise<IssuerEntry> =>
  (
    await mintIssuer({
      name: 'a',
      title: { zh: '甲', en: 'A' },
      algorithm: 'ES256',
      container: 'certificate',
      validFrom: instantOf(NOW - DAY),
      validUntil: instantOf(NOW + DAY),
      ...change,
    } as IssuerRecipeRow)
  ).entry;

describe('candidates', () => {
  it('are the keys of the region and of those that stand under it, never of those above or beside', () => {
    const key = () => ownKey('ES256', { keyId: 'k' }).entry;
    const view = viewOf(
      region('330000', [key()]),
      region('330400', [key()], { chain: ['330400', '330000'] }),
      region('330421', [key()], { chain: ['330421', '330400', '330000'] }),
      region('320000', [key()]),
    );
    expect(ids(view, '330000', 'k')).toEqual(['330000', '330400', '330421']);
    expect(ids(view, '330400', 'k')).toEqual(['330400', '330421']);
    expect(ids(view, '330421', 'k')).toEqual(['330421']);
    expect(ids(view, '320000', 'k')).toEqual(['320000']);
    expect(ids(view, '999999', 'k')).toEqual([]);
  });

  it('are at most four for one id, and a document without an id has as many or none', () => {
    const same = Array.from({ length: 6 }, () => ownKey('ES256', { keyId: 'k' }).entry);
    const view = viewOf(region('330000', same), region('320000', same.slice(0, 4)));
    expect(view.candidates('330000', 'k')).toHaveLength(MAX_CANDIDATES);
    expect([view.crowded('330000', 'k'), view.crowded('320000', 'k'), view.crowded('330000', 'none')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([view.unnamed('330000').length, view.unnamed('320000').length, view.unnamed('x-none').length]).toEqual([
      0, 4, 0,
    ]);
  });

  it.each(['__proto__', 'constructor', '', 'toString'])('the id %j is an id like any other', (keyId) => {
    expect(viewOf(region('330000', [])).candidates('330000', keyId)).toEqual([]);
    expect(ids(viewOf(region('330000', [ownKey('ES256', { keyId }).entry])), '330000', keyId)).toEqual(['330000']);
  });
});

describe('a key that cannot be used is rejected with its place and reason, and the others stay', () => {
  const good = ownKey().entry;
  const rejected = (entry: IssuerEntry): string => {
    const view = viewOf(region('330000', [good, entry]));
    expect(view.candidates('330000', good.keyId)).toHaveLength(1);
    expect(view.size).toBe(1 + (view.rejected.length === 0 ? 1 : 0));
    return view.rejected.map(({ file, at, reason }) => `${file}#${at}: ${reason}`).join();
  };
  const here = 'regions/330000/issuers/a.json#/issuers/1: ';
  const { jwk } = good as { jwk: Record<string, string> };

  it.each<[string, Partial<IssuerEntry>, string]>([
    ['a private key', { jwk: { ...jwk, d: 'AAAA' } }, 'key: JWK holds a private or secret part'],
    ['a secret', { jwk: { kty: 'oct', k: 'AAAA' } }, 'key: JWK holds a private or secret part'],
    ['a point off the curve', { jwk: { ...jwk, y: jwk['x']! } }, 'key: no algorithm can be used with it'],
    [
      'an RSA key of 1024 bits',
      { jwk: { kty: 'RSA', n: Buffer.alloc(128, 0xc3).toString('base64url'), e: 'AQAB' } },
      'key: no algorithm can be used with it',
    ],
    ['a curve nobody uses here', { jwk: { ...jwk, crv: 'secp256k1' } }, 'key: curve is not in use'],
    ['a key for encryption', { jwk: { ...jwk, use: 'enc' } }, 'key: JWK is not for signatures'],
    ['coordinates cut short', { jwk: { ...jwk, x: jwk['x']!.slice(0, 20) } }, 'key: member x has a wrong length'],
    ['an empty JWK', { jwk: {} }, 'key: kind of key is not in use'],
  ])('%s', (_name, change, reason) => {
    expect(rejected({ keyId: 'x', ...change })).toMatch(`${here}${reason}`);
  });

  it.each<[string, string, string]>([
    ['no base64', '*', 'base64'],
    ['nothing', '', 'der'],
    ['no DER', encodeBase64(Uint8Array.of(1, 2, 3)), 'der'],
  ])('a certificate that is %s', (_name, text, part) => {
    expect(rejected({ keyId: 'x', certificate: text })).toMatch(`${here}${part}`);
  });

  it('a certificate with any byte altered is read, or rejected: never a fault', async () => {
    const der = decodeBase64((await certificate()).certificate!);
    fc.assert(
      fc.property(fc.nat({ max: der.length - 1 }), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const altered = der.map((byte, i) => (i === place ? byte ^ flip : byte));
        const view = viewOf(region('330000', [{ keyId: 'x', certificate: encodeBase64(altered) }]));
        expect(view.size + view.rejected.length).toBe(1);
      }),
      { numRuns: 400 },
    );
  });
});

describe('what a certificate says binds', () => {
  it('its time, and the list’s where that is narrower', async () => {
    const entry = await certificate();
    const [plain] = viewOf(region('330000', [entry])).candidates('330000', entry.keyId);
    expect([plain!.validFrom, plain!.validUntil]).toEqual([NOW - DAY, NOW + DAY]);
    const narrow = { ...entry, validFrom: instantOf(NOW), validUntil: instantOf(NOW + 9 * DAY) };
    const [bound] = viewOf(region('330000', [narrow])).candidates('330000', entry.keyId);
    expect([bound!.validFrom, bound!.validUntil]).toEqual([NOW, NOW + DAY]);
  });

  it('its purposes, where the region gives them a meaning', async () => {
    const entry = await certificate({ extendedKeyUsage: ['1.2.3.4'] });
    const typesUnder = (keyPurposes: RegionManifest['keyPurposes'], own: IssuerEntry = entry): string[] => {
      const view = viewOf({
        ...region('330000', [own]),
        manifest: manifest('330000', keyPurposes === undefined ? {} : { keyPurposes }),
      });
      return [...view.candidates('330000', entry.keyId)[0]!.documentTypes];
    };
    expect(typesUnder(undefined)).toEqual(['vehicle-pass', 'freight-pass']);
    expect(typesUnder([{ oid: '1.2.3.4', documentTypes: ['freight-pass'] }])).toEqual(['freight-pass']);
    expect(typesUnder([{ oid: '1.2.3.4', documentTypes: ['health-code'] }])).toEqual([]);
    expect(typesUnder([{ oid: '1.2.3.5', documentTypes: ['freight-pass'] }])).toEqual(['vehicle-pass', 'freight-pass']);
    expect(
      typesUnder([{ oid: '1.2.3.4', documentTypes: ['freight-pass'] }], { ...entry, documentTypes: ['vehicle-pass'] }),
    ).toEqual([]);
  });
});

describe('parts', () => {
  it('a city’s list is no part of its province: it stops only what rests on it', () => {
    const view = viewOf(region('330000', []), region('330200', [], { chain: ['330200', '330000'] }));
    expect(view.parts('330000').map(({ part }) => part)).toEqual(['regions/330000/issuers/a.json']);
    expect(view.parts('330200').map(({ part }) => part)).toEqual(['regions/330200/issuers/a.json']);
    expect(view.parts('x-none')).toEqual([]);
  });
});

it('units are the same only within the region that says so', () => {
  const view = viewOf(
    { ...region('330000', []), manifest: manifest('330000', { units: [['GR', 'EL'], ['FR']] }) },
    region('320000', []),
  );
  const same = (at: string, one: string, other: string): boolean => view.sameUnit(at, one, other);
  expect([
    same('330000', 'GR', 'EL'),
    same('330000', 'EL', 'GR'),
    same('330000', 'GR', 'FR'),
    same('320000', 'GR', 'EL'),
  ]).toEqual([true, true, false, false]);
  expect([same('320000', 'X', 'X'), same('x-none', 'X', 'Y'), same('330000', 'X', 'Y')]).toEqual([true, false, false]);
});

it('the reference federation’s view rejects nothing', () => {
  expect(federation.trust.rejected).toEqual([]);
  expect(federation.trust.size).toBeGreaterThan(5);
});
