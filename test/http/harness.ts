import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { parse } from 'yaml';
import { nodePictureReader } from '../../src/codec/picture.node.ts';
import type { PictureReader } from '../../src/codec/picture.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Verdict } from '../../src/document/generated/types.ts';
import { type MintedSample, mint } from '../../src/federation/mint.node.ts';
import type { Gateway } from '../../src/http/gateway.ts';
import type { HttpLimits } from '../../src/http/limits.ts';
import { createLog } from '../../src/http/log.ts';
import { type Running, serve } from '../../src/http/serve.node.ts';
import { type Federation, loadFederation } from '../../src/region/federation.ts';
import { readFolder } from '../../src/region/folder.node.ts';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form; their forms are checked against openapi.yaml
  readonly json: any;
}

interface Checked {
  readonly pointer: string;
  readonly value: unknown;
}

/** One gateway for a test file, on a port of its own, with a federation minted for it. */
export interface Harness {
  url: string;
  port: number;
  samples: readonly MintedSample[];
  files: ReadonlyMap<string, Uint8Array>;
  /** Swappable, as in the real one. */
  federation: Federation;
  /** Epoch ms; what the gateway takes for now. */
  clock: () => number;
  pictures: () => Promise<PictureReader>;
  /** Every line that was logged. */
  readonly log: string[];
  /** The sample's text. */
  wire(name: string): string;
  /** Asks, and keeps the answer to be checked against openapi.yaml at the end of the file. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** POST /v1/verify with a JSON body. */
  verify(ask: object): Promise<Verdict>;
}

export interface CallOptions {
  readonly body?: string | Uint8Array | object;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts a gateway before the tests of a file and stops it afterwards; then checks all answers against openapi.yaml. */
export function useGateway(limits: Partial<HttpLimits> = {}): Harness {
  const checked: Checked[] = [];
  let running: Running;
  const harness: Harness = {
    url: '',
    port: 0,
    samples: [],
    files: new Map(),
    federation: undefined as never,
    clock: Date.now,
    pictures: nodePictureReader,
    log: [],
    wire(name) {
      const sample = harness.samples.find((each) => each.name === name);
      if (typeof sample?.wire !== 'string') throw new Error(`no text sample "${name}"`);
      return sample.wire;
    },
    async call(method, path, options = {}) {
      const answer = await ask(harness.url + path, method, options);
      const [route] = path.split('?');
      for (const value of valuesOf(answer)) checked.push({ pointer: pointerOf(method, route!, answer), value });
      return answer;
    },
    async verify(value) {
      const answer = await harness.call('POST', '/v1/verify', { body: value });
      expect(answer.status, answer.text).toBe(200);
      return answer.json;
    },
  };

  beforeAll(async () => {
    const { store, samples } = await mint(await readFolder(`${ROOT}trust-store`), Date.now());
    harness.samples = samples;
    harness.files = store;
    harness.federation = loadFederation(store, nodePlatform);
    const gateway: Gateway = {
      federation: () => harness.federation,
      defaults: { region: '310000', purpose: 'checkpoint' },
      clock: () => harness.clock(),
      pictures: () => harness.pictures(),
      logger: createLog('trace', { write: (line) => harness.log.push(line) }),
    };
    running = await serve(gateway, { host: '127.0.0.1', port: 0, limits: { lingerMs: 200, ...limits } });
    harness.url = running.url;
    harness.port = Number(new URL(running.url).port);
  });

  afterAll(async () => {
    await running?.close();
    expect(faultsOf(checked)).toEqual([]);
  });
  return harness;
}

async function ask(url: string, method: string, { body, type, headers = {} }: CallOptions): Promise<Answer> {
  const json = typeof body === 'object' && !(body instanceof Uint8Array);
  const media = type ?? (json ? 'application/json' : undefined);
  const response = await fetch(url, {
    method,
    headers: { ...(media === undefined ? {} : { 'Content-Type': media }), ...headers },
    ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : (body as BodyInit) }),
  });
  const text = await response.text();
  const isJson = /[/+]json$/.test(mediaOf(response.headers));
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}

const mediaOf = (headers: Headers): string => (headers.get('content-type') ?? '').split(';')[0]!;

/** What of an answer has a schema: its JSON, each line of it, or its text. */
function valuesOf({ headers, text, json }: Answer): unknown[] {
  if (mediaOf(headers) === 'application/x-ndjson') return linesOf(text);
  return text === '' ? [] : [json ?? text];
}

// biome-ignore lint/suspicious/noExplicitAny: a line is a verdict or a problem; checked against openapi.yaml
export const linesOf = (text: string): any[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

export interface Description {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly operationId: string; readonly responses: Readonly<Record<string, object>> }>>
    >
  >;
}
export const description: Description = parse(readFileSync(`${ROOT}openapi.yaml`, 'utf8'));

/** Where openapi.yaml says what this answer looks like. Problems of paths and methods that it does not have are still problems. */
function pointerOf(method: string, path: string, answer: Answer): string {
  const route = Object.keys(description.paths).find((each) =>
    new RegExp(`^${each.replace(/\{\w+\}/, '[^/]+')}$`).test(path),
  );
  const operation = route === undefined ? undefined : description.paths[route]?.[method.toLowerCase()];
  if (operation === undefined) return '/components/schemas/Problem';
  const status = operation.responses[answer.status] === undefined ? 'default' : String(answer.status);
  const response = operation.responses[status]! as { $ref?: string };
  const at = response.$ref?.slice(1) ?? `/paths/${escaped(route!)}/${method.toLowerCase()}/responses/${status}`;
  return `${at}/content/${escaped(mediaOf(answer.headers))}/schema`;
}

export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Checks values against the schemas at pointers of openapi.yaml. Out: what does not fit. */
export function faultsOf(cases: readonly Checked[]): string[] {
  // In a process of its own: ajv makes code from strings, which the tests' own processes forbid.
  const script = fileURLToPath(new URL('openapi.child.ts', import.meta.url));
  const out = execFileSync(process.execPath, [script], { input: JSON.stringify(cases), maxBuffer: 1 << 28, env: {} });
  return JSON.parse(out.toString());
}
