import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Octets } from '../document/octets.node.ts';
import { firstOf, Gone } from './body.ts';
import { type Exchange, finish, type Streams } from './exchange.ts';
import { Problem } from './problems.ts';

const FLUSH_BYTES = 64 * 1024;
/** Answers that are not ready: of other threads, and receipts and one-time codes, which wait for the disk together. */
const MOST_WRITING = 512;

/** A line's answer; a promise while the memory is asked or its receipt written. Empty for an empty line. */
export type Answer = Octets | Promise<Octets>;
export const EMPTY = '' as Octets;

/**
 * Answers go out in the order of their lines, while later lines are read and walked. Whoever gives too many that are not ready
 * waits until all of them are out. Errors, of both: as of `put`.
 */
export function inOrder(out: Writer): { give(answer: Answer): void | Promise<void>; given(): Promise<void> } {
  const waiting: Answer[] = [];
  let sending: Promise<void> | undefined;
  let broken: { readonly error: unknown } | undefined;
  const send = async (): Promise<void> => {
    try {
      // While these are written out, others may have come, and found somebody sending.
      do {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await out.put(await next);
        await out.flush();
      } while (waiting.length > 0);
    } catch (error) {
      broken = { error };
    }
    sending = undefined;
  };
  const given = async (): Promise<void> => {
    await sending;
    if (broken !== undefined) throw broken.error;
  };
  return {
    give(answer) {
      if (typeof answer === 'string' && sending === undefined) return out.put(answer);
      // What goes wrong with one is told when its turn comes; that no turn comes, as the reader has gone, is no fault.
      if (typeof answer !== 'string') answer.catch(() => {});
      waiting.push(answer);
      sending ??= send();
      if (waiting.length >= MOST_WRITING) return given();
      if (broken !== undefined) throw broken.error;
      // Nothing to say yet, but others may be waiting for their turn.
      return out.put(EMPTY);
    },
    given,
  };
}

type Writer = ReturnType<typeof writer>;

/** A batch's share of the time: whatever works on it asks here whether others are to have their turn first. */
export interface Slice {
  over(): boolean;
  /** Gives others their turn, and begins anew. */
  next(): Promise<void>;
}

export function slices(ms: number): Slice {
  let since = performance.now();
  return {
    over: () => performance.now() - since >= ms,
    async next() {
      await nextTurn();
      since = performance.now();
    },
  };
}

/**
 * One after the other, and others have their turn between two slices. What is begun may go on while the next one begins: it is
 * put into a box, as a promise alone would be waited for.
 */
export function inTurns(slice: Slice): {
  run<T>(run: () => Promise<T>): Promise<T>;
  /** Whether nothing is under way, nor waiting. */
  idle(): boolean;
} {
  let last: Promise<unknown> = Promise.resolve();
  let wanted = 0;
  return {
    run(run) {
      wanted += 1;
      const begun = last.then(async () => {
        if (slice.over()) await slice.next();
        return run();
      });
      const over = (): void => {
        wanted -= 1;
      };
      last = begun.then(over, over);
      return begun;
    },
    idle: () => wanted === 0,
  };
}

/** Collects lines into larger writes, gives others their turn, and waits while the reader has not taken what is out. */
export function writer(
  exchange: Exchange,
  streams: Streams,
  slice: Slice,
): {
  /** A promise only where somebody has to be waited for. */
  put(line: Octets): void | Promise<void>;
  flush(): Promise<void>;
  end(): Promise<void>;
} {
  const { res } = streams;
  const { limits } = exchange;
  // Written line by line: a text that is put together of thousands of pieces costs ten times as much to write at once.
  let room = Buffer.allocUnsafeSlow(FLUSH_BYTES);
  let used = 0;
  const flush = async (): Promise<void> => {
    if (res.destroyed) throw new Gone();
    if (used === 0) return;
    const bytes = room.subarray(0, used);
    room = Buffer.allocUnsafeSlow(FLUSH_BYTES);
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
  /** Others have their turn. */
  const turned = async (): Promise<void> => {
    await flush();
    await slice.next();
  };
  const putRest = async (line: Octets, from: number): Promise<void> => {
    for (let at = from; at < line.length; ) {
      await flush();
      const written = room.write(line.slice(at), used, 'latin1');
      used += written;
      at += written;
    }
    if (slice.over()) await turned();
  };
  return {
    put(line) {
      const from = room.write(line, used, 'latin1');
      used += from;
      if (from < line.length) return putRest(line, from);
      return slice.over() ? turned() : undefined;
    },
    flush,
    async end() {
      await flush();
      finish(streams, limits);
    },
  };
}
