import { createHash, timingSafeEqual } from 'node:crypto';
import type { ErrorResponse } from '@spanloom/contract';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { parseBody } from './parse-body.ts';

const COOKIE = 'spanloom_token';
const THIRTY_DAYS_SECONDS = 30 * 24 * 3600;

/**
 * Lets a request pass that carries the token: `Authorization: Bearer …`, or the cookie of `sessionRoutes`. Without a token
 * configured everybody passes; the server refuses to listen beyond loopback in that case.
 */
export function requireToken(token: string | undefined): MiddlewareHandler {
  return async (c, next) => {
    if (token === undefined) return next();
    const header = /^Bearer\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const given = header ?? getCookie(c, COOKIE);
    if (given !== undefined && sameSecret(given, token)) return next();
    return refused(c, 'Reading needs the admin token: send it as "Authorization: Bearer <token>"');
  };
}

/** `POST /session` with `{"token": "…"}`: a browser's way to carry the token, as a cookie its scripts cannot read. */
export function sessionRoutes(token: string | undefined): Hono {
  const app = new Hono();
  app.post('/session', async (c) => {
    const body = await parseBody(c, z.strictObject({ token: z.string() }));
    if (token === undefined) return c.body(null, 204);
    if (!sameSecret(body.token.trim(), token)) {
      return refused(c, 'That is not the admin token this server was started with');
    }
    setCookie(c, COOKIE, token, {
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      maxAge: THIRTY_DAYS_SECONDS,
    });
    return c.body(null, 204);
  });
  return app;
}

function refused(c: Context, message: string): Response {
  const body: ErrorResponse = { error: { code: 'UNAUTHORISED', message } };
  return c.json(body, 401, { 'WWW-Authenticate': 'Bearer realm="Spanloom"' });
}

/** Compares digests, so that neither the length nor the first difference shows in the time it takes. */
function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
