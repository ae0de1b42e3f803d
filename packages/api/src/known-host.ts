import { isIP } from 'node:net';
import type { ErrorResponse } from '@spanloom/contract';
import type { MiddlewareHandler } from 'hono';

/**
 * Refuses requests for a host name that is not this machine's own, where readers need no token: a web page could otherwise give
 * its own name our address and read everything through its visitor's browser.
 */
export function requireKnownHost(token: string | undefined): MiddlewareHandler {
  return async (c, next) => {
    if (token !== undefined || isOwnName(c.req.header('host') ?? 'localhost')) return next();
    const body: ErrorResponse = {
      error: {
        code: 'UNKNOWN_HOST',
        message:
          'Without an admin token this server answers to localhost and to addresses only; set SPANLOOM_ADMIN_TOKEN to serve it under a name',
      },
    };
    return c.json(body, 403);
  };
}

function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0;
}
