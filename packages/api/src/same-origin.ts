import type { ErrorResponse } from '@spanloom/contract';
import type { MiddlewareHandler } from 'hono';

/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses changes asked for by another site's page: a browser sends the session's cookie, or none where readers need no token,
 * whoever made it send the request. Programs that are no browsers state no origin and pass.
 */
export function requireSameOrigin(): MiddlewareHandler {
  return async (c, next) => {
    if (SAFE.has(c.req.method)) return next();
    const site = c.req.header('sec-fetch-site');
    const origin = c.req.header('origin');
    const isOwn =
      (site === undefined || site === 'same-origin' || site === 'none') &&
      (origin === undefined || hostOf(origin) === c.req.header('host'));
    if (isOwn) return next();
    const body: ErrorResponse = {
      error: { code: 'CROSS_SITE', message: 'A page of another site may not change anything here' },
    };
    return c.json(body, 403);
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
