import { describe, expect, it } from 'vitest';
import { stateOf } from '../../src/trust/held.ts';

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
