import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/document/generated/types.ts';
import { journey } from '../../src/journey.ts';
import { signedTime } from '../../src/trust/signed-time.ts';
import {
  codesOf,
  DAY,
  NOW,
  ownKey,
  presentedOf,
  sampleNamed,
  shortOf,
  standpointOf,
  testBed,
  testDocument,
  verdictOf,
} from '../support/federation.ts';

const time = (ms: number): string => new Date(ms).toISOString().replace('.000', '');

describe('when a document was signed', () => {
  const attested = (...times: (number | undefined)[]) =>
    times.map((signedAt) => ({ ...(signedAt === undefined ? {} : { signedAt }) })) as never;

  it.each([
    ['the time in its seal', {}, [NOW - DAY], { at: NOW - DAY, source: 'seal' }],
    [
      'of several, the last',
      { issuedAt: '2020-01-01' },
      [NOW - DAY, NOW - 9, undefined],
      { at: NOW - 9, source: 'seal' },
    ],
    ['what the document states', { issuedAt: time(NOW - DAY) }, [], { at: NOW - DAY, source: 'document' }],
    [
      'the end of the day it states',
      { issuedAt: '2026-11-20' },
      [],
      { at: Date.parse('2026-11-20T15:59:59.999Z'), source: 'document' },
    ],
    ['today, not after now', { issuedAt: '2026-11-23' }, [], { at: NOW, source: 'document' }],
    ['nothing', {}, [undefined], undefined],
    ['a time in the future', { issuedAt: time(NOW + DAY) }, [], undefined],
    ['a seal from the future', { issuedAt: time(NOW - DAY) }, [NOW + 1], undefined],
    ['a date that does not exist', { issuedAt: '2026-02-30' }, [], undefined],
  ] as const)('%s', (_, claims, times, wanted) => {
    expect(signedTime({ claims, attestations: attested(...times) }, NOW)).toEqual(wanted);
  });
});

describe('an archived copy', () => {
  const ARCHIVE = ['AS_OF_SIGNING', 'SIGNING_TIME_CLAIMED'];
  const asOf = (wire: string | Uint8Array, standpoint = standpointOf()): Verdict =>
    journey(presentedOf(wire), standpoint, { purpose: 'checkpoint', asOf: 'signing' }).verdict;
  const own = (validUntil: number) => {
    const key = ownKey('ES256', { validFrom: time(NOW - 900 * DAY), validUntil: time(validUntil) });
    return testBed({}, key);
  };

  it('that has expired is told to have been good then, and never accepted for today', () => {
    const bed = own(NOW + DAY);
    const validity = { issuedAt: time(NOW - 300 * DAY), until: time(NOW - 200 * DAY) };
    const wire = bed.sign(testDocument({ validity }));
    expect(shortOf(verdictOf(wire, { standpoint: bed.standpoint }))).toBe('refuse EXPIRED');
    const verdict = asOf(wire, bed.standpoint);
    expect(shortOf(verdict)).toBe(`conditional ${ARCHIVE.join(' ')}`);
    expect(verdict.sentence.zh).toContain('存档结论');
    expect(verdict.asOf).toEqual({ at: validity.issuedAt, source: 'document' });
    expect(verdict.clock.at).toBe(time(NOW));
  });

  it('whose key has expired since is good, one that was signed after its key expired is not', () => {
    const bed = own(NOW - 100 * DAY);
    const signedOn = (ms: number) =>
      bed.sign(testDocument({ validity: { issuedAt: time(ms), until: time(NOW + DAY) } }));
    expect(shortOf(verdictOf(signedOn(NOW - 300 * DAY), { standpoint: bed.standpoint }))).toBe('refuse KEY_EXPIRED');
    expect(shortOf(asOf(signedOn(NOW - 300 * DAY), bed.standpoint))).toBe(`conditional ${ARCHIVE.join(' ')}`);
    expect(shortOf(asOf(signedOn(NOW - 50 * DAY), bed.standpoint))).toBe(
      'refuse KEY_NOT_VALID_WHEN_SIGNED KEY_EXPIRED',
    );
  });

  // Whoever has the key can date back what he signs: nothing that was learnt since is forgotten.
  it.each([
    ['pass-revoked', 'refuse REVOKED'],
    ['compromised-key', 'undetermined KEY_COMPROMISED'],
    ['removed-key', 'refuse KEY_REMOVED'],
    ['pass-grey', 'refuse STATUS_REFUSED'],
    ['pass-altered', 'refuse SIGNATURE_INVALID'],
    ['no-agreement', 'refuse NO_AGREEMENT'],
    ['not-yet-valid', 'undetermined SIGNING_TIME_UNKNOWN'],
  ])('%s is what it is', (name, wanted) => {
    const { wire, expect: expected } = sampleNamed(name);
    const standpoint = standpointOf(expected.for ?? '310000');
    const purpose = expected.purpose ?? 'checkpoint';
    expect(shortOf(journey(presentedOf(wire), standpoint, { purpose, asOf: 'signing' }).verdict)).toBe(wanted);
  });

  it('even a document of today is not accepted by an archive verdict', () => {
    const verdict = asOf(sampleNamed('pass-green').wire);
    expect(verdict.outcome).toBe('conditional');
    expect(codesOf(verdict)).toEqual(expect.arrayContaining(ARCHIVE));
  });

  it('that is no document gets no better for it', () => {
    expect(shortOf(asOf('hello'))).toContain('undetermined NOT_RECOGNISED');
  });
});
