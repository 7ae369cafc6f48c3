import { sameBytes } from '../codec/bytes.ts';
import { Broken } from '../document/broken.ts';
import { buildPath, mayHaveIssued } from './build.ts';
import type { Certificate, SignatureCheck } from './certificate.ts';
import { type Crl, madeBy, type RevokedBySerial } from './crl.ts';
import { EXTENSION, extensionOf } from './extensions.ts';
import { NAME_KIND } from './general-names.ts';
import type { Certificates } from './path.ts';
import { ALL_REASONS, type DistributionPoint, directoryNames, pointKeys, readDistributionPoints } from './points.ts';

/**
 * What lists of revoked certificates say of one (RFC 5280 §6.3). Which lists speak of a certificate, and who signed them,
 * is worked out once (`linksOf`); what they say at a time is then a look into a table (`statusOf`).
 */

export type Status =
  | { readonly state: 'good' }
  | { readonly state: 'revoked'; readonly since: number }
  | { readonly state: 'unknown'; readonly why: string };

/** All that is known of lists under one anchor. */
export interface Lists {
  /** Lists by the key of their issuer's name. */
  readonly byIssuer: ReadonlyMap<string, readonly Crl[]>;
  /** Certificates of those who sign lists beside the authorities of the path: other keys, other names. */
  readonly signers: readonly Certificate[];
  readonly anchor: Certificate;
  readonly signed: SignatureCheck;
}

/** A list that speaks of the certificate, signed by somebody who may. */
interface Usable {
  readonly crl: Crl;
  /** Mask of the reasons it speaks of. */
  readonly reasons: number;
  readonly entries: RevokedBySerial;
  /** Who signed it, where that is none of the path's own authorities: his times and his standing bind as well. */
  readonly signer: { readonly from: number; readonly until: number; readonly links: readonly Link[] } | undefined;
}

/** One certificate of a path, and all lists that speak of it. */
export interface Link {
  readonly certificate: Certificate;
  readonly lists: readonly Usable[];
}

/** Clocks of gateways and authorities may differ by this much. */
export const TOLERANCE_MS = 60_000;
/** Signers of lists whose lists are signed by others, and so on. */
const MAX_DEPTH = 3;
/** Certificates that are tried as the signer of one list. */
const MAX_TRIED = 16;

const NO_ENTRIES: RevokedBySerial = new Map();

/** For each certificate of the path, from the last one up, the lists that speak of it. */
export function linksOf(path: Certificates, lists: Lists): readonly Link[] {
  return linksBelow(path, lists, []);
}

function linksBelow(path: readonly Certificate[], lists: Lists, asking: readonly Certificate[]): readonly Link[] {
  return path.map((certificate, i) => ({
    certificate,
    lists: listsFor(certificate, [...path.slice(i + 1), lists.anchor], lists, asking),
  }));
}

function listsFor(
  certificate: Certificate,
  above: readonly Certificate[],
  lists: Lists,
  asking: readonly Certificate[],
): readonly Usable[] {
  const points = pointsOf(certificate);
  const issuers = new Set([
    certificate.issuer.key,
    ...points.flatMap(({ crlIssuer }) => directoryNames(crlIssuer ?? []).map(({ key }) => key)),
  ]);
  return [...issuers].flatMap((issuer) =>
    (lists.byIssuer.get(issuer) ?? []).flatMap((crl): Usable[] => {
      const reasons = points.reduce((mask, point) => mask | reasonsCovered(crl, point, certificate), 0);
      if (reasons === 0) return [];
      const signer = signerOf(crl, above, lists, asking);
      if (signer === undefined) return [];
      const own = crl.issuer.key === certificate.issuer.key;
      const entries = (own ? crl.revoked : crl.others.get(certificate.issuer.key)) ?? NO_ENTRIES;
      return [{ crl, reasons, entries, signer: signer === 'above' ? undefined : signer }];
    }),
  );
}

/** The certificate's distribution points, and the one that every certificate has: its issuer (§6.3.3, last paragraph). */
function pointsOf(certificate: Certificate): readonly DistributionPoint[] {
  const { issuer } = certificate;
  const own: DistributionPoint = {
    name: { full: [{ kind: NAME_KIND.directory, bytes: issuer.raw, name: issuer }] },
    reasons: ALL_REASONS,
    crlIssuer: undefined,
  };
  try {
    return [...(extensionOf(certificate, EXTENSION.crlDistributionPoints, readDistributionPoints) ?? []), own];
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    // What cannot be read names no list; the issuer's own may still speak of it.
    return [own];
  }
}

/** §6.3.3 (b) and (d): for which reasons a list speaks of a certificate through one of its points; 0 if not at all. */
function reasonsCovered(crl: Crl, point: DistributionPoint, certificate: Certificate): number {
  const { issuer } = certificate;
  const { point: scope } = crl;
  if (point.crlIssuer === undefined) {
    if (crl.issuer.key !== issuer.key) return 0;
  } else {
    if (!directoryNames(point.crlIssuer).some(({ key }) => key === crl.issuer.key)) return 0;
    if (!scope?.indirect) return 0;
  }
  if (scope === undefined) return point.reasons;
  if (scope.name !== undefined) {
    const named = pointKeys(scope.name, crl.issuer);
    const wanted =
      point.name === undefined
        ? pointKeys({ full: point.crlIssuer ?? [] }, crl.issuer)
        : pointKeys(point.name, directoryNames(point.crlIssuer ?? [])[0] ?? issuer);
    if (!wanted.some((name) => named.includes(name))) return 0;
  }
  const isAuthority = certificate.basicConstraints?.ca === true;
  if (scope.onlyAttributes || (isAuthority ? scope.onlyUsers : scope.onlyAuthorities)) return 0;
  return point.reasons & scope.reasons;
}

/** §6.3.3 (f) and (g): an authority of the path, or somebody whose own path leads to the same anchor. */
function signerOf(
  crl: Crl,
  above: readonly Certificate[],
  lists: Lists,
  asking: readonly Certificate[],
): Usable['signer'] | 'above' {
  if (above.some((authority) => madeBy(crl, authority, lists.signed))) return 'above';
  const named = lists.signers.filter((signer) => signer.subject.key === crl.issuer.key).slice(0, MAX_TRIED);
  for (const signer of named.filter((one) => madeBy(crl, one, lists.signed))) {
    const built = buildPath(
      signer,
      {
        pool: [...above.slice(0, -1), ...lists.signers],
        anchorsOf: (certificate) => [lists.anchor].filter((anchor) => mayHaveIssued(anchor, certificate)),
        certificateOf: (anchor) => anchor,
      },
      { anchorBinds: true },
      lists.signed,
    );
    if (!('path' in built) || asking.length >= MAX_DEPTH) continue;
    return {
      from: Math.max(...built.path.map(({ notBefore }) => notBefore)),
      until: Math.min(...built.path.map(({ notAfter }) => notAfter)),
      // Who signs the only list that speaks of himself is taken at his word, unless that word is that he is revoked.
      links: asking.includes(signer) ? [] : linksBelow(built.path, lists, [...asking, signer]),
    };
  }
  return undefined;
}

/** What the lists say of the certificate at this time (epoch ms). A list that is out of date is never taken for a good word. */
export function statusOf({ certificate, lists }: Link, now: number): Status {
  const known = lists.filter(({ crl, signer }) => crl.thisUpdate <= now + TOLERANCE_MS && inForce(signer, now));
  let covered = 0;
  for (const group of scopesOf(known)) {
    const { base, delta } = newestOf(group);
    const found = revokedIn(group, base, delta, certificate.serial, now);
    if (found !== undefined) return { state: 'revoked', since: found };
    if (base !== undefined && (base.crl.nextUpdate >= now || (delta !== undefined && delta.crl.nextUpdate >= now)))
      covered |= base.reasons;
  }
  if ((covered & ALL_REASONS) === ALL_REASONS) return { state: 'good' };
  if (covered !== 0) return { state: 'unknown', why: 'the lists of its authority do not speak of all reasons' };
  const why = known.some(({ crl }) => crl.base === undefined)
    ? 'the newest list of its authority is out of date'
    : 'there is no list of its authority';
  return { state: 'unknown', why };
}

function inForce(signer: Usable['signer'], now: number): boolean {
  if (signer === undefined) return true;
  if (now < signer.from || now > signer.until) return false;
  return signer.links.every((link) => statusOf(link, now).state === 'good');
}

/** Lists that follow each other: one issuer, one scope. */
function scopesOf(lists: readonly Usable[]): Iterable<readonly Usable[]> {
  const groups = new Map<string, Usable[]>();
  for (const each of lists) {
    const key = `${each.crl.issuer.key} ${each.crl.scope}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups.values();
}

/** The newest full list, and the newest list of changes that goes with it (§5.2.4, §6.3.3 (c)). */
function newestOf(group: readonly Usable[]): { base: Usable | undefined; delta: Usable | undefined } {
  const newest = (lists: readonly Usable[]): Usable | undefined =>
    lists.reduce<Usable | undefined>(
      (best, each) => (best === undefined || each.crl.thisUpdate > best.crl.thisUpdate ? each : best),
      undefined,
    );
  const base = newest(group.filter(({ crl }) => crl.base === undefined));
  return { base, delta: base && newest(group.filter(({ crl }) => goesWith(crl, base.crl))) };
}

function goesWith(delta: Crl, full: Crl): boolean {
  if (delta.base === undefined || delta.number === undefined || full.number === undefined) return false;
  const [ours, theirs] = [full.issuerKeyIdentifier, delta.issuerKeyIdentifier];
  const sameKey = ours === undefined || (theirs !== undefined && sameBytes(ours, theirs));
  return sameKey && delta.base <= full.number && delta.number > full.number;
}

/**
 * Since when it is revoked. Once revoked, always revoked, whichever list says it; only a hold is lifted by the newest
 * list, or by changes that take it back.
 */
function revokedIn(
  group: readonly Usable[],
  base: Usable | undefined,
  delta: Usable | undefined,
  serial: string,
  now: number,
): number | undefined {
  const latest = delta?.entries.get(serial) ?? base?.entries.get(serial);
  for (const { crl, entries } of group) {
    const entry = entries.get(serial);
    if (entry === undefined || entry.since > now + TOLERANCE_MS) continue;
    if (crl.base !== undefined && entry.removed) continue;
    if (!entry.onHold || entry === latest) return entry.since;
  }
  return undefined;
}
