import { describe, expect, it } from 'vitest';
import type { AgreementList, CodeList, FormatDeclaration } from '../../src/document/generated/types.ts';
import {
  codesOf,
  federationWith,
  fileOf,
  HOUR,
  NOW,
  samples,
  shortOf,
  standpointOf,
  verdictOf,
} from '../support/federation.ts';

/**
 * Agreements that name what they were agreed on. The reference federation has one that lags behind: Anhui's, on version 1 of
 * Zhejiang's health colours, which had no `init`.
 */
const COLOURS = 'regions/330000/codes/health-colour.json';
const CODE_FORMAT = 'regions/330000/formats/zj-code-1.json';
const SHANGHAI = 'regions/310000/agreements.json';

type Change = (list: CodeList) => object;
const colours = (change: Change): Record<string, unknown> => ({ [COLOURS]: change(fileOf<CodeList>(COLOURS)) });
const meaning =
  (raw: string, shared: string, version: number): Change =>
  (list) => ({ ...list, version, codes: list.codes.map((row) => (row.raw === raw ? { ...row, shared } : row)) });

const sampleOf = (name: string) => samples.find((each) => each.region === '330000' && each.name === name)!;
const seen = (name: string, region: string, files: Record<string, unknown> = {}) => {
  const { wire } = sampleOf(name);
  const standpoint = standpointOf(region, federationWith(files));
  const verdict = verdictOf(wire, { standpoint });
  // Nobody was asked whether the code was shown elsewhere: that is not what this is about.
  const rest = verdict.reasons.filter((code) => code !== 'REPLAY_UNCHECKED');
  return { verdict, said: codesOf(verdict), short: shortOf({ ...verdict, reasons: rest }) };
};
const isHeld = (name: string, region: string, files?: Record<string, unknown>): boolean =>
  seen(name, region, files).said.includes('VERSION_NOT_ACCEPTED');

describe('a code list that was agreed on', () => {
  it('is what it was, and changes nothing', () => {
    expect(seen('code-green', '310000').said).toContain('RECOGNISED_BY_AGREEMENT');
    expect(seen('pass-grey', '310000').short).toBe('refuse STATUS_REFUSED');
  });

  it.each<[string, string, Change, boolean]>([
    ['a code now means something else', 'code-red', meaning('red', 'green', 3), true],
    ['it does, and the list kept its number', 'code-red', meaning('red', 'green', 2), true],
    ['it does, and the list went back in number', 'code-red', meaning('red', 'green', 1), true],
    ['another code does', 'code-green', meaning('red', 'green', 3), false],
    ['only the number is new', 'code-green', (list) => ({ ...list, version: 7 }), false],
    ['only the order is new', 'code-green', (list) => ({ ...list, version: 3, codes: list.codes.toReversed() }), false],
    [
      'a code was added',
      'code-green',
      (list) => ({ ...list, version: 3, codes: [...list.codes, { raw: 'blue', shared: 'green' }] }),
      false,
    ],
    [
      'a code that meant the same is text no more',
      'code-green',
      (list) => ({ ...list, version: 3, codes: [...list.codes, { raw: 1, shared: 'green' }] }),
      false,
    ],
  ])('%s', (_name, sample, change, held) => {
    expect(isHeld(sample, '310000', colours(change))).toBe(held);
  });

  it('a new code is held back where it was not accepted, and nowhere else', () => {
    expect(isHeld('code-pending', '310000')).toBe(false);
    expect(seen('code-pending', '340000').short).toBe('undetermined VERSION_NOT_ACCEPTED');
    expect(isHeld('code-green', '340000')).toBe(false);
  });

  it('is not evaded by reading the same field by another list', () => {
    const list = fileOf<CodeList>(COLOURS);
    const other = { ...list, list: 'zj-other', codes: list.codes.map((row) => ({ ...row, shared: 'green' })) };
    const text = JSON.stringify(fileOf<FormatDeclaration>(CODE_FORMAT)).replaceAll('zj-health-colour', 'zj-other');
    const files = { 'regions/330000/codes/other.json': other, [CODE_FORMAT]: text };
    for (const name of ['code-red', 'code-green']) expect(isHeld(name, '310000', files)).toBe(true);
  });
});

describe('a document that is held back', () => {
  it('is not refused by a word that nobody accepted, nor let pass by one', () => {
    const state = 'regions/330000/codes/pass-state.json';
    const all = (shared: string) => {
      const list = fileOf<CodeList>(state);
      return { [state]: { ...list, version: 2, codes: list.codes.map((row) => ({ ...row, shared })) } };
    };
    expect(seen('pass-green', '310000', all('void')).short).toBe('undetermined VERSION_NOT_ACCEPTED');
    expect(seen('pass-grey', '310000', all('in-force')).short).toBe('undetermined VERSION_NOT_ACCEPTED');
    expect(seen('pass-grey', '310000', all('void')).short).toBe('refuse STATUS_REFUSED');
  });

  const { verdict } = seen('code-red', '310000', colours(meaning('red', 'green', 3)));
  const found = verdict.findings.find(({ code }) => code === 'VERSION_NOT_ACCEPTED')!;

  it('cannot be told, and says who has to accept what', () => {
    expect(verdict.outcome).toBe('undetermined');
    expect(found).toMatchObject({ at: '/status/canonical', basis: { number: '参考互认〔2026〕REF-2号' } });
    for (const words of [found.next!.zh, found.next!.en])
      expect(words).toMatch(/310000.*330000 zj-health-colour 2 → 3/);
  });

  it('is judged by no word that nobody here accepted, and shows none in words', () => {
    expect(verdict.status).toBeUndefined();
    const { verdict: other } = seen('code-green', '310000', colours(meaning('green', 'red', 3)));
    expect([other.outcome, other.status]).toEqual(['undetermined', undefined]);
  });

  it('is what it is at home, and where an agreement names no version', () => {
    const files = colours(meaning('red', 'green', 3));
    const open = fileOf<AgreementList>(SHANGHAI);
    const without = { ...open, agreements: open.agreements.map(({ codeLists: _, ...row }) => row) };
    expect(isHeld('code-red', '330000', files)).toBe(false);
    expect(isHeld('code-red', '310000', { ...files, [SHANGHAI]: without })).toBe(false);
  });

  it('is still refused where it is on the negative list, and where it has expired', () => {
    const files = colours(meaning('green', 'red', 3));
    expect(seen('code-at-national', '000000', files).said).toContain('EXCLUDED');
    const { wire } = sampleOf('code-green');
    const standpoint = standpointOf('310000', federationWith(files));
    const late = verdictOf(wire, { standpoint, at: NOW + HOUR });
    expect(codesOf(late)).toContain('VERSION_NOT_ACCEPTED');
    expect(shortOf(late)).toMatch(/^refuse .*EXPIRED/);
  });
});

describe('a list of agreements', () => {
  const list = fileOf<AgreementList>(SHANGHAI);
  it.each<[string, object, RegExp]>([
    ['that names a version without its words', { ...list, annex: [] }, /not in the annex/],
    ['with a version twice', { ...list, annex: [...list.annex!, list.annex![0]] }, /stands twice/],
    [
      'with a code twice',
      {
        ...list,
        annex: list.annex!.map((row) => ({ ...row, codes: [...row.codes, { ...row.codes[0]!, shared: 'x' }] })),
      },
      /a code stands twice/,
    ],
  ])('%s is faulty, and then nothing is agreed', (_name, next, reason) => {
    const federation = federationWith({ [SHANGHAI]: next });
    expect(federation.rejected).toContainEqual(
      expect.objectContaining({ file: SHANGHAI, reason: expect.stringMatching(reason) }),
    );
    const verdict = verdictOf(sampleOf('code-green').wire, { standpoint: standpointOf('310000', federation) });
    expect(codesOf(verdict)).toContain('NO_AGREEMENT');
  });
});
