import {
  atEnd,
  bitStringOf,
  booleanOf,
  contextTag,
  type Element,
  enter,
  finish,
  inside,
  read,
  readOptional,
  TAG,
} from '../codec/der.ts';
import { Broken } from '../document/broken.ts';
import { type GeneralName, NAME_KIND, nameKey, readGeneralNames } from './general-names.ts';
import { joinedName, type Name, readPart } from './names.ts';

/**
 * Where lists of revoked certificates are published, as certificates (RFC 5280 §4.2.1.13) and lists (§5.2.5) say it. Only
 * the names count: nothing is ever fetched because a certificate asks for it.
 */

/** Bits of ReasonFlags that a list can be limited to: 1 key compromise … 8 AA compromise. */
export const ALL_REASONS = 0b1_1111_1110;

/** Full names, or a part to be put behind the name of the list's issuer. */
export type PointName = { readonly full: readonly GeneralName[] } | { readonly part: string };

export interface DistributionPoint {
  readonly name: PointName | undefined;
  /** Mask of reasons. */
  readonly reasons: number;
  /** Who signs the lists, if not the certificate's issuer. */
  readonly crlIssuer: readonly GeneralName[] | undefined;
}

export interface IssuingPoint {
  readonly name: PointName | undefined;
  readonly onlyUsers: boolean;
  readonly onlyAuthorities: boolean;
  readonly onlyAttributes: boolean;
  readonly reasons: number;
  readonly indirect: boolean;
}

const MAX_POINTS = 64;
const broken = (detail: string): Broken => new Broken('certificate', detail);

/** CRLDistributionPoints, and FreshestCRL, which has the same form. */
export function readDistributionPoints(value: Element): readonly DistributionPoint[] {
  const points: DistributionPoint[] = [];
  for (const list = inside(value); !atEnd(list); ) {
    if (points.length >= MAX_POINTS) throw new Broken('certificate', 'too many distribution points', 'LIMIT_EXCEEDED');
    const fields = enter(list);
    const name = readOptional(fields, contextTag(0));
    const reasons = readOptional(fields, contextTag(1, false));
    const issuer = readOptional(fields, contextTag(2));
    finish(fields);
    // §4.2.1.13: a point that gives reasons alone names nothing.
    if (name === undefined && issuer === undefined) throw broken('distribution point without a name');
    points.push({
      name: name && readPointName(name),
      reasons: reasons === undefined ? ALL_REASONS : readReasons(reasons),
      crlIssuer: issuer && readGeneralNames(inside(issuer)),
    });
  }
  if (points.length === 0) throw broken('empty list of distribution points');
  return points;
}

export function readIssuingPoint(value: Element): IssuingPoint {
  if (value.tag !== TAG.sequence) throw broken('issuing distribution point of another type');
  const fields = inside(value);
  // §5.2.5 forbids it: what limits nothing is not said.
  if (atEnd(fields)) throw broken('empty issuing distribution point');
  const name = readOptional(fields, contextTag(0));
  const flag = (number: number): boolean => {
    const field = readOptional(fields, contextTag(number, false));
    return field !== undefined && booleanOf(field);
  };
  const onlyUsers = flag(1);
  const onlyAuthorities = flag(2);
  const reasons = readOptional(fields, contextTag(3, false));
  const indirect = flag(4);
  const onlyAttributes = flag(5);
  finish(fields);
  // §5.2.5: at most one of them; with two the list would be about nothing.
  if ([onlyUsers, onlyAuthorities, onlyAttributes].filter(Boolean).length > 1)
    throw broken('issuing distribution point that excludes everything');
  return {
    name: name && readPointName(name),
    onlyUsers,
    onlyAuthorities,
    onlyAttributes,
    reasons: reasons === undefined ? ALL_REASONS : readReasons(reasons),
    indirect,
  };
}

function readPointName(field: Element): PointName {
  const content = inside(field);
  const choice = read(content);
  finish(content);
  if (choice.tag === contextTag(0)) return { full: readGeneralNames(inside(choice)) };
  if (choice.tag === contextTag(1)) return { part: readPart(choice) };
  throw broken('distribution point with a name of no known form');
}

function readReasons(field: Element): number {
  const { octets } = bitStringOf(field);
  let mask = 0;
  for (let bit = 1; bit < Math.min(octets.length * 8, 9); bit++)
    if ((octets[bit >> 3]! & (0x80 >> (bit & 7))) !== 0) mask |= 1 << bit;
  return mask;
}

/** What a point is called, in full; `issuer` is whose name a part stands behind. */
export const pointKeys = (name: PointName, issuer: Name): readonly string[] =>
  'full' in name ? name.full.map(nameKey) : [`${NAME_KIND.directory}:${joinedName(issuer, name.part)}`];

/** Directory names among the names of who signs lists. */
export const directoryNames = (names: readonly GeneralName[]): readonly Name[] =>
  names.flatMap(({ name }) => (name === undefined ? [] : [name]));
