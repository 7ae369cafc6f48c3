import { nodePlatform } from '../crypto/platform.node.ts';
import type { Localized } from '../document/generated/types.ts';
import { type Federation, loadFederation } from '../region/federation.ts';
import { inventory, type Listed } from '../region/inventory.ts';
import { type Files, PackError } from '../region/pack.ts';
import type { Rejected } from '../trust/key.ts';
import { packHash } from './pack-hash.ts';
import { CHECKS } from './region-checks.node.ts';
import { type Judging, type Rehearsal, rehearse } from './rehearse.node.ts';

/** Whether a pack conforms: one result for each check of the table, and a score. */
export interface Report {
  readonly region: string;
  /** Of the pack's files (pack-hash.ts): what was looked at. */
  readonly hash: string;
  readonly checks: readonly CheckResult[];
  /** 0 to 100, of the checks that apply. */
  readonly score: number;
  /** No check failed. */
  readonly conforms: boolean;
}

export interface CheckResult {
  readonly id: string;
  readonly title: Localized;
  /** `skip`: does not apply, or could not be done; `details` say why. */
  readonly result: 'pass' | 'warn' | 'fail' | 'skip';
  readonly details: readonly Localized[];
}

/** All that a check may look at. */
export interface Checking {
  readonly region: string;
  readonly files: Files;
  readonly judging: Judging;
  /** The pack as it is in the store, if it is. */
  readonly older: Files;
  /** The store with the pack in it. */
  readonly whole: Files;
  /** As gateways would load it: without recipes and samples. */
  readonly federation: Federation;
  /** What of the pack could not be used. */
  readonly rejected: readonly Rejected[];
  readonly keys: readonly Listed[];
  /** Keys of other members, and of the other stores that were named. */
  readonly others: readonly Listed[];
  /** Its samples, tried out; or why they could not be. */
  readonly rehearsal: Rehearsal | PackError;
  /** The same samples in a store without the pack. */
  without(): Federation;
}

export interface CheckOptions extends Partial<Judging> {
  readonly now: number;
  /** Stores of other environments, by a name. */
  readonly elsewhere?: ReadonlyMap<string, Files>;
}

/**
 * Checks a pack among the other members. In: the region, its files (`regions/<id>/…`), the store of the others, which may
 * hold an older pack of the region. Nothing is fetched and nothing written.
 */
export async function checkPack(region: string, files: Files, store: Files, options: CheckOptions): Promise<Report> {
  const { now, region: judge = '310000', purpose = 'checkpoint', elsewhere = new Map<string, Files>() } = options;
  const base = new Map([...store].filter(([path]) => !path.startsWith(`regions/${region}/`)));
  const whole = new Map([...base, ...files]);
  const federation = loadFederation(whole, nodePlatform);
  const rehearsal = await rehearse(whole, region, now).catch((error: unknown) => {
    if (error instanceof PackError) return error;
    throw error;
  });
  const keys = inventory(whole, now, nodePlatform);
  const checking: Checking = {
    region,
    files,
    older: new Map([...store].filter(([path]) => path.startsWith(`regions/${region}/`))),
    whole,
    judging: { now, region: judge, purpose },
    federation,
    rejected: federation.rejected.filter(({ file }) => file.startsWith(`regions/${region}/`)),
    keys: keys.filter((each) => each.region === region),
    others: [
      ...keys.filter((each) => each.region !== region),
      ...[...elsewhere].flatMap(([name, other]) =>
        inventory(other, now, nodePlatform).map((each) => ({ ...each, file: `${name}: ${each.file}` })),
      ),
    ],
    rehearsal,
    without: () => {
      const minted = rehearsal instanceof PackError ? base : rehearsal.store;
      return loadFederation(
        new Map([...minted].filter(([path]) => !path.startsWith(`regions/${region}/`))),
        nodePlatform,
      );
    },
  };
  const checks = CHECKS.map(({ id, title, run }) => ({ id, title, ...run(checking) }));
  const applicable = checks.filter(({ result }) => result !== 'skip');
  const points = applicable.reduce((sum, { result }) => sum + POINTS[result], 0);
  return {
    region,
    hash: packHash(files, nodePlatform),
    checks,
    // Rounded down: one failure must not read as 100.
    score: applicable.length === 0 ? 0 : Math.floor((points / applicable.length) * 100),
    conforms: checks.every(({ result }) => result !== 'fail'),
  };
}

const POINTS: Readonly<Record<CheckResult['result'], number>> = { pass: 1, warn: 0.5, fail: 0, skip: 0 };
