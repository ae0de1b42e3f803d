import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientJson } from '@spanloom/contract';
import { AGENT_ROUTES } from './agent-routes.ts';
import { BACKEND_ROUTES, UNKNOWN_BACKEND_ROUTE } from './backend-routes.ts';
import { isCrossSite } from './cross-origin.ts';
import { carriersOf, Exchange } from './exchange.ts';
import { HttpIntake } from './http-intake.ts';
import { carriesSomeKey } from './ingest-keys.ts';
import type { IntakeOptions } from './intake-options.ts';
import { buildParts, type IntakeParts } from './intake-parts.ts';
import { OTLP_ROUTES } from './otlp-routes.ts';
import { parseTarget, printablePath, type RequestTarget } from './request-target.ts';
import type { FixedAnswer, Route } from './route.ts';
import { allowedMethods, RouteTable, takesMethod } from './route-table.ts';
import { BODY_LIMITS } from './body-limits.ts';

/** Says whether a path belongs to the routes that share a port with the intake. */
export type OwnRoutes = (method: string, path: string) => boolean;

const UNKNOWN_AGENT_ROUTE: Route = {
  path: 'unknown',
  side: 'agent',
  access: 'any',
  limits: BODY_LIMITS.proxied,
  handling: { kind: 'absent' },
};
const UNKNOWN_OTLP_ROUTE: Route = { ...UNKNOWN_AGENT_ROUTE, side: 'otlp' };

/**
 * The receiving side: every protocol on every port, one set of counters.
 *
 * Its three HTTP entries differ only in what they do with a path that is not in the table.
 */
export class Intake {
  /** What the gRPC listener shares with the HTTP routes. */
  readonly parts: IntakeParts;
  readonly #http: HttpIntake;
  readonly #everything = new RouteTable(AGENT_ROUTES, BACKEND_ROUTES, OTLP_ROUTES);
  readonly #otlp = new RouteTable(OTLP_ROUTES);

  /** @throws {ConfigError} For a malformed ingest key. */
  constructor(options: IntakeOptions) {
    this.parts = buildParts(options);
    this.#http = new HttpIntake(this.parts);
  }

  /** Senders seen in the last hour, most recent first. */
  clients(): ClientJson[] {
    return this.parts.clients.list();
  }

  /**
   * The agent port: takes every request. Unknown paths answer 404, by which tracers detect features, except below
   * `/api`, where agents would retry a 404 for ever.
   */
  readonly handleAgentPort = (request: IncomingMessage, response: ServerResponse): void => {
    const target = parseTarget(request.url ?? '/');
    const route =
      this.#everything.find(target.path) ??
      (isBackendPath(target.path) ? this.#unknown(target.path) : UNKNOWN_AGENT_ROUTE);
    this.#enter(request, response, route, target);
  };

  /** The OTLP port: its three signals and nothing else. */
  readonly handleOtlpPort = (request: IncomingMessage, response: ServerResponse): void => {
    const target = parseTarget(request.url ?? '/');
    const route = this.#otlp.find(target.path) ?? UNKNOWN_OTLP_ROUTE;
    this.#enter(request, response, route, target);
  };

  /**
   * A port shared with other routes: takes what is the intake's and says whether it did.
   *
   * Reading a path that only takes writes is left to the others: it may be a page. An unknown path below `/api`
   * is taken when it is written to with a key of the intake, unless `ownRoutes` knows it.
   */
  readonly handleSharedPort = (
    request: IncomingMessage,
    response: ServerResponse,
    ownRoutes: OwnRoutes,
  ): boolean => {
    const target = parseTarget(request.url ?? '/');
    const method = request.method ?? 'GET';
    const known = this.#everything.find(target.path);
    const mine =
      known === undefined
        ? this.#isStray(request, target, method, ownRoutes)
        : takesMethod(known, method) || (method === 'OPTIONS' && known.side === 'otlp');
    if (!mine) return false;
    this.#enter(request, response, known ?? this.#unknown(target.path), target);
    return true;
  };

  #isStray(
    request: IncomingMessage,
    target: RequestTarget,
    method: string,
    ownRoutes: OwnRoutes,
  ): boolean {
    return (
      (method === 'POST' || method === 'PUT') &&
      isBackendPath(target.path) &&
      carriesSomeKey(carriersOf(request, target)) &&
      // Clients of the public API send an application key as well; agents never do.
      request.headers['dd-application-key'] === undefined &&
      !ownRoutes(method, target.path)
    );
  }

  #unknown(path: string): Route {
    this.parts.counters.unknownPath(printablePath(path));
    return UNKNOWN_BACKEND_ROUTE;
  }

  #enter(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    target: RequestTarget,
  ): void {
    const exchange = new Exchange(request, response, route, target, this.parts);
    const { headers, method = 'GET' } = request;
    if (method === 'OPTIONS' && route.side === 'otlp') {
      return exchange.send(204, undefined, '', this.parts.origins.preflightHeaders(headers));
    }
    const fromAllowedPage = route.side === 'otlp' && this.parts.origins.allows(headers.origin);
    if (isCrossSite(headers) && !fromAllowedPage) {
      this.parts.counters.requestsRefused.add(1, route.path, 'CrossSite');
      return sendError(exchange, CROSS_SITE);
    }
    if (!takesMethod(route, method)) {
      return sendError(exchange, WRONG_METHOD, { allow: allowedMethods(route) });
    }
    if (!this.#mayEnter(exchange)) return exchange.sendForbidden();
    // `run` answers for every outcome and never rejects.
    void this.#http.run(exchange);
  }

  #mayEnter(exchange: Exchange): boolean {
    const { keys, options } = this.parts;
    const { side, handling } = exchange.route;
    // `/info` is public by protocol; refused telemetry would go to the vendor instead.
    if (!keys.configured || handling.kind === 'info' || handling.kind === 'telemetry') return true;
    if (side === 'agent' && options.openAgentRoutes) return true;
    return handling.kind === 'absent' || keys.accepts(exchange.carriers);
  }
}

const CROSS_SITE: FixedAnswer = {
  status: 403,
  contentType: 'application/json',
  body: '{"error":{"code":"CROSS_SITE","message":"Cannot take the request: it was made by a page of another site"}}',
};
const WRONG_METHOD: FixedAnswer = {
  status: 405,
  contentType: 'application/json',
  body: '{"error":{"code":"METHOD_NOT_ALLOWED","message":"Cannot take the request: this route does not take its method"}}',
};

function sendError(
  exchange: Exchange,
  answer: FixedAnswer,
  extra: Record<string, string> = {},
): void {
  exchange.send(answer.status, answer.contentType, answer.body, extra);
}

/** Paths of the backend protocol, whose senders retry a 404. */
function isBackendPath(path: string): boolean {
  return path.startsWith('/api/') || path.startsWith('/support/');
}
