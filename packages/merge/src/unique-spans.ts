import { type Span, SPAN_FLAGS } from '@spanloom/model';
import type { Problem } from './assembled-trace.ts';
import { canonical, compare } from './compare-spans.ts';

/** What is left of spans that came more than once. */
export interface UniqueSpans {
  readonly spans: readonly Span[];
  readonly problems: readonly Problem[];
}

/**
 * Leaves one of each span. Senders repeat payloads after a lost answer, and send a running span several times over.
 *
 * The same span is one with the same id, start, service and source; of its copies the most complete stays: a final version
 * over a partial one, then the longer, then the one with more attributes. Spans that share an id and differ in the rest are
 * different spans: both stay, and the clash is reported.
 */
export function uniqueSpans(spans: readonly Span[]): UniqueSpans {
  const problems: Problem[] = [];
  const best = new Map<string, Span>();
  for (const span of spans) {
    const key = identity(span);
    const known = best.get(key);
    if (known === undefined || completeness(span, known) > 0) best.set(key, span);
  }
  const byId = new Map<bigint, Span[]>();
  for (const span of best.values()) {
    const same = byId.get(span.spanId);
    if (same === undefined) byId.set(span.spanId, [span]);
    else same.push(span);
  }
  const copiesOf = countCopies(spans);
  const unique: Span[] = [];
  for (const [spanId, same] of byId) {
    unique.push(...same);
    if (same.length > 1) {
      problems.push({
        kind: 'duplicate_span_id',
        spanId,
        count: same.length,
        message: `${same.length} different spans carry this id; children go to the one that encloses them`,
      });
    }
    const copies = copiesOf.get(spanId) ?? 0;
    if (copies > 0) {
      problems.push({
        kind: 'duplicate_span',
        spanId,
        count: copies,
        message: `Received ${copies + 1} times; the most complete copy is shown`,
      });
    }
    for (const span of same) {
      if (!isPartial(span)) continue;
      problems.push({
        kind: 'partial_version',
        spanId,
        count: 1,
        message: 'Still running when it was last reported; no final version has arrived',
      });
    }
  }
  return { spans: unique, problems };
}

/** How many final copies beyond the first each span id has, counting only copies of one and the same span. */
function countCopies(spans: readonly Span[]): Map<bigint, number> {
  const seen = new Set<string>();
  const copies = new Map<bigint, number>();
  for (const span of spans) {
    if (isPartial(span)) continue;
    const key = identity(span);
    if (seen.has(key)) copies.set(span.spanId, (copies.get(span.spanId) ?? 0) + 1);
    seen.add(key);
  }
  return copies;
}

/** What makes two reports the same span. */
function identity(span: Span): string {
  return `${span.spanId}/${span.start}/${span.source}/${span.service}`;
}

function isPartial(span: Span): boolean {
  return (span.flags & SPAN_FLAGS.partial) !== 0;
}

/** Positive when `a` tells more than `b`; 0 only when they tell the same. */
function completeness(a: Span, b: Span): number {
  return (
    compare(Number(isPartial(b)), Number(isPartial(a))) ||
    compare(a.duration, b.duration) ||
    compare(a.traceId.hi === 0n ? 0 : 1, b.traceId.hi === 0n ? 0 : 1) ||
    compare(a.parentId === undefined ? 0 : 1, b.parentId === undefined ? 0 : 1) ||
    compare(attributeCount(a), attributeCount(b)) ||
    compare(Number(a.error), Number(b.error)) ||
    compare(canonical(a), canonical(b))
  );
}

function attributeCount(span: Span): number {
  return Object.keys(span.meta).length + Object.keys(span.metrics).length;
}
