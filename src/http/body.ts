import { type Desk, type Exchange, hold } from './exchange.ts';
import { Problem } from './problems.ts';

/** The caller went away. There is nobody to tell, and no trouble of ours. */
export class Gone extends Error {
  override readonly name = 'Gone';
}

const FIRST_BYTES = 16 * 1024;

/**
 * Reads a request's body whole. In: its limit in bytes. Errors: Problem `too-large` (at once where Content-Length says
 * so), `timeout`, `busy` when all callers together hold too much; Gone.
 */
export function readBody(desk: Desk, exchange: Exchange, limit: number): Promise<Uint8Array> {
  const { limits, body, streams } = exchange;
  if (body !== undefined) {
    if (body.length > limit) return Promise.reject(tooLarge(limit));
    return takenWhole(desk, exchange, body.length) ? Promise.resolve(body) : Promise.reject(busy());
  }
  const { req } = streams!;
  // It may have gone while the database was asked: then nothing of it comes any more.
  if (req.destroyed && !req.complete) return Promise.reject(new Gone());
  const declared = req.headers['content-length'];
  const expected = declared === undefined ? undefined : Number(declared);
  if (expected !== undefined && expected > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    // One buffer that grows, not a list: a body in chunks of one byte each would need a hundred times its size.
    let buffer: Uint8Array | undefined;
    let length = 0;

    const settle = (then: () => void): void => {
      clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      req.pause();
      then();
    };
    const onData = (chunk: Uint8Array): void => {
      exchange.bytesIn += chunk.length;
      const fits = length + chunk.length <= limit;
      if (!fits || !hold(desk, exchange, chunk.length)) {
        settle(() => reject(fits ? busy() : tooLarge(limit)));
        return;
      }
      if (buffer === undefined && chunk.length === expected) buffer = chunk;
      else {
        buffer = grown(buffer, length, length + chunk.length, expected, limit);
        buffer.set(chunk, length);
      }
      length += chunk.length;
    };
    const onEnd = (): void => {
      exchange.bodyRead = true;
      settle(() => resolve(buffer === undefined ? new Uint8Array(0) : buffer.subarray(0, length)));
    };
    const onGone = (): void => settle(() => reject(new Gone()));
    const late = (): void =>
      settle(() => reject(new Problem('timeout', 'the body took too long to arrive', { limit: limits.bodyMs })));
    const timer = setTimeout(late, limits.bodyMs);
    req.on('data', onData).once('end', onEnd).once('error', onGone).once('close', onGone);
  });
}

/** A body that came with its head is read when it is asked for, as all others are. Out: false where there is no room for it. */
function takenWhole(desk: Desk, exchange: Exchange, length: number): boolean {
  if (exchange.bodyRead) return true;
  if (!hold(desk, exchange, length)) return false;
  exchange.bytesIn += length;
  exchange.bodyRead = true;
  return true;
}

const tooLarge = (limit: number): Problem =>
  new Problem('too-large', limit === 0 ? 'no body is taken here: send none' : `the limit here is ${limit} bytes`, {
    limit,
  });
export const busy = (): Problem =>
  new Problem('busy', 'other requests hold all memory for bodies', {}, { 'Retry-After': '1' });

/** Room for `needed` bytes: doubled, so that all copies together stay within twice the body. A declared length is believed only as it fills. */
function grown(
  buffer: Uint8Array | undefined,
  used: number,
  needed: number,
  expected: number | undefined,
  limit: number,
): Uint8Array {
  if (buffer !== undefined && needed <= buffer.length) return buffer;
  const doubled = Math.max(needed, 2 * (buffer?.length ?? 0), FIRST_BYTES);
  const larger = new Uint8Array(Math.min(doubled, Math.max(needed, expected ?? limit)));
  if (buffer !== undefined) larger.set(buffer.subarray(0, used));
  return larger;
}

/** A request's body in pieces, each read only when it is asked for: a slow consumer slows the sender down. */
export interface Chunks {
  /** The next piece; undefined at the end. Errors: Problem `timeout` when none comes in time; Gone. */
  next(): Promise<Uint8Array | undefined>;
}

export function chunksOf(exchange: Exchange): Chunks {
  const { limits, streams } = exchange;
  let { body } = exchange;
  if (body !== undefined) {
    return {
      async next() {
        const whole = body;
        body = undefined;
        return whole;
      },
    };
  }
  const { req } = streams!;
  return {
    async next() {
      for (;;) {
        const chunk = req.read() as Uint8Array | null;
        if (chunk !== null) {
          exchange.bytesIn += chunk.length;
          return chunk;
        }
        if (req.readableEnded) return undefined;
        if (req.destroyed || req.errored) throw new Gone();
        await firstOf(req, ['readable', 'end', 'close', 'error'], limits.stallMs);
      }
    },
  };
}

/** Waits for the first of these events. Errors: Problem `timeout`. An `error` event ends the wait like any other. */
export function firstOf(emitter: NodeJS.EventEmitter, events: readonly string[], stallMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      for (const event of events) emitter.off(event, onEvent);
      then();
    };
    const onEvent = (): void => settle(resolve);
    const late = (): void =>
      settle(() => reject(new Problem('timeout', 'nothing moved for too long', { limit: stallMs })));
    const timer = setTimeout(late, stallMs);
    for (const event of events) emitter.on(event, onEvent);
  });
}
