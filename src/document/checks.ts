import { AREAS_AS_OF, isAreaGoneBy, isAreaNow, type Presence } from './areas.ts';
import { finding } from './findings.ts';
import type { DeclaredCheck, Finding, SharedDocument } from './generated/types.ts';
import { HOLDER_IDENTIFIERS, IDENTIFIERS, readLicenceIdentifier } from './identifiers.ts';
import { ownMember, stepsOf, valueAt } from './pointer.ts';

/**
 * Whether what stands in one place of a document agrees with what stands in another. A format declares which of these its
 * documents must pass. What is not there is not compared, nor what is no text: that it is missing or wrong is said elsewhere.
 */

type Shared = Partial<SharedDocument>;
/** In: the document, the pointer that the declaration names, and what stands there. */
type Check = (document: Shared, at: string, value: unknown) => Finding[];

export const CHECKS: Readonly<Record<string, Check>> = {
  /** The issuer in a licence identifier is the issuer of the document: by its USCC, or by its area where that is written. */
  'identifier-issuer': (document, at, value) => {
    const read = typeof value === 'string' ? readLicenceIdentifier(value) : undefined;
    const { orgCode, areaCode } = document.issuer ?? {};
    const stated = read?.issuer.length === 6 ? textIn(areaCode)?.slice(0, 6) : orgCode;
    return read === undefined || stated === undefined || stated === read.issuer
      ? []
      : [finding('IDENTIFIER_MISMATCH', { at, detail: 'it names another issuer than the document' })];
  },
  /** The type in a licence identifier is that of the catalogue. */
  'identifier-type': (document, at, value) => {
    const read = typeof value === 'string' ? readLicenceIdentifier(value) : undefined;
    const national = document.docType?.nationalCode;
    return read === undefined || national === undefined || national === read.type
      ? []
      : [finding('IDENTIFIER_MISMATCH', { at, detail: 'it names another type of licence than the catalogue' })];
  },
  /** The number of a holder, or of each of a crew, is one of the type that is stated. */
  'holder-number': (_, at, value) =>
    Array.isArray(value) ? value.flatMap((each, i) => holderFindings(each, `${at}/${i}`)) : holderFindings(value, at),
  /** A place is one today. */
  'area-now': (_, at, value) => {
    const area = areaOf(value);
    return area === undefined ? [] : areaFindings(at, isAreaNow(area), 'no');
  },
  /** The area that a number begins with had not been abolished when the document was issued. */
  'area-then': (document, at, value) => {
    const area = areaOf(value);
    const moment = textIn(document.validity?.issuedAt ?? document.validity?.from);
    return area === undefined || moment === undefined ? [] : areaFindings(at, isAreaGoneBy(area, moment), 'yes');
  },
};

/** Errors: Error, for a check that the table does not have. */
export function compileCheck({ check: name, at }: DeclaredCheck, i: number): (document: Shared) => Finding[] {
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name]! : undefined;
  if (check === undefined)
    throw new Error(`/checks/${i}/check: no "${name}"; there are: ${Object.keys(CHECKS).join(', ')}`);
  const steps = stepsOf(at);
  return (document) => check(document, at, valueAt(document, steps));
}

/** A map may give anything, and its form is looked at later. */
const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The area code that a number begins with. A name of a place has none. */
const areaOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{6,12}$/.test(value) ? value.slice(0, 6) : undefined;

function areaFindings(at: string, presence: Presence, bad: Presence): Finding[] {
  if (presence === bad) return [finding('AREA_ABOLISHED', { at })];
  return presence === 'unknown' ? [unknownArea(at)] : [];
}

const unknownArea = (at: string): Finding =>
  finding('AREA_UNKNOWN', { at, detail: `by the lists up to ${AREAS_AS_OF}` });

function holderFindings(holder: unknown, above: string): Finding[] {
  const [idType, idNumber, birthDate] = ['idType', 'idNumber', 'birthDate'].map((name) =>
    textIn(ownMember(holder, name)),
  );
  const kind =
    idType !== undefined && Object.hasOwn(HOLDER_IDENTIFIERS, idType) ? HOLDER_IDENTIFIERS[idType]! : undefined;
  // A masked number says nothing.
  if (kind === undefined || idNumber === undefined || idNumber.includes('*')) return [];
  const at = `${above}/idNumber`;
  if (!IDENTIFIERS[kind]!.holds(idNumber))
    return [finding('IDENTIFIER_INVALID', { at, detail: `not a ${kind}, which its type ${idType} is` })];
  if (kind !== 'citizen-number') return [];
  const born = `${idNumber.slice(6, 10)}-${idNumber.slice(10, 12)}-${idNumber.slice(12, 14)}`;
  const findings: Finding[] = [];
  if (birthDate !== undefined && !born.startsWith(birthDate))
    findings.push(finding('IDENTIFIER_MISMATCH', { at, detail: 'it has another day of birth than the document' }));
  // Numbers were given with an area's code for some time after its end: that it was gone before the birth is told, no more.
  if (isAreaGoneBy(idNumber.slice(0, 6), born) !== 'no') findings.push(unknownArea(at));
  return findings;
}
