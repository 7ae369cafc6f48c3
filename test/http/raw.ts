import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Sends bytes as they are, and gives all that comes back until the connection ends. */
export function rawCall(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(text) : reject(error),
    );
    socket.on('close', () => resolve(text));
    for (const part of parts) socket.write(part);
  });
}

/** The JSON body of a raw answer. */
// biome-ignore lint/suspicious/noExplicitAny: see Answer
export const bodyOf = (raw: string): any => JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4));

/** The head of a POST /v1/verify. */
export const postHead = (type: string, ...headers: readonly string[]): string =>
  `POST /v1/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`;
/** A whole GET, after which the connection ends. */
export const getHead = (target: string, ...headers: readonly string[]): string =>
  `GET ${target} HTTP/1.1\r\n${headers.map((each) => `${each}\r\n`).join('')}Connection: close\r\n\r\n`;

/** Status and code of a raw answer that is a problem. */
export const problemIn = (raw: string): [number, string] => [
  Number(raw.slice(9, 12)),
  bodyOf(raw).type.replace('urn:tongren:problem:', ''),
];

/** A GET on a connection that stays. */
export const getAlive = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** Sends bytes and then nothing more, and gives all that comes back until the connection ends. */
export function rawHalf(port: number, text: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    let told = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      told += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(told));
  });
}

/** Sends bytes, and then again and again the same few more; gives all that comes back until the connection ends. */
export async function rawDrip(port: number, first: string, more: string): Promise<string> {
  const talk = await Talk.with(port);
  await talk.send(first);
  const dripping = setInterval(() => talk.send(more), 30);
  const told = await talk.rest();
  clearInterval(dripping);
  return told;
}

/** One connection that stays. */
export class Talk {
  readonly #socket: Socket;
  #told = Buffer.alloc(0);
  #more = Promise.withResolvers<void>();
  #ended = false;
  /** Kept when the other side has ended it. */
  readonly over: Promise<void>;

  static async with(port: number, secure = false): Promise<Talk> {
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false };
    const socket = secure ? connectTls(options) : connect(options);
    await once(socket, secure ? 'secureConnect' : 'connect');
    return new Talk(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      this.#told = Buffer.concat([this.#told, bytes]);
      this.#wake();
    });
    socket.on('error', () => {});
    this.over = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true;
        this.#wake();
        resolve();
      });
    });
  }

  #wake(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  send(text: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.write(text, () => resolve());
    });
  }

  /** The next answer: by its length (one to HEAD has none of what its length says), or all of it where the connection ends. */
  async answer(bodiless = false): Promise<string> {
    for (;;) {
      const head = this.#told.indexOf('\r\n\r\n');
      const length = bodiless
        ? '0'
        : /\r\ncontent-length: (\d+)/i.exec(this.#told.toString('latin1', 0, Math.max(0, head + 2)))?.[1];
      const end = head < 0 ? Number.POSITIVE_INFINITY : head + 4 + Number(length ?? 0);
      if (end <= this.#told.length || this.#ended) {
        const text = this.#told.toString('utf8', 0, Math.min(end, this.#told.length));
        this.#told = this.#told.subarray(text.length === 0 ? 0 : Math.min(end, this.#told.length));
        return text;
      }
      await this.#more.promise;
    }
  }

  async ask(text: string | Uint8Array): Promise<string> {
    await this.send(text);
    return this.answer(typeof text === 'string' && text.startsWith('HEAD '));
  }

  /** All that is still told until the connection ends. */
  async rest(): Promise<string> {
    await this.over;
    return this.#told.toString('utf8');
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.destroy();
  }
}

/** One request and its answer, on a connection that would have stayed. */
export async function rawAnswer(port: number, text: string): Promise<string> {
  const talk = await Talk.with(port);
  try {
    return await talk.ask(text);
  } finally {
    talk.end();
  }
}
