import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Reply } from './exchange.ts';
import { type PlainRequest, plainRequest } from './plain-request.ts';

/** What a plain connection needs of those around it. */
export interface Surroundings {
  /** Answers by the reply, now or later. Out: false where this is not asked here; then nothing was done. */
  answer(request: PlainRequest, socket: Socket, reply: Reply): boolean;
  /** Takes a connection over for good, with all that is still to be read of it. */
  handOn(socket: Socket): void;
  /** Answers a request that broke off. */
  brokenOff(socket: Socket): void;
  /** Answers a connection that has asked for nothing in time. */
  late(socket: Socket): void;
  /** How long a connection may be silent before its first request. */
  readonly silentMs: number;
  /** And after it; the answer's head says so. */
  readonly keepAliveMs: number;
}

export interface PlainConnections {
  /** Takes a connection from its first byte on. */
  take(socket: Socket): void;
  /** Ends those that ask for nothing now; of those that never asked, only if told to. */
  closeIdle(silent: boolean): void;
  closeAll(): void;
}

/** For the rest of a body: whoever sends head and body by themselves sends one right behind the other. */
const REST_MS = 1_000;
/** Octets of empty lines that are skipped at once. */
const MOST_EMPTY = 16;

/**
 * Connections on which plain requests (plain-request.ts) are answered without Node's HTTP: half of what a small answer costs there are
 * streams and events that it does not need. A connection on which anything else comes goes to Node for good, from the first byte of
 * that request on. One request is under way at a time, and one piece at most is read ahead of its answer.
 */
export function plainConnections(around: Surroundings): PlainConnections {
  const all = new Set<PlainConnection>();
  return {
    take(socket) {
      all.add(new PlainConnection(socket, around, (connection) => all.delete(connection)));
    },
    closeIdle(silent) {
      for (const connection of all) connection.closeIdle(silent);
    },
    closeAll() {
      for (const connection of all) connection.destroy();
    },
  };
}

class PlainConnection {
  readonly #socket: Socket;
  readonly #around: Surroundings;
  readonly #gone: (connection: PlainConnection) => void;
  /** The beginning of a request whose rest is awaited. */
  #begun: Buffer | undefined;
  /** What came while a request was under way. */
  #behind: Buffer | undefined;
  #reply: PlainReply | undefined;
  #answered = false;
  /** The caller will send nothing more. */
  #ended = false;

  constructor(socket: Socket, around: Surroundings, gone: (connection: PlainConnection) => void) {
    this.#socket = socket;
    this.#around = around;
    this.#gone = gone;
    socket.setTimeout(around.silentMs);
    socket.on('data', this.#onData).on('timeout', this.#onTimeout).on('drain', this.#onDrain);
    socket.on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose);
  }

  closeIdle(silent: boolean): void {
    if ((this.#answered || silent) && this.#reply === undefined && this.#begun === undefined) this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (piece: Buffer): void => {
    // What comes behind the last answer is thrown away.
    if (this.#socket.writableEnded) return;
    if (this.#emptyBehind(piece)) return;
    if (this.#reply !== undefined) {
      this.#behind = this.#behind === undefined ? piece : Buffer.concat([this.#behind, piece]);
      this.#socket.pause();
      return;
    }
    const begun = this.#begun;
    const bytes = begun === undefined ? piece : Buffer.concat([begun, piece]);
    const request = plainRequest(bytes);
    if (request === 'unfinished' && begun === undefined) {
      this.#begun = bytes;
      this.#socket.setTimeout(REST_MS);
    } else if (request === undefined || request === 'unfinished') this.#handOn(bytes);
    else {
      this.#begun = undefined;
      if (begun !== undefined || !this.#answered) this.#socket.setTimeout(this.#around.keepAliveMs);
      this.#ask(request, bytes);
    }
  };

  /**
   * Empty lines between requests say nothing (RFC 9112 §2.2). Node skips them too, but would take a connection that begins with them
   * for one whose first head does not arrive, and end it so much sooner. More than a few come from nobody honest: Node reads those.
   */
  #emptyBehind(piece: Buffer): boolean {
    if (piece.length > MOST_EMPTY || (this.#reply === undefined && !this.#answered)) return false;
    return this.#begun === undefined && this.#behind === undefined && piece.every(isLineEnd);
  }

  #ask(request: PlainRequest, bytes: Buffer): void {
    const reply = new PlainReply(this.#socket, this.#around.keepAliveMs, this.#next);
    this.#reply = reply;
    if (this.#around.answer(request, this.#socket, reply)) return;
    this.#reply = undefined;
    this.#handOn(bytes);
  }

  /** The answer is on its way. */
  readonly #next = (stays: boolean): void => {
    this.#reply = undefined;
    this.#answered = true;
    if (!stays || this.#ended) this.#socket.destroySoon();
    else if (this.#behind !== undefined) this.#handOn(this.#behind);
    // What a caller does not take is not piled up: the next request is read when this answer is taken.
    else if (this.#socket.writableNeedDrain) this.#socket.pause();
  };

  #handOn(bytes: Buffer): void {
    const socket = this.#socket;
    socket.off('data', this.#onData).off('timeout', this.#onTimeout).off('drain', this.#onDrain);
    socket.off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose);
    socket.setTimeout(0);
    this.#gone(this);
    socket.unshift(bytes);
    this.#around.handOn(socket);
    socket.resume();
  }

  readonly #onTimeout = (): void => {
    if (this.#begun !== undefined) this.#handOn(this.#begun);
    else if (this.#reply !== undefined) return;
    else if (this.#answered) this.#socket.destroy();
    else this.#around.late(this.#socket);
  };

  readonly #onDrain = (): void => {
    if (this.#reply === undefined) this.#socket.resume();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    if (this.#begun !== undefined) this.#around.brokenOff(this.#socket);
    else if (this.#reply === undefined) this.#socket.end();
  };

  readonly #onError = (): void => {
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#reply?.gone();
    this.#gone(this);
  };
}

const isLineEnd = (octet: number): boolean => octet === 0x0d || octet === 0x0a;

/** An answer that is written at once, octet for octet as Node would write it. */
class PlainReply implements Reply {
  statusCode = 200;
  headersSent = false;
  destroyed = false;
  writableFinished = false;
  readonly #socket: Socket;
  readonly #keepAliveMs: number;
  readonly #next: (stays: boolean) => void;
  #head = '';
  #stays = true;
  #onClose: (() => void) | undefined;

  constructor(socket: Socket, keepAliveMs: number, next: (stays: boolean) => void) {
    this.#socket = socket;
    this.#keepAliveMs = keepAliveMs;
    this.#next = next;
  }

  once(_event: 'close', listener: () => void): void {
    this.#onClose = listener;
  }

  writeHead(status: number, headers: Readonly<Record<string, string | number>>): void {
    this.statusCode = status;
    this.headersSent = true;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    this.#stays = headers['Connection'] !== 'close';
    const stays = this.#stays ? `Connection: keep-alive\r\nKeep-Alive: timeout=${this.#keepAliveMs / 1000}\r\n` : '';
    this.#head = `${head}Date: ${httpDate()}\r\n${stays}\r\n`;
  }

  end(body: string | Uint8Array, encoding: 'utf8' | 'latin1'): void {
    const octets = typeof body !== 'string' || encoding === 'utf8' ? Buffer.from(body).toString('latin1') : body;
    this.#socket.write(this.#head + octets, 'latin1', this.#written);
    this.#next(this.#stays);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The caller is gone. */
  gone(): void {
    this.destroyed = true;
    this.#onClose?.();
  }

  readonly #written = (error?: Error | null): void => {
    this.writableFinished = error === undefined || error === null;
    this.destroyed = true;
    this.#onClose?.();
  };
}

let second = 0;
let date = '';

/** Now, as RFC 9110 §5.6.7 has it. */
function httpDate(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    date = new Date(now * 1000).toUTCString();
  }
  return date;
}
