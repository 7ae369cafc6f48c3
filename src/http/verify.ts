import { decodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import type { Receipt } from '../document/generated/types.ts';
import { type Octets, octetsOf, verdictOctets } from '../document/octets.node.ts';
import type { Begun } from '../journey.ts';
import type { RecordContext } from '../record/receipt.ts';
import { type Asked, askOfQuery, readAsk } from './ask.ts';
import { readBody } from './body.ts';
import { answer, type Desk, type Exchange, noteVerdict } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { mediaTypeOf, queryOf } from './guard.ts';
import type { HttpLimits } from './limits.ts';
import { askerOf, type Recorded, record, whoAsks, wishOf } from './record.ts';
import type { Turns } from './turn.ts';
import type { Judged, Verifier } from './verifier.ts';

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
  let asked: Asked;
  let who: RecordContext | undefined;
  let begun: Begun | undefined;
  let given: Given;
  let octets: Octets;
  await turns.run({
    read() {
      asked = media.read(body, query);
      who = whoAsks(wish, asked, caller);
    },
    open(together) {
      begun = verifier.begin(asked, caller, together);
    },
    judge() {
      const judged = verifier.judge(asked, askerOf(wish, caller, asked), begun);
      if (who === undefined && !(judged instanceof Promise)) {
        given = judged;
        return;
      }
      return later(judged, who);
    },
    write() {
      const { verdict, receipt } = given;
      octets = receipt === undefined ? verdictOctets(verdict) : octetsOf(JSON.stringify({ verdict, receipt }));
    },
    give() {
      const { verdict, receipt } = given;
      noteVerdict(desk, exchange, verdict);
      answer(exchange, 200, headersOf(receipt), octets, 'latin1');
    },
  });

  async function later(judging: Judged | Promise<Judged>, who: RecordContext | undefined): Promise<void> {
    const judged = await judging;
    given = who === undefined ? judged : await record(gateway, judged, who);
  }

  function headersOf(receipt: Receipt | undefined): Readonly<Record<string, string>> {
    if (receipt === undefined) return VERDICT_HEADERS;
    // RFC 7240 §3: only of what was preferred.
    const preferred = wish.preferred ? { 'Preference-Applied': 'recorded' } : {};
    return { ...VERDICT_HEADERS, 'Tongren-Receipt': receipt.id, ...preferred };
  }
}

/** A verdict to be given, and its receipt where one was asked for. */
type Given = Pick<Judged, 'verdict'> & Partial<Pick<Recorded, 'receipt'>>;
