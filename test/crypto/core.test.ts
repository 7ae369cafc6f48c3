import { createHash, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { numberToBytesBE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHex } from '../../src/codec/hex.ts';
import { derFromRaw, rawFromDer } from '../../src/codec/signature.ts';
import {
  type CoreCheck,
  type CoreKey,
  type CoreKind,
  createCore,
  MOST_LANES,
  MOST_MESSAGE,
} from '../../src/crypto/core/core.ts';
import { createTables, tableBytes, WIDTHS } from '../../src/crypto/core/tables.ts';
import { CURVES } from '../../src/crypto/curves.ts';
import { keyFromSpki } from '../../src/crypto/keys.ts';
import { pointsOn } from '../../src/crypto/points.ts';
import { prepareSm2, sm2Digest, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import { sm3 } from '../../src/crypto/sm3.ts';

const core = createCore();
const octets = (value: bigint): Uint8Array => numberToBytesBE(value, 32);
const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', data, 'buffer'));
const joined = (r: bigint, s: bigint): Uint8Array => Uint8Array.of(...octets(r), ...octets(s));

interface Pair {
  readonly key: CoreKey;
  readonly spki: import('node:crypto').KeyObject;
  sign(data: Uint8Array): Uint8Array;
}

function p256(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = keyFromSpki(publicKey.export({ type: 'spki', format: 'der' })) as { x: Uint8Array; y: Uint8Array };
  const how = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return {
    key: core.key('P-256', x, y)!,
    spki: publicKey,
    sign: (data) => new Uint8Array(sign('sha256', data, how)),
  };
}

/** The same numbers from 0 to 2³² − 1 for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Good signatures over random numbers. */
function goodChecks(kind: CoreKind, count: number): CoreCheck[] {
  if (kind === 'P-256') {
    const pair = p256();
    return Array.from({ length: count }, (_, i) => {
      const data = Uint8Array.of(i);
      return { key: pair.key, digested: sha256(data), signature: pair.sign(data) };
    });
  }
  const secret = sm2PrivateKey();
  const own = sm2PublicKey(secret);
  const key = core.key('SM2', own.x, own.y)!;
  return Array.from({ length: count }, (_, i) => {
    const data = Uint8Array.of(i);
    return { key, digested: sm2Digest(own, data), signature: sm2Sign(secret, data) };
  });
}

describe('the core beside OpenSSL and the library', () => {
  it('answers 100,000 random P-256 signatures as OpenSSL does, good ones and changed ones, alone and together', {
    timeout: 240_000,
  }, () => {
    const random = numbers(20_261_126);
    const pairs = Array.from({ length: 5 }, p256);
    let wrong = 0;
    for (let batch = 0; batch < 100_000; batch += 50) {
      const checks = Array.from({ length: 50 }, (_, i) => {
        const pair = pairs[(batch + i) % pairs.length]!;
        const data = new Uint8Array(Uint32Array.of(random(), random(), batch + i).buffer);
        const signature = pair.sign(data);
        // Half of them changed in one bit, anywhere.
        if (i % 2 === 1) signature[random() & 63]! ^= 1 << (random() & 7);
        return { pair, data, signature, key: pair.key, digested: sha256(data) };
      });
      const together = core.many('P-256', checks);
      checks.forEach(({ pair, data, signature, key, digested }, i) => {
        const good = verify('sha256', data, pair.spki, derFromRaw(signature));
        if (good !== (i % 2 === 0) || key.check(digested, signature) !== good || together[i] !== good) wrong += 1;
      });
    }
    expect(wrong).toBe(0);
  });

  it('answers SM2 signatures as the portable arithmetic does, whatever the length of the message', () => {
    const secret = sm2PrivateKey();
    const key = sm2PublicKey(secret);
    const portable = prepareSm2(key)!;
    const fast = prepareSm2(key, undefined, core)!;
    const other = prepareSm2(sm2PublicKey(sm2PrivateKey()), undefined, core)!;
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(55, 56, 63, 64, 119, 120, MOST_MESSAGE - 32, MOST_MESSAGE - 31).map((n) => new Uint8Array(n)),
    );
    fc.assert(
      fc.property(message, fc.nat(63), fc.nat(7), (data, at, bit) => {
        const signature = sm2Sign(secret, data);
        const changed = signature.slice();
        changed[at]! ^= 1 << bit;
        expect([fast(data, signature), other(data, signature), fast(data, changed)]).toEqual([true, false, false]);
        expect(portable(data, changed)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe.each(['P-256', 'SM2'] as const)('%s: numbers at the edges', (kind: CoreKind) => {
  const { n, p } = CURVES[kind];
  const Point = pointsOn(kind);
  const { x, y } = Point.BASE.multiply(7n).toAffine();
  const key = core.key(kind, octets(x), octets(y))!;
  const edges = [0n, 1n, 2n, n >> 1n, n - 2n, n - 1n, n, n + 1n, p - n, p, (1n << 256n) - 1n];

  it('takes no r or s outside [1, n − 1], and no SM2 signature with r + s = n', () => {
    for (const r of edges) {
      for (const s of edges) {
        const bad = r === 0n || s === 0n || r >= n || s >= n || (kind === 'SM2' && r + s === n);
        const answer = key.check(octets(1n), joined(r, s));
        if (bad) expect(answer, `${r} ${s}`).toBe(false);
        expect([answer, undefined]).toContain(
          core.many(kind, [{ key, digested: octets(1n), signature: joined(r, s) }])[0],
        );
      }
    }
  });

  it('says what complete arithmetic says of every sum of small multiples, or that it cannot tell', () => {
    // u and v chosen, the rest follows: among these the sum meets infinity, doubles a point, or adds nothing.
    const small = [0n, 1n, 2n, 3n, 5n, 6n, 7n, 8n, 14n, n - 1n, n - 7n, n - 14n];
    const { Fn } = Point;
    const sums: { check: CoreCheck; wanted: boolean }[] = [];
    let untold = 0;
    for (const u of small) {
      for (const v of small) {
        const sum = (u + 7n * v) % n;
        const affine = sum === 0n ? undefined : Point.BASE.multiplyUnsafe(sum).toAffine().x % n;
        for (const target of [affine ?? 5n, 3n]) {
          // ECDSA: r = target, s = r/v, e = u·s. SM2: s = u, t = v, r = v − u, e = r − target.
          const r = kind === 'P-256' ? target : (v - u + n) % n;
          if (kind === 'P-256' && v === 0n) continue;
          const s = kind === 'P-256' ? Fn.mul(r, Fn.inv(v)) : u;
          const e = kind === 'P-256' ? Fn.mul(u, s) : (r - target + n) % n;
          if (r === 0n || s === 0n || (r + s) % n === 0n) continue;
          const wanted = affine === target;
          const check = { key, digested: octets(e), signature: joined(r, s) };
          sums.push({ check, wanted });
          for (const answer of [key.check(check.digested, check.signature), ...core.many(kind, [check])]) {
            if (answer === undefined) untold += 1;
            else expect(answer, `${u} ${v} ${target}`).toBe(wanted);
          }
        }
      }
    }
    // Side by side, one that cannot be told spoils no other: good ones of large numbers stand between them.
    const good = goodChecks(kind, 32);
    let told = 0;
    for (let from = 0; from < sums.length; from += 32) {
      const some = sums.slice(from, from + 32).flatMap((sum, i) => [sum, { check: good[i]!, wanted: true }]);
      core
        .many(
          kind,
          some.map(({ check }) => check),
        )
        .forEach((answer, i) => {
          if (i % 2 === 0 && answer === undefined) return;
          told += 1;
          expect(answer, `${from} ${i}`).toBe(some[i]!.wanted);
        });
    }
    expect(told).toBeGreaterThan(sums.length);
    // They must have been met, or this test shows nothing.
    expect(untold).toBeGreaterThan(0);
  });

  it('finds an x that is larger than n', () => {
    // The first x ≥ n that is on the curve; with e = r − x (SM2) or by the choice of u (ECDSA) it is reached.
    let large = n;
    let point: typeof Point.BASE | undefined;
    while (point === undefined && large < p) {
      try {
        point = Point.fromBytes(Uint8Array.of(2, ...octets(large)));
      } catch {
        large += 1n;
      }
    }
    const target = large - n;
    // P = v·Q + u·G with v = 1: Q = P − u·G.
    const u = 5n;
    const q = point!.subtract(Point.BASE.multiply(u)).toAffine();
    const own = core.key(kind, octets(q.x), octets(q.y))!;
    const r = kind === 'P-256' ? target : (1n - u + n) % n;
    const s = kind === 'P-256' ? r : u;
    const e = kind === 'P-256' ? Point.Fn.mul(u, s) : (r - target + n) % n;
    expect(own.check(octets(e), joined(r, s))).toBe(true);
    expect(core.many(kind, [{ key: own, digested: octets(e), signature: joined(r, s) }])).toEqual([true]);
    expect(own.check(octets(e + 1n), joined(r, s))).toBe(false);
  });

  it('takes no key off the curve, at infinity, or with coordinates beyond p', () => {
    expect(core.key(kind, octets(x), octets(y ^ 1n))).toBeUndefined();
    expect(core.key(kind, octets(0n), octets(0n))).toBeUndefined();
    expect(core.key(kind, octets(p), octets(y))).toBeUndefined();
    expect(core.key(kind, octets(x).subarray(1), octets(y))).toBeUndefined();
    expect(core.key(kind === 'SM2' ? 'P-256' : 'SM2', octets(x), octets(y))).toBeUndefined();
  });
});

describe('SM3 in the core', () => {
  it('is that of the portable implementation, seen through a signature', () => {
    const secret = sm2PrivateKey();
    const key = sm2PublicKey(secret);
    const data = new Uint8Array(1000).map((_, i) => i);
    const signature = sm2Sign(secret, data);
    const coreKey = core.key('SM2', key.x, key.y)!;
    const za = new Uint8Array(32).fill(7);
    const answer = coreKey.check({ prefix: za, data }, signature);
    expect(answer).toBe(coreKey.check(sm3(za, data), signature));
    expect(createHash('sm3').update(za).update(data).digest().equals(sm3(za, data))).toBe(true);
  });
});

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

  it('stay within their room: one that was not used lately goes, and is built again when it is needed', () => {
    const small = createCore({ budget: 0 });
    const many = Array.from({ length: 150 }, (_, i) => {
      const { x, y } = pointsOn('SM2')
        .BASE.multiply(BigInt(i + 2))
        .toAffine();
      return small.key('SM2', octets(x), octets(y))!;
    });
    const wanted = (i: number) => ({ e: octets(9n), signature: joined(BigInt(i + 1), 77n) });
    const before = many.map((key, i) => key.check(wanted(i).e, wanted(i).signature));
    const full = small.size();
    const again = many.map((key, i) => key.check(wanted(i).e, wanted(i).signature));
    expect(again).toEqual(before);
    expect(full).toBeGreaterThan(64 * tableBytes(WIDTHS.first));
    expect(small.size()).toBe(full);
  });

  it('are never given away while others are decided beside them', () => {
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

  it('take no more than 64 MB by default, the base points included, however many keys come often', () => {
    const most = 64 << 20;
    let bytes = 2 * (tableBytes(8) + tableBytes(12));
    const room = (size: number): number => {
      bytes += size;
      return bytes;
    };
    const tables = createTables(most - bytes, room, MOST_LANES);
    for (let i = 0; i < 1_000; i++) for (const width of Object.values(WIDTHS)) tables.take({ slot: undefined }, width);
    expect(bytes).toBeLessThanOrEqual(most);
    expect(bytes).toBeGreaterThan(0.9 * most);
  });

  it('are as large as they say', () => {
    expect([tableBytes(WIDTHS.first), tableBytes(WIDTHS.hot)]).toEqual([110_080, 337_920]);
  });
});

const WYCHEPROOF = '../shared/data/crypto/wycheproof/testvectors_v1/ecdsa_secp256r1_sha256_test.json';

describe.skipIf(!existsSync(WYCHEPROOF))('Wycheproof (../shared/data/crypto/wycheproof)', () => {
  it('labels every signature of P-256 as the core does', () => {
    interface Group {
      readonly publicKeyDer: string;
      readonly tests: readonly { tcId: number; msg: string; sig: string; result: string }[];
    }
    const { testGroups } = JSON.parse(readFileSync(WYCHEPROOF, 'utf8')) as { testGroups: Group[] };
    let told = 0;
    for (const { publicKeyDer, tests } of testGroups) {
      const { x, y } = keyFromSpki(decodeHex(publicKeyDer)) as { x: Uint8Array; y: Uint8Array };
      const key = core.key('P-256', x, y)!;
      for (const { tcId, msg, sig, result } of tests) {
        const raw = rawFromDer(decodeHex(sig), 32);
        if (raw === undefined) continue;
        const digested = sha256(decodeHex(msg));
        for (const answer of [key.check(digested, raw), ...core.many('P-256', [{ key, digested, signature: raw }])]) {
          if (answer === undefined) continue;
          told += 1;
          expect([tcId, answer]).toEqual([tcId, result === 'valid']);
        }
      }
    }
    expect(told).toBeGreaterThan(300);
  });
});
