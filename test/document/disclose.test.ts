import { describe, expect, it } from 'vitest';
import { compileDisclosure, maskName, maskNumber } from '../../src/document/disclose.ts';
import type { SharedDocument } from '../../src/document/generated/types.ts';
import { federation, ownKey, testBed, testFormat, verdictOf } from '../support/federation.ts';
import { signPayload } from '../support/payload.ts';

/** One planted value for each field that names a person, told apart wherever it turns up. */
const PLANTED = {
  name: '司徒植入甲',
  nameLatin: 'PLANTED<<LATIN',
  birthDate: '1961-07-19',
  idNumber: 'ID310101196107190011',
  idRef: 'REF-planted-pseudonym',
  idSalt: 'SALT-planted-salt',
  pictureDigest: 'DIGEST-planted-picture',
};
const CREW = { name: '公孙植入乙', idNumber: 'CREWID-planted', idRef: 'CREWREF-planted', idSalt: 'CREWSALT-planted' };
const DOC_ID = 'DOC-planted-0123456789';
const holder = Object.keys(PLANTED) as (keyof typeof PLANTED)[];

/** Which of them a purpose may show: the least it needs, written down once more. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  checkpoint: ['birthDate'],
  'road-police': ['name', 'birthDate', 'idRef', 'idSalt', 'docId', 'crew name', 'crew idRef', 'crew idSalt'],
  counter: ['name', 'birthDate', 'idNumber', 'idRef', 'idSalt', 'docId'],
  hotel: [],
  'internet-cafe': [],
  exchange: [
    'name',
    'nameLatin',
    'birthDate',
    'idNumber',
    'idRef',
    'idSalt',
    'docId',
    'crew name',
    'crew idNumber',
    'crew idRef',
    'crew idSalt',
  ],
};

const rows = (fields: readonly string[]) => fields.map((field) => ({ to: field, from: field, optional: true }));
const key = ownKey();
const bed = testBed(
  {
    format: {
      map: [
        { to: '/docId', from: '/id' },
        { to: '/validity/until', from: '/exp', as: 'epoch-seconds' },
        ...holder.map((field) => ({ to: `/holder/${field}`, from: `/${field}` })),
        { to: '/crew', from: '/crew', as: { each: rows(['name', 'role', 'idNumber', 'idRef', 'idSalt']) } },
      ],
      absent: testFormat()
        .absent!.filter((section) => section !== '/crew')
        .concat('/vehicle'),
    },
  },
  key,
);
const wire = signPayload(
  { id: DOC_ID, exp: 1_900_000_000, ...PLANTED, crew: [{ ...CREW, role: 'driver' }] },
  key.signer,
);

describe.each(federation.catalogue.purposes.map(({ code }) => code))('for %s', (purpose) => {
  const verdict = verdictOf(wire, { standpoint: bed.standpoint, purpose });
  const text = JSON.stringify(verdict);

  it('only what the purpose needs of a person is in the verdict', () => {
    expect(verdict.outcome).toBe('accept');
    const all = {
      ...PLANTED,
      docId: DOC_ID,
      ...Object.fromEntries(Object.entries(CREW).map(([field, value]) => [`crew ${field}`, value])),
    };
    expect(Object.keys(all).filter((field) => text.includes(all[field as 'name']))).toEqual(MAY[purpose]);
  });

  it('nothing is shown outside the document', () => {
    const { document: _, ...rest } = verdict;
    for (const identity of [...Object.values(PLANTED), ...Object.values(CREW), DOC_ID])
      expect(JSON.stringify(rest)).not.toContain(identity);
  });

  it('what cannot be seen need not be compared', () => {
    for (const pointer of verdict.compare!)
      expect(JSON.stringify(verdict.document)).toContain(`"${pointer.split('/').at(-1)}":`);
  });

  it('the name and the number are masked where they are not shown', () => {
    if (!MAY[purpose]!.includes('name')) expect(verdict.document!.holder?.nameMasked).toBe('司****');
    if (!MAY[purpose]!.includes('docId')) expect(verdict.document!.docId).toBe('DOC-…6789');
  });
});

describe('pointers', () => {
  const document = {
    docId: 'x',
    docType: { code: 'a', family: 'pass' },
    validity: { until: '2026-01-01' },
    issuer: { region: '310000' },
    holder: { ...PLANTED, kind: 'person' },
    crew: [{ ...CREW, role: 'driver' }],
  } as unknown as SharedDocument;
  const shown = (...pointers: string[]) => compileDisclosure(pointers)(document);

  it('above an identity do not show it, nor does one that counts', () => {
    expect(shown('/holder').holder).toEqual({ kind: 'person', nameMasked: '司****' });
    expect(shown('/crew').crew).toEqual([{ role: 'driver' }]);
    expect(JSON.stringify(shown('/crew/0'))).not.toContain('planted');
  });

  it('that name it do, and only it', () => {
    expect(shown('/holder', '/holder/idRef').holder).toEqual({
      kind: 'person',
      idRef: PLANTED.idRef,
      nameMasked: '司****',
    });
    expect(shown('/crew', '/crew/name').crew).toEqual([{ role: 'driver', name: CREW.name }]);
    // One entry named beside all of them loses nothing of what all of them show, in either order.
    for (const pointers of [
      ['/crew', '/crew/0/name'],
      ['/crew/0/name', '/crew'],
    ])
      expect(shown(...pointers).crew).toEqual([{ role: 'driver', name: CREW.name }]);
  });

  it('that lead nowhere, or to what all objects have, show nothing and change nothing', () => {
    for (const pointer of [
      '/__proto__/x',
      '/constructor',
      '/holder/__proto__',
      '/holder/name/length',
      '/none/0/x',
      '/docType/code/0',
    ])
      expect(Object.keys(shown(pointer)).sort()).toEqual(['docId', 'docType', 'issuer', 'validity']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('leave the whole document as it was: what is shown is a copy', () => {
    const before = structuredClone(document);
    const copy = shown('/holder', '/crew') as unknown as { holder: Record<string, unknown>; crew: object[] };
    copy.holder['kind'] = 'changed';
    copy.crew.length = 0;
    expect(document).toEqual(before);
  });
});

describe('masks', () => {
  it.each([
    ['张三', '张*'],
    ['欧阳小明', '欧***'],
    ['张', '张*'],
    ['𠮷野', '𠮷*'],
    ['阿卜杜热合曼·买买提', '阿*****·买**'],
    ['Musterfrau, Gabriele', 'M***, G***'],
    ['MUSTER<<EVA<MARIA', 'M***<<E***<M***'],
    ['O', 'O***'],
    ['Li Wei', 'L*** W***'],
    ['', ''],
    [' ', ' '],
    ['··', '··'],
  ])('%j → %j', (name, masked) => {
    expect(maskName(name)).toBe(masked);
  });

  it('never tells the length of a Latin name', () => {
    expect(maskName('Bo')).toHaveLength(maskName('Bartholomew').length);
  });

  it.each([
    ['310101196107190011', '3101…0011'],
    ['330421000001', '330…001'],
    ['123456789', '12…89'],
    ['12345678', '******78'],
    ['12', '12'],
    ['1', '1'],
    ['', ''],
    ['𠮷'.repeat(16), `${'𠮷'.repeat(4)}…${'𠮷'.repeat(4)}`],
  ])('%j → %j', (number, masked) => {
    expect(maskNumber(number)).toBe(masked);
  });

  it('a number of nine signs or more loses at least half of them', () => {
    for (let length = 9; length < 60; length += 1) {
      const number = Array.from({ length }, (_, i) => String.fromCharCode(0x4e00 + i)).join('');
      const kept = [...maskNumber(number)].filter((sign) => sign !== '…').length;
      expect(kept).toBeLessThanOrEqual(length / 2);
    }
  });
});
