import { serializeInnerList, serializeItem } from 'structured-headers';
import { Broken } from '../document/broken.ts';
import type { InnerList, Item } from './structured-field.ts';

/** A header's value, or all of its values where it stands more than once; undefined if it does not. Names in lower case. */
export type HeaderValues = (name: string) => readonly string[] | undefined;

/** What of a request can be signed (RFC 9421 §2). */
export interface RequestMessage {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** As in the Host header, with a port if one stands there. */
  readonly host: string;
  /** Path and query, as they go over the wire. */
  readonly target: string;
  readonly headers: HeaderValues;
}

/** What of an answer can be signed, with the request that it answers. */
export interface ResponseMessage {
  readonly status: number;
  readonly headers: HeaderValues;
  readonly request?: RequestMessage | undefined;
}

const broken = (detail: string): Broken => new Broken('signature', detail);

const DEFAULT_PORT = { http: ':80', https: ':443' } as const;

/** RFC 9421 §2.2.3: in lower case, without the scheme's own port. */
function authorityOf({ scheme, host }: Pick<RequestMessage, 'scheme' | 'host'>): string {
  const lower = host.toLowerCase();
  const port = DEFAULT_PORT[scheme];
  return lower.endsWith(port) ? lower.slice(0, -port.length) : lower;
}

const cut = (target: string): [path: string, query: string] => {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, '?'] : [target.slice(0, mark), target.slice(mark)];
};

/** Derived components of requests (RFC 9421 §2.2), one row each. A request without a query has the query `?`. */
const OF_REQUESTS: Readonly<Record<string, (request: RequestMessage) => string>> = {
  '@method': ({ method }) => method,
  '@authority': authorityOf,
  '@scheme': ({ scheme }) => scheme,
  '@target-uri': (request) => `${request.scheme}://${authorityOf(request)}${request.target}`,
  '@request-target': ({ target }) => target,
  '@path': ({ target }) => cut(target)[0] || '/',
  '@query': ({ target }) => cut(target)[1],
};

const isResponse = (message: RequestMessage | ResponseMessage): message is ResponseMessage => 'status' in message;

/**
 * The bytes that a signature is made over (RFC 9421 §2.5). In: the covered components with the signature's parameters, and the
 * message. Of the parameters of components only `req` is known (§2.4). @throws Broken for a component that is not in the message,
 * stands twice or is not known.
 */
export function signatureBase(input: InnerList, message: RequestMessage | ResponseMessage): Uint8Array {
  const [components] = input;
  const seen = new Set<string>();
  const lines = components.map((component) => {
    const identifier = serializeItem(component);
    if (seen.has(identifier)) throw broken('a component is covered twice');
    seen.add(identifier);
    return `${identifier}: ${componentValue(component, message)}`;
  });
  const base = [...lines, `"@signature-params": ${serializeInnerList(input)}`].join('\n');
  // RFC 9421 §2.1: a value with a line break could pass for another component.
  if (/[^\x20-\x7e\n]/.test(base) || base.split('\n').length !== lines.length + 1)
    throw broken('a covered value has signs that cannot be signed');
  return new TextEncoder().encode(base);
}

function componentValue([name, parameters]: Item, message: RequestMessage | ResponseMessage): string {
  if (typeof name !== 'string') throw broken('a component is named by a string');
  for (const [parameter, value] of parameters)
    if (parameter !== 'req' || value !== true) throw broken('a component has a parameter that is not in use');
  const wantsRequest = parameters.has('req');
  const from = wantsRequest ? (isResponse(message) ? message.request : undefined) : message;
  if (from === undefined) throw broken('a component is to come from a request that is not known');
  if (name.startsWith('@')) return derived(name, from);
  const values = from.headers(name);
  if (values === undefined) throw broken('a covered header is missing');
  return values.map((value) => value.trim()).join(', ');
}

function derived(name: string, from: RequestMessage | ResponseMessage): string {
  if (isResponse(from)) {
    if (name === '@status') return String(from.status);
  } else if (Object.hasOwn(OF_REQUESTS, name)) return OF_REQUESTS[name]!(from);
  throw broken('a component is not known');
}
