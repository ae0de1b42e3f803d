import type { LogLine, ReportMetrics } from './log-lines.ts';

/** How an invocation ended. */
export type InvocationStatus = 'success' | 'error' | 'failure' | 'timeout';

/** What comes with an event. */
export interface InvokeOptions {
  /** A UUID by default. */
  readonly requestId?: string;
  /** The caller's `X-Amzn-Trace-Id`. */
  readonly traceHeader?: string;
  /** `ClientContext` of a direct invocation. */
  readonly clientContext?: unknown;
  readonly cognitoIdentity?: unknown;
  /** Version or alias, the end of the invoked ARN. */
  readonly qualifier?: string;
  readonly tenantId?: string;
}

/** The numbers and the verdict of one invocation. */
export interface InvocationReport {
  readonly status: InvocationStatus;
  readonly errorType: string | undefined;
  readonly metrics: ReportMetrics;
  /** From the start to the first byte of the answer; `undefined` if there was none. */
  readonly responseLatencyMs: number | undefined;
  /** Whether the sandbox was initialised for this invocation. */
  readonly coldStart: boolean;
}

/** What a caller of the function gets, and what an operator sees of it. */
export interface InvokeResult {
  readonly requestId: string;
  /** Lambda's only kind of function error since callbacks could be handled. */
  readonly functionError: 'Unhandled' | undefined;
  /** The body as a value if it is JSON, else as text. */
  readonly payload: unknown;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly streamed: boolean;
  /** The trace header that the runtime was given. */
  readonly traceHeader: string;
  readonly report: InvocationReport;
  /** Everything logged from `START` (or `INIT_START`) to `REPORT`. */
  readonly logs: readonly LogLine[];
}

/** An invocation under way. */
export interface RunningInvocation {
  readonly requestId: string;
  /** Chunks as the function produces them; a buffered response is one chunk. Ends with the response, before the extensions do. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when the caller of a real function would have its whole answer. */
  readonly responded: Promise<void>;
  /** Resolves when the sandbox is free again: after runtime and extensions have finished. */
  readonly done: Promise<InvokeResult>;
}

/** The answer to a caller of a function URL or of API Gateway, taken out of a streamed response. */
export interface HttpIntegrationResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Uint8Array;
}

/**
 * Takes apart a response of type `application/vnd.awslambda.http-integration-response`: JSON, eight zero bytes, body.
 * `undefined` for a body without that prelude.
 */
export function parseHttpIntegration(body: Uint8Array): HttpIntegrationResponse | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const border = bytes.indexOf(Buffer.alloc(8));
  if (border < 0) return undefined;
  const prelude = JSON.parse(bytes.toString('utf8', 0, border)) as {
    statusCode?: number;
    headers?: Record<string, string>;
    cookies?: string[];
  };
  return {
    statusCode: prelude.statusCode ?? 200,
    headers: prelude.headers ?? {},
    cookies: prelude.cookies ?? [],
    body: bytes.subarray(border + 8),
  };
}
