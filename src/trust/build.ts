import { sameBytes } from '../codec/bytes.ts';
import type { Certificate, SignatureCheck } from './certificate.ts';
import { authorityFault, type Certificates, type PathInputs, timeFault, validatePath } from './path.ts';

/**
 * Finds the path from a certificate up to an anchor (RFC 4158), depth first, and validates each that gets there. Work is
 * bounded: whoever sends a thousand authorities of one name, or authorities in a circle, gets an answer in the same time.
 */

/** What may be spent on one certificate. */
export interface BuildLimits {
  /** Certificates of a path, the anchor not counted. */
  readonly length: number;
  /** Signatures checked; those of one pair of certificates once. */
  readonly signatures: number;
  /** Certificates looked at as issuers, and paths validated. */
  readonly steps: number;
}

export const BUILD_LIMITS: BuildLimits = { length: 10, signatures: 64, steps: 2000 };

export interface Candidates<Anchor> {
  /** Certificates that may lie between; nothing about them is believed. */
  readonly pool: readonly Certificate[];
  /** The anchors that may have issued a certificate (`mayHaveIssued`), as many as shall be tried. */
  readonly anchorsOf: (certificate: Certificate) => readonly Anchor[];
  readonly certificateOf: (anchor: Anchor) => Certificate;
  /** What this anchor's paths are judged by besides what all are. */
  readonly boundBy?: (anchor: Anchor) => PathInputs;
}

/** A path that is good, with all anchors that issued its uppermost certificate. */
export interface Built<Anchor> {
  readonly path: Certificates;
  readonly anchors: readonly Anchor[];
}

/** Or why there is none: `fault` proves that the certificate is not properly issued, `unknown` only that nobody here can tell. */
export type BuildResult<Anchor> = Built<Anchor> | { readonly fault: string } | { readonly unknown: string };

/** How far the search is, and what it has seen. */
interface Tally {
  readonly limits: BuildLimits;
  steps: number;
  spent: boolean;
  /** What failed: on a whole path to an anchor, on the way to one; and what ended where nobody is known. */
  invalid: string | undefined;
  broken: string | undefined;
  open: string | undefined;
}

interface Search<Anchor> extends Candidates<Anchor> {
  readonly inputs: PathInputs;
  readonly signed: SignatureCheck;
  readonly bySubject: ReadonlyMap<string, readonly Certificate[]>;
  readonly tally: Tally;
}

const NOWHERE = 'the certificate leads to no authority of the region';
const NOT_SIGNED = 'the authority that the certificate names did not sign it';

/** Builds and validates. In: the certificate of whoever signed, and what may lie above it. */
export function buildPath<Anchor>(
  target: Certificate,
  candidates: Candidates<Anchor>,
  inputs: PathInputs,
  signed: SignatureCheck,
  limits: BuildLimits = BUILD_LIMITS,
): BuildResult<Anchor> {
  const tally: Tally = { limits, steps: 0, spent: false, invalid: undefined, broken: undefined, open: undefined };
  const found = climb([target], {
    ...candidates,
    inputs,
    signed: countingCheck(signed, tally),
    bySubject: grouped(candidates.pool, (certificate) => certificate.subject.key),
    tally,
  });
  if (found !== undefined) return found;
  if (tally.invalid !== undefined) return { fault: tally.invalid };
  if (tally.spent) return { unknown: 'more ways lead up from the certificate than are tried' };
  if (tally.open !== undefined) return { unknown: tally.open };
  return tally.broken === undefined ? { unknown: NOWHERE } : { fault: tally.broken };
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** Each pair once, and no more than the limit: beyond it nothing is signed, and the search says that it gave up. */
function countingCheck(signed: SignatureCheck, tally: Tally): SignatureCheck {
  const known = new Map<unknown, Map<Certificate, boolean>>();
  let checks = 0;
  return (what, authority) => {
    const answers = known.get(what) ?? new Map<Certificate, boolean>();
    known.set(what, answers);
    const before = answers.get(authority);
    if (before !== undefined) return before;
    if (++checks > tally.limits.signatures) {
      tally.spent = true;
      return false;
    }
    const answer = signed(what, authority);
    answers.set(authority, answer);
    return answer;
  };
}

function climb<Anchor>(path: Certificates, search: Search<Anchor>): Built<Anchor> | undefined {
  const current = path[path.length - 1]!;
  const { certificateOf } = search;
  const named = search.anchorsOf(current);
  const issuers = named.filter((anchor) => step(search.tally) && search.signed(current, certificateOf(anchor)));
  const anchors = issuers.filter((anchor) => {
    if (!step(search.tally)) return false;
    const inputs = { ...search.inputs, ...search.boundBy?.(anchor) };
    const { fault } = validatePath(path, certificateOf(anchor), inputs, search.signed);
    if (fault !== undefined && !search.tally.spent) search.tally.invalid ??= fault;
    return fault === undefined;
  });
  return anchors.length > 0 ? { path, anchors } : climbPool(path, named, issuers, search);
}

function climbPool<Anchor>(
  path: Certificates,
  named: readonly Anchor[],
  issuers: readonly Anchor[],
  search: Search<Anchor>,
): Built<Anchor> | undefined {
  const current = path[path.length - 1]!;
  const { certificateOf } = search;
  let tried = issuers.length > 0;
  // It names an anchor's very key, and that key did not sign it. Without a key identifier it may be an authority's newer
  // key, of which the region does not know yet.
  let fault = named.some((anchor) => namesKey(certificateOf(anchor), current)) ? NOT_SIGNED : undefined;
  for (const other of search.bySubject.get(current.issuer.key) ?? []) {
    if (search.tally.spent) return undefined;
    if (!mayHaveIssued(other, current) || repeats(path, other)) continue;
    // The anchor itself, sent along: its own way up has been tried.
    if (issuers.some((anchor) => sameKey(certificateOf(anchor), other))) continue;
    if (!step(search.tally)) return undefined;
    const unfit = authorityFault(other, search.inputs) ?? expired(other, search.inputs);
    if (unfit !== undefined) {
      fault ??= unfit;
      continue;
    }
    if (!search.signed(current, other)) {
      fault ??= NOT_SIGNED;
      continue;
    }
    tried = true;
    if (path.length >= search.tally.limits.length) {
      search.tally.broken ??= 'too many certificates between the document and an authority';
      continue;
    }
    const found = climb([...path, other] as unknown as Certificates, search);
    if (found !== undefined) return found;
  }
  if (tried) return undefined;
  if (fault === undefined) search.tally.open ??= NOWHERE;
  else search.tally.broken ??= fault;
  return undefined;
}

const expired = (certificate: Certificate, { at }: PathInputs): string | undefined =>
  at === undefined ? undefined : timeFault(certificate, at);

/** Counts one step; false once too many were made. */
function step(tally: Tally): boolean {
  if (++tally.steps > tally.limits.steps) tally.spent = true;
  return !tally.spent;
}

/** RFC 4158 §5.2: one name and key twice on a path is a circle. Self-issued certificates differ in their key. */
const repeats = (path: readonly Certificate[], other: Certificate): boolean =>
  path.some((one) => one === other || (one.subject.key === other.subject.key && sameKey(one, other)));

const sameKey = (one: Certificate, other: Certificate): boolean => sameBytes(one.spki, other.spki);

/** By name and, where both give one, key identifier, which tells an authority's keys apart (RFC 5280 §4.2.1.1). */
export function mayHaveIssued(authority: Certificate, certificate: Certificate): boolean {
  const wanted = certificate.authorityKeyIdentifier?.keyIdentifier;
  const { subjectKeyIdentifier: own } = authority;
  return (
    authority.subject.key === certificate.issuer.key &&
    (wanted === undefined || own === undefined || sameBytes(wanted, own))
  );
}

const namesKey = (authority: Certificate, certificate: Certificate): boolean =>
  certificate.authorityKeyIdentifier?.keyIdentifier !== undefined && authority.subjectKeyIdentifier !== undefined;
