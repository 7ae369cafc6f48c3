import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { mirror } from '../../src/exchange/mirror.node.ts';
import { SourceError } from '../../src/region/source.node.ts';
import { type StaticServer, serveFiles } from '../support/signed.ts';
import { text } from '../support/tuf.ts';

const servers: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serving(files: Record<string, string>): Promise<StaticServer> {
  const server = await serveFiles(new Map(Object.entries(files).map(([name, content]) => [name, text(content)])));
  servers.push(server);
  return server;
}

async function raw(listen: (server: Server) => void): Promise<string> {
  const server = createServer();
  listen(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const want = (name: string, limit = 100) => ({ name, limit });

describe('a mirror', () => {
  it('gives files, and nothing where there is none', async () => {
    const { url, asked } = await serving({ 'metadata/1.root.json': 'root', 'targets/a/%2e b.json': 'odd' });
    const source = mirror(`${url}/`);
    expect(await source.fetch(want('metadata/1.root.json'))).toEqual(text('root'));
    expect(await source.fetch(want('metadata/2.root.json'))).toBeUndefined();
    expect(await source.fetch(want('targets/a/%2e b.json'))).toEqual(text('odd'));
    expect(asked).toEqual(['metadata/1.root.json', 'metadata/2.root.json', 'targets/a/%2e b.json']);
  });

  it.each([403, 410])('takes %d for “there is none”, as object stores say it', async (status) => {
    const server = await serving({});
    server.instead = (_, answer) => {
      answer(status);
      return true;
    };
    expect(await mirror(server.url).fetch(want('metadata/2.root.json'))).toBeUndefined();
  });

  it('asks for the timestamp only if it changed', async () => {
    const server = await serving({ 'metadata/timestamp.json': 'one' });
    const source = mirror(server.url);
    for (const content of ['one', 'one', 'two']) {
      server.files = new Map([['metadata/timestamp.json', text(content)]]);
      expect(await source.fetch(want('metadata/timestamp.json'))).toEqual(text(content));
    }
    expect(server.unchanged).toBe(1);
  });

  it.each<[string, string, (server: Server) => void]>([
    ['more than was asked for', 'too-large', (server) => server.on('request', (_, res) => res.end('x'.repeat(101)))],
    [
      'more than it says, without end',
      'too-large',
      (server) =>
        server.on('request', (_, res) => {
          const timer = setInterval(() => res.write('x'.repeat(50)), 1);
          res.on('close', () => clearInterval(timer));
        }),
    ],
    [
      'a redirect',
      'bad-answer',
      (server) => server.on('request', (_, res) => res.writeHead(302, { Location: '/' }).end()),
    ],
    ['an error', 'bad-answer', (server) => server.on('request', (_, res) => res.writeHead(500).end())],
    [
      '304 to a question without a condition',
      'bad-answer',
      (server) => server.on('request', (_, res) => res.writeHead(304).end()),
    ],
    ['nothing but a closed door', 'unreachable', (server) => server.on('connection', (socket) => socket.destroy())],
    [
      'half an answer',
      'bad-answer',
      (server) =>
        server.on('request', (_, res) => {
          res.writeHead(200, { 'Content-Length': 50 });
          res.write('half');
          setTimeout(() => res.destroy(), 20);
        }),
    ],
  ])('that gives %s has not answered', async (_, code, listen) => {
    const error = await mirror(await raw(listen))
      .fetch(want('metadata/3.snapshot.json'))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SourceError);
    expect((error as SourceError).code).toBe(code);
  });

  it('is given up when time is over', async () => {
    const url = await raw((server) => server.on('request', () => {}));
    await expect(mirror(url).fetch(want('metadata/1.root.json'), AbortSignal.timeout(50))).rejects.toMatchObject({
      code: 'too-slow',
    });
  });

  it('inflates nothing: what is sent is what counts', async () => {
    const url = await raw((server) =>
      server.on('request', (req, res) => {
        expect(req.headers['accept-encoding']).toBe('identity');
        res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(Buffer.from('1f8b', 'hex'));
      }),
    );
    expect(await mirror(url).fetch(want('metadata/1.root.json'))).toEqual(new Uint8Array([0x1f, 0x8b]));
  });
});
