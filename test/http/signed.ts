import { randomBytes } from 'node:crypto';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { type MessageSigner, type Outgoing, signRequest } from '../../src/exchange/message-signature.ts';
import { systemKeysOf } from '../../src/federation/system-keys.node.ts';
import type { Answer, Harness } from './harness.ts';

/** The system of this name, as it calls a gateway. */
export const signerOf = ({ systems }: Harness, name: string): MessageSigner =>
  systemKeysOf(systems.find(({ system }) => system === name)!).signer;

export const toolsAt = (now: number) => ({
  digester: nodePlatform,
  now,
  random: (length: number) => new Uint8Array(randomBytes(length)),
});

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string | object;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Epoch ms by the caller's clock. */
  readonly now?: number;
}

/** A request as it can be sent any number of times. */
export interface Ready {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const ASK = { text: 'x' };

/** Signs a request to this gateway. */
export async function signedCall(gateway: Harness, signer: MessageSigner, sent: Sent = {}): Promise<Ready> {
  const { method = 'POST', path = '/v1/verify', type = 'application/json', now = Date.now() } = sent;
  const value = sent.body ?? (method === 'POST' ? ASK : undefined);
  const body = value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  const headers = { ...(body === undefined ? {} : { 'Content-Type': type }), ...sent.headers };
  const outgoing: Outgoing = {
    method,
    url: gateway.url + path,
    headers,
    ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
  };
  return { method, path, body, headers: { ...headers, ...(await signRequest(outgoing, signer, toolsAt(now))) } };
}

export const send = (
  gateway: Harness,
  { method, path, body, headers }: Ready,
  change: Partial<Ready> = {},
): Promise<Answer> =>
  gateway.call(change.method ?? method, change.path ?? path, {
    ...(body === undefined ? {} : { body: change.body ?? body }),
    headers: change.headers ?? headers,
  });

export const codeOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? 'none').replace('urn:tongren:problem:', ''),
];
