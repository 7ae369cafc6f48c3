import { describe, expect, it } from 'vitest';
import type { SharedDocument } from '../../src/document/generated/types.ts';
import { presentingRule } from '../../src/document/presenting.ts';
import { judgePresented, type ShowingQuestion, timesOf } from '../../src/judge/presented.ts';

const NOW = Date.parse('2026-11-23T04:00:00Z');
const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toISOString();
const ONE_TIME = presentingRule(true);

function said(document: Partial<SharedDocument>, asked: Partial<ShowingQuestion> = {}, rule = ONE_TIME): string {
  const question = { purpose: 'checkpoint', regions: () => ['330421', '330000'], now: NOW, ...asked };
  return judgePresented(document, question, rule)
    .map(({ code }) => code)
    .join(' ');
}

describe('how documents of a kind are shown', () => {
  it.each<[string, Parameters<typeof presentingRule>, ReturnType<typeof presentingRule>]>([
    ['nothing said', [false], { seconds: undefined, screen: 'good', paper: 'check' }],
    ['nothing said of a one-time code', [true, undefined], { seconds: 60, screen: 'good', paper: 'refuse' }],
    ['the type alone', [false, { seconds: 90, paper: 'good' }], { seconds: 90, screen: 'good', paper: 'good' }],
    [
      'both: the stricter, whichever says it',
      [true, { seconds: 300, paper: 'check' }, { seconds: 90, screen: 'check', paper: 'good' }],
      { seconds: 90, screen: 'check', paper: 'check' },
    ],
    ['both, the other way round', [true, { paper: 'good' }, { paper: 'refuse' }], { ...ONE_TIME }],
  ])('%s', (_name, said, wanted) => {
    expect(presentingRule(...said)).toEqual(wanted);
  });

  it.each([
    [undefined, 60_000],
    [60, 10_000],
    [3_600, 10_000],
    [14 * 86_400, 60_000],
  ])('clocks may differ, where one may live for %s seconds, by %d ms', (seconds, wanted) => {
    const [tolerance, expired] = timesOf({ seconds, screen: 'good', paper: 'good' }, 60_000);
    expect([tolerance, expired?.zh.includes('刷新') ?? false]).toEqual([wanted, wanted === 10_000]);
  });
});

describe('the life that a code claims', () => {
  it.each<[string, SharedDocument['validity'], string]>([
    ['sixty seconds', { issuedAt: at(-10), until: at(50) }, ''],
    ['a second more', { issuedAt: at(-10), until: at(51) }, 'CODE_LIVES_TOO_LONG'],
    ['no beginning: from now', { until: at(60) }, ''],
    ['no beginning, and longer', { until: at(61) }, 'CODE_LIVES_TOO_LONG'],
    ['from counts where there is no issue', { from: at(-61), until: at(0) }, 'CODE_LIVES_TOO_LONG'],
    ['no end', { issuedAt: at(0) }, 'CODE_LIVES_TOO_LONG'],
    ['a whole day', { issuedAt: '2026-11-23', until: '2026-11-23' }, 'CODE_LIVES_TOO_LONG'],
    ['a date that does not exist is said elsewhere', { issuedAt: '2026-02-30', until: at(1) }, ''],
  ])('%s', (_name, validity, wanted) => {
    expect(said({ validity })).toBe(wanted);
  });

  it('is not asked about where it has no limit', () => {
    expect(said({ validity: { until: '2099-01-01' } }, {}, presentingRule(false))).toBe('');
  });
});

describe('the medium', () => {
  const validity = { issuedAt: at(0), until: at(60) };
  it.each<[ShowingQuestion['medium'], Parameters<typeof presentingRule>, string]>([
    [undefined, [true], ''],
    ['screen', [true], ''],
    ['paper', [true], 'PAPER_REFUSED'],
    ['paper', [false], 'IDENTITY_CHECK_NEEDED'],
    ['paper', [false, { paper: 'good' }], ''],
    ['screen', [false, { screen: 'refuse' }], 'SCREEN_REFUSED'],
    // What is made to be printed may be photographed and shown on a phone.
    [undefined, [false, { screen: 'check', paper: 'check' }], 'IDENTITY_CHECK_NEEDED'],
  ])('%s, %j → %s', (medium, rule, wanted) => {
    expect(said({ validity }, medium === undefined ? {} : { medium }, presentingRule(...rule))).toBe(wanted);
  });
});

describe('to whom, for what and for which challenge', () => {
  const challenge = { audience: '330421/G2-01', nonce: 'n-1' };
  const answer = { ...challenge, purpose: 'checkpoint', onceId: 'o' };
  const none = undefined;
  it.each<[string, SharedDocument['presentation'], ShowingQuestion['challenge'] | undefined, string]>([
    ['shown to whoever looks', { onceId: 'o' }, none, 'REPLAY_UNCHECKED'],
    ['no one-time code at all', none, none, ''],
    ['the answer: fresh, so no replay', answer, challenge, 'CHALLENGE_MET'],
    ['the answer without a purpose', { ...challenge, onceId: 'o' }, challenge, 'CHALLENGE_MET'],
    ['another nonce', { ...answer, nonce: 'n-2' }, challenge, 'NONCE_MISMATCH REPLAY_UNCHECKED'],
    [
      'another checkpoint’s nonce, forwarded',
      { ...answer, audience: '330421/G2-02', nonce: 'n-2' },
      challenge,
      'AUDIENCE_MISMATCH NONCE_MISMATCH REPLAY_UNCHECKED',
    ],
    ['another purpose', { ...answer, purpose: 'hotel' }, challenge, 'PURPOSE_MISMATCH REPLAY_UNCHECKED'],
    ['no answer', { onceId: 'o' }, challenge, 'AUDIENCE_MISMATCH NONCE_MISMATCH REPLAY_UNCHECKED'],
    ['a pass that cannot answer', none, challenge, 'AUDIENCE_MISMATCH NONCE_MISMATCH'],
    ['an answer to nobody here', answer, none, 'AUDIENCE_MISMATCH NONCE_MISMATCH REPLAY_UNCHECKED'],
    ['an answer to what is not open', answer, 'not-open', 'CHALLENGE_NOT_OPEN REPLAY_UNCHECKED'],
    ['for another region', { audience: '320000' }, none, 'AUDIENCE_MISMATCH'],
    ['for this region, or the one above', { audience: '330000' }, none, ''],
    ['for another purpose', { purpose: 'hotel' }, none, 'PURPOSE_MISMATCH'],
    [
      'a nonce that is empty is no nonce left out',
      { audience: challenge.audience, nonce: '' },
      challenge,
      'NONCE_MISMATCH',
    ],
  ])('%s', (_name, presentation, asked, wanted) => {
    const document = presentation === undefined ? {} : { presentation };
    expect(said(document, asked === undefined ? {} : { challenge: asked }, presentingRule(false))).toBe(wanted);
  });
});
