import { type Clock, type EpochMillis, joinKey, parseTraceId, type TraceId } from '@spanloom/base';
import type { AssembledTrace } from '@spanloom/merge';
import {
  type Compute,
  type Facet,
  type Grouping,
  parseFacet,
  type Predicate,
} from '@spanloom/query';
import { Hono } from 'hono';
import type { ServicesReader, SpanAnalyticsReader, SpanReader } from '../ports.ts';
import { readTrace } from '../read-trace.ts';
import { readLookback, toJaegerDependencies } from './dependencies.ts';
import { toJaegerTrace } from './jaeger-trace.ts';
import { readTraceSearch, type TraceSearch } from './trace-search.ts';

/** How many rows a search looks through for so many different traces. */
const SEARCHED_ROWS = 5_000;
const PAGE_ROWS = 500;

/** Names are listed as far back as this. */
const NAMES_FROM_MS = 2 * 24 * 3_600_000;
const MAX_NAMES = 10_000;

/**
 * What Jaeger's query service answers its page and Grafana: services, operations, dependencies, a search of traces and a
 * trace by its id.
 * Mounted under `/jaeger`.
 */
export function jaegerRoutes(
  spans: SpanReader,
  analytics: SpanAnalyticsReader,
  services: ServicesReader,
  clock: Clock,
): Hono {
  const app = new Hono();

  async function names(
    facets: readonly string[],
    predicate: Predicate,
    signal: AbortSignal,
  ): Promise<(readonly string[])[]> {
    const now = clock.now();
    const { groups } = await analytics.aggregate(
      {
        predicate,
        range: { from: (now - NAMES_FROM_MS) as EpochMillis, to: (now + 60_000) as EpochMillis },
        computes: [COUNT],
        groups: facets.map(byName),
      },
      signal,
    );
    return groups.map(({ by }) => by);
  }

  app.get('/api/services', async (c) => {
    const found = await names(['service'], { kind: 'everything' }, c.req.raw.signal);
    return c.json(answer(found.map(([service]) => service!)));
  });

  app.get('/api/services/:service/operations', async (c) => {
    const inService = serviceIs(c.req.param('service'));
    const found = await names(['operation_name'], inService, c.req.raw.signal);
    return c.json(answer(found.map(([name]) => name!)));
  });

  app.get('/api/operations', async (c) => {
    const service = c.req.query('service') ?? '';
    const wanted = c.req.query('spanKind') ?? '';
    const found = await names(['operation_name', 'kind'], serviceIs(service), c.req.raw.signal);
    const operations = found
      .map(([name, kind]) => ({ name: name!, spanKind: kind === 'unspecified' ? '' : kind! }))
      .filter(({ spanKind }) => wanted === '' || spanKind === wanted);
    return c.json(answer(operations));
  });

  app.get('/api/dependencies', async (c) => {
    const range = readLookback(new URL(c.req.url).searchParams, clock);
    const map = await services.map({ env: undefined, range }, c.req.raw.signal);
    return c.json(answer(toJaegerDependencies(map)));
  });

  app.get('/api/traces', async (c) => {
    const params = new URL(c.req.url).searchParams;
    const { signal } = c.req.raw;
    const ids = params.getAll('traceID');
    const wanted =
      ids.length > 0
        ? ids.map(parseTraceId)
        : await findTraces(spans, readTraceSearch(params, clock), signal);
    const traces: AssembledTrace[] = [];
    const seen = new Set<bigint>();
    for (const id of wanted) {
      if (seen.has(joinKey(id))) continue;
      const trace = await readTrace(spans, id, { env: undefined, xray: undefined, signal });
      if (trace === undefined) continue;
      traces.push(trace);
      for (const part of trace.traceIds) seen.add(joinKey(part));
    }
    return c.json(answer(traces.map(toJaegerTrace)));
  });

  app.get('/api/traces/:id', async (c) => {
    const trace = await readTrace(spans, parseTraceId(c.req.param('id')), {
      env: undefined,
      xray: undefined,
      signal: c.req.raw.signal,
    });
    if (trace !== undefined) return c.json(answer([toJaegerTrace(trace)]));
    const errors = [{ code: 404, msg: 'trace not found' }];
    return c.json({ data: null, total: 0, limit: 0, offset: 0, errors }, 404);
  });
  return app;
}

const COUNT: Compute = { kind: 'count' };

function answer<T>(data: readonly T[]) {
  return { data, total: data.length, limit: 0, offset: 0, errors: null };
}

function byName(text: string): Grouping {
  const facet: Facet = parseFacet(text)!;
  return { facet, limit: MAX_NAMES, order: { by: 'value', descending: false } };
}

function serviceIs(service: string): Predicate {
  return { kind: 'text', field: 'service', test: { kind: 'equals', values: [service] } };
}

/** The newest traces with a span that matches. */
async function findTraces(
  spans: SpanReader,
  { query, range, limit }: TraceSearch,
  signal: AbortSignal,
): Promise<TraceId[]> {
  const found = new Map<bigint, TraceId>();
  let cursor: string | undefined;
  for (let rows = 0; rows < SEARCHED_ROWS && found.size < limit; rows += PAGE_ROWS) {
    const page = await spans.search(
      { query, range, order: 'newest', limit: PAGE_ROWS, cursor },
      signal,
    );
    for (const { span } of page.spans) {
      if (found.size < limit) found.set(joinKey(span.traceId), span.traceId);
    }
    cursor = page.next;
    if (cursor === undefined) break;
  }
  return [...found.values()];
}
