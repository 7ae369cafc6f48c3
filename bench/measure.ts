import type { Row } from './bench.ts';

/** One thing to be measured. `run` does `size` units of work. */
export interface Contender {
  readonly name: string;
  readonly size: number;
  run(): unknown;
}

export interface Rounds {
  readonly rounds?: number;
  /** How long one contender has in a round, at least: it runs so often. 0 for once. */
  readonly roundMs?: number;
  /** Rounds before those that count. */
  readonly warm?: number;
  /** Milliseconds that have passed, as what is measured counts them; processor time if absent. */
  readonly clock?: () => number;
}

/** µs that one unit took, round by round. */
export type Times = readonly number[];

/**
 * Measures side by side: rounds are short and interleaved, so that a slow minute of a shared machine falls on all alike, and
 * in processor time waiting for a turn does not count. Quote ratios, not times. Out: the times of each contender, by its name.
 */
export async function measure(
  contenders: readonly Contender[],
  { rounds = 31, roundMs = 25, warm = 3, clock = processorMs }: Rounds = {},
): Promise<Map<string, Times>> {
  for (let round = 0; round < warm; round++) for (const contender of contenders) await time(contender, 1, clock);
  const repeats: number[] = [];
  for (const contender of contenders) {
    const ms = await time(contender, 1, clock);
    repeats.push(Math.max(1, Math.round(roundMs / Math.max(0.001, ms))));
  }
  const times = contenders.map(({ name }): [string, number[]] => [name, []]);
  for (let round = 0; round < rounds; round++)
    for (const [i, contender] of contenders.entries())
      times[i]![1].push(((await time(contender, repeats[i]!, clock)) * 1000) / (repeats[i]! * contender.size));
  return new Map(times);
}

/** Of this process, all its threads together. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export const wallMs = (): number => performance.now();

/**
 * A row: how often `own` goes into `other`, round by round, and what lies in the middle. In: µs; one number where every round is held
 * against the same.
 */
export function rowOf(name: string, own: Times, other: Times | number, said?: string): Row {
  const ratios = own.map((time, round) => (typeof other === 'number' ? other : other[round]!) / time);
  const row = { name, ratio: quantile(ratios, 0.5), micros: quantile(own, 0.5), spread: spreadOf(ratios) };
  return said === undefined ? row : { ...row, said };
}

/** Two contenders: both times are said. */
export const against = (name: string, own: Times, other: Times): Row =>
  rowOf(name, own, other, `${micros(other)} : ${micros(own)}`);

/** Rows of all, against the first; the first itself against what lies in its middle, so that its noise is seen. */
export function rowsOf(times: ReadonlyMap<string, Times>): Row[] {
  const [first = []] = times.values();
  return [...times].map(([name, own]) => rowOf(name, own, own === first ? quantile(own, 0.5) : first));
}

function micros(times: Times): string {
  const middle = quantile(times, 0.5);
  return `${middle.toFixed(middle < 100 ? 1 : 0)} µs`;
}

export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;

/** Half the distance between the quartiles, as a share of the median: how noisy the machine was. */
export function spreadOf(values: readonly number[]): number {
  const middle = Math.abs(quantile(values, 0.5));
  return middle === 0 ? 0 : (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / middle;
}

/** A measurement that does not hold what it says is none. */
export function mustHold(good: boolean, what = 'a good signature was not taken'): void {
  if (!good) throw new Error(what);
}

/**
 * Milliseconds that `repeats` runs take, and a turn of the event loop: an engine that has none cannot end a collection it has begun,
 * and all memory is slow until it has.
 */
async function time({ run }: Contender, repeats: number, clock: () => number): Promise<number> {
  const before = clock();
  for (let i = 0; i < repeats; i++) {
    const running = run();
    if (running instanceof Promise) await running;
  }
  await turn();
  return clock() - before;
}

export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
