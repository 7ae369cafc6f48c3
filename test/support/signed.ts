import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { filesByRole, type Repository } from '../../src/federation/tuf-publish.ts';
import type { SignedBy } from '../../src/region/federation.ts';
import type { Files } from '../../src/region/pack.ts';
import { nearestAbove } from '../../src/trust/tuf/regions.ts';
import { type Stage, stage } from './tuf.ts';

/** What a root would say of a store: without it nothing is production. */
export const signedAs = (environment: string): SignedBy => ({
  federation: 'yangtze-delta-reference',
  environment,
  timesOf: () => undefined,
  troubles: [],
  rejected: [],
});

export interface StoreStage extends Stage {
  /** Everybody signs the files of this store, and what is newest is told. */
  publish(files: Files, roles?: readonly string[]): Promise<void>;
  /** Taken out of the federation by its members: nothing of it is delegated any more. */
  remove(role: string): Promise<void>;
}

/** The small federation of tuf.ts, with the packs of a real store. */
export async function storeStage(files: Files, now: number): Promise<StoreStage> {
  const fed = await stage('EdDSA', {
    federation: 'yangtze-delta-reference',
    environment: 'reference',
    kinds: {},
    waitingHours: 168,
  });
  let names = [...filesByRole(files).keys()];
  const below = (role: string | undefined) =>
    fed.delegations(names.filter((name) => nearestAbove(name, names) === role));
  const whole = Object.assign(fed, {
    async publish(changed: Files, roles: readonly string[] = names) {
      const content = filesByRole(changed);
      for (const role of roles)
        await fed.region(role, { files: content.get(role) ?? new Map(), delegations: below(role) });
      await fed.news();
    },
    async remove(role: string) {
      names = names.filter((name) => name !== role);
      await fed.targets({ delegations: below(undefined) });
      await fed.news();
    },
  });
  for (const name of names) if (!fed.regions.has(name)) fed.regions.set(name, fed.key());
  fed.now = now;
  await fed.targets({ delegations: below(undefined) });
  await whole.publish(files);
  return whole;
}

/** Static files over loopback, and what was asked for. */
export interface StaticServer {
  readonly url: string;
  readonly asked: string[];
  /** How often the answer was that nothing changed. */
  unchanged: number;
  files: Repository;
  /** Answers in its own way; false to let the files answer. */
  instead: ((name: string, answer: (status: number, body?: Uint8Array) => void) => boolean) | undefined;
  close(): Promise<void>;
}

export async function serveFiles(files: Repository): Promise<StaticServer> {
  const served: { -readonly [K in keyof StaticServer]: StaticServer[K] } = {
    url: '',
    asked: [],
    unchanged: 0,
    files,
    instead: undefined,
    close: async () => {},
  };
  const server = createServer((req, res) => {
    const name = decodeURIComponent(req.url!.slice(1));
    served.asked.push(name);
    const answer = (status: number, body?: Uint8Array): void => {
      res.writeHead(status, body === undefined ? {} : { 'Content-Length': body.length, ETag: etagOf(body) });
      res.end(body);
    };
    if (served.instead?.(name, answer)) return;
    const bytes = served.files.get(name);
    if (bytes === undefined) answer(404);
    else if (req.headers['if-none-match'] === etagOf(bytes)) {
      served.unchanged += 1;
      answer(304);
    } else answer(200, bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  served.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return served;
}

const etagOf = (bytes: Uint8Array): string => `"${hash('sha256', bytes)}"`;
