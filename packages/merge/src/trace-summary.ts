import type { EpochNanos } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import type { AssembledTrace, SourceLabel, TraceNode } from './assembled-trace.ts';
import { isCut } from './cut-spans.ts';
import { isInferredSpan } from './lambda-runs.ts';

/** What is true of a trace as a whole. */
interface TraceSummary extends Pick<
  AssembledTrace,
  'env' | 'start' | 'end' | 'error' | 'sources' | 'services'
> {
  /** X-Ray spans that say their trace was cut off. */
  readonly limitExceeded: readonly Span[];
  /** X-Ray spans of which the crawler cut a part off. */
  readonly cut: readonly Span[];
}

/** The world a span is counted under. */
export function sourceLabel(span: Span): SourceLabel {
  return isInferredSpan(span) ? 'inferred' : span.source;
}

/**
 * Adds up the spans of a trace in one go.
 *
 * @param env The environment asked for; the first one named, from the root down, where none was.
 */
export function summarise(nodes: readonly TraceNode[], env: string | undefined): TraceSummary {
  const sources = { datadog: 0, otlp: 0, xray: 0, inferred: 0, other: 0 };
  const services = new Set<string>();
  const limitExceeded: Span[] = [];
  const cut: Span[] = [];
  let first: Span | undefined;
  let last: Span | undefined;
  /** End of `last`, in ns after `nodes[0]` starts: compared as a number, since an end as a bigint is made for each span. */
  let lastEnd = -Infinity;
  const base = nodes[0]!.span.start;
  let shownEnv = env;
  let error = false;
  for (const { span, hiddenReason } of nodes) {
    sources[sourceLabel(span)]++;
    if (hiddenReason === undefined) services.add(span.service);
    if (shownEnv === undefined && span.env !== '') shownEnv = span.env;
    error ||= span.error;
    if (span.source === 'xray') {
      if (span.meta['xray.limit_exceeded'] === 'true') limitExceeded.push(span);
      if (isCut(span)) cut.push(span);
      // A function made ready hours before does not make the request as long.
      if (span.meta['xray.init.detached'] === 'true') continue;
    }
    if (first === undefined || span.start < first.start) first = span;
    const end = Number(span.start - base) + span.duration;
    if (end > lastEnd) {
      last = span;
      lastEnd = end;
    }
  }
  first ??= nodes[0]!.span;
  last ??= first;
  return {
    env: shownEnv ?? '',
    start: first.start,
    end: (last.start + BigInt(last.duration)) as EpochNanos,
    error,
    sources,
    services: [...services],
    limitExceeded,
    cut,
  };
}
