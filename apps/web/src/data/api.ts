import type {
  EnvironmentsResponse,
  ErrorResponse,
  RawTraceResponse,
  SpansSearchRequest,
  SpansSearchResponse,
  SystemResponse,
  TraceResponse,
} from '@spanloom/contract';
import { reportSignInNeeded } from './session.ts';

const SESSION = '/api/session';

/** A request that did not get its answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status, or 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Method and path, for diagnostics. */
  readonly request: string;

  constructor(
    message: string,
    facts: {
      readonly status: number;
      readonly code: string;
      readonly details?: Readonly<Record<string, unknown>>;
      readonly request: string;
    },
  ) {
    super(message);
    this.status = facts.status;
    this.code = facts.code;
    this.details = facts.details ?? {};
    this.request = facts.request;
  }
}

/** Asks for JSON. An answer without a body is undefined. */
export async function request<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await send(path, init);
  return response.status === 204 ? (undefined as Answer) : ((await response.json()) as Answer);
}

/** Asks for text as it is. */
export async function requestText(path: string, init: RequestInit): Promise<string> {
  return (await send(path, init)).text();
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const name = `${init.method ?? 'GET'} ${path}`;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiError('The server did not answer. Is it still running?', {
      status: 0,
      code: 'NO_ANSWER',
      request: name,
    });
  }
  if (response.status === 401 && path !== SESSION) reportSignInNeeded(true);
  if (response.ok) return response;
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorResponse> | undefined;
  throw new ApiError(
    body?.error?.message ?? `The server answered ${response.status} ${response.statusText}`.trim(),
    {
      status: response.status,
      code: body?.error?.code ?? 'HTTP_ERROR',
      ...(body?.error?.details !== undefined && { details: body.error.details }),
      request: name,
    },
  );
}

export function fetchTrace(
  traceId: string,
  env: string | undefined,
  signal: AbortSignal,
): Promise<TraceResponse> {
  const search = env === undefined ? '' : `?env=${encodeURIComponent(env)}`;
  return request(`/api/traces/${encodeURIComponent(traceId)}${search}`, { signal });
}

export function fetchRawTrace(traceId: string, signal: AbortSignal): Promise<RawTraceResponse> {
  return request(`/api/traces/${encodeURIComponent(traceId)}/raw`, { signal });
}

export function searchSpans(
  body: SpansSearchRequest,
  signal: AbortSignal,
): Promise<SpansSearchResponse> {
  return request('/api/v2/spans/events/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

/** Whether any span of a trace is stored, at the cost of one row rather than of the trace. */
export async function knowsTrace(traceId: string, signal: AbortSignal): Promise<boolean> {
  const found = await searchSpans(
    {
      data: {
        type: 'search_request',
        attributes: {
          filter: { query: `trace_id:${traceId}`, from: 'now-15d', to: 'now' },
          page: { limit: 1 },
        },
      },
    },
    signal,
  );
  return found.data.length > 0;
}

export function fetchSystem(signal: AbortSignal): Promise<SystemResponse> {
  return request('/api/system', { signal });
}

export function fetchEnvironments(
  range: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<EnvironmentsResponse> {
  return request(
    `/api/environments?from=${encodeURIComponent(range.from)}&to=${encodeURIComponent(range.to)}`,
    { signal },
  );
}

/** Exchanges the admin token for a cookie that scripts cannot read. */
export async function signIn(token: string): Promise<void> {
  await request<undefined>(SESSION, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  reportSignInNeeded(false);
}
