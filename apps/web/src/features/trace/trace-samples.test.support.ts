import type { MergeVerdict, SpanJson, TraceResponse } from '@spanloom/contract';

/** A span for tests. Short ids are padded; a time is ns from the start of the trace. */
export function sampleSpan(
  id: string,
  parent: string | null,
  more: Partial<SpanJson> & { readonly at?: number } = {},
): SpanJson {
  const { at = 0, ...fields } = more;
  return {
    span_id: sampleId(id),
    parent_id: parent === null ? null : sampleId(parent),
    source: 'datadog',
    name: 'op',
    service: 'web',
    resource: 'GET /',
    type: 'web',
    kind: 'server',
    env: 'prod',
    version: '',
    start_ns: String(1_700_000_000_000_000_000n + BigInt(at)),
    duration_ns: 1_000_000,
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
    ...fields,
  };
}

export function sampleId(id: string): string {
  return id.padStart(16, '0');
}

export function sampleTrace(
  spans: readonly SpanJson[],
  more: Partial<TraceResponse> = {},
): TraceResponse {
  return {
    trace_id: '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
    ids: { datadog: [], xray: [] },
    env: 'prod',
    start_ns: '1700000000000000000',
    duration_ns: 90_000_000,
    complete: true,
    error: false,
    sources: { datadog: spans.length, otlp: 0, xray: 0, inferred: 0, other: 0 },
    services: [...new Set(spans.map(({ service }) => service))],
    merge: [],
    xray_pending: null,
    spans,
    problems: [],
    ...more,
  };
}

export function sampleVerdict(
  verdict: MergeVerdict['verdict'],
  more: Partial<MergeVerdict> = {},
): MergeVerdict {
  return {
    request_id: '5a7e0b1c-0000-4000-8000-000000000002',
    function: 'checkout',
    verdict,
    evidence: [],
    fix: null,
    apm_span_ids: [],
    xray_span_ids: [],
    conflicts: [],
    ...more,
  };
}
