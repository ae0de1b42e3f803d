/** One counter with its labels. */
export interface CounterJson {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** A sender seen in the last hour. */
export interface ClientJson {
  readonly language: string;
  readonly language_version: string;
  readonly tracer_version: string;
  readonly endpoint: string;
  readonly last_seen: string;
  readonly payloads: number;
  readonly traces: number;
  readonly spans: number;
  readonly bytes: number;
  readonly dropped_p0_traces: number;
  readonly dropped_p0_spans: number;
}

/** A listener and what came in through it. */
export interface ListenerJson {
  readonly name: 'http' | 'agent' | 'otlp-http' | 'otlp-grpc' | 'dogstatsd' | 'xray';
  /** `host:port`, or null when switched off. */
  readonly address: string | null;
}

/** `GET /api/system` */
export interface SystemResponse {
  readonly version: string;
  readonly started_at: string;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  readonly engine: { readonly kind: 'embedded' | 'server'; readonly version: string } | null;
  readonly listeners: readonly ListenerJson[];
  readonly spans: {
    /** Acknowledged since the start. */
    readonly received: number;
    /** In the database since the start. */
    readonly written: number;
    /** Stored in all, live and kept; null before the engine is open. */
    readonly stored: number | null;
    /** Start of the newest span, ISO 8601. */
    readonly newest: string | null;
  };
  readonly queue: {
    readonly batches: number;
    readonly rows: number;
    readonly bytes: number;
    readonly max_bytes: number;
    readonly wal_bytes: number;
  };
  readonly storage: readonly {
    readonly table: string;
    readonly rows: number;
    readonly bytes: number;
    readonly parts: number;
    readonly broken_parts: number;
  }[];
  readonly clients: readonly ClientJson[];
  readonly counters: readonly CounterJson[];
}

/** `GET /api/environments` */
export interface EnvironmentsResponse {
  /** Most spans first, seen within the range asked for. */
  readonly environments: readonly { readonly env: string; readonly spans: number }[];
}

/** Every error of our own routes. */
export interface ErrorResponse {
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** For a query: `{start, end, suggestion?}`. */
    readonly details?: Readonly<Record<string, unknown>>;
  };
}
