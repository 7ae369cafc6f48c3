import { decodeBase64 } from '../codec/base64url.ts';
import { sameBytes } from '../codec/bytes.ts';
import { proofOfSigner } from '../codec/cms.ts';
import { readTimestamp } from '../codec/timestamp.ts';
import { algorithmOfOid } from '../crypto/algorithms.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken, unlessBroken } from '../document/broken.ts';
import type { Environment, IssuerEntry, IssuerList } from '../document/generated/types.ts';
import { publicKeyOf, readCertificate } from './certificate.ts';
import { EXTENSION } from './extensions.ts';
import { type Rejected, statusOf, type TrustedKey, verifiersOf } from './key.ts';
import { signerFault } from './use.ts';

/**
 * Timestamping authorities (RFC 3161) whose word counts: those that a region or the federation lists by their very
 * certificates. So the token's own certificate, and the attribute that names it, need not be looked at: whoever
 * swaps them has not the listed key.
 */
export interface Timestamper {
  readonly keyId: string;
  readonly validFrom: number;
  readonly validUntil: number;
  /** The environment that its list was made for; any if undefined. */
  readonly environment: Environment | undefined;
  readonly status: TrustedKey['status'];
  readonly verifier: TrustedKey['verifier'];
}

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
/** Authorities that are asked about a document, and tokens of one that are looked at. */
const MAX_TIMESTAMPERS = 16;
const MAX_TOKENS = 4;

/** Reads lists of timestamping authorities. What cannot be used is rejected with its reason; the rest goes on. */
export function readTimestampers(
  lists: readonly { readonly file: string; readonly list: IssuerList }[],
  platform: Platform,
  rejected: Rejected[],
): Timestamper[] {
  return lists.flatMap(({ file, list }) =>
    list.issuers.flatMap((entry, i) => {
      try {
        return [timestamperOf(entry, list.environment, platform)];
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        rejected.push({ file, at: `/issuers/${i}`, reason: `${error.part}: ${error.message}` });
        return [];
      }
    }),
  );
}

function timestamperOf(entry: IssuerEntry, environment: Timestamper['environment'], platform: Platform): Timestamper {
  if (entry.certificate === undefined) throw new Broken('timestamper', 'an authority for timestamps is a certificate');
  // Unheard it would be a demand of the region that nobody keeps.
  if (entry.policies !== undefined)
    throw new Broken('policies', 'certificate policies are asked of what an anchor issued');
  const certificate = readCertificate(decodeBase64(entry.certificate));
  const fault = signerFault(certificate);
  if (fault !== undefined) throw new Broken('timestamper', fault);
  const { extendedKeyUsage = [], extensions, notBefore, notAfter } = certificate;
  // RFC 3161 §2.3: for this purpose alone, and critical. A key that signs documents too could vouch for itself.
  if (
    extendedKeyUsage.length !== 1 ||
    extendedKeyUsage[0] !== TIME_STAMPING ||
    extensions.get(EXTENSION.extendedKeyUsage)?.critical !== true
  )
    throw new Broken('timestamper', 'its certificate is not for timestamps alone');
  return {
    keyId: entry.keyId,
    validFrom: Math.max(notBefore, entry.validFrom === undefined ? -Infinity : Date.parse(entry.validFrom)),
    validUntil: Math.min(notAfter, entry.validUntil === undefined ? Infinity : Date.parse(entry.validUntil)),
    environment,
    status: statusOf(entry),
    verifier: verifiersOf(publicKeyOf(certificate), platform),
  };
}

/**
 * The earliest time (epoch ms) at which one of these authorities saw a signature.
 *
 * @param tokens as they came with the document: anybody can put some in
 * @param stamped what they must be over: the signature, as it stands in the document
 */
export function seenByTimestamper(
  tokens: readonly Uint8Array[],
  stamped: Uint8Array,
  authorities: readonly Timestamper[],
  platform: Platform,
): number | undefined {
  const times = tokens
    .slice(0, MAX_TOKENS)
    .map((token) => unlessBroken(() => timeOfToken(token, stamped, authorities, platform)))
    .filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

function timeOfToken(
  token: Uint8Array,
  stamped: Uint8Array,
  authorities: readonly Timestamper[],
  platform: Platform,
): number | undefined {
  const { imprint, time, accuracy, content, signer } = readTimestamp(token);
  // Of another signature, or of another document: says nothing of this one.
  if (!sameBytes(platform.digest(imprint.digest, stamped), imprint.value)) return undefined;
  const { proof, contentMatches } = proofOfSigner(signer, content, platform.digest);
  const algorithm = algorithmOfOid(proof.algorithm.replace(/^oid:/, ''));
  if (!contentMatches || algorithm === undefined) return undefined;
  const made = authorities
    .slice(0, MAX_TIMESTAMPERS)
    .some((each) => inOffice(each, time) && each.verifier(algorithm.name)?.(proof.signed, proof.signature) === true);
  return made ? time + accuracy : undefined;
}

/** Whether its word counts for this time. One whose key was stolen or withdrawn proves nothing any more, of any time. */
function inOffice({ validFrom, validUntil, status }: Timestamper, time: number): boolean {
  if (time < validFrom || time > validUntil) return false;
  return status.every(
    ({ state, since }) => state !== 'compromised' && state !== 'removed' && (state !== 'retired' || time <= since),
  );
}
