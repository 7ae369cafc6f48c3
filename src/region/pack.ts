import { parseJson } from '../codec/json.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import type {
  AgreementList,
  AreaList,
  Catalogue,
  CodeList,
  CompositionList,
  ConnectorDeclaration,
  FederationManifest,
  FormatDeclaration,
  IssuanceLog,
  IssuerList,
  NextStepList,
  ReferenceDeclaration,
  RegionManifest,
  RevocationList,
  RevocationSet,
  RuleList,
  StatusList,
  SystemList,
  ValueSetList,
} from '../document/generated/types.ts';
import {
  type Validate,
  validateAgreements,
  validateAreas,
  validateCatalogue,
  validateCodeList,
  validateCompositions,
  validateConnector,
  validateFederation,
  validateFormat,
  validateIssuance,
  validateIssuers,
  validateNextSteps,
  validateReferenceFormat,
  validateRegion,
  validateRevocationSet,
  validateRevocations,
  validateRules,
  validateStatusList,
  validateSystems,
  validateValueSets,
} from '../document/generated/validators.js';
import { pointerOf } from '../document/pointer.ts';
import { ancestorsOf } from '../document/region-id.ts';
import { exists } from '../document/time.ts';
import { checkAgreements, type RegionAgreements } from '../judge/agreements.ts';
import { checkNextSteps } from '../judge/next-steps.ts';
import type { PackedSet, RevocationSource } from '../trust/revocations.ts';
import type { Rejected } from '../trust/view.ts';

/** Files by path, relative to the store. What is read is data from elsewhere, signed or not: everything is checked. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** A region's files, each valid by its schema. What was not is in `rejected`. */
export interface Pack {
  readonly manifest: RegionManifest;
  readonly formats: readonly { readonly file: string; readonly declaration: FormatDeclaration }[];
  /** Codes that only refer to documents. */
  readonly references: readonly { readonly file: string; readonly declaration: ReferenceDeclaration }[];
  /** How its own systems are asked for documents. */
  readonly connectors: readonly { readonly file: string; readonly declaration: ConnectorDeclaration }[];
  readonly codes: readonly { readonly file: string; readonly list: CodeList }[];
  /** Its lists of issuers, and how they are read: they are the largest files, and often known already. */
  readonly issuerFiles: readonly string[];
  issuers(reject: (rejected: Rejected) => void): readonly { readonly file: string; readonly list: IssuerList }[];
  /** Authorities whose signers' certificates come with their documents, and their lists of revoked ones (DER, read later). */
  readonly anchors: readonly { readonly file: string; readonly list: IssuerList }[];
  readonly crls: readonly { readonly file: string; readonly der: Uint8Array }[];
  /** Certificates that are trusted only through those authorities: others between, signers of lists and answers (DER). */
  readonly certificates: readonly { readonly file: string; readonly der: Uint8Array }[];
  readonly revocations: RevocationSource;
  readonly timestampers: readonly { readonly file: string; readonly list: IssuerList }[];
  readonly issuance: readonly { readonly file: string; readonly list: IssuanceLog }[];
  readonly rules: readonly { readonly file: string; readonly list: RuleList }[];
  readonly valueSets: readonly { readonly file: string; readonly list: ValueSetList }[];
  readonly areas: readonly { readonly file: string; readonly list: AreaList }[];
  /** True if a file of rules or value sets (of areas) had to be rejected: what it asks for is then not known. */
  readonly rulesUnreadable: boolean;
  readonly areasUnreadable: boolean;
  readonly agreements: RegionAgreements | undefined;
  /** What makes several documents one case; undefined if the region says nothing of its own, or not legibly. */
  readonly compositions: CompositionList | undefined;
  readonly compositionsUnreadable: boolean;
  /** What its officers do where nobody can tell; undefined if it words nothing, or not legibly. */
  readonly nextSteps: NextStepList | undefined;
  /** Its systems that may call gateways; undefined if it has none, or they cannot be read. */
  readonly systems: { readonly file: string; readonly list: SystemList } | undefined;
}

/** Larger files than any pack needs are refused before they are parsed. Rules nest deeply: each step of logic is two levels. */
const PACK_LIMITS = { input: 64 * 1024 * 1024, inflated: 0, depth: 256, items: 20_000_000 };

/**
 * Reads one JSON file. In: its path and bytes, the validator of its schema; without one, the same bytes were held against it
 * before. Errors: PackError with file, pointer and reason.
 */
export function readJson<T>(file: string, bytes: Uint8Array | undefined, validate: Validate | undefined): T {
  if (bytes === undefined) throw new PackError(file, '', 'the file is missing');
  let value: unknown;
  try {
    value = parseJson(decodeUtf8(bytes), PACK_LIMITS);
  } catch (error) {
    if (error instanceof Broken) throw new PackError(file, '', error.message);
    throw error;
  }
  if (validate === undefined) return value as T;
  if (!validate(value)) {
    const error = validate.errors?.[0];
    const params =
      error === undefined || Object.keys(error.params).length === 0 ? '' : ` ${JSON.stringify(error.params)}`;
    throw new PackError(file, error?.instancePath ?? '', `${error?.message ?? 'does not fit its schema'}${params}`);
  }
  const at = impossibleDate(value);
  if (at !== undefined) throw new PackError(file, at, 'a date that does not exist');
  return value as T;
}

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z)?$/;

/** Where a date stands that has the form of one and is none: compared with now, it would neither begin nor end anything. */
function impossibleDate(node: unknown): string | undefined {
  // Most of what a pack says is no date, and all of it is looked at whenever a gateway starts.
  if (typeof node === 'string')
    return node[4] === '-' && node.length <= 30 && MOMENT.test(node) && !exists(node) ? '' : undefined;
  if (typeof node !== 'object' || node === null) return undefined;
  for (const key of Object.keys(node)) {
    const at = impossibleDate((node as Record<string, unknown>)[key]);
    if (at !== undefined) return `${pointerOf([key])}${at}`;
  }
  return undefined;
}

/** A file of the store that cannot be used: which, where in it, and why. */
export class PackError extends Error {
  override readonly name = 'PackError';
  readonly file: string;
  readonly at: string;
  readonly reason: string;
  /** What is wrong, in Chinese: where nothing is said, the line in English has the place. */
  readonly zh: string;
  /** It is what the file says that is wrong: whoever keeps it can mend it. */
  readonly mendable: boolean;
  constructor(file: string, at: string, reason: string, zh?: string) {
    super(`${file}${at === '' ? '' : `#${at}`}: ${reason}`);
    this.file = file;
    this.at = at;
    this.reason = reason;
    this.zh = zh ?? '内容有误，见下行';
    this.mendable = zh === undefined;
  }
}

/** Names of files reach verdicts and terminals. */
const NAME = /^[A-Za-z0-9._/-]{1,120}$/;

export interface ReadOptions {
  readonly readPart?: ReadFilePart | undefined;
  /** These very files were read before, and none was at fault: they are not held against their schemas again. */
  readonly sound?: boolean;
}

/** Reads a region's pack. A faulty file is rejected alone; without its manifest the whole region is (PackError). */
export function readPack(
  id: string,
  files: Files,
  reject: (rejected: Rejected) => void,
  { readPart = partOf(files), sound = false }: ReadOptions = {},
): Pack {
  const read: Read = (file, validate, check) =>
    sound ? readJson(file, files.get(file), undefined) : readChecked(file, files.get(file), validate, check);
  const base = `regions/${id}/`;
  const manifest = read<RegionManifest>(`${base}region.json`, validateRegion);
  if (manifest.region !== id)
    throw new PackError(`${base}region.json`, '/region', `says ${manifest.region}, but lies in regions/${id}`);
  // Whoever stands under a region issues in its name: a region that could name any parent would be any region.
  if (manifest.parent !== undefined && !ancestorsOf(id).includes(manifest.parent))
    throw new PackError(
      `${base}region.json`,
      '/parent',
      'a region stands only under its own city or province (GB/T 2260)',
    );
  const own = [...files.keys()].filter((file) => file.startsWith(base));
  const filesIn = (folder: string, ending = '.json'): string[] =>
    own
      .filter((file) => file.startsWith(`${base}${folder}/`) && file.endsWith(ending) && !file.endsWith('.recipe.json'))
      .sort();
  const each = <T>(names: readonly string[], make: (file: string) => T, unusable = reject): T[] =>
    names.flatMap((file) => {
      const made = attempt(() => {
        if (!NAME.test(file))
          throw new PackError(file, '', 'a name of more than 120 signs, or other signs than A-Z a-z 0-9 . _ -');
        return { it: make(file) };
      }, unusable);
      return made === undefined ? [] : [made.it];
    });
  const lists = <T>(
    folder: string,
    validate: Validate,
    names = filesIn(folder),
    unusable?: typeof reject,
  ): { file: string; list: T }[] => each(names, (file) => ({ file, list: read<T>(file, validate) }), unusable);
  const declarations = <T>(folder: string, validate: Validate): { file: string; declaration: T }[] =>
    each(filesIn(folder), (file) => ({ file, declaration: read<T>(file, validate) }));
  const ders = (folder: string, ending: string): { file: string; der: Uint8Array }[] =>
    each(filesIn(folder, ending), (file) => ({ file, der: files.get(file)! }));
  /** A file that need not be there; undefined also where it is at fault. */
  const one = <T>(file: string, make: (file: string) => T): T | undefined =>
    files.has(file) ? attempt(() => make(file), reject) : undefined;
  const agreementsFile = `${base}agreements.json`;
  const agreements = one(agreementsFile, (file) => read(file, validateAgreements, checkAgreements));
  const compositionsFile = `${base}compositions.json`;
  const compositions = one(compositionsFile, (file) => read<CompositionList>(file, validateCompositions));
  const revocations = readRevocations(filesIn('revocations'), (validate, names) =>
    lists('revocations', validate, names),
  );
  const rules = lists<RuleList>('rules', validateRules);
  const valueSets = lists<ValueSetList>('value-sets', validateValueSets);
  const areas = lists<AreaList>('areas', validateAreas);
  return {
    manifest,
    formats: declarations<FormatDeclaration>('formats', validateFormat),
    references: declarations<ReferenceDeclaration>('references', validateReferenceFormat),
    connectors: declarations<ConnectorDeclaration>('connectors', validateConnector),
    codes: lists<CodeList>('codes', validateCodeList),
    timestampers: lists<IssuerList>('timestampers', validateIssuers),
    issuance: lists<IssuanceLog>('issuance', validateIssuance),
    issuerFiles: filesIn('issuers'),
    issuers: (unusable) => lists<IssuerList>('issuers', validateIssuers, undefined, unusable),
    anchors: lists<IssuerList>('anchors', validateIssuers),
    crls: ders('crls', '.crl'),
    certificates: ders('certificates', '.cer'),
    revocations: { ...revocations, sets: revocations.sets.map((each) => packed(each, files, readPart)) },
    rules,
    valueSets,
    areas,
    rulesUnreadable: rules.length < filesIn('rules').length || valueSets.length < filesIn('value-sets').length,
    areasUnreadable: areas.length < filesIn('areas').length,
    agreements: agreements ?? (files.has(agreementsFile) ? 'unreadable' : undefined),
    compositions,
    compositionsUnreadable: compositions === undefined && files.has(compositionsFile),
    nextSteps: one(`${base}next-steps.json`, (file) => read(file, validateNextSteps, checkNextSteps)),
    systems: one(`${base}systems.json`, (file) => systemsBy(read, file, id)),
  };
}

/** Reads a file of the pack as its schema has it, and as what is checked besides. Errors: PackError. */
type Read = <T>(file: string, validate: Validate, check?: (value: T) => void) => T;

function readChecked<T>(
  file: string,
  bytes: Uint8Array | undefined,
  validate: Validate,
  check: ((value: T) => void) | undefined,
): T {
  const value = readJson<T>(file, bytes, validate);
  if (check !== undefined) refusing(file, () => check(value));
  return value;
}

/** Errors: PackError. A guest lends its formats and lists to the federation; it is no member, and nothing of it calls. */
function systemsBy(read: Read, file: string, id: string): Pack['systems'] {
  if (!/^\d{6}$/.test(id)) throw new PackError(file, '', 'only members have systems that call');
  return { file, list: read<SystemList>(file, validateSystems) };
}

/** What a region recognises. Errors: PackError, also for a version that is named and not in the annex. */
export const readAgreements = (file: string, bytes: Uint8Array | undefined): AgreementList =>
  readChecked(file, bytes, validateAgreements, checkAgreements);

/** A compiler's Error says where and why; the file is known here. */
export function refusing<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { message } = error as Error;
    const [, at = '', reason = message] = /^(\/[^:]*): (.*)$/s.exec(message) ?? [];
    throw new PackError(file, at, reason);
  }
}

/** Reads a part of a file that is too large for memory; undefined if it cannot be had. */
export type ReadFilePart = (file: string, offset: number, length: number) => Uint8Array | undefined;

/** Parts of files that are in memory after all. */
const partOf =
  (files: Files): ReadFilePart =>
  (file, offset, length) => {
    const bytes = files.get(file);
    return bytes && bytes.length >= offset + length ? bytes.subarray(offset, offset + length) : undefined;
  };

const SET = '.set.json';
const STATUS = '.status.json';

type Lists = <T>(validate: Validate, names: string[]) => { file: string; list: T }[];

/** The three kinds of lists of revoked documents, told apart by their names. */
function readRevocations(names: readonly string[], read: Lists) {
  const ending = (end: string): string[] => names.filter((name) => name.endsWith(end));
  const lists = read<RevocationList>(
    validateRevocations,
    names.filter((name) => !name.endsWith(SET) && !name.endsWith(STATUS)),
  );
  const sets = read<RevocationSet>(validateRevocationSet, ending(SET));
  const statusLists = read<StatusList>(validateStatusList, ending(STATUS));
  return { lists, sets, statusLists, unreadable: lists.length + sets.length + statusLists.length < names.length };
}

/** A packed set with the files that lie beside it. */
function packed(
  { file, list }: { readonly file: string; readonly list: RevocationSet },
  files: Files,
  readPart: ReadFilePart,
): PackedSet {
  const name = file.slice(0, -SET.length);
  return {
    file,
    list,
    ids: files.get(`${name}.ids`),
    confirm: (offset, length) => readPart(`${name}.confirm`, offset, length),
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

/** Timestamping authorities that the federation lists for all its members. A faulty file is rejected alone. */
export const readTimestamperLists = (
  files: Files,
  reject: (rejected: Rejected) => void,
): { file: string; list: IssuerList }[] =>
  [...files.keys()]
    .filter((file) => /^timestampers\/[A-Za-z0-9._-]{1,100}\.json$/.test(file))
    .sort()
    .flatMap((file) => {
      const list = attempt(() => readJson<IssuerList>(file, files.get(file), validateIssuers), reject);
      return list === undefined ? [] : [{ file, list }];
    });

export const readManifest = (files: Files): FederationManifest =>
  readJson('federation.json', files.get('federation.json'), validateFederation);

export const readCatalogue = (files: Files): Catalogue =>
  readJson('catalogue.json', files.get('catalogue.json'), validateCatalogue);
