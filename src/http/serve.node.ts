import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { isLoopback } from '../settings.ts';
import { type AppOptions, appOf, createService, plainAnswers, type Service } from './app.ts';
import type { Gateway } from './gateway.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { type PlainConnections, plainConnections } from './plain-connection.ts';
import { Problem, type ProblemCode, problemBody } from './problems.ts';

export interface ServeOptions extends AppOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** To serve over TLS: private key and certificates, PEM. */
  readonly tls?: Tls | undefined;
  /** POST /v1/verify in its usual form is answered before Node's HTTP and Express see it: the same answers, sooner. */
  readonly fast?: boolean;
}

export interface Tls {
  readonly key: Uint8Array;
  readonly cert: Uint8Array;
}

export interface Running {
  readonly url: string;
  /** For connections that begin from now on. Errors: Node's own for what is no key and its certificates; those before stay. */
  renewTls(tls: Tls): void;
  /** Takes no new connections, lets what is under way finish for up to ten seconds, then cuts it off. */
  close(): Promise<void>;
}

const GRACE_MS = 10_000;
/** For a request that is on its way when the server closes. */
const SILENT_MS = 1_000;
const IDLE_MS = 120_000;
const KEEP_ALIVE_MS = 65_000;

/**
 * Serves the gateway. Errors: RangeError for an address beyond loopback without keys of callers; Node's own (EADDRINUSE,
 * EACCES …) if the address cannot be had.
 */
export async function serve(gateway: Gateway, options: ServeOptions): Promise<Running> {
  // The configuration says so in better words; whoever comes another way must not open the door by mistake.
  if (gateway.keyring() === undefined && !isLoopback(options.host))
    throw new RangeError('beyond loopback only callers with keys are served');
  const service = createService(gateway, options);
  const app = appOf(service);
  const answering = new WeakMap<Socket, ServerResponse>();
  const refused = new WeakSet<Socket>();
  /** Connections that no request has come from since Node reads them: it does not count them as idle. */
  const silent = new Set<Socket>();
  const { tls } = options;
  const settings = {
    headersTimeout: service.desk.limits.headersMs,
    // Of a whole request, for batches: single bodies have their own 30 seconds (HttpLimits.bodyMs), as a batch that
    // waits for a slow reader may not be cut off by Node for taking long.
    requestTimeout: 600_000,
    connectionsCheckingInterval: Math.min(5_000, service.desk.limits.headersMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: 16 * 1024,
    // Told by us, as a problem (guardHost).
    requireHostHeader: false,
  };
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    answering.set(req.socket, res);
    silent.delete(req.socket);
    app(req, res);
  };
  const server =
    tls === undefined ? createServer(settings, handle) : createTlsServer({ ...settings, ...tlsSettings(tls) }, handle);
  // Node drops headers beyond a count without a word; the size above bounds them already.
  server.maxHeadersCount = 0;
  server.maxConnections = 1024;
  // A caller that takes no answer would hold a connection for ever. Eight of the slowest pictures take less than this.
  server.timeout = IDLE_MS;
  // Over TLS, one that has not shaken hands has its own deadline.
  const begins = tls === undefined ? 'connection' : 'secureConnection';
  const watch = (socket: Socket): void => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  };
  const plain = options.fast ? goesBefore(server, begins, service, watch) : undefined;
  if (plain === undefined) server.on(begins, watch);
  // An Expect that we do not know changes nothing (RFC 9110 §10.1.1 leaves that to us).
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Node says it again with every piece that comes after.
    if (refused.has(socket)) return;
    refused.add(socket);
    // Half an answer is out (a batch whose chunks break off): a second one behind it would be read as part of it.
    const begun = answering.get(socket);
    if (begun?.headersSent && !begun.writableFinished) socket.destroy();
    else refuse(service, error, socket);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  const url = `${tls === undefined ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  gateway.logger.write('listening', { url, pid: process.pid });
  return {
    url,
    renewTls: (renewed) => {
      if (server instanceof TlsServer) server.setSecureContext(tlsSettings(renewed));
    },
    close: () => close(server, silent, plain, gateway),
  };
}

/**
 * Puts plain connections before Node's HTTP: a server of Node's own has one listener that reads requests from its connections, and gets
 * those from here that are to be read so.
 */
function goesBefore(
  server: Server,
  begins: string,
  service: Service,
  watch: (socket: Socket) => void,
): PlainConnections {
  const [reads, ...others] = server.listeners(begins);
  if (reads === undefined || others.length > 0) throw new TypeError(`one listener for ${begins} was expected`);
  server.removeAllListeners(begins);
  const plain = plainConnections({
    answer: plainAnswers(service),
    handOn: (socket) => {
      watch(socket);
      reads.call(server, socket);
    },
    brokenOff: (socket) => server.emit('clientError', new Error('the request breaks off'), socket),
    late: (socket) => server.emit('clientError', new Late('nothing was asked'), socket),
    // As Node has it: silence counts as a head that does not arrive, or a thousand silent callers would keep all others out.
    silentMs: service.desk.limits.headersMs,
    keepAliveMs: KEEP_ALIVE_MS,
  });
  server.on(begins, (socket: Socket) => plain.take(socket));
  return plain;
}

/**
 * A client certificate is asked for and never judged here: whoever shows one has proven to hold its key, and whether it is a
 * caller's is told afterwards by the certificate itself (client-certificate.ts). No authority decides who calls.
 */
const tlsSettings = ({ key, cert }: Tls) => ({
  key: Buffer.from(key),
  cert: Buffer.from(cert),
  requestCert: true,
  rejectUnauthorized: false,
  minVersion: 'TLSv1.2' as const,
  handshakeTimeout: HANDSHAKE_MS,
});
const HANDSHAKE_MS = 10_000;

/** What Node says of a request that does not arrive in time. */
class Late extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT';
}

/** Node's codes for what it could not read as a request. */
const REFUSALS: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
};

/** Answers what never became a request. The bytes that came are in Node's error; they are neither answered nor logged. */
function refuse({ desk }: Service, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = REFUSALS[error.code ?? ''] ?? 'bad-request';
  const body = problemBody(new Problem(code, 'it could not be read as an HTTP request'));
  desk.metrics.problem(code);
  desk.log.write('not-http', { problem: code, status: body.status });
  const text = JSON.stringify(body);
  const headers = {
    ...SECURITY_HEADERS,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${body.status} ${body.title}\r\n${lines.join('')}\r\n${text}`);
  // Closed at once, the bytes still coming would reset the connection and take the answer with them.
  setTimeout(() => socket.destroy(), desk.limits.lingerMs);
}

async function close(
  server: Server,
  silent: ReadonlySet<Socket>,
  plain: PlainConnections | undefined,
  gateway: Gateway,
): Promise<void> {
  gateway.logger.write('closing');
  // Connections that fall idle after the call must go too, or a caller that keeps one alive keeps the server.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    plain?.closeIdle(false);
  }, 50);
  const hush = setTimeout(() => {
    for (const socket of silent) socket.destroy();
    plain?.closeIdle(true);
  }, SILENT_MS);
  const cut = setTimeout(() => {
    server.closeAllConnections();
    plain?.closeAll();
  }, GRACE_MS);
  try {
    await new Promise<void>((resolve, reject) =>
      server.close((error) => (error === undefined ? resolve() : reject(error))),
    );
  } finally {
    clearInterval(sweep);
    clearTimeout(hush);
    clearTimeout(cut);
  }
}
