import { randomUuid } from './random-id.ts';
import type { SpanLink } from '../context/trace-context.ts';
import type { Span } from './span.ts';
import type { Trace } from './trace.ts';

let runtimeId: string | undefined;

/** Adds what every span of this wire carries: origin, environment, links, and on the first of a chunk the trace's own tags. */
export function completeSpans(trace: Trace, spans: readonly Span[]): void {
  const { env, version, tags } = trace.defaults;
  const priority = trace.decided();
  for (const span of spans) {
    const { meta, metrics } = span;
    for (const [key, value] of tags) meta[key] ??= value;
    meta['_dd.origin'] = trace.origin;
    if (env !== undefined) meta['env'] ??= env;
    if (span.service === trace.service) {
      if (version !== undefined) meta['version'] ??= version;
    } else meta['_dd.base_service'] = trace.service.toLowerCase();
    meta['language'] = 'javascript';
    meta['runtime-id'] = runtimeId ??= randomUuid();
    metrics['process_id'] = process.pid;
    metrics['_sampling_priority_v1'] = priority;
    if (span.parentId === 0n) metrics['_dd.top_level'] = 1;
    if (span.links !== undefined) meta['_dd.span_links'] = linksText(span.links);
  }
  const first = spans[0];
  if (first === undefined) return;
  if (trace.rate !== undefined) first.metrics[trace.rate[0]] = trace.rate[1];
  if (trace.traceHigh !== '') first.meta['_dd.p.tid'] = trace.traceHigh;
  Object.assign(first.meta, trace.tags);
  if (trace.parent?.lastParent !== undefined) first.meta['_dd.parent_id'] = trace.parent.lastParent;
}

function linksText(links: readonly SpanLink[]): string {
  return JSON.stringify(
    links.map(({ traceId, spanId, attributes }) => ({
      trace_id: traceId,
      span_id: spanId,
      ...(attributes === undefined ? {} : { attributes }),
    })),
  );
}
