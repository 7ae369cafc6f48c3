/** One measured ratio. */
export interface Row {
  readonly name: string;
  /** How many times faster than R, or better than what it is asked to be: more is better. */
  readonly ratio: number;
  readonly micros: number;
  /** Half the distance between the quartiles of the rounds' ratios, as a share of the median; absent where there was one round. */
  readonly spread?: number;
  /** What is said in place of the time. */
  readonly said?: string;
}

export interface Bench {
  readonly about: string;
  /** What a ratio counts; R if it is not said. */
  readonly unit?: string;
  /** @param full also what takes minutes */
  run(full: boolean): Promise<Measured>;
}

/** What was measured, and on what. */
export interface Measured {
  readonly source: string;
  readonly rows: readonly Row[];
}

export const R = 'R: crypto.verify ES256';
