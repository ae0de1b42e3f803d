import type { JsonObject } from '../json.ts';
import type { StoredDocument } from '../store/trace-record.ts';
import { derivedId } from '../trace-id.ts';
import { otelSpans, type SpanPlace } from './otel-span.ts';

/** An event of the log group `aws/spans`. */
export interface SpanEvent {
  readonly eventId: string;
  readonly logStreamName: string;
  /** When the span ended. Epoch milliseconds, whole ones, as CloudWatch has them. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

/** The events that a document becomes: one for each of its spans, none while it is in progress. */
export function spanEvents(document: StoredDocument, place: SpanPlace): SpanEvent[] {
  const body = JSON.parse(document.text) as JsonObject;
  if (body['in_progress'] === true) return [];
  return otelSpans(body, place).map((span) => ({
    eventId: derivedId(`event ${span.id} ${document.text}`),
    logStreamName: 'default',
    timestamp: Math.floor(span.endMs),
    ingestionTime: Math.floor(document.visibleAt),
    message: span.text,
  }));
}
