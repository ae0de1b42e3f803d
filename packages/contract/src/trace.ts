/** Which world a span was reported by. */
export type SpanSource = 'datadog' | 'otlp' | 'xray' | 'inferred' | 'other';
export type SpanKindName =
  | 'unspecified'
  | 'internal'
  | 'server'
  | 'client'
  | 'producer'
  | 'consumer';

/** A value of a link's or event's attribute. */
export type AttributeJson = string | number | boolean | readonly AttributeJson[];

export interface SpanLinkJson {
  /** 16 or 32 lower-case hex digits. */
  readonly trace_id: string;
  /** 16 lower-case hex digits. */
  readonly span_id: string;
  readonly attributes?: Readonly<Record<string, AttributeJson>>;
  readonly trace_state?: string;
  readonly flags?: number;
}

export interface SpanEventJson {
  readonly name: string;
  /** Decimal nanoseconds since the epoch. */
  readonly time_ns: string;
  readonly attributes?: Readonly<Record<string, AttributeJson>>;
}

/** One span of an assembled trace. */
export interface SpanJson {
  /** 16 lower-case hex digits. */
  readonly span_id: string;
  /** Null for a root. */
  readonly parent_id: string | null;
  readonly source: SpanSource;
  readonly name: string;
  readonly service: string;
  readonly resource: string;
  readonly type: string;
  readonly kind: SpanKindName;
  readonly env: string;
  readonly version: string;
  /** Decimal nanoseconds since the epoch. */
  readonly start_ns: string;
  readonly duration_ns: number;
  readonly error: 0 | 1;
  /** Whether this is the first span of its service in a local chain of calls. */
  readonly entry: boolean;
  /** Text attributes. */
  readonly meta: Readonly<Record<string, string>>;
  /** Numeric attributes. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Binary attributes, base64. Only present when there are any. */
  readonly meta_struct?: Readonly<Record<string, string>>;
  readonly links: readonly SpanLinkJson[];
  readonly events: readonly SpanEventJson[];
  /** Folded into another span when the trace is drawn. */
  readonly hidden: boolean;
  readonly hidden_reason: string | null;
  /** Depth in the tree: 0 for a root. */
  readonly depth: number;
}

/** Something about the trace that a reader should know before trusting its shape. */
export interface TraceProblem {
  readonly kind:
    | 'missing_parent'
    | 'missing_root'
    | 'cycle'
    | 'duplicate_span'
    | 'duplicate_span_id'
    | 'partial_version'
    | 'multiple_roots'
    | 'trace_id_collision'
    | 'truncated';
  /** The span concerned; for `missing_parent` the parent that is not here. */
  readonly span_id: string;
  /** How many spans it concerns. */
  readonly count: number;
  /** A sentence for people. */
  readonly message: string;
}

/** One invocation's verdict on joining its X-Ray and APM halves. */
export interface MergeVerdict {
  readonly request_id: string;
  readonly verdict: string;
  readonly evidence: readonly string[];
}

/** `GET /api/traces/{id}` */
export interface TraceResponse {
  /** 32 lower-case hex digits, or 16 when only the low half is known. */
  readonly trace_id: string;
  readonly ids: { readonly datadog: readonly string[]; readonly xray: readonly string[] };
  readonly env: string;
  /** Decimal nanoseconds since the epoch. */
  readonly start_ns: string;
  /** From the first start to the last end. */
  readonly duration_ns: number;
  /** Every parent is here and there is one root. */
  readonly complete: boolean;
  readonly error: boolean;
  /** Spans by source. */
  readonly sources: Readonly<Record<'datadog' | 'otlp' | 'xray' | 'inferred' | 'other', number>>;
  readonly services: readonly string[];
  readonly merge: readonly MergeVerdict[];
  /** In tree order: a parent before its children, siblings by start. */
  readonly spans: readonly SpanJson[];
  readonly problems: readonly TraceProblem[];
}

/** One stored row before assembly, with everything that came with it. */
export interface RawSpanJson extends Omit<
  SpanJson,
  'hidden' | 'hidden_reason' | 'depth' | 'entry'
> {
  readonly trace_id: string;
  /** When the intake acknowledged it: ISO 8601 with milliseconds. */
  readonly received_at: string;
  /** Number of the write-ahead batch it arrived in. */
  readonly batch: string;
  /** The tier it was read from; a span in both is listed once per tier. */
  readonly tier: 'live' | 'kept';
  readonly priority: number | null;
  readonly flags: readonly string[];
  /** Original types of attributes that text and number columns alone would lose. */
  readonly typed: Readonly<Record<string, string>>;
  /** What came once for many spans: sender, payload and chunk tags, OTLP resource and scope. */
  readonly envelope: unknown;
}

/** `GET /api/traces/{id}/raw` */
export interface RawTraceResponse {
  readonly trace_id: string;
  readonly spans: readonly RawSpanJson[];
}
