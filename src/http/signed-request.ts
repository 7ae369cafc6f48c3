import type { TLSSocket } from 'node:tls';
import { SignatureRefused, type SignedRequest, verifyRequest } from '../exchange/message-signature.ts';
import type { RequestMessage } from '../exchange/signature-base.ts';
import type { SystemKey } from '../region/systems.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import type { Exchange, RequestHead } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { hasBody, isLoopbackName } from './guard.ts';
import { Problem } from './problems.ts';

/** RFC 9421 §5: what a signature here has to be. */
const ACCEPT =
  'tongren=("@method" "@authority" "@path" "@query" "content-type" "content-digest");created;expires;nonce;keyid;alg;tag="tongren"';
/**
 * A 401 has to name a scheme (RFC 9110 §11.6.1), and RFC 9421 registers none. Bearer it is not: whoever signs would go looking for a
 * token, and a system of another region is given none.
 */
const HEADERS = { 'WWW-Authenticate': 'Signature realm="tongren"', 'Accept-Signature': ACCEPT };

export const isSigned = ({ headers }: RequestHead): boolean =>
  headers['signature-input'] !== undefined || headers['signature'] !== undefined;

/** Errors: Problem `invalid-signature`. Whether it came before is still to be asked (`neverBefore`). */
export function signedBy(exchange: Exchange, gateway: Gateway, trusted: TrustedProxies): SignedRequest<SystemKey> {
  const { req } = exchange;
  try {
    const message = messageOf(req, trusted);
    checkPort(req, message, trusted);
    return verifyRequest(message, hasBody(req), gateway.federation().systems.key, gateway.clock());
  } catch (error) {
    if (error instanceof SignatureRefused) throw new Problem('invalid-signature', error.message, {}, HEADERS);
    throw error;
  }
}

/**
 * Replicas tidy up one database by their own clocks, and what is checked just before its end is remembered just after: by then it must
 * not be forgotten.
 */
const REMEMBERED_LONGER_MS = 60_000;

/**
 * Remembers a signature until it has surely expired, in the database that all replicas share and that a restart leaves as it is. Errors:
 * Problem `replayed-request` for one that came before; StoreError, for a request that might be one is not acted on.
 */
export async function neverBefore({ key, nonce, expires }: SignedRequest<SystemKey>, gateway: Gateway): Promise<void> {
  const { name, region } = key.system;
  const { replay } = await gateway.records();
  const seen = await replay.remember({
    // No region of documents: their one-time ids are chosen by others.
    region: `signed-${region}`,
    onceId: `${name} ${nonce}`,
    expiresAt: expires + REMEMBERED_LONGER_MS,
    checkpoint: 'signature',
    device: name,
    at: gateway.clock(),
  });
  if (seen !== 'first') throw new Problem('replayed-request', 'a request with this signature was here before');
}

/** The request as it came over the wire. */
function messageOf(req: RequestHead, trusted: TrustedProxies): RequestMessage {
  const values = new Map<string, string[]>();
  const { rawHeaders } = req;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const before = values.get(name);
    if (before === undefined) values.set(name, [rawHeaders[i + 1]!]);
    else before.push(rawHeaders[i + 1]!);
  }
  // What ends TLS before us has told the caller https.
  const secure = (req.socket as Partial<TLSSocket>).encrypted === true || trusted(req.socket.remoteAddress);
  return {
    method: req.method!,
    scheme: secure ? 'https' : 'http',
    host: req.headers.host!,
    target: req.url!,
    headers: (name) => values.get(name),
  };
}

/**
 * On one machine several gateways have the same name, and differ in their ports alone: a request signed for one of them is none
 * for its neighbour. Other names are told apart by guardHost; their port may be that of something before us.
 */
function checkPort({ socket }: RequestHead, { host, scheme }: RequestMessage, trusted: TrustedProxies): void {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  if (!isLoopbackName(name) || trusted(socket.remoteAddress)) return;
  if (Number(port ?? (scheme === 'https' ? 443 : 80)) !== socket.localPort)
    throw new SignatureRefused('the signature was made for another port of this machine');
}
