import { randomUUID } from 'node:crypto';
import { BadRequestError, type Clock } from '@spanloom/base';
import {
  type SpansAggregateBucket,
  SpansAggregateRequest,
  type SpansAggregateResponse,
  type SpansAggregateValue,
  type SpansAggregationFunction,
  type SpansCompute,
  type SpansGroupBy,
} from '@spanloom/contract';
import { type Compute, type Facet, type Grouping, parseFacet } from '@spanloom/query';
import type { AggregatedGroup, SpanAggregation, TimeRange } from '@spanloom/storage';
import { Hono } from 'hono';
import { parseBody } from './parse-body.ts';
import type { SpanAnalyticsReader } from './ports.ts';
import { readQuery } from './read-query.ts';
import { readRange } from './search-routes.ts';
import { readTimeBuckets } from './time-buckets.ts';

/** `POST /v2/spans/analytics/aggregate`. */
export function aggregateRoutes(analytics: SpanAnalyticsReader, clock: Clock): Hono {
  const app = new Hono();
  app.post('/v2/spans/analytics/aggregate', async (c) => {
    const started = performance.now();
    const { data } = await parseBody(c, SpansAggregateRequest);
    const {
      compute = [{ aggregation: 'count' }],
      filter,
      group_by = [],
      options,
    } = data.attributes ?? {};
    const now = clock.now();
    const { query, warnings } = readQuery(filter?.query ?? '*', now);
    const range = readRange(filter?.from ?? 'now-15m', filter?.to ?? 'now', now);
    const wanted: SpanAggregation = {
      predicate: query.predicate,
      range,
      computes: compute.map(({ aggregation, metric }, index) =>
        readCompute(aggregation, metric, `compute.${index}.metric`),
      ),
      groups: group_by.map((group, index) => readGroup(group, compute[0], index)),
      ...readSeries(compute, range, options),
    };
    const result = await analytics.aggregate(wanted, c.req.raw.signal);
    const response: SpansAggregateResponse = {
      data: result.groups.map((group) => toBucket(group, group_by, compute)),
      meta: {
        elapsed: Math.round(performance.now() - started),
        request_id: randomUUID(),
        status: 'done',
        warnings: [
          ...warnings,
          ...(result.truncated ? [TRUNCATED] : []),
          ...(result.approximate ? [APPROXIMATE] : []),
        ],
      },
    };
    return c.json(response);
  });
  return app;
}

const TRUNCATED = {
  code: 'groups_truncated',
  title: 'Too many groups',
  detail: 'There are more than 10,000 groups; those with the fewest spans were not looked at',
};

const APPROXIMATE = {
  code: 'approximate',
  title: 'Approximate values',
  detail:
    'Exact percentiles and distinct counts would need too much memory here: percentiles are right within 0.5 %, distinct counts within about 2 %',
};

const PERCENTILES: Readonly<Partial<Record<SpansAggregationFunction, number>>> = {
  median: 0.5,
  pc75: 0.75,
  pc90: 0.9,
  pc95: 0.95,
  pc98: 0.98,
  pc99: 0.99,
};

function readCompute(
  aggregation: SpansAggregationFunction,
  metric: string | undefined,
  field: string,
): Compute {
  if (aggregation === 'count') {
    return metric === undefined || metric === '*' || metric === 'count'
      ? { kind: 'count' }
      : { kind: 'count', facet: readFacet(metric, field) };
  }
  if (metric === undefined) {
    throw new BadRequestError(`Field ${field}: ${aggregation} needs a metric, such as @duration`, {
      details: { field },
    });
  }
  const facet = readFacet(metric, field);
  const level = PERCENTILES[aggregation];
  if (level !== undefined) return { kind: 'percentile', facet, level };
  return { kind: aggregation as 'cardinality' | 'sum' | 'avg' | 'min' | 'max', facet };
}

function readFacet(text: string, field: string): Facet {
  const facet = parseFacet(text);
  if (facet !== undefined) return facet;
  throw new BadRequestError(
    `Field ${field}: ${JSON.stringify(text.slice(0, 80))} is no key; expected one such as service or @http.method`,
    { details: { field } },
  );
}

function readGroup(group: SpansGroupBy, first: SpansCompute | undefined, index: number): Grouping {
  const at = `group_by.${index}`;
  const { sort, histogram, total } = group;
  const descending = (sort?.order ?? (sort?.type === 'alphabetical' ? 'asc' : 'desc')) === 'desc';
  if (histogram !== undefined) demandFewBins(histogram, at);
  const byValue = sort?.type === 'alphabetical' || (sort === undefined && histogram !== undefined);
  return {
    facet: readFacet(group.facet, `${at}.facet`),
    limit: group.limit ?? (histogram === undefined ? 10 : 100),
    order: byValue
      ? { by: 'value', descending: sort === undefined ? false : descending }
      : {
          by: 'compute',
          descending,
          compute: readCompute(
            sort?.aggregation ?? first?.aggregation ?? 'count',
            sort?.aggregation === undefined ? first?.metric : sort.metric,
            `${at}.sort.metric`,
          ),
        },
    ...(group.missing !== undefined && { missing: String(group.missing) }),
    ...(histogram !== undefined && { histogram }),
    ...(total !== undefined &&
      total !== false && { total: total === true ? '$total' : String(total) }),
  };
}

function demandFewBins(
  { interval, min, max }: NonNullable<SpansGroupBy['histogram']>,
  at: string,
): void {
  const bins = (max - min) / interval;
  if (bins > 0 && bins <= 100) return;
  throw new BadRequestError(
    `Field ${at}.histogram: expected 1 to 100 intervals between min and max, found ${Math.ceil(bins)}`,
    { details: { field: `${at}.histogram` } },
  );
}

function readSeries(
  compute: readonly SpansCompute[],
  range: TimeRange,
  options: { readonly timezone?: string; readonly timeOffset?: number } | undefined,
): Pick<SpanAggregation, 'series'> {
  const computes = compute.flatMap(({ type }, index) => (type === 'timeseries' ? [index] : []));
  if (computes.length === 0) return {};
  const intervals = new Set(computes.map((index) => compute[index]!.interval));
  if (intervals.size > 1) {
    throw new BadRequestError('Field compute: timeseries of one request share one interval', {
      details: { field: 'compute' },
    });
  }
  return { series: { computes, buckets: readTimeBuckets([...intervals][0], range, options) } };
}

function toBucket(
  { by, values, series }: AggregatedGroup,
  groups: readonly SpansGroupBy[],
  compute: readonly SpansCompute[],
): SpansAggregateBucket {
  let nextSeries = 0;
  const computes = compute.map(({ type }, index): [string, SpansAggregateValue] => [
    `c${index}`,
    type === 'timeseries'
      ? series[nextSeries++]!.map(({ time, value }) => ({
          time: new Date(time).toISOString(),
          value,
        }))
      : values[index]!,
  ]);
  return {
    type: 'bucket',
    id: Buffer.from(JSON.stringify(by)).toString('base64url'),
    attributes: {
      by: Object.fromEntries(
        groups.map(({ facet, histogram }, index) => {
          const value = by[index]!;
          return [facet, histogram === undefined || value === '' ? value : asNumber(value)];
        }),
      ),
      computes: Object.fromEntries(computes),
    },
  };
}

/** The lower end of an interval; a total's name stays a name. */
function asNumber(text: string): string | number {
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}
