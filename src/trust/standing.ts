import { encodeBase64url } from '../codec/base64url.ts';
import type { Digester } from '../crypto/algorithms.ts';
import { Broken } from '../document/broken.ts';
import { finding } from '../document/findings.ts';
import type { Finding } from '../document/generated/types.ts';
import type { Certificate } from './certificate.ts';
import type { StatusQuestion, TrustedKey } from './key.ts';
import { type OcspAnswer, readOcspAnswer } from './ocsp.ts';
import { ocspStatus } from './ocsp-status.ts';
import type { Certificates } from './path.ts';
import { type Link, type Lists, linksOf, type Status, statusOf } from './revocation.ts';

/** Answers that are looked at for one document: each may cost a signature. */
const MAX_ANSWERS = 8;
const MAX_KEPT = 32;

/** Whether the certificates of a path still stand: by the lists that the pack brings, and by answers about single ones. */
export function standingOf(
  path: Certificates,
  lists: Lists,
  digester: Digester,
): Required<Pick<TrustedKey, 'standing' | 'asks'>> {
  const links = linksOf(path, lists);
  const asks = path.map((certificate, i): StatusQuestion => ({ certificate, issuer: path[i + 1] ?? lists.anchor }));
  const read = answerReader(digester);
  const statusAt = (i: number, answers: readonly OcspAnswer[], now: number): Status => {
    const listed = statusOf(links[i]!, now);
    if (listed.state === 'revoked' || answers.length === 0) return listed;
    const responderIsGood = (delegate: Certificate): boolean => isListedGood(delegate, path.slice(i + 1), lists, now);
    const question = { ...asks[i]!, digester, signed: lists.signed, now, responderIsGood };
    const answered = answers.map((answer) => ocspStatus(answer, question));
    // Nobody takes back what another says of a revocation.
    return (
      answered.find(({ state }) => state === 'revoked') ?? answered.find(({ state }) => state === 'good') ?? listed
    );
  };
  return {
    asks,
    standing(now, answers = []) {
      const known = answers.slice(0, MAX_ANSWERS).flatMap(read);
      return findingsOf(links.map((_, i) => statusAt(i, known, now)));
    },
  };
}

function findingsOf(statuses: readonly Status[]): Finding[] {
  if (statuses.some(({ state }) => state === 'revoked')) return [finding('CERTIFICATE_REVOKED')];
  const unknown = statuses.find((status) => status.state === 'unknown');
  return unknown === undefined ? [] : [finding('CERTIFICATE_STATUS_UNKNOWN', { detail: unknown.why })];
}

/** A delegated responder's own certificate: by lists only, or answers would vouch for each other. */
function isListedGood(delegate: Certificate, above: readonly Certificate[], lists: Lists, now: number): boolean {
  const [link] = linksOf([delegate, ...above], lists) as readonly [Link];
  return statusOf(link, now).state === 'good';
}

/** Reads answers, each once: the same ones come with many documents of one signer. What cannot be read is none. */
function answerReader(digester: Digester): (der: Uint8Array) => readonly OcspAnswer[] {
  const known = new Map<string, readonly OcspAnswer[]>();
  return (der) => {
    const name = encodeBase64url(digester.digest('SHA-256', der));
    const before = known.get(name);
    if (before !== undefined) return before;
    const answer = readable(der);
    if (known.size >= MAX_KEPT) known.delete(known.keys().next().value!);
    known.set(name, answer);
    return answer;
  };
}

function readable(der: Uint8Array): readonly OcspAnswer[] {
  try {
    return [readOcspAnswer(der)];
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return [];
  }
}
