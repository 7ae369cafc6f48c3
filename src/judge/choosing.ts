import type { Composition, CompositionRole } from '../document/generated/types.ts';

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

/**
 * Cases that are complete among these documents, though others lie beside them. Only those that ask for something: any two
 * documents would be a case of which every role is optional, and they may be of two people.
 */
export const completeWithin = <One extends Candidate>(
  candidates: readonly One[],
  all: readonly Composition[],
): { readonly composition: Composition; readonly own: readonly One[] }[] =>
  all.flatMap((composition) => {
    const own = candidates.filter((each) => rolesFor(composition, each).length > 0);
    const asks = composition.roles.some(({ least }) => least > 0);
    return asks && isComplete(composition, own) ? [{ composition, own }] : [];
  });

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
