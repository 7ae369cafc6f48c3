import { describe, expect, it } from 'vitest';
import type { FormatDeclaration } from '../../src/document/generated/types.ts';
import { specimenOf } from '../../src/format/recognise.ts';
import { PackError } from '../../src/region/pack.ts';
import {
  federation,
  federationWith,
  fileOf,
  issuersOf,
  NOW,
  ownKey,
  packFiles,
  samples,
  sampleVerdict,
  storeWith,
  TEST_REGION,
  testFormat,
} from '../support/federation.ts';

interface Row {
  readonly region: string;
  readonly prefixes?: string[];
  readonly jwsTypes?: string[];
  readonly hosts?: string[];
  readonly quotas?: Record<string, number>;
}
interface List {
  allotments: Row[];
  quotas: Record<string, number>;
}
const list = fileOf<List>('allotments.json');
const MANIFEST = `regions/${TEST_REGION}/region.json`;

/** The reference federation with a guest's pack, and a row for it. */
function loaded(files: Record<string, unknown>, row?: Omit<Row, 'region'>) {
  const allotments = row === undefined ? list.allotments : [...list.allotments, { region: TEST_REGION, ...row }];
  return federationWith({ ...packFiles(), ...files, 'allotments.json': { ...list, allotments } });
}
const reasons = (found: ReturnType<typeof loaded>): string[] => found.rejected.map(({ reason }) => reason);
const format = (change: Partial<FormatDeclaration>) => ({
  [`regions/${TEST_REGION}/formats/test.json`]: testFormat(change),
});

describe('what the federation allots', () => {
  it('is kept to by every pack of the reference federation', () => {
    expect(federation.rejected).toEqual([]);
    const claimed = federation.formats.filter(({ declaration: { recognise } }) => recognise.prefix ?? recognise.begins);
    const allotted = list.allotments.flatMap(({ prefixes = [] }) => prefixes);
    for (const { declaration } of claimed) {
      const text = (declaration.recognise.prefix ?? declaration.recognise.begins)!;
      expect(
        allotted.some((prefix) => text.startsWith(prefix)),
        text,
      ).toBe(true);
    }
  });

  it.each<[string, FormatDeclaration['recognise'], RegExp]>([
    ['another’s beginning', { prefix: 'AH1:' }, /AH1: is allotted to 340000/],
    ['a longer one', { prefix: 'AH1:X' }, /AH1: is allotted to 340000/],
    ['a shorter one', { begins: 'AH' }, /AH1: is allotted to 340000/],
    ['another’s JWS type', { jws: { typ: 'zjtx+jws', alg: 'ES256' } }, /zjtx\+jws is allotted to 330000/],
    ['how every JWS begins', { prefix: 'eyJ0eXAiOiJ6anR4K2p3cyJ9' }, /not claimed by their beginning/],
    ['how JSON begins', { begins: '{"' }, /not claimed by their beginning/],
  ])('cannot be taken: %s', (_, recognise, why) => {
    const found = loaded(format({ recognise }));
    expect(reasons(found)).toEqual([expect.stringMatching(why)]);
    expect(found.formats.some(({ region }) => region === TEST_REGION)).toBe(false);
    for (const sample of samples.filter(({ expect: { outcome } }) => outcome === 'accept'))
      expect(sampleVerdict(sample, found).outcome, sample.name).toBe('accept');
  });

  it('within a province is a city’s where a row says so', () => {
    const rows = (city: Omit<Row, 'region'>) => ({
      'allotments.json': {
        ...list,
        allotments: list.allotments.map((row) =>
          row.region === '330000' ? { ...row, prefixes: ['ZJ:'] } : row.region === '330200' ? { ...row, ...city } : row,
        ),
      },
    });
    const own = {
      'regions/330200/formats/city.json': testFormat({ format: 'city/1', recognise: { prefix: 'ZJ:NB:' } }),
    };
    const owners = (city: Omit<Row, 'region'>) =>
      federationWith({ ...rows(city), ...own }).ownersOf(specimenOf({ text: 'ZJ:NB:1' }));
    expect(owners({})).toEqual(['330000']);
    expect(owners({ prefixes: ['ZJ:NB:'] })).toEqual(['330000', '330200']);
  });

  it('is no row’s whose documents are another’s already: both would have none of them', () => {
    const reason = (documents: object[]): string => {
      const allotments = [...list.allotments, { region: TEST_REGION, documents }];
      try {
        federationWith({ ...packFiles(), 'allotments.json': { ...list, allotments } });
        return 'taken';
      } catch (error) {
        return (error as PackError).reason;
      }
    };
    expect(reason([{ json: ['/sign', '/appId', '/data/code', '/x'] }])).toMatch(/allotted to 340000 already/);
    expect(reason([{ jws: { typ: 'zjtx+jws', alg: 'ES256' } }])).toMatch(/allotted to 330000 already/);
    expect(reason([{ metadata: { ZZBS: '1.2.156.3005.2.', ZZBFJGDM: '113301' } }])).toMatch(/allotted to 330000/);
    expect(reason([{ json: ['/sign', '/other'] }])).toBe('taken');
  });

  it('holds for other ways of handing over, and for codes that only refer', () => {
    const also = [{ recognise: { prefix: 'AH1:' }, transport: [] }];
    expect(reasons(loaded(format({ also })))).toEqual([expect.stringMatching(/allotted to 340000/)]);
    const reference = {
      ...fileOf<object>('regions/320000/references/js-token-1.json'),
      format: 'test-token/1',
    };
    expect(reasons(loaded({ [`regions/${TEST_REGION}/references/test.json`]: reference }))).toEqual([
      expect.stringMatching(/allotted to 320000/),
    ]);
  });

  it('bounds a member that has a row, and leaves the others what is nobody’s', () => {
    expect(reasons(loaded({}))).toEqual([]);
    expect(reasons(loaded({}, { prefixes: ['XT1:'] }))).toEqual([]);
    expect(reasons(loaded({}, { prefixes: ['XT2:'] }))).toEqual([expect.stringMatching(/nothing that is allotted/)]);
  });

  it('lets a city declare within its province’s', () => {
    const city = { 'regions/340000/formats/ah-pass-1.json': undefined };
    const own = {
      ...fileOf<object>('regions/340000/formats/ah-pass-1.json'),
      format: 'hf-pass/1',
      recognise: { prefix: 'AH1:H' },
    };
    const found = federationWith({
      ...city,
      'regions/340100/region.json': { ...fileOf<object>('regions/340000/region.json'), region: '340100' },
      'regions/340100/codes/health.json': undefined,
      'regions/340100/formats/hf-pass-1.json': { ...testFormat(), ...{ recognise: { prefix: 'AH1:H' } } },
    });
    expect(own.recognise.prefix).toBe('AH1:H');
    expect(found.rejected.map(({ reason }) => reason).filter((reason) => reason.includes('allotted'))).toEqual([]);
  });

  const one = issuersOf([ownKey().entry]);
  const revoked = {
    issued: '2026-11-23T03:00:00Z',
    revoked: ['a', 'b'].map((id) => ({ id: id.repeat(30), since: '2026-11-22T00:00:00Z' })),
  };
  it.each<[string, Record<string, unknown>, Record<string, number>]>([
    ['bytes', {}, { bytes: 100 }],
    ['keys', { [`regions/${TEST_REGION}/issuers/test.json`]: one }, { keys: 0 }],
    ['formats', {}, { formats: 0 }],
    ['revocations', { [`regions/${TEST_REGION}/revocations/a.json`]: revoked }, { revocations: 1 }],
  ])('is so many %s: beyond them the whole pack is in quarantine', (what, files, quota) => {
    const found = loaded(files, { quotas: { ...list.quotas, ...quota } });
    expect(found.rejected).toEqual([
      expect.objectContaining({
        file: MANIFEST,
        reason: expect.stringMatching(new RegExp(`${what}, and \\d+ are allotted`)),
      }),
    ]);
    expect([found.regions.has(TEST_REGION), [...found.faulty]]).toEqual([false, [TEST_REGION]]);
  });

  it('is hosts as well', () => {
    const manifest = { ...fileOf<object>(MANIFEST, storeWith(packFiles())), ocsp: ['http://ocsp.evil.example/'] };
    expect(reasons(loaded({ [MANIFEST]: manifest }, { hosts: ['ocsp.good.example'] }))).toEqual([
      expect.stringMatching(/host .*evil.* is not allotted/),
    ]);
    expect(reasons(loaded({ [MANIFEST]: manifest }))).toEqual([]);
  });

  it('is read whole or not at all', () => {
    for (const broken of ['{', { allotments: [] }, { ...list, allotments: [...list.allotments, list.allotments[0]] }])
      expect(() => federationWith({ 'allotments.json': broken })).toThrow(PackError);
    expect(NOW).toBeGreaterThan(0);
  });
});
