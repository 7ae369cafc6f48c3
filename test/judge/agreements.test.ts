import { describe, expect, it } from 'vitest';
import type { Agreement, AgreementList, Exclusion } from '../../src/document/generated/types.ts';
import { presentingRule } from '../../src/document/presenting.ts';
import { statusTable } from '../../src/document/statuses.ts';
import { agreementTable, type RecognitionQuestion, type RegionAgreements } from '../../src/judge/agreements.ts';
import { judge } from '../../src/judge/judge.ts';
import { judgeValidity } from '../../src/judge/validity.ts';
import { federation, NOW } from '../support/federation.ts';

const basis = { title: { zh: '协议', en: 'Agreement' }, number: 'T-1' };
const agreement = (change: Partial<Agreement> = {}): Agreement => ({
  issuingRegion: '330000',
  documentTypes: ['vehicle-pass'],
  purposes: ['checkpoint'],
  basis,
  ...change,
});
const exclusion = (change: Partial<Exclusion> = {}): Exclusion => ({ issuingRegion: '330000', basis, ...change });
const question = (change: Partial<RecognitionQuestion> = {}): RecognitionQuestion => ({
  issuerChain: ['330000'],
  isUnit: () => false,
  documentType: 'vehicle-pass',
  purpose: 'checkpoint',
  format: 'zj-pass/1',
  formatRegion: '330000',
  now: NOW,
  readAsAgreed: () => undefined,
  ...change,
});
const said = (list: AgreementList, asked: Partial<RecognitionQuestion> = {}, chain = ['310000']): string[] =>
  agreementTable(chain, new Map([[chain[0]!, list]]))
    .recognise(question(asked))
    .map(({ code }) => code);

describe('an agreement', () => {
  it.each<[string, Partial<Agreement>, Partial<RecognitionQuestion>, string]>([
    ['of this region, type and purpose', {}, {}, 'RECOGNISED_BY_AGREEMENT'],
    ['with another region', { issuingRegion: '340000' }, {}, 'NO_AGREEMENT'],
    ['on another type', { documentTypes: ['freight-pass'] }, {}, 'NO_AGREEMENT'],
    ['for another purpose', { purposes: ['counter'] }, {}, 'NO_AGREEMENT'],
    ['on another version of the format', { formats: ['zj-pass/2'] }, {}, 'NO_AGREEMENT'],
    ['on an older version of the format', { formats: ['zj-pass/1'] }, { format: 'zj-pass/2' }, 'VERSION_NOT_ACCEPTED'],
    ['on another format of that number', { formats: ['zj-code/1'] }, { format: 'zj-pass/2' }, 'NO_AGREEMENT'],
    [
      'on an older version, with another region',
      { formats: ['zj-pass/1'], issuingRegion: '340000' },
      { format: 'zj-pass/2' },
      'NO_AGREEMENT',
    ],
    ['on this version among others', { formats: ['zj-pass/2', 'zj-pass/1'] }, {}, 'RECOGNISED_BY_AGREEMENT'],
    ['that begins tomorrow', { from: '2026-11-24' }, {}, 'NO_AGREEMENT'],
    [
      'that begins today, UTC+8',
      { from: '2026-11-23' },
      { now: Date.parse('2026-11-22T16:00:00Z') },
      'RECOGNISED_BY_AGREEMENT',
    ],
    [
      'that begins today, a millisecond early',
      { from: '2026-11-23' },
      { now: Date.parse('2026-11-22T15:59:59.999Z') },
      'NO_AGREEMENT',
    ],
    [
      'that ends today, in its last millisecond',
      { until: '2026-11-23' },
      { now: Date.parse('2026-11-23T15:59:59.999Z') },
      'RECOGNISED_BY_AGREEMENT',
    ],
    ['that ended with the day', { until: '2026-11-23' }, { now: Date.parse('2026-11-23T16:00:00Z') }, 'NO_AGREEMENT'],
    [
      'with the province of the issuing county',
      {},
      { issuerChain: ['330421', '330400', '330000'] },
      'RECOGNISED_BY_AGREEMENT',
    ],
    [
      'with another county of the province',
      { issuingRegion: '330482' },
      { issuerChain: ['330421', '330400', '330000'] },
      'NO_AGREEMENT',
    ],
    ['with a county, for a document of its province', { issuingRegion: '330421' }, {}, 'NO_AGREEMENT'],
  ])('%s', (_name, change, asked, code) => {
    expect(said({ agreements: [agreement(change)] }, asked)).toEqual([code]);
  });

  it('says on what it rests, and what it asks the officer to do, in order', () => {
    const requires = [
      { zh: '甲', en: 'a' },
      { zh: '乙', en: 'b' },
    ];
    const found = agreementTable(
      ['310000'],
      new Map([['310000', { agreements: [agreement({ requires })] }]]),
    ).recognise(question());
    expect(found.map(({ code, basis: why, next }) => [code, why?.number, next?.en])).toEqual([
      ['RECOGNISED_BY_AGREEMENT', 'T-1', undefined],
      ['ACTION_REQUIRED', 'T-1', 'a'],
      ['ACTION_REQUIRED', 'T-1', 'b'],
    ]);
  });
});

describe('the negative list', () => {
  it.each<[string, Partial<Exclusion>, Partial<RecognitionQuestion>, string]>([
    ['goes before every agreement', {}, {}, 'EXCLUDED'],
    ['for this type', { documentTypes: ['vehicle-pass'] }, {}, 'EXCLUDED'],
    ['for another type', { documentTypes: ['freight-pass'] }, {}, 'RECOGNISED_BY_AGREEMENT'],
    ['for another purpose', { purposes: ['counter'] }, {}, 'RECOGNISED_BY_AGREEMENT'],
    ['of this unit', { unit: 'GR' }, { isUnit: (unit) => unit === 'GR' }, 'EXCLUDED'],
    ['of another unit', { unit: 'GR' }, { isUnit: (unit) => unit === 'FR' }, 'RECOGNISED_BY_AGREEMENT'],
    ['of the county’s province', {}, { issuerChain: ['330421', '330400', '330000'] }, 'EXCLUDED'],
    ['not yet in force', { from: '2026-12-01' }, {}, 'RECOGNISED_BY_AGREEMENT'],
    ['no longer in force', { until: '2026-11-01' }, {}, 'RECOGNISED_BY_AGREEMENT'],
  ])('%s', (_name, change, asked, code) => {
    expect(said({ agreements: [agreement()], excluded: [exclusion(change)] }, asked)).toEqual([code]);
  });

  it('holds for a region’s own documents as well', () => {
    expect(
      said({ agreements: [], excluded: [exclusion({ issuingRegion: '310000' })] }, { issuerChain: ['310000'] }),
    ).toEqual(['EXCLUDED']);
  });
});

describe('a region’s own documents', () => {
  it.each<[string, string[], string[], string]>([
    ['its own', ['310000'], ['310000'], 'OWN_DOCUMENT'],
    ['its county’s', ['310118', '310000'], ['310000'], 'OWN_DOCUMENT'],
    ['its province’s', ['330000'], ['330421', '330400', '330000'], 'OWN_DOCUMENT'],
    ['a sibling’s', ['330482', '330400', '330000'], ['330421', '330400', '330000'], 'NO_AGREEMENT'],
    ['a neighbour’s', ['320000'], ['310000'], 'NO_AGREEMENT'],
  ])('%s: %j at %j', (_name, issuerChain, chain, code) => {
    expect(said({ agreements: [] }, { issuerChain }, chain)).toEqual([code]);
  });
});

describe('nesting', () => {
  const chain = ['330421', '330400', '330000'];
  const at = (lists: Record<string, RegionAgreements>, asked: Partial<RecognitionQuestion> = {}): string =>
    agreementTable(chain, new Map(Object.entries(lists))).recognise(question({ issuerChain: ['340000'], ...asked }))[0]!
      .code;
  const yes: AgreementList = { agreements: [agreement({ issuingRegion: '340000' })] };
  const none: AgreementList = { agreements: [] };
  const onTop: AgreementList = { agreements: [agreement({ issuingRegion: '320509' })], extends: true };
  const never: AgreementList = { agreements: [], excluded: [exclusion({ issuingRegion: '340000' })] };

  it.each<[string, Record<string, RegionAgreements>, string]>([
    ['no list at all', {}, 'NO_AGREEMENT'],
    ['the province’s alone', { '330000': yes }, 'RECOGNISED_BY_AGREEMENT'],
    ['the city’s alone', { '330400': yes }, 'RECOGNISED_BY_AGREEMENT'],
    ['the county’s, and a province’s without it', { '330421': yes, '330000': none }, 'RECOGNISED_BY_AGREEMENT'],
    ['a county’s without it, and the province’s', { '330421': none, '330000': yes }, 'NO_AGREEMENT'],
    ['a county’s on top of the province’s', { '330421': onTop, '330000': yes }, 'RECOGNISED_BY_AGREEMENT'],
    [
      'a county’s on top of the city’s on top of the province’s',
      { '330421': onTop, '330400': onTop, '330000': yes },
      'RECOGNISED_BY_AGREEMENT',
    ],
    [
      'a county’s on top of the city’s, which stands alone',
      { '330421': onTop, '330400': none, '330000': yes },
      'NO_AGREEMENT',
    ],
    ['a county’s on top of nothing', { '330421': onTop }, 'NO_AGREEMENT'],
  ])('%s', (_name, lists, code) => {
    expect(at(lists)).toBe(code);
  });

  it('on top of another list means beside it: the county’s own agreements hold as well', () => {
    expect(at({ '330421': onTop, '330000': yes }, { issuerChain: ['320509'] })).toBe('RECOGNISED_BY_AGREEMENT');
  });

  it.each<[string, Record<string, RegionAgreements>]>([
    ['the county’s own', { '330421': { ...yes, ...never, agreements: yes.agreements } }],
    ['the city’s, over a county that agreed', { '330421': yes, '330400': never }],
    ['the province’s, over a county whose list stands alone', { '330421': yes, '330000': never }],
    ['the province’s, over a county that adds to it', { '330421': { ...yes, extends: true }, '330000': never }],
    ['the county’s, over what its province agreed', { '330421': { ...never, extends: true }, '330000': yes }],
  ])('a negative list holds always: %s', (_name, lists) => {
    expect(at(lists)).toBe('EXCLUDED');
  });

  it.each<[string, Record<string, RegionAgreements>]>([
    ['its own', { '330421': 'unreadable', '330000': yes }],
    ['its city’s', { '330421': yes, '330400': 'unreadable' }],
    ['its province’s', { '330421': { ...yes, extends: true }, '330000': 'unreadable' }],
  ])('a list that cannot be read recognises nothing, for nobody knows what it keeps out: %s', (_name, lists) => {
    expect(at(lists)).toBe('NO_AGREEMENT');
    expect(at({ ...lists, '330400': never })).toBe('EXCLUDED');
    expect(at(lists, { issuerChain: ['330482', '330421', '330400'] })).toBe('OWN_DOCUMENT');
  });
});

describe('validity', () => {
  const said = (validity: Parameters<typeof judgeValidity>[0], now = NOW, tolerance = 60_000): string =>
    judgeValidity(validity, now, tolerance)
      .map(({ code, at }) => `${code}${at ? ` ${at}` : ''}`)
      .join(', ');

  it.each<[string, Parameters<typeof judgeValidity>[0], string, string]>([
    ['a day, in its last second', { until: '2026-11-23' }, '2026-11-23T15:59:59Z', 'WITHIN_VALIDITY'],
    ['a day, within the tolerance after it', { until: '2026-11-23' }, '2026-11-23T16:00:59Z', 'WITHIN_VALIDITY'],
    ['a day, after the tolerance', { until: '2026-11-23' }, '2026-11-23T16:01:00Z', 'EXPIRED /validity/until'],
    ['an instant, at it', { until: '2026-11-23T04:00:00Z' }, '2026-11-23T04:00:00Z', 'WITHIN_VALIDITY'],
    [
      'an instant, at the end of the tolerance',
      { until: '2026-11-23T04:00:00Z' },
      '2026-11-23T04:01:00Z',
      'WITHIN_VALIDITY',
    ],
    [
      'an instant, past the tolerance',
      { until: '2026-11-23T04:00:00Z' },
      '2026-11-23T04:01:00.001Z',
      'EXPIRED /validity/until',
    ],
    ['a first day, in Beijing', { from: '2026-11-23' }, '2026-11-22T16:00:00Z', 'WITHIN_VALIDITY'],
    ['a first day, the evening before', { from: '2026-11-23' }, '2026-11-22T15:58:00Z', 'NOT_YET_VALID /validity/from'],
    ['issued a minute ahead', { issuedAt: '2026-11-23T04:01:00Z' }, '2026-11-23T04:00:00Z', 'WITHIN_VALIDITY'],
    [
      'issued more than a minute ahead',
      { issuedAt: '2026-11-23T04:01:01Z' },
      '2026-11-23T04:00:00Z',
      'NOT_YET_VALID /validity/issuedAt',
    ],
    [
      'all wrong at once',
      { from: '2027-01-01', issuedAt: '2027-01-01', until: '2020-01-01' },
      '2026-11-23T04:00:00Z',
      'NOT_YET_VALID /validity/from, EXPIRED /validity/until',
    ],
    ['nothing said', {}, '2026-11-23T04:00:00Z', 'WITHIN_VALIDITY'],
  ])('%s', (_name, validity, now, wanted) => {
    expect(said(validity, Date.parse(now))).toBe(wanted);
  });

  it.each(['2026-02-30', '2026-13-01', '2026-02-30T00:00:00Z', 'never', ''])(
    '%j is no date: it neither passes nor fails here',
    (until) => {
      expect(said({ until })).toBe('');
    },
  );
});

describe('judge', () => {
  const none = {
    agreements: agreementTable(['310000'], new Map()),
    rules: { judge: () => [] },
    statuses: statusTable(),
    region: '310000',
    chain: (region: string) => [region],
    purposeNames: new Map<string, string>(),
  };
  const input = {
    payload: undefined,
    keyId: undefined,
    issuerChain: ['320000'],
    isUnit: () => false,
    format: 'x/1',
    formatRegion: '320000',
    purpose: 'checkpoint',
    now: NOW,
    tolerance: 0,
    showing: {},
    presenting: presentingRule(false),
    readAsAgreed: () => undefined,
  };
  const codes = (document: Parameters<typeof judge>[0]['document'], issuerChain: string[] | undefined = ['320000']) =>
    judge({ ...input, document, documentType: document.docType?.code, issuerChain }, none).map(({ code }) => code);

  it('says all it can of what could be read', () => {
    expect(codes({})).toEqual([]);
    expect(codes({ docType: { code: 'vehicle-pass', family: 'pass' } })).toEqual(['NO_AGREEMENT']);
    expect(
      judge(
        {
          ...input,
          issuerChain: undefined,
          documentType: 'vehicle-pass',
          document: { docType: { code: 'vehicle-pass', family: 'pass' } },
        },
        none,
      ),
    ).toEqual([]);
  });
});

describe('what is agreed on a type, before there is a document', () => {
  const accepts = (list: AgreementList, asked: Partial<RecognitionQuestion> = {}, chain = ['310000']) =>
    agreementTable(chain, new Map([[chain[0]!, list]])).accepts(question(asked));

  it('is every agreement that is about it now, for the purpose', () => {
    const [one, other] = [agreement({ formats: ['zj-pass/1'] }), agreement({ formats: ['zj-pass/2'] })];
    const agreements = [one, agreement({ until: '2026-11-22' }), other, agreement({ purposes: ['counter'] })];
    expect(accepts({ agreements })).toEqual({ as: 'agreed', agreements: [one, other], exceptUnits: [] });
    expect(accepts({ agreements: [] })).toEqual({ as: 'not-agreed' });
  });

  it('is nothing that is on the negative list; of units that are, it says which', () => {
    const agreements = [agreement()];
    expect(accepts({ agreements, excluded: [exclusion()] })).toEqual({ as: 'excluded', basis });
    expect(accepts({ agreements, excluded: [exclusion({ unit: '33-07' })] })).toMatchObject({ exceptUnits: ['33-07'] });
    expect(accepts({ agreements, excluded: [exclusion({ purposes: ['counter'] })] })).toMatchObject({
      exceptUnits: [],
    });
    const own = { issuerChain: ['310000'] };
    expect(accepts({ agreements: [] }, own)).toEqual({ as: 'own', exceptUnits: [] });
    expect(accepts({ agreements: [], excluded: [exclusion({ issuingRegion: '310000' })] }, own).as).toBe('excluded');
  });

  it('says nothing where the region’s agreements cannot be read', () => {
    const table = agreementTable(['310000'], new Map<string, RegionAgreements>([['310000', 'unreadable']]));
    expect(table.accepts(question())).toEqual({ as: 'not-agreed' });
  });

  it('says of every type of the reference federation what a document of it is then told', () => {
    const { catalogue, regions, chain, standpoint } = federation;
    const told = {
      own: 'OWN_DOCUMENT',
      agreed: 'RECOGNISED_BY_AGREEMENT',
      excluded: 'EXCLUDED',
      'not-agreed': 'NO_AGREEMENT',
    };
    const seen = new Set<string>();
    for (const verifying of regions.keys()) {
      const { agreements } = standpoint(verifying)!;
      for (const issuer of regions.keys())
        for (const { code: documentType } of catalogue.documentTypes)
          for (const { code: purpose } of catalogue.purposes) {
            const asked = question({ issuerChain: chain(issuer), documentType, purpose });
            const said = agreements.accepts(asked);
            const row = said.as === 'agreed' ? said.agreements[0]! : undefined;
            const format = row?.formats?.[0] ?? 'any/1';
            const formatRegion = row?.issuingRegion ?? issuer;
            const [first] = agreements.recognise({ ...asked, format, formatRegion });
            expect(first!.code, `${verifying} ${issuer} ${documentType} ${purpose}`).toBe(told[said.as]);
            seen.add(said.as);
          }
    }
    expect(seen.size).toBe(4);
  });
});
