import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { writeIdSet } from '../../src/codec/id-set-writer.ts';
import { writeStatusList } from '../../src/codec/status-list.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Cursor, RevocationList } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { buildRegister, type PackedSet, type Register, type RevocationSource } from '../../src/trust/revocations.ts';
import { farther, followSeries, type SeenState } from '../../src/trust/series.ts';
import { DAY, HOUR, NOW } from '../support/federation.ts';

const at = instantOf(NOW - DAY);
const idOf = (n: number): string => `id-of-a-document-${n}`;
const list = (ids: readonly number[], cursor?: Cursor, issued = at): RevocationList => ({
  issued,
  ...(cursor && { cursor }),
  revoked: ids.map((n) => ({ id: idOf(n), since: at })),
});
const cursor = (sequence: number, base?: number): Cursor => ({
  series: 'passes',
  sequence,
  ...(base === undefined ? {} : { base }),
});
const packed = (ids: readonly number[], own?: Cursor): PackedSet => {
  const { set, confirm, count } = writeIdSet(ids.map(idOf), nodePlatform.digest);
  return {
    file: 'big.set.json',
    list: {
      issued: at,
      count,
      digest: encodeBase64url(nodePlatform.digest('SHA-256', set)),
      ...(own && { cursor: own }),
    },
    ids: set,
    confirm: (offset, length) => confirm.subarray(offset, offset + length),
  };
};
const register = (lists: readonly RevocationList[], more: Partial<RevocationSource> = {}): Register =>
  buildRegister(
    '330000',
    { lists: lists.map((each, i) => ({ file: `${i}.json`, list: each })), unreadable: false, ...more },
    nodePlatform,
  );
const said = (made: Register, n: number, status?: { list: string | undefined; index: number | undefined }): string => {
  const found = made.standing({ ids: [idOf(n)], issuedAt: NOW, now: NOW, ...(status && { status }) });
  return found.state === 'unconfirmed' ? `unconfirmed: ${found.detail}` : found.state;
};

describe('a series of lists', () => {
  it('cut in any way says the same as one whole list', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 60 }), { maxLength: 40 }),
        fc.array(fc.nat({ max: 40 }), { maxLength: 6 }),
        fc.boolean(),
        (ids, cuts, asSet) => {
          const places = [...new Set([...cuts.map((cut) => Math.min(cut, ids.length)), ids.length])].sort(
            (a, b) => a - b,
          );
          const [first, ...rest] = places.map((end, i) => ids.slice(i === 0 ? 0 : places[i - 1], end));
          const deltas = rest.map((each, i) => list(each, cursor(i + 2, i + 1)));
          // In any order of files.
          const series = asSet
            ? register(deltas.toReversed(), { sets: [packed(first!, cursor(1))] })
            : register([list(first!, cursor(1)), ...deltas].toReversed());
          const whole = register([list(ids, cursor(9))]);
          for (let n = 0; n <= 61; n++) expect(said(series, n)).toBe(said(whole, n));
          expect(series.rejected).toEqual([]);
          expect(series.series[0]!.sequence).toBe(places.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[string, RevocationList[], string]>([
    [
      'a delta is missing',
      [list([1], cursor(1)), list([3], cursor(3, 2))],
      'a gap: it adds to 2 of passes, which is not here',
    ],
    ['the whole list is missing', [list([3], cursor(3, 2))], 'a gap: it adds to 2 of passes, which is not here'],
    [
      'it adds to itself',
      [list([1], cursor(1)), list([3], cursor(3, 3))],
      'it adds to 3, and is no later than that itself',
    ],
    [
      'it adds to a later one',
      [list([1], cursor(9)), list([3], cursor(3, 9))],
      'it adds to 9, and is no later than that itself',
    ],
  ])(
    'where %s: what is named stays revoked, the rest cannot be told, and the file is named',
    (_name, lists, reason) => {
      const made = register(lists);
      expect(said(made, lists.at(-1)!.revoked[0]!.id === idOf(3) ? 3 : 1)).toBe('revoked');
      expect(said(made, 50)).toBe(`unconfirmed: ${reason}`);
      expect(made.rejected.map((each) => each.reason)).toContain(reason);
    },
  );

  it('deltas that a newer whole list has overtaken do not matter, fitting or not', () => {
    const made = register([list([1], cursor(1)), list([2], cursor(5, 4)), list([1, 2], cursor(7))]);
    expect([said(made, 2), said(made, 3), made.rejected]).toEqual(['revoked', 'clear', []]);
  });

  it('two series of a region do not stand in for each other', () => {
    const other = { ...cursor(3, 2), series: 'codes' };
    expect(said(register([list([1], cursor(2)), list([3], other)]), 50)).toMatch(/^unconfirmed: a gap/);
  });

  it('is as old as its newest list', () => {
    const fresh = instantOf(NOW - HOUR);
    const { parts } = register([list([1], cursor(1)), list([], cursor(2, 1), fresh)]);
    expect(parts).toEqual([{ part: '1.json', region: '330000', issued: NOW - HOUR }]);
  });

  it('a whole list that lacks ids of an earlier one takes none of them back, and that is said', () => {
    const made = register([list([1, 2, 3], cursor(1)), list([3], cursor(2))]);
    expect([said(made, 1), said(made, 3), said(made, 4)]).toEqual(['revoked', 'revoked', 'clear']);
    expect(made.rejected.map((each) => each.reason)).toEqual(['it lacks 2 ids of 0.json: they stay revoked']);
  });
});

describe('what was seen before', () => {
  const seen = (state: SeenState): Partial<RevocationSource> => ({ seen: new Map([['passes', state]]) });

  it.each<[string, RevocationList[], SeenState, string]>([
    ['an older list', [list([1], cursor(3))], { sequence: 4 }, 'a rollback: passes stands at 3, and 4 was seen before'],
    [
      'the list without its last delta',
      [list([1], cursor(3)), list([2], cursor(4, 3))],
      { sequence: 5 },
      'a rollback: passes stands at 4, and 5 was seen before',
    ],
    [
      'a later whole list that names fewer',
      [list([1], cursor(9))],
      { sequence: 4, snapshot: { sequence: 4, count: 2 } },
      'a rollback: passes names 1 documents, and named 2 before',
    ],
    ['no list at all', [], { sequence: 4 }, 'a rollback: no list of passes is here, and 4 was seen before'],
  ])('%s says nothing good any more', (_name, lists, state, reason) => {
    const made = register(lists, seen(state));
    expect(said(made, 50)).toBe(`unconfirmed: ${reason}`);
    expect(made.rejected.map((each) => each.reason)).toContain(reason);
    if (lists.length > 0) expect(said(made, 1)).toBe('revoked');
  });

  it('the same, or more, is good', () => {
    const made = register([list([1, 2], cursor(9))], seen({ sequence: 9, snapshot: { sequence: 4, count: 2 } }));
    expect(said(made, 50)).toBe('clear');
  });

  it('a shorter list does not become the measure for the next', () => {
    const state = followSeries('passes', [{ file: 'f', cursor: cursor(9), issued: NOW, count: 1 }], undefined);
    const kept = farther({ sequence: 4, snapshot: { sequence: 4, count: 2 } }, state);
    expect(kept).toEqual({ sequence: 9, snapshot: { sequence: 4, count: 2 } });
    expect(farther(undefined, state)).toEqual({ sequence: 9, snapshot: { sequence: 9, count: 1 } });
  });
});

describe('packed sets', () => {
  const ids = Array.from({ length: 500 }, (_, n) => n);

  it('say what a plain list says', () => {
    const made = register([], { sets: [packed(ids)] });
    expect([said(made, 7), said(made, 900), made.count]).toEqual(['revoked', 'clear', 500]);
  });

  it.each<[string, Partial<PackedSet>, string]>([
    ['is missing', { ids: undefined }, 'id-set: the packed set is missing'],
    ['is another', { ids: packed([1]).ids }, 'id-set: the packed set is another than this file names'],
    [
      'holds another number',
      { list: { ...packed(ids).list, count: 499 } },
      'id-set: the packed set holds another number of ids',
    ],
  ])('one that %s is rejected, and nothing is clear then', (_name, change, reason) => {
    const made = register([], { sets: [{ ...packed(ids), ...change }] });
    expect(made.rejected).toEqual([{ file: 'big.set.json', at: '', reason }]);
    expect(said(made, 900)).toBe('unconfirmed: a list of revoked documents cannot be read');
  });

  it('a hit that cannot be confirmed is neither revoked nor clear', () => {
    const made = register([], { sets: [{ ...packed(ids), confirm: () => undefined }] });
    expect(said(made, 7)).toMatch(/^unconfirmed: it may be in the packed list/);
    expect(said(made, 900)).toBe('clear');
  });

  it('asked for many ids at once, a region says of each what it says of it alone', () => {
    const some = fc.uniqueArray(fc.nat({ max: 300 }), { maxLength: 80 });
    fc.assert(
      fc.property(some, some, some, some, fc.boolean(), fc.boolean(), (one, other, plain, asked, lost, whole) => {
        const sets = [packed(one), { ...packed(other), ...(lost ? { confirm: () => undefined } : {}) }];
        const made = register([list(plain, cursor(3, whole ? undefined : 2))], { sets });
        const alone = asked.map((n) => made.standing({ ids: [idOf(n)], issuedAt: undefined, now: NOW }));
        expect(made.screen(asked.map(idOf), NOW)).toEqual(alone);
      }),
    );
  });
});

describe('status lists', () => {
  const lists = (size: number, revoked: number[]): Partial<RevocationSource> => ({
    statusLists: [
      {
        file: 's.status.json',
        list: {
          issued: at,
          list: 'https://x.example/1',
          status_list: { bits: 1, lst: writeStatusList(size, revoked) },
        },
      },
    ],
  });
  const made = register([], lists(800, [412]));
  const place = (index: number | undefined, name: string | undefined = 'https://x.example/1') => ({
    list: name,
    index,
  });

  it.each([
    [place(412), 'revoked'],
    [place(411), 'clear'],
    [place(800), 'unconfirmed: the status list ends before the place that the document names'],
    [place(undefined), 'unconfirmed: the document names no place in a status list'],
    [{ list: undefined, index: 1 }, 'unconfirmed: the document names no place in a status list'],
    [
      place(412, 'https://x.example/2'),
      'unconfirmed: the region publishes no status list of the name that the document gives',
    ],
  ])('a document with its place at %j is %s', (status, wanted) => expect(said(made, 1, status)).toBe(wanted));

  it('an id alone clears nothing where a place might say otherwise', () => {
    const both = register([list([1])], lists(800, [412]));
    expect(both.screen([idOf(1), idOf(2)], NOW).map(({ state }) => state)).toEqual(['revoked', 'unconfirmed']);
  });

  it('a bit that was set in an earlier list stays set', () => {
    const two = register([], { statusLists: [...lists(800, [412]).statusLists!, ...lists(800, [1]).statusLists!] });
    expect([said(two, 1, place(412)), said(two, 1, place(1)), said(two, 1, place(2))]).toEqual([
      'revoked',
      'revoked',
      'clear',
    ]);
  });

  it('one that cannot be read leaves nothing clear', () => {
    const broken = {
      statusLists: [{ file: 's', list: { issued: at, list: 'x', status_list: { bits: 1 as const, lst: 'AAAA' } } }],
    };
    const register_ = register([], broken);
    expect(register_.rejected).toHaveLength(1);
    expect(said(register_, 1)).toBe('unconfirmed: a list of revoked documents cannot be read');
  });
});

it('an id that will be revoked tomorrow does not hide that nothing is known of it today', () => {
  const tomorrow = { issued: at, revoked: [{ id: idOf(1), since: instantOf(NOW + DAY) }] };
  expect(said(register([tomorrow]), 1)).toBe('clear');
  expect(said(register([tomorrow], { unreadable: true }), 1)).toMatch(/^unconfirmed/);
});
