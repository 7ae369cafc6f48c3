import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { type Core, type CoreCheck, type CoreKey, createCore } from '../../src/crypto/core/core.ts';
import type { CoreKind } from '../../src/crypto/core/use.ts';
import { CURVES } from '../../src/crypto/curves.ts';
import { pointsOn } from '../../src/crypto/points.ts';

/**
 * What tests of the core have in common: signatures made backwards, from the sum that checking them makes. Nobody signs here, so
 * that any sum can be had.
 */
export type Point = InstanceType<ReturnType<typeof pointsOn>>;

export const octets = (value: bigint): Uint8Array => numberToBytesBE(value, 32);
export const joined = (r: bigint, s: bigint): Uint8Array => Uint8Array.of(...octets(r), ...octets(s));

/** A number below the order, from random ones below 2³². */
export function scalar(kind: CoreKind, random: () => number): bigint {
  const words = new Uint32Array(8).map(random);
  return bytesToNumberBE(new Uint8Array(words.buffer)) % CURVES[kind].n;
}

/** What is asked of a key: whether a digest fits (r, s). */
export interface Question {
  readonly e: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

/** What has u·G + v·Q computed, and good where its x is `x`. In: for P-256, v is not 0; 1/v, if it is known. */
export function asking(kind: CoreKind, u: bigint, v: bigint, x: bigint, inverse?: bigint): Question {
  const { Fn } = pointsOn(kind);
  if (kind === 'P-256') {
    const r = Fn.create(x);
    const s = Fn.mul(r, inverse ?? Fn.inv(v));
    return { e: Fn.mul(u, s), r, s };
  }
  const r = Fn.sub(v, u);
  return { e: Fn.create(r - x), r, s: u };
}

/** The x of u·G + v·d·G; any number where that is infinity, which has none. */
export function xOfSum(kind: CoreKind, u: bigint, v: bigint, d: bigint): bigint {
  const { BASE, Fn } = pointsOn(kind);
  const sum = Fn.create(u + v * d);
  return sum === 0n ? 5n : BASE.multiply(sum).toAffine().x;
}

export const written = ({ e, r, s }: Question): Omit<CoreCheck, 'key'> => ({
  digested: octets(e),
  signature: joined(r, s),
});

/** The other way round. */
export const read = (digested: Uint8Array, signature: Uint8Array): Question => ({
  e: bytesToNumberBE(digested),
  r: bytesToNumberBE(signature.subarray(0, 32)),
  s: bytesToNumberBE(signature.subarray(32)),
});

export function keyOf(core: Core, kind: CoreKind, q: Point): CoreKey {
  const { x, y } = q.toAffine();
  return core.key(kind, octets(x), octets(y))!;
}

/** Those that a signature's sum is made of: u·G + v·Q. */
interface Multiples {
  readonly u: bigint;
  readonly v: bigint;
}

/** Undefined if r or s is out of range. */
export function multiples(kind: CoreKind, { e, r, s }: Question): Multiples | undefined {
  const { n } = CURVES[kind];
  const { Fn } = pointsOn(kind);
  if (r === 0n || s === 0n || r >= n || s >= n) return undefined;
  if (kind === 'SM2') return r + s === n ? undefined : { u: s, v: Fn.create(r + s) };
  const inverse = Fn.inv(s);
  return { u: Fn.create(e * inverse), v: Fn.mul(r, inverse) };
}

/** What complete arithmetic says, the library's own. */
export function complete(kind: CoreKind, q: Point, question: Question): boolean {
  const { BASE, Fn } = pointsOn(kind);
  const found = multiples(kind, question);
  if (found === undefined) return false;
  const sum = BASE.mulAddUnsafe(found.u, q, found.v);
  if (sum.is0()) return false;
  const { x } = sum.toAffine();
  return kind === 'SM2' ? Fn.create(question.e + x) === question.r : Fn.create(x) === question.r;
}

/** Good signatures over random numbers, of a key of their own. */
export function goodChecks(core: Core, kind: CoreKind, count: number, random: () => number): CoreCheck[] {
  const d = scalar(kind, random);
  const key = keyOf(core, kind, pointsOn(kind).BASE.multiply(d));
  return Array.from({ length: count }, () => {
    const u = scalar(kind, random);
    const v = scalar(kind, random);
    return { key, ...written(asking(kind, u, v, xOfSum(kind, u, v, d))) };
  });
}

export interface Widths {
  readonly base: number;
  readonly key: number;
}

/** What k·P is made of, P being `times` the base point: from the tables of this width, by signed digits. */
function partsOf(k: bigint, times: bigint, width: number): bigint[] {
  const parts: bigint[] = [];
  const half = 1n << BigInt(width - 1);
  let rest = k;
  for (let window = 0n; window <= 256n / BigInt(width); window++) {
    let digit = rest & (2n * half - 1n);
    rest >>= BigInt(width);
    if (digit > half) {
      digit -= 2n * half;
      rest += 1n;
    }
    if (digit !== 0n) parts.push((digit << (BigInt(width) * window)) * times);
  }
  return parts;
}

/**
 * Whether u·G + v·d·G has an addition that the core cannot do: nothing to add at all, or a point to itself or to its negative. It deals
 * the parts out to four sums, and adds these in the end.
 */
export function isExceptional(kind: CoreKind, { u, v }: Multiples, d: bigint, widths: Widths): boolean {
  const { Fn } = pointsOn(kind);
  const parts = [...partsOf(u, 1n, widths.base), ...partsOf(v, d, widths.key)];
  if (parts.length === 0) return true;
  let met = false;
  const plus = (a: bigint, b: bigint): bigint => {
    if (Fn.create(a - b) === 0n || Fn.create(a + b) === 0n) met = true;
    return a + b;
  };
  const four = [0, 1, 2, 3].map((i) => parts.filter((_, at) => at % 4 === i)).filter(({ length }) => length > 0);
  four.map((some) => some.reduce(plus)).reduce(plus);
  return met;
}

/** A core whose tables are all small, or all large as soon as a key was made hot. */
export function coreWith(large: boolean): { core: Core; widths: Widths; heat: (key: CoreKey) => CoreKey } {
  return {
    core: createCore(large ? {} : { later() {} }),
    widths: large ? { base: 12, key: 8 } : { base: 6, key: 6 },
    heat(key) {
      if (large) for (let uses = 0; uses < 64; uses++) key.table();
      return key;
    },
  };
}
