import { decodeBase64, encodeBase64url } from '../codec/base64url.ts';
import { atEnd, derOf, enter, finish, inside, read, smallIntegerOf, TAG, textOf } from '../codec/der.ts';
import type { AlgorithmName } from '../crypto/algorithms.ts';
import type { Platform, Verifier } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import { finding } from '../document/findings.ts';
import type { AnchorPolicies, Finding, IssuerEntry, IssuerList, RegionManifest } from '../document/generated/types.ts';
import { BUILD_LIMITS, type BuildLimits, buildPath, mayHaveIssued } from './build.ts';
import {
  type Certificate,
  certificateId,
  publicKeyOf,
  readCertificate,
  remembering,
  type SignatureCheck,
  signatureCheck,
} from './certificate.ts';
import { type Crl, madeBy, readCrl } from './crl.ts';
import type { HeldKey } from './held.ts';
import { type Rejected, statusOf, type TrustedKey, verifiersOf } from './key.ts';
import { ANY_PURPOSE, authorityFault, type Certificates, type PathInputs } from './path.ts';
import type { Lists } from './revocation.ts';
import { standingOf } from './standing.ts';
import { highestOf, inTurn } from './turns.ts';
import { signerFault } from './use.ts';

/**
 * Certificates that come with their documents. One becomes a key of the region if a path of certificates leads from it
 * to one of the region's anchors: an authority's certificate (CA) that the region's pack names. Paths are built and
 * validated (RFC 5280 §6, `build.ts` and `path.ts`) when a certificate is first seen, and its standing in the lists of
 * revoked certificates (`revocation.ts`) asked for each document. Certificates that are missing are not fetched.
 */

/** A file of a pack, DER. */
interface DerFile {
  readonly file: string;
  readonly der: Uint8Array;
}

/** A region's anchors, as its pack gives them. */
export interface AnchorSource {
  readonly manifest: RegionManifest;
  readonly anchors?: readonly { readonly file: string; readonly list: IssuerList }[];
  readonly crls?: readonly DerFile[];
  /** Certificates that nobody trusts for their own sake: authorities between, signers of lists. */
  readonly certificates?: readonly DerFile[];
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

/**
 * How many signatures may still be checked to find who issued the certificates that came with one document: it may bring dozens of
 * signers, each with authorities that lead nowhere.
 */
export interface ChainWork {
  signatures: number;
}

export interface Chains {
  /** In: the region of the document's format, and the certificates that came with it, the signer's first. `work` is used up. */
  embedded(region: string, certificates: readonly Uint8Array[], work?: ChainWork): Embedded;
  /** The anchors that can be used, and the certificates between. */
  readonly held: readonly HeldKey[];
  readonly rejected: readonly Rejected[];
}

/** Certificates of a path, the anchor not counted. */
const MAX_PATH = 7;
/** Certificates of a document that are looked at; more come along in packages with many signatures. */
const MAX_EMBEDDED = 64;
/** Anchors of one name whose signature is tried. */
const MAX_NAMED = 4;
/** Authorities of one name that are tried for one list of revoked certificates. */
const MAX_TRIED = 16;
/** Results that are kept: a checkpoint sees few signers and many documents. */
const MAX_CACHED = 1000;
const LIMITS = { ...BUILD_LIMITS, length: MAX_PATH };

/** Document type list, ICAO Doc 9303-12. */
const DOCUMENT_TYPE_LIST = '2.23.136.1.1.6.2';

/** What one pack gives beside its anchors. */
interface Beside {
  readonly crls: ReadonlyMap<string, readonly Crl[]>;
  readonly certificates: readonly Certificate[];
}

interface Authority {
  readonly certificate: Certificate;
  readonly entry: IssuerEntry;
  readonly manifest: RegionManifest;
  /** The environment that its list was made for. */
  readonly environment: TrustedKey['environment'];
  readonly beside: Beside;
  readonly chain: readonly string[];
}

/** Reads the anchors and lists of all regions. What cannot be used is rejected with its reason; the rest goes on. */
export function buildChains(sources: readonly AnchorSource[], platform: Platform): Chains {
  const authorities = new Map<string, Authority[]>();
  const held: HeldKey[] = [];
  const rejected: Rejected[] = [];
  const check = signatureCheck(platform);
  let checks = 0;
  const signed = remembering((what, authority) => {
    checks += 1;
    return check(what, authority);
  });
  for (const source of sources) {
    const { authorities: found, between } = readAuthorities(source, signed, rejected);
    const { region } = source.manifest;
    held.push(...found.map(heldOf), ...between.map((each) => heldBetween(region, each)));
    for (const region of source.chain) authorities.set(region, [...(authorities.get(region) ?? []), ...found]);
  }
  const cache = new Map<string, Embedded>();
  return {
    held,
    rejected,
    embedded(region, certificates, work = { signatures: LIMITS.signatures }) {
      const digests = certificates.map((der) => encodeBase64url(platform.digest('SHA-256', der)));
      const name = `${region} ${digests.join(' ')}`;
      let result = cache.get(name);
      if (result === undefined) {
        const limits = { ...LIMITS, signatures: Math.min(LIMITS.signatures, work.signatures) };
        const before = checks;
        result = judge(certificates, authorities.get(region) ?? [], platform, signed, limits);
        work.signatures = Math.max(0, work.signatures - (checks - before));
        // That one document had used up its work says nothing of the next one.
        if (result.key === undefined && limits.signatures < LIMITS.signatures) return result;
        // The oldest goes: whoever brings a thousand certificates of his own makes others' be looked at again, no more.
        if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
        cache.set(name, result);
      }
      return result;
    },
  };
}

function readAuthorities(
  source: AnchorSource,
  signed: SignatureCheck,
  rejected: Rejected[],
): { authorities: Authority[]; between: readonly Certificate[] } {
  const { manifest, anchors = [], chain } = source;
  const each = <T>(files: readonly DerFile[] = [], reader: (der: Uint8Array) => T): { file: string; value: T }[] =>
    files.flatMap(({ file, der }) => {
      const value = attempt(() => reader(der), file, '', rejected);
      return value === undefined ? [] : [{ file, value }];
    });
  const certificates = each(source.certificates, readCertificate).map(({ value }) => value);
  const lists = each(source.crls, readCrl);
  const crls = new Map<string, Crl[]>();
  const authorities = anchors.flatMap(({ file, list }) =>
    list.issuers.flatMap((entry, i): Authority[] => {
      const certificate = attempt(() => readAnchor(entry), file, `/issuers/${i}`, rejected);
      const { environment } = list;
      return certificate ? [{ certificate, entry, manifest, environment, beside: { crls, certificates }, chain }] : [];
    }),
  );
  const known = [...authorities.map(({ certificate }) => certificate), ...certificates];
  for (const { file, value: crl } of lists) {
    // A thousand authorities of one name times a thousand lists would be a million signatures to check while loading.
    const named = known.filter(({ subject }) => subject.key === crl.issuer.key).slice(0, MAX_TRIED);
    // A list of an authority that nobody here knows is kept: its certificate may come with a document.
    if (named.length > 0 && !named.some((authority) => madeBy(crl, authority, signed)))
      rejected.push({ file, at: '', reason: 'crl: no authority of this region made it' });
    else crls.set(crl.issuer.key, [...(crls.get(crl.issuer.key) ?? []), crl]);
  }
  return { authorities, between: certificates };
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
  return authorityFault(certificate);
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

function judge(
  ders: readonly Uint8Array[],
  authorities: readonly Authority[],
  platform: Platform,
  signed: SignatureCheck,
  limits: BuildLimits,
): Embedded {
  let signer: Certificate;
  let verifier: TrustedKey['verifier'];
  try {
    signer = readCertificate(ders[0]!);
    verifier = verifiersOf(publicKeyOf(signer), platform);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    // Nothing can be checked with it.
    return { key: undefined, trouble: invalid(`${error.part}: ${error.message}`), verifier: () => undefined };
  }
  const fault = signerFault(signer);
  const found = fault === undefined ? pathOf(signer, ders.slice(1), authorities, signed, limits) : invalid(fault);
  if ('code' in found) return { key: undefined, trouble: found, verifier };
  return { key: trusted(found, verifier, platform), trouble: undefined, verifier };
}

/** Certificates from the signer's up, the anchor that issued the last of them, and the lists that speak of them. */
interface Path {
  readonly certificates: Certificates;
  readonly anchor: Authority;
  readonly lists: Lists;
}

function pathOf(
  signer: Certificate,
  others: readonly Uint8Array[],
  authorities: readonly Authority[],
  signed: SignatureCheck,
  limits: BuildLimits,
): Path | Finding {
  const brought = others.slice(0, MAX_EMBEDDED).flatMap(readable);
  const given = new Set(authorities.map(({ beside }) => beside));
  const pool = [...brought, ...[...given].flatMap(({ certificates }) => certificates)];
  const found = buildPath<Authority>(
    signer,
    {
      // The one that lasts longest first: an authority's renewed certificate before the one that it replaces.
      pool: pool.sort((one, other) => other.notAfter - one.notAfter),
      anchorsOf: (certificate) =>
        inTurn(
          authorities.filter((authority) => mayHaveIssued(authority.certificate, certificate)),
          regionOf,
        ).slice(0, MAX_NAMED),
      certificateOf: ({ certificate }) => certificate,
      boundBy: ({ entry }) => (entry.policies === undefined ? {} : inputsOf(entry.policies)),
    },
    { anchorBinds: true },
    signed,
    limits,
  );
  if ('fault' in found) return invalid(found.fault);
  if ('unknown' in found) return finding('UNKNOWN_ISSUER', { detail: found.unknown });
  const anchor = ownerOf(found.anchors);
  if (anchor === undefined)
    return finding('UNKNOWN_ISSUER', { detail: 'several regions list the authority, and none stands above the rest' });
  const lists: Lists = {
    byIssuer: anchor.beside.crls,
    signers: [...anchor.beside.certificates, ...brought],
    anchor: anchor.certificate,
    signed,
  };
  return { certificates: found.path, anchor, lists };
}

/** A list of policies that nobody has to hold would bind nothing: where any are named, one is asked for. */
const inputsOf = ({ accepted, required = true, inhibitMapping, inhibitAny }: AnchorPolicies): PathInputs => ({
  policies: accepted && new Set(accepted),
  explicitPolicy: required,
  inhibitMapping: inhibitMapping ?? false,
  inhibitAnyPolicy: inhibitAny ?? false,
});

/** Of those that came along, what cannot be read leads nowhere. */
function readable(der: Uint8Array): Certificate[] {
  try {
    return [readCertificate(der)];
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return [];
  }
}

const regionOf = ({ manifest }: Authority): string => manifest.region;

const heldOf = ({ entry, manifest, certificate }: Authority): HeldKey => ({
  region: manifest.region,
  kind: 'authority',
  keyId: entry.keyId,
  unit: entry.unit,
  status: statusOf(entry),
  until: certificate.notAfter,
});

/** Nobody says anything of its state: it is good as long as what lies above it says nothing else. */
const heldBetween = (region: string, { serial, notAfter }: Certificate): HeldKey => ({
  region,
  kind: 'between',
  keyId: serial,
  unit: undefined,
  status: [],
  until: notAfter,
});

function ownerOf(issuers: readonly Authority[]): Authority | undefined {
  const chains = new Map(issuers.map((each) => [regionOf(each), each.chain]));
  const region = highestOf([...chains.keys()], (each) => chains.get(each)!);
  return issuers.find((each) => regionOf(each) === region);
}

/** The signer's certificate as a key of the anchor's region, with everything on the path that bounds it. */
function trusted(
  { certificates, anchor, lists }: Path,
  verifier: TrustedKey['verifier'],
  platform: Platform,
): TrustedKey {
  const { entry, manifest, environment } = anchor;
  const [signer] = certificates;
  const all = [...certificates, anchor.certificate];
  const from = entry.validFrom === undefined ? -Infinity : Date.parse(entry.validFrom);
  const until = entry.validUntil === undefined ? Infinity : Date.parse(entry.validUntil);
  const unit = entry.unit ?? anchor.certificate.subject.attributes['C']?.toUpperCase();
  return {
    region: manifest.region,
    name: entry.name ?? manifest.name,
    keyId: certificateId(signer.raw, platform),
    unit,
    documentTypes: new Set(typesOf(certificates, anchor)),
    validFrom: Math.max(from, ...all.map(({ notBefore }) => notBefore)),
    validUntil: Math.min(until, ...all.map(({ notAfter }) => notAfter)),
    environment,
    status: statusOf(entry),
    verifier,
    ...standingOf(certificates, lists, platform),
  };
}

/**
 * What the region issues, what the pack says of the anchor, and what the signer's certificate is for: all of them bind.
 * An authority issues certificates for many ends; one that does not name a purpose the region knows is for another.
 * So is one that may itself only issue for other purposes.
 */
function typesOf([signer, ...above]: Certificates, { entry, manifest }: Authority): readonly string[] {
  const { keyPurposes, keyDocumentCodes, issues } = manifest;
  const named = [signer, ...above.filter(({ extendedKeyUsage: own }) => own && !own.includes(ANY_PURPOSE))];
  const purposes =
    keyPurposes === undefined && named.every(({ extendedKeyUsage }) => extendedKeyUsage === undefined)
      ? undefined
      : (keyPurposes ?? [])
          .filter(({ oid }) => named.every(({ extendedKeyUsage }) => extendedKeyUsage?.includes(oid)))
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
