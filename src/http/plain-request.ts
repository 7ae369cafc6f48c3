import type { IncomingHttpHeaders } from 'node:http';

/** A request that lies whole in one piece of memory. */
export interface PlainRequest {
  readonly method: 'POST';
  /** In origin form: path and query. */
  readonly url: string;
  /** As Node has them: names in lower case, values without white space at their ends. */
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  /** A view of what was handed in. */
  readonly body: Uint8Array;
}

/** Far below what Node takes of a head, and far above what callers send. */
const MOST_HEAD = 4 * 1024;
/** Head and body. Codes and passes have a few kilobytes; what is larger takes so long to judge that it does not matter who reads it. */
export const MOST_PLAIN = 32 * 1024;

const HEAD_END = Buffer.from('\r\n\r\n');
/** RFC 9112 §3.2.1, and of RFC 3986 §3.3 and §3.4 only what stands in paths and queries without being told apart by anybody. */
const REQUEST_LINE = /^POST (\/[\w\-.~%!$&'()*+,;=:@/?]*) HTTP\/1\.1$/;
/** RFC 9112 §5: a token, a colon, a value of visible ASCII signs, spaces and tabs. No folded lines, no bare CR or LF. */
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t -~]*)$/;
/** RFC 9110 §8.6, without the leading zeros that it allows. */
const LENGTH = /^(0|[1-9]\d{0,5})$/;
/** What says something about the connection or about where a body ends (RFC 9110 §7.6.1, §10.1.1; RFC 9112 §6.1). */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Recognises the one form that nearly all requests for a verdict have: POST, HTTP/1.1, each header once, a length, nothing about the
 * connection but that it stays. It is a part of HTTP about which nobody disagrees, told by looking only; everything else, also what
 * is wrong, is undefined here and for Node's own parser to take or to refuse. In: what came since the last request, from its first
 * byte. Out: the request; 'unfinished' where only a part of its body is missing; undefined for all that is not of this form, which
 * a second request behind the first is too. Errors: none. Time and memory: one pass over a bounded head.
 */
export function plainRequest(bytes: Buffer): PlainRequest | 'unfinished' | undefined {
  if (bytes.length > MOST_PLAIN) return undefined;
  const end = bytes.indexOf(HEAD_END);
  if (end < 0 || end > MOST_HEAD) return undefined;
  const [first, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const url = REQUEST_LINE.exec(first!)?.[1];
  if (url === undefined) return undefined;
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const field = FIELD.exec(line);
    if (field === null) return undefined;
    const raw = field[1]!;
    const value = field[2]!.trim();
    const name = raw.toLowerCase();
    if (headers[name] !== undefined || OF_THE_CONNECTION.has(name)) return undefined;
    headers[name] = value;
    rawHeaders.push(raw, value);
  }
  const { connection, 'content-length': length } = headers;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined;
  if (length === undefined || !LENGTH.test(length)) return undefined;
  const from = end + HEAD_END.length;
  const missing = from + Number(length) - bytes.length;
  if (missing > 0) return from + Number(length) > MOST_PLAIN ? undefined : 'unfinished';
  return missing < 0 ? undefined : { method: 'POST', url, headers, rawHeaders, body: bytes.subarray(from) };
}
