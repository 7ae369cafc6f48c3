import type { AgreementRow, Composition, CompositionPlace, CompositionRole } from '../document/generated/types.ts';
import { COMPARISONS } from './comparisons.ts';

/** What a verifying region knows of cases. */
export interface CompositionBook {
  readonly all: readonly Composition[];
  /** False if a list had to be rejected: then nobody knows what stood in it. */
  readonly readable: boolean;
}

/** What choosing needs to know of a document. */
export interface Candidate {
  /** From 1. */
  readonly number: number;
  /** Undefined if it could not be read. */
  readonly type: string | undefined;
  /** The role it was given for. */
  readonly stated: string | undefined;
  /** The same for the same document given twice. */
  readonly key: string;
  /** Whether it is accepted by itself: what another claims to be is not known. */
  readonly stands: boolean;
}

export interface Chosen {
  readonly composition: Composition | undefined;
  /** Compositions that fit equally well, where none was chosen. */
  readonly several: readonly string[];
  /** Documents whose type is in no composition at all. */
  readonly strays: readonly number[];
}

/** A case has two documents or more. */
export const FEWEST = 2;

/**
 * A list of compositions → the same, checked for what its schema cannot say. Errors: Error with pointer and reason, for a
 * document type, role or comparison that there is not.
 */
export function checkCompositions(list: readonly Composition[], types: ReadonlyMap<string, unknown>): void {
  const ids = new Set<string>();
  for (const [i, composition] of list.entries()) {
    const fault: Fault = (where, reason) => new Error(`/compositions/${i}${where}: ${reason}`);
    if (ids.has(composition.id)) throw fault('/id', `there is a composition ${composition.id} already`);
    ids.add(composition.id);
    const roles = checkRoles(composition.roles, types, fault);
    for (const [k, row] of composition.agree.entries())
      checkRow(row, roles, (at, why) => fault(`/agree/${k}${at}`, why));
    checkPlaces(composition.people?.namedIn ?? [], COMPARISONS['person']!.these, roles, '/people/namedIn', fault);
  }
}

type Fault = (where: string, reason: string) => Error;

function checkRoles(list: readonly CompositionRole[], types: ReadonlyMap<string, unknown>, fault: Fault): Set<string> {
  const roles = new Set<string>();
  for (const [k, { role, documentTypes, least, most }] of list.entries()) {
    if (roles.has(role)) throw fault(`/roles/${k}/role`, `there is a role ${role} already`);
    roles.add(role);
    if (least > most) throw fault(`/roles/${k}/least`, 'more than there may be at most');
    const unknown = documentTypes.find((type) => !types.has(type));
    if (unknown !== undefined)
      throw fault(`/roles/${k}/documentTypes`, `the catalogue has no document type "${unknown}"`);
  }
  return roles;
}

function checkRow({ compare, these, those }: AgreementRow, roles: ReadonlySet<string>, fault: Fault): void {
  const comparison = Object.hasOwn(COMPARISONS, compare) ? COMPARISONS[compare] : undefined;
  if (comparison === undefined)
    throw fault('/compare', `no "${compare}"; there are: ${Object.keys(COMPARISONS).join(', ')}`);
  // A crew is many people: they do not have to be one.
  if (those === undefined && (comparison.directed || these.some(({ at }) => at === '/crew')))
    throw fault('', 'these are compared with those; "those" is missing');
  checkPlaces(these, comparison.these, roles, '/these', fault);
  checkPlaces(those ?? [], comparison.those, roles, '/those', fault);
}

function checkPlaces(
  places: readonly CompositionPlace[],
  allowed: readonly string[] | undefined,
  roles: ReadonlySet<string>,
  where: string,
  fault: Fault,
): void {
  for (const [i, { role, at }] of places.entries()) {
    if (!roles.has(role)) throw fault(`${where}/${i}/role`, `the composition has no role ${role}`);
    if (allowed?.includes(at) === false)
      throw fault(`${where}/${i}/at`, `it looks at one of these: ${allowed.map((each) => `"${each}"`).join(', ')}`);
  }
}

/** The roles that a document can have: by its type, and by what it was given for if anything was said. */
export const rolesFor = ({ roles }: Composition, { type, stated }: Candidate): CompositionRole[] =>
  roles.filter(
    (role) => type !== undefined && role.documentTypes.includes(type) && (stated === undefined || role.role === stated),
  );

/**
 * Which case these documents are, by their types; or the one that the asker names. One that has a place for all of them,
 * and of several the only one that is complete. Nothing is guessed: where two fit equally well, none is chosen.
 */
export function choose(candidates: readonly Candidate[], all: readonly Composition[], named?: string): Chosen {
  const whole = chooseOf(candidates, all, named);
  if (whole.composition !== undefined) return whole;
  // A document of an unknown issuer that claims to be of another case must not keep the rest from being compared.
  const standing = chooseOf(
    candidates.filter(({ stands }) => stands),
    all,
    named,
  );
  return standing.composition === undefined ? whole : { ...standing, strays: whole.strays };
}

function chooseOf(candidates: readonly Candidate[], all: readonly Composition[], named: string | undefined): Chosen {
  const typed = candidates.filter(({ type }) => type !== undefined);
  const hasPlace = (composition: Composition, { type }: Candidate): boolean =>
    composition.roles.some(({ documentTypes }) => documentTypes.includes(type!));
  const known = typed.filter((each) => all.some((composition) => hasPlace(composition, each)));
  const strays = typed.filter((each) => !known.includes(each)).map(({ number }) => number);
  if (named !== undefined) return { composition: all.find(({ id }) => id === named), several: [], strays };
  const fitting = known.length === 0 ? [] : all.filter((each) => known.every((one) => hasPlace(each, one)));
  const asStated = fitting.filter((each) => known.every((one) => rolesFor(each, one).length > 0));
  const possible = asStated.length > 0 ? asStated : fitting;
  const complete = possible.filter((each) => isComplete(each, known));
  const [only, ...others] = complete.length > 0 ? complete : possible;
  if (only === undefined || others.length > 0)
    return { composition: undefined, several: [only, ...others].flatMap((each) => each?.id ?? []).sort(), strays };
  return { composition: only, several: [], strays };
}

function isComplete(composition: Composition, candidates: readonly Candidate[]): boolean {
  const distinct = [...new Map(candidates.map((each) => [each.key, each])).values()];
  if (distinct.length < FEWEST) return false;
  return composition.roles.every(({ role, least, most }) => {
    // What could stand for several roles is counted for each: it does not make a case incomplete.
    const count = distinct.filter((each) => rolesFor(composition, each).some((one) => one.role === role)).length;
    return least <= count && count <= most;
  });
}
