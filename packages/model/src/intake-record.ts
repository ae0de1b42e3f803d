import type { TraceId } from '@spanloom/base';
import type { SpanBatch } from './span-batch.ts';

/** The wire formats a payload can be in. The names are written to the write-ahead log: never reuse one. */
export type RecordFormat =
  | 'agent-v0.1-json'
  | 'agent-v0.3-msgpack'
  | 'agent-v0.3-json'
  | 'agent-v0.4-msgpack'
  | 'agent-v0.4-json'
  | 'agent-v0.5-msgpack'
  | 'agent-v0.7-msgpack'
  | 'agent-v1.0-msgpack'
  | 'agent-payload-protobuf'
  | 'agentless-json'
  | 'otlp-traces-protobuf'
  | 'otlp-traces-json'
  | 'xray-segment-json'
  | 'xray-trace-json'
  | 'cloudwatch-spans-json'
  | 'client-stats-msgpack'
  | 'agent-stats-msgpack';

/**
 * A payload as it is written to the write-ahead log: enough to decode it again after a crash with exactly the same result.
 */
export interface IntakeRecord {
  readonly format: RecordFormat;
  /** When it came, ms since the epoch. Decoding takes "now" from here and nowhere else. */
  readonly receivedMs: number;
  /** The request headers decoding depends on, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, inflated. */
  readonly body: Uint8Array;
}

/** What decoding a payload came to. Counts are of this payload alone. */
export interface DecodeOutcome {
  traces: number;
  spans: number;
  /** Chunks left out, by reason: `TraceIDZero`, `SpanIDZero`, `ForeignSpan`, `EmptyTrace`, … */
  readonly droppedTraces: Record<string, number>;
  droppedSpans: number;
  /** Changes made to keep a value within the rules, by reason: `ServiceTruncate`, `InvalidDuration`, … */
  readonly malformedSpans: Record<string, number>;
  /** Spans refused one by one (OTLP partial success), with the first reason in words. */
  rejectedSpans: number;
  rejectedMessage: string;
  /** Chunks by sampling priority: `none`, `-1`, `0`, `1`, `2`. */
  readonly priorities: Record<string, number>;
  /** Language and version of the sender where the payload states them. */
  language: string;
  tracerVersion: string;
  /** The trace of which this payload is the whole: rows of earlier payloads that were the whole of it count no more. */
  replaces: TraceId | undefined;
}

/** An outcome of nothing, to count into. */
export function newOutcome(): DecodeOutcome {
  return {
    traces: 0,
    spans: 0,
    droppedTraces: {},
    droppedSpans: 0,
    malformedSpans: {},
    rejectedSpans: 0,
    rejectedMessage: '',
    priorities: {},
    language: '',
    tracerVersion: '',
    replaces: undefined,
  };
}

/**
 * Decodes a record's spans to the end of `batch`. A pure function of the record: replaying it gives the same rows.
 * @throws {DecodeError} If the payload does not follow its format. The batch is then as it was.
 */
export type RecordDecoder = (record: IntakeRecord, batch: SpanBatch) => DecodeOutcome;
