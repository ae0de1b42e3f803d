import { BadRequestError, type Clock } from '@spanloom/base';
import { parseTimeBound, type XRayBackfillRequest } from '@spanloom/contract';
import { Hono } from 'hono';
import { z } from 'zod';
import { parseBody } from './parse-body.ts';
import type { XRayControl } from './ports.ts';
import { requireSameOrigin } from './same-origin.ts';

const Region = z.strictObject({ account: z.string(), region: z.string() });

const Backfill: z.ZodType<XRayBackfillRequest> = z.strictObject({
  account: z.string(),
  region: z.string(),
  from: z.string(),
  to: z.string(),
});

/** `GET /xray/status`, `POST /xray/check`, `POST /xray/crawl`, `/xray/backfills` and `GET /xray/policy`. */
export function xrayRoutes(xray: XRayControl, clock: Clock): Hono {
  const app = new Hono();
  app.use('/xray/*', requireSameOrigin());
  app.get('/xray/status', (c) => c.json(xray.status()));
  app.post('/xray/check', async (c) => {
    const { account, region } = await parseBody(c, Region);
    return c.json(await xray.check(account, region));
  });
  app.post('/xray/crawl', (c) => {
    xray.crawlNow();
    return c.json(xray.status(), 202);
  });
  app.post('/xray/backfills', async (c) => {
    const request = await parseBody(c, Backfill);
    return c.json(await xray.backfill(withTimes(request, clock)), 202);
  });
  app.get('/xray/backfills/:id', async (c) => c.json(await xray.backfillStatus(c.req.param('id'))));
  app.delete('/xray/backfills/:id', async (c) =>
    c.json(await xray.cancelBackfill(c.req.param('id'))),
  );
  app.get('/xray/policy', (c) => {
    const format = c.req.query('format') ?? 'json';
    if (format !== 'json' && format !== 'cloudformation') {
      throw new BadRequestError(
        `format is json or cloudformation, found ${JSON.stringify(format)}`,
        { details: { field: 'format' } },
      );
    }
    const type = format === 'json' ? 'application/json' : 'application/yaml';
    return c.text(xray.policy(format), 200, { 'Content-Type': `${type}; charset=utf-8` });
  });
  return app;
}

/** Reads the two ends as every other route does: ISO 8601, epoch milliseconds, or `now-3d`. */
function withTimes(request: XRayBackfillRequest, clock: Clock): XRayBackfillRequest {
  const read = (text: string): string => new Date(parseTimeBound(text, clock.now())).toISOString();
  return { ...request, from: read(request.from), to: read(request.to) };
}
