import type { TLSSocket } from 'node:tls';
import { Broken } from '../document/broken.ts';
import { bytesOf, readItem } from '../exchange/structured-field.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import type { Exchange } from './exchange.ts';
import { countHeader } from './guard.ts';
import { Problem } from './problems.ts';

/** RFC 9440 §2. The chain is not looked at, but whoever may not name a certificate may not name this either. */
const HEADERS = ['client-cert', 'client-cert-chain'] as const;

/**
 * Refuses a client certificate that is named by somebody who may not: everybody could write the header of a proxy. Errors: Problem
 * `forbidden-header`.
 */
export function guardClientCert({ req }: Exchange, trusted: TrustedProxies): void {
  const named = HEADERS.find((name) => req.headers[name] !== undefined);
  if (named === undefined || trusted(req.socket.remoteAddress)) return;
  throw new Problem('forbidden-header', 'only a trusted proxy names the certificate of its caller', { at: named });
}

/**
 * The certificate that the caller has shown, DER: to us over mutual TLS, or to the trusted proxy before us, which names it in
 * Client-Cert (RFC 9440 §2.2). Undefined where there is none. Whoever shows it has proven to hold its key; nothing else is
 * known of it. Errors: Problem `forbidden-header`.
 */
export function certificateShown({ req }: Exchange, trusted: TrustedProxies): Uint8Array | undefined {
  const named = req.headers['client-cert'];
  if (named === undefined) {
    // A proxy's own certificate is not its caller's.
    if (trusted(req.socket.remoteAddress)) return undefined;
    const { raw } = (req.socket as Partial<TLSSocket>).getPeerCertificate?.() ?? {};
    return raw === undefined ? undefined : new Uint8Array(raw);
  }
  const der = countHeader(req.rawHeaders, 'client-cert') === 1 ? certificateIn(String(named)) : undefined;
  if (der === undefined)
    throw new Problem('forbidden-header', 'one certificate is expected, as RFC 9440 writes it', { at: 'client-cert' });
  return der;
}

/** RFC 9440 §2.1: a byte sequence, without parameters. */
function certificateIn(field: string): Uint8Array | undefined {
  try {
    const [item, parameters] = readItem(field);
    return parameters.size === 0 ? bytesOf(item) : undefined;
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}
