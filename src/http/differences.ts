import type { CoreChoice, CoreUse, Difference } from '../crypto/core/use.ts';
import type { Log } from './log.ts';
import type { Family } from './metrics.ts';

/** Where the core that checks signatures is judged: what came of it. */
export interface Differences extends CoreChoice {
  /** How often they differed; undefined where nobody judges, for then nought would say too much. */
  readonly counted: (() => Family) | undefined;
}

const CASES: readonly Difference[] = (['P-256', 'SM2'] as const).flatMap((curve) =>
  (['good', 'bad'] as const).map((core) => ({ curve, core })),
);

/** Logs and counts each difference, of this thread and of others. */
export function watchCore(use: CoreUse, log: Log): Differences {
  const rows = CASES.map(({ curve, core }) => ({ labels: { curve, core }, value: 0 }));
  return {
    use,
    differed({ curve, core }) {
      log.write('core-differed', { curve, core });
      for (const row of rows) if (row.labels.curve === curve && row.labels.core === core) row.value += 1;
    },
    counted:
      use === 'judged'
        ? () => ({
            name: 'tongren_core_differences_total',
            type: 'counter',
            help: 'Signatures that the WebAssembly core found otherwise than who judges it, by curve and what the core found.',
            rows,
          })
        : undefined,
  };
}
