/** One thing to be measured. `run` does `size` units of work. */
export interface Contender {
  readonly name: string;
  readonly size: number;
  run(): void;
}

export interface Measured {
  readonly name: string;
  /** Median time of one unit, µs. */
  readonly micros: number;
  /** Half the distance between the quartiles, as a share of the median: how noisy the machine was. */
  readonly spread: number;
}

/**
 * Measures side by side: rounds are short and interleaved, so that a slow minute of a shared machine falls on all alike, and
 * medians are taken of processor time, in which waiting for a turn does not count. Quote ratios, not times.
 */
export async function measure(contenders: readonly Contender[], rounds = 31, roundMs = 25): Promise<Measured[]> {
  const repeats: number[] = [];
  for (const contender of contenders) {
    for (let i = 0; i < 3; i++) contender.run();
    repeats.push(Math.max(1, Math.round(roundMs / Math.max(0.001, await time(contender, 1)))));
  }
  const times: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, contender] of contenders.entries())
      times[i]!.push(((await time(contender, repeats[i]!)) * 1000) / (repeats[i]! * contender.size));
  return contenders.map(({ name }, i) => {
    return { name, micros: quantile(times[i]!, 0.5), spread: spreadOf(times[i]!) };
  });
}

export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;

/** Half the distance between the quartiles, as a share of the median. */
export function spreadOf(values: readonly number[]): number {
  const middle = Math.abs(quantile(values, 0.5));
  return middle === 0 ? 0 : (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / middle;
}

/**
 * Milliseconds of this process's processor time that `repeats` runs take, all its threads together, and a turn of the event loop: an
 * engine that has none cannot end a collection it has begun, and all memory is slow until it has.
 */
async function time(contender: Contender, repeats: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < repeats; i++) contender.run();
  await new Promise((resolve) => setImmediate(resolve));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
