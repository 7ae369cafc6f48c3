import { setImmediate as turn } from 'node:timers/promises';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { RecordAsk, Verdict } from '../document/generated/types.ts';
import type { Begun } from '../journey.ts';
import { type Gathering, gathering } from '../journeys.ts';
import { type Ask, readAsk } from './ask.ts';
import { chunksOf, firstOf, Gone } from './body.ts';
import { count } from './door.ts';
import { countVerdict, type Desk, type Exchange, finish, note, start } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { mediaTypeOf, queryOf } from './guard.ts';
import { type Line, lineSplitter } from './lines.ts';
import { Problem, problemBody } from './problems.ts';
import { askerOf, type Recorded, type RecordWish, record, whoAsks, wishOf } from './record.ts';
import type { Asker, Judged, Verifier } from './verifier.ts';
import { VERDICT_HEADERS } from './verify.ts';

export const BATCH_MEDIA = ['application/x-ndjson'];

const FLUSH_BYTES = 64 * 1024;
const utf8 = new TextEncoder();
/** Receipts and one-time codes that are written at one time: together they wait for the disk once. */
const MOST_WRITING = 200;
/** Documents that are opened before the first of them is judged; their signatures are checked side by side. */
const MOST_TOGETHER = 64;

/** A line's answer; a promise while the memory is asked or its receipt written. Empty for an empty line. */
type Answer = string | Promise<string>;

/**
 * POST /v1/verify/batch: one Ask a line in, one verdict a line out, in the same order. Nothing is collected: the next
 * piece of the request is read when the lines of this one are answered, and a reader that is slow to take its answers
 * holds up the reading. When the caller goes, the work stops.
 */
export async function batch(desk: Desk, gateway: Gateway, verifier: Verifier, exchange: Exchange): Promise<void> {
  const { req, limits } = exchange;
  mediaTypeOf(req, BATCH_MEDIA);
  queryOf(req, []);
  const wish = wishOf(req);
  start(exchange, {
    ...VERDICT_HEADERS,
    'Content-Type': 'application/x-ndjson',
    ...(wish.preferred ? { 'Preference-Applied': 'recorded' } : {}),
  });
  exchange.lines = 0;
  exchange.problems = 0;
  const out = writer(exchange);
  const { begin, answerOf } = answering(desk, gateway, verifier, exchange, wish);
  const writing: Answer[] = [];
  const opened: Opened[] = [];
  const written = async (): Promise<void> => {
    for (const answer of writing.splice(0)) await out.put(await answer);
  };
  const give = async (answer: Answer): Promise<void> => {
    if (typeof answer === 'string' && writing.length === 0) return out.put(answer);
    writing.push(answer);
    if (writing.length >= MOST_WRITING) await written();
    // Nothing to say yet, but others may be waiting for their turn.
    else await out.put('');
  };
  const answered = async (): Promise<void> => {
    for (const line of opened.splice(0)) await give((await answerOf(line)).answer);
  };
  /** Lines are opened until there are enough of them, or half a slice is over, and then answered. */
  const take = async (lines: Iterable<Line>): Promise<void> => {
    let together = gathering(nodePlatform);
    let since = performance.now();
    for (const line of lines) {
      opened.push(begin(line, together));
      if (opened.length < MOST_TOGETHER && performance.now() - since < limits.sliceMs / 2) continue;
      await answered();
      together = gathering(nodePlatform);
      since = performance.now();
    }
    await answered();
  };
  try {
    const chunks = chunksOf(exchange);
    const splitter = lineSplitter(limits.line);
    for (let piece = await chunks.next(); piece !== undefined; piece = await chunks.next()) {
      await take(splitter.push(piece));
      await written();
      await out.flush();
    }
    await take(splitter.end());
    await written();
    await out.end();
  } catch (error) {
    if (error instanceof Gone) return;
    await answered();
    await written();
    // The head says 200 already: the last line says how it ended.
    const problem = note(desk, exchange, error);
    await out.put(`${JSON.stringify({ problem: problemBody(problem), line: exchange.lines + 1 })}\n`);
    await out.end();
  }
}

/** A line that was read, and its document opened with those beside it; or why not. */
interface Opened {
  readonly number: number;
  readonly blank?: true;
  readonly refused?: unknown;
  readonly wanted?: Wanted;
}

interface Wanted {
  readonly asked: Ask;
  readonly who: RecordAsk | undefined;
  readonly asker: Asker;
  readonly begun: Begun | undefined;
}

/**
 * A line is opened, and later answered by a verdict or a problem as one line of text. What no further line could get past is
 * thrown when it is opened, and ends the batch: Problem `too-many-lines`, `too-many-requests`.
 */
function answering(desk: Desk, gateway: Gateway, verifier: Verifier, exchange: Exchange, wish: RecordWish) {
  const { limits, caller } = exchange;
  const problemLine = (error: unknown, line: number): string => {
    exchange.problems = (exchange.problems ?? 0) + 1;
    return `${JSON.stringify({ problem: problemBody(note(desk, exchange, error)), line })}\n`;
  };
  const said = (verdict: Verdict, line: Verdict | Recorded): string => {
    countVerdict(desk, verdict);
    return `${JSON.stringify(line)}\n`;
  };
  const later = async (
    settling: Judged | Promise<Judged>,
    who: RecordAsk | undefined,
    line: number,
  ): Promise<string> => {
    try {
      const judged = await settling;
      if (who === undefined) return said(judged.verdict, judged.verdict);
      const recorded = await record(gateway, judged, who);
      return said(recorded.verdict, recorded);
    } catch (error) {
      return problemLine(error, line);
    }
  };
  const wanted = (bytes: Uint8Array | undefined, together: Gathering): Wanted => {
    if (bytes === undefined)
      throw new Problem('line-too-large', `a line has at most ${limits.line} bytes`, { limit: limits.line });
    const asked = readAsk(bytes);
    const who = whoAsks(wish, asked, caller);
    return { asked, who, asker: askerOf(wish, caller, asked), begun: verifier.begin(asked, caller, together) };
  };
  return {
    begin({ number, bytes }: Line, together: Gathering): Opened {
      if (number > limits.lines)
        throw new Problem('too-many-lines', `a batch has at most ${limits.lines} lines`, { limit: limits.lines });
      const blank = bytes !== undefined && isBlank(bytes);
      if (!blank) count(desk, exchange, 1);
      exchange.lines = number;
      if (blank) return { number, blank };
      try {
        return { number, wanted: wanted(bytes, together) };
      } catch (error) {
        return { number, refused: error };
      }
    },
    async answerOf({ number, blank, refused, wanted }: Opened): Promise<{ answer: Answer }> {
      if (blank) return { answer: '' };
      if (wanted === undefined) return { answer: problemLine(refused, number) };
      const { asked, asker, who, begun } = wanted;
      try {
        const judged = verifier.settle(await verifier.look(asked, asker, begun), asker);
        if (who !== undefined || judged instanceof Promise) return { answer: later(judged, who, number) };
        return { answer: said(judged.verdict, judged.verdict) };
      } catch (error) {
        return { answer: problemLine(error, number) };
      }
    },
  };
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.length === 0 || (bytes.length === 1 && bytes[0] === 0x0d);
}

/** Collects lines into larger writes, gives others their turn, and waits while the reader has not taken what is out. */
function writer(exchange: Exchange): {
  put(text: string): Promise<void>;
  flush(): Promise<void>;
  end(): Promise<void>;
} {
  const { res, limits } = exchange;
  // Encoded line by line: a text that is put together of thousands of pieces costs ten times as much to encode at once.
  let room = new Uint8Array(FLUSH_BYTES);
  let used = 0;
  let since = performance.now();
  const flush = async (): Promise<void> => {
    if (res.destroyed) throw new Gone();
    if (used === 0) return;
    const bytes = room.subarray(0, used);
    room = new Uint8Array(FLUSH_BYTES);
    used = 0;
    exchange.bytesOut += bytes.length;
    if (res.write(bytes)) return;
    await firstOf(res, ['drain', 'close'], limits.stallMs).catch((error) => {
      // It takes nothing any more: there is nobody left to tell.
      res.destroy();
      throw error instanceof Problem ? new Gone() : error;
    });
    if (res.destroyed) throw new Gone();
  };
  return {
    async put(text) {
      let rest = text;
      for (;;) {
        const { read, written } = utf8.encodeInto(rest, room.subarray(used));
        used += written;
        rest = rest.slice(read);
        if (rest === '') break;
        await flush();
      }
      if (performance.now() - since < limits.sliceMs) return;
      await flush();
      await turn();
      since = performance.now();
    },
    flush,
    async end() {
      await flush();
      finish(exchange);
    },
  };
}
