import { formatSpanId, formatTraceId } from '@spanloom/base';
import type { AttributeValue, Span, SpanEvent, SpanLink } from '@spanloom/model';

const TRACE_HIGH = '_dd.p.tid';
const PRIORITY = '_sampling_priority_v1';

/** A numeric attribute for the wire: integers that a double would round are bigints. */
export type MetricValue = number | bigint;

/**
 * A span's text attributes as Datadog's formats state them: with the upper half of the trace id on the chunk's first span.
 */
export function metaOf(span: Span, isFirst: boolean): [string, string][] {
  const meta = Object.entries(span.meta);
  if (isFirst && span.traceId.hi !== 0n && span.meta[TRACE_HIGH] === undefined) {
    meta.unshift([TRACE_HIGH, formatSpanId(span.traceId.hi)]);
  }
  return meta;
}

/**
 * A span's numeric attributes. Formats without a priority of the chunk's own state it on the first span, unless some span does.
 */
export function metricsOf(
  span: Span,
  chunk: readonly Span[],
  statePriority: boolean,
): [string, MetricValue][] {
  const metrics = Object.entries(span.metrics).map(([key, value]): [string, MetricValue] => [
    key,
    exactInteger(span.typed[key]) ?? value,
  ]);
  if (
    statePriority &&
    span === chunk[0] &&
    span.priority !== undefined &&
    !chunk.some((other) => other.metrics[PRIORITY] !== undefined)
  ) {
    metrics.push([PRIORITY, span.priority]);
  }
  return metrics;
}

/** The integer behind a `typed` entry such as `int:9007199254740993`. */
export function exactInteger(type: string | undefined): bigint | undefined {
  return type?.startsWith('int:') === true ? BigInt(type.slice(4)) : undefined;
}

/** Links as tracers without native links write them. */
export function linksJson(links: readonly SpanLink[]): string {
  return JSON.stringify(
    links.map((link) => ({
      trace_id: formatTraceId(link.traceId).padStart(32, '0'),
      span_id: formatSpanId(link.spanId),
      ...(Object.keys(link.attributes).length > 0 && { attributes: link.attributes }),
      ...(link.traceState !== '' && { tracestate: link.traceState }),
      ...(link.flags !== undefined && { flags: link.flags }),
    })),
  );
}

/** Events as tracers without native events write them. */
export function eventsJson(events: readonly SpanEvent[]): string {
  const items = events.map((event) => {
    const attributes =
      Object.keys(event.attributes).length > 0
        ? `,"attributes":${JSON.stringify(event.attributes)}`
        : '';
    // The time is a number of 19 digits, which JSON.stringify would round.
    return `{"name":${JSON.stringify(event.name)},"time_unix_nano":${event.time}${attributes}}`;
  });
  return `[${items.join(',')}]`;
}

/** A link's flags with the bit that says they are there. */
export function wireFlags(link: SpanLink): number {
  return link.flags === undefined ? 0 : (link.flags | 0x8000_0000) >>> 0;
}

/** Types of attribute values in Datadog's native events. */
export const ANY = { string: 0, boolean: 1, integer: 2, double: 3, array: 4 } as const;

export function anyTypeOf(value: AttributeValue): number {
  if (typeof value === 'string') return ANY.string;
  if (typeof value === 'boolean') return ANY.boolean;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? ANY.integer : ANY.double;
  return ANY.array;
}

/** Text of an attribute of a link: its values are texts on Datadog's wire. */
export function textOfValue(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
