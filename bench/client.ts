/**
 * The caller of bench/http.ts: sends what it is told to, and tells how long that took. By sockets and as little else as can be, so that
 * it is the server that has to be waited for, as it is where many callers ask.
 */
import { connect, type Socket } from 'node:net';

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

const HEAD_END = '\r\n\r\n';
const CHUNKS_END = Buffer.from('\r\n0\r\n\r\n');

/** One connection; one request at a time goes by it. */
interface Line {
  /** When it was last given back, ms. */
  used: number;
  ask(request: Buffer): Promise<void>;
  end(): void;
}

/** A server ends a connection that was idle for five seconds, and may do so just when it is asked again. */
const MOST_IDLE_MS = 2000;

/** Connections to a host: those that nobody uses now, how many there are, and who waits for one. */
interface Lines {
  readonly idle: Line[];
  readonly waiting: ((line: Line) => void)[];
  count: number;
}

const hosts = new Map<string, Lines>();
/** Half of what a gateway takes. Whoever finds none free waits, and that counts. */
const MOST_LINES = 512;

const requests = new Map<string, Buffer>();

function requestOf({ url, type, body }: Asked): Buffer {
  const { host, pathname } = new URL(url);
  if (body !== undefined) {
    const head = [`POST ${pathname} HTTP/1.1`, `Host: ${host}`, `Content-Type: ${type}`];
    const text = [...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
    requests.set(url, Buffer.from(text));
  }
  return requests.get(url)!;
}

async function send(host: string, request: Buffer): Promise<void> {
  const lines = hosts.get(host) ?? { idle: [], waiting: [], count: 0 };
  hosts.set(host, lines);
  const line = await lineTo(host, lines);
  await line.ask(request);
  line.used = performance.now();
  const next = lines.waiting.shift();
  if (next === undefined) lines.idle.push(line);
  else next(line);
}

function lineTo(host: string, lines: Lines): Line | Promise<Line> {
  let line = lines.idle.pop();
  for (; line !== undefined && performance.now() - line.used > MOST_IDLE_MS; line = lines.idle.pop()) {
    line.end();
    lines.count -= 1;
  }
  if (line !== undefined) return line;
  if (lines.count === MOST_LINES) return new Promise((resolve) => void lines.waiting.push(resolve));
  lines.count += 1;
  return open(host);
}

async function open(host: string): Promise<Line> {
  const { hostname, port } = new URL(`http://${host}`);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return lineOf(socket);
}

function lineOf(socket: Socket): Line {
  let asked: PromiseWithResolvers<void> | undefined;
  /** Bytes of the body that are still to come; without a length, it ends with its last chunk. */
  let left: number | undefined;
  let begun = false;
  let tail: Buffer = Buffer.alloc(0);
  const fail = (why: Error): void => asked?.reject(why);
  socket.on('error', fail).on('close', () => fail(new Error('the server ended the connection')));
  socket.on('data', (bytes) => {
    let body = bytes;
    if (!begun) {
      const end = bytes.indexOf(HEAD_END);
      const head = bytes.toString('latin1', 0, end);
      // Heads are short, and come whole.
      if (end < 0 || !head.startsWith('HTTP/1.1 200 ')) return fail(new Error(head.slice(0, head.indexOf('\r\n'))));
      begun = true;
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
      left = length === undefined ? undefined : Number(length);
      body = bytes.subarray(end + HEAD_END.length);
    }
    if (left === undefined)
      tail = Buffer.concat([tail, body.subarray(-CHUNKS_END.length)]).subarray(-CHUNKS_END.length);
    else left -= body.length;
    if (left !== 0 && !tail.equals(CHUNKS_END)) return;
    begun = false;
    tail = Buffer.alloc(0);
    asked!.resolve();
  });
  return {
    used: 0,
    end: () => void socket.destroy(),
    ask(request) {
      asked = Promise.withResolvers();
      socket.write(request);
      return asked.promise;
    },
  };
}

async function inTurns({ times, inFlight = 1 }: Asked, one: () => Promise<void>): Promise<void> {
  let left = times;
  const others = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: inFlight }, others));
}

/** They are due at even distances: one that begins late because others were slow has waited, and that counts. */
async function atRate(times: number, perSecond: number, one: () => Promise<void>): Promise<number[]> {
  const began = performance.now();
  const each: number[] = [];
  const waiting: Promise<void>[] = [];
  for (let sent = 0; sent < times; ) {
    const due = Math.min(times, Math.floor(((performance.now() - began) * perSecond) / 1000) + 1);
    for (; sent < due; sent++) {
      const at = began + (sent * 1000) / perSecond;
      waiting.push(one().then(() => void each.push(performance.now() - at)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(waiting);
  return each;
}

process.on('message', async (asked: Asked) => {
  const request = requestOf(asked);
  const { host } = new URL(asked.url);
  const one = (): Promise<void> => send(host, request);
  const started = performance.now();
  const each = asked.perSecond === undefined ? [] : await atRate(asked.times, asked.perSecond, one);
  if (asked.perSecond === undefined) await inTurns(asked, one);
  process.send!({ micros: (performance.now() - started) * 1000, each } satisfies Told);
});
