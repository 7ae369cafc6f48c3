import type { Claims, Proof } from '../codec/proof.ts';
import { signatureName } from '../codec/signature.ts';
import type { Algorithm } from '../crypto/algorithms.ts';
import type { Check } from '../crypto/batch.ts';
import type { Verifier } from '../crypto/platform.ts';
import { finding } from '../document/findings.ts';
import type { Environment, Finding } from '../document/generated/types.ts';
import { beginOf, endOf } from '../document/time.ts';
import type { ChainWork } from './chain.ts';
import { authenticateSealed, type JudgedAttestation } from './sealed.ts';
import { retiredInOrder, statusFindings } from './status.ts';
import type { TrustedKey, TrustView } from './view.ts';

/** Clocks of gateways and issuers may differ by this much before a difference means something. */
export const CLOCK_TOLERANCE_MS = 60_000;

export interface AuthenticateInput {
  readonly proof: Proof;
  /** The algorithm, if the format allows the one the document names. */
  readonly algorithm: Algorithm | undefined;
  /** The region whose format it is: only its keys and its sub-issuers' are tried. */
  readonly region: string;
  readonly claims: Claims;
  /** The environment of the verifying gateway. */
  readonly environment?: Environment;
  /** OCSP answers (DER) about certificates that came with the document, asked for beforehand. */
  readonly answers?: readonly Uint8Array[] | undefined;
  /** Epoch ms. */
  readonly now: number;
  /** Epoch ms: the key need only have been valid then (an archived copy). All that was learnt of it since still counts. */
  readonly asOf?: number | undefined;
  /** When this gateway's own log first saw what was signed (its SHA-256, base64url), epoch ms. */
  readonly remembered?: ((digest: string) => number | undefined) | undefined;
  readonly checked?: Checked | undefined;
  /** What all signatures of the document together may cost; that of one alone is bounded anyway. */
  readonly work?: ChainWork;
}

/** What was checked beforehand, with many others: undefined for what was not. */
export type Checked = (verifier: Verifier, proof: Proof) => boolean | undefined;

/** Who signed, and every finding on the way. `key` only if its signature verified. */
export interface Evidence {
  readonly key: TrustedKey | undefined;
  readonly findings: readonly Finding[];
}

/** What was opened, with all its signatures where the document may carry several. */
export interface OpenedInput extends AuthenticateInput {
  readonly attestations?: readonly JudgedAttestation[] | undefined;
  readonly unsigned?: readonly string[] | undefined;
}

/** What a document brings along of its signatures. */
type Signed = Pick<OpenedInput, 'proof' | 'algorithm' | 'attestations' | 'claims'>;

/** Judges a document's signatures under a trust view: who signed it, may they sign this, are the keys good for it. */
export function authenticate(input: OpenedInput, view: TrustView): Evidence {
  const { attestations, unsigned = [] } = input;
  if (attestations === undefined) return authenticateOne(input, view);
  return authenticateSealed({ ...input, attestations, unsigned }, (one) => authenticateOne(one, view));
}

/**
 * The checks that `authenticate` would make of a document with one signature, so that those of many documents can be made
 * together. None for a document with seals or several signatures, nor for a certificate that came along: these it makes itself.
 */
export function checksOf(opened: Signed, region: string, view: TrustView): Check[] {
  const { proof, algorithm, attestations, claims } = opened;
  const checks: Check[] = [];
  if (attestations !== undefined || proof.demands !== undefined || algorithm === undefined) return checks;
  for (const key of candidatesFor(proof, region, claims, view)) {
    const verifier = key.verifier(algorithm.name);
    if (verifier !== undefined) checks.push({ verifier, data: proof.signed, signature: proof.signature });
  }
  return checks;
}

function authenticateOne(input: AuthenticateInput, view: TrustView): Evidence {
  const { proof, algorithm, region, claims } = input;
  if (proof.demands !== undefined) return failed(finding('HEADER_NOT_ALLOWED', { detail: proof.demands }));
  if (algorithm === undefined) return failed(finding('ALGORITHM_NOT_ALLOWED', { detail: shown(proof.algorithm) }));

  const candidates = candidatesFor(proof, region, claims, view);
  if (candidates.length === 0 && proof.certificates !== undefined)
    return byCertificate(proof.certificates, algorithm, input, view);
  if (candidates.length === 0) return failed(finding('UNKNOWN_ISSUER', { detail: 'no key with this id in the list' }));
  let fitting = 0;
  const signers: TrustedKey[] = [];
  for (const key of candidates) {
    const verify = key.verifier(algorithm.name);
    if (verify === undefined) continue;
    fitting += 1;
    if (input.checked?.(verify, proof) ?? verify(proof.signed, proof.signature)) signers.push(key);
  }
  if (signers.length > 0) return signedBy(signers, input, view);
  // A key of another kind under this id: the header's algorithm was swapped (RFC 8725 §3.1), or the id points astray.
  if (fitting === 0)
    return failed(finding('ALGORITHM_NOT_ALLOWED', { detail: `${algorithm.name} is not the algorithm of this key` }));
  if (proof.keyIds.some((id) => view.crowded(region, id, claims.unit)))
    return failed(
      finding('UNKNOWN_ISSUER', { detail: 'more keys have this id than are tried, and none of those fits' }),
    );
  return failed(finding('SIGNATURE_INVALID'));
}

/** By a certificate that came with the document: good if it chains to an authority that the region names. */
function byCertificate(
  certificates: readonly Uint8Array[],
  algorithm: Algorithm,
  input: AuthenticateInput,
  view: TrustView,
): Evidence {
  const { proof } = input;
  const { key, trouble, verifier } = view.embedded(input.region, certificates, input.work);
  const verify = verifier(algorithm.name);
  if (verify === undefined) {
    const detail = `${algorithm.name} is not the algorithm of the certificate's key`;
    return failed(trouble?.code === 'CHAIN_INVALID' ? trouble : finding('ALGORITHM_NOT_ALLOWED', { detail }));
  }
  // That the document was altered shows whoever the certificate belongs to.
  if (!verify(proof.signed, proof.signature)) return failed(finding('SIGNATURE_INVALID'));
  return key === undefined ? failed(trouble!) : signedBy([key], input, view);
}

/**
 * A region may list one key more than once (a certificate renewed, a withdrawal in another list). The entry that allows
 * most is taken, so that the old certificate does not spoil the new one; but that a key was withdrawn or stolen is true
 * of the key, whichever entry says it.
 */
function signedBy(signers: readonly TrustedKey[], input: AuthenticateInput, view: TrustView): Evidence {
  const [only] = signers;
  if (signers.length === 1 && only !== undefined)
    return { key: only, findings: scopeFindings(only, input, view, [finding('SIGNATURE_VALID')]) };
  const regions = [...new Set(signers.map((key) => key.region))];
  // A public key can be copied into any list. Were the first to list it taken for the signer, a county could take over
  // its neighbour's documents, or bring back a key that the neighbour has withdrawn.
  const region = regions.length === 1 ? regions[0]! : view.owner(regions);
  if (region === undefined)
    return failed(
      finding('UNKNOWN_ISSUER', { detail: 'several regions list this key, and none stands above the rest' }),
    );
  const entries = signers
    .filter((key) => key.region === region)
    .map((key) => ({ key, findings: scopeFindings(key, input, view, []) }));
  const best =
    entries.find(({ findings }) => findings.every(({ result }) => result !== 'fail')) ??
    renewed(entries, input.now) ??
    entries[0]!;
  const ofTheKey = entries
    .filter(({ key }) => key !== best.key)
    .flatMap(({ findings }) => findings.filter(({ code }) => code === 'KEY_REMOVED' || code === 'KEY_COMPROMISED'));
  return { key: best.key, findings: [finding('SIGNATURE_VALID'), ...best.findings, ...ofTheKey] };
}

interface Entry {
  readonly key: TrustedKey;
  readonly findings: readonly Finding[];
}

/**
 * A certificate that was renewed for the same key: the old one was valid when the document was signed, the new one is
 * now. Neither says so alone, and a renewal must not end what was signed before it.
 */
function renewed(entries: readonly Entry[], now: number): Entry | undefined {
  const only = ({ findings }: Entry, code: Finding['code']): boolean =>
    findings.every((each) => each.result !== 'fail' || each.code === code);
  const old = entries.find((entry) => only(entry, 'KEY_EXPIRED'));
  const fresh = entries.find((entry) => entry.key.validUntil >= now && only(entry, 'KEY_NOT_VALID_WHEN_SIGNED'));
  if (old === undefined || fresh === undefined) return undefined;
  return { key: old.key, findings: old.findings.filter(({ code }) => code !== 'KEY_EXPIRED') };
}

const failed = (...findings: Finding[]): Evidence => ({ key: undefined, findings });

/** The label comes from the document: repeated only if it has the form of one, so that nothing else gets into a log. */
const shown = (label: string): string =>
  /^(cose:(-?\d{1,6}|none)|jose:(none|[A-Z]{2}\d{3}K?|EdDSA|SM2SM3)|oid:[\d.]{1,40})$/.test(label)
    ? label
    : 'a name that is no algorithm';

function candidatesFor(proof: Proof, region: string, claims: Claims, view: TrustView): readonly TrustedKey[] {
  if (proof.certificates !== undefined) return view.pinned(region, proof.certificates[0]!);
  if (proof.keyIds.length === 0) return view.unnamed(region);
  if (proof.keyIds.length === 1) return view.candidates(region, proof.keyIds[0]!, claims.unit);
  return proof.keyIds.flatMap((id) => view.candidates(region, id, claims.unit)).slice(0, 4);
}

/** May this key have signed this, then? All that is wrong is said, behind what was found before. */
function scopeFindings(key: TrustedKey, input: AuthenticateInput, view: TrustView, findings: Finding[]): Finding[] {
  const { claims, now } = input;
  if (key.environment !== undefined && input.environment !== undefined && key.environment !== input.environment) {
    findings.push(finding('ENVIRONMENT_MISMATCH', { detail: `the key is of the ${key.environment} environment` }));
  }
  if (key.unit !== undefined && claims.unit !== undefined && !view.sameUnit(key.region, key.unit, claims.unit)) {
    findings.push(finding('ISSUER_MISMATCH', { at: '/issuer/unit', detail: `the key is of ${key.unit}` }));
  }
  if (claims.documentType !== undefined && !key.documentTypes.has(claims.documentType)) {
    findings.push(finding('KEY_USAGE_MISMATCH', { at: '/docType/code' }));
  }
  // Where only a day is known, it was signed at some time of that day.
  const signedFrom = claims.issuedAt === undefined ? now : beginOf(claims.issuedAt);
  const signedUntil = claims.issuedAt?.length === 10 ? endOf(claims.issuedAt) : signedFrom;
  if (signedUntil < key.validFrom - CLOCK_TOLERANCE_MS || signedFrom > key.validUntil) {
    findings.push(finding('KEY_NOT_VALID_WHEN_SIGNED', { at: '/validity/issuedAt' }));
  }
  if ((input.asOf ?? now) > key.validUntil && !retiredInOrder(key, { signedAt: signedFrom, now }))
    findings.push(finding('KEY_EXPIRED'));
  if (key.standing !== undefined)
    findings.push(...key.standing(now, [...(input.answers ?? []), ...(input.proof.answers ?? [])]));
  const { proof, environment, remembered } = input;
  if (key.status.length > 0)
    findings.push(...statusFindings(key, { proof, signedAt: signedFrom, now, environment, remembered }, view));
  const issuedAt = claims.issuedAt === undefined ? undefined : signedFrom;
  findings.push(revocationFinding(key, input, issuedAt, view));
  return findings;
}

/** By the document's own random id, and by r of its signature, which whoever holds the document cannot change. */
function revocationFinding(
  key: TrustedKey,
  { proof, claims, now }: AuthenticateInput,
  issuedAt: number | undefined,
  view: TrustView,
): Finding {
  const { revocationId: own, revocationScope, status } = claims;
  const standing = view.revocation(key.region, {
    // No getter: each object with one has a shape of its own, which the engine keeps, with all it refers to, for long.
    ids: () => {
      const r = signatureName(proof.signature);
      return own === undefined ? [r] : [revocationScope === 'key' ? `${key.keyId}#${own}` : own, r];
    },
    now,
    issuedAt,
    status,
  });
  if (standing.state === 'unpublished') return finding('REVOCATION_NOT_PUBLISHED');
  if (standing.state === 'unconfirmed') return finding('REVOCATION_UNCONFIRMED', { detail: standing.detail });
  return finding(standing.state === 'revoked' ? 'REVOKED' : 'NOT_REVOKED');
}
