/** One timed operation, and what its numbers mean. */
export {
  type AttributeValue,
  type Kind,
  KINDS,
  NO_PRIORITY,
  type Source,
  SOURCES,
  type Span,
  SPAN_FLAGS,
  type SpanEvent,
  type SpanLink,
} from './span.ts';
/** Links and events as they are stored. */
export {
  decodeEvents,
  decodeLinks,
  decodeTextRecord,
  encodeEvents,
  encodeLinks,
} from './links-and-events.ts';
/** Spans in columns. */
export {
  type BatchMark,
  DictionaryColumn,
  sourceName,
  SpanBatch,
  WideColumn,
} from './span-batch.ts';
/** Parts of a batch. */
export { NumberMapColumn, TextMapColumn } from './map-columns.ts';
export { StringTable } from './string-table.ts';
export { TextColumn } from './text-column.ts';
/** A payload on its way from a socket to the batch, and what became of it. */
export {
  type DecodeOutcome,
  type IntakeRecord,
  newOutcome,
  type RecordDecoder,
  type RecordFormat,
} from './intake-record.ts';
/** How traces of different ids find each other. */
export type { TraceKey, TraceKeyKind } from './trace-key.ts';
