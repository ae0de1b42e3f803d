import type {
  SpanEventAttributes,
  SpanJson,
  SpansSearchResponse,
  TraceResponse,
  XRayRegionStatus,
} from '@spanloom/contract';

/** A span as a search answers it. */
export function foundSpan(more: Partial<SpanEventAttributes> = {}): SpanEventAttributes {
  return {
    attributes: { 'http.method': 'POST' },
    custom: {
      duration: 12_500_000,
      operation_name: 'web.request',
      status: 'ok',
      kind: 'server',
      source: 'datadog',
      entry: true,
      version: '43',
      function: '',
      http_method: 'POST',
      http_status: 200,
      received_timestamp: '2026-11-20T12:00:01.000Z',
    },
    env: 'prod',
    service: 'orders-api',
    resource_name: 'POST /orders',
    type: 'web',
    host: 'h1',
    trace_id: '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
    span_id: '2b3c4d5e6f708192',
    parent_id: '0',
    start_timestamp: '2026-11-20T12:00:00.250Z',
    end_timestamp: '2026-11-20T12:00:00.262Z',
    ingestion_reason: '',
    retained_by: '',
    single_span: false,
    tags: [],
    ...more,
  };
}

/** One page of a search. */
export function foundPage(
  spans: readonly SpanEventAttributes[],
  more: { readonly after?: string; readonly hint?: string } = {},
): SpansSearchResponse {
  return {
    data: spans.map((attributes) => ({ id: attributes.span_id, type: 'spans', attributes })),
    links: {},
    meta: {
      elapsed: 1,
      request_id: 'r1',
      status: 'done',
      page: more.after === undefined ? {} : { after: more.after },
      warnings:
        more.hint === undefined
          ? []
          : [{ code: 'query_hint', title: 'Query hint', detail: more.hint }],
    },
  };
}

/** A span of a trace. */
export function traceSpan(more: Partial<SpanJson> = {}): SpanJson {
  return {
    span_id: '2b3c4d5e6f708192',
    parent_id: null,
    source: 'datadog',
    name: 'web.request',
    service: 'orders-api',
    resource: 'POST /orders',
    type: 'web',
    kind: 'server',
    env: 'prod',
    version: '43',
    start_ns: '1727177156250000000',
    duration_ns: 812_000_000,
    error: 0,
    entry: true,
    meta: {},
    metrics: {},
    links: [],
    events: [],
    hidden: false,
    hidden_reason: null,
    hidden_by: null,
    folded: [],
    unfinished: false,
    skew_ns: 0,
    depth: 0,
    ...more,
  };
}

/** A trace of these spans. */
export function traceOf(
  spans: readonly SpanJson[],
  more: Partial<TraceResponse> = {},
): TraceResponse {
  return {
    trace_id: '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
    ids: { datadog: ['11132136462907666451'], xray: [] },
    env: 'prod',
    start_ns: '1727177156250000000',
    duration_ns: 812_000_000,
    complete: true,
    error: false,
    sources: { datadog: spans.length, xray: 0, otlp: 0, inferred: 0, other: 0 },
    services: ['orders-api', 'checkout'],
    merge: [],
    xray_pending: null,
    spans,
    problems: [],
    ...more,
  };
}

/** One region that is read without trouble. */
export function xrayRegion(more: Partial<XRayRegionStatus> = {}): XRayRegionStatus {
  return {
    account: '111122223333',
    region: 'eu-west-1',
    env: 'prod',
    mode: 'classic',
    state: 'running',
    problem: null,
    checkpoint: '2026-11-20T12:00:00.000Z',
    lag_seconds: 16,
    last_success: '2026-11-20T12:00:15.000Z',
    next_poll: '2026-11-20T12:01:00.000Z',
    counts: {
      listed: 100,
      scanned: 120,
      fetched: 20,
      written: 15,
      rewritten: 5,
      segments: 60,
      spans: 140,
      throttled: 0,
      errors: 0,
      unprocessed: 0,
      missing: 0,
      limit_exceeded: 0,
      duplicates: 0,
    },
    calls: { GetTraceSummaries: 2, BatchGetTraces: 4 },
    traces: { new: 0, growing: 1, stable: 19, stalled: 0, limit: 0, missing: 0 },
    rates: { list: 2, fetch: 5 },
    cost: {
      month: '2026-11',
      scanned: 120,
      retrieved: 20,
      estimated_usd: 0.42,
      budget_usd: 20,
    },
    sweeps: [
      { name: 'hot', checkpoint: null, last_run: '2026-11-20T12:00:15.000Z', running: false },
    ],
    backfills: [],
    permissions: { checked_at: null, actions: [] },
    warnings: [],
    ...more,
  };
}
