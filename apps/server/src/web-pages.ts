import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';

/** Everything comes from this server. Styles may be inline: the query editor measures and draws with them. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/**
 * The built pages. A path that is no file is a page of the single-page application, so it gets `index.html`.
 * @param directory Where the build put them.
 */
export function webPages(directory: string): Hono {
  const app = new Hono();
  const index = join(directory, 'index.html');
  app.use('*', securityHeaders());
  if (existsSync(index)) {
    const root = relative(process.cwd(), directory);
    app.use('/assets/*', serveStatic({ root, onFound: keepForGood }));
    app.get('/assets/*', (c) => c.text('There is no such file', 404));
    app.get('/:file{[^/]+\\.[a-z]+}', serveStatic({ root }));
  }
  app.get('*', (c) => {
    if (!existsSync(index)) {
      return c.text('The pages are not built: run "npm run build", or start with "npm start"', 503);
    }
    c.header('Cache-Control', 'no-cache');
    return c.html(readFileSync(index, 'utf8'));
  });
  return app;
}

/** Names of built assets carry a digest of the content. */
function keepForGood(_path: string, c: { header(name: string, value: string): void }): void {
  c.header('Cache-Control', 'public, max-age=31536000, immutable');
}

function securityHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'same-origin');
  };
}
