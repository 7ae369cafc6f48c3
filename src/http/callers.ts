import type { System } from '../region/systems.ts';
import { NO_PROXIES } from '../trusted-proxies.ts';
import { certificateShown, guardClientCert } from './client-certificate.ts';
import type { Exchange, RequestHead } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { countHeader } from './guard.ts';
import { type Caller, localCaller } from './keys.ts';
import { Problem } from './problems.ts';
import { isSigned, neverBefore, signedBy } from './signed-request.ts';

/** Who asks; and what is still to be asked of the database before they are let in. */
export interface Identified {
  readonly caller: Caller;
  /** Errors: Problem `replayed-request`, StoreError. */
  readonly neverBefore?: () => Promise<void>;
}

export const CHALLENGE = 'Bearer realm="tongren"';
/** RFC 6750 §2.1; the scheme's name in any case (RFC 9110 §11.1). Bounded by the size of a request's head. */
const BEARER = /^bearer +(\S+) *$/i;

/** Most that a region's system may ask for in a minute where the operator says nothing, whatever its region says. */
const SYSTEMS_PER_MINUTE = 6_000;

/**
 * Tells who asks: by an API key, by the signature of the request (RFC 9421), or by a certificate that was shown over mutual TLS. A
 * request that names its caller in two ways has to name the same one. Errors: Problem `unauthorized`, `invalid-signature`,
 * `invalid-header`, `forbidden-header`.
 */
export function createIdentify(gateway: Gateway): {
  /** To be asked of every request, of open routes too. Errors: Problem `forbidden-header`. */
  guard(exchange: Exchange): void;
  identify(exchange: Exchange): Identified;
} {
  const local = localCaller(gateway.perMinute);
  const trusted = gateway.trustedProxies ?? NO_PROXIES;
  const callerOf = callersOfSystems(gateway.systemsPerMinute ?? SYSTEMS_PER_MINUTE);

  const bySignature = (exchange: Exchange): Identified => {
    const signed = signedBy(exchange, gateway, trusted);
    exchange.signed = signed;
    return { caller: callerOf(signed.key.system), neverBefore: () => neverBefore(signed, gateway) };
  };
  const byCertificate = (der: Uint8Array): Caller => {
    const system = gateway.federation().systems.certificate(der, gateway.clock());
    if (system === undefined) throw unauthorized('the certificate is none that a region lists', CHALLENGE);
    return callerOf(system);
  };

  return {
    guard: (exchange) => guardClientCert(exchange, trusted),
    identify(exchange) {
      const { req } = exchange;
      const certificate = certificateShown(exchange, trusted);
      const hasKey = req.headers.authorization !== undefined;
      if (hasKey && (isSigned(req) || certificate !== undefined)) throw twoCallers();
      if (isSigned(req)) {
        const signed = bySignature(exchange);
        if (certificate !== undefined && byCertificate(certificate) !== signed.caller) throw twoCallers();
        return signed;
      }
      if (certificate !== undefined) return { caller: byCertificate(certificate) };
      // Without keys only loopback is listened on (serve.node.ts); with keys this machine's callers need one as well, for
      // whatever runs here, a proxy above all, would lend its place to others.
      return { caller: byKey(req, gateway) ?? local };
    },
  };
}

/** Undefined where no keys are configured. */
function byKey(req: RequestHead, gateway: Gateway): Caller | undefined {
  const keyring = gateway.keyring();
  if (keyring === undefined) return undefined;
  const header = req.headers.authorization;
  // RFC 6750 §3: who sent nothing is told nothing more.
  if (header === undefined) throw unauthorized('no API key was sent', CHALLENGE);
  // Of two, Node shows the first, and whatever stands in front of us may have checked the second.
  const key = countHeader(req.rawHeaders, 'authorization') === 1 ? BEARER.exec(header)?.[1] : undefined;
  const caller = key === undefined ? undefined : keyring.find(key, gateway.clock());
  // One answer for all that is wrong with a key: a key that has run out is no hint to whoever guesses.
  if (caller === undefined) throw unauthorized('the API key is not one of ours', `${CHALLENGE}, error="invalid_token"`);
  return caller;
}

/** One for each system as long as its list is in force. */
function callersOfSystems(most: number): (system: System) => Caller {
  const callers = new WeakMap<System, Caller>();
  return (system) => {
    let caller = callers.get(system);
    if (caller === undefined) {
      const { name, region, may, purposes, perMinute } = system;
      caller = {
        id: name,
        region,
        scopes: new Set(may),
        ...(purposes === undefined ? {} : { purposes: new Set(purposes) }),
        perMinute: Math.min(perMinute, most),
      };
      callers.set(system, caller);
    }
    return caller;
  };
}

const unauthorized = (detail: string, challenge: string): Problem =>
  new Problem('unauthorized', detail, {}, { 'WWW-Authenticate': challenge });

const twoCallers = (): Problem =>
  new Problem('invalid-header', 'the request names its caller in two ways that do not agree');
