import { describe, expect, it } from 'vitest';
import { mintIssuer } from '../../src/federation/issuers.node.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { relativeMs, resolveTimes } from '../../src/federation/relative.ts';
import { certificateKeyId, mintKey } from '../../src/federation/signer.node.ts';
import { PackError } from '../../src/region/pack.ts';
import { publicKeyOf, readCertificate } from '../../src/trust/certificate.ts';
import {
  codesOf,
  DAY,
  declarations,
  federation,
  federationOf,
  fileOf,
  NOW,
  samples,
  shortOf,
  standpointOf,
  store,
  storeWith,
  verdictOf,
} from '../support/federation.ts';

describe('a minted federation', () => {
  it('has no private key in its files or samples, and no recipe', () => {
    const all = [
      ...store.values(),
      ...samples.map(({ wire }) => (typeof wire === 'string' ? Buffer.from(wire) : wire)),
    ];
    for (const bytes of all) expect(Buffer.from(bytes).toString('latin1')).not.toMatch(/"d"\s*:|PRIVATE KEY/);
    expect([...store.keys()].filter((file) => file.includes('recipe') || file.includes('/samples/'))).toEqual([]);
  });

  it('has fresh keys each time: the samples of one are strangers, or forgeries, to another', async () => {
    const again = await mint(declarations, NOW);
    const [one, other] = [
      fileOf<{ issuers: object[] }>('regions/x-eu-dcc/issuers/reference.json'),
      fileOf<{ issuers: object[] }>('regions/x-eu-dcc/issuers/reference.json', again.store),
    ];
    expect(
      one.issuers.map((entry) => JSON.stringify(entry)).filter((entry) => JSON.stringify(other).includes(entry)),
    ).toEqual([]);
    const elsewhere = standpointOf('310000', federationOf(again.store));
    for (const sample of samples) expect(verdictOf(sample, { standpoint: elsewhere }).outcome).not.toBe('accept');
  });

  it('says of itself that it is no real one, in every verdict', () => {
    expect(federation.manifest.environment).toBe('reference');
    for (const sample of samples) expect(verdictOf(sample).environment).toBe('reference');
  });

  it('has for every sample a title in both languages, and for every format good and bad ones', () => {
    for (const { title } of samples) expect([title.zh, title.en].every((text) => text.length > 1)).toBe(true);
    for (const { id } of federation.formats) {
      const outcomes = new Set(samples.filter(({ format }) => format === id).map((sample) => sample.expect.outcome));
      expect([id, outcomes.has('accept'), outcomes.has('refuse')]).toEqual([id, true, true]);
    }
  });

  it('is good today and stale in a week: nothing minted stays', () => {
    const { wire } = samples.find(({ name }) => name === 'vaccination')!;
    expect(shortOf(verdictOf(wire, { standpoint: standpointOf('310000', federation, NOW + 7 * DAY) }))).toBe(
      'undetermined TRUST_STALE',
    );
  });
});

describe('a recipe that is wrong is named, and nothing is minted', () => {
  const sample = 'regions/x-eu-dcc/samples/vaccination.recipe.json';
  const recipe = fileOf<{ document: Record<string, unknown> }>(sample, declarations);

  it.each<[string, string, unknown, string]>([
    [
      'of a format that is not there',
      sample,
      { ...recipe, format: 'eu-dcc/9' },
      `${sample}#/format: the region, and those it stands under, have no format eu-dcc/9`,
    ],
    [
      'of a signer that is not there',
      sample,
      { ...recipe, signer: 'signer-xx' },
      `${sample}#/signer: no issuer "signer-xx"`,
    ],
    [
      'of an authority for timestamps that is not there',
      sample,
      { ...recipe, timestamp: { by: 'nobody', at: '@-1d' } },
      `${sample}#/timestamp: no authority for timestamps "nobody"`,
    ],
    [
      'of a packed set with an entry that names nothing',
      'regions/x-eu-dcc/revocations/a.set.recipe.json',
      { issued: '@-1h', revoked: [{}] },
      'a.set.recipe.json#/revoked: an entry without an id',
    ],
    [
      'of a log of a document that is not there',
      'regions/x-eu-dcc/issuance/a.recipe.json',
      { issued: '@-1h', logged: [{ sample: 'none', at: '@-1d' }] },
      'a.recipe.json#/logged: no sample "none"',
    ],
    ['of a change nobody knows', sample, { ...recipe, change: 'burn' }, `${sample}#/change: must be equal to one of`],
    ['that is no JSON', sample, '{', `${sample}: ends too early`],
    [
      'with a format that cannot be compiled',
      'regions/x-eu-dcc/formats/eu-dcc-1.json',
      { ...fileOf<object>('regions/x-eu-dcc/formats/eu-dcc-1.json'), payload: 'yaml' },
      'regions/x-eu-dcc/formats/eu-dcc-1.json#/payload: no "yaml"',
    ],
  ])('%s', async (_name, file, content, message) => {
    const failure = await mint(storeWith({ [file]: content }, declarations), NOW).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PackError);
    expect((failure as PackError).message).toContain(message);
  });
});

describe('relative times', () => {
  it.each<[string, number | undefined]>([
    ['@-2d', NOW - 2 * DAY],
    ['@+30m', NOW + 30 * 60_000],
    ['@+0s', NOW],
    ['@-1h/day', NOW - 3_600_000],
    ['@2d', undefined],
    ['@-2w', undefined],
    ['2026-01-01', undefined],
    ['x@-2d', undefined],
    ['@-2d ', undefined],
    ['@-9999999d', undefined],
  ])('%j', (text, wanted) => {
    expect(relativeMs(text, NOW)).toBe(wanted);
  });

  it('become instants in whole seconds, or the day it is then in UTC+8', () => {
    const late = Date.parse('2026-11-23T16:00:00.700Z');
    expect(resolveTimes({ a: ['@-0s', '@-1s/day', '@+0s/day'], b: { c: 'plain', d: 5, e: null } }, late)).toEqual({
      a: ['2026-11-23T16:00:00Z', '2026-11-23', '2026-11-24'],
      b: { c: 'plain', d: 5, e: null },
    });
  });
});

describe('minted keys', () => {
  it.each(['ES256', 'ES384', 'EdDSA', 'SM2-SM3'] as const)(
    '%s: signs so that its public half verifies',
    (algorithm) => {
      const key = mintKey(algorithm);
      expect([key.algorithm.name, key.sign(new Uint8Array(3)).length]).toEqual([algorithm, key.algorithm.raw]);
    },
  );

  it('of an algorithm that is not minted are refused', () => {
    expect(() => mintKey('RS256')).toThrow(RangeError);
  });

  it('in certificates are for signing alone, and named by the certificate’s digest', async () => {
    const recipe = {
      name: 'a',
      title: { zh: '甲', en: 'A' },
      algorithm: 'ES256',
      container: 'certificate',
      unit: 'AT',
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: '2027-01-01T00:00:00Z',
    } as const;
    const { entry, key } = await mintIssuer(recipe);
    const der = Buffer.from(entry.certificate!, 'base64');
    const certificate = readCertificate(new Uint8Array(der));
    expect([certificate.keyUsage, certificate.basicConstraints?.ca]).toEqual([1, false]);
    expect([certificate.notBefore, certificate.notAfter].map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
    ]);
    expect(publicKeyOf(certificate)).toEqual(key.publicKey);
    expect([entry.keyId, entry.unit]).toEqual([certificateKeyId(new Uint8Array(der)), 'AT']);
  });
});

it('every finding that the reference federation is made to show, it shows', () => {
  const shown = new Set(
    samples.flatMap((sample) => {
      const { for: region, purpose } = sample.expect;
      return codesOf(
        verdictOf(sample, { standpoint: standpointOf(region), ...(purpose === undefined ? {} : { purpose }) }),
      );
    }),
  );
  for (const code of [
    'SIGNATURE_INVALID',
    'UNKNOWN_ISSUER',
    'KEY_EXPIRED',
    'KEY_REMOVED',
    'KEY_COMPROMISED',
    'KEY_USAGE_MISMATCH',
    'ISSUER_MISMATCH',
    'REVOKED',
    'EXPIRED',
    'NOT_YET_VALID',
    'NO_AGREEMENT',
    'MALFORMED',
    'STATUS_NOT_CLEAR',
    'TAMPERED_CONTENT',
    'UNSIGNED_PART',
    'CERT_NOT_IN_SEAL',
    'SIGNED_AFTER_EXPIRY',
    'CERTIFICATE_REVOKED',
    'IDENTIFIER_INVALID',
    'PARTS_MISSING',
    'REFERENCE_UNRESOLVED',
    'NOT_ENABLED',
    'UNSUPPORTED_VERSION',
  ])
    expect([code, shown.has(code)]).toEqual([code, true]);
});
