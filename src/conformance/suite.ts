/**
 * A conformance suite judges this house by data that others made. Every case they ship is reported once: nothing is
 * passed over in silence, and what does not apply says why.
 */
export interface CaseResult {
  readonly name: string;
  /** Whether all labels of the case agree with what was found. */
  readonly result: 'agree' | 'differ' | 'not-applicable';
  /** Why it differs or does not apply; with `agree` only where something is worth telling. */
  readonly because?: string;
}

/** What became of a case, said by the three functions below. */
export type Outcome = Omit<CaseResult, 'name'>;

export const agree = (because?: string): Outcome => ({
  result: 'agree',
  ...(because === undefined ? {} : { because }),
});
export const differ = (because: string): Outcome => ({ result: 'differ', because });
export const notApplicable = (because: string): Outcome => ({ result: 'not-applicable', because });

export interface Suite {
  readonly name: string;
  /** One line, '中文 · English': whose data, and what it asserts. */
  readonly summary: string;
  /**
   * Runs every case found under `dir`.
   *
   * @throws Error if `dir` does not hold the suite's data
   */
  run(
    dir: string,
    report: (result: CaseResult) => void,
    progress?: (done: number, total: number) => void,
  ): Promise<void>;
}
