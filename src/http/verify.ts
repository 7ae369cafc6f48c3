import { decodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import type { Verdict } from '../document/generated/types.ts';
import { type Asked, askOfQuery, type Judge, readAsk } from './ask.ts';
import { readBody } from './body.ts';
import { answer, type Desk, type Exchange } from './exchange.ts';
import { mediaTypeOf, queryOf } from './guard.ts';
import type { HttpLimits } from './limits.ts';
import type { Metrics } from './metrics.ts';

interface Media {
  readonly limit: keyof HttpLimits;
  /** Query parameters that may go with it. */
  readonly query: readonly string[];
  read(body: Uint8Array, query: ReadonlyMap<string, string>): Asked;
}

const QUERY = ['for', 'purpose', 'at'];
const file: Media = { limit: 'file', query: QUERY, read: (body, query) => ({ ...askOfQuery(query), raw: body }) };

/** What can be sent to be verified, one row each. What a file is decides its content; a media type only its limit. */
export const VERIFY_MEDIA: Readonly<Record<string, Media>> = {
  // In JSON these stand in the body; in both places they could contradict each other.
  'application/json': { limit: 'json', query: [], read: readAsk },
  'text/plain': { limit: 'text', query: QUERY, read: readText },
  'application/octet-stream': file,
  'image/png': file,
  'image/jpeg': file,
};
const MEDIA_TYPES = Object.keys(VERIFY_MEDIA);

/** A text that is no UTF-8 is still a document that was handed in: it goes on as bytes, and gets its verdict. */
function readText(body: Uint8Array, query: ReadonlyMap<string, string>): Asked {
  const named = askOfQuery(query);
  try {
    return { ...named, text: decodeUtf8(body) };
  } catch (error) {
    if (error instanceof Broken) return { ...named, raw: body };
    throw error;
  }
}

/** Sentences stand in both languages in every verdict. No cache may keep what is about a document. */
export const VERDICT_HEADERS = {
  'Content-Type': 'application/json',
  'Content-Language': 'zh-CN, en',
  'Cache-Control': 'no-store',
} as const;

/** POST /v1/verify: one document in, one verdict out. */
export async function verify(desk: Desk, exchange: Exchange, judge: Judge): Promise<void> {
  const { req, limits } = exchange;
  const media = VERIFY_MEDIA[mediaTypeOf(req, MEDIA_TYPES)]!;
  const query = queryOf(req, media.query);
  const body = await readBody(desk, exchange, limits[media.limit]);
  const verdict = await judge(media.read(body, query));
  count(desk.metrics, verdict);
  exchange.outcome = verdict.outcome;
  exchange.reasons = verdict.reasons;
  answer(exchange, 200, VERDICT_HEADERS, JSON.stringify(verdict));
}

export function count(metrics: Metrics, { outcome, format, issuer }: Verdict): void {
  metrics.verdict(outcome, format?.id, issuer?.region);
}
