import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Memory } from '../../src/document/generated/types.ts';
import { validateMemory } from '../../src/document/generated/validators.js';
import { instantOf } from '../../src/document/time.ts';
import { clockOf, floorOf, judgeClock } from '../../src/region/clock.ts';
import { type Federation, loadFederation } from '../../src/region/federation.ts';
import {
  codesOf,
  DAY,
  fileOf,
  HOUR,
  NOW,
  sampleNamed,
  shortOf,
  standpointOf,
  store,
  storeWith,
  verdictOf,
} from '../support/federation.ts';

const load = (memory?: Memory, files = store, now = NOW): Federation =>
  loadFederation(files, nodePlatform, { memory, now });
const first = load();
const pass = sampleNamed('pass');
const said = (federation: Federation, now: number, asked: { at?: number } = {}) =>
  verdictOf(pass.wire, { standpoint: standpointOf(pass.expect.for ?? '310000', federation, now), ...asked });
/** The store as it was made earlier. */
const older = (days: number) =>
  storeWith(
    Object.fromEntries(
      [...store.keys()]
        .filter((file) => /^regions\/[^/]+\/(issuers|anchors|revocations)\/.*\.json$/.test(file))
        .map((file) => [file, { ...fileOf<object>(file), issued: instantOf(NOW - days * DAY) }]),
    ),
  );

describe('a clock that was set back', () => {
  it('below the lists at hand gives no accept', () => {
    expect(said(first, NOW).outcome).toBe('accept');
    expect(shortOf(said(first, NOW - 5 * 60_000))).toMatch(/^accept/);
    expect(shortOf(said(first, NOW - HOUR))).toMatch(/^undetermined .*CLOCK_DOUBT/);
  });

  it('below lists that were seen before gives none either, though the lists at hand are old', () => {
    const then = NOW - 10 * DAY;
    const rolledBack = older(10);
    expect(codesOf(said(load(undefined, rolledBack, then), then))).not.toContain('CLOCK_DOUBT');
    const verdict = said(load(first.memory, rolledBack, then), then);
    expect(verdict.outcome).toBe('undetermined');
    expect(codesOf(verdict)).toContain('CLOCK_DOUBT');
    expect(verdict.clock).toMatchObject({ source: 'system', notBefore: instantOf(NOW), confirmedBy: 'memory' });
  });

  it('is no matter of a time that was stated: the verdict says that it was', () => {
    const stated = said(load(first.memory, older(10)), NOW, { at: NOW - 10 * DAY });
    expect(codesOf(stated)).not.toContain('CLOCK_DOUBT');
    expect(stated.clock).toEqual({ at: instantOf(NOW - 10 * DAY), source: 'stated' });
  });
});

describe('what a verdict’s clock rests on', () => {
  it('is the lists of two regions at least', () => {
    expect(said(first, NOW).clock).toEqual({
      at: instantOf(NOW),
      source: 'system',
      notBefore: instantOf(NOW),
      confirmedBy: 'lists',
    });
    const one = floorOf(undefined, new Map([['330000', NOW]]));
    expect(clockOf(one, NOW, false)).toEqual({ at: instantOf(NOW), source: 'system' });
  });

  it('one region with a list from the year 2099 stops its own documents, and nobody else’s', () => {
    const file = 'regions/320000/issuers/reference.json';
    const far = load(undefined, storeWith({ [file]: { ...fileOf<object>(file), issued: '2099-01-01T00:00:00Z' } }));
    expect(said(far, NOW).outcome).toBe('accept');
    expect(judgeClock(far.floor, '320000', NOW, false).map(({ code }) => code)).toEqual(['CLOCK_DOUBT']);
    expect(judgeClock(far.floor, '330000', NOW, false)).toEqual([]);
    // Put right, it is trusted again: what is still to come is not remembered.
    expect(judgeClock(load(far.memory).floor, '320000', NOW, false)).toEqual([]);
  });
});

describe('the memory', () => {
  it('fits its schema, and grows by nothing when nothing is new', () => {
    expect(validateMemory(JSON.parse(JSON.stringify(first.memory)))).toBe(true);
    expect(load(first.memory).memory).toEqual(first.memory);
    expect(load(first.memory, older(10)).memory).toEqual(first.memory);
  });

  it('of another federation or environment counts for nothing', () => {
    const then = NOW - 10 * DAY;
    for (const change of [{ federation: 'another-one' }, { environment: 'production' as const }])
      expect(codesOf(said(load({ ...first.memory, ...change }, older(10), then), then))).not.toContain('CLOCK_DOUBT');
  });
});
