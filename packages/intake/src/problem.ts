import { DecodeError, errorMessage, LimitError, OverloadedError } from '@spanloom/base';
import { ClientGone, RequestRefused } from './request-refused.ts';

/** What went wrong with a request, ready to be written in any protocol. */
export interface Problem {
  readonly kind: 'gone' | 'internal' | 'overloaded' | 'refused';
  /** HTTP status. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Facts for machines: byte offset and the like. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Label of the counters. */
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;
}

/** The one place where errors become statuses. */
export function toProblem(error: unknown): Problem {
  const base = { details: undefined, retryAfterSeconds: undefined, message: errorMessage(error) };
  if (error instanceof DecodeError) {
    const { offset, problem, code, reason } = error;
    return { ...base, kind: 'refused', status: 400, code, reason, details: { offset, problem } };
  }
  if (error instanceof RequestRefused) {
    const { status, code, reason } = error;
    return { ...base, kind: 'refused', status, code, reason };
  }
  if (error instanceof LimitError) {
    const { code, limit } = error;
    return {
      ...base,
      kind: 'refused',
      status: 413,
      code,
      reason: 'PayloadTooLarge',
      details: { limit },
    };
  }
  if (error instanceof OverloadedError) {
    const { code, retryAfterSeconds } = error;
    // 503 rather than 429: the agent's trace writer throws payloads away on any 4xx but keeps them on 5xx.
    return {
      ...base,
      kind: 'overloaded',
      status: 503,
      code,
      reason: 'Overloaded',
      retryAfterSeconds,
    };
  }
  if (error instanceof ClientGone) {
    return { ...base, kind: 'gone', status: 499, code: error.code, reason: 'EOF' };
  }
  return {
    ...base,
    kind: 'internal',
    status: 500,
    code: 'INTERNAL',
    reason: 'Internal',
    message: 'Cannot take the payload: something failed here; the log of the server says what',
  };
}

/** The body of an error on agent and backend routes. */
export function problemBody({ code, message, details }: Problem): string {
  return JSON.stringify({
    error: { code, message, ...(details === undefined ? {} : { details }) },
  });
}

/** The `google.rpc.Code` nearest to a problem. */
export function grpcCodeOf({ kind, status }: Problem): number {
  if (kind === 'overloaded') return 14; // UNAVAILABLE: retry
  switch (status) {
    case 401:
      return 16; // UNAUTHENTICATED
    case 403:
      return 7; // PERMISSION_DENIED
    case 404:
    case 405:
    case 415:
      return 12; // UNIMPLEMENTED
    case 408:
      return 4; // DEADLINE_EXCEEDED
    case 413:
      return 8; // RESOURCE_EXHAUSTED, without RetryInfo: final
    case 500:
      return 13; // INTERNAL
    default:
      return 3; // INVALID_ARGUMENT: final
  }
}
