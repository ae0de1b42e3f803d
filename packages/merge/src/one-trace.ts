import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import type { Problem } from './assembled-trace.ts';
import { compare } from './compare-spans.ts';

/** The spans of one trace among those that share its join key. */
export interface OneTrace {
  readonly traceId: TraceId;
  readonly traceIds: readonly TraceId[];
  readonly spans: readonly Span[];
  readonly problems: readonly Problem[];
}

/**
 * Separates traces that share the low 63 bits of their ids by chance. A span without a high half belongs to whichever trace
 * it is read with; spans whose high halves differ are different traces.
 *
 * @param wanted The id asked for. When its high half is unknown, the trace with the newest span is meant.
 */
export function oneTrace(spans: readonly Span[], wanted: TraceId): OneTrace {
  const newest = new Map<bigint, bigint>();
  for (const span of spans) {
    const high = span.traceId.hi;
    if (high === 0n) continue;
    const known = newest.get(high);
    if (known === undefined || span.start > known) newest.set(high, span.start);
  }
  let high = wanted.hi;
  if (high === 0n) {
    const byAge = [...newest].toSorted((a, b) => compare(b[1], a[1]) || compare(a[0], b[0]));
    high = byAge[0]?.[0] ?? 0n;
  }
  const mine = spans.filter((span) => span.traceId.hi === 0n || span.traceId.hi === high);
  const ids = new Map<string, TraceId>();
  for (const span of mine) ids.set(`${span.traceId.hi}/${span.traceId.lo}`, span.traceId);
  const traceIds = [...ids.values()].toSorted((a, b) => compare(b.hi, a.hi) || compare(a.lo, b.lo));
  const others = spans.length - mine.length;
  return {
    // A 64-bit-only trace is known by the id its spans carry, not by what was typed.
    traceId: traceIds[0] ?? wanted,
    traceIds,
    spans: mine,
    problems:
      others === 0
        ? []
        : [
            {
              kind: 'trace_id_collision',
              spanId: 0n,
              count: others,
              message: `${others} spans of another trace share the low half of this id and are left out; ask by the full 128-bit id to see it`,
            },
          ],
  };
}
