import { NotFoundError, parseTraceId } from '@spanloom/base';
import type { StoredSpan } from '@spanloom/storage';
import { Hono } from 'hono';
import type { SpanReader, XRayControl } from './ports.ts';
import { readRelated } from './read-related.ts';
import { readTrace } from './read-trace.ts';
import { toRawSpanJson, toTraceResponse } from './trace-response.ts';

/** How many stored rows one answer holds. */
const RAW_ROWS_LIMIT = 200_000;

/** `GET /traces/{id}` and `/traces/{id}/raw`, each with the traces tied to it. An id is searched for in all of time. */
export function traceRoutes(spans: SpanReader, xray: XRayControl | undefined): Hono {
  const app = new Hono();
  app.get('/traces/:id', async (c) => {
    const trace = await readTrace(spans, parseTraceId(c.req.param('id')), {
      env: c.req.query('env'),
      xray,
      signal: c.req.raw.signal,
    });
    if (trace === undefined) throw new NotFoundError('trace', c.req.param('id'));
    return c.json(toTraceResponse(trace));
  });
  app.get('/traces/:id/raw', async (c) => {
    const traceId = parseTraceId(c.req.param('id'));
    const { signal } = c.req.raw;
    const { ids } = await readRelated(spans, traceId, signal);
    const rows: StoredSpan[] = [];
    for (const id of ids) {
      const limit = RAW_ROWS_LIMIT - rows.length;
      if (limit > 0) rows.push(...(await spans.rawTrace(id, { limit, signal })));
    }
    if (rows.length === 0) throw new NotFoundError('trace', c.req.param('id'));
    return c.json({
      trace_id: toRawSpanJson(rows[0]!).trace_id,
      spans: rows.map(toRawSpanJson),
    });
  });
  return app;
}
