import axios, { type AxiosInstance } from 'axios';
import { encodeBase64url } from '../codec/base64url.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import { signatureCheck } from '../trust/certificate.ts';
import type { StatusQuestion } from '../trust/key.ts';
import { type OcspAnswer, readOcspAnswer, writeOcspQuestion } from '../trust/ocsp.ts';
import { ocspStatus } from '../trust/ocsp-status.ts';

/**
 * Asks responders (RFC 6960, appendix A.1) whether certificates still stand. Only addresses that a region's pack declares
 * are asked, and of those only hosts that this gateway's operator allows: neither a certificate in a document nor another
 * government's pack makes the gateway call anywhere.
 */
export interface OcspClient {
  /**
   * Answers (DER) about these certificates from these responders. Whoever does not answer, or not soundly, is passed
   * over: without an answer nobody can tell, which the verdict then says.
   */
  ask(questions: readonly StatusQuestion[], responders: readonly string[]): Promise<readonly Uint8Array[]>;
}

export interface OcspOptions {
  /** Names of hosts that may be asked, lower case. */
  readonly hosts: readonly string[];
  readonly platform: Platform;
  /** Epoch ms. */
  readonly clock: () => number;
  /** This many random octets. */
  readonly random: (octets: number) => Uint8Array;
}

const TIMEOUT_MS = 3000;
const MAX_ANSWER = 64 * 1024;
/** Certificates of one document, and responders of one region, that are asked. */
const MAX_QUESTIONS = 4;
const MAX_RESPONDERS = 2;
/** RFC 9654 §2.1. */
const NONCE_OCTETS = 32;
/** A good answer is kept until the next is due, though no longer than this; a missing one is asked for again soon. */
const KEEP_MS = 3_600_000;
const RETRY_MS = 60_000;
const MAX_KEPT = 1000;

interface Kept {
  readonly until: number;
  readonly answer: Promise<Uint8Array | undefined>;
}

export function ocspClient(options: OcspOptions): OcspClient {
  const { hosts, platform, clock } = options;
  const http = axios.create({
    timeout: TIMEOUT_MS,
    maxContentLength: MAX_ANSWER,
    // A responder that points elsewhere would choose whom the gateway calls.
    maxRedirects: 0,
    proxy: false,
    responseType: 'arraybuffer',
    headers: { 'Content-Type': 'application/ocsp-request', Accept: 'application/ocsp-response' },
    validateStatus: (status) => status === 200,
  });
  const kept = new Map<string, Kept>();

  const askOne = (question: StatusQuestion, url: string): Promise<Uint8Array | undefined> => {
    const now = clock();
    const name = `${url} ${encodeBase64url(platform.digest('SHA-256', question.certificate.raw))}`;
    const before = kept.get(name);
    if (before !== undefined && before.until > now) return before.answer;
    const fresh = fetched(question, url, http, options);
    const remember = (until: number, answer: Kept['answer']): void => {
      kept.delete(name);
      if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(name, { until, answer });
    };
    const answer = fresh.then((found) => found?.der);
    // While it is on its way, everybody else waits for the same one.
    remember(now + TIMEOUT_MS * 2, answer);
    return fresh.then((found) => {
      remember(found === undefined ? now + RETRY_MS : Math.min(found.until, now + KEEP_MS), answer);
      return found?.der;
    });
  };

  return {
    async ask(questions, responders) {
      const urls = responders.filter((url) => mayAsk(url, hosts)).slice(0, MAX_RESPONDERS);
      const answers = await Promise.all(
        questions.slice(0, MAX_QUESTIONS).map(async (question) => {
          for (const url of urls) {
            const answer = await askOne(question, url);
            if (answer !== undefined) return [answer];
          }
          return [];
        }),
      );
      return answers.flat();
    },
  };
}

function mayAsk(url: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && !username && !password && hosts.includes(hostname);
}

/** One question over HTTP. Undefined without an answer that says good or revoked: that is no better than none. */
async function fetched(
  { certificate, issuer }: StatusQuestion,
  url: string,
  http: AxiosInstance,
  { platform, clock, random }: OcspOptions,
): Promise<{ readonly der: Uint8Array; readonly until: number } | undefined> {
  const nonce = random(NONCE_OCTETS);
  const der = await post(http, url, writeOcspQuestion(certificate, issuer, nonce));
  const answer = der && readable(der);
  if (der === undefined || answer === undefined) return undefined;
  const now = clock();
  const status = ocspStatus(answer, {
    certificate,
    issuer,
    digester: platform,
    signed: signatureCheck(platform),
    now,
    nonce,
    // Whether a delegate still stands is asked when the document is judged, by the lists in the store.
    responderIsGood: () => true,
  });
  if (status.state === 'unknown') return undefined;
  return { der, until: Math.min(...answer.answers.map(({ nextUpdate }) => nextUpdate ?? now)) };
}

async function post(http: AxiosInstance, url: string, question: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    // The timeout counts from the last octet; a responder that sends one now and then would never end.
    const { data, headers } = await http.post<ArrayBuffer>(url, question, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const type = String(headers['content-type'] ?? '').toLowerCase();
    return type.startsWith('application/ocsp-response') ? new Uint8Array(data) : undefined;
  } catch (error) {
    // Whoever cannot be reached, answers too late, too much or with another status has not answered.
    if (axios.isAxiosError(error) || axios.isCancel(error)) return undefined;
    throw error;
  }
}

function readable(der: Uint8Array): OcspAnswer | undefined {
  try {
    return readOcspAnswer(der);
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}
