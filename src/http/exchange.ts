import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Verdict } from '../document/generated/types.ts';
import type { SignedRequest } from '../exchange/message-signature.ts';
import type { SystemKey } from '../region/systems.ts';
import { StoreError } from '../store/error.ts';
import { limitsOf } from './door.ts';
import { hasBody } from './guard.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { type Caller, NOBODY } from './keys.ts';
import type { HttpLimits } from './limits.ts';
import { type Log, traceOf } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type Problem, type ProblemCode, problemBody, problemOf } from './problems.ts';
import type { Limiter, Quota } from './quota.ts';

/** What routes and guards need of a request, beside its body. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'socket'>;

/** How an answer is given whole. */
export interface Reply {
  readonly statusCode: number;
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): unknown;
  writeHead(status: number, headers: Readonly<Record<string, string | number>>): unknown;
  end(body: string | Uint8Array, encoding: 'utf8' | 'latin1'): unknown;
  destroy(): unknown;
}

export interface Streams {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** One request and its answer. What is noted here is all that the log and the metrics will know. */
export interface Exchange {
  readonly id: string;
  readonly req: RequestHead;
  readonly res: Reply;
  /** The same, where bodies come and go in parts; absent where the whole request is there and its answer goes whole (plain-connection.ts). */
  readonly streams?: Streams;
  readonly limits: HttpLimits;
  /** As the route's table writes it. */
  route: string;
  /** Bytes of body read, and written. */
  bytesIn: number;
  bytesOut: number;
  /** Bytes of the common allowance that this request holds. */
  held: number;
  /** Who asks, once it has been let in. */
  caller: Caller;
  /** What its signature says, if the caller is known by that: the answer can be bound to it. */
  signed?: SignedRequest<SystemKey>;
  /** Makes the headers by which an answer is signed, where it can be (signed-answer.ts). Errors: as of the key's device. */
  sign?: (answer: { status: number; contentType: string; body: Uint8Array }) => Promise<Record<string, string>>;
  /** An answer is being signed: there is no other. */
  signing?: true;
  /** The body, where it is there before the route runs: it had to be (whole-body.ts), or it came so (plain-connection.ts). */
  body?: Uint8Array;
  /** Its body was read to the end. */
  bodyRead?: true;
  /** What is left of what it may ask for. */
  quota?: Quota;
  outcome?: string;
  reasons?: readonly string[];
  problem?: string;
  problems?: number;
  lines?: number;
}

/** What every exchange shares. */
export interface Desk {
  readonly limits: HttpLimits;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limiter: Limiter;
  /** Bytes of bodies in memory, all exchanges together, and by caller. */
  held: number;
  readonly heldBy: Map<string, number>;
}

/** Takes its part of the memory for bodies until the exchange ends. Out: false where there is not as much left. */
export function hold(desk: Desk, exchange: Exchange, bytes: number): boolean {
  // Its caller went while somebody was asked: it has ended already, and would not give back what it takes now.
  if (exchange.res.destroyed) return true;
  const { limits } = desk;
  const { id } = exchange.caller;
  const own = (desk.heldBy.get(id) ?? 0) + bytes;
  if (desk.held + bytes > limits.held || own > limits.heldEach) return false;
  desk.held += bytes;
  desk.heldBy.set(id, own);
  exchange.held += bytes;
  return true;
}

function release(desk: Desk, exchange: Exchange): void {
  const { id } = exchange.caller;
  const own = (desk.heldBy.get(id) ?? 0) - exchange.held;
  if (own > 0) desk.heldBy.set(id, own);
  else desk.heldBy.delete(id);
  desk.held -= exchange.held;
  exchange.held = 0;
}

/** What no honest caller sends: told apart in the log. */
const IMPOSTURES: ReadonlySet<ProblemCode> = new Set([
  'altered-body',
  'forbidden-header',
  'invalid-signature',
  'replayed-request',
  'sealed-body',
]);

/** Undefined before anybody has shown who asks: a name that is only claimed does not get into the log. */
const callerIn = ({ caller }: Exchange): string | undefined => (caller === NOBODY ? undefined : caller.id);

const UNMATCHED = '/{unmatched}';

/**
 * Opens an exchange. When its answer is out, or its caller gone, it is logged and counted. In: where its body comes from, or the body
 * itself where it is there.
 */
export function begin(
  desk: Desk,
  req: RequestHead,
  res: Reply,
  from: { readonly streams: Streams } | { readonly body: Uint8Array },
): Exchange {
  const started = performance.now();
  const { limits } = desk;
  const exchange: Exchange = {
    id: randomUUID(),
    req,
    res,
    ...from,
    limits,
    route: UNMATCHED,
    caller: NOBODY,
    bytesIn: 0,
    bytesOut: 0,
    held: 0,
  };
  res.once('close', () => {
    release(desk, exchange);
    const ms = performance.now() - started;
    desk.metrics.answered(exchange.route, ms / 1000);
    const caller = callerIn(exchange);
    const { id, route, bytesIn, bytesOut, outcome, reasons, problem, problems, lines } = exchange;
    const aborted = res.writableFinished ? undefined : true;
    const { statusCode: status } = res;
    const said = { caller, outcome, reasons, problem, problems, lines, aborted };
    desk.log.write('request', {
      id,
      method: req.method,
      route,
      status,
      ms: Math.round(ms * 10) / 10,
      bytesIn,
      bytesOut,
      ...said,
    });
  });
  return exchange;
}

/** Answers with a body that is ready. The one place where heads are written, so that no answer lacks its headers. */
export function answer(
  exchange: Exchange,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
  encoding: 'utf8' | 'latin1' = 'utf8',
): void {
  const { res, sign } = exchange;
  if (res.headersSent || res.destroyed || exchange.signing) return;
  const bytes = typeof body === 'string' ? Buffer.byteLength(body, encoding) : body.length;
  exchange.bytesOut = bytes;
  const head: Record<string, string | number> = { ...ownHeaders(exchange), ...headers };
  // RFC 9110 §8.6: a 204 has no Content-Length, and that of a 304 would be another answer's.
  if (status !== 204 && status !== 304) head['Content-Length'] = bytes;
  const contentType = headers['Content-Type'];
  if (sign === undefined || contentType === undefined) {
    give(exchange, status, head, body, encoding);
    return;
  }
  exchange.signing = true;
  const octets = typeof body === 'string' ? Buffer.from(body, encoding) : body;
  sign({ status, contentType, body: octets })
    .then((signature) => {
      if (!res.destroyed) give(exchange, status, { ...head, ...signature }, octets, encoding);
    })
    // Where it cannot be signed, nothing is answered: whoever asked for a signed answer may not be given another.
    .catch(() => res.destroy());
}

function give(
  exchange: Exchange,
  status: number,
  head: Record<string, string | number>,
  body: string | Uint8Array,
  encoding: 'utf8' | 'latin1',
): void {
  const { req, res, streams } = exchange;
  // Told by what we read and not by what has arrived, or the same answer would have two heads.
  if (hasBody(req) && !exchange.bodyRead) head['Connection'] = 'close';
  res.writeHead(status, head);
  if (streams === undefined || !pendingBody(streams.req)) {
    // Head and body in one write: a verdict fits into one.
    res.end(body, encoding);
    return;
  }
  streams.res.write(body, encoding);
  finish(streams, exchange.limits);
}

/** Begins an answer whose body comes in parts; `finish` ends it. */
export function start(exchange: Exchange, { res }: Streams, headers: Readonly<Record<string, string>>): void {
  res.writeHead(200, { ...ownHeaders(exchange), ...headers });
  res.flushHeaders();
}

const ownHeaders = (exchange: Exchange): Record<string, string> => ({
  ...SECURITY_HEADERS,
  'X-Request-Id': exchange.id,
  ...limitsOf(exchange),
});

/**
 * Ends an answer that is written. If the body is not read to its end and will not be, the connection is closed; but not
 * at once: the bytes still coming would reset it and take the answer with them, so what comes is thrown away for a while.
 */
export function finish({ req, res }: Streams, limits: HttpLimits): void {
  if (!pendingBody(req)) {
    res.end();
    return;
  }
  const done = (): void => {
    clearTimeout(timer);
    res.end();
    if (!req.complete) req.socket.destroySoon();
  };
  const timer = setTimeout(done, limits.lingerMs);
  req.once('end', done).once('close', done).once('error', done);
  req.resume();
}

const pendingBody = (req: IncomingMessage): boolean => !req.complete && hasBody(req);

export function answerJson(exchange: Exchange, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  answer(
    exchange,
    200,
    { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    JSON.stringify(value),
  );
}

/**
 * Answers with a problem, whatever was thrown; what was not expected is logged under its incident number. Never throws: where not
 * even that can be said (a log that cannot be written), the connection ends; not the process, and no page tells of our files.
 */
export function fail(desk: Desk, exchange: Exchange, error: unknown): void {
  const { res } = exchange;
  try {
    const problem = note(desk, exchange, error);
    const body = problemBody(problem);
    const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...problem.headers };
    if (res.headersSent) res.destroy();
    else answer(exchange, body.status, headers, JSON.stringify(body));
  } catch {
    res.destroy();
  }
}

/** Counts a verdict that is given out. */
export function countVerdict({ metrics }: Desk, { outcome, format, issuer }: Verdict): void {
  metrics.verdict(outcome, format?.id, issuer?.region);
}

/** The same where it is the request's only one: then the log says it too. */
export function noteVerdict(desk: Desk, exchange: Exchange, verdict: Verdict): void {
  countVerdict(desk, verdict);
  exchange.outcome = verdict.outcome;
  exchange.reasons = verdict.reasons;
}

/** Counts a problem, and logs it if it is our fault. Out: the problem as it may be told. */
export function note(desk: Desk, exchange: Exchange, error: unknown): Problem {
  const problem = problemOf(error);
  const { incident } = problem.extra;
  exchange.problem = problem.code;
  desk.metrics.problem(problem.code);
  if (IMPOSTURES.has(problem.code))
    desk.log.write('caller-refused', { id: exchange.id, caller: callerIn(exchange), problem: problem.code });
  if (incident !== undefined) desk.log.write('internal', { id: exchange.id, incident, ...traceOf(error) });
  if (error instanceof StoreError)
    desk.log.write('store-failed', { id: exchange.id, code: error.code, ...traceOf(error.cause) });
  return problem;
}
