import type { IncomingMessage } from 'node:http';
import type { Desk, Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { countHeader } from './guard.ts';
import { type Caller, localCaller, type Scope } from './keys.ts';
import { Problem } from './problems.ts';
import { quotaHeaders } from './quota.ts';

/** What a route asks of its caller. */
export interface Entry {
  /** Open to all if absent. */
  readonly scope?: Scope;
  /** Set where the route counts what is in its body: then it only needs that something is left. */
  readonly countsItself?: true;
}

/**
 * Lets a request in: who asks, whether they may ask this, and whether they have not asked too much. Nothing of the body has
 * been read by then. Errors: Problem `unauthorized`, `forbidden-scope`, `too-many-requests`.
 */
export function createDoor(gateway: Gateway, desk: Desk): (exchange: Exchange, entry: Entry) => void {
  const local = localCaller(gateway.perMinute);
  return (exchange, { scope, countsItself }) => {
    if (scope === undefined) return;
    const keyring = gateway.keyring();
    // Without keys only loopback is listened on (serve.node.ts); with keys this machine's callers need one as well, for
    // whatever runs here, a proxy above all, would lend its place to others.
    exchange.caller = keyring === undefined ? local : identify(exchange.req, keyring, gateway.clock());
    mayUse(exchange.caller, scope);
    count(desk, exchange, countsItself ? 0 : 1);
  };
}

/** Errors: Problem `forbidden-scope`, RFC 6750 §3.1. */
export function mayUse({ scopes }: Caller, scope: Scope): void {
  if (scopes.has(scope)) return;
  throw new Problem(
    'forbidden-scope',
    `the key has no scope "${scope}"`,
    { allowed: [...scopes] },
    { 'WWW-Authenticate': `${CHALLENGE}, error="insufficient_scope", scope="${scope}"` },
  );
}

/**
 * Takes one unit of what the caller may still ask for (with 0, only sees that there is one), and notes what is left for the
 * answer's head. Errors: Problem `too-many-requests`.
 */
export function count(desk: Desk, exchange: Exchange, units: 0 | 1): void {
  const { caller } = exchange;
  const quota = desk.limiter.take(caller, units);
  exchange.quota = quota;
  if (quota.granted) return;
  const { perMinute } = caller;
  throw new Problem(
    'too-many-requests',
    `at most ${perMinute} a minute`,
    { limit: perMinute, retryAfterSeconds: quota.seconds },
    { 'Retry-After': String(quota.seconds) },
  );
}

/** What an answer's head says about limits; nothing to those who were not let in. */
export const limitsOf = ({ caller, quota }: Exchange): Readonly<Record<string, string>> =>
  quota === undefined ? NONE : quotaHeaders(caller, quota);

const NONE = {};
const CHALLENGE = 'Bearer realm="tongren"';
/** RFC 6750 §2.1; the scheme's name in any case (RFC 9110 §11.1). Bounded by the size of a request's head. */
const BEARER = /^bearer +(\S+) *$/i;

function identify(req: IncomingMessage, keyring: NonNullable<ReturnType<Gateway['keyring']>>, now: number): Caller {
  const header = req.headers.authorization;
  // RFC 6750 §3: who sent nothing is told nothing more.
  if (header === undefined) throw unauthorized('no API key was sent', CHALLENGE);
  // Of two, Node shows the first, and whatever stands in front of us may have checked the second.
  const key = countHeader(req.rawHeaders, 'authorization') === 1 ? BEARER.exec(header)?.[1] : undefined;
  const caller = key === undefined ? undefined : keyring.find(key, now);
  // One answer for all that is wrong with a key: a key that has run out is no hint to whoever guesses.
  if (caller === undefined) throw unauthorized('the API key is not one of ours', `${CHALLENGE}, error="invalid_token"`);
  return caller;
}

const unauthorized = (detail: string, challenge: string): Problem =>
  new Problem('unauthorized', detail, {}, { 'WWW-Authenticate': challenge });
