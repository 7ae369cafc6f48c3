import { bytesToNumberBE } from '@noble/curves/utils.js';
import type { CoreKind } from '../../src/crypto/core/use.ts';
import { CURVES } from '../../src/crypto/curves.ts';
import { pointsOn } from '../../src/crypto/points.ts';
import { Broken } from '../../src/document/broken.ts';
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
} from '../crypto/core-cases.ts';
import { generator, main, must, type Target } from './driver.ts';

// Run with: npx node test/fuzz/core.ts --seconds 60 [--target NAME] [--seed N]

/**
 * An input is up to four records: a key's number, what the rest means, and three numbers of 32 octets. All are decided at once, with good
 * checks between, and one by one.
 */
const RECORD = 98;
const MOST_RECORDS = 4;

/** Keys' secrets: with small ones, and with the order's neighbours, sums are easily exceptional. */
const secrets = ({ n }: { n: bigint }): bigint[] => [1n, 2n, 7n, n - 1n, n >> 1n, (n * 2n) / 3n];

/** From three numbers to what is asked: of a curve, and of the key d·G. */
type Meaning = (kind: CoreKind, d: bigint, a: bigint, b: bigint, c: bigint) => Question;

const chosen = (from: readonly bigint[], by: bigint): bigint => from[Number(by % BigInt(from.length))]!;
const edge = (kind: CoreKind, by: bigint): bigint => {
  const { n, p } = CURVES[kind];
  return chosen([0n, 1n, n - 1n, n, n + 1n, p - n, p, (1n << 256n) - 1n], by);
};
/** A signature that is good, unless the sum is infinity. In: any multiples. */
const good: Meaning = (kind, d, a, b) => {
  const { Fn } = pointsOn(kind);
  const u = Fn.create(a);
  // ECDSA cannot have 0 for it.
  const v = Fn.create(b) || 1n;
  return asking(kind, u, v, xOfSum(kind, u, v, d));
};
/** −128 to 127. */
const small = (number: bigint): bigint => BigInt.asIntN(8, number);

const MEANINGS: readonly Meaning[] = [
  (_kind, _d, e, r, s) => ({ e, r, s }),
  (kind, _d, e, r, s) => ({ e, r: edge(kind, r), s }),
  (kind, _d, e, r, s) => ({ e, r, s: edge(kind, s) }),
  (kind, _d, e, r, s) => ({ e: edge(kind, e), r: edge(kind, r), s: edge(kind, s) }),
  good,
  (kind, d, a, b, c) => good(kind, d, small(a), small(b), c),
  // Two points that are equal, or opposite.
  (kind, d, a, b, c) => good(kind, d, (a & 1n) === 0n ? d * b : -d * b, b, c),
  (kind, d, a, b, c) => ({ ...good(kind, d, a, b, c), e: c }),
  // Single bits, on which digits end.
  (kind, d, a, b, c) => good(kind, d, 1n << (a & 255n), (1n << (b & 255n)) - 1n, c),
];

function target(kind: CoreKind): Target {
  const { BASE } = pointsOn(kind);
  const owners = secrets(CURVES[kind]).map((d) => ({ d, q: BASE.multiply(d) }));
  const cores = [false, true].map((large) => {
    const { core, widths, heat } = coreWith(large);
    return {
      core,
      widths,
      keys: owners.map(({ q }) => heat(keyOf(core, kind, q))),
      between: goodChecks(core, kind, MOST_RECORDS + 1, generator(20_261_130)),
    };
  });
  const numbers = [3n, 0x1234_5678n, CURVES[kind].n - 2n];
  const record = (owner: number, meaning: number, [a, b, c]: readonly bigint[]): Uint8Array =>
    Uint8Array.of(owner, meaning, ...octets(a!), ...octets(b!), ...octets(c!));
  const signed = ({ e, r, s }: Question): bigint[] => [e, r, s];
  return {
    name: `core-${kind}`,
    seeds: [
      ...MEANINGS.map((_, meaning) => record(meaning, meaning, numbers)),
      ...owners.map(({ d }, owner) => record(owner, 0, signed(good(kind, d, 1n << 200n, 3n ** 150n, 0n)))),
      Uint8Array.of(...record(2, 4, numbers), ...record(2, 3, numbers), ...record(2, 5, numbers)),
    ],
    run(data) {
      const count = Math.min(Math.floor(data.length / RECORD), MOST_RECORDS);
      if (count === 0) throw new Broken('record', 'none');
      const records = Array.from({ length: count }, (_, i) => {
        const at = data.subarray(i * RECORD, (i + 1) * RECORD);
        const [a, b, c] = [2, 34, 66].map((from) => bytesToNumberBE(at.subarray(from, from + 32)));
        const owner = at[0]! % owners.length;
        const { d, q } = owners[owner]!;
        const question = MEANINGS[at[1]! % MEANINGS.length]!(kind, d, a!, b!, c!);
        const found = multiples(kind, question);
        return { owner, d, found, ...written(question), said: complete(kind, q, question) };
      });
      for (const { core, widths, keys, between } of cores) {
        const checks = records.map(({ owner, digested, signature }) => ({ key: keys[owner]!, digested, signature }));
        const told = core.many(kind, [between[0]!, ...checks.flatMap((check, i) => [check, between[i + 1]!])]);
        records.forEach(({ d, found, said }, i) => {
          const { key, digested, signature } = checks[i]!;
          const untold = found !== undefined && isExceptional(kind, found, d, widths);
          const wanted = untold ? undefined : said;
          must('alone it is what complete arithmetic says', () => key.check(digested, signature) === wanted);
          must('beside others too', () => told[2 * i + 1] === wanted);
        });
        must('the good ones between stay good', () => told.every((answer, lane) => lane % 2 === 1 || answer === true));
      }
    },
  };
}

export const targets: readonly Target[] = (['P-256', 'SM2'] as const).map(target);

if (import.meta.main) await main(targets);
