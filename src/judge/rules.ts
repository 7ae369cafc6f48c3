import { finding } from '../document/findings.ts';
import type { AreaList, Finding, Rule, RuleList, SharedDocument, ValueSetList } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { RecognitionQuestion } from './agreements.ts';
import { LOGIC_LIMITS } from './certlogic.ts';
import { type CompiledRule, compareVersions, compileRules, evaluateRule } from './rule.ts';
import { type Areas, areasOf, type RejectedPart, type Sourced, type ValueSets, valueSetsOf } from './value-sets.ts';

/** One region's share of the rules, as its pack gives it. */
export interface RuleSource {
  readonly region: string;
  /** The region itself and the regions it stands under, nearest first. */
  readonly chain: readonly string[];
  readonly rules: readonly Sourced<RuleList>[];
  readonly valueSets: readonly Sourced<ValueSetList>[];
  readonly areas: readonly Sourced<AreaList>[];
  /** True if a file of rules or value sets had to be rejected: then nobody knows whether a document meets all rules. */
  readonly rulesUnreadable: boolean;
  /** True if a file of areas had to be rejected: then nobody knows the tiers. */
  readonly areasUnreadable: boolean;
}

export interface RuleQuestion extends Omit<RecognitionQuestion, 'documentType' | 'formatRegion' | 'readAsAgreed'> {
  /** The document as far as it could be read: what is wrong with one field does not hide what is wrong with another. */
  readonly document: Partial<SharedDocument>;
  /** What came in, for rules written on the wire payload. Opaque here: rules point into it, nothing else does. */
  readonly payload: unknown;
  readonly keyId: string | undefined;
}

/** The rules that hold for one verifying region. */
export interface RuleSet {
  /** One finding per rule that applies, and one per region whose rules could not all be read. */
  judge(question: RuleQuestion): Finding[];
}

/** The rules of all regions, compiled once. Immutable. */
export interface RuleBook {
  /** In: the verifying region and those it stands under, nearest first. */
  ruleSet(chain: readonly string[]): RuleSet;
  readonly size: number;
  readonly rejected: readonly RejectedPart[];
}

/** Steps that all rules of one question may take together; each alone has LOGIC_LIMITS.steps. */
const QUESTION_STEPS = 2_000_000;
/** Of one region, all versions together: each of its documents is held against them. */
const MOST_RULES = 500;
/** That apply to one question. Each is a finding: whoever publishes rules without end would have verdicts without end. */
const MOST_APPLYING = 100;

/**
 * Compiles the rules of all regions. A rule that may not be in force (another region's, an emergency rule without an end,
 * one published later than its lead time allows) is rejected. One that is in force but cannot be evaluated is listed as
 * rejected too, and stands as "cannot tell": dropping it would let pass what it was made to stop.
 */
export function ruleBook(sources: readonly RuleSource[]): RuleBook {
  const rejected: RejectedPart[] = [];
  const reject = (part: RejectedPart): void => {
    rejected.push(part);
  };
  const lists = new Map(sources.map(({ region, valueSets }) => [region, valueSets]));
  const rules = new Map<string, readonly CompiledRule[]>();
  const areas = new Map<string, Areas>();
  const unreadable = new Map<string, Finding>();
  for (const source of sources) {
    const { region, chain } = source;
    const valueSets = valueSetsOf(
      chain.toReversed().map((each) => lists.get(each) ?? []),
      (part) => {
        // What is wrong above is said there.
        if (source.valueSets.some(({ file }) => file === part.file)) reject(part);
      },
    );
    const count = source.rules.reduce((sum, { list }) => sum + list.rules.length, 0);
    const tooMany = count > MOST_RULES;
    if (tooMany)
      reject({
        file: source.rules.at(-1)!.file,
        at: '/rules',
        reason: `${count} rules, and at most ${MOST_RULES} are read`,
      });
    rules.set(region, tooMany ? [] : compileRules(region, source.rules, valueSets, reject));
    if (source.areas.length > 0 || source.areasUnreadable)
      areas.set(region, areasOf(region, source.areas, source.areasUnreadable, reject));
    if (source.rulesUnreadable || tooMany)
      unreadable.set(region, finding('RULES_UNREADABLE', { at: `rules/${region}` }));
  }
  const moments = momentsOf(rules, areas);
  return {
    size: [...rules.values()].reduce((sum, list) => sum + list.length, 0),
    rejected,
    ruleSet: (chain) => ruleSet(chain, { rules, areas, unreadable, moments }),
  };
}

interface Shelf {
  readonly rules: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly areas: ReadonlyMap<string, Areas>;
  readonly unreadable: ReadonlyMap<string, Finding>;
  /** Epoch ms, ascending: between two of these nothing comes into force or goes out of it. */
  readonly moments: readonly number[];
}

/** What holds between two moments, worked out once. Rules are sorted out by document type when first asked for. */
interface Epoch {
  readonly since: number;
  readonly until: number;
  readonly areas: unknown;
  readonly own: readonly CompiledRule[];
  readonly ownByType: Map<string, readonly CompiledRule[]>;
  readonly invalidations: Map<string, readonly CompiledRule[]>;
}

function ruleSet(chain: readonly string[], shelf: Shelf): RuleSet {
  let epoch: Epoch | undefined;
  return {
    judge(question) {
      const { now, document, issuerChain } = question;
      if (epoch === undefined || now < epoch.since || now >= epoch.until) epoch = epochAt(now, chain, shelf);
      const type = document.docType?.code;
      if (type === undefined) return [];
      const findings = unreadableIn(chain, issuerChain, shelf.unreadable);
      // In the order in which they are asked, as there may be too many: no county hides what its province has called back.
      const rules = [...invalidationRules(epoch, issuerChain, now, shelf.rules), ...ownRules(epoch, type)];
      const applying = rules.filter(({ rule }) => applies(rule, type, question));
      if (applying.length === 0) return findings;
      if (applying.length > MOST_APPLYING)
        findings.push(
          finding('RULES_UNREADABLE', { detail: `${applying.length} rules apply, ${MOST_APPLYING} were asked` }),
        );
      const external = externalOf(question, chain[0]!, epoch.areas);
      let left = QUESTION_STEPS;
      for (const rule of applying.slice(0, MOST_APPLYING)) {
        const budget = { left: Math.min(left, LOGIC_LIMITS.steps) };
        left -= budget.left;
        findings.push(evaluateRule(rule, question, external(rule.valueSets), budget));
        left += Math.max(0, budget.left);
      }
      return findings;
    },
  };
}

function unreadableIn(
  chain: readonly string[],
  issuerChain: readonly string[],
  unreadable: ReadonlyMap<string, Finding>,
): Finding[] {
  if (unreadable.size === 0) return [];
  return [...new Set([...chain, ...issuerChain])].flatMap((region) => unreadable.get(region) ?? []);
}

function epochAt(now: number, chain: readonly string[], { rules, areas, moments }: Shelf): Epoch {
  const next = moments.findIndex((moment) => moment > now);
  const tiers: Record<string, unknown> = Object.create(null);
  for (const [region, table] of areas) {
    const known = table.at(now);
    if (known !== undefined) tiers[region] = known;
  }
  return {
    since: (next < 0 ? moments.at(-1) : moments[next - 1]) ?? Number.NEGATIVE_INFINITY,
    until: next < 0 ? Number.POSITIVE_INFINITY : moments[next]!,
    areas: tiers,
    own: inForce(chain, now, rules, ({ type }) => type !== 'invalidation'),
    ownByType: new Map(),
    invalidations: new Map(),
  };
}

function ownRules(epoch: Epoch, type: string): readonly CompiledRule[] {
  let found = epoch.ownByType.get(type);
  if (found === undefined) {
    found = epoch.own.filter(({ rule }) => covers(rule.documentTypes, type));
    epoch.ownByType.set(type, found);
  }
  return found;
}

function invalidationRules(
  epoch: Epoch,
  issuerChain: readonly string[],
  now: number,
  rules: Shelf['rules'],
): readonly CompiledRule[] {
  const [issuer = ''] = issuerChain;
  let found = epoch.invalidations.get(issuer);
  if (found === undefined) {
    // What a superior has called back, its parts cannot allow again: each level's hold, whatever the others call theirs.
    found = issuerChain
      .toReversed()
      .flatMap((region) => inForce([region], now, rules, ({ type }) => type === 'invalidation'));
    epoch.invalidations.set(issuer, found);
  }
  return found;
}

/**
 * The rules of every level of a chain. Of one id the nearest level that has it in its time decides, there the highest
 * version, and where that one is switched off, the rule is off.
 */
function inForce(
  chain: readonly string[],
  now: number,
  rules: Shelf['rules'],
  wanted: (rule: Rule) => boolean,
): CompiledRule[] {
  const chosen = new Map<string, CompiledRule>();
  for (const region of chain) {
    const level = new Map<string, CompiledRule>();
    for (const each of rules.get(region) ?? []) {
      if (each.from > now || now > each.until || !wanted(each.rule)) continue;
      const other = level.get(each.rule.id);
      if (other === undefined || compareVersions(each.version, other.version) > 0) level.set(each.rule.id, each);
    }
    for (const [id, each] of level) if (!chosen.has(id)) chosen.set(id, each);
  }
  return [...chosen.values()].filter(({ rule }) => rule.enabled !== false);
}

const covers = (list: readonly string[] | undefined, value: string): boolean =>
  list === undefined || list.includes(value);

function applies(rule: Rule, type: string, { purpose, format, isUnit, issuerChain }: RuleQuestion): boolean {
  const { issuingRegions, units } = rule;
  return (
    covers(rule.documentTypes, type) &&
    covers(rule.purposes, purpose) &&
    covers(rule.formats, format) &&
    (units === undefined || units.some((unit) => isUnit(unit))) &&
    (issuingRegions === undefined || issuerChain.some((region) => issuingRegions.includes(region)))
  );
}

/** What a rule can know besides the document, by the names that EU business rules use, and `areas`. */
function externalOf(question: RuleQuestion, region: string, areas: unknown): (valueSets: ValueSets) => unknown {
  const { now, issuerChain, keyId, document } = question;
  const common = {
    validationClock: instantOf(now),
    countryCode: region,
    issuerCountryCode: document.issuer?.unit ?? issuerChain[0],
    kid: keyId,
    iat: document.validity?.issuedAt,
    exp: document.validity?.until,
    areas,
  };
  let last: { readonly valueSets: ValueSets } | undefined;
  return (valueSets) => {
    if (last?.valueSets !== valueSets) last = { ...common, valueSets };
    return last;
  };
}

function momentsOf(rules: Shelf['rules'], areas: Shelf['areas']): number[] {
  const moments = new Set<number>();
  for (const list of rules.values()) for (const { from, until } of list) moments.add(from).add(until + 1);
  for (const { moments: each } of areas.values()) for (const moment of each) moments.add(moment);
  return [...moments].filter(Number.isFinite).sort((one, other) => one - other);
}
