import { formatSpanId, formatTraceId } from '@spanloom/base';
import type { SpanEvent } from '@spanloom/contract';
import { sourceLabel } from '@spanloom/merge';
import { SPAN_FLAGS } from '@spanloom/model';
import type { StoredSpan } from '@spanloom/storage';

/** A stored span as one result of a spans search. */
export function toSpanEvent({ span, tier }: StoredSpan): SpanEvent {
  const end = span.start + BigInt(Math.trunc(span.duration));
  const status = Number(span.meta['http.status_code'] ?? span.metrics['http.status_code']);
  const traceId = formatTraceId(span.traceId);
  const spanId = formatSpanId(span.spanId);
  return {
    id: `${traceId}-${spanId}`,
    type: 'spans',
    attributes: {
      attributes: { ...span.meta, ...span.metrics },
      custom: {
        duration: span.duration,
        operation_name: span.name,
        status: span.error ? 'error' : 'ok',
        kind: span.kind,
        source: sourceLabel(span),
        entry: (span.flags & SPAN_FLAGS.entry) !== 0,
        version: span.version,
        function: span.functionName,
        http_method: span.meta['http.method'] ?? '',
        http_status: Number.isInteger(status) && status > 0 ? status : null,
        received_timestamp: new Date(span.received).toISOString(),
      },
      env: span.env,
      service: span.service,
      resource_name: span.resource,
      type: span.type,
      host: span.meta['_dd.hostname'] ?? span.meta['host.name'] ?? '',
      trace_id: traceId,
      span_id: spanId,
      parent_id: span.parentId === undefined ? '0' : formatSpanId(span.parentId),
      start_timestamp: isoNanos(span.start),
      end_timestamp: isoNanos(end),
      ingestion_reason: ingestionReason(span.meta['_dd.p.dm']),
      retained_by: tier === 'kept' ? 'all' : 'live',
      single_span: span.metrics['_dd.span_sampling.mechanism'] !== undefined,
      tags: tags(span.env, span.service, span.version),
    },
  };
}

/** ISO 8601 with nanoseconds, trailing zeros after the milliseconds left out. */
export function isoNanos(nanos: bigint): string {
  // Floored by hand: BigInt division rounds towards zero, which is wrong before 1970.
  const below = ((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(Number((nanos - below) / 1_000_000n)).toISOString();
  const fraction = below.toString().padStart(6, '0').replace(/0+$/, '');
  return fraction === '' ? text : `${text.slice(0, -1)}${fraction}Z`;
}

const MECHANISMS: Readonly<Record<string, string>> = {
  '0': 'default',
  '1': 'agent',
  '2': 'remote_rate',
  '3': 'rule',
  '4': 'manual',
  '5': 'appsec',
  '6': 'remote_user_rate',
  '8': 'single_span',
  '9': 'otlp',
  '11': 'remote_rule',
  '12': 'adaptive_rule',
};

/** `_dd.p.dm` is `-<mechanism>`, in old tracers `<hash>-<mechanism>`. */
function ingestionReason(decision: string | undefined): string {
  return MECHANISMS[/-(\d+)$/.exec(decision ?? '')?.[1] ?? ''] ?? 'unknown';
}

function tags(env: string, service: string, version: string): string[] {
  return [
    ['env', env],
    ['service', service],
    ['version', version],
  ].flatMap(([key, value]) => (value === '' ? [] : [`${key}:${value}`]));
}
