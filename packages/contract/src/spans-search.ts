import { z } from 'zod';

/**
 * `POST /api/v2/spans/events/search`, in the shape existing API clients send.
 * A field that is not supported is refused by name, never ignored.
 */
export interface SpansSearchRequest {
  readonly data: {
    readonly type: 'search_request';
    readonly attributes?: {
      readonly filter?: {
        /** ISO 8601, epoch milliseconds as text, or `now-15m`. */
        readonly from?: string;
        readonly to?: string;
        readonly query?: string;
      };
      readonly options?: { readonly timezone?: string; readonly timeOffset?: number };
      readonly page?: { readonly cursor?: string; readonly limit?: number };
      readonly sort?: 'timestamp' | '-timestamp';
    };
  };
}

/** Parses the body of a spans search; unknown fields are errors that name them. */
export const SpansSearchRequest: z.ZodType<SpansSearchRequest> = z.strictObject({
  data: z.strictObject({
    type: z.literal('search_request'),
    attributes: z
      .strictObject({
        filter: z
          .strictObject({
            from: z.string().exactOptional(),
            to: z.string().exactOptional(),
            query: z.string().exactOptional(),
          })
          .exactOptional(),
        options: z
          .strictObject({
            timezone: z.string().exactOptional(),
            timeOffset: z.number().exactOptional(),
          })
          .exactOptional(),
        page: z
          .strictObject({
            cursor: z.string().exactOptional(),
            limit: z.number().int().min(1).max(1000).exactOptional(),
          })
          .exactOptional(),
        sort: z.enum(['timestamp', '-timestamp']).exactOptional(),
      })
      .exactOptional(),
  }),
});

/** The span inside a search result. */
export interface SpanEventAttributes {
  /** Text and numeric attributes side by side, and the reserved keys that have no field of their own. */
  readonly attributes: Readonly<Record<string, string | number>>;
  /** What the tracer's own fields say: `duration` in ns, `operation_name`, `status`, `kind`, `source`, `entry`. */
  readonly custom: {
    readonly duration: number;
    readonly operation_name: string;
    readonly status: 'ok' | 'error';
    readonly kind: string;
    readonly source: string;
    readonly entry: boolean;
    readonly version: string;
    readonly function: string;
    readonly http_method: string;
    readonly http_status: number | null;
    /** When the intake acknowledged it. */
    readonly received_timestamp: string;
  };
  readonly env: string;
  readonly service: string;
  readonly resource_name: string;
  readonly type: string;
  readonly host: string;
  readonly trace_id: string;
  readonly span_id: string;
  /** `0` for a root span. */
  readonly parent_id: string;
  /** ISO 8601; nanoseconds kept as far as the text goes. */
  readonly start_timestamp: string;
  readonly end_timestamp: string;
  readonly ingestion_reason: string;
  readonly retained_by: string;
  readonly single_span: boolean;
  readonly tags: readonly string[];
}

export interface SpanEvent {
  readonly id: string;
  readonly type: 'spans';
  readonly attributes: SpanEventAttributes;
}

/** Answer of a spans search. */
export interface SpansSearchResponse {
  readonly data: readonly SpanEvent[];
  readonly links: { readonly next?: string };
  readonly meta: {
    /** Milliseconds. */
    readonly elapsed: number;
    readonly request_id: string;
    readonly status: 'done' | 'timeout';
    /** `after` is the cursor of the next page; absent on the last one. */
    readonly page: { readonly after?: string };
    /** Hints about the query, such as a lower-case `and`. */
    readonly warnings: readonly {
      readonly code: string;
      readonly title: string;
      readonly detail: string;
    }[];
  };
}
