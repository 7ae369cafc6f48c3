import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { writeIdSet } from '../../src/codec/id-set-writer.ts';
import { writeStatusList } from '../../src/codec/status-list.ts';
import type { Value } from '../../src/codec/value.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { instantOf } from '../../src/document/time.ts';
import { codesOf, DAY, HOUR, NOW, ownKey, shortOf, testBed, verdictOf, walk } from '../support/federation.ts';
import { signPayload } from '../support/payload.ts';

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

  it('by an id that a column of a fixed width filled up with spaces', () => {
    expect(shortOf(said(list([{ id: `${r}    `, since: at(-1) }])))).toBe('refuse REVOKED');
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

describe('lists of many', () => {
  const key = ownKey();
  const at0 = instantOf(NOW);
  const wire = testBed({}, key).sign();
  const { proof } = walk(wire, { standpoint: testBed({}, key).standpoint }).opened!;
  const r = encodeBase64url(proof.signature.subarray(0, 32));
  const filesOf = (ids: readonly string[], change: Record<string, unknown> = {}): Record<string, unknown> => {
    const { set, confirm, count } = writeIdSet(ids, nodePlatform.digest);
    const digest = encodeBase64url(nodePlatform.digest('SHA-256', set));
    return {
      'regions/x-test/revocations/big.set.json': { issued: at0, count, digest },
      'regions/x-test/revocations/big.ids': set,
      'regions/x-test/revocations/big.confirm': confirm,
      ...change,
    };
  };
  const said = (files: Record<string, unknown>): string =>
    shortOf(verdictOf(wire, { standpoint: testBed({ files }, key).standpoint }));

  it('packed, by r of the signature', () => {
    expect(said(filesOf([r, 'another-document-of-it']))).toBe('refuse REVOKED');
    expect(said(filesOf(['another-document-of-it']))).toBe('accept');
  });

  it('packed, and what would confirm it is not there: undetermined', () => {
    const without = { 'regions/x-test/revocations/big.confirm': undefined };
    expect(said(filesOf([r], without))).toBe('undetermined REVOCATION_UNCONFIRMED');
    expect(said(filesOf([r], { 'regions/x-test/revocations/big.ids': new Uint8Array(40) }))).toBe(
      'undetermined REVOCATION_UNCONFIRMED',
    );
  });

  it('packed, of another region: nothing to do with it', () => {
    const moved = Object.entries(filesOf([r])).map(([file, content]) => [file.replace('x-test', '310000'), content]);
    expect(said(Object.fromEntries(moved))).toBe('accept');
  });

  it('by its bit in the status list that the declaration names', () => {
    const revocation = { status: { name: 'passes', index: '/idx' } };
    const { format, standpoint: _ } = testBed({ format: { revocation } }, key);
    expect(format.declaration.revocation).toEqual(revocation);
    const signed = (idx: unknown) =>
      signPayload(
        { id: 'TEST-0001', exp: Math.floor((NOW + DAY) / 1000), ...(idx === undefined ? {} : { idx }) } as Value,
        key.signer,
      );
    const files = {
      'regions/x-test/revocations/passes.status.json': {
        issued: at0,
        list: 'passes',
        status_list: { bits: 1, lst: writeStatusList(1000, [412]) },
      },
    };
    const { standpoint } = testBed({ files, format: { revocation } }, key);
    const judged = (idx: unknown): string => shortOf(verdictOf(signed(idx), { standpoint }));
    expect(judged(412)).toBe('refuse REVOKED');
    expect(judged(411)).toBe('accept');
    expect(judged(1000)).toBe('undetermined REVOCATION_UNCONFIRMED');
    expect(judged(undefined)).toBe('undetermined REVOCATION_UNCONFIRMED');
  });
});
