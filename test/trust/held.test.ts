import { describe, expect, it } from 'vitest';
import { endsWithin, stateOf } from '../../src/trust/held.ts';

describe('what a key is now', () => {
  it.each<[string, Parameters<typeof stateOf>[0], ReturnType<typeof stateOf>]>([
    ['nothing said', [], { state: 'active' }],
    ['what is announced is not yet', [{ state: 'retired', since: 11 }], { state: 'active' }],
    [
      'what was said last',
      [
        { state: 'retired', since: 5 },
        { state: 'retiring', since: 3 },
      ],
      { state: 'retired', since: 5 },
    ],
    ['from this very moment', [{ state: 'retiring', since: 10 }], { state: 'retiring', since: 10 }],
    [
      'a theft is not taken back',
      [
        { state: 'compromised', since: 4 },
        { state: 'active', since: 6 },
      ],
      { state: 'compromised', since: 4 },
    ],
    [
      'a removal outweighs a theft',
      [
        { state: 'compromised', since: 4 },
        { state: 'removed', since: 8 },
      ],
      { state: 'removed', since: 8 },
    ],
  ])('%s', (_, status, wanted) => {
    expect(stateOf(status, 10)).toEqual(wanted);
  });
});

describe('a key that ends soon', () => {
  const DAY = 86_400_000;
  it.each([
    [-1, undefined],
    [0, 7],
    [7, 7],
    [8, 30],
    [30, 30],
    [90, 90],
    [91, undefined],
  ])('in %d days', (days, within) => {
    expect(endsWithin({ status: [], until: 1000 * DAY + days * DAY }, 1000 * DAY)).toBe(within);
  });

  it('is not told of once it is out of use, and has no end where nobody gave it one', () => {
    expect(endsWithin({ status: [{ state: 'retired', since: 0 }], until: DAY }, 0)).toBeUndefined();
    expect(endsWithin({ status: [{ state: 'retiring', since: 0 }], until: DAY }, 0)).toBe(7);
    expect(endsWithin({ status: [], until: undefined }, 0)).toBeUndefined();
  });
});
