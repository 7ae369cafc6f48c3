import type { AgreementRow, Composition, CompositionPlace, CompositionRole } from '../document/generated/types.ts';
import { COMPARISONS } from './comparisons.ts';

/** What a verifying region knows of cases. */
export interface CompositionBook {
  readonly all: readonly Composition[];
  /** False if a list had to be rejected: then nobody knows what stood in it. */
  readonly readable: boolean;
}

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
