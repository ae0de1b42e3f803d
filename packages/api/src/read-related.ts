import { joinKey, type TraceId } from '@spanloom/base';
import { relatedKeys } from '@spanloom/merge';
import type { Span, TraceKey, TraceKeyKind } from '@spanloom/model';
import type { SpanReader } from './ports.ts';

/** How many spans one answer holds; a trace beyond it says in `problems` how many were left out. */
const SPANS_LIMIT = 200_000;

/** How many traces are read for one. A batch consumer may continue a hundred producers, a batch job call a thousand functions. */
const TRACES_LIMIT = 2_000;

/** Traces read by one statement. */
const TRACES_AT_ONCE = 500;

/** Rows of stored keys looked at for a thousand keys. */
const KEY_ROWS_LIMIT = 10_000;

/** What was read for one trace. */
export interface RelatedSpans {
  readonly spans: readonly Span[];
  /** The traces they are of. */
  readonly ids: readonly TraceId[];
  /** Spans of these traces beyond the limit. */
  readonly omittedSpans: number;
  /** Traces that may belong to it and were not read; at least so many. */
  readonly omittedTraces: number;
}

/** Reads the spans of a trace and of every trace it is tied to, directly or by way of another. */
export async function readRelated(
  reader: SpanReader,
  traceId: TraceId,
  signal: AbortSignal,
): Promise<RelatedSpans> {
  const spans: Span[] = [];
  const ids: TraceId[] = [];
  let omittedSpans = 0;
  let omittedTraces = 0;
  const known = new Set<bigint>();
  const asked = new Set<string>();
  let wanted: readonly TraceId[] = [traceId];
  while (wanted.length > 0) {
    for (const id of wanted) known.add(joinKey(id));
    ids.push(...wanted);
    const fresh: Span[] = [];
    for (let from = 0; from < wanted.length; from += TRACES_AT_ONCE) {
      const limit = Math.max(1, SPANS_LIMIT - spans.length - fresh.length);
      const some = wanted.slice(from, from + TRACES_AT_ONCE);
      const loaded = await reader.traces(some, { limit, signal });
      omittedSpans += loaded.omitted;
      for (const span of loaded.spans) fresh.push(span);
    }
    for (const span of fresh) spans.push(span);
    if (spans.length >= SPANS_LIMIT) break;

    const { traces, requests } = relatedKeys(fresh);
    const keys = [
      ...wanted.map((id) => ({ kind: 'trace' as const, key: joinKey(id) })),
      ...requests.map((key) => ({ kind: 'request' as const, key })),
    ].filter((key) => isNew(asked, key));
    const stating = await reader.tracesByKey(keys, {
      except: [...known],
      limit: KEY_ROWS_LIMIT,
      signal,
    });
    const found = distinct([
      // What spans name themselves comes first: the others were named by somebody else.
      ...traces.map((lo) => ({ hi: 0n, lo })),
      ...inOrderOfTrust(stating, new Set(spans.map(({ env }) => env))),
    ]).filter((id) => !known.has(joinKey(id)));
    const room = Math.max(0, TRACES_LIMIT - known.size);
    omittedTraces += Math.max(0, found.length - room);
    wanted = found.slice(0, room);
  }
  return { spans, ids, omittedSpans, omittedTraces };
}

/** Traces of an environment that is here already first: where not all can be read, others must not crowd them out. */
function inOrderOfTrust(rows: readonly TraceKey[], envs: ReadonlySet<string>): TraceId[] {
  const ours = rows.filter(({ env }) => envs.has(env));
  const others = rows.filter(({ env }) => !envs.has(env));
  return [...ours, ...others].map(({ traceId }) => ({ hi: 0n, lo: joinKey(traceId) }));
}

function isNew(asked: Set<string>, { kind, key }: { kind: TraceKeyKind; key: bigint }): boolean {
  const text = `${kind} ${key}`;
  if (asked.has(text)) return false;
  asked.add(text);
  return true;
}

function distinct(ids: readonly TraceId[]): TraceId[] {
  return [...new Map(ids.map((id) => [joinKey(id), id])).values()];
}
