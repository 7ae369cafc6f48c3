import { CHALLENGE, createIdentify } from './callers.ts';
import type { Desk, Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import type { Caller, Scope } from './keys.ts';
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
 * been read by then. Out: a promise only where the database has to be asked whether a signature came before. Errors: Problem of
 * `createIdentify`, `forbidden-scope`, `too-many-requests`, `replayed-request`; StoreError.
 */
export function createDoor(gateway: Gateway, desk: Desk): (exchange: Exchange, entry: Entry) => void | Promise<void> {
  const { guard, identify } = createIdentify(gateway);
  return (exchange, { scope, countsItself }) => {
    guard(exchange);
    if (scope === undefined) return;
    const { caller, neverBefore } = identify(exchange);
    exchange.caller = caller;
    mayUse(caller, scope);
    const units = countsItself ? 0 : 1;
    if (neverBefore === undefined) return count(desk, exchange, units);
    // Looked at before and counted after: who has nothing left writes nothing, and who replays uses up nobody's allowance.
    count(desk, exchange, 0);
    return neverBefore().then(() => count(desk, exchange, units));
  };
}

/** Errors: Problem `forbidden-scope`; to whoever came with a key as RFC 6750 §3.1 has it, to a region's system without a challenge. */
export function mayUse({ scopes, region }: Caller, scope: Scope): void {
  if (scopes.has(scope)) return;
  const challenge = `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`;
  throw new Problem(
    'forbidden-scope',
    `the key has no scope "${scope}"`,
    { allowed: [...scopes] },
    region === undefined ? { 'WWW-Authenticate': challenge } : {},
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
