/** The caller of bench/http.ts: sends what it is told to, and tells how long that took. */
import { Agent, request } from 'node:http';

export interface Asked {
  readonly url: string;
  readonly type: string;
  /** The same as before at this address if absent: to hand it over again would count for the server. */
  readonly body?: string;
  readonly times: number;
  /** Requests under way at the same time; one after the other if absent. */
  readonly inFlight?: number;
  /** Requests that begin in a second, whatever becomes of those before: then each one's time is told. */
  readonly perSecond?: number;
}

export interface Told {
  /** For all requests, µs. */
  readonly micros: number;
  /** Of each request, ms; from when it was due. */
  readonly each: readonly number[];
}

const agent = new Agent({ keepAlive: true });

const bodies = new Map<string, string>();

function send({ url, type }: Asked): Promise<void> {
  const body = bodies.get(url)!;
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
    const req = request(url, { method: 'POST', agent, headers }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`HTTP ${res.statusCode}`));
      res.on('error', reject).on('end', resolve).resume();
    });
    req.on('error', reject).end(body);
  });
}

async function inTurns(asked: Asked): Promise<void> {
  let left = asked.times;
  const one = async (): Promise<void> => {
    while (left-- > 0) await send(asked);
  };
  await Promise.all(Array.from({ length: asked.inFlight ?? 1 }, one));
}

/** They are due at even distances: one that begins late because others were slow has waited, and that counts. */
async function atRate(asked: Asked, perSecond: number): Promise<number[]> {
  const began = performance.now();
  const each: number[] = [];
  const waiting: Promise<void>[] = [];
  for (let sent = 0; sent < asked.times; ) {
    const due = Math.min(asked.times, Math.floor(((performance.now() - began) * perSecond) / 1000) + 1);
    for (; sent < due; sent++) {
      const at = began + (sent * 1000) / perSecond;
      waiting.push(send(asked).then(() => void each.push(performance.now() - at)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(waiting);
  return each;
}

process.on('message', async (asked: Asked) => {
  if (asked.body !== undefined) bodies.set(asked.url, asked.body);
  const started = performance.now();
  const each = asked.perSecond === undefined ? [] : await atRate(asked, asked.perSecond);
  if (asked.perSecond === undefined) await inTurns(asked);
  process.send!({ micros: (performance.now() - started) * 1000, each } satisfies Told);
});
