import { describe, expect, it } from 'vitest';
import type { Commitment, Route, SharedDocument, Vehicle } from '../../src/document/generated/types.ts';
import type { Relation } from '../../src/document/names.ts';
import { COMPARISONS, type Source, type Statement } from '../../src/judge/comparisons.ts';

const document = (change: Partial<SharedDocument>): SharedDocument => ({
  docType: { code: 'vehicle-pass', family: 'pass' },
  docId: 'D-1',
  issuer: { region: '330000' },
  validity: { until: '2027-01-01' },
  ...change,
});
const tools = {
  relate: (): Relation => 'unknown',
  readDigest: (text: string) => (text.startsWith('d') ? text : undefined),
};
const source = (change: Partial<SharedDocument>, digests: readonly string[] = []): Source => ({
  document: document(change),
  digests: () => digests,
  person: () => 0,
});
const stated = (word: string, change: Partial<SharedDocument>, at: string, kind?: string): readonly Statement[] =>
  COMPARISONS[word]!.statements(source(change), at, kind);

describe('plates', () => {
  const relate = (one: Vehicle, other: Vehicle): Relation =>
    COMPARISONS['plate']!.relate(
      stated('plate', { vehicle: one }, '/vehicle')[0]!,
      stated('plate', { vehicle: other }, '/vehicle')[0]!,
      tools,
    );

  it.each<[Vehicle, Vehicle, Relation]>([
    [{ plateNo: '浙F12345' }, { plateNo: '浙F12345' }, 'same'],
    [{ plateNo: '浙F·12345' }, { plateNo: '浙Ｆ １２３４５' }, 'same'],
    [{ plateNo: '浙F1234a' }, { plateNo: '浙F1234A' }, 'same'],
    [{ plateNo: '浙F12345' }, { plateNo: '浙F12346' }, 'different'],
    [{ plateNo: '浙F12345' }, { plateNo: '皖F12345' }, 'different'],
    [{ plateNo: '浙F12345', plateColor: '1' }, { plateNo: '浙F12345', plateColor: '2' }, 'different'],
    [{ plateNo: '浙F12345', plateColor: '01' }, { plateNo: '浙F12345', plateColor: '1' }, 'same'],
    [{ plateNo: '浙F12345', plateColor: '黄' }, { plateNo: '浙F12345', plateColor: '2' }, 'same'],
    [{ plateNo: '浙F12345', plateColor: '2' }, { plateNo: '浙F12345' }, 'same'],
  ])('%o and %o: %s', (one, other, relation) => {
    expect([relate(one, other), relate(other, one)]).toEqual([relation, relation]);
  });

  it('are the tractor’s and the trailer’s, or the tractor’s alone', () => {
    const vehicle = { plateNo: '浙F12345', trailerPlate: '浙F1234挂' };
    expect(stated('plate', { vehicle }, '/vehicle')).toHaveLength(2);
    expect(stated('plate', { vehicle }, '/vehicle/plateNo')).toHaveLength(1);
    expect(stated('plate', { vehicle: { plateColor: '2' } }, '/vehicle')).toEqual([]);
    expect(stated('plate', {}, '/vehicle')).toEqual([]);
  });
});

describe('a route is covered', () => {
  it.each<[Route, Route, Relation]>([
    [{ from: '330421', to: '310116' }, { from: '330421', to: '310116' }, 'same'],
    [{ from: '330421', to: '310116' }, { from: '330400', to: '310000' }, 'same'],
    [{ from: '330400', to: '310116' }, { from: '330421', to: '310116' }, 'different'],
    [{ from: '310116', to: '330421' }, { from: '330421', to: '310116' }, 'different'],
    [{ from: '330421', to: '310117' }, { from: '330421', to: '310116', via: ['310117'] }, 'same'],
    [{ from: '330421' }, { from: '330421', to: '310116' }, 'unknown'],
    [{ from: '330421', to: '金山' }, { from: '330421', to: '310116' }, 'unknown'],
    [{ from: '嘉善', to: '金山' }, { from: '嘉善', to: '金 山' }, 'same'],
  ])('%o by %o: %s', (route, pass, relation) => {
    const [one] = stated('route', { route }, '/route');
    const [other] = stated('route', { route: pass }, '/route');
    expect(COMPARISONS['route']!.relate(one!, other!, tools)).toBe(relation);
  });
});

describe('a commitment is the one that is named', () => {
  it.each<[string, Omit<Commitment, 'kind'>, Relation]>([
    ['by its number', { number: 'E-001' }, 'same'],
    ['by its number, written otherwise', { number: 'e 001' }, 'same'],
    ['by its digest', { digest: 'd-own' }, 'same'],
    ['by both', { number: 'E-001', digest: 'd-own' }, 'same'],
    ['not by another number', { number: 'E-002' }, 'different'],
    ['not by another digest, whatever its number', { number: 'E-001', digest: 'd-other' }, 'different'],
    ['not by another number, whatever its digest', { number: 'E-002', digest: 'd-own' }, 'different'],
    ['perhaps, by a digest nobody can read', { number: 'E-001', digest: '?' }, 'unknown'],
  ])('%s', (_, commitment, relation) => {
    const [one] = stated('commitment', { commitments: [{ kind: 'enterprise', ...commitment }] }, '/commitments');
    const [other] = COMPARISONS['commitment']!.statements(source({ docId: 'E-001' }, ['d-own']), '', undefined);
    expect(COMPARISONS['commitment']!.relate(one!, other!, tools)).toBe(relation);
  });

  it.each<[string, string, Relation]>([
    ['CN-1-23', 'cn．1．23', 'same'],
    ['CN-1-23', 'CN123', 'same'],
    ['CN-1-23', 'CN-12-3', 'unknown'],
    ['2020-1-11', '2020-11-1', 'unknown'],
    ['CN-1-23', 'CN-1-24', 'different'],
  ])('%s and %s, which may be parted otherwise because they are two', (number, docId, relation) => {
    const [one] = stated('commitment', { commitments: [{ kind: 'enterprise', number }] }, '/commitments');
    const [other] = COMPARISONS['commitment']!.statements(source({ docId }, []), '', undefined);
    expect(COMPARISONS['commitment']!.relate(one!, other!, tools)).toBe(relation);
  });

  it('of its kind; one that is named by nothing is not named', () => {
    const commitments: Commitment[] = [
      { kind: 'enterprise', number: 'E' },
      { kind: 'person', number: 'P' },
      { kind: 'person' },
    ];
    const count = (kind?: string): number => stated('commitment', { commitments }, '/commitments', kind).length;
    expect([count('enterprise'), count('person'), count()]).toEqual([1, 1, 2]);
  });
});

describe('people', () => {
  const count = (change: Partial<SharedDocument>, at: string): number => stated('person', change, at).length;

  it('are holders, and each of a crew', () => {
    expect(count({ holder: { name: '王示例' } }, '/holder')).toBe(1);
    expect(count({ crew: [{ name: '王示例' }, { idRef: 'x' }, { role: 'driver' }] }, '/crew')).toBe(2);
  });

  it('are no vehicles, no things, and nobody of whom nothing is said', () => {
    expect(count({ holder: { kind: 'vehicle', idRef: 'v-1' } }, '/holder')).toBe(0);
    expect(count({ holder: { kind: 'thing', name: '示例' } }, '/holder')).toBe(0);
    expect(count({ holder: { kind: 'person' } }, '/holder')).toBe(0);
    expect(count({}, '/crew')).toBe(0);
  });
});

it('entries agree as they read', () => {
  const entry = (kind: string): Statement => stated('entry', { goods: { kind } }, '/goods/kind')[0]!;
  const relate = (one: string, other: string): Relation =>
    COMPARISONS['entry']!.relate(entry(one), entry(other), tools);
  expect([relate('生活 物资', '生活物资'), relate('生活物资', '医用物资')]).toEqual(['same', 'different']);
  expect(relate('第1-23号', '第12-3号')).toBe('unknown');
  expect(stated('entry', { goods: { kind: ' ' } }, '/goods/kind')).toEqual([]);
});
