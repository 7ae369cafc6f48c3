import { batch } from './batch.ts';
import { type Bundles, createBundles } from './bundle.ts';
import { challenge } from './challenge.ts';
import { convert } from './convert.ts';
import { docsPage, STYLE } from './docs.ts';
import type { Entry } from './door.ts';
import { readEvidence } from './evidence.ts';
import { answer, answerJson, type Desk, type Exchange } from './exchange.ts';
import { exchangeDocument, readExchange, readUses, revokeConsent, takeNotice } from './exchanges.ts';
import type { Gateway } from './gateway.ts';
import { group } from './group.ts';
import { CHECKPOINT_SECURITY_HEADERS, PAGE_SECURITY_HEADERS } from './headers.ts';
import { gaugesOf, readinessOf } from './health.ts';
import { decide, listObjections, objectionStatistics, objectTo, readObjection } from './objections.ts';
import { Problem } from './problems.ts';
import { readCheckpointPage, readPublished } from './published.ts';
import { dispose, readLogHead, readReceipt, takeReceipts } from './receipts.ts';
import { askState } from './states.ts';
import { createTurns } from './turn.ts';
import { createVerifier, type Verifier } from './verifier.ts';
import { verify } from './verify.ts';

export interface Route extends Entry {
  readonly method: 'GET' | 'POST';
  /** As openapi.yaml writes it. */
  readonly path: string;
  /** A file of a page: served, and no part of the interface that openapi.yaml describes. */
  readonly page?: true;
  /** Asked so often that it may be answered before Node’s HTTP and Express see it (plain-connection.ts); its path has no parameters. */
  readonly hot?: true;
  handle(exchange: Exchange, parameters: Readonly<Record<string, string>>): void | Promise<void>;
}

/** What is served, one row each. A test compares it with openapi.yaml in both directions. */
export function routesOf(gateway: Gateway, desk: Desk): Route[] {
  const verifier = createVerifier(gateway, desk.limits);
  return [
    ...documentRoutes(gateway, desk, verifier),
    ...exchangeRoutes(gateway, desk, verifier),
    ...bundleRoutes(createBundles(gateway)),
    ...stateRoutes(gateway, desk),
    ...checkpointRoutes(),
    ...descriptionRoutes(),
  ];
}

function documentRoutes(gateway: Gateway, desk: Desk, verifier: Verifier): Route[] {
  const turns = createTurns();
  return [
    {
      method: 'POST',
      path: '/v1/verify',
      scope: 'verify',
      hot: true,
      handle: (exchange) => verify(desk, gateway, verifier, turns, exchange),
    },
    {
      method: 'POST',
      path: '/v1/verify/batch',
      scope: 'verify',
      countsItself: true,
      handle: (exchange) => batch(desk, gateway, verifier, exchange),
    },
    {
      method: 'POST',
      path: '/v1/verify/group',
      scope: 'verify',
      countsItself: true,
      handle: (exchange) => group(desk, gateway, verifier, exchange),
    },
    {
      method: 'POST',
      path: '/v1/challenges',
      scope: 'verify',
      handle: (exchange) => challenge(desk, gateway, verifier, exchange),
    },
    {
      method: 'POST',
      path: '/v1/convert',
      scope: 'convert',
      handle: (exchange) => convert(desk, gateway, verifier, exchange),
    },
    {
      method: 'GET',
      path: '/v1/conversion-keys',
      // Open to all: whoever is handed a conversion checks it by these, and is no caller of this gateway.
      async handle(exchange) {
        answer(exchange, 200, JWKS, JSON.stringify({ keys: await gateway.conversionJwks() }));
      },
    },
    {
      method: 'POST',
      path: '/v1/receipts',
      scope: 'record',
      handle: (exchange) => takeReceipts(desk, gateway, exchange),
    },
    {
      method: 'GET',
      path: '/v1/receipts/{id}',
      scope: 'record',
      handle: (exchange, { id = '' }) => readReceipt(gateway, exchange, id),
    },
    {
      method: 'POST',
      path: '/v1/receipts/{id}/disposition',
      scope: 'record',
      handle: (exchange, { id = '' }) => dispose(desk, gateway, exchange, id),
    },
  ];
}

function exchangeRoutes(gateway: Gateway, desk: Desk, verifier: Verifier): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/evidence',
      scope: 'exchange',
      handle: (exchange) => readEvidence(gateway, verifier, exchange),
    },
    {
      method: 'GET',
      path: '/v1/receipt-log/head',
      scope: 'exchange',
      handle: (exchange) => readLogHead(gateway, exchange),
    },
    {
      method: 'POST',
      path: '/v1/exchanges',
      scope: 'exchange',
      handle: (exchange) => exchangeDocument(desk, gateway, exchange),
    },
    {
      method: 'POST',
      path: '/v1/states',
      scope: 'resolve',
      handle: (exchange) => askState(desk, gateway, exchange),
    },
    {
      method: 'GET',
      path: '/v1/exchanges/{id}',
      scope: 'exchange',
      handle: (exchange, { id = '' }) => readExchange(gateway, exchange, id),
    },
    {
      method: 'GET',
      path: '/v1/consents/{id}/uses',
      scope: 'trace',
      handle: (exchange, { id = '' }) => readUses(gateway, exchange, id),
    },
    {
      method: 'POST',
      path: '/v1/consents/{id}/revocation',
      scope: 'consent',
      handle: (exchange, { id = '' }) => revokeConsent(desk, gateway, exchange, id),
    },
    {
      method: 'POST',
      path: '/v1/notices',
      scope: 'notice',
      handle: (exchange) => takeNotice(desk, gateway, exchange),
    },
    {
      method: 'POST',
      path: '/v1/objections',
      scope: 'objection',
      handle: (exchange) => objectTo(desk, gateway, exchange),
    },
    {
      method: 'GET',
      path: '/v1/objections',
      scope: 'objection',
      handle: (exchange) => listObjections(gateway, exchange),
    },
    {
      method: 'GET',
      path: '/v1/objections/statistics',
      scope: 'objection',
      handle: (exchange) => objectionStatistics(gateway, exchange),
    },
    {
      method: 'GET',
      path: '/v1/objections/{id}',
      scope: 'objection',
      handle: (exchange, { id = '' }) => readObjection(gateway, exchange, id),
    },
    {
      method: 'POST',
      path: '/v1/objections/{id}/answer',
      scope: 'decide',
      handle: (exchange, { id = '' }) => decide(desk, gateway, exchange, id),
    },
  ];
}

const bundleRoutes = (bundles: Bundles): Route[] => [
  { method: 'GET', path: '/v1/bundle', handle: (exchange) => bundles.whole(exchange) },
  { method: 'GET', path: '/v1/bundle/index', handle: (exchange) => bundles.index(exchange) },
  {
    method: 'GET',
    path: '/v1/bundle/parts/{sha256}',
    handle: (exchange, { sha256 = '' }) => bundles.part(exchange, sha256),
  },
];

function stateRoutes(gateway: Gateway, desk: Desk): Route[] {
  const readiness = () => readinessOf(gateway.federation(), gateway.clock(), gateway.news?.());
  return [
    { method: 'GET', path: '/healthz', handle: (exchange) => answerJson(exchange, { status: 'ok' }) },
    {
      method: 'GET',
      path: '/readyz',
      handle(exchange) {
        const state = readiness();
        if (!state.regions.some((region) => region.usable)) {
          throw new Problem('not-ready', 'every list of issuers is missing or too old', { readiness: state });
        }
        answerJson(exchange, state);
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      scope: 'metrics',
      handle(exchange) {
        const families = [...gaugesOf(readiness(), gateway.clock()), ...(gateway.core?.counted ?? [])];
        answer(exchange, 200, METRICS, desk.metrics.render(families));
      },
    },
  ];
}

/** The officers' page. Its files but the first are named by their content, so they may be kept for ever. */
function checkpointRoutes(): Route[] {
  const files = readCheckpointPage();
  const give = (exchange: Exchange, name: string): void => {
    const file = files.get(name);
    if (file === undefined)
      throw new Problem('not-found', files.size === 0 ? 'the page was not built: npm run pages' : 'no such file');
    const kept = /-[A-Za-z0-9_-]{8}\.\w+$/.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache';
    const headers = {
      ...CHECKPOINT_SECURITY_HEADERS,
      'Content-Type': file.type,
      'Cache-Control': kept,
      Vary: 'Accept-Encoding',
    };
    if (/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(exchange.req.headers['accept-encoding'] ?? ''))
      answer(exchange, 200, { ...headers, 'Content-Encoding': 'gzip' }, file.gzip);
    else answer(exchange, 200, headers, file.content);
  };
  // Relative: in front of a gateway there may be more of a path.
  const lead = (exchange: Exchange): void =>
    answer(exchange, 308, { Location: 'checkpoint/', 'Cache-Control': 'no-cache' }, '');
  return [
    { method: 'GET', path: '/', page: true, handle: lead },
    { method: 'GET', path: '/checkpoint', page: true, handle: lead },
    { method: 'GET', path: '/checkpoint/', page: true, handle: (exchange) => give(exchange, 'index.html') },
    {
      method: 'GET',
      path: '/checkpoint/{file}',
      page: true,
      handle: (exchange, { file = '' }) => give(exchange, file),
    },
  ];
}

function descriptionRoutes(): Route[] {
  const published = readPublished();
  const page = docsPage(published.description);
  return [
    { method: 'GET', path: '/openapi.yaml', handle: (exchange) => answer(exchange, 200, YAML, published.openapi) },
    {
      method: 'GET',
      path: '/schemas/{name}',
      handle(exchange, { name = '' }) {
        const schema = published.schemas.get(name);
        if (schema === undefined)
          throw new Problem('not-found', 'there is no such schema', { allowed: [...published.schemas.keys()] });
        answer(exchange, 200, SCHEMA, schema);
      },
    },
    { method: 'GET', path: '/docs', handle: (exchange) => answer(exchange, 200, HTML, page) },
    { method: 'GET', path: '/docs.css', handle: (exchange) => answer(exchange, 200, CSS, STYLE) },
  ];
}

const METRICS = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', 'Cache-Control': 'no-store' };
/** RFC 9512. */
const YAML = { 'Content-Type': 'application/yaml', 'Cache-Control': 'no-cache' };
const SCHEMA = { 'Content-Type': 'application/schema+json', 'Cache-Control': 'no-cache' };
const CSS = { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'no-cache' };
/** RFC 7517 §8.5.2. */
const JWKS = { 'Content-Type': 'application/jwk-set+json', 'Cache-Control': 'no-cache' };
const HTML = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Language': 'zh-CN, en',
  'Cache-Control': 'no-cache',
  ...PAGE_SECURITY_HEADERS,
};
