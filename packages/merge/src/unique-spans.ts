import { joinKey } from '@spanloom/base';
import { type Span, SPAN_FLAGS } from '@spanloom/model';
import { canonical, compare } from './compare-spans.ts';
import { SpanIdTable } from './span-id-table.ts';

/** What is left of spans that came more than once. */
export interface UniqueSpans {
  readonly spans: readonly Span[];
  /** How many more final copies came, of spans of which any did. */
  readonly copies: ReadonlyMap<Span, number>;
}

/** The service of a subsegment that came without its segment and states none. */
const UNKNOWN_SERVICE = 'unnamed-service';

/**
 * Leaves one of each span. Senders repeat payloads after a lost answer, and send a running span several times over; an X-Ray
 * SDK's span comes from its daemon and again from AWS.
 *
 * The same span is one with the same id, start, service and source in the same trace; of X-Ray, where ids are unique within a
 * trace, one with the same id. Of its copies the most complete stays: a final version over a partial one, then the longer, then
 * the one with more attributes. Spans that share an id and differ in the rest are different spans.
 */
export function uniqueSpans(spans: readonly Span[]): UniqueSpans {
  const table = new SpanIdTable(spans);
  const unique: Span[] = [];
  const copies = new Map<Span, number>();
  for (let i = 0; i < spans.length; i++) {
    const span = spans[i]!;
    if (table.first(span.spanId) !== i) continue;
    const second = table.next(i);
    if (second === -1) {
      unique.push(span);
      continue;
    }
    const same = [span];
    for (let at = second; at !== -1; at = table.next(at)) same.push(spans[at]!);
    for (const { best, finals } of bestCopies(same)) {
      unique.push(best);
      // Having an X-Ray span from both of its ways in is nothing to report.
      if (finals > 1 && best.source !== 'xray') copies.set(best, finals - 1);
    }
  }
  return { spans: unique, copies };
}

function bestCopies(spans: readonly Span[]): Iterable<{ best: Span; finals: number }> {
  const found = new Map<string, { best: Span; finals: number }>();
  for (const span of spans) {
    const key = identity(span);
    const known = found.get(key);
    const final = isPartial(span) ? 0 : 1;
    if (known === undefined) found.set(key, { best: span, finals: final });
    else {
      known.finals += final;
      if (completeness(span, known.best) > 0) known.best = span;
    }
  }
  return found.values();
}

/** What makes two reports with one span id the same span. */
function identity(span: Span): string {
  const { traceId, source, meta } = span;
  return source === 'xray'
    ? `xray/${traceId.hi}/${traceId.lo}/${meta['xray.document'] ?? ''}`
    : `${source}/${joinKey(traceId)}/${span.start}/${span.service}`;
}

/** Whether a span was still running when it was reported. */
export function isPartial(span: Span): boolean {
  return (span.flags & SPAN_FLAGS.partial) !== 0;
}

/** Positive when `a` tells more than `b`; 0 only when they tell the same. */
function completeness(a: Span, b: Span): number {
  return (
    compare(Number(isPartial(b)), Number(isPartial(a))) ||
    compare(Number(b.service === UNKNOWN_SERVICE), Number(a.service === UNKNOWN_SERVICE)) ||
    compare(a.duration, b.duration) ||
    compare(a.traceId.hi === 0n ? 0 : 1, b.traceId.hi === 0n ? 0 : 1) ||
    compare(a.parentId === undefined ? 0 : 1, b.parentId === undefined ? 0 : 1) ||
    compare(attributeCount(a), attributeCount(b)) ||
    compare(Number(a.error), Number(b.error)) ||
    compare(a.start, b.start) ||
    compare(canonical(a), canonical(b))
  );
}

function attributeCount(span: Span): number {
  return Object.keys(span.meta).length + Object.keys(span.metrics).length;
}
