import { randomUUID } from 'node:crypto';
import { BadRequestError, type Clock, type EpochMillis } from '@spanloom/base';
import { parseTimeBound, SpansSearchRequest, type SpansSearchResponse } from '@spanloom/contract';
import { type Context, Hono } from 'hono';
import type { SpanReader } from './ports.ts';
import { parseBody } from './parse-body.ts';
import { readQuery } from './read-query.ts';
import { toSpanEvent } from './span-event.ts';

/** Both spellings of one question, brought together. */
interface Wanted {
  readonly query: string;
  readonly from: string;
  readonly to: string;
  readonly sort: 'timestamp' | '-timestamp';
  readonly limit: number;
  readonly cursor: string | undefined;
}

const DEFAULTS = { query: '*', from: 'now-15m', to: 'now', sort: '-timestamp', limit: 10 } as const;

/** As far as the store's timestamps reach. */
const ALL_TIME = { from: 0 as EpochMillis, to: Date.UTC(2262, 0) as EpochMillis };

/** `POST /v2/spans/events/search` and `GET /v2/spans/events`: live and kept spans together. */
export function searchRoutes(spans: SpanReader, clock: Clock): Hono {
  const app = new Hono();

  async function answer(c: Context, wanted: Wanted): Promise<Response> {
    const started = performance.now();
    const now = clock.now();
    const { query, warnings } = readQuery(wanted.query, now);
    const page = await spans.search(
      {
        query,
        // A trace asked for by id is wanted whenever it was.
        range: query.ignoresTimeRange ? ALL_TIME : readRange(wanted.from, wanted.to, now),
        order: wanted.sort === 'timestamp' ? 'oldest' : 'newest',
        limit: wanted.limit,
        cursor: wanted.cursor,
      },
      c.req.raw.signal,
    );
    const response: SpansSearchResponse = {
      data: page.spans.map(toSpanEvent),
      links: page.next === undefined ? {} : { next: nextLink(wanted, page.next) },
      meta: {
        elapsed: Math.round(performance.now() - started),
        request_id: randomUUID(),
        status: 'done',
        page: page.next === undefined ? {} : { after: page.next },
        warnings,
      },
    };
    return c.json(response);
  }

  app.post('/v2/spans/events/search', async (c) => {
    const { data } = await parseBody(c, SpansSearchRequest);
    const { filter, page, sort } = data.attributes ?? {};
    return answer(c, {
      query: filter?.query ?? DEFAULTS.query,
      from: filter?.from ?? DEFAULTS.from,
      to: filter?.to ?? DEFAULTS.to,
      sort: sort ?? DEFAULTS.sort,
      limit: page?.limit ?? DEFAULTS.limit,
      cursor: page?.cursor,
    });
  });

  app.get('/v2/spans/events', async (c) => answer(c, wantedFromUrl(new URL(c.req.url))));
  return app;
}

const URL_FIELDS = [
  'filter[query]',
  'filter[from]',
  'filter[to]',
  'sort',
  'page[cursor]',
  'page[limit]',
] as const;

function wantedFromUrl(url: URL): Wanted {
  const unknown = [...url.searchParams.keys()].find(
    (key) => !(URL_FIELDS as readonly string[]).includes(key),
  );
  if (unknown !== undefined) {
    throw new BadRequestError(
      `Parameter ${JSON.stringify(unknown)} is not supported here; known are ${URL_FIELDS.join(', ')}`,
    );
  }
  const field = (name: (typeof URL_FIELDS)[number]): string | undefined =>
    url.searchParams.get(name) ?? undefined;
  const sort = field('sort') ?? DEFAULTS.sort;
  if (sort !== 'timestamp' && sort !== '-timestamp') {
    throw new BadRequestError(
      `sort must be timestamp or -timestamp, found ${JSON.stringify(sort)}`,
    );
  }
  const limit = Number(field('page[limit]') ?? DEFAULTS.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new BadRequestError('page[limit] must be a whole number from 1 to 1000');
  }
  return {
    query: field('filter[query]') ?? DEFAULTS.query,
    from: field('filter[from]') ?? DEFAULTS.from,
    to: field('filter[to]') ?? DEFAULTS.to,
    sort,
    limit,
    cursor: field('page[cursor]'),
  };
}

function nextLink(wanted: Wanted, cursor: string): string {
  const params = new URLSearchParams({
    'filter[query]': wanted.query,
    'filter[from]': wanted.from,
    'filter[to]': wanted.to,
    sort: wanted.sort,
    'page[limit]': String(wanted.limit),
    'page[cursor]': cursor,
  });
  return `/api/v2/spans/events?${params.toString()}`;
}

/** @throws {BadRequestError} If an end cannot be read. Reversed ends are swapped, as people expect of a range. */
export function readRange(
  from: string,
  to: string,
  now: EpochMillis,
): { from: EpochMillis; to: EpochMillis } {
  const a = parseTimeBound(from, now);
  const b = parseTimeBound(to, now);
  return a <= b ? { from: a, to: b } : { from: b, to: a };
}
