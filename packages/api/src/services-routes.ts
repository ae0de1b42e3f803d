import { type Clock, type EpochMillis } from '@spanloom/base';
import type {
  ServiceEdgeJson,
  ServiceMapResponse,
  ServiceNodeJson,
  ServicesCoverage,
  ServicesResponse,
} from '@spanloom/contract';
import type { ServiceCall, ServiceMap, ServiceNode, TimeRange } from '@spanloom/storage';
import { type Context, Hono } from 'hono';
import type { ServicesReader } from './ports.ts';
import { readRange } from './search-routes.ts';

/** `GET /service-map` and `GET /services`: of one environment (`env`), or of all of them, side by side. */
export function servicesRoutes(services: ServicesReader, clock: Clock): Hono {
  const app = new Hono();

  async function read(c: Context): Promise<{ map: ServiceMap; range: TimeRange }> {
    const range = readRange(
      c.req.query('from') ?? 'now-15m',
      c.req.query('to') ?? 'now',
      clock.now(),
    );
    const map = await services.map({ env: c.req.query('env'), range }, c.req.raw.signal);
    return { map, range };
  }

  app.get('/service-map', async (c) => {
    const { map, range } = await read(c);
    const response: ServiceMapResponse = {
      nodes: map.nodes.map(toNode),
      edges: map.calls.map(toEdge),
      coverage: toCoverage(map, range),
    };
    return c.json(response);
  });

  app.get('/services', async (c) => {
    const { map, range } = await read(c);
    const callers = Map.groupBy(map.calls, ({ to }) => to);
    const callees = Map.groupBy(map.calls, ({ from }) => from);
    const response: ServicesResponse = {
      services: map.nodes
        .toSorted((a, b) => b.requests - a.requests || (a.id < b.id ? -1 : 1))
        .map((node) => ({
          ...toNode(node),
          callers: callers.get(node.id)?.map(({ from }) => from) ?? [],
          callees: callees.get(node.id)?.map(({ to }) => to) ?? [],
        })),
      coverage: toCoverage(map, range),
    };
    return c.json(response);
  });
  return app;
}

function toNode(node: ServiceNode): ServiceNodeJson {
  return {
    id: node.id,
    service: node.name,
    env: node.env,
    type: node.type,
    inferred: node.inferred,
    requests: node.requests,
    errors: node.errors,
    p50_ns: node.p50 ?? null,
    p95_ns: node.p95 ?? null,
    p99_ns: node.p99 ?? null,
    last_seen: node.lastSeen === undefined ? null : isoTime(node.lastSeen),
  };
}

function toEdge({ from, to, requests, errors, p50, p95, p99 }: ServiceCall): ServiceEdgeJson {
  return { from, to, requests, errors, p50_ns: p50, p95_ns: p95, p99_ns: p99 };
}

function toCoverage({ covered, truncated }: ServiceMap, range: TimeRange): ServicesCoverage {
  return {
    from: isoTime(covered.from),
    to: isoTime(covered.to),
    spans: covered.spans,
    complete: covered.from <= range.from,
    truncated,
  };
}

function isoTime(ms: EpochMillis): string {
  return new Date(ms).toISOString();
}
