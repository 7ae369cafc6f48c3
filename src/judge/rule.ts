import { type FindingCode, type FindingExtra, finding } from '../document/findings.ts';
import type { Finding, Localized, Rule, RuleList } from '../document/generated/types.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import { beginOf, endOf, exists } from '../document/time.ts';
import { type Budget, CERTLOGIC_VERSION, compileLogic, type Logic, LogicError, LogicFault } from './certlogic.ts';
import type { RejectedPart, Sourced, ValueSets } from './value-sets.ts';

const HOUR_MS = 3_600_000;

/** One rule, ready to be asked. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly version: readonly number[];
  /** Epoch ms, both within; ±Infinity where nothing bounds it. */
  readonly from: number;
  readonly until: number;
  /** What the rule's region calls by name. */
  readonly valueSets: ValueSets;
  /** A rule that cannot be evaluated says so of every document that it applies to. */
  readonly logic: Logic | Finding;
  /** Steps to what the logic reads in the wire payload; undefined if it reads the shared document. */
  readonly input: readonly string[] | undefined;
  readonly passed: Finding;
  readonly failed: Finding;
}

/** Three answers: it is as the rule wants it, it is not, or nobody can tell. Only a plain true or false is an answer. */
export function evaluateRule(
  each: CompiledRule,
  data: { readonly document: unknown; readonly payload: unknown },
  external: unknown,
  budget: Budget,
): Finding {
  const { rule, logic, input } = each;
  if (typeof logic !== 'function') return logic;
  const payload = input === undefined ? data.document : valueAt(data.payload, input);
  let value: unknown;
  try {
    value = logic({ payload, external }, budget);
  } catch (fault) {
    if (!(fault instanceof LogicFault)) throw fault;
    const detail = `${fault.kind} at ${fault.at}: ${fault.message}`;
    return fault.kind === 'limit' ? cannotTell(rule, detail) : open(rule, detail);
  }
  if (typeof value !== 'boolean') return open(rule, 'the logic gave neither true nor false');
  return value === (rule.type !== 'invalidation') ? each.passed : each.failed;
}

/** Something is missing that the officer may be able to supply. */
function open(rule: Rule, detail: string): Finding {
  return rule.action === undefined ? cannotTell(rule, detail) : said(rule, 'ACTION_REQUIRED', detail, rule.action);
}

const cannotTell = (rule: Rule, detail: string): Finding =>
  said(rule, 'RULE_OPEN', detail, prefixed('请人工核对：', 'Check by hand: ', rule.description));

/** A finding that names the rule, its version and its legal basis. */
function said(rule: Rule, code: FindingCode, detail?: string, next?: Localized): Finding {
  const extra: FindingExtra = {
    at: `rules/${rule.region}/${rule.id}@${rule.version}`,
    basis: rule.basis,
    ...(detail === undefined ? {} : { detail: cut(detail, MAX_DETAIL) }),
    ...(next === undefined ? {} : { next }),
  };
  return finding(code, extra);
}

/** As long as a finding may say (schemas/finding.schema.json). A cut may not leave half a rare character. */
const MAX_WORDS = 2000;
const MAX_DETAIL = 500;
const cut = (text: string, most: number): string => (text.length > most ? text.slice(0, most).toWellFormed() : text);
const prefixed = (zh: string, en: string, words: Localized): Localized => ({
  zh: cut(`${zh}${words.zh}`, MAX_WORDS),
  en: cut(`${en}${words.en}`, MAX_WORDS),
});

/**
 * A region's rules, each of which can be asked. In: the region, its lists, the value sets they may name. What may not be
 * in force is rejected and left out; what cannot be evaluated is rejected and stays, as "cannot tell".
 */
export function compileRules(
  region: string,
  lists: readonly Sourced<RuleList>[],
  valueSets: ValueSets,
  reject: (part: RejectedPart) => void,
): CompiledRule[] {
  const compiled: CompiledRule[] = [];
  const byVersion = new Map<string, number>();
  for (const { file, list } of lists) {
    for (const [i, rule] of list.rules.entries()) {
      const refusal = REFUSALS.find(({ holds }) => holds(rule, region));
      if (refusal !== undefined) {
        reject({ file, at: `/rules/${i}${refusal.at}`, reason: refusal.reason });
        continue;
      }
      const key = `${rule.id}@${rule.version}`;
      const twin = byVersion.get(key);
      const logic = twin === undefined ? logicOf(rule) : TWICE;
      if ('reason' in logic) reject({ file, at: `/rules/${i}${logic.at}`, reason: logic.reason });
      // Which of the two is meant is not guessed: neither answers any more.
      if (twin !== undefined) compiled[twin] = compileRule(compiled[twin]!.rule, TWICE, valueSets);
      byVersion.set(key, compiled.push(compileRule(rule, logic, valueSets)) - 1);
    }
  }
  return compiled;
}

/** Why a rule cannot be evaluated, and where that stands in it. */
interface Unusable {
  readonly at: string;
  readonly reason: string;
}

const TWICE: Unusable = { at: '/version', reason: 'the same id and version twice' };

function compileRule(rule: Rule, logic: Logic | Finding | Unusable, valueSets: ValueSets): CompiledRule {
  const { input } = rule;
  return {
    rule,
    version: versionOf(rule.version),
    ...windowOf(rule),
    valueSets,
    logic: 'reason' in logic ? cannotTell(rule, `unusable: ${logic.at}: ${logic.reason}`) : logic,
    input: input === 'document' ? undefined : stepsOf(input.payload),
    passed: Object.freeze(said(rule, 'RULE_PASSED')),
    failed: Object.freeze(
      rule.type === 'invalidation'
        ? said(rule, 'RULE_INVALIDATED')
        : said(rule, 'RULE_FAILED', undefined, prefixed('规则要求：', 'The rule asks: ', rule.description)),
    ),
  };
}

/** A date that does not exist bounds nothing: the rule is unusable, and says so at any time. */
function windowOf(rule: Rule): { from: number; until: number } {
  const { validFrom, validTo } = rule;
  if (impossibleDate(rule) !== undefined) return { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  return { from: beginOf(validFrom), until: validTo === undefined ? Number.POSITIVE_INFINITY : endOf(validTo) };
}

const DATES = ['validFrom', 'validTo', 'publishedAt'] as const;
const impossibleDate = (rule: Rule): string | undefined =>
  DATES.find((name) => rule[name] !== undefined && !exists(rule[name]));

/** Why a rule is not in force, whatever it says. */
const REFUSALS: readonly { at: string; reason: string; holds(rule: Rule, region: string): boolean }[] = [
  {
    at: '/region',
    reason: 'belongs to another region than the pack it lies in',
    holds: (rule, region) => rule.region !== region,
  },
  {
    at: '/validTo',
    reason: 'ends before it begins',
    holds: (rule) => rule.validTo !== undefined && endOf(rule.validTo) < beginOf(rule.validFrom),
  },
  {
    at: '/validTo',
    reason: 'an emergency rule must say when it ends',
    holds: (rule) => rule.type === 'emergency' && rule.validTo === undefined,
  },
  {
    at: '/publishedAt',
    reason: 'a rule with a lead time must say when it was published',
    holds: (rule) => leadOf(rule) > 0 && rule.publishedAt === undefined,
  },
  {
    at: '/validFrom',
    reason: 'was published less than its lead time before it comes into force',
    holds: (rule) => leadOf(rule) > 0 && beginOf(rule.validFrom) - Date.parse(rule.publishedAt!) < leadOf(rule),
  },
];

const leadOf = ({ leadTimeHours = 0 }: Rule): number => leadTimeHours * HOUR_MS;

/** The rule's logic, or what it says instead, or why it cannot be evaluated. */
function logicOf(rule: Rule): Logic | Finding | Unusable {
  const date = impossibleDate(rule);
  if (date !== undefined) return { at: `/${date}`, reason: 'a date that does not exist' };
  if (compareVersions(versionOf(rule.engine.version), versionOf(CERTLOGIC_VERSION)) > 0)
    return said(rule, 'RULE_ENGINE_TOO_OLD', `asks for ${rule.engine.version}, this is ${CERTLOGIC_VERSION}`);
  if (rule.input !== 'document' && rule.formats === undefined)
    return { at: '/formats', reason: 'a rule on the wire payload must name the formats it reads' };
  try {
    return compileLogic(rule.logic);
  } catch (error) {
    if (!(error instanceof LogicError)) throw error;
    const { at, message } = error.problems[0]!;
    return { at: `/logic${at}`, reason: message };
  }
}

const versionOf = (version: string): number[] => version.split('.').map(Number);

export function compareVersions(one: readonly number[], other: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = one[i]! - other[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
