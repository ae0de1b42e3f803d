import { formatSpanId, formatTraceId, formatXRayTraceId } from '@spanloom/base';
import type {
  MergeVerdict as MergeVerdictJson,
  RawSpanJson,
  SpanEventJson,
  SpanJson,
  SpanLinkJson,
  TraceResponse,
} from '@spanloom/contract';
import {
  type AssembledTrace,
  type MergeVerdict,
  sourceLabel,
  type TraceNode,
} from '@spanloom/merge';
import { type Span, SPAN_FLAGS, type SpanEvent, type SpanLink } from '@spanloom/model';
import type { StoredSpan } from '@spanloom/storage';

/** An assembled trace as `GET /api/traces/{id}` answers it. */
export function toTraceResponse(trace: AssembledTrace): TraceResponse {
  return {
    trace_id: formatTraceId(trace.traceId),
    ids: {
      datadog: trace.datadogIds.map(String),
      xray: trace.xrayIds.flatMap((id) => formatXRayTraceId(id) ?? []),
    },
    env: trace.env,
    start_ns: trace.start.toString(),
    duration_ns: Number(trace.end - trace.start),
    complete: trace.complete,
    error: trace.error,
    sources: trace.sources,
    services: trace.services,
    merge: trace.merge.map(toVerdictJson),
    xray_pending: toPendingJson(trace.xrayPending),
    spans: trace.nodes.map(toSpanJson),
    problems: trace.problems.map((problem) => ({
      kind: problem.kind,
      span_id: formatSpanId(problem.spanId),
      count: problem.count,
      message: problem.message,
    })),
  };
}

function toSpanJson(node: TraceNode): SpanJson {
  return {
    ...spanFields(node.span),
    parent_id: idOrNull(node.parentId),
    ...('statedParentId' in node && { stated_parent_id: idOrNull(node.statedParentId) }),
    entry: (node.span.flags & SPAN_FLAGS.entry) !== 0,
    hidden: node.hiddenReason !== undefined,
    hidden_reason: node.hiddenReason ?? null,
    hidden_by: idOrNull(node.hiddenBy),
    folded: node.folded.map(formatSpanId),
    unfinished: node.unfinished,
    skew_ns: node.skew,
    depth: node.depth,
  };
}

function idOrNull(id: bigint | undefined): string | null {
  return id === undefined ? null : formatSpanId(id);
}

function toVerdictJson(verdict: MergeVerdict): MergeVerdictJson {
  return {
    request_id: verdict.requestId ?? null,
    function: verdict.functionName,
    verdict: verdict.verdict,
    evidence: verdict.evidence,
    fix: verdict.fix ?? null,
    apm_span_ids: verdict.apmSpanIds.map(formatSpanId),
    xray_span_ids: verdict.xraySpanIds.map(formatSpanId),
    conflicts: verdict.conflicts.map(({ what, apm, xray }) => ({
      what,
      apm_ns: apm.toString(),
      xray_ns: xray.toString(),
    })),
  };
}

function toPendingJson(pending: AssembledTrace['xrayPending']): TraceResponse['xray_pending'] {
  if (pending === undefined) return null;
  const { nextPoll, until } = pending;
  return {
    next_poll: nextPoll === undefined ? null : new Date(nextPoll).toISOString(),
    until: new Date(until).toISOString(),
  };
}

/** A stored row as `GET /api/traces/{id}/raw` answers it. */
export function toRawSpanJson({ span, tier, batch, superseded }: StoredSpan): RawSpanJson {
  return {
    trace_id: formatTraceId(span.traceId),
    ...spanFields(span),
    received_at: new Date(span.received).toISOString(),
    batch: batch.toString(),
    tier,
    superseded: superseded ?? false,
    priority: span.priority ?? null,
    flags: Object.entries(SPAN_FLAGS).flatMap(([name, bit]) =>
      (span.flags & bit) === 0 ? [] : [name],
    ),
    typed: span.typed,
    envelope: span.envelope === '' ? null : (JSON.parse(span.envelope) as unknown),
  };
}

type SpanFields = Omit<RawSpanJson, OnlyRaw>;

/** What a stored row has besides what an assembled span has. */
type OnlyRaw =
  | 'trace_id'
  | 'received_at'
  | 'batch'
  | 'tier'
  | 'superseded'
  | 'priority'
  | 'flags'
  | 'typed'
  | 'envelope';

function spanFields(span: Span): SpanFields {
  const binary = Object.entries(span.binary);
  return {
    span_id: formatSpanId(span.spanId),
    parent_id: span.parentId === undefined ? null : formatSpanId(span.parentId),
    source: sourceLabel(span),
    name: span.name,
    service: span.service,
    resource: span.resource,
    type: span.type,
    kind: span.kind,
    env: span.env,
    version: span.version,
    start_ns: span.start.toString(),
    duration_ns: span.duration,
    error: span.error ? 1 : 0,
    meta: span.meta,
    metrics: span.metrics,
    ...(binary.length > 0 && {
      meta_struct: Object.fromEntries(
        binary.map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')]),
      ),
    }),
    links: span.links.map(toLinkJson),
    events: span.events.map(toEventJson),
  };
}

function toLinkJson(link: SpanLink): SpanLinkJson {
  return {
    trace_id: formatTraceId(link.traceId),
    span_id: formatSpanId(link.spanId),
    ...(Object.keys(link.attributes).length > 0 && { attributes: link.attributes }),
    ...(link.traceState !== '' && { trace_state: link.traceState }),
    ...(link.flags !== undefined && { flags: link.flags }),
  };
}

function toEventJson(event: SpanEvent): SpanEventJson {
  return {
    name: event.name,
    time_ns: event.time.toString(),
    ...(Object.keys(event.attributes).length > 0 && { attributes: event.attributes }),
  };
}
