import type { Curve, CurveKind } from './curves.ts';
import { pointsOn } from './points.ts';

/**
 * Whether u·G + v·Q is a finite point with an affine x ≡ `x` (mod n). This is the last step of ECDSA and of SM2.
 * u, v and x lie in [0, n).
 */
export type SumHasX = (u: bigint, v: bigint, x: bigint) => boolean;

/**
 * A checkpoint sees few issuers and many documents: after this many checks a key gets a table of its multiples,
 * which costs about as much as three checks without.
 */
const CHECKS_BEFORE_TABLE = 2;
const WINDOW_OF_KEY = 6;
const WINDOW_OF_BASE = 8;

/**
 * Prepares the double multiplication for the public point Q = (qx, qy), which must be on the curve.
 *
 * Only public values pass through, so nothing here is constant-time. The additions are the fast incomplete ones, which
 * cannot add a point to itself or to its negative; whoever makes such a sum happen on purpose is sent to the complete
 * formulas, never answered wrongly.
 */
export function prepareSum(curve: Curve, qx: bigint, qy: bigint): SumHasX {
  const { kind, n } = curve;
  const Point = pointsOn(kind);
  const q = Point.fromAffine({ x: qx, y: qy });
  let checks = 0;
  let tableOfQ: Table | undefined;

  function complete(u: bigint, v: bigint, x: bigint): boolean {
    const sum = Point.BASE.mulAddUnsafe(u, q, v);
    return !sum.is0() && sum.toAffine().x % n === x;
  }
  return (u, v, x) => {
    if (checks < CHECKS_BEFORE_TABLE) {
      checks++;
      return complete(u, v, x);
    }
    tableOfQ ??= tableOf(curve, qx, qy, WINDOW_OF_KEY);
    return fastSumHasX(curve, tableOfBase(curve), tableOfQ, u, v, x) ?? complete(u, v, x);
  };
}

/** Multiples 1 … 2^(width−1) of 2^(width·i)·P for every window i, affine, as x, y, x, y … */
interface Table {
  readonly width: number;
  readonly windows: number;
  readonly coordinates: readonly bigint[];
}

const tablesOfBase = new Map<CurveKind, Table>();

/** The base point's table, built when the first key of the curve is hot. */
function tableOfBase(curve: Curve): Table {
  let table = tablesOfBase.get(curve.kind);
  if (table === undefined) {
    const { x, y } = pointsOn(curve.kind).BASE.toAffine();
    table = tableOf(curve, x, y, WINDOW_OF_BASE);
    tablesOfBase.set(curve.kind, table);
  }
  return table;
}

/** Undefined when the sum ran into an exceptional case of the addition formulas. */
function fastSumHasX({ p, n }: Curve, ofBase: Table, ofQ: Table, u: bigint, v: bigint, x: bigint): boolean | undefined {
  const sum: Jacobian = { x: 0n, y: 0n, z: 0n, empty: true };
  addMultiple(sum, ofBase, u, p);
  addMultiple(sum, ofQ, v, p);
  // Once z is 0 every further addition keeps it so: infinity, or two equal points met on the way.
  if (sum.empty || sum.z === 0n) return undefined;
  const zz = (sum.z * sum.z) % p;
  // x is known modulo n only, and n < p: the affine x may be x or x + n.
  return (sum.x - x * zz) % p === 0n || (x + n < p && (sum.x - (x + n) * zz) % p === 0n);
}

/** Affine (x/z², y/z³). Coordinates lie in (−p, p). */
interface Jacobian {
  x: bigint;
  y: bigint;
  z: bigint;
  empty: boolean;
}

/** Adds k·P from P's table, by signed digits: one addition per window and no doubling. */
function addMultiple(sum: Jacobian, table: Table, k: bigint, p: bigint): void {
  const { width, windows, coordinates } = table;
  const shift = BigInt(width);
  const size = 1 << width;
  const half = size >> 1;
  const mask = BigInt(size - 1);
  let rest = k;
  let carry = 0;
  for (let window = 0; window < windows; window++, rest >>= shift) {
    let digit = Number(rest & mask) + carry;
    carry = digit > half ? 1 : 0;
    digit -= carry * size;
    if (digit === 0) continue;
    const at = 2 * (window * half + Math.abs(digit) - 1);
    const y = coordinates[at + 1]!;
    addAffine(sum, coordinates[at]!, digit > 0 ? y : -y, p);
  }
}

/** Mixed addition; z becomes 0 if the points are equal or opposite. */
function addAffine(sum: Jacobian, x2: bigint, y2: bigint, p: bigint): void {
  if (sum.empty) {
    sum.x = x2;
    sum.y = y2;
    sum.z = 1n;
    sum.empty = false;
    return;
  }
  const { x: x1, y: y1, z: z1 } = sum;
  const zz = (z1 * z1) % p;
  const h = ((x2 * zz) % p) - x1;
  const r = ((((y2 * zz) % p) * z1) % p) - y1;
  const hh = (h * h) % p;
  const hhh = (h * hh) % p;
  const v = (x1 * hh) % p;
  const x3 = (r * r - hhh - 2n * v) % p;
  sum.x = x3;
  sum.y = (r * (v - x3) - y1 * hhh) % p;
  sum.z = (z1 * h) % p;
}

/** Doubling for a = −3. Points of odd order never have y = 0. */
function double(sum: Jacobian, p: bigint): void {
  const { x, y, z } = sum;
  const zz = (z * z) % p;
  const yy = (y * y) % p;
  const s = (4n * x * yy) % p;
  const m = (3n * (x - zz) * (x + zz)) % p;
  const x3 = (m * m - 2n * s) % p;
  sum.x = x3;
  sum.y = (m * (s - x3) - 8n * yy * yy) % p;
  sum.z = (2n * y * z) % p;
}

/** The multiples needed are far below the order of the point, so no addition here is exceptional. */
function tableOf(curve: Curve, x: bigint, y: bigint, width: number): Table {
  const { p, n } = curve;
  const half = 1 << (width - 1);
  // Signed digits may carry one bit out of the top.
  const windows = Math.floor(n.toString(2).length / width) + 1;
  const start: Jacobian = { x, y, z: 1n, empty: false };
  const bases: Jacobian[] = [];
  for (let window = 0; window < windows; window++) {
    bases.push({ ...start });
    for (let i = 0; i < width; i++) double(start, p);
  }
  const affineBases = affine(curve, bases);
  const multiples: Jacobian[] = [];
  for (let window = 0; window < windows; window++) {
    const baseX = affineBases[2 * window]!;
    const baseY = affineBases[2 * window + 1]!;
    const multiple: Jacobian = { x: baseX, y: baseY, z: 1n, empty: false };
    for (let i = 0; i < half; i++) {
      multiples.push({ ...multiple });
      if (i === 0) double(multiple, p);
      else addAffine(multiple, baseX, baseY, p);
    }
  }
  return { width, windows, coordinates: affine(curve, multiples) };
}

/** Affine coordinates of all points with one inversion (Montgomery's trick). */
function affine({ p, kind }: Curve, points: readonly Jacobian[]): bigint[] {
  const { Fp } = pointsOn(kind);
  const products: bigint[] = [];
  let product = 1n;
  for (const point of points) {
    products.push(product);
    product = (product * point.z) % p;
  }
  let inverse = Fp.inv(Fp.create(product));
  const coordinates = new Array<bigint>(2 * points.length);
  for (let i = points.length - 1; i >= 0; i--) {
    const { x, y, z } = points[i]!;
    const zInverse = (inverse * products[i]!) % p;
    inverse = (inverse * z) % p;
    const zz = (zInverse * zInverse) % p;
    coordinates[2 * i] = Fp.create(x * zz);
    coordinates[2 * i + 1] = Fp.create(((y * zz) % p) * zInverse);
  }
  return coordinates;
}
