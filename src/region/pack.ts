import { parseJson } from '../codec/json.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import type {
  AgreementList,
  Catalogue,
  CodeList,
  FormatDeclaration,
  IssuerList,
  RegionManifest,
  RevocationList,
} from '../document/generated/types.ts';
import {
  type Validate,
  validateAgreements,
  validateCatalogue,
  validateCodeList,
  validateFederation,
  validateFormat,
  validateIssuers,
  validateRegion,
  validateRevocations,
} from '../document/generated/validators.js';
import type { Rejected } from '../trust/view.ts';

/** Files by path, relative to the store. What is read is data from elsewhere, signed or not: everything is checked. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** A region's files, each valid by its schema. What was not is in `rejected`. */
export interface Pack {
  readonly manifest: RegionManifest;
  readonly formats: readonly { readonly file: string; readonly declaration: FormatDeclaration }[];
  readonly codes: readonly { readonly file: string; readonly list: CodeList }[];
  readonly issuers: readonly { readonly file: string; readonly list: IssuerList }[];
  readonly revocations: readonly { readonly file: string; readonly list: RevocationList }[];
  readonly agreements: AgreementList | undefined;
}

/** Larger files than any pack needs are refused before they are parsed. */
const PACK_LIMITS = { input: 64 * 1024 * 1024, inflated: 0, depth: 32, items: 20_000_000 };

/**
 * Reads one JSON file. In: its path and bytes, the validator of its schema. Errors: PackError with file, pointer and
 * reason.
 */
export function readJson<T>(file: string, bytes: Uint8Array | undefined, validate: Validate): T {
  if (bytes === undefined) throw new PackError(file, '', 'the file is missing');
  let value: unknown;
  try {
    value = parseJson(decodeUtf8(bytes), PACK_LIMITS);
  } catch (error) {
    if (error instanceof Broken) throw new PackError(file, '', error.message);
    throw error;
  }
  if (!validate(value)) {
    const error = validate.errors?.[0];
    const params =
      error === undefined || Object.keys(error.params).length === 0 ? '' : ` ${JSON.stringify(error.params)}`;
    throw new PackError(file, error?.instancePath ?? '', `${error?.message ?? 'does not fit its schema'}${params}`);
  }
  return value as T;
}

/** A file of the store that cannot be used: which, where in it, and why. */
export class PackError extends Error {
  override readonly name = 'PackError';
  readonly file: string;
  readonly at: string;
  readonly reason: string;
  constructor(file: string, at: string, reason: string) {
    super(`${file}${at === '' ? '' : `#${at}`}: ${reason}`);
    this.file = file;
    this.at = at;
    this.reason = reason;
  }
}

/** Reads a region's pack. A faulty file is rejected alone; without its manifest the whole region is (PackError). */
export function readPack(id: string, files: Files, reject: (rejected: Rejected) => void): Pack {
  const base = `regions/${id}/`;
  const manifest = readJson<RegionManifest>(`${base}region.json`, files.get(`${base}region.json`), validateRegion);
  if (manifest.region !== id)
    throw new PackError(`${base}region.json`, '/region', `says ${manifest.region}, but lies in regions/${id}`);
  const each = <T>(folder: string, validate: Validate): { file: string; value: T }[] =>
    [...files.keys()]
      .filter(
        (file) => file.startsWith(`${base}${folder}/`) && file.endsWith('.json') && !file.endsWith('.recipe.json'),
      )
      .sort()
      .flatMap((file) => attempt(() => ({ file, value: readJson<T>(file, files.get(file), validate) }), reject) ?? []);
  const agreementsFile = `${base}agreements.json`;
  return {
    manifest,
    formats: each<FormatDeclaration>('formats', validateFormat).map(({ file, value }) => ({
      file,
      declaration: value,
    })),
    codes: each<CodeList>('codes', validateCodeList).map(({ file, value }) => ({ file, list: value })),
    issuers: each<IssuerList>('issuers', validateIssuers).map(({ file, value }) => ({ file, list: value })),
    revocations: each<RevocationList>('revocations', validateRevocations).map(({ file, value }) => ({
      file,
      list: value,
    })),
    agreements: files.has(agreementsFile)
      ? attempt(() => readJson<AgreementList>(agreementsFile, files.get(agreementsFile), validateAgreements), reject)
      : undefined,
  };
}

/** Runs, and turns a PackError into a rejection. */
export function attempt<T>(run: () => T, reject: (rejected: Rejected) => void): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    reject({ file: error.file, at: error.at, reason: error.reason });
    return undefined;
  }
}

/** The ids of the regions that have files in the store, in order. */
export function regionIds(files: Files): string[] {
  const ids = new Set<string>();
  for (const file of files.keys()) {
    const [, id] = /^regions\/([^/]+)\//.exec(file) ?? [];
    if (id !== undefined) ids.add(id);
  }
  return [...ids].sort();
}

export const readCatalogue = (files: Files): Catalogue =>
  readJson('catalogue.json', files.get('catalogue.json'), validateCatalogue);
export { validateFederation };
