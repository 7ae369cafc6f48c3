import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect } from 'vitest';
import type { Harness } from './harness.ts';
import { getHead, Talk } from './raw.ts';

/** A gateway with two listeners, before and behind Express, and how many answers the first has given that Node's parser knows nothing of. */
export type Pair = Pick<Harness, 'port' | 'fastPort' | 'early'>;

type Piece = string | Uint8Array;
/** Bytes that are sent at once, or in pieces one by one. */
export type Step = Piece | readonly Piece[];

const CLOSE = 'Connection: close\r\n';
/** Answered only where the connection still stands. */
const LAST = getHead('/v1/verify', 'Host: localhost');

/** Requests that Node's parser has read, by the port they came to. */
const readByNode = new Map<number, number>();
subscribe('http.server.request.start', (message) => {
  const port = (message as { socket: Socket }).socket.localPort!;
  readByNode.set(port, (readByNode.get(port) ?? 0) + 1);
});

/** What differs between two answers to the same question: its number, its moment, what it has left, an incident. */
export const plain = (raw: string): string =>
  raw
    .replace(/^(X-Request-Id|Date): .*$/gim, '$1')
    .replace(/"(incident|instance)":"[^"]*"/g, '"$1"')
    .replace(/r=\d+;t=\d+/g, 'r');

/** Asks both listeners, and expects the same text of both. Out: what came through Express. */
export async function compared<Told>(
  pair: Pair,
  ask: (port: number) => Promise<Told>,
  textOf: (told: Told) => string,
): Promise<Told> {
  const before = readByNode.get(pair.fastPort) ?? 0;
  const [express, fast] = await Promise.all([ask(pair.port), ask(pair.fastPort)]);
  const text = textOf(fast);
  expect(plain(text)).toBe(plain(textOf(express)));
  const answers = text.match(/^x-request-id: /gim)?.length ?? 0;
  // If anything, too few: what Node read and nobody answered, as worse came behind it, is taken off as well.
  pair.early += answers - ((readByNode.get(pair.fastPort) ?? 0) - before);
  return express;
}

/**
 * Says the same to both listeners, each step when the one before is answered, and expects the same answers octet for octet, and that
 * both connections end or stay alike: one more request is sent behind all others, and answered where the connection stays. What asks
 * for the end of its connection is sent once more without that, as nothing is answered before Express where a connection is to end.
 * Out: all that was told as it was asked.
 */
export async function both(pair: Pair, ...steps: readonly Step[]): Promise<string> {
  const said = steps.map((step) => (Array.isArray(step) ? step : [step]));
  const staying = said.map((pieces) =>
    pieces.map((piece) => (typeof piece === 'string' ? piece.replace(CLOSE, '') : piece)),
  );
  const told = await compared(pair, (port) => conversation(port, said), String);
  const ends = said.flat().some((piece) => typeof piece === 'string' && piece.includes(CLOSE));
  if (ends) await compared(pair, (port) => conversation(port, staying), String);
  return told;
}

async function conversation(port: number, steps: readonly (readonly Piece[])[]): Promise<string> {
  const talk = await Talk.with(port);
  let told = '';
  for (const pieces of steps) {
    for (const piece of pieces.slice(0, -1)) {
      await talk.send(piece);
      // Two turns, for the server to read it before the next one comes.
      for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
    }
    told += await talk.ask(pieces.at(-1)!);
  }
  await talk.send(LAST);
  return told + (await talk.rest());
}
