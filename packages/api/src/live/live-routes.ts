import { BadRequestError, type Clock, type EpochMillis } from '@spanloom/base';
import { parseTimeBound } from '@spanloom/contract';
import { Hono } from 'hono';
import { readQuery } from '../read-query.ts';
import { parseCursor } from './cursor.ts';
import type { LiveRequest, LiveSpans } from './live-spans.ts';

const FIELDS = ['query', 'env', 'scope', 'from', 'backfill', 'rate'] as const;
const SCOPES: Readonly<Record<string, string>> = {
  all: '',
  entry: 'entry:true',
  root: 'root:true',
};
const DEFAULT_BACKFILL = 100;
const MAX_BACKFILL = 1_000;
const MAX_RATE = 1_000_000;

/** `GET /live/spans`: what arrives from now on, as server-sent events, after the newest of what is there. */
export function liveRoutes(live: LiveSpans, clock: Clock): Hono {
  const app = new Hono();
  app.get('/live/spans', async (c) => {
    const request = readRequest(
      new URL(c.req.url).searchParams,
      c.req.header('last-event-id'),
      clock.now(),
    );
    const body = await live.open(request, c.req.raw.signal);
    return c.body(body, 200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      // Proxies that gather answers would keep everything back.
      'X-Accel-Buffering': 'no',
    });
  });
  return app;
}

function readRequest(
  params: URLSearchParams,
  lastEventId: string | undefined,
  now: EpochMillis,
): LiveRequest {
  const unknown = [...params.keys()].find((key) => !(FIELDS as readonly string[]).includes(key));
  if (unknown !== undefined) {
    throw new BadRequestError(
      `Parameter ${JSON.stringify(unknown)} is not supported here; known are ${FIELDS.join(', ')}`,
    );
  }
  const field = (name: (typeof FIELDS)[number]): string => params.get(name)?.trim() ?? '';
  const scope = SCOPES[field('scope') || 'all'];
  if (scope === undefined) {
    throw new BadRequestError(
      `scope must be ${Object.keys(SCOPES).join(', ')}, found ${JSON.stringify(field('scope'))}`,
    );
  }
  const typed = field('query') === '*' ? '' : field('query');
  // Read by itself first, so that a problem's place is the one in what was typed.
  const alone = readQuery(typed, now).query;
  const added = [field('env') === '' ? '' : `env:${JSON.stringify(field('env'))}`, scope].filter(
    (clause) => clause !== '',
  );
  const query =
    added.length === 0
      ? alone
      : readQuery([...(typed === '' ? [] : [`(${typed})`]), ...added].join(' AND '), now).query;
  return {
    query,
    from: readFrom(
      lastEventId,
      field('from'),
      count(field('backfill'), 'backfill', DEFAULT_BACKFILL, [0, MAX_BACKFILL]),
      now,
    ),
    rowsPerSecond: count(field('rate'), 'rate', Number.POSITIVE_INFINITY, [1, MAX_RATE]),
  };
}

/** A browser that connects again states the last id it saw, and that is newer than what its address says. */
function readFrom(
  lastEventId: string | undefined,
  from: string,
  limit: number,
  now: EpochMillis,
): LiveRequest['from'] {
  const cursor = parseCursor(lastEventId ?? '') ?? parseCursor(from);
  if (cursor !== undefined) return cursor;
  const since = from === '' ? (0 as EpochMillis) : parseTimeBound(from, now);
  return { since, limit };
}

function count(
  text: string,
  name: string,
  otherwise: number,
  [least, most]: readonly [number, number],
): number {
  if (text === '') return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new BadRequestError(`${name} must be a whole number from ${least} to ${most}`);
}
