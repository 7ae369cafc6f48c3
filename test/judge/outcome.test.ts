import { describe, expect, it } from 'vitest';
import { FINDINGS, type FindingCode, finding } from '../../src/document/findings.ts';
import type { Finding, Outcome } from '../../src/document/generated/types.ts';
import { decide, OUTCOMES } from '../../src/judge/outcome.ts';

/**
 * The precedence of ARCHITECTURE.md, written down a second time and independently: forgery, then "cannot tell who made it",
 * then any failure, then any doubt, then an open action.
 */
const codes = Object.keys(FINDINGS) as FindingCode[];
const rowOf = (code: FindingCode) => FINDINGS[code] as unknown as Finding;
const rank = (code: FindingCode): number => {
  const { result, severity } = rowOf(code);
  if (result === 'fail' && severity === 'proof') return 0;
  if (severity === 'authenticity' && (result === 'unknown' || result === 'fail')) return 1;
  if (result === 'fail') return 2;
  if (severity !== 'notice' && (result === 'unknown' || result === 'skipped')) return 3;
  return result === 'open' ? 4 : 5;
};
const BY_RANK: readonly Outcome[] = ['refuse', 'undetermined', 'refuse', 'undetermined', 'conditional', 'accept'];
const proven = finding('SIGNATURE_VALID');
const outcomeOf = (...list: FindingCode[]): Outcome => decide([proven, ...list.map((code) => finding(code))]).outcome;

describe('what each finding does by itself', () => {
  it.each<[Outcome, FindingCode[]]>([
    [
      'refuse',
      [
        'SIGNATURE_INVALID',
        'ISSUER_MISMATCH',
        'REVOKED',
        'MALFORMED',
        'LIMIT_EXCEEDED',
        'FORMAT_RETIRED',
        'ALGORITHM_NOT_ALLOWED',
        'HEADER_NOT_ALLOWED',
        'KEY_USAGE_MISMATCH',
        'KEY_NOT_VALID_WHEN_SIGNED',
        'KEY_EXPIRED',
        'KEY_REMOVED',
        'FIELD_MISSING',
        'FIELD_INVALID',
        'TYPE_NOT_DETERMINED',
        'DOCUMENT_INVALID',
        'DATES_CONTRADICT',
        'EXPIRED',
        'NOT_YET_VALID',
        'NO_AGREEMENT',
        'EXCLUDED',
      ],
    ],
    [
      'undetermined',
      [
        'NOT_RECOGNISED',
        'AMBIGUOUS_FORMAT',
        'SEVERAL_CODES',
        'PICTURE_WITHOUT_CODE',
        'REFERENCE_UNRESOLVED',
        'UNKNOWN_ISSUER',
        'KEY_COMPROMISED',
        'TRUST_STALE',
        'CLOCK_DOUBT',
        'REVOCATION_UNCONFIRMED',
        'NOT_CHECKED',
        'UNKNOWN_CODE_VALUE',
      ],
    ],
    ['conditional', ['ACTION_REQUIRED']],
    [
      'accept',
      [
        'RECOGNISED',
        'REPAIRED',
        'TRUST_AGEING',
        'REVOCATION_NOT_PUBLISHED',
        'NOT_REVOKED',
        'CONVERTED',
        'WELL_FORMED',
        'WITHIN_VALIDITY',
        'RECOGNISED_BY_AGREEMENT',
        'OWN_DOCUMENT',
        'STATUS_NOT_CLEAR',
        'SIGNATURE_VALID',
      ],
    ],
  ])('%s', (outcome, list) => {
    for (const code of list) expect([code, outcomeOf(code)]).toEqual([code, outcome]);
  });
});

describe('all pairs of findings', () => {
  it('are decided by the one that comes first in the precedence, in either order', () => {
    for (const one of codes) {
      for (const other of codes) {
        const expected = BY_RANK[Math.min(rank(one), rank(other))];
        expect([one, other, outcomeOf(one, other)]).toEqual([one, other, expected]);
      }
    }
  });

  it('name as reasons exactly those that decided, and never one that passed', () => {
    for (const one of codes) {
      for (const other of codes) {
        const { reasons, outcome } = decide([proven, finding(one), finding(other)]);
        const first = Math.min(rank(one), rank(other));
        const wanted = [one, other].filter(
          (code, i, all) => rank(code) === first && first < 5 && all.indexOf(code) === i,
        );
        expect([one, other, [...reasons]]).toEqual([one, other, wanted]);
        expect(reasons.length > 0).toBe(outcome !== 'accept');
      }
    }
  });
});

describe('cannot tell', () => {
  it.each<FindingCode>(['EXPIRED', 'NO_AGREEMENT', 'FIELD_MISSING', 'KEY_EXPIRED', 'DOCUMENT_INVALID'])(
    'is not shown as invalid because of %s, which is listed and does not decide',
    (code) => {
      const { outcome, reasons } = decide([finding('UNKNOWN_ISSUER'), finding(code)]);
      expect({ outcome, reasons }).toEqual({ outcome: 'undetermined', reasons: ['UNKNOWN_ISSUER'] });
    },
  );

  it('is not shown where forgery is proven', () => {
    expect(decide([finding('TRUST_STALE'), finding('SIGNATURE_INVALID')]).outcome).toBe('refuse');
  });
});

describe('nothing found', () => {
  it.each<[string, FindingCode[]]>([
    ['nothing at all', []],
    ['a format', ['RECOGNISED']],
    ['all but a signature', ['RECOGNISED', 'CONVERTED', 'WELL_FORMED', 'WITHIN_VALIDITY', 'RECOGNISED_BY_AGREEMENT']],
    ['an open action', ['ACTION_REQUIRED']],
  ])('%s is no reason to accept: a step that was left out must not open the barrier', (_name, list) => {
    expect(decide(list.map((code) => finding(code)))).toMatchObject({
      outcome: 'undetermined',
      reasons: ['NOT_CHECKED'],
    });
  });
});

it('the words and the sentence are those of the deciding finding, in both languages', () => {
  expect(OUTCOMES.every(({ word }) => word.zh !== '' && word.en !== '')).toBe(true);
  const next = { zh: '核对行驶证', en: 'Check the vehicle licence' };
  const decision = decide([proven, finding('ACTION_REQUIRED', { next })]);
  expect(decision).toMatchObject({ outcome: 'conditional', word: { zh: '需核' }, next });
  expect(decide([proven])).toMatchObject({ word: { zh: '认可' }, next: undefined });
  expect(decide([proven, finding('EXPIRED')]).sentence).toEqual(FINDINGS.EXPIRED.message);
});
