import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  type IPolicy,
  retry,
  wrap,
} from 'cockatiel';
import type { RegionManifest } from '../document/generated/types.ts';
import type { Connector } from '../format/connector.ts';
import { publicLookup, type ReachableHosts } from './address.ts';
import { isTooLarge, isTooSlow, OUTGOING } from './outgoing.ts';

/** Sends questions to regions' own systems, and brings back what they say. */
export interface RegionClient {
  /** In: whom, and the body. Out: the body of the answer. Errors: RegionSilent. */
  ask(connector: Connector, body: Uint8Array): Promise<Uint8Array>;
  /** The same for what is no question of a connector: a path that all gateways have. Errors: RegionSilent. */
  post(region: string, message: RegionMessage): Promise<Uint8Array>;
}

export type SilentCode =
  /** The region names no endpoint, or this gateway's operator has not allowed its host. */
  | 'not-allowed'
  | 'unreachable'
  | 'too-slow'
  /** It answers, and with another status than 200 or 204: it does not take this. A redirect, too. */
  | 'bad-answer'
  /** Its own fault (5xx). */
  | 'failing'
  /** It lists no key to seal to. */
  | 'no-key'
  | 'too-large'
  /** It failed again and again, and is left alone for a while; or it is asked too much at once. */
  | 'left-alone'
  | 'busy';

/** There is no answer, and why; never with a word of the question. */
export class RegionSilent extends Error {
  override readonly name = 'RegionSilent';
  readonly code: SilentCode;
  constructor(code: SilentCode, region: string) {
    super(`${region}: ${code}`);
    this.code = code;
  }
}

/** Where every gateway takes notices. */
export const NOTICES_PATH = '/v1/notices';

export interface RegionMessage {
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly timeoutMs?: number | undefined;
}

/** Headers by which a request says who sends it (RFC 9421). In: what is sent. */
export type SignRequest = (request: {
  readonly method: 'POST';
  readonly url: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

export interface RegionClientOptions {
  readonly hosts: ReachableHosts;
  /** The regions as they are now. */
  readonly regions: () => ReadonlyMap<string, RegionManifest>;
  readonly sign?: SignRequest | undefined;
}

const DEFAULT_TIMEOUT_MS = 3_000;
/** A licence with its pictures, in base64. */
const MAX_ANSWER = 16 * 1024 * 1024;
/** Asked at once of one region, and waiting: a slow one must not use up what the others need. */
const AT_ONCE = 32;
const WAITING = 64;
/** So many failures one after the other, and it is left alone for so long. */
const FAILURES = 5;
const LEFT_ALONE_MS = 10_000;
const RETRIES = 2;

/** One for each gateway: it remembers which region is down. */
export function regionClient({ hosts, regions, sign }: RegionClientOptions): RegionClient {
  const policies = new Map<string, IPolicy>();
  const policyOf = (name: string): IPolicy => {
    let policy = policies.get(name);
    if (policy === undefined) {
      policy = policyFor();
      policies.set(name, policy);
    }
    return policy;
  };
  const clients = { public: httpClient(true), stated: httpClient(false) };

  const postOnce = async (region: string, { path, contentType, body, timeoutMs }: RegionMessage, to: Reached) => {
    const signed = await sign?.({ method: 'POST', url: `${to.scheme}://${to.host}${path}`, contentType, body });
    const timeout = timeoutMs ?? DEFAULT_TIMEOUT_MS;
    try {
      const { data } = await clients[to.stated ? 'stated' : 'public'].post<ArrayBuffer>(`${to.origin}${path}`, body, {
        timeout,
        // The timeout counts from the last octet; a system that sends one now and then would never end.
        signal: AbortSignal.timeout(timeout),
        headers: { ...signed, Host: to.host, 'Content-Type': contentType },
      });
      return new Uint8Array(data);
    } catch (error) {
      throw silentOf(error, region);
    }
  };

  const post: RegionClient['post'] = async (region, message) => {
    const host = regions().get(region)?.endpoint;
    if (host === undefined || !hosts.has(host)) throw new RegionSilent('not-allowed', region);
    const stated = hosts.get(host);
    const origin = stated ?? `https://${host}`;
    const to = { host, origin, scheme: new URL(origin).protocol.slice(0, -1), stated: stated !== undefined };
    // Questions and notices each by themselves: who does not take the one may well answer the other.
    const policy = policyOf(`${region} ${message.path === NOTICES_PATH ? 'notices' : 'questions'}`);
    try {
      return await policy.execute(() => postOnce(region, message, to));
    } catch (error) {
      throw refusedBy(error, region);
    }
  };

  return {
    ask: ({ region, contentType, declaration: { path, timeoutMs } }, body) =>
      post(region, { path, contentType, body, timeoutMs }),
    post,
  };
}

/** Where a region is reached: the host by its name, and the address that is connected to. */
interface Reached {
  readonly host: string;
  readonly origin: string;
  readonly scheme: string;
  /** The operator's own address for it. */
  readonly stated: boolean;
}

/** What may be over in a moment is tried again; whoever is slow is not asked to be slow once more. */
const again = handleWhen((error) => error instanceof RegionSilent && error.code === 'unreachable');
/** That it does not take one question says nothing about the others'. */
const DOWN: readonly SilentCode[] = ['unreachable', 'too-slow', 'failing'];
const counts = handleWhen((error) => error instanceof RegionSilent && DOWN.includes(error.code));

function policyFor(): IPolicy {
  const breaker = circuitBreaker(counts, { halfOpenAfter: LEFT_ALONE_MS, breaker: new ConsecutiveBreaker(FAILURES) });
  // Delays with jitter, so that gateways do not come back all at once.
  const repeated = retry(again, {
    maxAttempts: RETRIES,
    backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 400 }),
  });
  return wrap(bulkhead(AT_ONCE, WAITING), breaker, repeated);
}

function refusedBy(error: unknown, region: string): RegionSilent {
  if (error instanceof RegionSilent) return error;
  if (error instanceof BrokenCircuitError) return new RegionSilent('left-alone', region);
  if (error instanceof BulkheadRejectedError) return new RegionSilent('busy', region);
  throw error;
}

function silentOf(error: unknown, region: string): RegionSilent {
  if (isTooSlow(error)) return new RegionSilent('too-slow', region);
  if (!axios.isAxiosError(error)) throw error;
  if (isTooLarge(error)) return new RegionSilent('too-large', region);
  if (error.response === undefined) return new RegionSilent('unreachable', region);
  const { status } = error.response;
  if (UNREACHABLE.includes(status)) return new RegionSilent('unreachable', region);
  return new RegionSilent(status >= 500 ? 'failing' : 'bad-answer', region);
}

/** What proxies say of a system that they cannot reach. */
const UNREACHABLE = [502, 503, 504];

/** In: whether only addresses of the public internet may be connected to. */
function httpClient(publicOnly: boolean): AxiosInstance {
  const agent = { keepAlive: true, maxSockets: AT_ONCE * 4, ...(publicOnly ? { lookup: publicLookup() } : {}) };
  return axios.create({
    ...OUTGOING,
    maxContentLength: MAX_ANSWER,
    // 204: a notice was taken.
    validateStatus: (status) => status === 200 || status === 204,
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
  });
}
