import { describe, expect, it } from 'vitest';
import type { AgreementList } from '../../src/document/generated/types.ts';
import { judgeAges } from '../../src/region/age.ts';
import {
  codesOf,
  DAY,
  federationWith,
  fileOf,
  HOUR,
  issuersOf,
  JUDGE,
  judgeFiles,
  NOW,
  ownKey,
  packFiles,
  samples,
  shortOf,
  standpointOf,
  testBed,
  testDocument,
  testFormat,
  verdictOf,
} from '../support/federation.ts';

const sample = samples.find(({ region, expect: { outcome } }) => region === 'x-eu-dcc' && outcome === 'accept')!;
const YEARS = 3652 * DAY;

describe('the clock', () => {
  const at = (now: number) => verdictOf(sample.wire, { standpoint: standpointOf('310000', undefined, now) });

  it('ten years back is noticed by the lists’ own dates: cannot tell, never "not yet valid"', () => {
    const verdict = at(NOW - YEARS);
    expect(shortOf(verdict)).toBe('undetermined CLOCK_DOUBT');
    expect(codesOf(verdict)).toEqual(expect.arrayContaining(['NOT_YET_VALID', 'SIGNATURE_VALID']));
  });

  it('ten years ahead makes every list too old: cannot tell, never "expired"', () => {
    const verdict = at(NOW + YEARS);
    expect(shortOf(verdict)).toBe('undetermined TRUST_STALE');
    expect(codesOf(verdict)).toEqual(expect.arrayContaining(['EXPIRED', 'KEY_EXPIRED']));
  });

  it.each<[string, number, string, string]>([
    ['now', 0, 'accept', 'fresh'],
    ['ten minutes behind the list', -10 * 60_000, 'accept', 'fresh'],
    ['more than ten minutes behind it', -10 * 60_000 - 1, 'undetermined CLOCK_DOUBT', 'block'],
    ['a day later', 24 * HOUR, 'accept', 'fresh'],
    ['more than a day later', 24 * HOUR + 1, 'accept', 'warn'],
    ['three days later', 72 * HOUR, 'accept', 'warn'],
    ['more than three days later', 72 * HOUR + 1, 'undetermined TRUST_STALE', 'block'],
  ])('%s', (_name, offset, wanted, state) => {
    const verdict = at(NOW + offset);
    expect([shortOf(verdict), ...new Set(verdict.restsOn.map((part) => part.state))]).toEqual([wanted, state]);
  });

  it('a stated time is told as stated, and judged by the same ages', () => {
    const stated = verdictOf(sample.wire, { at: NOW - HOUR });
    expect(stated.clock).toEqual({ at: '2026-11-23T03:00:00Z', source: 'stated' });
    expect(stated.outcome).toBe('undetermined');
    expect(verdictOf(sample.wire).clock.source).toBe('system');
  });

  it.each([-8.64e15, 0, 8.64e15])('at %d ms, the ends of time, there is still a verdict', (now) => {
    const ages = judgeAges([{ part: 'x', region: 'y', issued: NOW }], { warnAfterHours: 24, blockAfterHours: 72 }, now);
    expect(ages.restsOn[0]!.state).toBe('block');
  });
});

it('ages are the same whenever they are asked for, before and after, and with other limits', () => {
  const parts = [
    { part: 'x', region: 'y', issued: NOW },
    { part: 'z', region: 'y', issued: NOW - HOUR, expires: NOW + 2 * HOUR },
  ];
  const limits = { warnAfterHours: 24, blockAfterHours: 72 };
  const edges = [-HOUR, -10 * 60_000, 0, 2 * HOUR, 23 * HOUR, 24 * HOUR, 71 * HOUR, 72 * HOUR];
  const times = edges.flatMap((edge) => [-1, 0, 1].map((by) => NOW + edge + by));
  const states = ({ restsOn, findings }: ReturnType<typeof judgeAges>) => [
    ...restsOn.map(({ state }) => state),
    ...findings.map(({ code, at }) => `${code} ${at}`),
  ];
  // A list that was never asked about before has nothing remembered.
  const alone = new Map(times.map((now) => [now, states(judgeAges([...parts], limits, now))]));
  expect(new Set([...alone.values()].map(String)).size).toBeGreaterThan(4);
  for (const now of [...times, ...times.toReversed()])
    expect(states(judgeAges(parts, limits, now))).toEqual(alone.get(now));
  expect(states(judgeAges(parts, { warnAfterHours: 0, blockAfterHours: 1 }, NOW + 73 * HOUR))[0]).toBe('block');
  expect(states(judgeAges(parts, { warnAfterHours: 90, blockAfterHours: 90 }, NOW + 73 * HOUR))[0]).toBe('fresh');
});

describe('a stale part stops only what rests on it', () => {
  it('another region’s documents are judged as before, and the part is named', () => {
    const file = 'regions/330000/issuers/reference.json';
    const stale = federationWith({
      [file]: { ...fileOf<object>(file), issued: new Date(NOW - 4 * DAY).toISOString() },
    });
    const pass = samples.find(({ region, expect: { outcome } }) => region === '330000' && outcome === 'accept')!;
    const verdict = verdictOf(pass.wire, { standpoint: standpointOf(pass.expect.for, stale) });
    expect([shortOf(verdict), verdict.findings.find(({ code }) => code === 'TRUST_STALE')?.at]).toEqual([
      'undetermined TRUST_STALE',
      file,
    ]);
    expect(shortOf(verdictOf(sample.wire, { standpoint: standpointOf('310000', stale) }))).toBe('accept');
  });

  it('a forgery is refused also by an old list: the key was known', () => {
    const key = ownKey();
    const bed = testBed({ files: { 'regions/x-test/issuers/test.json': issuersOf([key.entry], NOW - 9 * DAY) } }, key);
    const { signer } = ownKey();
    const forged = bed.sign(testDocument(), { ...signer, keyId: key.entry.keyId });
    expect(shortOf(verdictOf(forged, { standpoint: bed.standpoint }))).toBe('refuse SIGNATURE_INVALID');
    expect(shortOf(verdictOf(bed.sign(), { standpoint: bed.standpoint }))).toBe('undetermined TRUST_STALE');
  });
});

describe('counties and cities stand under their province', () => {
  const basis = { title: { zh: '一', en: 'one' } };
  const manifest = (region: string, more: object = {}) => ({
    [`regions/${region}/region.json`]: { region, name: { zh: region, en: region }, issues: ['vehicle-pass'], ...more },
  });
  const agree = (...issuingRegions: string[]): AgreementList => ({
    agreements: issuingRegions.map((issuingRegion) => ({
      issuingRegion,
      documentTypes: ['vehicle-pass', 'recovery-statement'],
      purposes: ['checkpoint'],
      basis,
    })),
  });

  it.each<[string, string[]]>([
    ['330421', ['330421', '330400', '330000']],
    ['330400', ['330400', '330000']],
    ['330000', ['330000']],
    ['310118', ['310118', '310000']],
    ['450100', ['450100']],
    ['000000', ['000000']],
  ])('%s stands under %j, of what the federation has', (region, chain) => {
    const found = federationWith({
      ...manifest('330421'),
      ...manifest('330400'),
      ...manifest('310118'),
      ...manifest('450100'),
      ...manifest('000000'),
    });
    expect(found.chain(region)).toEqual(chain);
  });

  it('a county may pass over its city, but not leave its province', () => {
    expect(
      federationWith({ ...manifest('330421', { parent: '330000' }), ...manifest('330400') }).chain('330421'),
    ).toEqual(['330421', '330000']);
    expect(federationWith(manifest('330421', { parent: '320000' })).rejected[0]?.at).toBe('/parent');
    // Nor by naming a city that is not there.
    expect(federationWith(manifest('330421', { parent: '330400' })).chain('330421')).toEqual(['330421', '330000']);
  });

  it('judges by its province’s agreements, its own if it has some, and by none if its own cannot be read', () => {
    const at = (files: Record<string, unknown>): string => {
      const found = federationWith({
        ...manifest('330421'),
        'regions/330000/agreements.json': agree('x-eu-dcc'),
        ...files,
      });
      return shortOf(verdictOf(sample.wire, { standpoint: standpointOf('330421', found) }));
    };
    const file = 'regions/330421/agreements.json';
    expect(at({})).toBe('accept');
    expect(at({ [file]: agree() })).toBe('refuse NO_AGREEMENT');
    expect(at({ [file]: agree('x-eu-dcc') })).toBe('accept');
    expect(at({ [file]: '{"agreements": [], "excluded": [{"issuingRegion": "x-eu-dcc"}]}' })).toBe(
      'refuse NO_AGREEMENT',
    );
  });

  it('signs in its province’s format, under its own name; others and guests may not', () => {
    const key = ownKey();
    const said = (region: string, more: object = {}) => {
      const found = federationWith({
        ...packFiles({
          region: '330000',
          format: testFormat(),
          files: {
            'regions/330000/region.json': { region: '330000', name: { zh: '浙', en: 'ZJ' }, issues: ['vehicle-pass'] },
          },
        }),
        ...judgeFiles(['330000']),
        ...manifest(region, more),
        [`regions/${region}/issuers/own.json`]: issuersOf([key.entry]),
      });
      const format = found.formats.find(({ id }) => id === 'test-pass/1')!;
      const verdict = verdictOf(format.write(testDocument({}, '330000'), key.signer).wire, {
        standpoint: standpointOf(JUDGE, found),
      });
      return `${shortOf(verdict)} ${verdict.issuer?.region ?? '-'} ${verdict.document?.issuer.region}`;
    };
    expect(said('330421')).toBe('accept 330421 330421');
    expect(said('320583')).toBe('undetermined UNKNOWN_ISSUER - 330000');
    expect(said('x-zhejiang', { parent: '330000' })).toBe('undetermined UNKNOWN_ISSUER - 330000');
  });
});

it('a format past its sunset is not read any longer, from the day after, UTC+8', () => {
  const said = (now: string): string => {
    const bed = testBed({ format: { sunset: '2026-11-23' } });
    return shortOf(
      verdictOf(bed.sign(testDocument()), { standpoint: { ...bed.standpoint, clock: () => Date.parse(now) } }),
    );
  };
  expect(said('2026-11-23T15:59:59Z')).toBe('accept');
  expect(said('2026-11-23T16:00:00Z')).toBe('refuse FORMAT_RETIRED');
});

it('a purpose that the catalogue does not have cannot be asked for', () => {
  for (const purpose of ['credit-scoring', '', '__proto__', 'CHECKPOINT'])
    expect(() => verdictOf(sample.wire, { purpose })).toThrow(
      new RangeError(`no purpose "${purpose}" in the catalogue`),
    );
  expect(standpointOf('310000').purposes.size).toBeGreaterThan(4);
});
