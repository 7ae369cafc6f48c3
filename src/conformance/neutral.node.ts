import { writeJson } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { IssuerEntry } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { type Federation, loadFederation } from '../region/federation.ts';
import { DECLARATIONS, readFolder } from '../region/folder.node.ts';
import { type Files, readCatalogue } from '../region/pack.ts';
import type { Standpoint } from '../region/standpoint.ts';

/** The region that suites judge from: it recognises whatever the suite brings, for every purpose. */
export const NEUTRAL = 'x-neutral';

/** The declarations of the project, read once per suite. */
export const declarations = (): Promise<Files> => readFolder(DECLARATIONS);

/**
 * A standpoint for one case or one list: the project's own formats, these issuers for a region, everything recognised,
 * and lists exactly as old as the clock says, so that only the case itself is judged.
 */
export function neutralStandpoint(
  files: Files,
  region: string,
  issuers: readonly IssuerEntry[],
  now: number,
): Standpoint {
  return neutralFederation(files, region, issuers, now).standpoint(NEUTRAL, () => now)!;
}

export const neutralFederation = (
  files: Files,
  region: string,
  issuers: readonly IssuerEntry[],
  now: number,
): Federation => loadFederation(neutralStore(files, region, issuers, now), nodePlatform);

/** The files that it is made of. */
export function neutralStore(files: Files, region: string, issuers: readonly IssuerEntry[], now: number): Files {
  const catalogue = readCatalogue(files);
  const store = new Map([...files].filter(([file]) => !file.endsWith('.recipe.json')));
  const put = (file: string, value: unknown): void => {
    store.set(file, encodeUtf8(writeJson(value as Value)));
  };
  const regions = new Set([...files.keys()].flatMap((file) => /^regions\/([^/]+)\//.exec(file)?.[1] ?? []));
  put(`regions/${region}/issuers/suite.json`, { issued: instantOf(now), issuers });
  put(`regions/${NEUTRAL}/region.json`, { region: NEUTRAL, name: { zh: '中立', en: 'Neutral' }, issues: [] });
  put(`regions/${NEUTRAL}/agreements.json`, {
    agreements: [...regions].map((issuingRegion) => ({
      issuingRegion,
      documentTypes: catalogue.documentTypes.map((type) => type.code),
      purposes: catalogue.purposes.map((purpose) => purpose.code),
      basis: { title: { zh: '一致性测试', en: 'Conformance run' } },
    })),
  });
  return store;
}
