import { sameBytes } from '../codec/bytes.ts';
import type { Digester } from '../crypto/algorithms.ts';
import { sha1 } from '../crypto/sha1.ts';
import { type Certificate, KEY_USAGE, type SignatureCheck } from './certificate.ts';
import { EXTENSION } from './extensions.ts';
import { type CertificateId, keyBitsOf, type OcspAnswer, type SingleAnswer } from './ocsp.ts';
import { timeFault } from './path.ts';
import { type Status, TOLERANCE_MS } from './revocation.ts';
import { criticalFault } from './use.ts';

/** id-kp-OCSPSigning (RFC 6960 §4.2.2.2): an authority lets this key answer for it. */
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

/** Digests by which answers may name a certificate, by OID. */
const DIGESTS: Readonly<Record<string, (digester: Digester, data: Uint8Array) => Uint8Array>> = {
  '1.3.14.3.2.26': (_, data) => sha1(data),
  '2.16.840.1.101.3.4.2.1': (digester, data) => digester.digest('SHA-256', data),
  '2.16.840.1.101.3.4.2.2': (digester, data) => digester.digest('SHA-384', data),
  '2.16.840.1.101.3.4.2.3': (digester, data) => digester.digest('SHA-512', data),
  '1.2.156.10197.1.401': (digester, data) => digester.digest('SM3', data),
};

export interface OcspQuestion {
  readonly certificate: Certificate;
  /** Whose answer is asked for: the authority that issued it. */
  readonly issuer: Certificate;
  readonly digester: Digester;
  readonly signed: SignatureCheck;
  /** Epoch ms. */
  readonly now: number;
  /** What the question held, if it was asked now. */
  readonly nonce?: Uint8Array | undefined;
  /** Whether a delegated responder's own certificate is good, where it does not say that this is not to be asked. */
  readonly responderIsGood?: (certificate: Certificate) => boolean;
}

const unknown = (why: string): Status => ({ state: 'unknown', why });

/**
 * Judges an answer (RFC 6960 §3.2): about this certificate, from somebody who may say it, and current. All else is
 * `unknown`: an answer that proves nothing is none. Once revoked, always revoked (a hold apart), however old the answer.
 */
export function ocspStatus(answer: OcspAnswer, question: OcspQuestion): Status {
  const { certificate, issuer, digester, now, nonce } = question;
  const single = answer.answers.find(({ id }) => isAbout(id, certificate, issuer, digester));
  if (single === undefined) return unknown('the answer is about another certificate');
  // §4.4.1. Responders that answer ahead of time send none: then only the times bound its age.
  if (nonce !== undefined && answer.nonce !== undefined && !sameBytes(nonce, answer.nonce))
    return unknown('the answer is to another question');
  const fault = responderFault(answer, question);
  if (fault !== undefined) return unknown(fault);
  if (single.thisUpdate > now + TOLERANCE_MS || answer.producedAt > now + TOLERANCE_MS)
    return unknown('the answer is from the future');
  const fresh = isFresh(single, now, nonce !== undefined && answer.nonce !== undefined);
  return stateOf(single, fresh, now);
}

function stateOf({ state, since, onHold }: SingleAnswer, fresh: boolean, now: number): Status {
  if (state === 'revoked' && since <= now + TOLERANCE_MS && (fresh || !onHold)) return { state: 'revoked', since };
  if (!fresh) return unknown('the answer is out of date');
  return state === 'unknown' ? unknown('the responder does not know the certificate') : { state: 'good' };
}

/** Without a time of the next answer (§4.2.2.1) only one that was given to this very question is fresh. */
const isFresh = ({ nextUpdate }: SingleAnswer, now: number, answered: boolean): boolean =>
  nextUpdate === undefined ? answered : nextUpdate >= now;

function isAbout(id: CertificateId, certificate: Certificate, issuer: Certificate, digester: Digester): boolean {
  if (id.serial !== certificate.serial) return false;
  const digest = DIGESTS[id.digest];
  return (
    digest !== undefined &&
    sameBytes(id.issuerName, digest(digester, issuer.subject.raw)) &&
    sameBytes(id.issuerKey, digest(digester, keyBitsOf(issuer)))
  );
}

/** §4.2.2.2: the authority itself, or somebody whom it lets answer by a certificate that it issued directly. */
function responderFault(answer: OcspAnswer, question: OcspQuestion): string | undefined {
  const { issuer, signed } = question;
  if (isResponder(answer, issuer) && mayAnswer(issuer) && signed(answer, issuer)) return undefined;
  const delegates = answer.certificates.filter((one) => isResponder(answer, one));
  const delegate = delegates.find((one) => signed(answer, one));
  if (delegate === undefined) return 'nobody who may answer signed the answer';
  return delegateFault(delegate, question);
}

/** Not every authority's key usage lets it sign other things than certificates and lists. */
const mayAnswer = ({ keyUsage }: Certificate): boolean =>
  keyUsage === undefined || (keyUsage & (KEY_USAGE.digitalSignature | KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign)) !== 0;

function delegateFault(delegate: Certificate, question: OcspQuestion): string | undefined {
  const { issuer, signed, now, responderIsGood } = question;
  if (delegate.issuer.key !== issuer.subject.key || !signed(delegate, issuer))
    return 'the responder’s certificate is not of the authority that it answers for';
  // Any other certificate of the authority would let its holder say who is revoked.
  if (!delegate.extendedKeyUsage?.includes(OCSP_SIGNING)) return 'the responder’s certificate is not for answering';
  if (delegate.keyUsage !== undefined && (delegate.keyUsage & KEY_USAGE.digitalSignature) === 0)
    return 'the responder’s key usage does not allow signing';
  const fault = criticalFault(delegate) ?? timeFault(delegate, now);
  if (fault !== undefined) return fault;
  if (delegate.extensions.has(EXTENSION.ocspNoCheck) || responderIsGood?.(delegate)) return undefined;
  return 'whether the responder’s own certificate was revoked cannot be told';
}

function isResponder({ responder }: OcspAnswer, certificate: Certificate): boolean {
  if ('name' in responder) return responder.name.key === certificate.subject.key;
  return sameBytes(responder.key, sha1(keyBitsOf(certificate)));
}
