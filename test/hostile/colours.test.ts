import { describe, expect, it } from 'vitest';
import type { CodeList, FormatDeclaration, MapRow } from '../../src/document/generated/types.ts';
import {
  codesOf,
  federationOf,
  federationWith,
  fileOf,
  sampleNamed,
  standpointOf,
  store,
  storeWith,
  verdictOf,
} from '../support/federation.ts';

/** Colours of one scheme that someone wants to pass off as those of another. Each must be refused where packs are read. */

const FORMAT = 'regions/330000/formats/zj-pass-1.json';
const LIST = 'regions/330000/codes/extra.json';
const words = { zh: '测试', en: 'Test' };
const list = (scheme: string | undefined, ...codes: [string | number, string][]): CodeList => ({
  list: 'extra',
  version: 1,
  name: words,
  ...(scheme === undefined ? {} : { scheme }),
  codes: codes.map(([raw, shared]) => ({ raw, shared })),
});

/** The commuter pass of Zhejiang, its state mapped in another way. */
function passWith(rows: MapRow[]): FormatDeclaration {
  const declared = fileOf<FormatDeclaration>(FORMAT);
  return { ...declared, map: [...declared.map.filter(({ to }) => !to.startsWith('/status')), ...rows] };
}
const rejectedOf = (files: Record<string, unknown>): string[] =>
  federationWith(files).rejected.map(({ file, at, reason }) => `${file}#${at}: ${reason}`);

const raw: MapRow[] = [
  { to: '/status/raw', from: '/claims/state', optional: true },
  { to: '/status/rawScheme', value: 'extra', with: '/claims/state' },
];
const byList: MapRow = { to: '/status/canonical', from: '/claims/state', as: { codes: 'extra' }, optional: true };

describe('a colour never becomes one of another scheme', () => {
  it('the project’s own packs are all taken', () => {
    expect(federationOf(store).rejected).toEqual([]);
  });

  it('a list of police tiers cannot use the words of health codes', () => {
    const [first] = rejectedOf({ [LIST]: list('police-tier', ['red', 'red']) });
    expect(first).toBe(`${LIST}#/codes/0/shared: "red" is a word of health, not of police-tier`);
  });

  it('a list of health colours cannot have a blue', () => {
    const [first] = rejectedOf({ [LIST]: list('health', ['red', 'red'], ['blue', 'blue']) });
    expect(first).toBe(`${LIST}#/codes/1/shared: "blue" is a word of no scheme, not of health`);
  });

  it('a scheme that the catalogue does not have is none', () => {
    expect(rejectedOf({ [LIST]: list('colours', ['red', 'red']) })[0]).toContain(
      '/scheme: the catalogue has no scheme',
    );
  });

  it.each([
    ['health', ['green', 'green']],
    ['police-tier', ['red', 'tier-red']],
    ['driving', ['red', 'abnormal']],
    [undefined, ['green', 'in-force']],
    [undefined, ['grey', 'yellow']],
  ] as [string | undefined, [string, string]][])('a pass cannot state a list of scheme %s (%s)', (scheme, code) => {
    const found = rejectedOf({ [LIST]: list(scheme, code), [FORMAT]: passWith([byList, ...raw]) });
    expect(found).toEqual([
      `${FORMAT}#/map/${passWith([]).map.length}/as: list extra is not of a scheme that this type of document may state (pass, licence)`,
    ]);
  });

  it.each([
    ['a colour as the document words it', { to: '/status/canonical', from: '/claims/state' }, 'read by a code list'],
    ['in upper case', { to: '/status/canonical', from: '/claims/state', as: 'upper' }, 'read by a code list'],
    [
      'read by the list and then changed',
      { to: '/status/canonical', from: '/claims/state', as: [{ codes: 'extra' }, 'text'] },
      'read by a code list',
    ],
    [
      'read by the one way or by another',
      { to: '/status/canonical', from: '/claims/state', as: { first: [{ codes: 'extra' }, 'text'] } },
      'read by a code list',
    ],
    ['a constant of another scheme', { to: '/status/canonical', value: 'green' }, 'may state (pass, licence)'],
    ['a constant of no scheme', { to: '/status/canonical', value: 'grey' }, 'may state (pass, licence)'],
    ['the whole state at once', { to: '/status', from: '/claims/state', as: { get: '/status' } }, 'field by field'],
  ] as [string, MapRow, string][])('%s', (_, row, reason) => {
    const rows = row.to === '/status' ? [row] : [row, ...raw];
    const found = rejectedOf({ [LIST]: list('pass', ['green', 'in-force']), [FORMAT]: passWith(rows) });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(reason);
  });

  it('a state does not name another list than the one that read it', () => {
    const rows = [byList, raw[0]!, { ...raw[1]!, value: 'zj-health-colour' }];
    expect(rejectedOf({ [LIST]: list('pass', ['green', 'in-force']), [FORMAT]: passWith(rows) })[0]).toContain(
      'the state is read by list extra',
    );
  });

  it('a type that states nothing has no state', () => {
    const catalogue = fileOf<{ documentTypes: { code: string; statusSchemes?: string[] }[] }>('catalogue.json');
    delete catalogue.documentTypes.find(({ code }) => code === 'commuter-pass')!.statusSchemes;
    const found = federationOf(storeWith({ 'catalogue.json': catalogue })).rejected;
    expect(found.map(({ file, reason }) => [file, reason])).toContainEqual([
      FORMAT,
      'list zj-pass-state is not of a scheme that this type of document may state (none)',
    ]);
  });

  it('a word in two schemes makes the catalogue no catalogue', () => {
    const catalogue = fileOf<{ statusSchemes: { words: { word: string }[] }[] }>('catalogue.json');
    catalogue.statusSchemes[1]!.words[0]!.word = 'green';
    expect(() => federationOf(storeWith({ 'catalogue.json': catalogue }))).toThrow(
      '"green" is a word of health already',
    );
  });
});

describe('what is told of a state', () => {
  const sample = (name: string, region = '310000') =>
    verdictOf(sampleNamed(name).wire, { standpoint: standpointOf(region) });

  it('a grey pass is void: no health colour, and refused by its own word', () => {
    const verdict = sample('pass-grey');
    expect(verdict.outcome).toBe('refuse');
    expect(verdict.reasons).toEqual(['STATUS_REFUSED']);
    expect(verdict.status).toMatchObject({ word: 'void', standing: 'refuse', reasonCode: 'Z-02' });
    expect(verdict.status?.scheme.en).toBe('States of passes');
    expect(verdict.status?.objection?.en).toContain('Object to');
    expect(verdict.document?.status?.rawScheme).toBe('zj-pass-state');
  });

  it('a green pass is in force, which is no green health code', () => {
    const verdict = sample('pass-green');
    expect(verdict.outcome).toBe('accept');
    expect(verdict.status).toMatchObject({ word: 'in-force', standing: 'clear' });
    expect(verdict.status?.objection).toBeUndefined();
  });

  it('a red code is a good document: told with its reason and how to object, and who set it is missing', () => {
    const verdict = sample('code-red');
    // Where it was shown was not named, and that alone is open.
    expect(verdict.outcome).toBe('conditional');
    expect(verdict.reasons.filter((code) => code.startsWith('STATUS'))).toEqual([]);
    expect(verdict.status).toMatchObject({ word: 'red', standing: 'note', reasonCode: 'R-31' });
    expect(verdict.status?.authority).toBeUndefined();
    expect(codesOf(verdict)).toContain('STATUS_NOT_CLEAR');
    const unexplained = verdict.findings.find(({ code }) => code === 'STATUS_UNEXPLAINED');
    expect(unexplained?.detail).toBe('no authority');
    expect(unexplained?.next?.zh).toContain('异议');
  });

  it('a pass without a state has none', () => {
    const verdict = sample('pass');
    expect(verdict.status).toBeUndefined();
    expect(verdict.document?.status).toBeUndefined();
  });
});
