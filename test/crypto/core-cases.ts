import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import type { Core, CoreCheck, CoreKey, CoreKind } from '../../src/crypto/core/core.ts';
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

/** The two multiples of which a signature's sum is made; undefined if it is out of range. */
export function multiples(kind: CoreKind, { e, r, s }: Question): { u: bigint; v: bigint } | undefined {
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
  const sum = BASE.multiplyUnsafe(found.u).add(q.multiplyUnsafe(found.v));
  if (sum.is0()) return false;
  const { x } = sum.toAffine();
  return kind === 'SM2' ? Fn.create(question.e + x) === question.r : Fn.create(x) === question.r;
}

/** Good signatures over random numbers, of a key of their own. */
export function goodChecks(core: Core, kind: CoreKind, count: number, random: () => number): CoreCheck[] {
  const { BASE, Fn } = pointsOn(kind);
  const d = scalar(kind, random);
  const key = keyOf(core, kind, BASE.multiply(d));
  return Array.from({ length: count }, () => {
    const u = scalar(kind, random);
    const v = scalar(kind, random);
    const { x } = BASE.multiply(Fn.create(u + v * d)).toAffine();
    return { key, ...written(asking(kind, u, v, x)) };
  });
}
