import { expect, it } from 'vitest';
import { createTables, type Holder, tableBytes, WIDTHS } from '../../src/crypto/core/tables.ts';

it('takes no table away from a key that comes as often', () => {
  const few = 4;
  const budget = (tableBytes(WIDTHS.first) * few) / 0.35;
  const tables = createTables(Math.ceil(budget), () => 0, 1);
  const holders = Array.from({ length: 20 }, (): Holder => ({ slot: undefined }));
  /** All come in turn; who has none asks for one each twentieth time. */
  const rounds = (some: readonly Holder[]): void => {
    for (let round = 0; round < 400; round++)
      for (const [i, holder] of some.entries())
        if (tables.find(holder) === undefined && round % 20 === i) tables.offer(holder, WIDTHS.first);
  };
  const having = (): number[] => holders.flatMap(({ slot }, i) => (slot === undefined ? [] : [i]));
  rounds(holders);
  expect(having()).toEqual([0, 1, 2, 3]);
  // Those that come no more lose theirs.
  rounds(holders.slice(10, 10 + few));
  expect(having()).toEqual([10, 11, 12, 13]);
});

it('gives no table away while others are decided beside it', () => {
  const tables = createTables(
    0,
    (() => {
      let at = 0;
      return (bytes: number) => {
        at += bytes;
        return at;
      };
    })(),
    3,
  );
  const holders = Array.from({ length: 3 }, () => ({ slot: undefined }));
  const places = tables.holding(() => holders.map((holder) => tables.take(holder, WIDTHS.first).at));
  expect(new Set(places).size).toBe(3);
  const fourth = { slot: undefined };
  tables.take(fourth, WIDTHS.first);
  expect(holders.filter((holder) => tables.find(holder) === undefined)).toHaveLength(1);
});

it('is free of a key that was given a larger one', () => {
  const tables = createTables(0, () => 0, 1);
  const [one, other]: Holder[] = [{ slot: undefined }, { slot: undefined }];
  tables.take(one!, WIDTHS.first);
  tables.offer(one!, WIDTHS.hot);
  tables.take(other!, WIDTHS.first);
  expect([tables.find(one!)?.width, tables.find(other!)?.width]).toEqual([WIDTHS.hot, WIDTHS.first]);
});
