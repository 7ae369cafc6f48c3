import { decodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import { verdictOctets } from '../document/octets.node.ts';
import { type Asked, askOfQuery, readAsk } from './ask.ts';
import { readBody } from './body.ts';
import { answer, type Desk, type Exchange, noteVerdict } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { mediaTypeOf, queryOf } from './guard.ts';
import type { HttpLimits } from './limits.ts';
import { askerOf, record, whoAsks, wishOf } from './record.ts';
import { abreast, type Turns } from './turn.ts';
import type { Verifier } from './verifier.ts';

interface Media {
  readonly limit: keyof HttpLimits;
  /** Query parameters that may go with it. */
  readonly query: readonly string[];
  read(body: Uint8Array, query: ReadonlyMap<string, string>): Asked;
}

const QUERY = ['for', 'purpose', 'at', 'asOf', 'medium', 'challenge'];
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

/** POST /v1/verify: one document in, one verdict out; with its receipt where one is asked for. */
export async function verify(
  desk: Desk,
  gateway: Gateway,
  verifier: Verifier,
  turns: Turns,
  exchange: Exchange,
): Promise<void> {
  const { req, limits, caller } = exchange;
  const media = VERIFY_MEDIA[mediaTypeOf(req, MEDIA_TYPES)]!;
  const query = queryOf(req, media.query);
  const wish = wishOf(req);
  const body = await readBody(desk, exchange, limits[media.limit]);
  const { asked, who, begun } = await turns.take((gathering) => {
    const asked = media.read(body, query);
    return { asked, who: whoAsks(wish, asked, caller), begun: verifier.begin(asked, caller, gathering) };
  });
  const judged = await verifier.judge(asked, askerOf(wish, caller, asked), begun);
  if (who === undefined) {
    const octets = verdictOctets(judged.verdict);
    await abreast();
    noteVerdict(desk, exchange, judged.verdict);
    answer(exchange, 200, VERDICT_HEADERS, octets, 'latin1');
    return;
  }
  const recorded = await record(gateway, judged, who);
  noteVerdict(desk, exchange, recorded.verdict);
  const headers = {
    ...VERDICT_HEADERS,
    'Tongren-Receipt': recorded.receipt.id,
    // RFC 7240 §3: only of what was preferred.
    ...(wish.preferred ? { 'Preference-Applied': 'recorded' } : {}),
  };
  answer(exchange, 200, headers, JSON.stringify(recorded));
}
