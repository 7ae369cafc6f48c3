import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { Gone } from './body.ts';
import { createDoor } from './door.ts';
import { answer, begin, type Desk, type Exchange, fail } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { guardHost, servedNames } from './guard.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';
import { createMetrics } from './metrics.ts';
import type { Surroundings } from './plain-connection.ts';
import { Problem } from './problems.ts';
import { createLimiter } from './quota.ts';
import { type Route, routesOf } from './routes.ts';
import { signAnswers } from './signed-answer.ts';
import { needsWholeBody, takeWholeBody } from './whole-body.ts';

export interface AppOptions {
  readonly limits?: Partial<HttpLimits>;
}

/** Made once for each gateway: its table of routes, and what all requests share. */
export interface Service {
  readonly gateway: Gateway;
  readonly desk: Desk;
  readonly routes: readonly Route[];
  /** Lets a request in, or says why not. */
  readonly door: ReturnType<typeof createDoor>;
  /** Names that requests may be sent to. */
  readonly served: ReadonlySet<string>;
}

export function createService(gateway: Gateway, options: AppOptions = {}): Service {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const limiter = createLimiter(() => performance.now());
  const desk: Desk = { limits, log: gateway.logger, metrics: createMetrics(), limiter, held: 0, heldBy: new Map() };
  const door = createDoor(gateway, desk);
  return { gateway, desk, routes: routesOf(gateway, desk), door, served: servedNames(gateway.hosts) };
}

/** The HTTP interface as an Express application. */
export function appOf(service: Service): Express {
  const { desk, routes } = service;
  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .enable('case sensitive routing')
    .enable('strict routing')
    .set('query parser', false);

  const open: RequestHandler = (req, res, next) => {
    res.locals['exchange'] = begin(desk, req, res, { streams: { req, res } });
    guardHost(req, service.served);
    next();
  };
  app.use(open);
  for (const route of routes) {
    const method = route.method === 'GET' ? 'get' : 'post';
    app[method](pathOf(route), (req, res) =>
      handle(service, res.locals['exchange'], route, req.params as Record<string, string>),
    );
  }
  for (const [path, allow] of allowOf(routes)) {
    app.all(path, (req, res) => {
      if (req.method !== 'OPTIONS') throw new Problem('method-not-allowed', `allowed: ${allow}`, {}, { Allow: allow });
      answer(res.locals['exchange'], 204, { Allow: allow }, '');
    });
  }
  app.use(() => {
    throw new Problem('not-found', 'there is nothing at this path');
  });
  // Express knows an error handler by its four parameters.
  const failed: ErrorRequestHandler = (error, _req, res, _next) => fail(desk, res.locals['exchange'], error);
  app.use(failed);
  return app;
}

/**
 * The same without Express, for the route that is asked a hundred times as often as all others together: it goes to the same
 * handler as it would there, so the answers are the same byte for byte. Out: false for all other routes, of which Express knows.
 */
export function plainAnswers(service: Service): Surroundings['answer'] {
  const hot = new Map(service.routes.filter((route) => route.hot).map((route) => [route.path, route]));
  return ({ method, url, headers, rawHeaders, body }, socket, reply) => {
    const mark = url.indexOf('?');
    const route = hot.get(mark < 0 ? url : url.slice(0, mark));
    if (route === undefined || route.method !== method) return false;
    const req = { method, url, headers, rawHeaders, socket };
    const exchange = begin(service.desk, req, reply, { body });
    try {
      guardHost(req, service.served);
    } catch (error) {
      fail(service.desk, exchange, error);
      return true;
    }
    void handle(service, exchange, route, NO_PARAMETERS);
    return true;
  };
}

const NO_PARAMETERS = {};

/** Lets the request in and runs its route. Whatever it throws is answered; that the caller has gone is not our trouble. */
async function handle(
  { desk, door, gateway }: Service,
  exchange: Exchange,
  route: Route,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  exchange.route = route.path;
  try {
    const entering = door(exchange, route);
    if (entering !== undefined) await entering;
    if (exchange.signed !== undefined) await signAnswers(desk, gateway, exchange);
    if (needsWholeBody(exchange)) await takeWholeBody(desk, gateway, exchange);
    await route.handle(exchange, parameters);
  } catch (error) {
    if (!(error instanceof Gone)) fail(desk, exchange, error);
  }
}

/** `/schemas/{name}` → `/schemas/:name`. */
const pathOf = ({ path }: Route): string => path.replace(/\{(\w+)\}/g, ':$1');

/** For each path the methods it takes; HEAD goes with GET (RFC 9110 §9.3.2). */
function allowOf(routes: readonly Route[]): Map<string, string> {
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    const path = pathOf(route);
    const own = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
    methods.set(path, [...(methods.get(path) ?? []), ...own]);
  }
  return new Map([...methods].map(([path, own]) => [path, [...own, 'OPTIONS'].join(', ')]));
}
