import type { Attestation, AttestedSeal } from '../codec/proof.ts';
import type { Algorithm } from '../crypto/algorithms.ts';
import { finding } from '../document/findings.ts';
import type { Finding } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { AuthenticateInput, Evidence } from './authenticate.ts';

/** A signature of a document that may carry several, with the rows of the algorithms that it names. */
export interface JudgedAttestation extends Attestation {
  readonly algorithm: Algorithm | undefined;
  readonly makerAlgorithm: Algorithm | undefined;
}

export interface SealedInput extends Omit<AuthenticateInput, 'proof' | 'algorithm'> {
  readonly attestations: readonly JudgedAttestation[];
  /** Parts of the document that no signature covers. */
  readonly unsigned: readonly string[];
}

/** Judges one proof: `authenticate` for documents with a single one. */
type JudgeOne = (input: AuthenticateInput) => Evidence;

/**
 * An electronic seal is a document of a type of its own, and its maker must be allowed to sign that: or else everyone who
 * signs documents could make himself a seal that lists him, and a seal's list would keep nobody out.
 */
const SEAL_TYPE = 'electronic-seal';

/** Signatures of certificates that are checked for all signers and seal makers together; each has one to three. */
const MOST_CHECKS = 96;

/** Parts that are named one by one; a document may have thousands. */
const MAX_NAMED = 20;

/**
 * Judges a document with electronic seals or several signatures: each signature and each seal's maker under the trust
 * view, and what was recomputed without a key. All signatures must be good: what a signature covers may have come in
 * with it. There is a key (the first signer's) only if all of them verify and everything is there, and covered.
 */
export function authenticateSealed(input: SealedInput, judgeOne: JudgeOne): Evidence {
  const { attestations, unsigned } = input;
  if (attestations.length === 0) return { key: undefined, findings: [finding('NOT_SIGNED')] };
  const shared = { ...input, work: { signatures: MOST_CHECKS } };
  const judged = attestations.map((attestation) => judgeAttestation(attestation, shared, judgeOne));
  const content = contentFindings(attestations, unsigned);
  // Words that say the same of every signature (not revoked, for one) are said once: a row without extras is one object.
  const findings = [...new Set([...judged.flatMap((each) => each.findings), ...content])];
  const verified = judged.every(({ key }) => key !== undefined) && content.every(({ result }) => result === 'pass');
  return { key: verified ? judged[0]!.key : undefined, findings };
}

function judgeAttestation(attestation: JudgedAttestation, input: SealedInput, judgeOne: JudgeOne): Evidence {
  const { proof, algorithm, signedAt, seal } = attestation;
  const at = withoutNames(attestation.at);
  const { attestations: _, unsigned: __, ...context } = input;
  const { claims } = context;
  const signedClaims = signedAt === undefined ? claims : { ...claims, issuedAt: instantOf(signedAt) };
  const { key, findings } = judgeOne({ ...context, proof, algorithm, claims: signedClaims });
  const own = findings.flatMap((each) => SIGNER_WORDS[each.code]?.(each, at, signedAt, key?.validUntil) ?? [each]);
  const ofSeal = seal === undefined ? [] : sealFindings(seal, { ...attestation, at }, input, judgeOne);
  return { key, findings: [...own, ...ofSeal] };
}

type Reword = (found: Finding, at: string, signedAt: number | undefined, validUntil: number | undefined) => Finding[];

const where: Reword = (found, at) => [{ ...found, at }];

/**
 * What the findings about a single signature become for one of several: they say which. A licence outlives the
 * certificate that sealed it, so the certificate is asked for the time of sealing, where that is known.
 */
const SIGNER_WORDS: Readonly<Record<string, Reword | undefined>> = {
  SIGNATURE_VALID: where,
  SIGNED_BEFORE_COMPROMISE: where,
  SIGNATURE_INVALID: where,
  UNKNOWN_ISSUER: where,
  CHAIN_INVALID: where,
  KEY_EXPIRED: (found, at, signedAt) => (signedAt === undefined ? [{ ...found, at }] : []),
  KEY_NOT_VALID_WHEN_SIGNED: (found, at, signedAt, validUntil) =>
    signedAt !== undefined && validUntil !== undefined && signedAt > validUntil
      ? [finding('SIGNED_AFTER_EXPIRY', { at, detail: 'the certificate of the signer' })]
      : [{ ...found, at }],
};

/** May this seal have been used, by this signer, then; and is it the one that its maker made? */
function sealFindings(
  seal: AttestedSeal,
  { at, proof, signedAt, makerAlgorithm }: JudgedAttestation,
  { attestations: _, unsigned: __, ...context }: SealedInput,
  judgeOne: JudgeOne,
): Finding[] {
  const { now } = context;
  const claims = { documentType: SEAL_TYPE, issuedAt: instantOf(seal.madeAt) };
  const maker = judgeOne({ ...context, proof: seal.maker, algorithm: makerAlgorithm, claims });
  const findings = maker.findings.flatMap((each) => MAKER_WORDS[each.code]?.(each, at, undefined, undefined) ?? [each]);
  if (!seal.copyMatches)
    findings.push(finding('SEAL_INVALID', { at, detail: 'the copy of the seal beside the signature is another' }));
  if (!seal.listsSigner || proof.certificates === undefined) findings.push(finding('CERT_NOT_IN_SEAL', { at }));
  const time = signedAt ?? now;
  if (time < seal.validFrom || time > seal.validUntil)
    findings.push(finding('SIGNED_AFTER_EXPIRY', { at, detail: 'the seal' }));
  return findings.length === 0 ? [finding('SEAL_VALID', { at })] : findings;
}

const nothing: Reword = () => [];
const ofMaker: Reword = (found, at) => [
  {
    ...found,
    at,
    detail: `the maker of the seal${found.detail === undefined ? '' : `: ${found.detail}`}`.slice(0, 500),
  },
];

/** What the findings about a signature become where it is the seal maker's: what is as it should be is not said twice. */
const MAKER_WORDS: Readonly<Record<string, Reword | undefined>> = {
  SIGNATURE_VALID: nothing,
  SIGNED_BEFORE_COMPROMISE: nothing,
  NOT_REVOKED: nothing,
  REVOCATION_NOT_PUBLISHED: nothing,
  KEY_EXPIRED: nothing,
  SIGNATURE_INVALID: (_, at) => [finding('SEAL_INVALID', { at, detail: 'its maker did not sign it so' })],
  UNKNOWN_ISSUER: ofMaker,
  CHAIN_INVALID: ofMaker,
  ALGORITHM_NOT_ALLOWED: ofMaker,
  HEADER_NOT_ALLOWED: ofMaker,
  ENVIRONMENT_MISMATCH: ofMaker,
  KEY_USAGE_MISMATCH: ofMaker,
  KEY_NOT_VALID_WHEN_SIGNED: ofMaker,
  KEY_REMOVED: ofMaker,
  KEY_COMPROMISED: ofMaker,
  CERTIFICATE_REVOKED: ofMaker,
  CERTIFICATE_STATUS_UNKNOWN: ofMaker,
  REVOKED: ofMaker,
};

/** Is what was handed in what was signed, and all of it? */
function contentFindings(attestations: readonly Attestation[], unsigned: readonly string[]): Finding[] {
  const altered = new Set<string>();
  for (const attestation of attestations) {
    if (!attestation.contentMatches) altered.add(attestation.at);
    for (const part of attestation.altered) altered.add(part);
  }
  const free = unsigned.filter((part) => !altered.has(part));
  if (altered.size === 0 && free.length === 0) return [finding('CONTENT_INTACT')];
  return [...named('TAMPERED_CONTENT', [...altered]), ...named('UNSIGNED_PART', free)];
}

/**
 * A part by its place in the file; of a name that GB/T 33190 does not give it, only that there is one: it may be a person's. Where
 * there are no files, our own word for the signature (codec/cms-envelope.ts, codec/seal-json.ts).
 */
const withoutNames = (part: string): string =>
  part
    .split('/')
    .map((step) => (KNOWN_NAME.test(step) ? step : '…'))
    .join('/');

const KNOWN_NAME =
  /^(|OFD|signature|seal|(Doc|Document|DocumentRes|PublicRes|Pages?|Content|Res|Image|Font|Signs?|Signatures?|SignedValue|Seal|Annots?|Annotations?|Attachs?|Attachments?|Tags?|CustomTags?|Tpls?|Template|Extensions?|Versions?|DocVersion)(_\d{1,5})?)(\.(xml|dat|esl|png|jpg|jb2|gif|bmp|ttf|otf|ofd))?$/;

function named(code: 'TAMPERED_CONTENT' | 'UNSIGNED_PART', parts: readonly string[]): Finding[] {
  const more = parts.length - MAX_NAMED;
  return parts
    .map(withoutNames)
    .slice(0, MAX_NAMED)
    .map((at, i) => finding(code, more > 0 && i === 0 ? { at, detail: `and ${more} more parts` } : { at }));
}
