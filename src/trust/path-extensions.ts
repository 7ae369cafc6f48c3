import {
  atEnd,
  contentOf,
  contextTag,
  type Element,
  enter,
  finish,
  inside,
  oidOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
} from '../codec/der.ts';
import { broken, expect, tooMany } from './extensions.ts';
import { type GeneralName, readGeneralName, readGeneralNames } from './general-names.ts';

/** Extensions of certificates and lists that only paths ask for (RFC 5280 §4.2): read when one is judged. */

export const ANY_POLICY = '2.5.29.32.0';

/** Policies and mappings of one certificate: the work of a path grows with their product. */
const MAX_POLICIES = 128;
const MAX_SUBTREES = 1024;

/** The policies of a certificate (RFC 5280 §4.2.1.4): OIDs. Qualifiers are for people; nobody here shows them. */
export function readPolicies(value: Element): ReadonlySet<string> {
  const policies = new Set<string>();
  for (const list = inside(expect(value, TAG.sequence)); !atEnd(list); ) {
    const information = enter(list);
    const policy = oidOf(read(information, TAG.oid));
    readOptional(information, TAG.sequence);
    finish(information);
    if (policies.has(policy)) throw broken('policy comes twice');
    if (policies.size >= MAX_POLICIES) throw tooMany('policies');
    policies.add(policy);
  }
  if (policies.size === 0) throw broken('empty list of policies');
  return policies;
}

/** Policy mappings (§4.2.1.5): from each policy of the issuer, those of the subject that count as it. */
export function readPolicyMappings(value: Element): ReadonlyMap<string, ReadonlySet<string>> {
  const mappings = new Map<string, Set<string>>();
  let count = 0;
  for (const list = inside(expect(value, TAG.sequence)); !atEnd(list); ) {
    if (++count > MAX_POLICIES) throw tooMany('policy mappings');
    const mapping = enter(list);
    const issuers = oidOf(read(mapping, TAG.oid));
    const subjects = oidOf(read(mapping, TAG.oid));
    finish(mapping);
    const known = mappings.get(issuers);
    if (known === undefined) mappings.set(issuers, new Set([subjects]));
    else known.add(subjects);
  }
  if (count === 0) throw broken('empty list of policy mappings');
  return mappings;
}

/** Policy constraints (§4.2.1.11): how many certificates on, a policy must be named or may not be mapped. */
export function readPolicyConstraints(value: Element): {
  readonly requireExplicit: number | undefined;
  readonly inhibitMapping: number | undefined;
} {
  const fields = inside(expect(value, TAG.sequence));
  if (atEnd(fields)) throw broken('empty policy constraints');
  const explicit = readOptional(fields, contextTag(0, false));
  const mapping = readOptional(fields, contextTag(1, false));
  finish(fields);
  return {
    requireExplicit: explicit && smallIntegerOf(explicit),
    inhibitMapping: mapping && smallIntegerOf(mapping),
  };
}

/** Inhibit anyPolicy (§4.2.1.14). */
export const readInhibitAnyPolicy = (value: Element): number => smallIntegerOf(expect(value, TAG.integer));

/** Name constraints (§4.2.1.10). */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

export function readNameConstraints(value: Element): NameConstraints {
  const fields = inside(expect(value, TAG.sequence));
  const permitted = readOptional(fields, contextTag(0));
  const excluded = readOptional(fields, contextTag(1));
  finish(fields);
  // An empty one (§4.2.1.10 forbids it) would permit everything to one reader and nothing to another.
  if (permitted === undefined && excluded === undefined) throw broken('empty name constraints');
  return { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded) };
}

function readSubtrees(field: Element | undefined): readonly GeneralName[] {
  if (field === undefined) return [];
  const bases: GeneralName[] = [];
  for (const list = inside(field); !atEnd(list); ) {
    if (bases.length >= MAX_SUBTREES) throw tooMany('name constraints');
    const subtree = enter(list);
    bases.push(readGeneralName(read(subtree)));
    // Minimum is 0 (DER leaves it out, some write it), and there is no maximum (§4.2.1.10).
    const minimum = readOptional(subtree, contextTag(0, false));
    if (minimum !== undefined && smallIntegerOf(minimum) !== 0) throw broken('name constraint with a minimum');
    finish(subtree);
  }
  if (bases.length === 0) throw broken('empty list of name constraints');
  return bases;
}

/** Alternative names (§4.2.1.6, §4.2.1.7). */
export const readAltNames = (value: Element): readonly GeneralName[] =>
  readGeneralNames(inside(expect(value, TAG.sequence)));

/** An OCTET STRING as value, such as a nonce. */
export const readOctets = (value: Element): Uint8Array => contentOf(expect(value, TAG.octetString));
