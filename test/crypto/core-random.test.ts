import { normalizeZ } from '@noble/curves/abstract/curve.js';
import { describe, expect, it } from 'vitest';
import { createCore, MOST_LANES } from '../../src/crypto/core/core.ts';
import type { CoreKind } from '../../src/crypto/core/use.ts';
import { CURVES } from '../../src/crypto/curves.ts';
import { pointsOn } from '../../src/crypto/points.ts';
import { generator } from '../fuzz/driver.ts';
import { asking, complete, joined, keyOf, octets, type Point, read, scalar } from './core-cases.ts';

const CASES = 100_032;
const KEYS = 5;
const STEPS = 64;
/** Every so many bad ones, complete arithmetic is asked whether it is bad. */
const JUDGED = 40;

/** A point with what it is made of: a·G + b·Q. */
interface Sum {
  readonly a: bigint;
  readonly b: bigint;
  readonly point: Point;
}

/** Sums of random multiples, each one addition away from the one before it. */
function walker(kind: CoreKind, q: Point, random: () => number): () => Sum {
  const { BASE, Fn } = pointsOn(kind);
  const steps = Array.from({ length: STEPS }, (): Sum => {
    const a = scalar(kind, random);
    const b = scalar(kind, random);
    return { a, b, point: BASE.multiplyUnsafe(a).add(q.multiplyUnsafe(b)) };
  });
  let at = steps[0]!;
  return () => {
    const { a, b, point } = steps[random() % STEPS]!;
    at = { a: Fn.add(at.a, a), b: Fn.add(at.b, b), point: at.point.add(point) };
    return at;
  };
}

/** A number that is not in [1, n − 1], though its residue is what it was, or nothing at all. */
function outside(kind: CoreKind, value: bigint, random: () => number): bigint {
  const { n } = CURVES[kind];
  const all = (1n << 256n) - 1n;
  const places = [0n, n, n + 1n + (BigInt(random()) << 64n), all, value + n];
  const chosen = places[random() % places.length]!;
  return chosen > all ? n : chosen;
}

const WAYS = ['signature', 'digest', 'r', 's', 'key'] as const;

describe.each(['P-256', 'SM2'] as const)('%s: sums that the library made by other formulas', (kind) => {
  it(`are found by themselves and in full groups, from first and from large tables, ${CASES} of them`, {
    timeout: 240_000,
  }, () => {
    const random = generator(20_261_128);
    const Points = pointsOn(kind);
    const { BASE, Fn } = Points;
    // Large tables are built at once in one, and never in the other.
    const [large, first] = [createCore(), createCore({ later() {} })];
    const keys = Array.from({ length: KEYS }, () => {
      const q = BASE.multiply(scalar(kind, random));
      return { q, walk: walker(kind, q, random), large: keyOf(large, kind, q), first: keyOf(first, kind, q) };
    });
    const wrong: unknown[] = [];
    const counts = { good: 0, bad: 0, judged: 0 };

    for (let group = 0; group < CASES / MOST_LANES; group++) {
      const owners = Array.from({ length: MOST_LANES }, (_, lane) => keys[(group + lane) % KEYS]!);
      const sums = owners.map(({ walk }) => walk());
      const points = normalizeZ(
        Points,
        sums.map(({ point }) => point),
      );
      const inverses = Fn.invertBatch(sums.map(({ b }) => b));
      const cases = sums.map(({ a, b }, lane) => {
        const asked = asking(kind, a, b, points[lane]!.x, inverses[lane]);
        const bits = { digested: octets(asked.e), signature: joined(asked.r, asked.s) };
        const owner = owners[lane]!;
        // In every third lane of one group, another third of the next.
        if ((group + lane) % 3 > 0) return { owner, ...bits, good: true };
        const way = WAYS[random() % WAYS.length]!;
        if (way === 'signature') bits.signature[random() & 63]! ^= 1 << (random() & 7);
        if (way === 'digest') bits.digested[random() & 31]! ^= 1 << (random() & 7);
        if (way === 'r') bits.signature = joined(outside(kind, asked.r, random), asked.s);
        if (way === 's') bits.signature = joined(asked.r, outside(kind, asked.s, random));
        return { owner: way === 'key' ? keys[(group + lane + 1) % KEYS]! : owner, ...bits, good: false };
      });
      // Each is asked in both ways: half of them by itself from the large tables, the other half in groups.
      const [together, alone] = group % 2 === 0 ? (['large', 'first'] as const) : (['first', 'large'] as const);
      const told = (together === 'large' ? large : first).many(
        kind,
        cases.map(({ owner, digested, signature }) => ({ key: owner[together], digested, signature })),
      );
      cases.forEach(({ owner, digested, signature, good }, lane) => {
        const answer = owner[alone].check(digested, signature);
        if (answer !== good || told[lane] !== good) wrong.push({ group, lane, good, answer, told: told[lane] });
        counts[good ? 'good' : 'bad'] += 1;
        if (good || counts.bad % JUDGED !== 0) return;
        counts.judged += 1;
        if (complete(kind, owner.q, read(digested, signature))) wrong.push({ group, lane, good, complete: true });
      });
    }
    expect(wrong).toEqual([]);
    expect(counts).toEqual({ good: CASES - CASES / 3, bad: CASES / 3, judged: Math.floor(CASES / 3 / JUDGED) });
  });
});
