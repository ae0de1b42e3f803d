import {
  BadRequestError,
  errorMessage,
  LimitError,
  NotFoundError,
  OverloadedError,
  SpanloomError,
} from '@spanloom/base';
import type { ErrorResponse } from '@spanloom/contract';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Where unexpected errors are written, with everything the client is not told. */
export type ReportError = (error: unknown, request: string) => void;

/** The one place that turns an error into a status and a body. */
export function errorAnswer(error: unknown, c: Context, report: ReportError): Response {
  const status = statusOf(error);
  if (status === 500) report(error, `${c.req.method} ${c.req.path}`);
  const body: ErrorResponse = {
    error: {
      code: error instanceof SpanloomError ? error.code : 'INTERNAL',
      // The text of an error nobody expected may hold anything, a statement or a path: it stays in the log.
      message:
        status === 500
          ? 'Something went wrong here; the server log has the details'
          : errorMessage(error),
      ...(error instanceof BadRequestError &&
        error.details !== undefined && { details: error.details }),
    },
  };
  if (error instanceof OverloadedError) c.header('Retry-After', String(error.retryAfterSeconds));
  return c.json(body, status);
}

function statusOf(error: unknown): ContentfulStatusCode {
  if (error instanceof BadRequestError) return 400;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof LimitError) return 422;
  if (error instanceof OverloadedError) return 503;
  return 500;
}
