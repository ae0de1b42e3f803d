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
  /** The parent in this tree; for a span whose parent is not here the id it states; null for a root. */
  readonly parent_id: string | null;
  /** What the sender stated, where merging put the span elsewhere; null for a root of its sender. */
  readonly stated_parent_id?: string | null;
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
  /** The span that shows it instead. */
  readonly hidden_by: string | null;
  /** Hidden spans that this one shows too. */
  readonly folded: readonly string[];
  /** No end of it has been received: `duration_ns` is how far it was seen. */
  readonly unfinished: boolean;
  /** ns to add to its times when drawing, because a clock above it seems to be off: the whole sum. Never to compute with. */
  readonly skew_ns: number;
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
    | 'truncated'
    | 'env_mismatch'
    | 'clock_skew'
    | 'limit_exceeded';
  /** The span concerned; for `missing_parent` the parent that is not here. */
  readonly span_id: string;
  /** How many spans it concerns. */
  readonly count: number;
  /** A sentence for people. */
  readonly message: string;
}

/**
 * Whether the X-Ray and the APM half of one invocation were joined, and why not where they were not.
 *
 * - `merged_by_context`: one half names an id of the other.
 * - `merged_by_request_id`: both state the same Lambda request id.
 * - `xray_pending`: the X-Ray half may still come.
 * - `xray_not_sampled`: the header the function ran with says that X-Ray did not record this request.
 * - `integration_off`: nobody reads X-Ray of this account and region, and no segment came by itself.
 * - `different_env`: both halves are here, of different environments.
 * - `different_trace_ids`: both halves are here, and nothing but time connects them.
 * - `request_id_absent`: neither half says which invocation it was.
 * - `outside_poll_window`: the invocation is older than what has been read of X-Ray.
 * - `access_denied`: X-Ray of this account and region cannot be read.
 * - `xray_absent`: X-Ray was read past this invocation and has nothing of it.
 * - `apm_absent`: no tracer reported this invocation.
 */
export type MergeVerdictName =
  | 'merged_by_context'
  | 'merged_by_request_id'
  | 'xray_pending'
  | 'xray_not_sampled'
  | 'integration_off'
  | 'different_env'
  | 'different_trace_ids'
  | 'request_id_absent'
  | 'outside_poll_window'
  | 'access_denied'
  | 'xray_absent'
  | 'apm_absent';

/** A time that the two halves of an invocation state differently by more than 5 ms. */
export interface MergeTimeConflict {
  readonly what: 'start' | 'end';
  /** Decimal nanoseconds since the epoch. */
  readonly apm_ns: string;
  readonly xray_ns: string;
}

/** One invocation's verdict on joining its X-Ray and APM halves. */
export interface MergeVerdict {
  /** Lambda's id of the invocation; null where neither half states it. */
  readonly request_id: string | null;
  /** The function, as its spans name it. */
  readonly function: string;
  readonly verdict: MergeVerdictName;
  /** What the verdict rests on, a sentence each, with the ids compared. */
  readonly evidence: readonly string[];
  /** What would join them next time; null where there is nothing to mend. */
  readonly fix: string | null;
  /** Spans of this invocation in this trace. */
  readonly apm_span_ids: readonly string[];
  readonly xray_span_ids: readonly string[];
  readonly conflicts: readonly MergeTimeConflict[];
}

/** Whether spans of X-Ray may still come to this trace. */
export interface XRayPending {
  /** When X-Ray is read next, ISO 8601; null when nobody knows. */
  readonly next_poll: string | null;
  /** Until when spans may come, ISO 8601. */
  readonly until: string;
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
  /** A verdict for each Lambda invocation in the trace. */
  readonly merge: readonly MergeVerdict[];
  /** Null when nothing more is expected of X-Ray. */
  readonly xray_pending: XRayPending | null;
  /** In tree order: a parent before its children, siblings by start. */
  readonly spans: readonly SpanJson[];
  readonly problems: readonly TraceProblem[];
}

/** One stored row before assembly, with everything that came with it. */
export interface RawSpanJson extends Omit<
  SpanJson,
  | 'hidden'
  | 'hidden_reason'
  | 'hidden_by'
  | 'folded'
  | 'unfinished'
  | 'skew_ns'
  | 'depth'
  | 'entry'
  | 'stated_parent_id'
> {
  readonly trace_id: string;
  /** When the intake acknowledged it: ISO 8601 with milliseconds. */
  readonly received_at: string;
  /** Number of the write-ahead batch it arrived in. */
  readonly batch: string;
  /** The tier it was read from; a span in both is listed once per tier. */
  readonly tier: 'live' | 'kept';
  /** Of a fetched version of an X-Ray trace that a later one replaced: it counts nowhere. */
  readonly superseded: boolean;
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
