import { setImmediate as turn } from 'node:timers/promises';
import { type Judge, readAsk } from './ask.ts';
import { chunksOf, firstOf, Gone } from './body.ts';
import { type Desk, type Exchange, finish, note, start } from './exchange.ts';
import { mediaTypeOf, queryOf } from './guard.ts';
import { type Line, lineSplitter } from './lines.ts';
import { Problem, problemBody } from './problems.ts';
import { count, VERDICT_HEADERS } from './verify.ts';

export const BATCH_MEDIA = ['application/x-ndjson'];

const FLUSH_CHARACTERS = 64 * 1024;

/**
 * POST /v1/verify/batch: one Ask a line in, one verdict a line out, in the same order. Nothing is collected: the next
 * piece of the request is read when the lines of this one are answered, and a reader that is slow to take its answers
 * holds up the reading. When the caller goes, the work stops.
 */
export async function batch(desk: Desk, exchange: Exchange, judge: Judge): Promise<void> {
  const { req, limits } = exchange;
  mediaTypeOf(req, BATCH_MEDIA);
  queryOf(req, []);
  start(exchange, { ...VERDICT_HEADERS, 'Content-Type': 'application/x-ndjson' });
  exchange.lines = 0;
  exchange.problems = 0;
  const out = writer(exchange);
  try {
    const chunks = chunksOf(req, limits.stallMs);
    const splitter = lineSplitter(limits.line);
    for (let piece = await chunks.next(); piece !== undefined; piece = await chunks.next()) {
      exchange.bytesIn += piece.length;
      for (const line of splitter.push(piece)) await out.put(await answerLine(desk, exchange, judge, line));
      await out.flush();
    }
    for (const line of splitter.end()) await out.put(await answerLine(desk, exchange, judge, line));
    await out.end();
  } catch (error) {
    if (error instanceof Gone) return;
    // The head says 200 already: the last line says how it ended.
    const problem = note(desk, exchange, error);
    await out.put(`${JSON.stringify({ problem: problemBody(problem), line: exchange.lines + 1 })}\n`);
    await out.end();
  }
}

/** Out: a verdict or a problem as one line of text; nothing for an empty line. Errors: Problem `too-many-lines`. */
async function answerLine(desk: Desk, exchange: Exchange, judge: Judge, { number, bytes }: Line): Promise<string> {
  const { limits } = exchange;
  if (number > limits.lines)
    throw new Problem('too-many-lines', `a batch has at most ${limits.lines} lines`, { limit: limits.lines });
  exchange.lines = number;
  try {
    if (bytes === undefined)
      throw new Problem('line-too-large', `a line has at most ${limits.line} bytes`, { limit: limits.line });
    if (isBlank(bytes)) return '';
    const verdict = await judge(readAsk(bytes));
    count(desk.metrics, verdict);
    return `${JSON.stringify(verdict)}\n`;
  } catch (error) {
    exchange.problems = (exchange.problems ?? 0) + 1;
    return `${JSON.stringify({ problem: problemBody(note(desk, exchange, error)), line: number })}\n`;
  }
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
  let pending = '';
  let since = performance.now();
  const flush = async (): Promise<void> => {
    if (res.destroyed) throw new Gone();
    if (pending === '') return;
    const bytes = Buffer.from(pending);
    pending = '';
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
      pending += text;
      if (pending.length >= FLUSH_CHARACTERS) await flush();
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
