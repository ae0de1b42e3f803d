import type { DurationNanos, EpochMillis, EpochNanos, TraceId } from '@spanloom/base';

/** Which world reported a span. The numbers are stored. */
export const SOURCES = { other: 0, datadog: 1, otlp: 2, xray: 3 } as const;
export type Source = keyof typeof SOURCES;

/** What part a span plays in a call. The numbers are stored, and are those of OTLP and of agent traces v1.0. */
export const KINDS = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
] as const;
export type Kind = (typeof KINDS)[number];

/** Bits of `flags`. */
export const SPAN_FLAGS = {
  /** Service entry span: the first of its service in a local chain of calls. */
  entry: 1,
  /** Counted in trace metrics although it is not an entry span. */
  measured: 2,
  /** The sender counts this span itself and reports it in its stats. */
  clientStats: 4,
  /** A snapshot of a span that is still running. */
  partial: 8,
  /** Of an X-Ray trace that was fetched whole: a later version of it replaces this. */
  fetched: 16,
  /** A note of a library to X-Ray about an invocation, not work that took time: it is kept for merging and counts nowhere. */
  note: 32,
} as const;

/** The sampling priority of a chunk that states none. */
export const NO_PRIORITY = -128;

/** A value of a link's or an event's attribute. */
export type AttributeValue = string | number | boolean | readonly AttributeValue[];

export interface SpanLink {
  readonly traceId: TraceId;
  readonly spanId: bigint;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly traceState: string;
  readonly flags: number | undefined;
}

export interface SpanEvent {
  readonly name: string;
  readonly time: EpochNanos;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/**
 * One timed operation, outside of hot paths. `SpanBatch` holds the same in columns.
 */
export interface Span {
  readonly traceId: TraceId;
  readonly spanId: bigint;
  /** `undefined` for a root span, never zero. */
  readonly parentId: bigint | undefined;
  readonly source: Source;
  readonly service: string;
  /** The operation, such as `aws.lambda` or `http.request`. */
  readonly name: string;
  readonly resource: string;
  readonly type: string;
  readonly kind: Kind;
  readonly env: string;
  readonly version: string;
  /** Name of the Lambda function, '' elsewhere. */
  readonly functionName: string;
  readonly start: EpochNanos;
  readonly duration: DurationNanos;
  readonly error: boolean;
  /** Bits of `SPAN_FLAGS`. */
  readonly flags: number;
  /** −1 user drop, 0 auto drop, 1 auto keep, 2 user keep. */
  readonly priority: number | undefined;
  /** Text attributes. */
  readonly meta: Readonly<Record<string, string>>;
  /** Numeric attributes. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Binary attributes. */
  readonly binary: Readonly<Record<string, Uint8Array>>;
  readonly links: readonly SpanLink[];
  readonly events: readonly SpanEvent[];
  /** What type an attribute had where text or number alone would not tell: see `docs/formats/spans.md`. */
  readonly typed: Readonly<Record<string, string>>;
  /** JSON of what came once for many spans: the sender, payload and chunk tags, OTLP resource and scope. '' when nothing did. */
  readonly envelope: string;
  /** When the intake took it. */
  readonly received: EpochMillis;
}
