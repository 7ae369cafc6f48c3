import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeHex } from '../../src/codec/hex.ts';
import { rawFromDer } from '../../src/codec/signature.ts';
import type { Check } from '../../src/crypto/batch.ts';
import { type CoreCheck, createCore, MOST_LANES } from '../../src/crypto/core/core.ts';
import type { CoreKind } from '../../src/crypto/core/use.ts';
import { CURVES } from '../../src/crypto/curves.ts';
import { keyFromSpki, type PublicKey } from '../../src/crypto/keys.ts';
import { forgetfulPlatform } from '../../src/crypto/platform.node.ts';
import { pointsOn } from '../../src/crypto/points.ts';
import { generator } from '../fuzz/driver.ts';
import {
  asking,
  complete,
  coreWith,
  goodChecks,
  isExceptional,
  keyOf,
  multiples,
  octets,
  type Question,
  written,
  xOfSum,
} from './core-cases.ts';

const ALL = (1n << 256n) - 1n;
const D = 7n;

/** Numbers of a signature that must not be taken, and those beside them. */
function outside(kind: CoreKind): Question[] {
  const { n, p } = CURVES[kind];
  const edges = [0n, 1n, 2n, n >> 1n, n - 2n, n - 1n, n, n + 1n, p - n, p, ALL];
  return edges.flatMap((r) => edges.map((s) => ({ e: 1n, r, s })));
}

/** u and v chosen, the rest follows: among these the sum meets infinity, doubles a point, or adds nothing. */
function smallSums(kind: CoreKind): Question[] {
  const { n } = CURVES[kind];
  const small = [0n, 1n, 2n, 3n, 5n, 6n, 7n, 8n, 14n, n - 1n, n - 7n, n - 14n];
  return small.flatMap((u) =>
    small.flatMap((v) => {
      if (kind === 'P-256' && v === 0n) return [];
      return [xOfSum(kind, u, v, D), 3n].map((target) => asking(kind, u, v, target));
    }),
  );
}

/** Large multiples of which one makes the other's point, or its negative. */
function equalPoints(kind: CoreKind): Question[] {
  const { Fn } = pointsOn(kind);
  return [1n, 2n, 31n, 64n, 0x1234_5678_9abcn, Fn.inv(3n), Fn.neg(Fn.inv(5n))].flatMap((v) => {
    const u = Fn.mul(D, v);
    const x = xOfSum(kind, u, v, D);
    return [asking(kind, u, v, x), asking(kind, Fn.neg(u), v, x), asking(kind, u, v, x + 1n)];
  });
}

/** Sums of up to twelve parts, in windows that random numbers choose: with so few, the four accumulators are not filled evenly. */
function fewParts(kind: CoreKind, random: () => number): Question[] {
  const few = (count: number): bigint =>
    Array.from({ length: count }, () => BigInt(1 + (random() % 31)) << BigInt(6 * (random() % 42))).reduce(
      (a, b) => a + b,
      0n,
    );
  const counts = [1, 2, 3, 4, 5, 6];
  return counts.flatMap((ofBase) =>
    counts.map((ofKey) => {
      const u = few(ofBase);
      const v = few(ofKey);
      return asking(kind, u, v, xOfSum(kind, u, v, D));
    }),
  );
}

interface Case {
  readonly check: CoreCheck;
  /** What complete arithmetic says; undefined where the additions are really exceptional. */
  readonly wanted: boolean | undefined;
}

/** What stands in full groups, over and over: good checks between the cases. */
const PATTERNS = ['good, edge', 'edge, good', 'edge, edge, edge, good', 'edge, edge, edge, edge, good, good'];

describe.each([
  ['P-256', false],
  ['P-256', true],
  ['SM2', false],
  ['SM2', true],
] as const)('%s: numbers at the edges, from large tables: %s', (kind, isLarge) => {
  const { core, widths, heat } = coreWith(isLarge);
  const { BASE } = pointsOn(kind);
  const q = BASE.multiply(D);
  const key = heat(keyOf(core, kind, q));
  const good = goodChecks(core, kind, MOST_LANES, generator(20_261_129));

  const cases = (questions: readonly Question[]): Case[] =>
    questions.map((question) => {
      const found = multiples(kind, question);
      const untold = found !== undefined && isExceptional(kind, found, D, widths);
      return { check: { key, ...written(question) }, wanted: untold ? undefined : complete(kind, q, question) };
    });

  /** Alone, and in groups: no good check beside an edge may suffer from it. */
  function expectEverywhere(edges: readonly Case[]): void {
    for (const { check, wanted } of edges) expect(check.key.check(check.digested, check.signature)).toBe(wanted);
    for (const pattern of PATTERNS) {
      const places = pattern.split(', ');
      let next = 0;
      while (next < edges.length) {
        const group = good.map((check, lane): Case => {
          const edge = places[lane % places.length] === 'edge' ? edges[next++] : undefined;
          return edge ?? { check, wanted: true };
        });
        const told = core.many(
          kind,
          group.map(({ check }) => check),
        );
        expect(told, pattern).toEqual(group.map(({ wanted }) => wanted));
      }
    }
    const some = edges.slice(0, MOST_LANES);
    const told = core.many(
      kind,
      some.map(({ check }) => check),
    );
    expect(told).toEqual(some.map(({ wanted }) => wanted));
  }

  it('takes no r or s outside [1, n − 1], and no SM2 signature with r + s = n', () => {
    const edges = cases(outside(kind));
    expectEverywhere(edges);
    const refused = outside(kind).filter((question) => multiples(kind, question) === undefined);
    // Six of the eleven numbers lie in [1, n − 1]; four pairs of these make n.
    expect(refused).toHaveLength(11 * 11 - 6 * 6 + (kind === 'SM2' ? 4 : 0));
  });

  it('says what complete arithmetic says of sums of small multiples, or that it cannot tell, and nothing else', () => {
    const edges = cases(smallSums(kind));
    expectEverywhere(edges);
    // Each must have been met, or this shows nothing.
    for (const wanted of [true, false, undefined])
      expect(edges.filter((edge) => edge.wanted === wanted).length, `${wanted}`).toBeGreaterThan(5);
  });

  it('adds no point to itself or to its negative without saying so', () => {
    const edges = cases(equalPoints(kind));
    expectEverywhere(edges);
    expect(edges.some(({ wanted }) => wanted === undefined)).toBe(true);
    expect(edges.some(({ wanted }) => wanted === true)).toBe(true);
  });

  it('adds few parts as it adds many', () => {
    const edges = cases(fewParts(kind, generator(20_261_131)));
    expectEverywhere(edges);
    expect(edges.every(({ wanted }) => wanted === true)).toBe(true);
  });

  it('finds an x that is not below n', () => {
    const { n, p } = CURVES[kind];
    const Point = pointsOn(kind);
    let x = n;
    let point: ReturnType<typeof Point.fromBytes> | undefined;
    for (; point === undefined; x++) {
      try {
        point = Point.fromBytes(Uint8Array.of(2, ...octets(x)));
      } catch {
        // No point has this x; the next may.
      }
    }
    const large = point.toAffine().x;
    expect(large >= n && large < p).toBe(true);
    // Of the key Q = P − u·G, for which u·G + Q is that point. u makes the digest so small that it may be larger by n.
    const u = kind === 'P-256' ? 5n : n - 2n - (large - n);
    const own = keyOf(core, kind, point.subtract(BASE.multiply(u)));
    const asked = asking(kind, u, 1n, large);
    const edges = [asked, { ...asked, e: asked.e + 1n }, { ...asked, e: asked.e + n }].map((question, i) => ({
      check: { key: own, ...written(question) },
      wanted: i !== 1,
    }));
    expectEverywhere(Array.from({ length: 12 }, () => edges).flat());
  });

  it('takes no key off the curve, at infinity, or with coordinates beyond p', () => {
    const { x, y } = q.toAffine();
    const { p } = CURVES[kind];
    expect(core.key(kind, octets(x), octets(y ^ 1n))).toBeUndefined();
    expect(core.key(kind, octets(0n), octets(0n))).toBeUndefined();
    expect(core.key(kind, octets(p), octets(y))).toBeUndefined();
    expect(core.key(kind, octets(x).subarray(1), octets(y))).toBeUndefined();
    expect(core.key(kind === 'SM2' ? 'P-256' : 'SM2', octets(x), octets(y))).toBeUndefined();
  });
});

it('multiplies differences that are as large as they can be', () => {
  // A key made for it: nearly all limbs of its x are −2^12, as tables have them, and those of a multiple of it nearly 2^13. Of a sum
  // that has five parts these two are added first; a square of their difference, were it not a small one, would not fit its columns.
  const x = 0x60e2fcb9fddbf978c1e204778e80743eb01d8109f04377a0aedd77444f5e7b11n;
  const q = pointsOn('P-256').fromBytes(Uint8Array.of(2, ...octets(x)));
  const v = 1n + (1n << 6n) + (1n << 12n) + (1n << 18n) + (9n << 102n);
  const { core } = coreWith(false);
  const key = keyOf(core, 'P-256', q);
  const check = { key, ...written(asking('P-256', 0n, v, q.multiply(v).toAffine().x)) };
  expect([key.check(check.digested, check.signature), ...core.many('P-256', [check])]).toEqual([true, true]);
});

const WYCHEPROOF = '../shared/data/crypto/wycheproof/testvectors_v1/ecdsa_secp256r1_sha256_test.json';

type EcKey = PublicKey & { readonly x: Uint8Array; readonly y: Uint8Array };
const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', data, 'buffer'));

interface Group {
  readonly publicKeyDer: string;
  readonly tests: readonly { tcId: number; msg: string; sig: string; result: string }[];
}

describe.skipIf(!existsSync(WYCHEPROOF))('Wycheproof (../shared/data/crypto/wycheproof)', () => {
  const file = existsSync(WYCHEPROOF) ? readFileSync(WYCHEPROOF, 'utf8') : '{"testGroups":[]}';
  const { testGroups } = JSON.parse(file) as { testGroups: Group[] };
  /** Those whose DER can be read, with their keys. */
  const vectors = testGroups.flatMap(({ publicKeyDer, tests }) => {
    const key = keyFromSpki(decodeHex(publicKeyDer)) as EcKey;
    return tests.flatMap(({ tcId, msg, sig, result }) => {
      const signature = rawFromDer(decodeHex(sig), 32);
      return signature ? [{ tcId, key, data: decodeHex(msg), signature, wanted: result === 'valid' }] : [];
    });
  });
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it('labels every signature of P-256 as the core does, alone and in full groups with good ones between', () => {
    const core = createCore();
    const keys = new Map(vectors.map(({ key }) => [key, core.key('P-256', key.x, key.y)!]));
    const good = goodChecks(core, 'P-256', MOST_LANES, generator(20_261_130));
    let untold = 0;
    for (let from = 0; from < vectors.length; from += MOST_LANES / 2) {
      const some = vectors.slice(from, from + MOST_LANES / 2);
      const checks = some.map(({ key, data, signature }) => ({
        key: keys.get(key)!,
        digested: sha256(data),
        signature,
      }));
      const told = core.many(
        'P-256',
        checks.flatMap((check, i) => [check, good[i]!]),
      );
      for (const [i, { tcId, wanted }] of some.entries()) {
        const { key, digested, signature } = checks[i]!;
        const alone = key.check(digested, signature);
        if (alone === undefined) untold += 1;
        else expect([tcId, alone]).toEqual([tcId, wanted]);
        expect([tcId, told[2 * i], told[2 * i + 1]]).toEqual([tcId, alone, true]);
      }
    }
    expect(vectors.length).toBeGreaterThan(200);
    // Some were made so that fast additions fail.
    expect(untold).toBeLessThan(10);
  });

  it('is answered so by the platform, which lets OpenSSL say what the core cannot tell', () => {
    const prepare = (key: PublicKey) => forgetfulPlatform.prepare('ES256', key)!;
    const verifiers = new Map(vectors.map(({ key }) => [key, prepare(key)]));
    const data = new TextEncoder().encode('one that is good');
    const signature = new Uint8Array(sign('sha256', data, { key: own.privateKey, dsaEncoding: 'ieee-p1363' }));
    const spki = own.publicKey.export({ type: 'spki', format: 'der' });
    const good = { verifier: prepare(keyFromSpki(spki)!), data, signature };
    // A key that came so often is checked by the core.
    for (const verifier of [good.verifier, ...verifiers.values()])
      for (let i = 0; i < MOST_LANES; i++) verifier(data, signature);
    for (let from = 0; from < vectors.length; from += MOST_LANES / 2) {
      const some = vectors.slice(from, from + MOST_LANES / 2);
      const checks = some.flatMap(({ key, data, signature }): Check[] => [
        { verifier: verifiers.get(key)!, data, signature },
        good,
      ]);
      expect(forgetfulPlatform.verifyMany(checks), `${some[0]!.tcId}`).toEqual(
        some.flatMap(({ wanted }) => [wanted, true]),
      );
    }
  });
});
