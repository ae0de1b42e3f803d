import type { SpanJson, TraceResponse } from '@spanloom/contract';
import { nanosTextToMillis } from '../../ui/format.ts';

/** Why a parent is probably missing. */
export interface ProbableCause {
  /** Fits behind "probably". */
  readonly short: string;
  readonly text: string;
}

/** Spans of one trace are under way for about this long after its end. */
const ARRIVING_MS = 30_000;
/** Samplers that keep a piece of a trace and not the trace. */
const FRAGMENT_REASONS: ReadonlySet<string> = new Set(['error', 'rare', 'single_span']);
const GATEWAYS = /^(?:api-gateway|application-load-balancer|lambda-function-url)/;

/**
 * Why the parent of `orphans` is not here, from what they and the trace say; the likeliest explanation that the data
 * supports. It stays probable: what would prove it is what is missing.
 */
export function probableCause(
  trace: TraceResponse,
  orphans: readonly SpanJson[],
  now: number,
): ProbableCause {
  const endMs = nanosTextToMillis(trace.start_ns) + trace.duration_ns / 1e6;
  const some = (test: (span: SpanJson) => boolean): boolean => orphans.some(test);
  if (now - endMs < ARRIVING_MS) {
    return {
      short: 'still arriving',
      text: 'The trace ended less than half a minute ago: its spans may still be arriving.',
    };
  }
  if (some((span) => span.meta['_dd.parent_source'] === 'xray')) {
    return trace.xray_pending === null
      ? {
          short: 'an X-Ray segment that was not recorded or not read',
          text: 'The tracer took its parent from X-Ray. X-Ray did not record this request, or it was not read: the merge report says which.',
        }
      : {
          short: 'an X-Ray segment still to come',
          text: 'The tracer took its parent from X-Ray, whose segments come minutes later. They are still awaited.',
        };
  }
  const fragment = orphans.find((span) =>
    FRAGMENT_REASONS.has(span.meta['ingestion_reason'] ?? ''),
  );
  if (fragment !== undefined) {
    return {
      short: 'left out by a sampler',
      text: `A sampler kept this piece for itself (ingestion_reason ${fragment.meta['ingestion_reason']}) and not what called it.`,
    };
  }
  if (some((span) => (span.metrics['_sampling_priority_v1'] ?? 1) <= 0)) {
    return {
      short: 'dropped by the caller’s sampler',
      text: 'The sampling priority says that the trace was to be dropped: what called this was not sent.',
    };
  }
  if (some((span) => GATEWAYS.test(span.meta['function_trigger.event_source'] ?? ''))) {
    return {
      short: 'a gateway that exports no span',
      text: 'The request came through a managed gateway, whose own span is only known to X-Ray. With X-Ray tracing of the gateway switched on and read, it would be here.',
    };
  }
  return {
    short: 'the caller is not traced here',
    text: 'The caller named itself but sent no span: it is not instrumented, or it sends elsewhere.',
  };
}
