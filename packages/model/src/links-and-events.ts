import {
  type EpochNanos,
  formatSpanId,
  formatTraceId,
  isJsonObject,
  parseTraceId,
} from '@spanloom/base';
import type { AttributeValue, SpanEvent, SpanLink } from './span.ts';

/** A link as it is stored and sent: see `SpanLinkJson` of the contract. */
interface StoredLink {
  trace_id: string;
  span_id: string;
  attributes?: Record<string, AttributeValue>;
  trace_state?: string;
  flags?: number;
}

interface StoredEvent {
  name: string;
  time_ns: string;
  attributes?: Record<string, AttributeValue>;
}

/** Compact JSON of a span's links, '' when there are none. */
export function encodeLinks(links: readonly SpanLink[]): string {
  if (links.length === 0) return '';
  return JSON.stringify(
    links.map((link): StoredLink => {
      const stored: StoredLink = {
        trace_id: formatTraceId(link.traceId),
        span_id: formatSpanId(link.spanId),
      };
      if (Object.keys(link.attributes).length > 0) stored.attributes = { ...link.attributes };
      if (link.traceState !== '') stored.trace_state = link.traceState;
      if (link.flags !== undefined) stored.flags = link.flags;
      return stored;
    }),
  );
}

/** The links behind stored JSON that `encodeLinks` made. */
export function decodeLinks(text: string): SpanLink[] {
  if (text === '') return [];
  return (JSON.parse(text) as StoredLink[]).map((link) => ({
    traceId: parseTraceId(link.trace_id.padStart(32, '0')),
    spanId: BigInt(`0x${link.span_id}`),
    attributes: link.attributes ?? {},
    traceState: link.trace_state ?? '',
    flags: link.flags,
  }));
}

/** Compact JSON of a span's events, '' when there are none. */
export function encodeEvents(events: readonly SpanEvent[]): string {
  if (events.length === 0) return '';
  return JSON.stringify(
    events.map((event): StoredEvent => {
      const stored: StoredEvent = { name: event.name, time_ns: event.time.toString() };
      if (Object.keys(event.attributes).length > 0) stored.attributes = { ...event.attributes };
      return stored;
    }),
  );
}

/** The events behind stored JSON that `encodeEvents` made. */
export function decodeEvents(text: string): SpanEvent[] {
  if (text === '') return [];
  return (JSON.parse(text) as StoredEvent[]).map((event) => ({
    name: event.name,
    time: BigInt(event.time_ns) as EpochNanos,
    attributes: event.attributes ?? {},
  }));
}

/** Text attributes behind stored JSON such as `typed`; {} for ''. */
export function decodeTextRecord(text: string): Record<string, string> {
  if (text === '') return {};
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) ? (value as Record<string, string>) : {};
}
