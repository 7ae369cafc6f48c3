import { nodePlatform } from '../crypto/platform.node.ts';
import type { Verdict } from '../document/generated/types.ts';
import { type Octets, octetsOf, verdictOctets } from '../document/octets.node.ts';
import type { Begun } from '../journey.ts';
import { gathering, MOST_TOGETHER } from '../journeys.ts';
import type { RecordContext } from '../record/receipt.ts';
import type { ThreadAsked, ThreadTold } from '../threads/message.ts';
import { type Ask, readAsk } from './ask.ts';
import { busy, chunksOf, Gone } from './body.ts';
import { count } from './door.ts';
import { countVerdict, type Desk, type Exchange, hold, note, start } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { mediaTypeOf, queryOf } from './guard.ts';
import { type Answer, EMPTY, inOrder, inTurns, type Slice, slices, writer } from './line-writer.ts';
import { lineSplitter, type Line as NumberedLine } from './lines.ts';
import { Problem, problemBody } from './problems.ts';
import { askerOf, type RecordWish, record, whoAsks, wishOf } from './record.ts';
import type { Asker, Judged, Verifier } from './verifier.ts';
import { VERDICT_HEADERS } from './verify.ts';

export const BATCH_MEDIA = ['application/x-ndjson'];

/** Fewer are not worth another thread. */
const LEAST_ELSEWHERE = 8;

const lineOf = (value: object): Octets => octetsOf(`${JSON.stringify(value)}\n`);
const verdictLine = (verdict: Verdict): Octets => `${verdictOctets(verdict)}\n` as Octets;

/** A verdict to be given, and what it is about. */
type Given = Pick<Judged, 'verdict' | 'input'>;

/**
 * POST /v1/verify/batch: one Ask a line in, one verdict a line out, in the same order. Nothing is collected: the next
 * piece of the request is read when the lines of this one are answered, and a reader that is slow to take its answers
 * holds up the reading. When the caller goes, the work stops.
 */
export async function batch(desk: Desk, gateway: Gateway, verifier: Verifier, exchange: Exchange): Promise<void> {
  const { req, limits } = exchange;
  // No batch comes any other way.
  const streams = exchange.streams!;
  mediaTypeOf(req, BATCH_MEDIA);
  queryOf(req, []);
  const wish = wishOf(req);
  // A line that does not end is kept as far as it may go.
  if (!hold(desk, exchange, limits.line)) throw busy();
  start(exchange, streams, {
    ...VERDICT_HEADERS,
    'Content-Type': 'application/x-ndjson',
    ...(wish.preferred ? { 'Preference-Applied': 'recorded' } : {}),
  });
  exchange.lines = 0;
  exchange.problems = 0;
  const slice = slices(limits.sliceMs);
  const out = writer(exchange, streams, slice);
  const { give, given } = inOrder(out);
  const { read, open, walk, answerOf, elsewhere } = answering(desk, gateway, verifier, exchange, wish, slice);
  const group: Line[] = [];
  /** A group goes to another thread that is free, or is walked here. Lines that only this thread can answer are, in any case. */
  const answered = async (): Promise<void> => {
    const lines = group.splice(0);
    const told = elsewhere(lines);
    let opened = told === undefined ? 0 : lines.length;
    let walked = opened;
    for (const [i, line] of lines.entries()) {
      if (i === opened) opened = open(lines, i);
      if (i === walked) {
        const turned = out.put(EMPTY);
        if (turned !== undefined) await turned;
        walked = walk(lines, i, opened);
      }
      const answer = told?.get(line) ?? line.answer ?? (await answerOf(line)).answer;
      line.answer = undefined;
      // Most have nobody to wait for, and a promise for each line would cost as much as reading it.
      const giving = give(answer);
      if (giving !== undefined) await giving;
    }
  };
  const take = async (lines: Iterable<NumberedLine>): Promise<void> => {
    let since = performance.now();
    for (const line of lines) {
      group.push(read(line));
      if (group.length < MOST_TOGETHER && performance.now() - since < limits.sliceMs / 2) continue;
      await answered();
      since = performance.now();
    }
    await answered();
  };
  try {
    const chunks = chunksOf(exchange);
    const splitter = lineSplitter(limits.line);
    for (let piece = await chunks.next(); piece !== undefined; piece = await chunks.next()) {
      await take(splitter.push(piece));
      await out.flush();
    }
    await take(splitter.end());
    await given();
    await out.end();
  } catch (error) {
    if (error instanceof Gone) return;
    await answered();
    await given();
    // The head says 200 already: the last line says how it ended.
    const problem = note(desk, exchange, error);
    await out.put(lineOf({ problem: problemBody(problem), line: exchange.lines + 1 }));
    await out.end();
  }
}

/** A line that was read: what is wanted of it, or why not. */
interface Line {
  readonly number: number;
  readonly blank?: true;
  readonly refused?: unknown;
  readonly wanted?: Wanted;
  /** Where it was walked with those beside it. */
  answer?: Answer | undefined;
}

interface Wanted {
  readonly asked: Ask;
  readonly who: RecordContext | undefined;
  readonly asker: Asker;
  /** Opened with those beside it. */
  begun?: Begun | undefined;
  /** Walking, and waiting for somebody. */
  looking?: Promise<Judged>;
}

/**
 * A line is read, and later answered by a verdict or a problem as one line of text. What no further line could get past is
 * thrown when it is read, and ends the batch: Problem `too-many-lines`, `too-many-requests`.
 */
function answering(
  desk: Desk,
  gateway: Gateway,
  verifier: Verifier,
  exchange: Exchange,
  wish: RecordWish,
  slice: Slice,
) {
  const { limits, caller } = exchange;
  /** What comes back from another thread comes all at one time; here it goes line by line, as whatever began here. */
  const here = inTurns(slice);
  const problemLine = (error: unknown, line: number): Octets => {
    exchange.problems = (exchange.problems ?? 0) + 1;
    return lineOf({ problem: problemBody(note(desk, exchange, error)), line });
  };
  const said = (verdict: Verdict): Octets => {
    countVerdict(desk, verdict);
    return verdictLine(verdict);
  };
  const later = async (
    settling: Given | Promise<Given>,
    who: RecordContext | undefined,
    line: number,
  ): Promise<Octets> => {
    try {
      const judged = await settling;
      if (who === undefined) return said(judged.verdict);
      const recorded = await record(gateway, judged, who);
      countVerdict(desk, recorded.verdict);
      return lineOf(recorded);
    } catch (error) {
      return problemLine(error, line);
    }
  };
  /** Errors: none; what is wrong is the answer. */
  const settled = (judged: Judged, { asker, who }: Wanted, line: number): Answer => {
    try {
      const settling = verifier.settle(judged, asker);
      return who !== undefined || settling instanceof Promise ? later(settling, who, line) : said(settling.verdict);
    } catch (error) {
      return problemLine(error, line);
    }
  };
  const wanted = (bytes: Uint8Array | undefined): Wanted => {
    if (bytes === undefined)
      throw new Problem('line-too-large', `a line has at most ${limits.line} bytes`, { limit: limits.line });
    const asked = readAsk(bytes);
    return { asked, who: whoAsks(wish, asked, caller), asker: askerOf(wish, caller, asked) };
  };
  const told = async (there: Promise<readonly (ThreadTold | undefined)[]>, i: number, line: Line): Promise<Octets> => {
    const found = (await there)[i];
    if (found === undefined) return (await answerOf(line)).answer;
    if (line.wanted!.who === undefined && found.shown === undefined) {
      desk.metrics.verdict(found.outcome, found.format, found.issuer);
      return `${found.json}\n` as Octets;
    }
    return (await here.run(async () => ({ answer: settledTold(found, line) }))).answer;
  };
  const settledTold = (found: ThreadTold, { number, wanted }: Line): Promise<Octets> => {
    const { asked, asker, who } = wanted!;
    const settling = async (): Promise<Given> => ({
      verdict: await verifier.settleTold(found, asker),
      input: asked.text!,
    });
    return later(settling(), who, number);
  };
  const answerOf = (line: Line): Promise<{ answer: Answer }> => here.run(() => walkedHere(line));
  /** What was opened walks on; where that fails, it goes alone, runs into the same and tells it in its line. */
  const looked = (wanted: Wanted): Judged | Promise<Judged> | undefined => {
    const { asked, asker, begun } = wanted;
    if (begun === undefined) return undefined;
    try {
      const looking = verifier.look(asked, asker, begun);
      // What was opened is let go with its verdict, however long the line itself is held.
      wanted.begun = undefined;
      return looking;
    } catch {
      return undefined;
    }
  };
  const walkedHere = async ({ number, blank, refused, wanted }: Line): Promise<{ answer: Answer }> => {
    // Its caller has gone: the work stops.
    if (exchange.res.destroyed) return { answer: EMPTY };
    if (blank) return { answer: EMPTY };
    if (wanted === undefined) return { answer: problemLine(refused, number) };
    const { asked, asker, begun, looking } = wanted;
    wanted.begun = undefined;
    try {
      return { answer: settled(await (looking ?? verifier.look(asked, asker, begun)), wanted, number) };
    } catch (error) {
      return { answer: problemLine(error, number) };
    }
  };
  return {
    read({ number, bytes }: NumberedLine): Line {
      if (number > limits.lines)
        throw new Problem('too-many-lines', `a batch has at most ${limits.lines} lines`, { limit: limits.lines });
      const blank = bytes !== undefined && isBlank(bytes);
      if (!blank) count(desk, exchange, 1);
      exchange.lines = number;
      if (blank) return { number, blank };
      try {
        return { number, wanted: wanted(bytes) };
      } catch (error) {
        return { number, refused: error };
      }
    },
    /** Opens the documents of lines together (journeys.ts), from one on until half a slice is over. Out: up to which. */
    open(lines: readonly Line[], from: number): number {
      const together = gathering(nodePlatform);
      const since = performance.now();
      let to = from;
      do {
        const { wanted } = lines[to]!;
        if (wanted !== undefined) wanted.begun = verifier.begin(wanted.asked, caller, together);
        to += 1;
      } while (to < lines.length && performance.now() - since < limits.sliceMs / 2);
      return to;
    },
    /**
     * Walks what was opened together, each step by all of them before the next (turn.ts), until the slice is over or one has to wait
     * for somebody: others are asked about one document at a time. What fails goes alone. Out: up to which, one at least.
     */
    walk(lines: readonly Line[], from: number, opened: number): number {
      const walked: { readonly line: Line; readonly judged: Judged }[] = [];
      let to = from;
      do {
        const line = lines[to]!;
        to += 1;
        // What comes back from another thread is being settled: it comes first.
        if (line.wanted === undefined || exchange.res.destroyed || !here.idle()) continue;
        const judged = looked(line.wanted);
        if (judged instanceof Promise) {
          // What goes wrong is told in its line.
          judged.catch(() => {});
          line.wanted.looking = judged;
          break;
        }
        if (judged !== undefined) walked.push({ line, judged });
      } while (to < opened && !slice.over());
      for (const { line, judged } of walked) line.answer = settled(judged, line.wanted!, line.number);
      return to;
    },
    answerOf,
    /** Has another thread walk what it can; undefined where none is free. */
    elsewhere(lines: readonly Line[]): ReadonlyMap<Line, Promise<Octets>> | undefined {
      const { threads } = gateway;
      if (threads === undefined || lines.length < LEAST_ELSEWHERE) return undefined;
      const asked: ThreadAsked[] = [];
      const those: Line[] = [];
      for (const line of lines) {
        const one = line.wanted && askedElsewhere(line.wanted.asked);
        if (one === undefined) continue;
        asked.push(one);
        those.push(line);
      }
      const there = asked.length < LEAST_ELSEWHERE ? undefined : threads.walk(asked, gateway.clock());
      return there && new Map(those.map((line, i) => [line, told(there, i, line)]));
    },
  };

  /** A question that is not in order, or at which we fail, is answered here: in its own line. */
  function askedElsewhere(asked: Ask): ThreadAsked | undefined {
    try {
      return verifier.elsewhere(asked, caller);
    } catch {
      return undefined;
    }
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.length === 0 || (bytes.length === 1 && bytes[0] === 0x0d);
}
