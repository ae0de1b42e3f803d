import type { TraceId } from '@spanloom/base';
import { type AssembledTrace, assembleTrace } from '@spanloom/merge';
import type { SpanReader, XRayControl } from './ports.ts';
import { readRelated } from './read-related.ts';

/**
 * Reads a trace by any of its ids, with the traces that belong to it: those that its spans name, and those that name it or the
 * same Lambda invocation. Which of them become one tree is for merging to say.
 *
 * @returns undefined when there is no such trace.
 */
export async function readTrace(
  reader: SpanReader,
  traceId: TraceId,
  options: { env: string | undefined; xray: XRayControl | undefined; signal: AbortSignal },
): Promise<AssembledTrace | undefined> {
  const found = await readRelated(reader, traceId, options.signal);
  const coverage = options.xray?.coverage();
  const trace = assembleTrace(found.spans, {
    traceId,
    ...(options.env !== undefined && options.env !== '' && { env: options.env }),
    ...(coverage !== undefined && { xray: coverage }),
    truncated: found.omittedSpans,
  });
  if (trace === undefined || found.omittedTraces === 0) return trace;
  const message = `${found.omittedTraces} more traces that may belong to this one were not read`;
  return {
    ...trace,
    complete: false,
    problems: [
      ...trace.problems,
      { kind: 'truncated', spanId: 0n, count: found.omittedTraces, message },
    ],
  };
}
