import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { mirror } from '../../src/exchange/mirror.node.ts';
import { joinBundle, missingParts, readBundle } from '../../src/region/bundle.ts';
import { beginStore } from '../../src/region/signed.ts';
import { openSigned, type TrustStore } from '../../src/region/store.node.ts';
import { inside, tongren } from '../support/cli.ts';
import { storeWith } from '../support/federation.ts';
import { type StaticServer, type StoreStage, serveFiles, storeStage } from '../support/signed.ts';
import { useGateway } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongren-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('bundles over HTTP', () => {
  const gateway = useGateway();
  let fed: StoreStage;
  let server: StaticServer;
  let store: TrustStore;
  beforeAll(async () => {
    fed = await storeStage(gateway.files, gateway.mintedAt);
    server = await serveFiles(fed.repository);
    const place = { store: join(folder, 'store'), pinned: fed.repository.get('metadata/1.root.json')! };
    store = await openSigned({ ...place, sources: [mirror(server.url)] }, { clock: () => fed.now, hint: () => {} });
    gateway.federation = store.federation;
    gateway.signed = store.signed;
  });
  afterAll(() => server.close());

  const bytesOf = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(gateway.url + path, { headers });
    return { answer, bytes: new Uint8Array(await answer.arrayBuffer()) };
  };
  const lane = { region: '310000', purposes: ['checkpoint'] };
  const read = (bytes: Uint8Array) =>
    readBundle(bytes, lane, beginStore(store.signed!.kept.roots[0]!, nodePlatform), fed.now, nodePlatform);
  const QUERY = '?for=310000&purpose=checkpoint';

  it('are what the page verifies, and come again only if something changed', async () => {
    const first = await bytesOf(`/v1/bundle${QUERY}`);
    expect(read(first.bytes).troubles).toEqual([]);
    const etag = first.answer.headers.get('etag')!;
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      const again = await bytesOf(`/v1/bundle${QUERY}`, { 'If-None-Match': known });
      expect([again.answer.status, again.bytes.length, again.answer.headers.get('etag')]).toEqual([304, 0, etag]);
    }
    await fed.publish(storeWith({ 'regions/330000/codes/new.json': '{' }, gateway.files), ['330000']);
    server.files = fed.repository;
    await store.refresh();
    gateway.signed = store.signed;
    const after = await bytesOf(`/v1/bundle${QUERY}`, { 'If-None-Match': etag });
    expect([after.answer.status, after.answer.headers.get('etag') === etag]).toEqual([200, false]);
  });

  it('are put together from parts, of which only the missing ones are asked for', async () => {
    const whole = (await bytesOf(`/v1/bundle${QUERY}`)).bytes;
    const index = (await bytesOf(`/v1/bundle/index${QUERY}`)).bytes;
    const parts = new Map<string, Uint8Array>();
    for (const digest of missingParts(index, () => false)) {
      const { answer, bytes } = await bytesOf(`/v1/bundle/parts/${digest}`);
      expect(answer.headers.get('cache-control')).toContain('immutable');
      parts.set(digest, bytes);
    }
    expect(
      Buffer.compare(
        joinBundle(index, (digest) => parts.get(digest)),
        whole,
      ),
    ).toBe(0);
    expect((await gateway.call('GET', `/v1/bundle/parts/${'0'.repeat(64)}`)).status).toBe(404);
  });

  it.each([
    ['?for=999999', 'unknown-region'],
    ['?purpose=credit', 'unknown-purpose'],
    ['?region=310000', 'invalid-query'],
  ])('are not made for %s', async (query, problem) => {
    const { json } = await gateway.call('GET', `/v1/bundle${query}`);
    expect(json.type).toBe(`urn:tongren:problem:${problem}`);
  });

  it('are written by the command line as well, and never from a folder that nobody signed', async () => {
    const out = join(folder, 'lane.bundle');
    const root = join(folder, 'store.root.json');
    writeFileSync(root, fed.repository.get('metadata/1.root.json')!);
    const env = { TONGREN_ROOT: root };
    const args = ['trust', 'bundle', '--for', '310000', '--purpose', 'checkpoint', '--out', out];
    const { exit } = await tongren([...args, '--store', server.url], { env, cwd: folder });
    expect(exit).toBe(0);
    expect(read(new Uint8Array(readFileSync(out))).view.files.size).toBeGreaterThan(10);
    const refused = await inside(['trust', 'bundle', '--out', join(folder, 'no.bundle'), '--store', 'trust-store']);
    expect([refused.exit, refused.err, existsSync(join(folder, 'no.bundle'))]).toEqual([
      64,
      expect.stringMatching(/nobody signed this store/),
      false,
    ]);
  });
});
