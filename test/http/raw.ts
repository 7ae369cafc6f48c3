import { connect } from 'node:net';

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
