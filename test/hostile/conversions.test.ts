import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Conversion, convertDocument, NotConvertible } from '../../src/convert.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import type { MapRow, SharedDocument } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { conversionIssuer } from '../../src/federation/conversion-keys.node.ts';
import {
  DAY,
  federationWith,
  formatOf,
  HOUR,
  JUDGE,
  NOW,
  ownKey,
  packFiles,
  presentedOf,
  specimenFor,
  standpointOf,
  testDocument,
  testFormat,
} from '../support/federation.ts';

/**
 * Whoever holds a document that is good for little (for an hour, for one use, in yellow) has it converted: what comes out
 * is good for no more. One format says all of this, the other knows only days and none of the rest.
 */
const folder = mkdtempSync(join(tmpdir(), 'tongren-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const issuer = await conversionIssuer(join(folder, 'keys.json'));

const LIMITS: MapRow[] = [
  { to: '/usage/purpose', from: '/use', optional: true },
  { to: '/usage/expiresAt', from: '/useUntil', as: 'instant', optional: true },
  { to: '/presentation/audience', from: '/aud', optional: true },
  { to: '/status/canonical', from: '/colour', as: { codes: 'colours' }, optional: true },
  { to: '/status/raw', from: '/colour', optional: true },
  { to: '/status/rawScheme', value: 'colours', with: '/colour' },
];
const status = (colour: string) => ({ status: { canonical: colour, raw: colour, rawScheme: 'colours' } });
const without = (...sections: string[]): string[] => testFormat().absent!.filter((each) => !sections.includes(each));
const own = testFormat();
const key = ownKey();
const type = { documentType: 'freight-pass' };
const federation = federationWith(
  packFiles({
    issuers: [key.entry],
    format: { ...type, map: [...own.map, ...LIMITS], absent: without('/usage', '/presentation', '/status') },
    files: {
      'regions/x-test/codes/colours.json': {
        list: 'colours',
        version: 1,
        name: { zh: '颜色', en: 'Colours' },
        scheme: 'health',
        codes: ['green', 'yellow'].map((word) => ({ raw: word, shared: word, name: { zh: word, en: word } })),
      },
      'regions/x-days/region.json': { region: 'x-days', name: { zh: '日', en: 'Days' }, issues: ['freight-pass'] },
      'regions/x-days/formats/days.json': testFormat({
        ...type,
        format: 'days/1',
        recognise: { prefix: 'DAYS:' },
        map: own.map.map((row) => (row.to === '/validity/until' ? { ...row, as: 'compact-day' } : row)),
      }),
    },
  }),
);
const standpoint = standpointOf(JUDGE, federation);
const [source, days] = [formatOf(federation, 'test-pass/1'), formatOf(federation, 'days/1')];
const pass = (change: Partial<SharedDocument> = {}): SharedDocument =>
  testDocument({ docType: { code: 'freight-pass', family: 'pass' }, ...change });

function converted(change: Partial<SharedDocument>, target: 'document' | typeof days = days, purpose = 'exchange') {
  const { wire } = source.write(pass(change), key.signer);
  const ask = { presented: presentedOf(wire), target, audience: 'test', purpose };
  return convertDocument(ask, standpoint, issuer, nodePlatform);
}
function made(...asked: Parameters<typeof converted>): Conversion {
  const { verdict, conversion } = converted(...asked);
  if (conversion === undefined) throw new Error(`not converted: ${verdict.reasons.join(' ')}`);
  return conversion;
}

function refusal(run: () => unknown): string {
  try {
    run();
    return 'written';
  } catch (error) {
    if (error instanceof Broken) return `${error.code} ${error.part}`;
    throw error;
  }
}

const untilOf = ({ wire }: Conversion): string => {
  const { document } = days.convert(days.open(specimenFor(wire as string)), 'x-days');
  return document.validity!.until!;
};
const until = (moment: string) => ({ validity: { issuedAt: instantOf(NOW - DAY), until: moment } });

describe('a copy ends with its original', () => {
  // 12:00 in Beijing.
  it('with the day, where the original lives as long', () => {
    expect(untilOf(made(until(instantOf(NOW + 30 * DAY))))).toBe('2026-11-23');
    expect(untilOf(made(until('2026-11-23T15:59:59Z')))).toBe('2026-11-23');
  });
  it('and is not written where it could only end later', () => {
    for (const end of [instantOf(NOW + 60_000), instantOf(NOW + HOUR), '2026-11-23T15:59:58Z'])
      expect(refusal(() => made(until(end)))).toBe('FIELD_INVALID /validity/until');
  });
  it('and with the use that it was made for', () => {
    const usage = { purpose: 'exchange', expiresAt: instantOf(NOW + 120_000) };
    expect(made({ usage }, 'document').proof.expiresAt).toBe(usage.expiresAt);
  });
});

describe('a copy without the words that limit its original', () => {
  it.each<[string, Partial<SharedDocument>, string]>([
    ['green', status('green'), 'written'],
    ['yellow', status('yellow'), 'FIELD_INVALID /status/canonical'],
    ['made for one use', { usage: { purpose: 'exchange' } }, 'FIELD_INVALID /usage'],
    ['shown to one region', { presentation: { audience: JUDGE } }, 'FIELD_INVALID /presentation/audience'],
  ])('%s', (_, change, wanted) => {
    expect(refusal(() => made(change))).toBe(wanted);
    expect(made(change, 'document').document).toMatchObject(change);
  });

  it('is not made by a purpose that does not show them either', () => {
    const change = { presentation: { audience: JUDGE } };
    expect(refusal(() => made(change, days, 'counter'))).toBe('FIELD_INVALID /presentation/audience');
    expect(refusal(() => made({}, days, 'counter'))).toBe('written');
  });
});

it('nothing is said of where that came from which the purpose does not show', () => {
  const { sources } = made({ presentation: { audience: JUDGE } }, 'document', 'counter');
  expect(Object.keys(sources)).toContain('/holder/name');
  expect(Object.keys(sources)).not.toContain('/presentation/audience');
  expect(Object.keys(made({ presentation: { audience: JUDGE } }, 'document').sources)).toContain(
    '/presentation/audience',
  );
});

it('in production nobody states the time of a conversion', () => {
  const { wire } = source.write(pass(), key.signer);
  const ask = { presented: presentedOf(wire), target: 'document', audience: 'test', purpose: 'exchange' } as const;
  const production = { ...standpoint, environment: 'production' } as const;
  const at = (stated: object) => () => convertDocument({ ...ask, ...stated }, production, issuer, nodePlatform);
  expect(at({ at: NOW + 365 * DAY })).toThrow(NotConvertible);
  expect(at({})).not.toThrow();
});
