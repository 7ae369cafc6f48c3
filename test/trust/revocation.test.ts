import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { instantOf } from '../../src/document/time.ts';
import { codesOf, DAY, HOUR, NOW, ownKey, shortOf, testBed, verdictOf, walk } from '../support/federation.ts';

const at = (days: number): string => instantOf(NOW + days * DAY);

describe('revocation', () => {
  const list = (revoked: { id: string; since: string }[], issuedAt = NOW) => ({
    'regions/x-test/revocations/list.json': { issued: instantOf(issuedAt), revoked },
  });
  const key = ownKey();
  const bare = testBed({}, key);
  const wire = bare.sign();
  const { proof } = walk(wire, { standpoint: bare.standpoint }).opened!;
  const r = encodeBase64url(proof.signature.subarray(0, 32));
  const said = (files: Record<string, unknown>) => {
    const { standpoint } = testBed({ files }, key);
    return verdictOf(wire, { standpoint });
  };

  it('is said to be unchecked where nothing is published, and checked where something is', () => {
    expect(codesOf(verdictOf(wire, { standpoint: bare.standpoint }))).toContain('REVOCATION_NOT_PUBLISHED');
    expect(codesOf(said(list([])))).toContain('NOT_REVOKED');
  });

  it.each<[string, string, string]>([
    ['yesterday', at(-1), 'refuse REVOKED'],
    ['now', at(0), 'refuse REVOKED'],
    ['tomorrow', at(1), 'accept'],
  ])('by r of the signature, since %s', (_name, since, wanted) => {
    expect(shortOf(said(list([{ id: r, since }])))).toBe(wanted);
  });

  it('the earliest date counts, and no other region can revoke', () => {
    expect(
      shortOf(
        said(
          list([
            { id: r, since: at(5) },
            { id: r, since: at(-1) },
          ]),
        ),
      ),
    ).toBe('refuse REVOKED');
    expect(
      shortOf(said({ 'regions/310000/revocations/list.json': { issued: at(0), revoked: [{ id: r, since: at(-1) }] } })),
    ).toBe('accept');
  });

  it('by a list that cannot be read is not known: the document is not accepted as if none had been published', () => {
    const broken = { 'regions/x-test/revocations/broken.json': '{"issued":' };
    expect(shortOf(said(broken))).toBe('undetermined REVOCATION_UNCONFIRMED');
    expect(shortOf(said({ ...broken, ...list([{ id: r, since: at(-1) }]) }))).toBe('refuse REVOKED');
    expect(shortOf(said(list([{ id: 'A'.repeat(20), since: '2026-02-30T00:00:00Z' }])))).toBe(
      'undetermined REVOCATION_UNCONFIRMED',
    );
  });

  it('by a list too old to trust is not known either', () => {
    expect(shortOf(said(list([], NOW - 73 * HOUR)))).toBe('undetermined TRUST_STALE');
  });
});
