import type { RequestHead } from './exchange.ts';
import { nameToSay, Problem } from './problems.ts';

/** The names of this machine to itself. */
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
/** As it stands in a Host header, without port. */
export const isLoopbackName = (name: string): boolean => LOOPBACK.includes(name.toLowerCase());
/** A name or address, and any port. */
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[^:[\]@/]{1,253})(:\d{1,5})?$/i;

/** The names that requests may be sent to. In: names beside those of loopback, without port. */
export const servedNames = (hosts: readonly string[]): ReadonlySet<string> => new Set([...LOOPBACK, ...hosts]);

/**
 * Refuses what was sent to somebody else: a web page anywhere can have its own name resolve to our address (DNS
 * rebinding), and then read answers as if it were at home. Its name still stands in the Host header. Errors: Problem
 * `host-missing`, `misdirected`.
 */
export function guardHost(req: RequestHead, served: ReadonlySet<string>): void {
  const host = req.headers.host;
  // RFC 9112 §3.2: 400 for none and for several. Node keeps the first of several and says nothing.
  if (host === undefined || countHeader(req.rawHeaders, 'host') > 1)
    throw new Problem('host-missing', 'one Host header is expected');
  const name = HOST.exec(host)?.[1]?.toLowerCase();
  // Absolute form (`GET http://other/ HTTP/1.1`) overrides the Host header, RFC 9112 §3.2.2: only a proxy is asked that way.
  if (name === undefined || !served.has(name) || req.url?.[0] !== '/')
    throw new Problem('misdirected', 'this is no name that is served');
}

/** How often a header stands in a request. In: Node's list of names and values, the name in lower case. */
export function countHeader(rawHeaders: readonly string[], wanted: string): number {
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === wanted.length && name.toLowerCase() === wanted) seen += 1;
  }
  return seen;
}

/** RFC 9112 §6: a request has a body if its head says so. */
export function hasBody(req: RequestHead): boolean {
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Where a body is JSON and nothing else. */
export const JSON_MEDIA = ['application/json'];

/**
 * The media type of a body, lower case and without parameters. In: the types that are taken. Errors: Problem
 * `unsupported-media-type` (another charset than UTF-8 included), `unsupported-encoding`.
 */
export function mediaTypeOf(req: RequestHead, accepted: readonly string[]): string {
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').slice(0, 300).split(';');
  const media = type.trim().toLowerCase();
  if (!accepted.includes(media)) {
    throw new Problem(
      'unsupported-media-type',
      'the Content-Type is not one of those allowed',
      { allowed: accepted },
      { Accept: accepted.join(', ') },
    );
  }
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'charset') continue;
    if (!/^"?utf-8"?$/i.test(value.trim())) {
      throw new Problem('unsupported-media-type', 'texts are taken in UTF-8', { allowed: [`${media}; charset=utf-8`] });
    }
  }
  // Unpacking a body would be one more way to make much out of little, and texts are short.
  const encoding = req.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem(
      'unsupported-encoding',
      'Content-Encoding is not supported',
      {},
      { 'Accept-Encoding': 'identity' },
    );
  }
  return media;
}

/** The query as a map. Errors: Problem `invalid-query` for a name that is not expected, or stands twice. No value is echoed. */
export function queryOf(req: RequestHead, expected: readonly string[]): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  const url = req.url ?? '';
  const mark = url.indexOf('?');
  if (mark < 0) return query;
  for (const [name, value] of new URLSearchParams(url.slice(mark + 1))) {
    if (!expected.includes(name)) {
      if (expected.length === 0)
        throw new Problem('invalid-query', 'no query is taken here, or not with this media type', {
          allowed: expected,
        });
      const said = nameToSay(name);
      throw said === undefined
        ? new Problem('invalid-query', 'a parameter is not one of those allowed', { allowed: expected })
        : new Problem('invalid-query', `there is no parameter "${said}" here`, { at: said, allowed: expected });
    }
    if (query.has(name)) throw new Problem('invalid-query', 'a parameter stands more than once', { at: name });
    query.set(name, value);
  }
  return query;
}
