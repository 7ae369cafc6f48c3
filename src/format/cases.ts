import type { Claims } from '../codec/proof.ts';
import type { Value } from '../codec/value.ts';
import type { FormatCase, FormatDeclaration, MapRow, SharedDocument, When } from '../document/generated/types.ts';
import { stepsOf } from '../document/pointer.ts';
import { type PresentingRule, presentingRule } from '../document/presenting.ts';
import { statusTable } from '../document/statuses.ts';
import type { FormatContext } from './compile.ts';
import { compileCondition } from './conditions.ts';
import { type CompiledMap, compileMap, type DeclaredRow } from './map.ts';
import { checkStatus } from './status.ts';

/** The types of document that a format carries. */
export const typesOf = ({ documentType, cases = [] }: FormatDeclaration): readonly string[] =>
  documentType === undefined ? cases.map((each) => each.documentType) : [documentType];

/** One document type of a format, and how its payload is said in the shared words. */
export interface Case {
  readonly documentType: string;
  readonly docType: SharedDocument['docType'];
  readonly map: CompiledMap;
  readonly presenting: PresentingRule;
  applies(payload: Value): boolean;
  readonly single: readonly string[] | undefined;
  /** Where the payload says its state, if it is read for this type. */
  readonly stateAt: string | undefined;
}

/** The cases of a declaration; one of them if it names a single type. Errors: Error with pointer and reason. */
export function compileCases(
  declared: FormatDeclaration,
  context: FormatContext,
  keyFields: readonly string[],
): readonly Case[] {
  if ((declared.cases === undefined) === (declared.documentType === undefined)) {
    throw new Error('/cases: a format has either one "documentType" or "cases"');
  }
  const single: readonly FormatCase[] = declared.cases ?? [
    { documentType: declared.documentType!, when: { at: '' }, map: [] },
  ];
  return single.map((each, i) => {
    const where = declared.cases === undefined ? '' : `/cases/${i}`;
    const type = context.types.get(each.documentType);
    if (type === undefined)
      throw new Error(`${where}/documentType: the catalogue has no document type "${each.documentType}"`);
    const at = stepsOf(each.when.at);
    const absent = [...(declared.absent ?? []), ...(each.absent ?? [])];
    const ignore = [...(declared.ignore ?? []), ...(each.ignore ?? []), ...keyFields.map((from) => ({ from }))];
    const rows = [...rowsAt('', declared.map), ...rowsAt(where, each.map)];
    const { codes, statuses = NO_STATUSES } = context;
    checkStatus(rows, type.statusSchemes ?? [], { codes, statuses });
    try {
      return {
        documentType: each.documentType,
        docType: Object.freeze({
          code: each.documentType,
          family: type.family,
          ...(type.nationalCode === undefined ? {} : { nationalCode: type.nationalCode }),
        }),
        presenting: presentingRule(
          rows.some(({ row }) => row.to === '/presentation/onceId'),
          type.presenting,
          declared.presenting,
          each.presenting,
        ),
        map: compileMap(rows, ignore, absent, context),
        // What has two entries where one is allowed is still of this case, and says so in its findings.
        applies: compileCondition(withoutSingle(each.when)),
        single: each.when.single ? at : undefined,
        stateAt: rows.find(({ row }) => row.to === '/status/canonical')?.row.from,
      };
    } catch (error) {
      const { message } = error as Error;
      throw new Error(message.startsWith('/') ? message : `${where}/map: ${message}`);
    }
  });
}

const NO_STATUSES = statusTable();

const rowsAt = (where: string, rows: readonly MapRow[]): DeclaredRow[] =>
  rows.map((row, i) => ({ row, at: `${where}/map/${i}` }));

/**
 * Where documents of other types of the same format say their state, for each case: one who writes such a state into a
 * document for which it is not read has said something of it, and nobody may take it for one that says nothing.
 */
export function statesOfOthers(cases: readonly Case[]): ReadonlyMap<Case, readonly Place[]> {
  const all = [...new Set(cases.flatMap(({ stateAt }) => stateAt ?? []))].map((at) => ({ at, steps: stepsOf(at) }));
  return new Map(cases.map((each) => [each, all.filter(({ at }) => at !== each.stateAt)]));
}

interface Place {
  readonly at: string;
  readonly steps: readonly string[];
}

function withoutSingle({ single: _, ...when }: When): When {
  return when;
}

/** What a payload says of itself before anything is believed. */
export function claimsOf(cases: readonly Case[], payload: Value): Claims {
  const chosen = cases.find((each) => each.applies(payload));
  if (chosen === undefined) return {};
  const unit = chosen.map.peek(payload, '/issuer/unit');
  const issuedAt = chosen.map.peek(payload, '/validity/issuedAt');
  const revocationId = chosen.map.peek(payload, '/revocationId');
  const claims: { -readonly [Name in keyof Claims]: Claims[Name] } = { documentType: chosen.documentType };
  if (typeof unit === 'string') claims.unit = unit;
  if (typeof issuedAt === 'string') claims.issuedAt = issuedAt;
  if (typeof revocationId === 'string') claims.revocationId = revocationId;
  return claims;
}
