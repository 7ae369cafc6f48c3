import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { parse } from 'yaml';
import { nodePictureReader } from '../../src/codec/picture.node.ts';
import type { PictureReader } from '../../src/codec/picture.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { SystemKeysFile, Verdict } from '../../src/document/generated/types.ts';
import { type ConversionKeys, conversionKeys } from '../../src/federation/conversion-keys.node.ts';
import { type MintedSample, mint } from '../../src/federation/mint.node.ts';
import { systemKeysOf } from '../../src/federation/system-keys.node.ts';
import type { Gateway, Records } from '../../src/http/gateway.ts';
import { type Keyring, newKey, readKeys } from '../../src/http/keys.ts';
import type { HttpLimits } from '../../src/http/limits.ts';
import { createLog } from '../../src/http/log.ts';
import { type Archive, archiveAt } from '../../src/http/records.node.ts';
import { type Running, serve } from '../../src/http/serve.node.ts';
import { type Federation, loadFederation } from '../../src/region/federation.ts';
import { readFolder } from '../../src/region/folder.node.ts';
import type { TrustStore } from '../../src/region/store.node.ts';
import { trustedProxies } from '../../src/trusted-proxies.ts';
import { compared } from './both.ts';

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
  /** Of the listener that answers before Express; 0 if there is none (Settings). */
  fastPort: number;
  /** How many answers it has given before Express. */
  early: number;
  samples: readonly MintedSample[];
  /** The private keys of the regions' systems. */
  systems: readonly SystemKeysFile[];
  files: ReadonlyMap<string, Uint8Array>;
  /** Epoch ms for which the samples were made; some live for a minute only. */
  mintedAt: number;
  /** Swappable, as in the real one. */
  federation: Federation;
  /** The signed metadata behind it; set by tests that need it. */
  signed: TrustStore['signed'];
  /** Epoch ms; what the gateway takes for now. */
  clock: () => number;
  pictures: () => Promise<PictureReader>;
  keyring: Keyring | undefined;
  records: () => Promise<Records>;
  conversions: () => Promise<ConversionKeys>;
  /** Every line that was logged. */
  readonly log: string[];
  /** The gateway itself, as it was given to the server. */
  gateway: Gateway;
  /** A sample's text; `region/name` where regions have samples of one name. */
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

/** On a machine that has much else to do. */
const START_MS = 60_000;

/** Once for each test file: making keys takes its time. */
let minted: ReturnType<typeof mintNow> | undefined;
async function mintNow() {
  const at = Date.now();
  return { ...(await mint(await readFolder(`${ROOT}trust-store`), at)), at };
}

/** What the gateways of a test file answered, and how many of them are still to come. */
const checked: Checked[] = [];
let gateways = 0;

export interface Settings {
  readonly perMinute?: number;
  readonly hosts?: readonly string[];
  /** Addresses that may name certificates of their callers. */
  readonly proxies?: readonly string[];
  readonly systemsPerMinute?: number;
  /** Of the gateway itself, as a system of its region. */
  readonly system?: string;
  /** A second listener, which answers before Express: all that is asked by `call` is asked there too and has to get the same answer. */
  readonly fast?: boolean;
}

/** Starts a gateway before the tests of a file and stops it afterwards; then checks all answers against openapi.yaml. */
export function useGateway(limits: Partial<HttpLimits> = {}, settings: Settings = {}): Harness {
  gateways += 1;
  const running: Running[] = [];
  let archive: Archive;
  let folder = '';
  const harness: Harness = {
    url: '',
    port: 0,
    fastPort: 0,
    early: 0,
    samples: [],
    systems: [],
    files: new Map(),
    mintedAt: 0,
    federation: undefined as never,
    signed: undefined,
    clock: Date.now,
    pictures: nodePictureReader,
    keyring: undefined,
    records: () => archive.records(),
    conversions: () => conversionKeys(join(folder, 'conversion-keys.json')),
    log: [],
    gateway: undefined as never,
    wire(name) {
      const sample = harness.samples.find((each) => each.name === name || `${each.region}/${each.name}` === name);
      if (typeof sample?.wire !== 'string') throw new Error(`no text sample "${name}"`);
      return sample.wire;
    },
    async call(method, path, options = {}) {
      const asked = (port: number) => ask(`http://127.0.0.1:${port}${path}`, method, options);
      const answer = await (settings.fast ? compared(harness, asked, textOf) : asked(harness.port));
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
    minted ??= mintNow();
    const { store, samples, systems, at } = await minted;
    harness.mintedAt = at;
    harness.samples = samples;
    harness.systems = systems;
    harness.files = store;
    harness.federation = loadFederation(store, nodePlatform);
    folder = mkdtempSync(join(tmpdir(), 'tongren-http-'));
    const random = (length: number) => new Uint8Array(randomBytes(length));
    const logger = createLog('trace', { write: (line) => harness.log.push(line) });
    // Opened by the first test that needs it.
    archive = archiveAt(join(folder, 'tongren.sqlite'), { clock: () => harness.clock(), random, log: logger });
    harness.gateway = {
      federation: () => harness.federation,
      signed: () => harness.signed,
      defaults: { region: '310000', purpose: 'checkpoint' },
      clock: () => harness.clock(),
      pictures: () => harness.pictures(),
      logger,
      keyring: () => harness.keyring,
      perMinute: settings.perMinute ?? 10_000_000,
      hosts: settings.hosts ?? [],
      trustedProxies: trustedProxies(settings.proxies ?? []),
      ...(settings.systemsPerMinute === undefined ? {} : { systemsPerMinute: settings.systemsPerMinute }),
      systemKeys: async () =>
        systemKeysOf(systems.find(({ system }) => system === (settings.system ?? '310000/gateway'))!),
      conversionIssuer: async () => (await harness.conversions()).issuer,
      conversionJwks: async () => (await harness.conversions()).jwks,
      records: () => harness.records(),
    };
    const listening = async (fast: boolean): Promise<string> => {
      const options = { host: '127.0.0.1', port: 0, limits: { lingerMs: 200, ...limits }, fast };
      running.push(await serve(harness.gateway, options));
      return running.at(-1)!.url;
    };
    harness.url = await listening(false);
    harness.port = Number(new URL(harness.url).port);
    if (settings.fast) {
      harness.fastPort = Number(new URL(await listening(true)).port);
      // Of two answers to one question, both tell one moment.
      const now = Date.now();
      harness.clock = () => now;
    }
  }, START_MS);

  afterAll(async () => {
    await Promise.all(running.map((each) => each.close()));
    await archive?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
    gateways -= 1;
    // All answers of a file at once, by its last gateway.
    if (gateways === 0) expect(faultsOf(checked.splice(0))).toEqual([]);
  });
  return harness;
}

/** A row for a new key, and the head that presents it. */
export function keyRow(change: object = {}): { row: object; headers: { Authorization: string }; key: string } {
  const { key, sha256 } = newKey(randomBytes);
  const row = {
    id: 'lane',
    sha256,
    scopes: ['verify', 'convert', 'metrics', 'record'],
    perMinute: 1_000_000,
    ...change,
  };
  return { row, headers: { Authorization: `Bearer ${key}` }, key };
}

export const keyringOf = (...rows: readonly object[]): Keyring =>
  readKeys(new Uint8Array(Buffer.from(JSON.stringify(rows))));

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

/** All of an answer, to be compared. */
const textOf = ({ status, headers, text }: Answer): string =>
  [status, ...[...headers].map(([name, value]) => `${name}: ${value}`), '', text].join('\n');

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
