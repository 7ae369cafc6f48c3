import { decodeBase64, encodeBase64url } from '../codec/base64url.ts';
import { atEnd, derOf, enter, finish, inside, read, smallIntegerOf, TAG, textOf } from '../codec/der.ts';
import { type AlgorithmName, algorithmNamed } from '../crypto/algorithms.ts';
import type { PublicKey } from '../crypto/keys.ts';
import type { Platform, Verifier } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import { finding } from '../document/findings.ts';
import type { Finding, IssuerEntry, IssuerList, RegionManifest } from '../document/generated/types.ts';
import { type Certificate, KEY_USAGE, publicKeyOf, readCertificate } from './certificate.ts';
import { type Crl, equal, madeBy, readCrl, signedBy } from './crl.ts';
import type { Rejected, TrustedKey } from './view.ts';

/**
 * Certificates that come with their documents. One becomes a key of the region if it chains to one of the region's
 * anchors: an authority's certificate (CA) that the region's pack names. Checked are signatures, names, CA flags, path
 * lengths, key usages, critical extensions, validity and lists of revoked certificates; names and policies are not
 * constrained, so an authority that is constrained in them is refused. Certificates of the path that are missing are
 * not fetched.
 */

/** A region's anchors, as its pack gives them. */
export interface AnchorSource {
  readonly manifest: RegionManifest;
  readonly anchors?: readonly { readonly file: string; readonly list: IssuerList }[];
  /** DER. */
  readonly crls?: readonly { readonly file: string; readonly der: Uint8Array }[];
  /** The region itself and the regions it stands under, nearest first. */
  readonly chain: readonly string[];
}

/** What a certificate that came with a document is worth. */
export interface Embedded {
  /** If it chains to an anchor. */
  readonly key: TrustedKey | undefined;
  /** Why there is no key. */
  readonly trouble: Finding | undefined;
  /** Checks with the certificate's own key, trusted or not: whether the document was altered can be told without trust. */
  verifier(algorithm: AlgorithmName): Verifier | undefined;
}

export interface Chains {
  /** In: the region of the document's format, and the certificates that came with it, the signer's first. */
  embedded(region: string, certificates: readonly Uint8Array[]): Embedded;
  readonly rejected: readonly Rejected[];
}

/** Certificates of a path, the anchor among them. */
const MAX_PATH = 4;
/** Anchors of one name whose signature is tried. */
const MAX_NAMED = 4;
/** Authorities of one name that are tried for one list of revoked certificates. */
const MAX_TRIED = 16;
/** Results that are kept: a checkpoint sees few signers and many documents. */
const MAX_CACHED = 1000;

/** Extensions that may be critical: key identifiers, usages, constraints, alternative names, policies (any is accepted). */
export const UNDERSTOOD: ReadonlySet<string> = new Set(
  ['14', '15', '17', '18', '19', '32', '35', '37'].map((arc) => `2.5.29.${arc}`),
);
/** Name constraints, policy mappings, policy constraints, inhibit anyPolicy: critical or not, an authority that has them is not obeyed here. */
const CONSTRAINING = ['30', '33', '36', '54'].map((arc) => `2.5.29.${arc}`);
/** Document type list, ICAO Doc 9303-12. */
const DOCUMENT_TYPE_LIST = '2.23.136.1.1.6.2';

interface Authority {
  readonly certificate: Certificate;
  readonly entry: IssuerEntry;
  readonly manifest: RegionManifest;
  /** The environment that its list was made for. */
  readonly environment: TrustedKey['environment'];
  readonly crls: readonly Crl[];
  readonly chain: readonly string[];
}

/** The key's verifiers by algorithm, each prepared on first use. */
export function verifiersOf(key: PublicKey, platform: Platform): TrustedKey['verifier'] {
  const prepared = new Map<AlgorithmName, Verifier | undefined>();
  return (algorithm) => {
    if (!prepared.has(algorithm)) {
      const fits = algorithmNamed(algorithm)?.key === key.kind;
      prepared.set(algorithm, fits ? platform.prepare(algorithm, key) : undefined);
    }
    return prepared.get(algorithm);
  };
}

/**
 * Each region's first before any region's second: a county that puts a hundred keys under its neighbour's key id (or
 * authorities under its name) must not push the neighbour's own out of the few that are tried.
 */
export function inTurn<T>(entries: readonly T[], regionOf: (entry: T) => string): readonly T[] {
  if (entries.every((entry) => regionOf(entry) === regionOf(entries[0]!))) return entries;
  const rounds = new Map<string, number>();
  const ranked = entries.map((entry) => {
    const round = rounds.get(regionOf(entry)) ?? 0;
    rounds.set(regionOf(entry), round + 1);
    return { entry, round };
  });
  return ranked.sort((one, other) => one.round - other.round).map(({ entry }) => entry);
}

/**
 * Of regions that list the same key, the one under which the others stand. Undefined if there is none: public keys can
 * be copied, so then nobody can tell whose it is.
 */
export const highestOf = (
  regions: readonly string[],
  chainOf: (region: string) => readonly string[],
): string | undefined => regions.find((one) => regions.every((other) => chainOf(other).includes(one)));

/** The first eight bytes of the certificate's SHA-256, as EU DCC documents name theirs. */
export const certificateId = (certificate: Uint8Array, platform: Platform): string =>
  encodeBase64url(platform.digest('SHA-256', certificate).subarray(0, 8));

/** Reads the anchors and lists of all regions. What cannot be used is rejected with its reason; the rest goes on. */
export function buildChains(sources: readonly AnchorSource[], platform: Platform): Chains {
  const authorities = new Map<string, Authority[]>();
  const rejected: Rejected[] = [];
  for (const source of sources) {
    const found = readAuthorities(source, platform, rejected);
    for (const region of source.chain) authorities.set(region, [...(authorities.get(region) ?? []), ...found]);
  }
  const cache = new Map<string, Embedded>();
  return {
    rejected,
    embedded(region, certificates) {
      const digests = certificates.map((der) => encodeBase64url(platform.digest('SHA-256', der)));
      const name = `${region} ${digests.join(' ')}`;
      let result = cache.get(name);
      if (result === undefined) {
        result = judge(certificates, authorities.get(region) ?? [], platform);
        // The oldest goes: whoever brings a thousand certificates of his own makes others' be looked at again, no more.
        if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
        cache.set(name, result);
      }
      return result;
    },
  };
}

function readAuthorities(
  { manifest, anchors = [], crls = [], chain }: AnchorSource,
  platform: Platform,
  rejected: Rejected[],
): Authority[] {
  const lists = crls.flatMap(({ file, der }) => {
    const crl = attempt(() => readCrl(der), file, '', rejected);
    return crl === undefined ? [] : [{ file, crl, tried: 0 }];
  });
  // A thousand authorities of one name times a thousand lists would be a million signatures to check while loading.
  const tryNext = (list: { crl: Crl; tried: number }, authority: Certificate): boolean =>
    equal(list.crl.issuer, authority.subject.raw) && list.tried++ < MAX_TRIED && madeBy(list.crl, authority, platform);
  const authorities = anchors.flatMap(({ file, list }) =>
    list.issuers.flatMap((entry, i): Authority[] => {
      const at = `/issuers/${i}`;
      const authority = attempt(() => readAnchor(entry), file, at, rejected);
      if (authority === undefined) return [];
      const own = lists.filter((each) => tryNext(each, authority)).map(({ crl }) => crl);
      return [{ certificate: authority, entry, manifest, environment: list.environment, crls: own, chain }];
    }),
  );
  for (const { file, crl } of lists) {
    if (!authorities.some((authority) => authority.crls.includes(crl)))
      rejected.push({ file, at: '', reason: 'crl: no anchor of this region made it' });
  }
  return authorities;
}

function readAnchor(entry: IssuerEntry): Certificate {
  if (entry.certificate === undefined) throw new Broken('anchor', 'an anchor is a certificate');
  const certificate = readCertificate(decodeBase64(entry.certificate));
  const fault = anchorFault(certificate);
  if (fault !== undefined) throw new Broken('anchor', fault);
  return certificate;
}

/** Why a certificate cannot be an anchor. Errors: Broken for a key that cannot be read. */
export function anchorFault(certificate: Certificate): string | undefined {
  publicKeyOf(certificate);
  return authorityFault(certificate, 0);
}

function attempt<T>(run: () => T, file: string, at: string, rejected: Rejected[]): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    rejected.push({ file, at, reason: `${error.part}: ${error.message}` });
    return undefined;
  }
}

const invalid = (detail: string): Finding => finding('CHAIN_INVALID', { detail });

function judge(ders: readonly Uint8Array[], authorities: readonly Authority[], platform: Platform): Embedded {
  let path: readonly Certificate[];
  let key: PublicKey;
  try {
    path = ders.slice(0, MAX_PATH).map(readCertificate);
    key = publicKeyOf(path[0]!);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    // Nothing can be checked with it.
    return { key: undefined, trouble: invalid(`${error.part}: ${error.message}`), verifier: () => undefined };
  }
  const verifier = verifiersOf(key, platform);
  const [signer, ...others] = path as [Certificate, ...Certificate[]];
  const fault = signerFault(signer);
  const climbed = fault === undefined ? climb(signer, others, authorities, platform) : invalid(fault);
  if ('code' in climbed) return { key: undefined, trouble: climbed, verifier };
  return { key: trusted(climbed, verifier, platform), trouble: undefined, verifier };
}

/** Certificates from the signer's up, and the anchor that issued the last of them. */
interface Path {
  readonly certificates: readonly [Certificate, ...Certificate[]];
  readonly anchor: Authority;
}

/** RFC 5280 §6.1.3 (a)(1) and (a)(4), from below; no way is tried twice, so that a document cannot buy much work. */
function climb(
  signer: Certificate,
  others: readonly Certificate[],
  authorities: readonly Authority[],
  platform: Platform,
): Path | Finding {
  const certificates: [Certificate, ...Certificate[]] = [signer];
  while (certificates.length < MAX_PATH) {
    const current = certificates[certificates.length - 1]!;
    const named = inTurn(
      authorities.filter(({ certificate }) => mayHaveIssued(certificate, current)),
      regionOf,
    ).slice(0, MAX_NAMED);
    const issuers = named.filter(({ certificate }) => issued(certificate, current, platform));
    if (issuers.length > 0) {
      const anchor = ownerOf(issuers);
      if (anchor === undefined)
        return finding('UNKNOWN_ISSUER', {
          detail: 'several regions list the authority, and none stands above the rest',
        });
      const fault = authorityFault(anchor.certificate, certificates.length - 1);
      return fault === undefined ? { certificates, anchor } : invalid(fault);
    }
    // It names an anchor's very key, and that key did not sign it. Without a key identifier it may be an authority's
    // newer key, of which the region does not know yet.
    if (named.some(({ certificate }) => namesKey(certificate, current)))
      return invalid('the authority that the certificate names did not sign it');
    const next = others.find((other) => !certificates.includes(other) && mayHaveIssued(other, current));
    if (next === undefined)
      return finding('UNKNOWN_ISSUER', { detail: 'the certificate leads to no authority of the region' });
    if (!issued(next, current, platform)) return invalid('the authority that the certificate names did not sign it');
    const fault = authorityFault(next, certificates.length - 1);
    if (fault !== undefined) return invalid(fault);
    certificates.push(next);
  }
  return invalid('too many certificates between the document and an authority');
}

const regionOf = ({ manifest }: Authority): string => manifest.region;

function ownerOf(issuers: readonly Authority[]): Authority | undefined {
  const chains = new Map(issuers.map((each) => [regionOf(each), each.chain]));
  const region = highestOf([...chains.keys()], (each) => chains.get(each)!);
  return issuers.find((each) => regionOf(each) === region);
}

function mayHaveIssued(authority: Certificate, certificate: Certificate): boolean {
  const wanted = certificate.authorityKeyIdentifier?.keyIdentifier;
  const { subjectKeyIdentifier: own } = authority;
  return (
    equal(authority.subject.raw, certificate.issuer.raw) &&
    (wanted === undefined || own === undefined || equal(wanted, own))
  );
}

const namesKey = (authority: Certificate, certificate: Certificate): boolean =>
  certificate.authorityKeyIdentifier?.keyIdentifier !== undefined && authority.subjectKeyIdentifier !== undefined;

const issued = (authority: Certificate, certificate: Certificate, platform: Platform): boolean =>
  signedBy(certificate, certificate.tbs, authority, platform);

/** Why a certificate may not issue others (RFC 5280 §6.1.4 (h) to (o)), with this many authorities between it and the signer. */
function authorityFault(certificate: Certificate, below: number): string | undefined {
  const { version, basicConstraints, keyUsage, extensions } = certificate;
  // Without the flag anyone's own certificate would issue others.
  if (version !== 3 || basicConstraints?.ca !== true) return 'a certificate that is no authority’s issued another';
  if (below > (basicConstraints.pathLength ?? Infinity)) return 'more authorities than one of them allows below it';
  if (keyUsage !== undefined && (keyUsage & KEY_USAGE.keyCertSign) === 0)
    return 'an authority whose key usage does not allow signing certificates';
  const constraint = CONSTRAINING.find((oid) => extensions.has(oid));
  if (constraint !== undefined) return `an authority is constrained by ${constraint}, which is not understood here`;
  return criticalFault(certificate);
}

/** Why a certificate may not sign documents. RFC 5280 §4.2.1.3: where key usage is given, it must allow signing. */
export function signerFault(certificate: Certificate): string | undefined {
  const signing = KEY_USAGE.digitalSignature | KEY_USAGE.contentCommitment;
  if (certificate.keyUsage !== undefined && (certificate.keyUsage & signing) === 0)
    return 'its key usage does not allow signing documents';
  return criticalFault(certificate);
}

/** RFC 5280 §4.2: an unknown critical extension forbids use. */
function criticalFault({ extensions }: Certificate): string | undefined {
  for (const [oid, { critical }] of extensions) {
    if (critical && !UNDERSTOOD.has(oid)) return `critical extension ${oid} is not understood`;
  }
  return undefined;
}

/** The signer's certificate as a key of the anchor's region, with everything on the path that bounds it. */
function trusted({ certificates, anchor }: Path, verifier: TrustedKey['verifier'], platform: Platform): TrustedKey {
  const { entry, manifest, environment } = anchor;
  const [signer] = certificates;
  const all = [...certificates, anchor.certificate];
  const from = entry.validFrom === undefined ? -Infinity : Date.parse(entry.validFrom);
  const until = entry.validUntil === undefined ? Infinity : Date.parse(entry.validUntil);
  const links = certificates.map((certificate, i) => ({
    serial: certificate.serial,
    // Lists of an authority between come with no pack: nobody can say whether what it issued was revoked.
    crls: i === certificates.length - 1 ? anchor.crls : [],
  }));
  const unit = entry.unit ?? anchor.certificate.subject.attributes['C']?.toUpperCase();
  return {
    region: manifest.region,
    name: entry.name ?? manifest.name,
    keyId: certificateId(signer.raw, platform),
    unit,
    documentTypes: new Set(typesOf(signer, anchor)),
    validFrom: Math.max(from, ...all.map(({ notBefore }) => notBefore)),
    validUntil: Math.min(until, ...all.map(({ notAfter }) => notAfter)),
    environment,
    status: (entry.status ?? []).map(({ state, since }) => ({ state, since: Date.parse(since) })),
    verifier,
    standing: (now) => standing(links, now),
  };
}

/**
 * What the region issues, what the pack says of the anchor, and what the signer's certificate is for: all of them bind.
 * An authority issues certificates for many ends; one that does not name a purpose the region knows is for another.
 */
function typesOf(signer: Certificate, { entry, manifest }: Authority): readonly string[] {
  const { keyPurposes, keyDocumentCodes, issues } = manifest;
  const purposes =
    keyPurposes === undefined && signer.extendedKeyUsage === undefined
      ? undefined
      : (keyPurposes ?? [])
          .filter(({ oid }) => signer.extendedKeyUsage?.includes(oid))
          .flatMap(({ documentTypes }) => documentTypes);
  const codes = documentCodesOf(signer);
  const coded = codes && (keyDocumentCodes ?? []).filter(({ code }) => codes.includes(code));
  const scopes = [entry.documentTypes, purposes, coded?.flatMap(({ documentTypes }) => documentTypes)];
  return issues.filter((type) => scopes.every((scope) => scope === undefined || scope.includes(type)));
}

/** The codes of a document type list; undefined without one, none for one that cannot be read. */
function documentCodesOf(certificate: Certificate): readonly string[] | undefined {
  const extension = certificate.extensions.get(DOCUMENT_TYPE_LIST);
  if (extension === undefined) return undefined;
  try {
    const list = inside(derOf(extension.value, TAG.sequence));
    smallIntegerOf(read(list, TAG.integer));
    const codes: string[] = [];
    for (const set = enter(list, TAG.set); !atEnd(set); ) codes.push(textOf(read(set)));
    finish(list);
    return codes;
  } catch (error) {
    if (error instanceof Broken) return [];
    throw error;
  }
}

/** Clocks of gateways and authorities may differ by this much. */
const TOLERANCE_MS = 60_000;

/** What the lists of revoked certificates say at this time. A list that is out of date is never taken for a good word. */
function standing(links: readonly { serial: string; crls: readonly Crl[] }[], now: number): Finding[] {
  let unknown: string | undefined;
  for (const { serial, crls } of links) {
    const known = crls.filter(({ thisUpdate }) => thisUpdate <= now + TOLERANCE_MS);
    const newest = known.reduce<Crl | undefined>(
      (best, crl) => (best === undefined || crl.thisUpdate > best.thisUpdate ? crl : best),
      undefined,
    );
    const revoked = known.some((crl) => {
      const entry = crl.revoked.get(serial);
      return entry !== undefined && entry.since <= now + TOLERANCE_MS && (crl === newest || !entry.onHold);
    });
    if (revoked) return [finding('CERTIFICATE_REVOKED')];
    if (newest === undefined) unknown ??= 'there is no list of its authority';
    else if (newest.nextUpdate < now) unknown ??= 'the newest list of its authority is out of date';
  }
  return unknown === undefined ? [] : [finding('CERTIFICATE_STATUS_UNKNOWN', { detail: unknown })];
}
