import { type JoinKey, joinKey } from '@spanloom/base';
import type { Span, TraceKey } from '@spanloom/model';
import { requestIdOf, requestKey } from './request-id.ts';
import { contextOfSpan } from './trace-context.ts';

/** What to look for to find the other traces that these spans may belong to. */
export interface RelatedKeys {
  /** Join keys of traces that the spans say they continue. */
  readonly traces: readonly JoinKey[];
  /** Request keys of the Lambda invocations among them. */
  readonly requests: readonly bigint[];
}

/**
 * The keys by which traces of other ids are found that belong to these spans: those they name, and those that hold another half
 * of the same invocation. The other direction, traces that name these, is what stored keys answer.
 */
export function relatedKeys(spans: readonly Span[]): RelatedKeys {
  const traces = new Set<bigint>();
  const requests = new Set<bigint>();
  for (const span of spans) {
    const context = span.source === 'xray' ? contextOfSpan(span) : undefined;
    if (context !== undefined) traces.add(joinKey(context.traceId));
    const requestId = requestIdOf(span);
    if (requestId !== '') requests.add(requestKey(requestId));
  }
  return { traces: [...traces], requests: [...requests] };
}

/** The keys to store beside a span, so that its trace is found from the other traces it belongs to. */
export function keysOfSpan(span: Span): TraceKey[] {
  const { traceId, env, start } = span;
  const keys: TraceKey[] = [];
  const context = span.source === 'xray' ? contextOfSpan(span) : undefined;
  if (context !== undefined) {
    keys.push({ kind: 'trace', key: joinKey(context.traceId), traceId, env, start });
  }
  const requestId = requestIdOf(span);
  if (requestId !== '') {
    keys.push({ kind: 'request', key: requestKey(requestId), traceId, env, start });
  }
  return keys;
}
