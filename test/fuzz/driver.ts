import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Broken } from '../../src/document/broken.ts';

/** A function that takes bytes from anywhere, at once or in the end. It may throw `Broken`; whatever else it throws is found. */
export interface Target {
  readonly name: string;
  /** Inputs to start from, made by our own encoders. */
  readonly seeds: readonly Uint8Array[];
  run(bytes: Uint8Array): void | Promise<void>;
}

/** What follows from a successful reading: here even `Broken` is a find. */
export function must(claim: string, holds: () => boolean): void {
  let held: boolean;
  try {
    held = holds();
  } catch (error) {
    throw new Error(`${claim}: threw`, { cause: error });
  }
  if (!held) throw new Error(`does not hold: ${claim}`);
}

/** An input that should not do what it did. */
export interface Found {
  readonly target: string;
  readonly input: Uint8Array;
  readonly why: string;
}

export interface Outcome {
  readonly executions: number;
  /** Inputs that were read to the end. Few of them mean that the seeds or mutations are poor. */
  readonly accepted: number;
  readonly found: Found | undefined;
}

export const LONGEST = 4096;
const POOL = 512;
const SLOW_MS = 250;
const HEAP_GROWTH = 256 << 20;
const LOOK_AT_HEAP_EVERY = 1024;

/** xorshift32: the same numbers from 0 to 2³² − 1 for the same seed. */
export function generator(seed: number): () => number {
  // Zero would stay zero.
  let state = seed >>> 0 || 0x9e37_79b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

type Mutation = (input: Uint8Array, below: (n: number) => number, pool: readonly Uint8Array[]) => Uint8Array;

const cut = (input: Uint8Array, below: (n: number) => number) => {
  const from = below(input.length + 1);
  return [from, from + below(Math.min(input.length - from, 64) + 1)] as const;
};
const replaced = (input: Uint8Array, from: number, to: number, piece: Uint8Array) => {
  const output = new Uint8Array(input.length - (to - from) + piece.length);
  output.set(input.subarray(0, from));
  output.set(piece, from);
  output.set(input.subarray(to), from + piece.length);
  return output;
};
const changed = (input: Uint8Array, at: number, byte: number) => {
  const output = input.slice();
  if (at < output.length) output[at] = byte;
  return output;
};

/** Values at which lengths, signs, heads and encodings change, as they stand in binary and in text. */
const INTERESTING: readonly Uint8Array[] = [
  ...['00', 'ff', '7f', '80', '1f', '3f', '5f', '9f', 'bf', 'c0', 'f7', 'fb', 'ffff', '7fffffff', 'ffffffff'],
  ...['1bffffffffffffffff', '9affffffff', '5b7fffffffffffffff', 'fb7ff0000000000000', 'eda080', 'c080', 'f4908080'],
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
const INTERESTING_TEXT: readonly Uint8Array[] = [
  ...['"', '\\', '\\u', '\\ud800', '{', '}', '[', ']', ',', ':', '-', '0', '9007199254740993', '1e999', '.', '=', '%'],
  ...['__proto__', 'null', ' ', '\n', '\u0000', '\ufeff', 'GGW'],
].map((text) => new TextEncoder().encode(text));

const MUTATIONS: readonly Mutation[] = [
  function flip(input, below) {
    const at = below(input.length);
    return changed(input, at, (input[at] ?? 0) ^ (1 << below(8)));
  },
  function overwrite(input, below) {
    return changed(input, below(input.length), below(256));
  },
  function increment(input, below) {
    const at = below(input.length);
    return changed(input, at, (input[at] ?? 0) + (below(2) === 0 ? 1 : -1));
  },
  function insert(input, below) {
    const at = below(input.length + 1);
    return replaced(input, at, at, Uint8Array.of(below(256)));
  },
  function remove(input, below) {
    return replaced(input, ...cut(input, below), new Uint8Array(0));
  },
  function truncate(input, below) {
    return input.slice(0, below(input.length + 1));
  },
  function repeat(input, below) {
    const [from, to] = cut(input, below);
    const piece = input.subarray(from, to);
    const times = 1 + below(16);
    return replaced(
      input,
      to,
      to,
      Uint8Array.from({ length: piece.length * times }, (_, i) => piece[i % piece.length]!),
    );
  },
  function splice(input, below, pool) {
    const other = pool[below(pool.length)]!;
    return replaced(input, ...cut(input, below), other.slice(...cut(other, below)));
  },
  function cross(input, below, pool) {
    const other = pool[below(pool.length)]!;
    const at = below(input.length + 1);
    return replaced(input, at, input.length, other.subarray(below(other.length + 1)));
  },
  function interesting(input, below) {
    const values = below(2) === 0 ? INTERESTING : INTERESTING_TEXT;
    const at = below(input.length + 1);
    const value = values[below(values.length)]!;
    return replaced(input, at, below(2) === 0 ? at : Math.min(input.length, at + value.length), value);
  },
];

/** One to four mutations of an input from the pool, half of the time of one of its first `seeds`. */
export function mutate(pool: readonly Uint8Array[], seeds: number, random: () => number): Uint8Array {
  const below = (n: number) => (n > 0 ? random() % n : 0);
  // Accepted inputs grow ever simpler; the seeds keep their structure in play.
  let input = pool[below(below(2) === 0 ? seeds : pool.length)]!;
  for (let times = 1 + below(4); times > 0; times--) input = MUTATIONS[below(MUTATIONS.length)]!(input, below, pool);
  return input.length > LONGEST ? input.slice(0, LONGEST) : input;
}

/**
 * Runs a target on mutations of its seeds until `more` says no, or something is found: an error other than `Broken`, a
 * case that takes more than 250 ms of the processor, or a heap that grows by 256 MiB. Inputs that were accepted are mutated
 * further. The same seed gives the same cases.
 */
export async function fuzz(target: Target, seed: number, more: (executions: number) => boolean): Promise<Outcome> {
  const random = generator(seed);
  // Copies: a Buffer's slice would share its memory with the seed.
  const seeds = target.seeds.map((bytes): Uint8Array => Uint8Array.from(bytes));
  const pool = [...seeds];
  const before = memory();
  let executions = 0;
  let accepted = 0;
  const end = (input: Uint8Array, why: string): Outcome => {
    return { executions, accepted, found: { target: target.name, input, why } };
  };
  for (; more(executions); executions++) {
    const input = executions < seeds.length ? seeds[executions]! : mutate(pool, seeds.length, random);
    const first = await once(target, input);
    if (first.error !== undefined) return end(input, first.error);
    // A busy machine is slow by the clock; a slow case is so by what the processor has done for it.
    if (first.ms > SLOW_MS && (await processorTime(target, input)) > SLOW_MS)
      return end(input, `takes ${Math.round(first.ms)} ms`);
    if (first.accepted) {
      accepted++;
      if (pool.length < seeds.length + POOL) pool.push(input);
      else pool[seeds.length + (random() % POOL)] = input;
    }
    if (executions % LOOK_AT_HEAP_EVERY === 0) {
      // Some of the platform's memory (zlib's) is given back only between tasks.
      await setImmediate();
      const growth = memory() - before;
      if (growth > HEAP_GROWTH) return end(input, `the heap has grown by ${growth >> 20} MiB`);
    }
  }
  return { executions, accepted, found: undefined };
}

/** Milliseconds of this process's work, not of those beside it. */
async function processorTime(target: Target, input: Uint8Array): Promise<number> {
  const before = process.cpuUsage();
  await once(target, input);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function once(target: Target, input: Uint8Array): Promise<{ accepted: boolean; error?: string; ms: number }> {
  const start = performance.now();
  try {
    const running = target.run(input);
    // Most are done at once, and a turn of the queue for each would cost more than they do.
    if (running !== undefined) await running;
    return { accepted: true, ms: performance.now() - start };
  } catch (error) {
    const ms = performance.now() - start;
    if (error instanceof Broken) return { accepted: false, ms };
    return { accepted: false, ms, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/**
 * The command line of a target list: `--seconds N` (10) shared by all targets, `--target NAME`, `--seed N` (of the
 * clock). Prints executions; ends the process with 1 and the case in hexadecimal on the first find, with 64 for a usage
 * error.
 */
export async function main(targets: readonly Target[], args = process.argv.slice(2)): Promise<void> {
  const options = { seconds: { type: 'string' }, target: { type: 'string' }, seed: { type: 'string' } } as const;
  const { values } = parseArgs({ args, options });
  const seconds = Number(values.seconds ?? 10);
  const seed = Number(values.seed ?? Date.now() % 2 ** 32) >>> 0;
  const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
  if (chosen.length === 0 || !(seconds > 0)) {
    console.error(`usage: --seconds N, --seed N, --target one of ${targets.map(({ name }) => name).join(', ')}`);
    process.exitCode = 64;
    return;
  }
  console.log(`seed ${seed}`);
  for (const target of chosen) {
    const until = performance.now() + (seconds * 1000) / chosen.length;
    const { executions, accepted, found } = await fuzz(target, seed, () => performance.now() < until);
    console.log(`${target.name}: ${executions} executions, ${accepted} accepted`);
    if (found) {
      console.error(`${found.target} on ${Buffer.from(found.input).toString('hex')}\n${found.why}`);
      process.exitCode = 1;
      return;
    }
  }
}
