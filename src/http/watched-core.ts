import { CORE_KINDS, type CoreChoice, type CoreUse } from '../crypto/core/use.ts';
import type { Log } from './log.ts';
import type { MetricFamily } from './metrics.ts';

/** How a gateway uses the core that checks signatures, and what came of judging it. */
export interface WatchedCore extends CoreChoice {
  /** How often the two checks of a signature differed; none where there are not two, for then nought would say too much. */
  readonly counted: readonly MetricFamily[];
}

/** They are all alike, and a faulty core could give one for each document. */
const LOGGED_MS = 60_000;

/** Counts differences, of this thread and of others, and logs the first of each kind in a minute. In: epoch ms. */
export function watchCore(use: CoreUse, log: Log, clock: () => number): WatchedCore {
  // From nought: Prometheus’ `increase` does not see the first of what was not there before.
  const rows = CORE_KINDS.flatMap((curve) =>
    (['good', 'bad'] as const).map((core) => ({
      labels: { curve, core },
      value: 0,
      loggedAt: Number.NEGATIVE_INFINITY,
    })),
  );
  return {
    use,
    differed({ curve, core }) {
      const row = rows.find(({ labels }) => labels.curve === curve && labels.core === core)!;
      row.value += 1;
      if (Math.abs(clock() - row.loggedAt) < LOGGED_MS) return;
      row.loggedAt = clock();
      log.write('core-differed', { curve, core, number: row.value });
    },
    counted:
      use === 'judged'
        ? [
            {
              name: 'tongren_core_differences_total',
              type: 'counter',
              help: 'Signatures of which two checks differed, by curve and what the WebAssembly core found.',
              rows,
            },
          ]
        : [],
  };
}
