import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { signReference } from '../../src/federation/reference.node.ts';
import { createService } from '../../src/http/app.ts';
import { BATCH_MEDIA } from '../../src/http/batch.ts';
import { JSON_MEDIA } from '../../src/http/guard.ts';
import { HTTP_LIMITS } from '../../src/http/limits.ts';
import { VERIFY_MEDIA } from '../../src/http/verify.ts';
import { openSigned } from '../../src/region/store.node.ts';
import type { Want } from '../../src/trust/tuf/asking.ts';
import { type CallOptions, description, escaped, faultsOf, ROOT, useGateway } from './harness.ts';

// biome-ignore lint/suspicious/noExplicitAny: the description is read as it stands; its form is what is tested
const api: any = description;
const text = readFileSync(`${ROOT}openapi.yaml`, 'utf8');

interface Operation {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly operation: any;
}

const OPERATIONS: readonly Operation[] = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    at: `/paths/${escaped(path)}/${method}`,
    method: method.toUpperCase(),
    path,
    operation,
  })),
);

/** Every media type object of the description, with the pointer to it. */
function* mediaObjects(): Generator<{
  at: string;
  media: { schema: unknown; example?: unknown; examples?: Record<string, { value: unknown }> };
}> {
  for (const { at, operation } of OPERATIONS) {
    const contents: [string, object | undefined][] = [[`${at}/requestBody`, operation.requestBody?.content]];
    for (const [status, response] of Object.entries<{ content?: object }>(operation.responses))
      contents.push([`${at}/responses/${status}`, response.content]);
    for (const [where, content] of contents) {
      for (const [type, media] of Object.entries(content ?? {}))
        yield { at: `${where}/content/${escaped(type)}`, media };
    }
  }
}

/** What stands behind a reference into the description, or the thing itself. */
// biome-ignore lint/suspicious/noExplicitAny: as above
function resolved(node: any): any {
  if (node?.$ref === undefined) return node;
  return node.$ref
    .split('/')
    .slice(1)
    .reduce((at: Record<string, unknown>, step: string) => at[step], api);
}

/** A request that each operation answers with 200, where it is more than a GET of its path. */
const REQUESTS: Readonly<Record<string, CallOptions>> = {
  verify: { type: 'text/plain', body: 'x' },
  verifyBatch: { type: BATCH_MEDIA[0]!, body: 'x' },
  verifyGroup: { body: { members: [{ text: 'x' }] } },
  challenge: { body: {} },
  convert: { body: { text: 'x', to: 'document', audience: 'x' } },
  takeReceipts: {
    body: { receipts: [{ id: '0'.repeat(26) }] },
  },
  dispose: { body: { action: 'turn-back' } },
};
/** What systems.json can let a region's system do. */
const SYSTEM_SCOPES: readonly string[] = JSON.parse(readFileSync(`${ROOT}schemas/systems.schema.json`, 'utf8'))
  .properties.systems.items.properties.may.items.enum;
/** These come only if something is asked for. */
const SOMETIMES = ['Preference-Applied', 'Tongren-Receipt'];

function* refsIn(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref' && typeof value === 'string') yield value;
    else yield* refsIn(value);
  }
}

describe('openapi.yaml and what is served', () => {
  const gateway = useGateway();
  beforeAll(async () => {
    const { repository, root: pinned } = await signReference(gateway.files, gateway.mintedAt);
    const source = { name: 'memory', fetch: async ({ name }: Want) => repository.get(name) };
    const place = { store: join(temporary, 'store'), pinned, sources: [source] };
    gateway.signed = (await openSigned(place, { clock: Date.now, hint: () => {} })).signed;
  });
  const temporary = mkdtempSync(join(tmpdir(), 'tongren-openapi-'));
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  it('have the same routes', () => {
    const service = createService(gateway.gateway);
    const served = service.routes.filter(({ page }) => !page).map(({ method, path }) => `${method} ${path}`);
    expect(OPERATIONS.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...served].sort());
    expect(new Set(served).size).toBe(served.length);
  });

  it('ask for the same scopes', () => {
    for (const { method, path, scope, page } of createService(gateway.gateway).routes) {
      if (page) continue;
      const { security } = api.paths[path][method.toLowerCase()];
      // A region's systems, which sign or show a certificate, have some of the scopes only.
      const ways = SYSTEM_SCOPES.includes(scope!) ? ['key', 'signature', 'certificate'] : ['key'];
      expect(security, path).toEqual(scope === undefined ? undefined : ways.map((way) => ({ [way]: [scope] })));
    }
  });

  it('take the same media types', () => {
    expect(Object.keys(api.paths['/v1/convert'].post.requestBody.content)).toEqual(JSON_MEDIA);
    expect(Object.keys(api.paths['/v1/challenges'].post.requestBody.content)).toEqual(JSON_MEDIA);
    expect(Object.keys(api.paths['/v1/verify/group'].post.requestBody.content)).toEqual(JSON_MEDIA);
    const disposition = api.paths['/v1/receipts/{id}/disposition'].post;
    expect(Object.keys(disposition.requestBody.content)).toEqual(JSON_MEDIA);
    expect(Object.keys(api.paths['/v1/verify'].post.requestBody.content)).toEqual(Object.keys(VERIFY_MEDIA));
    expect(Object.keys(api.paths['/v1/verify/batch'].post.requestBody.content)).toEqual(BATCH_MEDIA);
  });

  it('say the same limits', () => {
    const verify = api.paths['/v1/verify'].post.description as string;
    for (const [limit, words] of [
      [HTTP_LIMITS.text, 'text 1 MiB'],
      [HTTP_LIMITS.file, 'files 20 MiB'],
      [HTTP_LIMITS.json, 'JSON 15 MiB'],
    ] as const) {
      expect(verify).toContain(words);
      expect(words.endsWith(` ${limit / 1024 / 1024} MiB`)).toBe(true);
    }
    expect(verify).toContain(`${HTTP_LIMITS.bodyMs / 1000} seconds`);
    const batch = api.paths['/v1/verify/batch'].post.description as string;
    expect(batch).toContain(
      `${HTTP_LIMITS.line / 1024 / 1024} MiB a line, ${HTTP_LIMITS.lines.toLocaleString('en')} lines`,
    );
    expect(batch).toContain(`${HTTP_LIMITS.stallMs / 1000} seconds`);
  });

  // Exchanges need other regions: they are asked in exchanges.test.ts, where answers are checked by the same description.
  const alone = OPERATIONS.filter(({ operation }) => !['exchange', 'objection'].includes(operation.tags[0]));
  test.each(alone.map(({ method, path, operation }) => [`${method} ${path}`, operation] as const))(
    '%s answers what is described',
    async (name, operation) => {
      const [method, path] = name.split(' ') as [string, string];
      const recorded = await gateway.call('POST', '/v1/verify', { body: { text: 'x', record: {} } });
      const asked = path
        .replace('{name}', 'ask.schema.json')
        .replace('{id}', recorded.json.receipt.id)
        .replace('{sha256}', (await gateway.call('GET', '/v1/bundle/index')).json.parts[0].sha256);
      const answer = await gateway.call(method, asked, REQUESTS[operation.operationId]);
      expect(answer.status).toBe(200);
      const [media] = (answer.headers.get('content-type') ?? '').split(';');
      expect(Object.keys(operation.responses['200'].content)).toContain(media);
      for (const [header, described] of Object.entries(operation.responses['200'].headers ?? {})) {
        const { schema } = resolved(described);
        const value = answer.headers.get(header);
        if (value === null) expect(SOMETIMES).toContain(header);
        else expect(value, header).toMatch(schema.const ?? new RegExp(schema.pattern));
      }
      for (const name of ['RateLimit', 'RateLimit-Policy'])
        expect(answer.headers.has(name), name).toBe(operation.security !== undefined);
    },
  );

  it('is served as it lies in the repository, with every schema that it refers to', async () => {
    const served = await gateway.call('GET', '/openapi.yaml');
    expect(served.text).toBe(text);
    const seen = new Set<string>();
    const pending = [...refsIn(api)]
      .filter((ref) => !ref.startsWith('#'))
      .map((ref) => new URL(ref, `${gateway.url}/openapi.yaml`).pathname);
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, json } = await gateway.call('GET', path);
      expect(status, path).toBe(200);
      pending.push(
        ...[...refsIn(json)]
          .filter((ref) => !ref.startsWith('#'))
          .map((ref) => new URL(ref, gateway.url + path).pathname),
      );
    }
    expect(seen).toContain('/schemas/verdict.schema.json');
    expect(seen).toContain('/schemas/document.schema.json');
  });

  it('serves every schema byte for byte', async () => {
    for (const file of readdirSync(`${ROOT}schemas`)) {
      const { text: served, headers } = await gateway.call('GET', `/schemas/${file}`);
      expect(served).toBe(readFileSync(`${ROOT}schemas/${file}`, 'utf8'));
      expect(headers.get('content-type')).toBe('application/schema+json');
    }
  });
});

describe('openapi.yaml', () => {
  it('is OpenAPI 3.1 with an operation id and words in both languages for every operation', () => {
    expect(api.openapi).toMatch(/^3\.1\./);
    const ids = OPERATIONS.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of OPERATIONS) {
      expect(operation.summary).toMatch(/^\p{Script=Han}[^A-Za-z]* · [A-Z]/u);
      expect(api.tags.map((tag: { name: string }) => tag.name)).toContain(operation.tags[0]);
      expect(operation.responses.default, operation.operationId).toEqual({ $ref: '#/components/responses/Problem' });
      const { description: words } = operation;
      if (words !== undefined) expect(words).toMatch(/^\p{Script=Han}[\s\S]*\n\n[A-Z0-9][\s\S]*$/u);
    }
  });

  it('has no reference that leads nowhere', () => {
    for (const ref of refsIn(api)) {
      const [file, fragment = ''] = ref.split('#');
      let node = file === '' ? api : JSON.parse(readFileSync(`${ROOT}${file}`, 'utf8'));
      for (const step of fragment.split('/').slice(1)) node = node?.[step];
      expect(node, ref).toBeDefined();
    }
  });

  it('has parameters for every placeholder, and no others in a path', () => {
    for (const { path, operation } of OPERATIONS) {
      const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const named = (operation.parameters ?? [])
        .map(resolved)
        .filter((each: { in?: string }) => each.in === 'path')
        .map((each: { name: string }) => each.name);
      expect(named).toEqual(placeholders);
    }
  });

  it('has only examples that fit', () => {
    const cases = [...mediaObjects()].flatMap(({ at, media: { example, examples } }) => {
      const values = [
        ...(example === undefined ? [] : [example]),
        ...Object.values(examples ?? {}).map(({ value }) => value),
      ];
      return values.map((value) => ({ pointer: `${at}/schema`, value }));
    });
    expect(cases.length).toBeGreaterThan(6);
    const parameters = Object.entries<{ example: unknown }>(api.components.parameters);
    cases.push(
      ...parameters.map(([name, { example }]) => ({
        pointer: `/components/parameters/${name}/schema`,
        value: example,
      })),
    );
    expect(faultsOf(cases)).toEqual([]);
  });

  it('would notice what does not fit', () => {
    const pointer = '/paths/~1v1~1verify/post/responses/200/content/application~1json/schema';
    const cases = [
      { pointer, value: { outcome: 'accept' } },
      { pointer: '/components/schemas/Problem', value: { type: 'about:blank' } },
      { pointer: '/components/schemas/Nothing', value: {} },
    ];
    expect(faultsOf(cases)).toHaveLength(cases.length);
  });
});
