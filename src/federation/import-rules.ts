import type { LegalBasis, Localized, Rule, RuleType, ValueSet } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { parseDateTime } from '../judge/certlogic-time.ts';
import type { Left } from './imported.ts';

/** Where EU business rules go, and what they are about there. */
export interface RuleImport {
  /** The region whose rules they become. */
  readonly region: string;
  /** The region whose documents they judge, and its wire format. */
  readonly issuingRegion: string;
  readonly format: string;
  /** Where in that format's payload the certificate lies, which EU rules call `payload`: a JSON Pointer. */
  readonly payload: string;
  /** Document types by CertificateType; all of these for `General`. */
  readonly documentTypes: Readonly<Record<string, readonly string[]>>;
  readonly basis: LegalBasis;
  readonly authority?: string;
  readonly purposes?: readonly string[];
  /** Only rules of this country (ISO 3166-1 alpha-2); all if absent. */
  readonly country?: string;
}

export interface ImportedRules {
  readonly rules: Rule[];
  readonly left: Left[];
}

/** How EU DCC documents are read here: see trust-store/regions/x-eu-dcc. */
export const EU_DCC: Pick<RuleImport, 'issuingRegion' | 'format' | 'payload' | 'documentTypes'> = {
  issuingRegion: 'x-eu-dcc',
  format: 'eu-dcc/1',
  payload: '/-260/1',
  documentTypes: {
    General: ['vaccination-statement', 'test-statement', 'recovery-statement'],
    Vaccination: ['vaccination-statement'],
    Test: ['test-statement'],
    Recovery: ['recovery-statement'],
  },
};

/** Their types and ours. Booster notices, masks and the like are no verdict on a document. */
const TYPES: ReadonlyMap<unknown, RuleType> = new Map<unknown, RuleType>([
  ['Acceptance', 'acceptance'],
  ['Invalidation', 'invalidation'],
]);

type Row = Readonly<Record<string, unknown>>;

/**
 * EU business rules (validation-rule JSON of the DCC gateway) in our shape. In: a list of rules, or one, as parsed JSON.
 * Out: rules that fit schemas/rules.schema.json, their logic as it was (of an invalidation rule turned round, see
 * `turned`), and what was left out. Whether the logic can be compiled is asked when the rules are loaded.
 */
export function importEuRules(json: unknown, into: RuleImport): ImportedRules {
  const imported: ImportedRules = { rules: [], left: [] };
  const seen = new Set<string>();
  for (const [i, row] of (Array.isArray(json) ? json : [json]).entries()) {
    const what = nameOf(row, i);
    const rule = isRow(row) ? ruleOf(row, into) : 'is no object';
    const key = typeof rule === 'string' ? '' : `${rule.id}@${rule.version}`;
    if (typeof rule === 'string') imported.left.push({ what, why: rule });
    else if (seen.has(key)) imported.left.push({ what, why: 'the same identifier and version twice' });
    else imported.rules.push(rule);
    seen.add(key);
  }
  return imported;
}

/** The rule, or why it is left out. */
function ruleOf(row: Row, into: RuleImport): Rule | string {
  const { Identifier, Type, Country, Region, Version, Engine, EngineVersion, CertificateType, Logic } = row;
  const type = TYPES.get(Type);
  const documentTypes = typeof CertificateType === 'string' ? own(into.documentTypes, CertificateType) : undefined;
  const from = momentOf(row['ValidFrom']);
  const to = momentOf(row['ValidTo']);
  const words = descriptionOf(row['Description']);
  if (typeof Identifier !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9-]{1,59}$/.test(Identifier)) return 'has no identifier';
  if (type === undefined) return `type "${clip(Type)}" is no verdict on a document`;
  if (type === 'invalidation' && into.region !== into.issuingRegion)
    return `speaks for what ${into.issuingRegion} issued: it belongs in that region's pack`;
  if (Engine !== 'CERTLOGIC') return `engine "${clip(Engine)}" is not CertLogic`;
  if (!isVersion(Version) || !isVersion(EngineVersion)) return 'a version is not three numbers';
  if (typeof Country !== 'string') return 'names no country';
  if (into.country !== undefined && Country !== into.country) return `is a rule of ${clip(Country)}`;
  if (Region !== undefined && Region !== '' && Region !== Country) return `holds only in a part of ${clip(Country)}`;
  if (documentTypes === undefined) return `certificate type "${clip(CertificateType)}" is not known here`;
  if (from === undefined || to === undefined) return 'its validity is no pair of date-times';
  if (words === undefined) return 'has no English description';
  if (Logic === undefined || Logic === null) return 'has no logic';
  const { AffectedFields: fields } = row;
  return {
    id: Identifier,
    type,
    version: Version,
    engine: { name: 'certlogic', version: EngineVersion },
    region: into.region,
    issuingRegions: [into.issuingRegion],
    // An invalidation rule speaks of what its own country issued; an acceptance rule, of what its country lets in.
    ...(type === 'invalidation' ? { units: [Country] } : {}),
    documentTypes: [...documentTypes],
    ...(into.purposes === undefined ? {} : { purposes: [...into.purposes] }),
    formats: [into.format],
    input: { payload: into.payload },
    validFrom: from,
    validTo: to,
    ...(into.authority === undefined ? {} : { authority: into.authority }),
    basis: into.basis,
    description: words,
    ...(Array.isArray(fields)
      ? { affectedFields: fields.filter((field) => typeof field === 'string').slice(0, 100) }
      : {}),
    logic: (type === 'invalidation' ? turned(Logic) : Logic) as Rule['logic'],
  };
}

/**
 * EU rules of both types are true for a document that is in order; here an invalidation rule is true for one that no
 * longer counts. `!` would also turn "nobody can tell" (null) into true, so only true and false are turned: the fold
 * over one item gives the logic's value a name, `accumulator`, without evaluating it twice.
 */
function turned(logic: unknown): unknown {
  const value = { var: 'accumulator' };
  const answer = { if: [{ '===': [value, true] }, false, { if: [{ '===': [value, false] }, true, value] }] };
  return { reduce: [[0], answer, logic] };
}

/** Value sets as the DCC gateway gives them. In: a list, or one, as parsed JSON. All codes count, also retired ones: old documents hold them. */
export function importEuValueSets(json: unknown): { valueSets: ValueSet[]; left: Left[] } {
  const valueSets: ValueSet[] = [];
  const left: Left[] = [];
  for (const [i, row] of (Array.isArray(json) ? json : [json]).entries()) {
    const { valueSetId: id, valueSetDate: date, valueSetValues: values } = isRow(row) ? row : {};
    if (typeof id !== 'string' || !/^[a-z0-9][a-z0-9-]{0,80}$/.test(id) || !isRow(values))
      left.push({ what: typeof id === 'string' ? clip(id) : `value set ${i}`, why: 'has no id or no values' });
    else {
      const day = typeof date === 'string' && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(date) ? { date } : {};
      valueSets.push({ id, ...day, values: Object.keys(values) });
    }
  }
  return { valueSets, left };
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const isVersion = (value: unknown): value is string =>
  typeof value === 'string' && /^(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}$/.test(value);

const clip = (value: unknown): string => String(value).slice(0, 40).toWellFormed();

const nameOf = (row: unknown, i: number): string =>
  isRow(row) && typeof row['Identifier'] === 'string' ? clip(row['Identifier']) : `rule ${i}`;

/** A date-time with any offset, in UTC. */
function momentOf(value: unknown): string | undefined {
  const ms = typeof value === 'string' && value.length > 10 ? parseDateTime(value) : undefined;
  return ms === undefined ? undefined : instantOf(ms);
}

/** Our officers read Chinese; where nobody has translated a rule, the Chinese text says so instead of guessing. */
function descriptionOf(value: unknown): Localized | undefined {
  const texts = new Map<unknown, string>();
  for (const row of Array.isArray(value) ? value : []) {
    if (isRow(row) && typeof row['desc'] === 'string') texts.set(row['lang'], row['desc']);
  }
  const en = texts.get('en')?.slice(0, 1900).toWellFormed();
  if (en === undefined) return undefined;
  const zh = texts.get('zh')?.slice(0, 1900).toWellFormed();
  return { zh: zh ?? `（暂无中文译文）${en}`, en };
}
