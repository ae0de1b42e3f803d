import { randomBytes } from 'node:crypto';
import { BadRequestError } from '@spanloom/base';
import type { XRayBackfillRequest } from '@spanloom/contract';
import type { XRayBackfillFacts } from '@spanloom/metadata';
import { RETENTION_MS } from './crawl-limits.ts';

/**
 * A new backfill, from a request.
 * @throws {BadRequestError} If the range is not one that X-Ray can still answer.
 */
export function newBackfill(request: XRayBackfillRequest, now: number): XRayBackfillFacts {
  const from = readTime('from', request.from);
  const to = Math.min(readTime('to', request.to), now);
  if (from >= to) {
    throw new BadRequestError(
      `A backfill reads from an earlier to a later time, found from ${request.from} to ${request.to}`,
      { details: { field: 'from' } },
    );
  }
  if (from < now - RETENTION_MS) {
    throw new BadRequestError(
      `X-Ray keeps traces for 30 days: from must not be before ${new Date(now - RETENTION_MS).toISOString()}, found ${request.from}`,
      { details: { field: 'from' } },
    );
  }
  return {
    id: `backfill-${randomBytes(6).toString('hex')}`,
    account: request.account,
    region: request.region,
    from,
    to,
    listedDownTo: to,
    state: 'queued',
    traces: 0,
    error: undefined,
    created: now,
  };
}

function readTime(field: 'from' | 'to', text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) {
    throw new BadRequestError(
      `${field} is a time such as 2026-11-20T10:00:00Z, found ${JSON.stringify(text)}`,
      { details: { field } },
    );
  }
  return ms;
}
