import type { Clock } from '@spanloom/base';
import type { ErrorResponse } from '@spanloom/contract';
import { type Context, Hono } from 'hono';
import { aggregateRoutes } from './aggregate-routes.ts';
import { requireToken, sessionRoutes } from './bearer-token.ts';
import { errorAnswer, type ReportError } from './error-answer.ts';
import { requireKnownHost } from './known-host.ts';
import { jaegerRoutes } from './jaeger/jaeger-routes.ts';
import { liveRoutes } from './live/live-routes.ts';
import type { LiveSpans } from './live/live-spans.ts';
import type {
  ServicesReader,
  SpanAnalyticsReader,
  SpanReader,
  SystemReader,
  XRayControl,
} from './ports.ts';
import { searchRoutes } from './search-routes.ts';
import { servicesRoutes } from './services-routes.ts';
import { healthRoutes, metricsRoute, systemRoutes } from './system-routes.ts';
import { traceRoutes } from './trace-routes.ts';
import { xrayRoutes } from './xray-routes.ts';

/** What the routes need. */
export interface ApiParts {
  readonly spans: SpanReader;
  readonly analytics: SpanAnalyticsReader;
  readonly services: ServicesReader;
  /** Undefined where nothing is received: there is no live route then. */
  readonly live?: LiveSpans;
  readonly system: SystemReader;
  /** Undefined where nothing reads X-Ray: there are no such routes then. */
  readonly xray?: XRayControl;
  readonly clock: Clock;
  /** What readers must show; undefined lets everybody read. */
  readonly token: string | undefined;
  readonly reportError: ReportError;
}

/** Every route for readers: health, metrics and `/api`. Tested with `app.request()`, served by the server application. */
export function createApi(parts: ApiParts): Hono {
  const app = new Hono();
  app.onError((error, c) => errorAnswer(error, c, parts.reportError));
  app.route('/', healthRoutes(parts.system));
  app.use('/metrics', requireKnownHost(parts.token));
  app.use('/api/*', requireKnownHost(parts.token));
  app.use('/metrics', requireToken(parts.token));
  app.route('/', metricsRoute(parts.system));
  app.route('/api', sessionRoutes(parts.token));
  app.use('/api/*', requireToken(parts.token));
  app.use('/jaeger/*', requireKnownHost(parts.token), requireToken(parts.token));
  app.use('/api/*', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });
  app.route('/api', traceRoutes(parts.spans, parts.xray));
  app.route('/api', searchRoutes(parts.spans, parts.clock));
  app.route('/api', aggregateRoutes(parts.analytics, parts.clock));
  app.route('/api', servicesRoutes(parts.services, parts.clock));
  if (parts.live !== undefined) app.route('/api', liveRoutes(parts.live, parts.clock));
  if (parts.xray !== undefined) app.route('/api', xrayRoutes(parts.xray, parts.clock));
  app.route('/api', systemRoutes(parts.system, parts.spans, parts.clock));
  app.route('/jaeger', jaegerRoutes(parts.spans, parts.analytics, parts.services, parts.clock));
  for (const path of ['/api/*', '/jaeger/*']) app.all(path, noSuchRoute);
  return app;
}

function noSuchRoute(c: Context): Response {
  const message = `There is no ${c.req.method} ${c.req.path}`;
  const body: ErrorResponse = { error: { code: 'NO_SUCH_ROUTE', message } };
  return c.json(body, 404);
}
