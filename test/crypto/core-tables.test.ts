import { normalizeZ } from '@noble/curves/abstract/curve.js';
import { describe, expect, it } from 'vitest';
import { type Core, type CoreKey, createCore, MOST_LANES } from '../../src/crypto/core/core.ts';
import { tableBytes, WIDTHS } from '../../src/crypto/core/tables.ts';
import type { CoreKind } from '../../src/crypto/core/use.ts';
import { pointsOn } from '../../src/crypto/points.ts';
import { prepareSm2, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import { asking, keyOf, octets, written } from './core-cases.ts';

/** A key, and a signature of it that is good. */
interface Signed extends ReturnType<typeof written> {
  readonly key: CoreKey;
}

/** Of 2·G, 3·G and so on. */
function signedBy(core: Core, kind: CoreKind, count: number): Signed[] {
  const Points = pointsOn(kind);
  const u = 0x1234_5678_9abc_def0n;
  const part = Points.BASE.multiply(u);
  const points = [Points.BASE.double()];
  while (points.length < count) points.push(points.at(-1)!.add(Points.BASE));
  const sums = normalizeZ(
    Points,
    points.map((q) => q.add(part)),
  );
  return normalizeZ(Points, points).map((q, i) => ({
    key: keyOf(core, kind, q),
    ...written(asking(kind, u, 1n, sums[i]!.x)),
  }));
}

const isGood = ({ key, digested, signature }: Signed): boolean | undefined => key.check(digested, signature);

describe('tables', () => {
  it('are built a piece at a time, while checks go on beside them', () => {
    const queue: (() => void)[] = [];
    const calm = createCore({ later: (work) => queue.push(work) });
    const pairs = Array.from({ length: 3 }, () => {
      const secret = sm2PrivateKey();
      return { secret, verifier: prepareSm2(sm2PublicKey(secret), undefined, calm)! };
    });
    const answers = (): boolean[] =>
      pairs.flatMap(({ secret, verifier }, i) => {
        const data = octets(BigInt(i + queue.length));
        const signature = sm2Sign(secret, data);
        const good = verifier(data, signature);
        signature[40]! ^= 1;
        return [good, verifier(data, signature)];
      });
    const expected = [true, false, true, false, true, false];
    for (let i = 0; i < 40; i++) expect(answers()).toEqual(expected);
    // All three keys and the base point want their larger tables by now: a piece asks for the next one when it is done.
    let pieces = 0;
    for (; queue.length > 0; pieces++) {
      expect(queue).toHaveLength(1);
      queue.shift()!();
      // A new key's table is built in the middle of it.
      const secret = sm2PrivateKey();
      const data = octets(BigInt(pieces));
      expect(prepareSm2(sm2PublicKey(secret), undefined, calm)!(data, sm2Sign(secret, data))).toBe(true);
      expect(answers()).toEqual(expected);
    }
    expect(pieces).toBe(3 + 17);
  });

  it('go where they were not used lately, and are built again when they are needed', () => {
    const small = createCore({ budget: 0, later() {} });
    const keys = signedBy(small, 'SM2', 150);
    const before = small.bytes;
    const answers = (): unknown[] => [
      ...keys.map(isGood),
      ...small.many('SM2', keys.slice(0, MOST_LANES)),
      ...small.many('SM2', keys.slice(-MOST_LANES)),
    ];
    const good = answers();
    expect(new Set(good)).toEqual(new Set([true]));
    const after = small.bytes;
    expect(after - before).toBeLessThan(keys.length * tableBytes(WIDTHS.first));
    expect(answers()).toEqual(good);
    expect(small.bytes).toBe(after);
  });

  it('become large again for a key that comes often, though the large one it had was given to others', () => {
    const small = createCore({ budget: 0 });
    const keys = signedBy(small, 'P-256', MOST_LANES + 1);
    const [own, last] = [keys[0]!, keys.at(-1)!];
    const used = (each: Signed, times: number): number => {
      for (let i = 0; i < times; i++) each.key.table();
      return each.key.table().width;
    };
    // There is room for a full group of large tables, and who comes later has to come more often than those that have one.
    for (const each of keys.slice(0, MOST_LANES)) expect(used(each, 64)).toBe(WIDTHS.hot);
    expect(used(last, 64)).toBe(WIDTHS.first);
    expect(used(last, 64 * (MOST_LANES + 1))).toBe(WIDTHS.hot);
    expect(used(own, 1)).toBe(WIDTHS.first);
    expect(used(own, 64 * (MOST_LANES + 1))).toBe(WIDTHS.hot);
    expect(isGood(own)).toBe(true);
  });

  it('are not given away in the middle of a group in which a key gets its large one', () => {
    const core = createCore();
    const [often, ...others] = signedBy(core, 'SM2', MOST_LANES / 2) as [Signed, ...Signed[]];
    for (let i = 1; i < 63; i++) often.key.table();
    // The first lane has its first table yet; the second makes it a large one, and others are new.
    const group = [often, often, ...others];
    expect(core.many('SM2', group)).toEqual(group.map(() => true));
    expect(often.key.table().width).toBe(WIDTHS.hot);
  });

  it('take no more than 64 MB by default with all else in memory, however many keys come, and come often', () => {
    const most = 64 << 20;
    const core = createCore();
    for (const kind of ['P-256', 'SM2'] as const) {
      const keys = signedBy(core, kind, 700);
      for (const [i, each] of keys.entries()) {
        expect(isGood(each)).toBe(true);
        // A sixth of them gets a large table: more than there is room for.
        if (i % 6 === 0) for (let times = 0; times < 64; times++) each.key.table();
      }
    }
    expect(core.bytes).toBeLessThanOrEqual(most);
    expect(core.bytes).toBeGreaterThan(0.95 * most);
  });

  it('are as large as they say', () => {
    expect([tableBytes(WIDTHS.first), tableBytes(WIDTHS.hot)]).toEqual([110_080, 337_920]);
  });
});
