import type { SpanFacts } from './trace-model.ts';

/** Bits of `TraceModel.flags`. */
export const Flag = {
  error: 1,
  /** Synthesised for a managed service. */
  inferred: 2,
  /** Known only through X-Ray. */
  xray: 4,
  /** Shows other spans too: the two halves of one thing. */
  merged: 8,
  /** No end was received. */
  torn: 16,
  /** Starts after its parent ended or outlives it: never holds its parent up. */
  async: 32,
  /** Stands for a parent that is not in the trace. */
  placeholder: 64,
  /** Initialisation of a function's sandbox. */
  cold: 128,
  /** Shown by another span already: drawn only on request, and never counted. */
  hidden: 256,
  /** Moved to where its clock seems to have meant. */
  skewed: 512,
  /** Reported by OpenTelemetry. */
  otlp: 1024,
  /** The caller was at fault: a client error that is no failure of this span. */
  clientError: 2048,
  /** Refused for exceeding a rate. */
  throttled: 4096,
} as const;

/** Takes no part in times: a stand-in, or something another row shows already. */
export const UNCOUNTED: number = Flag.placeholder | Flag.hidden;
/** Does not hold its parent up. */
export const UNBLOCKING: number = Flag.async | Flag.hidden;

const COLD_NAMES: ReadonlySet<string> = new Set(['Initialization', 'Init', 'Restore']);

/** What a span says about itself. `sourceOf` knows the source of each span of the trace by its id. */
export function ownFlags(
  span: SpanFacts,
  sourceOf: (spanId: string) => string | undefined,
): number {
  const { meta, folded = [] } = span;
  let flags = span.error === 1 ? Flag.error : 0;
  if (span.source === 'inferred' || meta['_inferred_span.tag_source'] === 'self')
    flags |= Flag.inferred;
  if (folded.length > 0) flags |= Flag.merged;
  // A row that shows a tracer's span as well is no longer known through X-Ray only.
  if (span.source === 'xray' && !folded.some((id) => isOther(sourceOf(id)))) flags |= Flag.xray;
  if (span.source === 'otlp') flags |= Flag.otlp;
  if (span.unfinished === true) flags |= Flag.torn;
  if (span.hidden) flags |= Flag.hidden;
  if (meta['xray.error'] === 'true' && span.error === 0) flags |= Flag.clientError;
  if (meta['xray.throttle'] === 'true') flags |= Flag.throttled;
  if (span.name === 'aws.lambda.cold_start' || COLD_NAMES.has(meta['xray.name'] ?? ''))
    flags |= Flag.cold;
  return flags;
}

function isOther(source: string | undefined): boolean {
  return source !== undefined && source !== 'xray';
}
