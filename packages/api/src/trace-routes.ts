import { NotFoundError, parseTraceId } from '@spanloom/base';
import { assembleTrace } from '@spanloom/merge';
import { Hono } from 'hono';
import type { SpanReader } from './ports.ts';
import { toRawSpanJson, toTraceResponse } from './trace-response.ts';

/** How many spans one answer holds; a trace beyond it says in `problems` how many were left out. */
const TRACE_SPANS_LIMIT = 200_000;

/** `GET /traces/{id}` and `/traces/{id}/raw`. An id is searched for in all of time. */
export function traceRoutes(spans: SpanReader): Hono {
  const app = new Hono();
  app.get('/traces/:id', async (c) => {
    const traceId = parseTraceId(c.req.param('id'));
    const env = c.req.query('env');
    const stored = await spans.trace(traceId, {
      limit: TRACE_SPANS_LIMIT,
      signal: c.req.raw.signal,
    });
    const trace = assembleTrace(stored.spans, {
      traceId,
      ...(env !== undefined && env !== '' && { env }),
      truncated: stored.omitted,
    });
    if (trace === undefined) throw new NotFoundError('trace', c.req.param('id'));
    return c.json(toTraceResponse(trace));
  });
  app.get('/traces/:id/raw', async (c) => {
    const traceId = parseTraceId(c.req.param('id'));
    const rows = await spans.rawTrace(traceId, {
      limit: TRACE_SPANS_LIMIT,
      signal: c.req.raw.signal,
    });
    if (rows.length === 0) throw new NotFoundError('trace', c.req.param('id'));
    return c.json({
      trace_id: toRawSpanJson(rows[0]!).trace_id,
      spans: rows.map(toRawSpanJson),
    });
  });
  return app;
}
