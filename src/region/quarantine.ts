import type { Rejected } from '../trust/key.ts';
import type { Files } from './pack.ts';

/** What lies beside `regions/`: quarantined as one, as a region's pack is. */
export const TOP = 'federation';

/** The files of a region, or of what lies beside `regions/` (TOP), as they were when nothing in them was at fault. */
export type LastGood = (unit: string) => Files | undefined;

/** To which of these a file belongs. */
export function unitOf(file: string): string {
  const [, region = TOP] = /^regions\/([^/]+)\//.exec(file) ?? [];
  return region;
}

export const filesOfUnit = (unit: string, files: Files): Map<string, Uint8Array> =>
  new Map([...files].filter(([file]) => unitOf(file) === unit));

/**
 * Lists that say who may sign and what is revoked. Each acts by itself: a key that is removed must be gone at once, though
 * the format beside it cannot be read.
 */
const ALONE = /^regions\/[^/]+\/(issuers|anchors|crls|certificates|revocations|timestampers|issuance)\//;

/**
 * A store in which the faulty files of one unit are replaced by what was last good. Declarations (formats, code lists,
 * agreements, rules …) refer to each other and go back together; lists go back one by one, with the files that lie
 * beside them; without a manifest that can be read the whole pack does.
 */
export function withLastGood(unit: string, files: Files, faulty: readonly Rejected[], good: Files): Files {
  const named = [...new Set(faulty.map(({ file }) => file))];
  const whole = unit === TOP || named.includes(`regions/${unit}/region.json`);
  const declarations = named.some((file) => !ALONE.test(file));
  const stems = named.filter((file) => ALONE.test(file)).map((file) => file.replace(/(\.(set|status))?\.[^./]+$/, '.'));
  const goesBack = (file: string): boolean =>
    unitOf(file) === unit &&
    (whole ||
      (ALONE.test(file)
        ? stems.some((stem) => file.startsWith(stem))
        : declarations && file !== `regions/${unit}/region.json`));
  return new Map([
    ...[...files].filter(([file]) => !goesBack(file)),
    ...[...good].filter(([file]) => goesBack(file)),
    // What was not there before stays as it is, and is rejected alone.
    ...[...files].filter(([file]) => goesBack(file) && !good.has(file) && ALONE.test(file)),
  ]);
}
