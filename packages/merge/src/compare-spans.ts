import type { Span } from '@spanloom/model';

/**
 * The order of siblings and of roots: by start, the longer first, then by id and by every field that can still differ.
 * Total over distinct spans, so that the order in which spans arrived cannot show.
 */
export function compareSpans(a: Span, b: Span): number {
  return (
    compare(a.start, b.start) ||
    compare(b.duration, a.duration) ||
    compare(a.spanId, b.spanId) ||
    compare(a.service, b.service) ||
    compare(a.name, b.name) ||
    compare(a.resource, b.resource) ||
    compare(a.parentId ?? 0n, b.parentId ?? 0n) ||
    compare(a.traceId.hi, b.traceId.hi) ||
    compare(a.source, b.source) ||
    compare(canonical(a), canonical(b))
  );
}

/** Negative, zero or positive, as sorting wants it. */
export function compare<T extends bigint | number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Everything that can tell two spans with the same id and times apart, as text. Only computed for spans that agree on all else. */
export function canonical(span: Span): string {
  return JSON.stringify([
    span.name,
    span.resource,
    String(span.parentId ?? ''),
    String(span.traceId.hi),
    span.received,
    span.type,
    span.kind,
    span.env,
    span.version,
    span.error,
    span.flags,
    span.priority ?? null,
    sorted(span.meta),
    sorted(span.metrics),
    sorted(span.typed),
    span.envelope,
    span.links.length,
    span.events.length,
  ]);
}

function sorted(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).toSorted(([x], [y]) => compare(x, y));
}
