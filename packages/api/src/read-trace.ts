import { joinKey, type TraceId } from '@spanloom/base';
import { type AssembledTrace, assembleTrace, relatedKeys } from '@spanloom/merge';
import type { Span, TraceKeyKind } from '@spanloom/model';
import type { SpanReader, XRayControl } from './ports.ts';

/** How many spans one answer holds; a trace beyond it says in `problems` how many were left out. */
const TRACE_SPANS_LIMIT = 200_000;

/** How many traces are put together at most. A batch consumer may continue a hundred producers. */
const RELATED_TRACES_LIMIT = 200;

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
  return assembleTrace(found.spans, {
    traceId,
    ...(options.env !== undefined && options.env !== '' && { env: options.env }),
    ...(coverage !== undefined && { xray: coverage }),
    truncated: found.omitted,
  });
}

/** Spans of a trace and of every trace it is tied to, directly or by way of another. */
export async function readRelated(
  reader: SpanReader,
  traceId: TraceId,
  signal: AbortSignal,
): Promise<{ spans: readonly Span[]; omitted: number; ids: readonly TraceId[] }> {
  const spans: Span[] = [];
  const ids: TraceId[] = [];
  let omitted = 0;
  const known = new Set<bigint>();
  const asked = new Set<string>();
  let wanted: TraceId[] = [traceId];
  while (wanted.length > 0 && spans.length < TRACE_SPANS_LIMIT) {
    for (const id of wanted) known.add(joinKey(id));
    ids.push(...wanted);
    const limit = TRACE_SPANS_LIMIT - spans.length;
    const loaded = await reader.traces(wanted, { limit, signal });
    omitted += loaded.omitted;
    for (const span of loaded.spans) spans.push(span);
    const { traces, requests } = relatedKeys(loaded.spans);
    const keys = [
      ...wanted.map((id) => ({ kind: 'trace' as const, key: joinKey(id) })),
      ...requests.map((key) => ({ kind: 'request' as const, key })),
    ].filter((key) => isNew(asked, key));
    const stating =
      keys.length === 0
        ? []
        : await reader.tracesByKey(keys, { limit: RELATED_TRACES_LIMIT, signal });
    wanted = firstOfEach([
      ...traces.map((lo) => ({ hi: 0n, lo })),
      ...stating.map((key) => ({ hi: 0n, lo: joinKey(key.traceId) })),
    ])
      .filter((id) => !known.has(joinKey(id)))
      .slice(0, RELATED_TRACES_LIMIT - known.size);
  }
  return { spans, omitted, ids };
}

function isNew(asked: Set<string>, { kind, key }: { kind: TraceKeyKind; key: bigint }): boolean {
  const text = `${kind} ${key}`;
  if (asked.has(text)) return false;
  asked.add(text);
  return true;
}

function firstOfEach(ids: readonly TraceId[]): TraceId[] {
  return [...new Map(ids.map((id) => [joinKey(id), id])).values()];
}
