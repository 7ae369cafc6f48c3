import { sameBytes } from '../codec/bytes.ts';
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

export const filesOfUnit = <File>(unit: string, files: ReadonlyMap<string, File>): Map<string, File> =>
  new Map([...files].filter(([file]) => unitOf(file) === unit));

/**
 * Lists that say who may sign or call, and what is revoked. Each acts by itself: a key that is removed must be gone at once, though
 * the format beside it cannot be read.
 */
const ALONE =
  /^(regions\/[^/]+\/((issuers|anchors|crls|certificates|revocations|timestampers|issuance)\/|systems\.json$)|timestampers\/)/;
/** Whether a file is such a list, or lies beside one: what puts back declarations leaves it as it is. */
export const isList = (file: string): boolean => ALONE.test(file);
const REVOCATIONS = /^regions\/[^/]+\/revocations\//;

/**
 * A store in which the faulty files of one unit are replaced by what was last good. Declarations (formats, code lists,
 * agreements, rules …) refer to each other and go back together, with the manifest only if that is at fault itself; lists go
 * back one by one, with the files that lie beside them.
 */
export function withLastGood(unit: string, files: Files, faulty: readonly Rejected[], good: Files): Files {
  const manifest = `regions/${unit}/region.json`;
  const named = [...new Set(faulty.map(({ file }) => file))];
  const declarations = unit === TOP || named.some((file) => !ALONE.test(file));
  const stems = named.filter((file) => ALONE.test(file)).map((file) => file.replace(/(\.(set|status))?\.[^./]+$/, '.'));
  const goesBack = (file: string): boolean =>
    unitOf(file) === unit &&
    (ALONE.test(file)
      ? stems.some((stem) => file.startsWith(stem))
      : declarations && (file !== manifest || named.includes(manifest)));
  return new Map([
    ...[...files].filter(([file]) => !goesBack(file)),
    ...[...good].filter(([file]) => goesBack(file)),
    // What was not there before stays as it is, and is rejected alone.
    ...[...files].filter(([file]) => goesBack(file) && !good.has(file) && ALONE.test(file)),
  ]);
}

/** The same where a pack is at fault as a whole: larger than it may be, say. */
export const withAllLastGood = (unit: string, files: Files, good: Files): Files =>
  new Map([...[...files].filter(([file]) => unitOf(file) !== unit), ...good]);

/**
 * Whether newer lists than are in force could not be used, so that being in none of them says nothing any more: what an
 * earlier list revoked stays revoked, and of all else nobody can tell.
 *
 * @param whole whether all lists went back, those that name its keys too
 */
export const withholds = (unit: string, files: Files, back: Files, whole: boolean): boolean => {
  const same = (file: string): boolean => {
    const [now, then] = [files.get(file), back.get(file)];
    return now === then || (now !== undefined && then !== undefined && sameBytes(now, then));
  };
  const lists = whole ? ALONE : REVOCATIONS;
  return [...new Set([...files.keys(), ...back.keys()])].some(
    (file) => unitOf(file) === unit && lists.test(file) && !same(file),
  );
};
