import { BASES, CURVES, type Curve, onCurve } from '../curves.ts';
import { numberOf, octetsOf } from '../numbers.ts';
import { coreModule } from './module.ts';
import { createTables, type Holder, rowsOf, type Table, tableBytes, WIDTHS } from './tables.ts';
import { type CoreKind, coreChoice } from './use.ts';

/**
 * The WebAssembly core that checks P-256 and SM2 signatures with tables of the key's multiples (sources in assembly/, the
 * bounds of its arithmetic argued in assembly/field.ts). It sees public numbers only, so it need not be constant-time. A sum
 * that the fast additions cannot do is told apart, never answered: whoever called decides it by complete arithmetic.
 */
export interface Core {
  /** In: coordinates of 32 octets. Undefined if they are no point of the curve. */
  key(kind: CoreKind, x: Uint8Array, y: Uint8Array): CoreKey | undefined;
  /** Checks of one curve, at most MOST_LANES of them, with one inversion for each step of all. */
  many(kind: CoreKind, checks: readonly CoreCheck[]): (boolean | undefined)[];
  /** How large its memory is. */
  readonly bytes: number;
}

/** A point's coordinates, 32 octets each. */
interface Octets {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

export const MOST_LANES = 64;

/** A digest of 32 octets, or what the core is to make SM3 of: both parts, one after the other, at most MOST_MESSAGE octets. */
export type Digested = Uint8Array | { readonly prefix: Uint8Array; readonly data: Uint8Array };
export const MOST_MESSAGE = 65_536;

export interface CoreKey {
  /** Whose it is: another core has other things where this one has its table. */
  readonly core: Core;
  /** In: what was signed, and r‖s. Undefined if the fast additions cannot tell. */
  check(digested: Digested, signature: Uint8Array): boolean | undefined;
  /** Whether it has a table: one that it had may have been given to another. */
  ready(): boolean;
  /** Has its table built, where there is room for one: at once, or in one of the next turns. */
  prepare(atOnce: boolean): void;
  /** Where its table lies; built if it has none. */
  table(): Table;
}

export interface CoreCheck {
  readonly key: CoreKey;
  readonly digested: Digested;
  readonly signature: Uint8Array;
}

export interface CoreOptions {
  /** Bytes that its memory may have, if as many tables as one call of `many` needs fit into them. */
  readonly budget?: number;
  /** Runs work that nobody waits for, in one of the next turns: each takes some milliseconds. */
  readonly later?: (work: () => void) => void;
  /** Another build of the core, to be measured beside this one. */
  readonly exports?: CoreExports;
}

/** What index.ts in assembly/ exports. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  heap(): number;
  curve(kind: number): number;
  message(): number;
  digest(): number;
  signature(): number;
  key(): number;
  prepare(kind: number, at: number, width: number, from: number, to: number): void;
  check(kind: number, at: number, width: number): number;
  sm3(at: number, length: number, out: number): void;
  lane(kind: number, lane: number, at: number, width: number): void;
  decide(kind: number, count: number): void;
  answer(lane: number): number;
}

/** As the core numbers its curves. */
const KINDS = { 'P-256': 1, SM2: 2 } as const satisfies Record<CoreKind, number>;
/**
 * Of the base point's table. The wider one takes some forty milliseconds to build, so a curve that is hardly used has none; the
 * first one is what a command with one document waits for.
 */
const BASE_WIDTHS = { first: 6, hot: 12 } as const;
const HOT_AFTER = 64;
/** All of the first one; of the wider one some three milliseconds. */
const ROWS_AT_ONCE = 128;
const DEFAULT_BUDGET = 64 << 20;
const PAGE = 65_536;

/** In: a build of the core. */
export function instantiate(module: WebAssembly.Module): CoreExports {
  const abort = (): never => {
    throw new Error('the core ran into a case that it does not have');
  };
  return new WebAssembly.Instance(module, { env: { abort } }).exports as unknown as CoreExports;
}

/** Errors: WebAssembly's own, where a platform has none or its policy forbids it; then there is no core. */
export function createCore({
  budget = DEFAULT_BUDGET,
  later = (work) => work(),
  exports: core = instantiate(coreModule()),
}: CoreOptions = {}): Core {
  let bytes = new Uint8Array(core.memory.buffer);
  let free = (core.heap() + 15) & ~15;
  const room = (size: number): number => {
    const at = free;
    free += size;
    const missing = Math.ceil((free - core.memory.buffer.byteLength) / PAGE);
    if (missing > 0) core.memory.grow(missing);
    bytes = new Uint8Array(core.memory.buffer);
    return at;
  };
  const place = { message: core.message(), digest: core.digest(), signature: core.signature(), key: core.key() };

  /** Rows of a table, all of them if none are named. */
  const build = (kind: CoreKind, { x, y }: Octets, { at, width }: Table, from = 0, to = rowsOf(width)): void => {
    bytes.set(x, place.key);
    bytes.set(y, place.key + 32);
    core.prepare(KINDS[kind], at, width, from, to);
  };
  const waiting: (() => void)[] = [];
  const next = (): void => {
    try {
      // It stands first while it runs: what it asks for itself comes behind, and nobody begins a second time.
      waiting[0]!();
    } finally {
      waiting.shift();
      if (waiting.length > 0) later(next);
    }
  };
  /** A piece in each turn: whoever waits for a verdict need not wait for tables. */
  const soon = (piece: () => void): void => {
    waiting.push(piece);
    if (waiting.length === 1) later(next);
  };
  const used: Record<CoreKind, number> = { 'P-256': 0, SM2: 0 };
  const useBase = (kind: CoreKind, { at, width }: Table): void =>
    new Int32Array(core.memory.buffer, core.curve(KINDS[kind])).set(numbersOf(CURVES[kind], at, width));
  const buildBase = (kind: CoreKind, width: number, run: (piece: () => void) => void): void => {
    const base = { x: octetsOf(BASES[kind].x, 32), y: octetsOf(BASES[kind].y, 32) };
    const table = { at: room(tableBytes(width)), width };
    // Building needs the curve's numbers, but not the table.
    if (used[kind] === 0) useBase(kind, table);
    const rows = rowsOf(width);
    for (let from = 0; from < rows; from += ROWS_AT_ONCE)
      run(() => build(kind, base, table, from, Math.min(from + ROWS_AT_ONCE, rows)));
    run(() => useBase(kind, table));
  };
  /** The base point's table is built when the first key of a curve is used. */
  const begin = (kind: CoreKind): void => {
    if (used[kind] === 0) buildBase(kind, BASE_WIDTHS.first, (piece) => piece());
    used[kind] += 1;
    if (used[kind] === HOT_AFTER) buildBase(kind, BASE_WIDTHS.hot, soon);
  };

  const bases = 2 * (tableBytes(BASE_WIDTHS.first) + tableBytes(BASE_WIDTHS.hot));
  const tables = createTables(budget - free - bases, room, MOST_LANES);

  const put = (digested: Digested, signature: Uint8Array): void => {
    bytes.set(signature, place.signature);
    if (digested instanceof Uint8Array) {
      bytes.set(digested, place.digest);
      return;
    }
    const { prefix, data } = digested;
    bytes.set(prefix, place.message);
    bytes.set(data, place.message + prefix.length);
    core.sm3(place.message, prefix.length + data.length, place.digest);
  };

  const self: Core = {
    get bytes() {
      return core.memory.buffer.byteLength;
    },
    key(kind, x, y) {
      if (x.length !== 32 || y.length !== 32 || !onCurve(CURVES[kind], numberOf(x), numberOf(y))) return undefined;
      const holder: Holder = { slot: undefined };
      let uses = 0;
      const fill = (table: Table): Table => {
        build(kind, { x, y }, table);
        return table;
      };
      const prepare = (width: number): void => {
        begin(kind);
        if (holder.slot !== undefined && holder.slot.width >= width) return;
        const table = tables.offer(holder, width);
        if (table !== undefined) fill(table);
      };
      let waits = false;
      const prepareSoon = (width: number): void => {
        if (waits) return;
        waits = true;
        soon(() => {
          waits = false;
          prepare(width);
        });
      };
      const table = (): Table => {
        begin(kind);
        if (++uses % HOT_AFTER === 0 && holder.slot?.width !== WIDTHS.hot) prepareSoon(WIDTHS.hot);
        return tables.find(holder) ?? fill(tables.take(holder, WIDTHS.first));
      };
      return {
        core: self,
        ready: () => holder.slot !== undefined,
        prepare: (atOnce) => (atOnce ? prepare : prepareSoon)(WIDTHS.first),
        table,
        check(digested, signature) {
          const { at, width } = table();
          put(digested, signature);
          return ANSWERS[core.check(KINDS[kind], at, width)];
        },
      };
    },
    many(kind, checks) {
      if (checks.length === 0) return [];
      // A table that one lane uses may not be given to another before all are decided.
      const found = tables.holding(() => checks.map(({ key }) => key.table()));
      const curve = KINDS[kind];
      checks.forEach(({ digested, signature }, lane) => {
        put(digested, signature);
        core.lane(curve, lane, found[lane]!.at, found[lane]!.width);
      });
      core.decide(curve, checks.length);
      return checks.map((_, lane) => ANSWERS[core.answer(lane)]);
    },
  };
  return self;
}

/**
 * One core for all keys of a platform, made when it is first asked for; undefined where the platform has no WebAssembly, or where
 * it is not to be used.
 */
export function sharedCore(options: CoreOptions): () => Core | undefined {
  let made: { readonly core: Core | undefined } | undefined;
  return () => {
    if (coreChoice().use === 'none' || typeof WebAssembly === 'undefined') return undefined;
    if (made === undefined) {
      try {
        made = { core: createCore(options) };
      } catch (error) {
        // A page's policy may forbid it, and old browsers compile only small modules at once: the portable arithmetic serves.
        if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error;
        made = { core: undefined };
      }
    }
    return made.core;
  };
}

/** There is none for −1. */
const ANSWERS: readonly (boolean | undefined)[] = [false, true];

const LIMBS = 9;
const R = 1n << 261n;

/** As assembly/curve.ts lays them out. */
function numbersOf({ p, n }: Curve, baseTable: number, baseWidth: number): Int32Array {
  return Int32Array.from([
    ...[p, R % p, (R * R) % p, (R * R * R) % p, n, (R * R) % n].flatMap((number) => limbsOf(number, 29)),
    ...limbsOf(p, 30),
    ...limbsOf(n, 30),
    (1 << 29) - inverse(n, 29),
    inverse(p, 30),
    inverse(n, 30),
    baseTable,
    baseWidth,
    ...limbsOf((1n << 260n) % p, 29),
  ]);
}

const limbsOf = (number: bigint, bits: number): number[] =>
  Array.from({ length: LIMBS }, (_, i) => Number(BigInt.asUintN(bits, number >> BigInt(i * bits))));

/** Of an odd number modulo 2^bits: it is its own inverse modulo 8, and each step doubles the bits. */
function inverse(odd: bigint, bits: number): number {
  let found = odd;
  for (let right = 3; right < bits; right *= 2) found = BigInt.asUintN(bits, found * (2n - odd * found));
  return Number(found);
}
