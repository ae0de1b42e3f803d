import { createHash, timingSafeEqual } from 'node:crypto';
import type { ErrorResponse } from '@spanloom/contract';
import type { MiddlewareHandler } from 'hono';

/**
 * Lets a request pass that carries the token: `Authorization: Bearer …`, or the cookie the sign-in page sets. Without a
 * token configured everybody passes; the server refuses to listen beyond loopback in that case.
 */
export function requireToken(token: string | undefined): MiddlewareHandler {
  return async (c, next) => {
    if (token === undefined) return next();
    const header = /^Bearer\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const cookie = /(?:^|;\s*)spanloom_token=([^;]+)/.exec(c.req.header('cookie') ?? '')?.[1];
    const given = header ?? (cookie === undefined ? undefined : decodeURIComponent(cookie));
    if (given !== undefined && sameSecret(given, token)) return next();
    const body: ErrorResponse = {
      error: {
        code: 'UNAUTHORISED',
        message: 'Reading needs the admin token: send it as "Authorization: Bearer <token>"',
      },
    };
    return c.json(body, 401, { 'WWW-Authenticate': 'Bearer realm="Spanloom"' });
  };
}

/** Compares digests, so that neither the length nor the first difference shows in the time it takes. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
