import { describe, expect, it } from 'vitest';
import type {
  AgreementList,
  Exclusion,
  FormatDeclaration,
  SharedDocument,
} from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import {
  federation,
  federationWith,
  fileOf,
  formatOf,
  issuersOf,
  NOW,
  ownKey,
  samples,
  sampleVerdict,
  shortOf,
  standpointOf,
  testDocument,
  testFormat,
  verdictOf,
} from '../support/federation.ts';
import { copiedIssuers, lenient } from '../support/packs.ts';

/** A city that signs its province's formats with a key of its own, and tries to be more than that. */
const CITY = '330200';
const city = ownKey('SM2-SM3', { keyId: 'nb-test' });
const province = ownKey('SM2-SM3', { keyId: 'zj-test' });
const keys = (region: string, { entry }: typeof city) => {
  const file = `regions/${region}/issuers/reference.json`;
  return { [file]: issuersOf([...fileOf<{ issuers: [] }>(file).issuers, entry]) };
};
const basis = { title: { zh: '测试', en: 'Test' } };
const JUDGING = '340000';
const agreeing = (issuingRegion: string, documentTypes: string[], excluded: Exclusion[] = []): AgreementList => ({
  agreements: [{ issuingRegion, documentTypes, purposes: ['checkpoint'], basis }],
  excluded,
});
const storeOf = (list?: AgreementList) =>
  federationWith({
    ...keys(CITY, city),
    ...keys('330000', province),
    ...(list === undefined ? {} : { [`regions/${JUDGING}/agreements.json`]: list }),
  });

const code: SharedDocument = {
  docType: { code: 'health-code', family: 'code' },
  docId: 'NB-0c7d91e4b85a4f2396d1',
  revocationId: 'NB-0c7d91e4b85a4f2396d1',
  issuer: { region: CITY, orgCode: '11330200MB0000000U', areaCode: CITY },
  holder: { kind: 'person', idRef: 'p-1' },
  validity: { issuedAt: instantOf(NOW - 10_000), until: instantOf(NOW + 50_000) },
  status: { canonical: 'green', raw: 'green', rawScheme: 'zj-health-colour' },
  presentation: { onceId: 'NB-0c7d91e4b85a4f2396d1' },
};
/** A code is good once its one-time number is looked up, which a single look cannot do. */
const GOOD = 'conditional REPLAY_UNCHECKED';
const pass: SharedDocument = {
  docType: { code: 'commuter-pass', family: 'pass' },
  docId: '330200000123',
  revocationId: 'NBP-77c0d2e16f4b4a8d9350',
  issuer: { region: CITY, orgCode: '11330200MB0000000U' },
  holder: { kind: 'person', idRef: 'p-1' },
  validity: { issuedAt: instantOf(NOW - 10_000), from: '2026-11-20', until: '2026-12-20' },
  route: { from: '330200', to: '340100' },
};
const written = (id: string, document: SharedDocument, by = city): string =>
  formatOf(federation, id).write(document, by.signer).wire as string;
const judged = (wire: string, list?: AgreementList, region = JUDGING) =>
  verdictOf(wire, { standpoint: standpointOf(region, storeOf(list)) });

describe('a document of the city', () => {
  const wire = written('zj-code/1', code);

  it('is recognised under the agreement with its province, and named as the city’s', () => {
    const verdict = judged(wire, agreeing('330000', ['health-code']));
    expect(shortOf(verdict)).toBe(GOOD);
    expect([verdict.issuer?.region, verdict.format?.region]).toEqual([CITY, '330000']);
  });

  it('that calls itself its province’s stays the city’s: what counts is the key', () => {
    const lie = written('zj-code/1', { ...code, issuer: { region: '330000', orgCode: '11330000MB0000000H' } });
    const verdict = judged(lie, agreeing('330000', ['health-code']));
    expect([verdict.issuer?.region, verdict.document?.issuer.region]).toEqual([CITY, CITY]);
    expect(shortOf(judged(lie, agreeing('330000', ['health-code'], [{ issuingRegion: CITY, basis }])))).toBe(
      'refuse EXCLUDED',
    );
  });

  it.each<[string, AgreementList, string]>([
    ['with its province, on other types', agreeing('330000', ['commuter-pass']), 'refuse NO_AGREEMENT'],
    ['with its province’s neighbours', agreeing('320000', ['health-code']), 'refuse NO_AGREEMENT'],
    ['with another city of its province', agreeing('330400', ['health-code']), 'refuse NO_AGREEMENT'],
    ['with the city alone', agreeing(CITY, ['health-code']), GOOD],
  ])('under an agreement %s', (_name, list, wanted) => {
    expect(shortOf(judged(wire, list))).toBe(wanted);
  });

  it('gains nothing from what its province recognises: that binds the province as a verifier, not others', () => {
    // Zhejiang recognises Shanghai's codes, and Anhui Shanghai's: neither makes Ningbo's code good in Anhui.
    expect(shortOf(judged(wire, agreeing('310000', ['health-code'])))).toBe('refuse NO_AGREEMENT');
  });

  it('may be left out by name, and its province stays in', () => {
    const list = agreeing('330000', ['health-code'], [{ issuingRegion: CITY, basis }]);
    expect(shortOf(judged(wire, list))).toBe('refuse EXCLUDED');
    const provincial = { ...code, issuer: { region: '330000', orgCode: '11330000MB0000000H' } };
    expect(shortOf(judged(written('zj-code/1', provincial, province), list))).toBe(GOOD);
  });

  it('is at home in its province, and the province’s in the city', () => {
    for (const [wire_, region] of [
      [wire, '330000'],
      [written('zj-code/1', code, province), CITY],
    ] as const) {
      const { outcome, findings } = judged(wire_, undefined, region);
      expect([outcome, findings.some(({ code }) => code === 'OWN_DOCUMENT')]).toEqual(['conditional', true]);
    }
  });

  it('is not recognised in its province’s name where the agreement is with the city alone', () => {
    const list = agreeing(CITY, ['health-code']);
    expect(shortOf(judged(written('zj-code/1', code, province), list))).toBe('refuse NO_AGREEMENT');
  });
});

describe('the city’s key', () => {
  it('may not sign a type that the city does not issue, though its province does', () => {
    expect(shortOf(judged(written('zj-pass/1', pass), agreeing('330000', ['commuter-pass'])))).toBe(
      'refuse KEY_USAGE_MISMATCH',
    );
  });

  it('is no key of another province’s format', () => {
    const uuid = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
    const shown: SharedDocument = {
      ...code,
      docId: uuid,
      revocationId: uuid,
      presentation: { onceId: uuid },
      status: { canonical: 'green', raw: '00', rawScheme: 'sh-status' },
    };
    const frame = formatOf(federation, 'ssm-frame/1').write(shown, { ...city.signer, keyId: '4000.70.5' }).wire;
    const own = federationWith(keys(CITY, { ...city, entry: { ...city.entry, keyId: '4000.70.5' } }));
    expect(shortOf(verdictOf(frame, { standpoint: standpointOf('330000', own) }))).toBe('undetermined UNKNOWN_ISSUER');
  });

  it('does not revoke its province’s documents, nor its province the city’s', () => {
    const revoking = (region: string) =>
      federationWith({
        ...keys(CITY, city),
        ...keys('330000', province),
        [`regions/${region}/revocations/more.json`]: {
          issued: instantOf(NOW),
          revoked: [{ id: code.revocationId, since: instantOf(NOW - 1000), reasonCode: 'test' }],
        },
      });
    const said = (by: typeof city, region: string) =>
      shortOf(verdictOf(written('zj-code/1', code, by), { standpoint: standpointOf('310000', revoking(region)) }));
    expect(said(province, CITY)).toBe(GOOD);
    expect(said(city, '330000')).toBe(GOOD);
    expect(said(city, CITY)).toBe('refuse REVOKED');
  });
});

describe('a county under its province', () => {
  const COUNTY = '330421';
  const passes = samples.filter(({ region, format }) => region === '330000' && format === 'zj-pass/1');
  const declared = fileOf<FormatDeclaration>('regions/330000/formats/zj-pass-1.json');
  const taking = (change: Partial<FormatDeclaration>): Record<string, unknown> => ({
    [`regions/${COUNTY}/formats/own.json`]: { ...lenient(declared, 'commuter-pass'), format: 'county/1', ...change },
    [`regions/${COUNTY}/issuers/copied.json`]: copiedIssuers(['regions/330000/issuers/reference.json']),
  });
  const more = { jws: { ...declared.recognise.jws, alg: 'SM2SM3' } };

  it.each<[string, Partial<FormatDeclaration>]>([
    ['recognised as its province’s are', {}],
    ['that asks for more than its province’s', { recognise: more }],
  ])('takes none of its documents by a format %s', (_name, change) => {
    const found = federationWith(taking(change));
    expect(found.rejected).toEqual([]);
    expect(passes.length).toBeGreaterThan(8);
    for (const pass of passes) expect(sampleVerdict(pass, found).outcome, pass.name).toBe(pass.expect.outcome);
  });

  it('takes none of them when its province has retired the format: what is allotted stays its owner’s', () => {
    const found = federationWith({
      ...taking({ recognise: more }),
      'regions/330000/formats/zj-pass-1.json': undefined,
    });
    for (const pass of passes) expect(sampleVerdict(pass, found).outcome, pass.name).toBe('undetermined');
  });

  it('has agreed on nothing by calling a format of its own by the name of one of its province’s', () => {
    const key = ownKey('ES256');
    const said = (format: string, formats: string[]): string => {
      const list = agreeing('330000', ['vehicle-pass']);
      const found = federationWith({
        [`regions/${COUNTY}/formats/own.json`]: testFormat({ format, recognise: { prefix: 'COUNTY:' } }),
        [`regions/${COUNTY}/issuers/own.json`]: issuersOf([key.entry]),
        [`regions/${JUDGING}/agreements.json`]: {
          ...list,
          agreements: list.agreements.map((row) => ({ ...row, formats })),
        },
      });
      const own = found.formats.find((each) => each.region === COUNTY)!;
      const wire = own.write(testDocument({}, COUNTY), key.signer).wire;
      return shortOf(verdictOf(wire, { standpoint: standpointOf(JUDGING, found) }));
    };
    expect(said('zj-pass/1', ['zj-pass/1'])).toBe('refuse NO_AGREEMENT');
    expect(said('zj-pass/2', ['zj-pass/1'])).toBe('refuse NO_AGREEMENT');
  });

  it('cannot hide with rules of its own what its province calls back', () => {
    const rule = (region: string, i: number, logic: object) => ({
      ...{ id: `IR-${i}`, version: '1.0.0', region, type: 'invalidation', input: 'document' },
      description: { zh: '作废', en: 'void' },
      basis,
      engine: { name: 'certlogic', version: '1.0.0' },
      validFrom: '2020-01-01',
      affectedFields: ['docId'],
      logic,
    });
    const key = ownKey('ES256');
    const many = Array.from({ length: 200 }, (_, i) => rule(COUNTY, i, { '===': [1, 2] }));
    const found = federationWith({
      [`regions/${COUNTY}/formats/own.json`]: testFormat({ format: 'county/1', recognise: { prefix: 'COUNTY:' } }),
      [`regions/${COUNTY}/issuers/own.json`]: issuersOf([key.entry]),
      [`regions/${COUNTY}/rules/many.json`]: { rules: many },
      'regions/330000/rules/void.json': { rules: [rule('330000', 1, { '===': [1, 1] })] },
      [`regions/${JUDGING}/agreements.json`]: agreeing('330000', ['vehicle-pass']),
    });
    const wire = formatOf(found, 'county/1').write(testDocument({}, COUNTY), key.signer).wire;
    expect(shortOf(verdictOf(wire, { standpoint: standpointOf(JUDGING, found) }))).toContain('refuse RULE_INVALIDATED');
  });

  it('cannot switch off by which its province calls documents back', () => {
    const void_ = (region: string, more: object = {}) => ({
      [`regions/${region}/rules/void.json`]: {
        rules: [
          {
            ...{ id: 'IR-1', version: '1.0.0', region, type: 'invalidation', input: 'document' },
            description: { zh: '作废', en: 'void' },
            basis,
            engine: { name: 'certlogic', version: '1.0.0' },
            documentTypes: ['vehicle-pass'],
            validFrom: '2020-01-01',
            affectedFields: ['docId'],
            logic: { '===': [1, 1] },
            ...more,
          },
        ],
      },
    });
    const key = ownKey('ES256');
    const said = (files: Record<string, unknown>): string => {
      const found = federationWith({
        [`regions/${COUNTY}/formats/own.json`]: testFormat({ format: 'county/1', recognise: { prefix: 'COUNTY:' } }),
        [`regions/${COUNTY}/issuers/own.json`]: issuersOf([key.entry]),
        [`regions/${JUDGING}/agreements.json`]: agreeing('330000', ['vehicle-pass']),
        ...files,
      });
      expect(found.rejected).toEqual([]);
      const wire = formatOf(found, 'county/1').write(testDocument({}, COUNTY), key.signer).wire;
      return shortOf(verdictOf(wire, { standpoint: standpointOf(JUDGING, found) }));
    };
    expect(said({})).toBe('accept');
    expect(said(void_('330000'))).toBe('refuse RULE_INVALIDATED');
    expect(said({ ...void_('330000'), ...void_(COUNTY, { enabled: false }) })).toBe('refuse RULE_INVALIDATED');
    expect(said({ ...void_('330000'), ...void_(COUNTY, { version: '2.0.0', logic: { '===': [1, 2] } }) })).toBe(
      'refuse RULE_INVALIDATED',
    );
  });
});
