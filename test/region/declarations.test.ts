import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { PackError } from '../../src/region/pack.ts';
import {
  federationOf,
  federationWith,
  fileOf,
  issuersOf,
  JUDGE,
  NOW,
  packFiles,
  shortOf,
  standpointOf,
  storeWith,
  verdictOf,
} from '../support/federation.ts';
import { base, FORMAT, faultOf, key, othersStand, pack, without } from '../support/packs.ts';

describe('a code list', () => {
  const file = `${base}codes/list.json`;
  const list = (change: object): Record<string, unknown> => ({
    [file]: { list: 'list', version: 1, name: { zh: '表', en: 'list' }, codes: [{ raw: 1, shared: 'a' }], ...change },
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'with one code twice',
      list({
        codes: [
          { raw: '1', shared: 'a' },
          { raw: '1', shared: 'b' },
        ],
      }),
      `${file}#/codes/1/raw: code "1" stands twice`,
    ],
    ['without codes', list({ codes: [] }), `${file}#/codes: must NOT have fewer than 1`],
    ['with a fraction as code', list({ codes: [{ raw: 1.5, shared: 'a' }] }), `${file}#/codes/0/raw: must be`],
    [
      'with nothing for a code',
      list({ codes: [{ raw: 1, shared: '' }] }),
      `${file}#/codes/0/shared: must NOT have fewer than 1`,
    ],
    [
      'whose name another has',
      {
        ...list({}),
        [`${base}codes/more.json`]: fileOf(`regions/340000/codes/health-level.json`),
        [`${base}codes/zlast.json`]: { ...fileOf<object>('regions/340000/codes/health-level.json'), list: 'list' },
      },
      `${base}codes/zlast.json#/list: another file has a list list already`,
    ],
  ])('%s', (_name, changes, fault) => {
    expect(faultOf(changes).slice(0, fault.length)).toBe(fault);
  });
});

describe('agreements', () => {
  const file = `${base}agreements.json`;
  const one = {
    issuingRegion: '330000',
    documentTypes: ['vehicle-pass'],
    purposes: ['checkpoint'],
    basis: { title: { zh: '一', en: 'one' } },
  };

  it.each<[string, unknown, string]>([
    [
      'without their legal basis',
      { agreements: [without(one, 'basis')] },
      `${file}#/agreements/0: must have required property 'basis'`,
    ],
    [
      'of no type',
      { agreements: [{ ...one, documentTypes: [] }] },
      `${file}#/agreements/0/documentTypes: must NOT have fewer than 1`,
    ],
    [
      'with a region that is none',
      { agreements: [{ ...one, issuingRegion: '33' }] },
      `${file}#/agreements/0/issuingRegion: must match pattern`,
    ],
    [
      'until a day that does not exist',
      { agreements: [{ ...one, until: '2026-06-31' }] },
      `${file}#/agreements/0/until: a date that does not exist`,
    ],
    [
      'that exclude from a day that does not exist',
      { agreements: [], excluded: [{ issuingRegion: '330000', from: '2026-13-01', basis: one.basis }] },
      `${file}#/excluded/0/from: a date that does not exist`,
    ],
    ['that are no JSON', '{"agreements": [}', `${file}#: unexpected character at 16`],
    ['that say one thing twice', '{"agreements": [], "agreements": []}', `${file}#: the same name twice in an object`],
  ])('%s', (_name, content, fault) => {
    expect(faultOf({ [file]: content }).slice(0, fault.length)).toBe(fault);
  });
});

describe('a list of issuers', () => {
  const file = `${base}issuers/test.json`;

  it.each<[string, unknown, string]>([
    ['without a date', { issuers: [] }, `${file}#: must have required property 'issued'`],
    [
      'of a day that does not exist',
      { issued: '2026-13-01T00:00:00Z', issuers: [] },
      `${file}#/issued: a date that does not exist`,
    ],
    [
      'with a key that ends on no day',
      issuersOf([{ ...key.entry, validUntil: '2026-02-29T00:00:00Z' }]),
      `${file}#/issuers/0/validUntil: a date that does not exist`,
    ],
    [
      'with a key removed on no day',
      issuersOf([{ ...key.entry, status: [{ state: 'removed', since: '2026-04-31T00:00:00Z' }] }]),
      `${file}#/issuers/0/status/0/since: a date that does not exist`,
    ],
    [
      'with a certificate and a key',
      issuersOf([{ ...key.entry, certificate: 'AA' }]),
      `${file}#/issuers/0: must match exactly one`,
    ],
    [
      'with a private key',
      issuersOf([{ keyId: 'x', jwk: { kty: 'EC', d: 'x' } }]),
      `${file}#/issuers/0: key: JWK holds a private or secret part`,
    ],
    ['in UTF-16', Uint8Array.of(0xff, 0xfe, 0x7b, 0), `${file}#: not valid UTF-8`],
    ['with a byte order mark', '\uFEFF{}', `${file}#: byte order mark`],
    ['nested a hundred thousand deep', '['.repeat(100_000), `${file}#: nested too deeply`],
  ])('%s', (_name, content, fault) => {
    expect(faultOf({ [file]: content }).slice(0, fault.length)).toBe(fault);
  });

  it('of a name that would not fit a verdict is refused', () => {
    const long = `${base}issuers/${'a'.repeat(120)}.json`;
    expect(faultOf({ [long]: issuersOf([]) })).toMatch(`${long}#: a name of more than 120 signs`);
    const strange = `${base}issuers/\u001b[2J.json`;
    expect(faultOf({ [strange]: issuersOf([]) })).toContain('or other signs than');
  });
});

describe('a region’s manifest', () => {
  const file = `${base}region.json`;
  const manifest = fileOf<Record<string, unknown>>(file, storeWith(packFiles()));

  it.each<[string, unknown, string]>([
    [
      'of another region',
      { ...manifest, region: '310000' },
      `${file}#/region: says 310000, but lies in regions/x-test`,
    ],
    ['that is missing', undefined, `${file}#: the file is missing`],
    ['without a name', without(manifest, 'name'), `${file}#: must have required property 'name'`],
    [
      'with a social credit code that is none',
      { ...manifest, authorities: [{ name: { zh: '甲', en: 'A' }, uscc: '123' }] },
      `${file}#/authorities/0/uscc: must match pattern`,
    ],
    [
      'that stands under another region, to issue in its name',
      { ...manifest, parent: '310000' },
      `${file}#/parent: a region stands only under`,
    ],
    ['that stands under itself', { ...manifest, parent: 'x-test' }, `${file}#/parent: a region stands only under`],
  ])('%s stops that region alone', (_name, content, fault) => {
    expect(faultOf({ [file]: content }).slice(0, fault.length)).toBe(fault);
    expect(pack({ [file]: content }).regions.has('x-test')).toBe(false);
  });

  it.each(['..', 'evil', '310000 ', '３１００００', 'x-'])('a folder %j is no region', (id) => {
    const found = federationWith({ [`regions/${id}/region.json`]: { ...manifest, region: id } });
    expect(found.rejected.map(({ at }) => at)).toEqual(['/region']);
    othersStand(found);
  });
});

describe('what the federation itself must have', () => {
  it.each<[string, string, unknown, string]>([
    ['its manifest', 'federation.json', undefined, 'federation.json: the file is missing'],
    [
      'ages',
      'federation.json',
      { federation: 'x-y-z', environment: 'reference', name: { zh: '甲', en: 'A' } },
      "federation.json: must have required property 'ages'",
    ],
    [
      'an environment that is one',
      'federation.json',
      { ...fileOf<object>('federation.json'), environment: 'prod' },
      'federation.json#/environment: must be equal',
    ],
    ['its catalogue', 'catalogue.json', undefined, 'catalogue.json: the file is missing'],
    [
      'purposes that show parts, never the whole',
      'catalogue.json',
      { documentTypes: [], purposes: [{ code: 'all', name: { zh: '全', en: 'all' }, discloses: [''] }] },
      'catalogue.json#/purposes/0/discloses: the whole document',
    ],
  ])('%s: without it there is nothing to judge by', (_name, file, content, message) => {
    const files = storeWith({ [file]: content });
    expect(() => federationOf(files)).toThrow(PackError);
    expect(() => federationOf(files)).toThrow(message);
  });
});

it('a fault in every file of a pack is listed file by file, and the rest of the federation stands', () => {
  const broken = Object.fromEntries(
    Object.keys(packFiles())
      .filter((file) => !file.includes(JUDGE))
      .map((file) => [file, encodeUtf8('{')]),
  );
  const found = pack({
    ...broken,
    [`${base}region.json`]: fileOf(`${base}region.json`, storeWith(packFiles())),
    [`${base}agreements.json`]: '[]',
  });
  expect(found.rejected.map(({ file }) => file).sort()).toEqual([
    `${base}agreements.json`,
    FORMAT,
    `${base}issuers/test.json`,
  ]);
  othersStand(found);
  expect(shortOf(verdictOf('XT1:', { standpoint: standpointOf('310000', found, NOW) }))).toBe(
    'undetermined NOT_RECOGNISED',
  );
});
