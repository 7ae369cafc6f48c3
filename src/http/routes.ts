import { createJudge } from './ask.ts';
import { batch } from './batch.ts';
import { docsPage, STYLE } from './docs.ts';
import { answer, answerJson, type Desk, type Exchange, SECURITY_HEADERS } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { gaugesOf, readinessOf } from './health.ts';
import { Problem } from './problems.ts';
import { readPublished } from './published.ts';
import { verify } from './verify.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** As openapi.yaml writes it. */
  readonly path: string;
  handle(exchange: Exchange, parameters: Readonly<Record<string, string>>): void | Promise<void>;
}

/** What is served, one row each. A test compares it with openapi.yaml in both directions. */
export function routesOf(gateway: Gateway, desk: Desk): Route[] {
  const judge = createJudge(gateway, desk.limits);
  const published = readPublished();
  const page = docsPage(published.description);
  const readiness = () => readinessOf(gateway.federation(), gateway.clock());
  return [
    { method: 'POST', path: '/v1/verify', handle: (exchange) => verify(desk, exchange, judge) },
    { method: 'POST', path: '/v1/verify/batch', handle: (exchange) => batch(desk, exchange, judge) },
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
      handle: (exchange) => answer(exchange, 200, METRICS, desk.metrics.render(gaugesOf(readiness()))),
    },
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
/** The page may load its one style sheet, and nothing else from anywhere. */
const HTML = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Language': 'zh-CN, en',
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': SECURITY_HEADERS['Content-Security-Policy'].replace(
    "'none';",
    "'none'; style-src 'self';",
  ),
};
