import { encodeBase64url } from '../codec/base64url.ts';
import type { Proof } from '../codec/proof.ts';
import type { Algorithm } from '../crypto/algorithms.ts';
import { finding } from '../document/findings.ts';
import type { Finding } from '../document/generated/types.ts';
import type { TrustedKey, TrustView } from './view.ts';

/** Clocks of gateways and issuers may differ by this much before a difference means something. */
export const CLOCK_TOLERANCE_MS = 60_000;

export interface AuthenticateInput {
  readonly proof: Proof;
  /** The algorithm, if the format allows the one the document names. */
  readonly algorithm: Algorithm | undefined;
  /** The region whose format it is: only its keys and its sub-issuers' are tried. */
  readonly region: string;
  readonly claims: {
    readonly documentType?: string;
    readonly unit?: string;
    readonly issuedAt?: string;
    readonly revocationId?: string;
  };
  /** Epoch ms. */
  readonly now: number;
}

/** Who signed, and every finding on the way. `key` only if its signature verified. */
export interface Evidence {
  readonly key: TrustedKey | undefined;
  readonly findings: readonly Finding[];
}

/** Judges a proof under a trust view: who signed it, may they sign this, is the key good for it. */
export function authenticate(input: AuthenticateInput, view: TrustView): Evidence {
  const { proof, algorithm } = input;
  if (proof.demands !== undefined) return failed(finding('HEADER_NOT_ALLOWED', { detail: proof.demands }));
  if (algorithm === undefined) return failed(finding('ALGORITHM_NOT_ALLOWED', { detail: shown(proof.algorithm) }));

  const candidates = candidatesFor(input, view);
  if (candidates.length === 0) return failed(finding('UNKNOWN_ISSUER', { detail: 'no key with this id in the list' }));
  let fitting = 0;
  for (const key of candidates) {
    const verify = key.verifier(algorithm.name);
    if (verify === undefined) continue;
    fitting += 1;
    if (verify(proof.signed, proof.signature))
      return { key, findings: [finding('SIGNATURE_VALID'), ...scopeFindings(key, input, view)] };
  }
  // A key of another kind under this id: the header's algorithm was swapped (RFC 8725 §3.1), or the id points astray.
  if (fitting === 0)
    return failed(finding('ALGORITHM_NOT_ALLOWED', { detail: `${algorithm.name} is not the algorithm of this key` }));
  return failed(finding('SIGNATURE_INVALID'));
}

const failed = (...findings: Finding[]): Evidence => ({ key: undefined, findings });

/** The algorithm label comes from the document: only its plain beginning is repeated. */
const shown = (label: string): string => label.replace(/[^A-Za-z0-9:.+-]/g, '?').slice(0, 40);

function candidatesFor({ proof, region }: AuthenticateInput, view: TrustView): readonly TrustedKey[] {
  if (proof.keyIds.length === 0) return view.unnamed(region);
  if (proof.keyIds.length === 1) return view.candidates(region, proof.keyIds[0]!);
  return proof.keyIds.flatMap((id) => view.candidates(region, id)).slice(0, 4);
}

/** May this key have signed this, then? All that is wrong is said. */
function scopeFindings(key: TrustedKey, input: AuthenticateInput, view: TrustView): Finding[] {
  const { claims, now } = input;
  const findings: Finding[] = [];
  if (key.unit !== undefined && claims.unit !== undefined && !view.sameUnit(key.region, key.unit, claims.unit)) {
    findings.push(finding('ISSUER_MISMATCH', { at: '/issuer/unit', detail: `the key is of ${key.unit}` }));
  }
  if (claims.documentType !== undefined && !key.documentTypes.has(claims.documentType)) {
    findings.push(finding('KEY_USAGE_MISMATCH', { at: '/docType/code' }));
  }
  const signedAt = claims.issuedAt === undefined ? now : Date.parse(claims.issuedAt);
  if (signedAt < key.validFrom - CLOCK_TOLERANCE_MS || signedAt > key.validUntil) {
    findings.push(finding('KEY_NOT_VALID_WHEN_SIGNED', { at: '/validity/issuedAt' }));
  }
  if (now > key.validUntil) findings.push(finding('KEY_EXPIRED'));
  findings.push(...statusFindings(key, signedAt, now), ...revocationFindings(key, input, view));
  return findings;
}

function statusFindings(key: TrustedKey, signedAt: number, now: number): Finding[] {
  for (const { state, since } of key.status) {
    if (since > now) continue;
    // Removal acts at once, on everything the key signed. A thief can date back what he signs: after a compromise
    // the document's own date proves nothing.
    if (state === 'removed') return [finding('KEY_REMOVED')];
    if (state === 'compromised') return [finding('KEY_COMPROMISED')];
    if (state === 'retired' && signedAt > since)
      return [finding('KEY_NOT_VALID_WHEN_SIGNED', { detail: 'signed after the key was retired' })];
  }
  return [];
}

/** By the document's own random id, and by r of its signature, which whoever holds the document cannot change. */
function revocationFindings(key: TrustedKey, { proof, claims, now }: AuthenticateInput, view: TrustView): Finding[] {
  const r = encodeBase64url(proof.signature.subarray(0, proof.signature.length / 2));
  const since = view.revokedSince(key.region, claims.revocationId === undefined ? [r] : [claims.revocationId, r]);
  if (since === 'unpublished') return [finding('REVOCATION_NOT_PUBLISHED')];
  return since !== undefined && since <= now ? [finding('REVOKED')] : [finding('NOT_REVOKED')];
}
