import type { Clock } from '@spanloom/base';
import type { EnvironmentsResponse } from '@spanloom/contract';
import { Hono } from 'hono';
import type { SpanReader, SystemReader } from './ports.ts';
import { readRange } from './search-routes.ts';

/** `GET /health` and `GET /ready`: open to anybody, so that a load balancer needs no key. */
export function healthRoutes(system: SystemReader): Hono {
  const app = new Hono();
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', (c) => {
    const reasons = system.unreadyReasons();
    return reasons.length === 0
      ? c.json({ status: 'ready' })
      : c.json({ status: 'starting', reasons }, 503);
  });
  return app;
}

/** `GET /metrics`: Prometheus text. */
export function metricsRoute(system: SystemReader): Hono {
  const app = new Hono();
  app.get('/metrics', async (c) =>
    c.text(await system.metricsText(), 200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
  return app;
}

/** `GET /system` and `GET /environments`. */
export function systemRoutes(system: SystemReader, spans: SpanReader, clock: Clock): Hono {
  const app = new Hono();
  app.get('/system', async (c) => c.json(await system.system(c.req.raw.signal)));
  app.get('/environments', async (c) => {
    const range = readRange(
      c.req.query('from') ?? 'now-1h',
      c.req.query('to') ?? 'now',
      clock.now(),
    );
    const response: EnvironmentsResponse = {
      environments: await spans.environments(range, c.req.raw.signal),
    };
    return c.json(response);
  });
  return app;
}
