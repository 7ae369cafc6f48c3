import { numberToBytesBE } from '@noble/curves/utils.js';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createCore } from '../../src/crypto/core/core.ts';
import { CURVES } from '../../src/crypto/curves.ts';
import type { PublicKey } from '../../src/crypto/keys.ts';
import { pointsOn } from '../../src/crypto/points.ts';
import { prepareSm2 } from '../../src/crypto/sm2.ts';

/**
 * Signatures that satisfy the equation of SM2 and must be refused all the same, and sums that run into the exceptional
 * cases of the addition formulas. Nobody can find messages for them, so here the digest says whatever the case needs.
 */
const digest = vi.hoisted(() => ({ e: 0n }));
vi.mock('../../src/crypto/sm3.ts', () => ({ sm3: () => numberToBytesBE(digest.e, 32) }));

const core = createCore();
const { n, p } = CURVES.SM2;
const Point = pointsOn('SM2');
const G = Point.BASE;
type P = typeof G;
const mod = (value: bigint): bigint => ((value % n) + n) % n;
const octets = (value: bigint): Uint8Array => numberToBytesBE(value, 32);
const keyOf = (point: P): PublicKey => {
  const { x, y } = point.toAffine();
  return { kind: 'SM2', x: octets(x), y: octets(y) };
};
const times = (k: bigint, point: P): P => (k === 0n ? Point.ZERO : point.multiplyUnsafe(mod(k)));
const xOf = (point: P): bigint => point.toAffine().x;

/** The first point from this x on. */
function pointFrom(first: bigint): P {
  for (let x = first; ; x++) {
    try {
      return Point.fromBytes(Uint8Array.of(2, ...octets(x)));
    } catch {
      // No point has this x; the next may.
    }
  }
}

const d = 0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8n;
const Q = G.multiply(d);

/** What the verifier says the first time, by the complete formulas, and later, from the table; both must be the same. */
function ask(point: P, e: bigint, r: bigint, s: bigint): boolean {
  digest.e = e;
  const verifier = prepareSm2(keyOf(point))!;
  const signature = Uint8Array.of(...octets(r), ...octets(s));
  const answers = [1, 2, 3, 4].map(() => verifier(new Uint8Array(), signature));
  expect(new Set(answers).size).toBe(1);
  // The core says the same, or that it cannot tell; alone and beside others.
  const { x, y } = point.toAffine();
  const key = core.key('SM2', octets(x), octets(y))!;
  const check = { key, digested: octets(e), signature };
  const told = [key.check(octets(e), signature), ...core.many('SM2', [check, check])];
  for (const answer of told) expect([answers[0], undefined]).toContain(answer);
  return answers[0]!;
}

/** The digest for which (r, s) satisfies (e + x₁) mod n = r. */
const digestFor = (r: bigint, s: bigint): bigint => mod(r - xOf(times(s, G).add(times(mod(r + s), Q))));

beforeEach(() => {
  digest.e = 0n;
});

describe('a signature that fits its digest', () => {
  const r = 0x1234567890abcdefn;
  const s = 0xfedcba0987654321n;
  it('verifies', () => {
    expect(ask(Q, digestFor(r, s), r, s)).toBe(true);
    expect(ask(Q, digestFor(r, s), r, s + 1n)).toBe(false);
    expect(ask(Q, digestFor(r, s), r + 1n, s)).toBe(false);
    expect(ask(Q, mod(digestFor(r, s) + 1n), r, s)).toBe(false);
  });

  it('verifies with the digest at or above n, which is reduced', () => {
    const sum = G.multiply(0x5555n);
    const r = mod(xOf(sum) + 3n);
    const key = times(Point.Fn.inv(mod(r + s)), sum.subtract(times(s, G)));
    expect(ask(key, 3n, r, s)).toBe(true);
    expect(ask(key, n + 3n, r, s)).toBe(true);
  });

  it('verifies with the digest above n and r small, whose difference is negative', () => {
    const target = pointFrom(n - 100n);
    const e = mod(1n - xOf(target));
    expect(e > 1n && e <= 101n).toBe(true);
    const key = times(Point.Fn.inv(1n + s), target.subtract(times(s, G)));
    expect(ask(key, e, 1n, s)).toBe(true);
    expect(ask(key, n + e, 1n, s)).toBe(true);
  });

  it('is refused with r + n, a second number for the same residue', () => {
    expect(r + n < 1n << 256n).toBe(true);
    expect(ask(Q, digestFor(r, s), r + n, s)).toBe(false);
  });

  it('is refused with s + n', () => {
    expect(ask(Q, digestFor(r, s), r, s + n)).toBe(false);
  });

  it('is refused with r = 0', () => {
    expect(ask(Q, digestFor(0n, s), 0n, s)).toBe(false);
    expect(ask(Q, digestFor(0n, s), n, s)).toBe(false);
  });

  it('is refused with s = 0', () => {
    expect(ask(Q, digestFor(r, 0n), r, 0n)).toBe(false);
    expect(ask(Q, digestFor(r, 0n), r, n)).toBe(false);
  });

  it('is refused with r + s = n, when the public key drops out of the equation', () => {
    expect(ask(Q, digestFor(n - s, s), n - s, s)).toBe(false);
  });
});

describe('sums with exceptional cases', () => {
  it('s·G + t·P at infinity is refused, even if infinity is taken for (0, 0)', () => {
    const s = 0x1122334455667788n;
    // s + (r + s)·d = 0.
    const r = mod(-s * (1n + d) * Point.Fn.inv(d));
    expect(
      times(s, G)
        .add(times(mod(r + s), Q))
        .is0(),
    ).toBe(true);
    for (const e of [r, 0n, mod(r - G.toAffine().x)]) expect(ask(Q, e, r, s)).toBe(false);
  });

  it('s·G = t·P, a point added to itself, verifies', () => {
    for (const t of [1n, 2n, 31n, 64n, 0x123456789n]) {
      const s = mod(t * d);
      const r = mod(t - s);
      expect(times(s, G).equals(times(t, Q))).toBe(true);
      expect(ask(Q, digestFor(r, s), r, s)).toBe(true);
      expect(ask(Q, mod(digestFor(r, s) + 1n), r, s)).toBe(false);
    }
  });

  it.each([
    ['the base point', G],
    ['the base point’s negative', G.negate()],
    ['twice the base point', G.double()],
    ['n/2 times the base point', G.multiply((n + 1n) / 2n)],
  ])('the key is %s', (_, point) => {
    for (const [s, t] of [
      [1n, 1n],
      [1n, 2n],
      [2n, 1n],
      [n - 1n, 1n],
      [1n, n - 1n],
      [128n, 128n],
      [(n + 1n) / 2n, (n - 1n) / 2n],
      [n - 1n, n - 1n],
      [n - 2n, 3n],
    ] as const) {
      const sum = times(s, G).add(times(t, point));
      const r = mod(t - s);
      if (r === 0n || sum.is0()) {
        expect(ask(point, r, r, s)).toBe(false);
      } else {
        expect(ask(point, mod(r - xOf(sum)), r, s)).toBe(true);
        expect(ask(point, mod(r - xOf(sum) + 1n), r, s)).toBe(false);
      }
    }
  });

  it('x₁ between n and p verifies, and so does a small x₁, but they are not each other', () => {
    // A point with such an x, and the key under which s·G + t·P is that point.
    const s = 0xabcdefn;
    const r = 0x77n;
    for (const target of [pointFrom(n), pointFrom(p - 1000n), pointFrom(1n)]) {
      const key = times(Point.Fn.inv(r + s), target.subtract(times(s, G)));
      const x = xOf(target);
      expect(ask(key, mod(r - x), r, s)).toBe(true);
      expect(ask(key, mod(r - x - 1n), r, s)).toBe(false);
    }
    expect(xOf(pointFrom(n)) >= n).toBe(true);
  });

  it('windows of every digit verify: s and t of a single bit, and of all bits', () => {
    for (let bit = 0n; bit < 256n; bit += 5n) {
      const s = mod(1n << bit);
      const t = mod(n - (1n << (255n - bit)));
      const r = mod(t - s);
      expect(ask(Q, digestFor(r, s), r, s)).toBe(true);
    }
  });
});
